import { describe, expect, it } from 'vitest';
import { fullJitter } from '../../src/live/backoff';

describe('the wait before the next try', () => {
  it('has a ceiling that doubles up to half a minute, and anything below it', () => {
    const most = fullJitter(() => 1);
    expect(Array.from({ length: 9 }, () => most.next())).toEqual([
      500, 1000, 2000, 4000, 8000, 16_000, 30_000, 30_000, 30_000,
    ]);
    expect(fullJitter(() => 0).next()).toBe(0);
    most.reset();
    expect(most.next()).toBe(500);
  });

  it('spreads those who lost the same server', () => {
    const waits = Array.from({ length: 2000 }, () => fullJitter().next());
    const mean = waits.reduce((a, b) => a + b) / waits.length;
    expect(mean).toBeGreaterThan(200);
    expect(mean).toBeLessThan(300);
  });
});
