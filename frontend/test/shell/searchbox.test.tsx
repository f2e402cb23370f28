import { cleanup, fireEvent, render, screen, waitFor } from '@testing-library/preact';
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { api } from '../../src/api/client';
import { Search } from '../../src/shell/Search';
import type { Hit } from '../../src/shell/search/hits';

const hit = (code: string): Hit => ({
  kind: 'building',
  id: Number(code.slice(-3)),
  code,
  name_zh: '楼',
  name_en: '',
  address_zh: '',
  address_en: '',
  within: [],
  place: [114, 22.5],
  score: 1,
});

/** What was asked for, and what answers it. */
let asked: { q: string; answer: (hits: Hit[]) => void }[] = [];

beforeEach(() => {
  asked = [];
  vi.spyOn(api, 'GET').mockImplementation(
    ((_: string, options: { params: { query: { q: string } } }) =>
      new Promise((done) => {
        asked.push({ q: options.params.query.q, answer: (items) => done({ data: { items } }) });
      })) as unknown as typeof api.GET,
  );
});
afterEach(() => {
  cleanup();
  vi.restoreAllMocks();
});

const box = () => screen.getByRole('combobox') as HTMLInputElement;
const type = (text: string) => fireEvent.input(box(), { target: { value: text } });
const enter = () => fireEvent.keyDown(box(), { key: 'Enter' });
const question = (q: string) =>
  waitFor(() => {
    const found = asked.find((a) => a.q === q);
    if (!found) throw new Error(`nobody asked for ${q}`);
    return found;
  });

describe('the search box', () => {
  it('takes Enter before the answer for the first hit of what was typed', async () => {
    const found = vi.fn();
    render(<Search found={found} />);
    type('4403040010010100001');
    enter();
    (await question('4403040010010100001')).answer([hit('4403040010010100001'), hit('4403040010010100002')]);
    await waitFor(() => expect(found).toHaveBeenCalledOnce());
    expect(found.mock.calls[0]?.[0].code).toBe('4403040010010100001');
    expect(box().value).toBe('');
  });

  it('never takes it for a hit of an older text, nor after something else was typed', async () => {
    const found = vi.fn();
    render(<Search found={found} />);
    type('old');
    (await question('old')).answer([hit('4403040010010100001')]);
    await screen.findByRole('option');
    type('newer');
    enter();
    type('newest');
    (await question('newest')).answer([hit('4403040010010100003')]);
    await waitFor(() => expect(screen.getByRole('option').textContent).toContain('0003'));
    expect(found).not.toHaveBeenCalled();
    enter();
    expect(found.mock.calls[0]?.[0].code).toBe('4403040010010100003');
  });
});
