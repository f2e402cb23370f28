import { validateStyleMin } from '@maplibre/maplibre-gl-style-spec';
import { describe, expect, it } from 'vitest';
import { themes } from '../src/map/colours';
import { type Document, documents, serverPlace } from '../src/map/documents';
import { fontName } from '../src/map/fonts';
import { schemas } from '../src/map/schemas';
import { pictures, raster, sprite } from '../src/map/sprite';

const fonts = [{ url: `${serverPlace}/fonts/noto-sans-sc/4.woff2`, 'unicode-range': ['U+4e00-9fff'] }];
const all = documents(fonts);
const named = (d: Document) => `${d.theme}, palette ${d.palette}, ${d.lang}, ${d.ground}`;

describe.each(all.map((d) => [named(d), d] as const))('the style %s', (_, d) => {
  it('is valid', () => {
    expect(validateStyleMin(d.style as never).map((e) => e.message)).toEqual([]);
  });

  it('names only pictures that its sprite has, and one font', () => {
    const has = Object.keys(pictures(d.theme, d.palette));
    for (const layer of d.style.layers) {
      const text = JSON.stringify([layer.layout ?? {}, layer.paint ?? {}]);
      for (const [, name] of text.matchAll(/"(?:icon-image|fill-pattern)":"([^"]+)"/g)) {
        expect(has).toContain(name);
      }
      for (const [, name] of text.matchAll(/"text-font":\["([^"]+)"\]/g)) expect(name).toBe(fontName);
    }
  });

  it('draws every one of its sources, and nothing else', () => {
    const drawn = new Set(d.style.layers.flatMap((l) => ('source' in l ? [l.source] : [])));
    expect([...drawn].sort()).toEqual(Object.keys(d.style.sources).sort());
  });

  it('has no layer twice, and asks nobody but the server', () => {
    const ids = d.style.layers.map((l) => l.id);
    expect(new Set(ids).size).toBe(ids.length);
    const hosts = [...JSON.stringify(d.style).matchAll(/https?:\/\/[^/"]+/g)].map((m) => m[0]);
    expect(new Set(hosts)).toEqual(new Set([serverPlace]));
  });

  it('reads no feature-state that only a page could set, but for the selection', () => {
    const states = [...JSON.stringify(d.style.layers).matchAll(/"feature-state","(\w+)"/g)].map((m) => m[1]);
    expect(new Set(states)).toEqual(new Set(['selected']));
  });
});

it('there is a style for every theme, palette, language and schema', () => {
  expect(all.length).toBe(themes.length * 2 * 2 * Object.keys(schemas).length);
  expect(new Set(all.map(named)).size).toBe(all.length);
});

describe.each(themes)('the sprite of %s', (theme) => {
  it('keeps every picture apart, at both sizes', () => {
    for (const ratio of [1, 2]) {
      const s = sprite(theme, 1, ratio);
      let x = 0;
      for (const place of Object.values(s.places)) {
        expect(place).toMatchObject({ x, y: 0, pixelRatio: ratio });
        x += place.width;
        expect(place.height).toBeLessThanOrEqual(s.height);
      }
      expect(x).toBe(s.width);
    }
  });

  it('has patterns that go on at their edges', () => {
    for (const name of ['hatch', 'dots']) {
      const p = pictures(theme, 1)[name];
      if (!p) throw new Error(name);
      // One pattern shifted by its own size is the same pattern.
      const shifted = {
        ...p,
        strokes: p.strokes.map((s) => ({
          ...s,
          shape: (x: number, y: number) => s.shape(x + p.size, y + p.size),
        })),
      };
      expect(raster(shifted, 2)).toEqual(raster(p, 2));
      expect(raster(p, 2).some((v) => v > 0)).toBe(true);
    }
  });
});
