import { readFileSync } from 'node:fs';
import { validateStyleMin } from '@maplibre/maplibre-gl-style-spec';
import { describe, expect, it } from 'vitest';
import { base, themes } from '../src/map/colours';
import { type Document, documents, serverPlace } from '../src/map/documents';
import { fontName } from '../src/map/fonts';
import { classes, incidentPicture } from '../src/map/incidents';
import { raster } from '../src/map/picture';
import { schemas } from '../src/map/schemas';
import { pictures, sprite } from '../src/map/sprite';

const fonts = [{ url: `${serverPlace}/fonts/noto-sans-sc/4.woff2`, 'unicode-range': ['U+4e00-9fff'] }];
const all = documents(fonts);
const inTheDatabase = [
  ...readFileSync('../migrations/0004_incident_types.sql', 'utf8')
    .replace(/insert into incident_type .*/s, '')
    .matchAll(/\('(\d\d)',/g),
].map((m) => m[1]);
const named = (d: Document) => `${d.theme}, palette ${d.palette}, ${d.lang}, ${d.ground}`;

describe.each(all.map((d) => [named(d), d] as const))('the style %s', (_, d) => {
  it('is valid', () => {
    expect(validateStyleMin(d.style as never).map((e) => e.message)).toEqual([]);
  });

  it('names only pictures that its sprite has, and one font', () => {
    const has = Object.keys(pictures(d.theme, d.palette));
    for (const layer of d.style.layers) {
      const text = JSON.stringify([layer.layout ?? {}, layer.paint ?? {}]);
      const chosen = layer.type === 'symbol' ? layer.layout?.['icon-image'] : undefined;
      for (const name of Array.isArray(chosen) ? chosen.slice(3).filter((_, i) => i % 2 === 0) : []) {
        expect(has).toContain(name);
      }
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

describe.each(themes)('the signs of incidents in %s', (theme) => {
  // What of a picture at twice its size is the sign: pixels in the colour of what is written on an incident.
  const ink = base[theme].onIncident;
  const signs = classes.map((code) => {
    const picture = pictures(theme, 1)[incidentPicture(code)];
    if (!picture) throw new Error(code);
    const pixels = raster(picture, 2);
    const on = new Set<number>();
    for (let i = 0; i < pixels.length; i += 4) {
      const red = Number.parseInt(ink.slice(1, 3), 16);
      const within = Math.hypot(((i / 4) % 48) - 23.5, Math.floor(i / 4 / 48) - 23.5) < 17;
      if (within && Math.abs((pixels[i] ?? 0) - red) < 40) on.add(i);
    }
    return { code, on };
  });

  it('are there for every class, and for others', () => {
    expect(signs.map((s) => s.code)).toEqual(['', ...inTheDatabase]);
  });

  it('are neither specks nor blots', () => {
    for (const { code, on } of signs) {
      expect(on.size, code).toBeGreaterThan(70);
      expect(on.size, code).toBeLessThan(450);
    }
  });

  it('differ in more than a third of what they draw', () => {
    for (const a of signs) {
      for (const b of signs.filter((s) => s.code > a.code)) {
        const same = [...a.on].filter((i) => b.on.has(i)).length;
        expect(same / (a.on.size + b.on.size - same), `${a.code} ${b.code}`).toBeLessThan(2 / 3);
      }
    }
  });
});
