import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { failures, flush, grace, later, pending, takeBack } from '../../src/pages/wall/undo';

beforeEach(() => {
  vi.useFakeTimers();
});
afterEach(() => {
  vi.useRealTimers();
  failures.value = [];
});

describe('a step', () => {
  it('is sent after its time, and not before', () => {
    const send = vi.fn(async () => null);
    later('file', send);
    vi.advanceTimersByTime(grace - 1);
    expect(send).not.toHaveBeenCalled();
    expect(pending.value).toHaveLength(1);
    vi.advanceTimersByTime(1);
    expect(send).toHaveBeenCalledOnce();
    expect(pending.value).toHaveLength(0);
  });

  it('is never sent once it was taken back', () => {
    const send = vi.fn(async () => null);
    takeBack(later('file', send));
    vi.advanceTimersByTime(2 * grace);
    flush();
    expect(send).not.toHaveBeenCalled();
  });

  it('is sent at once when the page goes, and only once', () => {
    const send = vi.fn(async () => null);
    later('file', send);
    flush();
    vi.advanceTimersByTime(2 * grace);
    expect(send).toHaveBeenCalledOnce();
  });

  it('that the server refuses says so', async () => {
    later('file', async () => 'the incident is closed');
    await vi.advanceTimersByTimeAsync(grace);
    expect(failures.value).toMatchObject([{ what: 'file', failed: 'the incident is closed' }]);
  });
});
