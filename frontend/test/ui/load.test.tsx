import { renderHook } from '@testing-library/preact';
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { atMost } from '../../src/ui/atMost';
import { useLoad } from '../../src/ui/load';

type Answer = { data?: string; error?: never };

describe('what is loaded', () => {
  it('is the answer to the latest question, in whatever order answers come', async () => {
    const answers = new Map<string, (a: Answer) => void>();
    const ask = (what: string) => () => new Promise<Answer>((answer) => answers.set(what, answer));
    const { result, rerender } = renderHook(({ what }) => useLoad(ask(what), [what]), {
      initialProps: { what: 'first' },
    });
    rerender({ what: 'second' });
    answers.get('second')?.({ data: 'of the second' });
    await vi.waitFor(() => expect(result.current.data.value).toBe('of the second'));
    answers.get('first')?.({ data: 'of the first' });
    await Promise.resolve();
    expect(result.current.data.value).toBe('of the second');
  });
});

describe('what is done at most so often', () => {
  beforeEach(() => void vi.useFakeTimers());
  afterEach(() => void vi.useRealTimers());

  it('is done at once, and once more for all that is asked for meanwhile', () => {
    const run = vi.fn();
    const { ask } = atMost(1000, run);
    ask();
    expect(run).toHaveBeenCalledTimes(1);
    for (let i = 0; i < 9; i++) ask();
    expect(run).toHaveBeenCalledTimes(1);
    vi.advanceTimersByTime(1000);
    expect(run).toHaveBeenCalledTimes(2);
    vi.advanceTimersByTime(1000);
    expect(run).toHaveBeenCalledTimes(2);
    ask();
    expect(run).toHaveBeenCalledTimes(3);
  });

  it('is not done after its end', () => {
    const run = vi.fn();
    const { ask, stop } = atMost(1000, run);
    ask();
    ask();
    stop();
    vi.advanceTimersByTime(5000);
    expect(run).toHaveBeenCalledTimes(1);
  });
});
