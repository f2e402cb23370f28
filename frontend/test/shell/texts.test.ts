import { beforeEach, describe, expect, it } from 'vitest';
import { named, pick, t } from '../../src/i18n';
import { clock, number, percent, span } from '../../src/i18n/format';
import { lang } from '../../src/shell/prefs';
import { t as shell } from '../../src/shell/text';

const files = import.meta.glob<Record<string, string>>('../../src/**/{zh,en}.json', {
  import: 'default',
  eager: true,
});

beforeEach(() => {
  lang.value = 'zh';
});

describe('texts', () => {
  it('follow the language', () => {
    expect(shell('signout')).toBe('退出');
    lang.value = 'en';
    expect(shell('signout')).toBe('Sign out');
    expect(t('building.score', { score: 77 })).toBe('77 points');
    expect(named('use', 'shared_let')).toBe('Shared let');
    expect(named('use', 'something new')).toBe('something new');
  });

  it('take the other name where one is missing', () => {
    expect(pick('福田区', 'Futian District')).toBe('福田区');
    lang.value = 'en';
    expect(pick('福田区', '')).toBe('福田区');
  });

  it('have the same keys and the same places for values in both files of every screen', () => {
    const places = (s: string) => [...s.matchAll(/\{\w+\}/g)].map((m) => m[0]).sort();
    const chinese = Object.entries(files).filter(([path]) => path.endsWith('/zh.json'));
    expect(chinese.length).toBeGreaterThan(2);
    for (const [path, zh] of chinese) {
      const en = files[path.replace('zh.json', 'en.json')] ?? {};
      expect(Object.keys(en).sort(), path).toEqual(Object.keys(zh).sort());
      for (const [key, value] of Object.entries(zh)) {
        expect(places(en[key] ?? ''), `${path} ${key}`).toEqual(places(value));
        expect(value.trim(), `${path} ${key}`).not.toBe('');
      }
    }
  });
});

describe('numbers and times', () => {
  it('are those of the district, wherever the browser stands', () => {
    expect(number(1007192)).toBe('1,007,192');
    expect(number(94.25, 1)).toBe('94.3');
    expect(percent(0.942, 1)).toBe('94.2%');
    expect(clock(new Date('2026-11-24T01:02:03Z'))).toBe('09:02:03');
  });

  it('say a span in the largest unit that says enough', () => {
    lang.value = 'en';
    expect([0, 59_000, 89_000, 91_000, 3_600_000, 89 * 60_000, 5_400_000, 86_400_000 * 3].map(span)).toEqual([
      '0 s',
      '59 s',
      '89 s',
      '2 min',
      '60 min',
      '89 min',
      '2 h',
      '3 d',
    ]);
  });
});
