import { beforeEach, describe, expect, it } from 'vitest';
import { clock, dayOnly, sameDay, span, when } from '../../src/i18n/format';
import { lang } from '../../src/shell/prefs';

beforeEach(() => {
  lang.value = 'en';
});

describe('times, in the district’s zone', () => {
  const beforeMidnight = new Date('2026-11-24T15:59:50Z');
  const afterMidnight = new Date('2026-11-24T16:00:10Z');

  it('know where a day ends', () => {
    expect(sameDay(beforeMidnight, afterMidnight)).toBe(false);
    expect(sameDay(beforeMidnight, new Date('2026-11-23T16:00:00Z'))).toBe(true);
    expect(clock(beforeMidnight)).toBe('23:59:50');
    expect(clock(afterMidnight)).toBe('00:00:10');
  });

  it('name the day of what is not on the same one', () => {
    expect(when(afterMidnight, new Date('2026-11-25T02:00:00Z'))).toBe('00:00:10');
    expect(when(beforeMidnight, afterMidnight)).toBe('24 Nov, 23:59');
    expect(when(beforeMidnight, afterMidnight, true)).toBe('24 Nov, 23:59:50');
    expect(dayOnly(afterMidnight)).toBe('Wednesday 25 November');
    lang.value = 'zh';
    expect(when(beforeMidnight, afterMidnight)).toBe('11月24日 23:59');
  });

  it('last, in the unit that says enough', () => {
    expect([45_000, 12 * 60_000, 3 * 3600_000, 2 * 86_400_000].map(span)).toEqual([
      '45 s',
      '12 min',
      '3 h',
      '2 d',
    ]);
  });
});
