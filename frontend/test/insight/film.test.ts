import { beforeEach, describe, expect, it, vi } from 'vitest';

// The client takes the browser's fetch when it is made, before a test begins.
const server = vi.hoisted(() => {
  const state = { fetched: [] as string[], fails: false };
  globalThis.fetch = async (input) => {
    const url = (input as Request).url;
    state.fetched.push(url);
    return state.fails
      ? Response.json({ detail: 'too wide' }, { status: 422 })
      : Response.json({ from: new URL(url).searchParams.get('from'), rows: [] });
  };
  return state;
});

import { forgetFrames, frameOf } from '../../src/pages/insight/frames';
import { valueAt } from '../../src/pages/insight/shown';

describe('a film told by its changes', () => {
  const row = { at: [1, 4, 5], values: [7, null, 0] };
  it('holds each value until the next one', () => {
    expect([0, 1, 2, 3, 4, 5, 9].map((slice) => valueAt(row, slice))).toEqual([0, 7, 7, 7, null, 0, 0]);
  });
  it('is nothing where nothing changes', () => {
    expect(valueAt({ at: [], values: [] }, 3)).toBe(0);
  });
});

describe('slices asked for one by one', () => {
  const asked = {
    area: '440304',
    measure: 'incidents' as const,
    from: '2026-01-01T00:00:00Z',
    to: '2026-01-02T00:00:00Z',
  };
  beforeEach(() => {
    forgetFrames();
    server.fetched.length = 0;
    server.fails = false;
  });

  it('are asked for once, also while the answer is on its way', async () => {
    const [a, b] = await Promise.all([frameOf('hexes', asked), frameOf('hexes', asked)]);
    expect(a).toBe(b);
    expect(a.answer.from).toBe(asked.from);
    await frameOf('density', asked);
    expect(server.fetched.map((u) => new URL(u).pathname)).toEqual([
      '/api/v1/insight/hexes',
      '/api/v1/insight/density',
    ]);
  });

  it('are asked for again after a refusal, which says why', async () => {
    server.fails = true;
    await expect(frameOf('hexes', asked)).rejects.toThrow('too wide');
    server.fails = false;
    await frameOf('hexes', asked);
    expect(server.fetched.length).toBe(2);
  });

  it('are forgotten, the oldest first', async () => {
    const at = (n: number) => ({ ...asked, from: new Date(n * 3_600_000).toISOString() });
    for (let n = 0; n < 70; n++) await frameOf('hexes', at(n));
    await frameOf('hexes', at(69));
    expect(server.fetched.length).toBe(70);
    await frameOf('hexes', at(0));
    expect(server.fetched.length).toBe(71);
    forgetFrames();
    await frameOf('hexes', at(69));
    expect(server.fetched.length).toBe(72);
  });
});
