import { describe, expect, test } from 'vitest';
import { lines } from '../../src/export/picture';

describe('a text on a picture', () => {
  const upTo = (n: number) => (part: string) => part.length <= n;
  test('breaks between words, and between any characters of Chinese', () => {
    expect(lines('Incidents per km² and day', upTo(13))).toEqual(['Incidents per', 'km² and day']);
    expect(lines('每平方公里每天', upTo(3))).toEqual(['每平方', '公里每', '天']);
    expect(lines('2026年11月25日', upTo(7))).toEqual(['2026年11', '月25日']);
  });
  test('never begins a line with a mark that closes, and loses nothing', () => {
    const text = '北京时间，UTC+8（东八区）。';
    for (let n = 2; n < 14; n++) {
      const made = lines(text, upTo(n));
      expect(made.join('')).toBe(text);
      for (const line of made) expect(line).not.toMatch(/^[，。）]/);
    }
    expect(lines('', upTo(3))).toEqual([]);
    expect(lines('unbreakable', upTo(3))).toEqual(['unbreakable']);
  });
});
