import { describe, expect, it } from 'vitest';
import { base, gradeColour, grades, type Palette, type Theme, themes } from '../src/map/colours';
import { contrast, difference, lab, leastDifference } from './colour/vision';

const palettes: Palette[] = [1, 2];
const colours = (theme: Theme, palette: Palette) => grades.map((g) => gradeColour(g, theme, palette));

/** How far apart the five grades are at least, over four kinds of vision. A traffic light reaches 6.6. */
const apart: Record<Theme, Record<Palette, number>> = {
  dark: { 1: 10.9, 2: 20.3 },
  light: { 1: 19.8, 2: 21.5 },
  print: { 1: 22.1, 2: 22 },
};

describe('the measure', () => {
  it('agrees with published pairs (Sharma, Wu, Dalal 2005, table 1)', () => {
    expect(difference([50, 2.6772, -79.7751], [50, 0, -82.7485])).toBeCloseTo(2.0425, 4);
    expect(difference([50, 2.5, 0], [73, 25, -18])).toBeCloseTo(27.1492, 4);
    expect(difference([22.7233, 20.0904, -46.694], [23.0331, 14.973, -42.5619])).toBeCloseTo(2.0373, 4);
  });
});

describe.each(themes)('the colours of %s', (theme) => {
  const c = base[theme];

  it.each(palettes)('keep the grades of palette %i apart for every kind of vision', (palette) => {
    expect(leastDifference(colours(theme, palette))).toBeGreaterThanOrEqual(apart[theme][palette]);
  });

  it.each(palettes)('keep a house that is not let apart from every grade of palette %i', (palette) => {
    expect(leastDifference([...colours(theme, palette), c.unlet])).toBeGreaterThanOrEqual(10.9);
  });

  it('keep an incident apart from every grade, and its number readable', () => {
    for (const palette of palettes) {
      for (const grade of colours(theme, palette)) {
        expect(difference(lab(c.incident), lab(grade))).toBeGreaterThan(17.5);
      }
    }
    expect(contrast(c.incident, c.onIncident)).toBeGreaterThanOrEqual(4.5);
  });

  it('can be read: labels on their halo and on every ground', () => {
    for (const ground of [c.halo, c.land, c.block, c.park, c.water]) {
      expect(contrast(c.label, ground)).toBeGreaterThanOrEqual(7);
      expect(contrast(c.quiet, ground)).toBeGreaterThanOrEqual(4.5);
    }
  });

  it('let what needs action lead: red stands out against the ground, with an outline that does so too', () => {
    for (const palette of palettes) {
      expect(contrast(gradeColour('red', theme, palette), c.land)).toBeGreaterThanOrEqual(3);
      expect(contrast(c.alarm, c.land)).toBeGreaterThanOrEqual(7);
    }
  });

  it('grow more striking from share to share', () => {
    const strike = c.risk.map((r) => difference(lab(r), lab(c.land)));
    expect(strike).toEqual([...strike].sort((a, b) => a - b));
  });
});

it('print keeps the grades apart in black alone', () => {
  for (const palette of palettes) {
    const lightness = colours('print', palette)
      .map((hex) => lab(hex)[0])
      .sort((a, b) => a - b);
    for (const [i, l] of lightness.slice(1).entries()) expect(l - (lightness[i] ?? 0)).toBeGreaterThan(10);
  }
});
