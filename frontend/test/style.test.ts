import { validateStyleMin } from '@maplibre/maplibre-gl-style-spec';
import type { StyleSpecification } from 'maplibre-gl';
import { describe, expect, it } from 'vitest';
import { type Grade, gradeColour, grades } from '../src/map/colours';
import { buildStyle, type Look } from '../src/map/style';
import { levelAt, riskOf } from '../src/pages/wall/figures';

const look: Look = {
  lang: 'zh',
  theme: 'dark',
  palette: 1,
  hidden: new Set(),
  origin: 'http://127.0.0.1:8080',
  fonts: [{ url: 'http://127.0.0.1:8080/a.woff2', 'unicode-range': ['U+4e00-9fff'] }],
  ground: 'own',
  reader: 'page',
  letters: { green: '绿', yellow: '黄', orange: '橙', red: '红', grey: '灰' },
};

function paint(style: StyleSpecification, id: string): Record<string, unknown> {
  return style.layers.find((l) => l.id === id)?.paint as Record<string, unknown>;
}

describe('the style', () => {
  for (const lang of ['zh', 'en'] as const) {
    for (const theme of ['dark', 'light'] as const) {
      for (const palette of [1, 2] as const) {
        it(`is valid in ${lang}, ${theme}, palette ${palette}`, () => {
          const style = buildStyle({ ...look, lang, theme, palette });
          expect(validateStyleMin(style as never).map((e) => e.message)).toEqual([]);
        });
      }
    }
  }

  it('asks nobody but its own server', () => {
    const text = JSON.stringify(buildStyle(look));
    const hosts = [...text.matchAll(/https?:\/\/[^/"]+/g)].map((m) => m[0]);
    expect(new Set(hosts)).toEqual(new Set([look.origin]));
  });

  it('hides a grade by opacity, in every layer that shows it', () => {
    const shown = JSON.stringify(paint(buildStyle(look), 'house')['fill-opacity']);
    const hiding = buildStyle({ ...look, hidden: new Set<Grade>(['orange', 'red']) });
    expect(JSON.stringify(paint(hiding, 'house')['fill-opacity'])).not.toBe(shown);
    // The outputs of the match by grade: every one 0 where the grade is hidden.
    const outputs = (id: string, key: string) =>
      (paint(hiding, id)[key] as unknown[])
        .slice(2)
        .filter((_, i, all) => i % 2 === 1 || i === all.length - 1);
    expect(new Set(outputs('house-hatch', 'fill-opacity'))).toEqual(new Set([0]));
    expect(new Set(outputs('house-red', 'line-opacity'))).toEqual(new Set([0]));
    expect(outputs('house-dots', 'fill-opacity')).toEqual([0, 0, 0, 0, 0.7, 0]);
  });

  it('shows a grade that the stream told before the tile brings it, and draws each sign only where it may be', () => {
    for (const id of ['house', 'house-edge', 'house-hatch', 'house-dots', 'house-red', 'letter-red']) {
      expect(JSON.stringify(paint(buildStyle(look), id)), id).toContain('["feature-state","g"]');
    }
    expect(buildStyle(look).layers.find((l) => l.id === 'house-red')).toHaveProperty('filter');
  });

  it('shows a past grade, which no tile will bring, in every layer of houses', () => {
    const past = { ...look, ahead: true };
    for (const id of ['house', 'house-edge', 'house-hatch', 'house-dots', 'house-red', 'letter-red']) {
      expect(JSON.stringify(paint(buildStyle(past), id)), id).toContain('["feature-state","g"]');
      expect(
        buildStyle(past).layers.find((l) => l.id === id),
        id,
      ).not.toHaveProperty('filter');
    }
    expect(JSON.stringify(buildStyle({ ...look, reader: 'program' }))).not.toContain('"feature-state","g"');
  });

  it('uses every grade colour, and never two alike', () => {
    for (const theme of ['dark', 'light'] as const) {
      for (const palette of [1, 2] as const) {
        const colours = grades.map((g) => gradeColour(g, theme, palette));
        expect(new Set(colours).size).toBe(grades.length);
        const used = JSON.stringify(paint(buildStyle({ ...look, theme, palette }), 'house')['fill-color']);
        for (const c of colours) expect(used).toContain(c);
      }
    }
  });
});

describe('what speaks at which zoom', () => {
  it.each([
    [8, 'street'],
    [11.4, 'street'],
    [11.5, 'community'],
    [13, 'grid'],
    [14, null],
    [18, null],
  ])('zoom %s: %s', (zoom, level) => {
    expect(levelAt(zoom as number)).toBe(level);
  });

  it('says no share where there are too few houses', () => {
    expect(riskOf({ rental_buildings: 4, grades: { red: 4 } })).toBeNull();
    expect(riskOf({ rental_buildings: 10, grades: { red: 1, orange: 2, green: 7 } })).toBeCloseTo(0.3);
    expect(riskOf({ rental_buildings: 10, grades: {} })).toBe(0);
  });
});
