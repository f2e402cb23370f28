import { describe, expect, test } from 'vitest';
import { contoursOf } from '../../src/pages/insight/contours';
import { classOf, rampColours, turnColours, turnOf } from '../../src/pages/insight/paint';
import { hours, period, slice, spanOf, stepOf } from '../../src/pages/insight/period';
import { classWords, figure, turnWords, unitWords } from '../../src/pages/insight/words';
import { lang } from '../../src/shell/prefs';

describe('times', () => {
  const now = Date.UTC(2026, 10, 25, 0, 20);

  test('a preset ends with the hour that runs', () => {
    const s = spanOf('7d', now);
    expect(s.to.toISOString()).toBe('2026-11-25T01:00:00.000Z');
    expect(hours(s)).toBe(168);
  });

  test('a time of its own goes through the address unchanged, and nonsense does not', () => {
    const own = { from: Date.UTC(2026, 10, 1, 3), to: Date.UTC(2026, 10, 2, 5) };
    expect(period.format(own)).toBe('2026-11-01T03Z,2026-11-02T05Z');
    expect(period.parse(period.format(own))).toEqual(own);
    for (const bad of [
      '',
      '8d',
      '2026-11-02T05Z,2026-11-01T03Z',
      '2026-11-01,2026-11-02',
      '2020-01-01T00Z,2026-01-01T00Z',
    ])
      expect(period.parse(bad)).toBeNull();
  });

  test('slices divide any time, into no more than a slider shows', () => {
    for (const all of [1, 6, 24, 26, 168, 720, 8784, 731]) {
      const s = { from: new Date(now), to: new Date(now + all * 3_600_000) };
      const step = stepOf(s);
      expect(all % step).toBe(0);
      expect(all / step).toBeLessThanOrEqual(53);
      const last = slice(s, step, all / step - 1);
      expect(last.to).toEqual(s.to);
    }
  });
});

describe('classes', () => {
  test('a value belongs to the last bound that it reaches', () => {
    expect([0, 4.9, 5, 19, 20, 99].map((v) => classOf(v, [5, 20]))).toEqual([0, 0, 1, 1, 2, 2]);
  });

  test('a gain and a loss of the same size stand on opposite sides', () => {
    const bounds = [-20, -5, 0, 0, 5, 20]; // as the server writes them
    expect([-30, -20, -7, -1, 0, 1, 7, 20, 30].map((v) => turnOf(v, bounds))).toEqual([
      0, 0, 1, 2, 3, 4, 5, 6, 6,
    ]);
    for (const v of [0, 0.5, 5, 12, 20, 400]) expect(turnOf(v, bounds) + turnOf(-v, bounds)).toBe(6);
  });

  test('every class has a colour of its own and a label', () => {
    lang.value = 'en';
    for (const n of [2, 3, 4, 5]) {
      expect(new Set(rampColours(n, 'dark', 1)).size).toBe(n);
      expect(new Set(rampColours(n, 'light', 2)).size).toBe(n);
    }
    for (const side of [1, 2, 3]) {
      const bounds = [0, 5, 20].slice(0, side);
      const all = [...bounds.map((b) => -b).reverse(), ...bounds];
      expect(new Set(turnColours(all.length + 1, 'dark')).size).toBe(2 * side + 1);
      expect(turnWords(all)).toHaveLength(2 * side + 1);
    }
    expect(turnColours(1, 'light')).toHaveLength(1);
    expect(turnWords([-20, -5, 0, 0, 5, 20])).toEqual([
      '≤ −20',
      '−20 to −5',
      '−5 to 0',
      'no change',
      '0 to +5',
      '+5 to +20',
      '≥ +20',
    ]);
    expect([0, 1, 2].map((i) => classWords([5, 20.5], i))).toEqual(['< 5', '5 – 20.5', '≥ 20.5']);
  });
});

describe('words', () => {
  test('values are as short as they may be', () => {
    lang.value = 'en';
    expect([0, 7, 1234, 7.3, 13.266, 0.04567, 1234.5].map(figure)).toEqual([
      '0',
      '7',
      '1,234',
      '7.3',
      '13.3',
      '0.0457',
      '1,235',
    ]);
  });

  test('units name what they are of', () => {
    lang.value = 'en';
    expect(unitWords('incidents')).toBe('Incidents');
    expect(unitWords('houses_per_100_rental_houses')).toBe('Rental houses per 100 rental houses');
    expect(unitWords('incidents_per_km2_per_day')).toBe('Incidents per km² and day');
    expect(unitWords('rooms_per_km2')).toBe('Undeclared rooms per km²');
  });
});

describe('contours', () => {
  test('a peak is ringed class by class, in degrees, within the bounds', () => {
    const values = Array.from({ length: 81 }, (_, i) => {
      const far = Math.hypot((i % 9) - 4, Math.floor(i / 9) - 4);
      return far > 4 ? null : 10 * (4 - far);
    });
    const found = contoursOf(
      { values, width: 9, height: 9, bounds: [114, 22.5, 114.09, 22.59] },
      [10, 30],
      ['#a', '#b', '#c'],
    );
    expect(found.map((f) => f.properties.colour)).toEqual(['#a', '#b', '#c']);
    const sizes = found.map((f) => {
      const points = f.geometry.coordinates.flat(2);
      for (const [lon = 0, lat = 0] of points) {
        expect(lon).toBeGreaterThanOrEqual(114);
        expect(lon).toBeLessThanOrEqual(114.09);
        expect(lat).toBeGreaterThanOrEqual(22.5);
        expect(lat).toBeLessThanOrEqual(22.59);
      }
      const lons = points.map((p) => p[0] ?? 0);
      return Math.max(...lons) - Math.min(...lons);
    });
    expect(sizes[0]).toBeGreaterThan(sizes[1] ?? 0);
    expect(sizes[1]).toBeGreaterThan(sizes[2] ?? 0);
  });

  test('of a comparison, what became more and what became less stand on their own sides', () => {
    // More in the west, as much less in the east, the same between them.
    const values = Array.from({ length: 81 }, (_, i) => [30, 30, 12, 0, 0, 0, -12, -30, -30][i % 9] ?? 0);
    const colours = ['less 2', 'less 1', 'same', 'more 1', 'more 2'];
    const field = { values, width: 9, height: 9, bounds: [114, 22.5, 114.09, 22.59] };
    const found = contoursOf(field, [-20, 0, 0, 20], colours, true);
    const middle = (colour: string) => {
      const lons = found
        .filter((f) => f.properties.colour === colour)
        .flatMap((f) => f.geometry.coordinates.flat(2).map((p) => p[0] ?? 0));
      return (Math.min(...lons) + Math.max(...lons)) / 2 - 114.045;
    };
    expect(found.map((f) => f.properties.colour)).not.toContain('same');
    for (const more of ['more 1', 'more 2']) expect(middle(more)).toBeLessThan(0);
    for (const less of ['less 1', 'less 2']) expect(middle(less)).toBeGreaterThan(0);
    expect(middle('less 1') + middle('more 1')).toBeCloseTo(0, 6);
  });
});
