import { validateStyleMin } from '@maplibre/maplibre-gl-style-spec';
import { describe, expect, it } from 'vitest';
import { themes } from '../../src/map/colours';
import { places, takeApart } from '../../src/pages/wall/map/apart';
import { caseFeature, caseLayers, caseSources } from '../../src/pages/wall/map/cases';
import { DrawnCases } from '../../src/pages/wall/map/drawnCases';

const one = {
  id: 7,
  code: '44',
  type: '0519',
  severity: 1,
  status: 'filed',
  reportedAt: 0,
  dueAt: 1000,
  lon: 114,
  lat: 22.5,
};

describe('incidents on the map', () => {
  it('are overdue when their clock has run out, and only then', () => {
    expect(caseFeature(one, 999).properties.late).toBe(0);
    expect(caseFeature(one, 1001).properties.late).toBe(1);
    expect(caseFeature({ ...one, dueAt: null }, 1e15).properties.late).toBe(0);
  });

  it('are told to the map only where they differ', () => {
    const drawn = new DrawnCases();
    const other = { ...one, id: 8, dueAt: null };
    expect(drawn.whole([one, other], 0).features.map((f) => f.id)).toEqual([7, 8]);
    expect(drawn.changes([one, other], 999)).toBeNull();
    expect(drawn.changes([one, other], 1001)).toEqual({ remove: [], add: [caseFeature(one, 1001)] });
    const moved = { ...other, lon: 114.1 };
    expect(drawn.changes([moved], 1001)).toEqual({ remove: [7], add: [caseFeature(moved, 1001)] });
    expect(drawn.changes([moved], 1001)).toBeNull();
    expect(drawn.changes([], 1001)).toEqual({ remove: [8], add: [] });
  });

  it.each(themes)('have a valid style in the theme %s', (theme) => {
    const data = new DrawnCases().whole([one], 0);
    const style = {
      version: 8,
      sprite: 'https://server.invalid/sprite',
      sources: caseSources(data, data, data),
      layers: caseLayers(theme),
    };
    expect(validateStyleMin(style as never).map((e) => e.message)).toEqual([]);
  });

  it('taken apart do not lie on one another', () => {
    for (const n of [2, 5, 10, 11, 40]) {
      const all = places(n);
      expect(all).toHaveLength(n);
      for (const [i, [x, y]] of all.entries()) {
        for (const [u, w] of all.slice(i + 1)) expect(Math.hypot(x - u, y - w)).toBeGreaterThan(14);
      }
    }
    const parts = takeApart(
      { x: 0, y: 0, lon: 0, lat: 0 },
      [{ id: 1, type: '0519', severity: 1, late: 0, sign: '' }],
      (x, y) => [x, y],
    );
    expect(parts.features.map((f) => f.geometry.type)).toEqual(['LineString', 'Point']);
  });
});
