import { validateStyleMin } from '@maplibre/maplibre-gl-style-spec';
import type { StyleSpecification } from 'maplibre-gl';
import { describe, expect, it } from 'vitest';
import { type Grade, gradeColour, grades } from '../src/map/colours';
import { buildStyle, type Look } from '../src/map/style';
import { levelAt, riskOf } from '../src/pages/wall/sync';

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
    expect(paint(hiding, 'house-hatch')['fill-opacity']).toBe(0);
    expect(paint(hiding, 'house-red')['line-opacity']).toBe(0);
    expect(paint(hiding, 'house-dots')['fill-opacity']).not.toBe(0);
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
