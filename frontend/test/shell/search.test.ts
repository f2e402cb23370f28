import { describe, expect, it } from 'vitest';
import { pieces } from '../../src/shell/search/match';
import { metres } from '../../src/shell/search/nearby';
import { codeIn, plateAddress } from '../../src/shell/search/plate';

const marked = (text: string, query: string, least = 0) =>
  pieces(text, query, least)
    .map((p) => (p.match ? `[${p.text}]` : p.text))
    .join('');

describe('the marks in a hit', () => {
  it('show what was typed, and leave the wrong character out', () => {
    expect(marked('水围新村12栋', '水为新村12栋')).toBe('[水]围[新村12栋]');
    expect(marked('123 Fumin Road', 'fumin raod')).toBe('123 [Fumin R]oad');
    expect(marked('4403040030010300002', '44030400300103', 6)).toBe('[44030400300103]00002');
  });

  it('fold widths and capitals, and mark no lone letter', () => {
    expect(marked('Civic Center', 'ｃｉｖｉｃ')).toBe('[Civic] Center');
    expect(marked('Annex', 'xyz n')).toBe('Annex');
  });

  it('lose nothing of the text', () => {
    for (const text of ['', '市民中心', 'Ⅳ号楼 “A” 座', '\u{20BB7}野家 Block 7'])
      for (const query of ['', ' ', '市', 'a', '\u{20BB7}', 'Ⅳ号']) {
        expect(
          pieces(text, query)
            .map((p) => p.text)
            .join(''),
        ).toBe(text);
      }
  });
});

describe('a plate', () => {
  const code = '4403040030010300002002008';
  it('holds the address of its room, from which the code comes back', () => {
    expect(codeIn(plateAddress('https://map.example:8443', code))).toBe(code);
    expect(codeIn(code)).toBe(code);
    expect(codeIn(` ${code.slice(0, 19)}\n`)).toBe(code.slice(0, 19));
    expect(codeIn(`http://10.0.0.1/b/${code}?lang=zh`)).toBe(code);
  });
  it('of something else leads nowhere', () => {
    for (const text of [
      '',
      'https://example.org/pay',
      '440304',
      `${code}0`,
      `/b/${code}9`,
      '/b/44030400300103',
    ]) {
      expect(codeIn(text)).toBeNull();
    }
  });
});

it('metres between places are those of the ground', () => {
  expect(metres([114.05, 22.54], [114.05, 22.541])).toBeCloseTo(111.3, 0);
  expect(metres([114.05, 22.54], [114.051, 22.54])).toBeCloseTo(102.8, 0);
});

it('a short run of letters in a hit is chance, not a match', () => {
  expect(marked('Haiyue International Tower', 'fumin raod 12')).toBe('Haiyue International Tower');
});
