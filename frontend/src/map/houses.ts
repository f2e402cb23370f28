// Houses in their grades: counts in cells and points while they are small, footprints from zoom 14, letters and names
// close up. A grade is hidden by opacity, which costs no new tile.

import { riskColour } from './areas';
import { type Grade, gradeColour, presence } from './colours';
import {
  byGrade,
  coloursOf,
  type Expression,
  font,
  houseZoom,
  ink,
  type Layer,
  type Look,
  nameIn,
  numberOf,
} from './look';

const shows = (look: Look, g: Grade, opacity: number) => (look.hidden.has(g) ? 0 : opacity);
const only = (g: Grade): Expression => ['==', ['get', 'g'], numberOf(g)];
const colour = (look: Look) =>
  byGrade((g) => gradeColour(g, look.theme, look.palette), coloursOf(look).unlet);

/** Before houses can be seen as such: squares by the share of orange and red, then a mark for each house. */
export function counts(look: Look): Layer[] {
  const count = (key: string): Expression => ['coalesce', ['get', key], 0];
  const rental: Expression = ['-', count('n'), count('n0')];
  const risky: Expression = ['+', count(`n${numberOf('orange')}`), count(`n${numberOf('red')}`)];
  const point = {
    source: 'buildings',
    'source-layer': 'building_point',
    minzoom: 13,
    maxzoom: houseZoom,
  } as const;
  return [
    {
      id: 'house-cell',
      type: 'fill',
      source: 'buildings',
      'source-layer': 'building_cell',
      maxzoom: 13,
      filter: ['>', rental, 0],
      paint: {
        'fill-color': riskColour(coloursOf(look), ['/', risky, ['max', 1, rental]]),
        'fill-opacity': ['interpolate', ['linear'], rental, 1, 0.25, 20, 0.75],
      },
    },
    {
      id: 'house-point',
      type: 'circle',
      ...point,
      layout: { 'circle-sort-key': ['coalesce', ['get', 'g'], 0] },
      paint: {
        'circle-color': colour(look),
        'circle-radius': byGrade((g) => (g === 'red' || g === 'orange' ? 0 : 1.6), 1),
        'circle-opacity': byGrade((g) => shows(look, g, presence[g]), 0.5),
      },
    },
    ...(['orange', 'red'] as const).map(
      (g): Layer => ({
        id: `house-mark-${g}`,
        type: 'symbol',
        ...point,
        filter: only(g),
        layout: { 'icon-image': `mark-${g}`, 'icon-allow-overlap': true, 'icon-ignore-placement': true },
        paint: { 'icon-opacity': shows(look, g, 1) },
      }),
    ),
  ];
}

export function houses(look: Look): Layer[] {
  const c = coloursOf(look);
  const layer = { source: 'buildings', 'source-layer': 'building', minzoom: houseZoom } as const;
  const pattern = (g: Grade, image: string, opacity: number): Layer => ({
    id: `house-${image}`,
    type: 'fill',
    ...layer,
    filter: only(g),
    paint: { 'fill-pattern': image, 'fill-opacity': shows(look, g, opacity) },
  });
  return [
    {
      id: 'house',
      type: 'fill',
      ...layer,
      paint: {
        'fill-color': colour(look),
        'fill-opacity': [
          'interpolate',
          ['linear'],
          ['zoom'],
          14,
          byGrade((g) => shows(look, g, presence[g]), 0.7),
          17,
          byGrade((g) => shows(look, g, Math.min(1, presence[g] + 0.25)), 0.8),
        ],
      },
    },
    {
      id: 'house-edge',
      type: 'line',
      ...layer,
      minzoom: 15,
      paint: {
        'line-color': c.edge,
        'line-width': ['interpolate', ['linear'], ['zoom'], 15, 0.3, 18, 1],
        'line-opacity': byGrade((g) => shows(look, g, 0.9), 0.9),
      },
    },
    pattern('orange', 'hatch', 0.6),
    pattern('grey', 'dots', 0.7),
    {
      id: 'house-red',
      type: 'line',
      ...layer,
      filter: only('red'),
      paint: {
        'line-color': c.alarm,
        'line-width': ['interpolate', ['linear'], ['zoom'], 14, 0.6, 18, 2],
        'line-opacity': shows(look, 'red', 0.9),
      },
    },
    {
      id: 'house-selected',
      type: 'line',
      ...layer,
      paint: {
        'line-color': c.selected,
        'line-width': 3,
        'line-opacity': ['case', ['boolean', ['feature-state', 'selected'], false], 1, 0],
      },
    },
  ];
}

export function houseNames(look: Look): Layer[] {
  const paint = ink(coloursOf(look), 'strong');
  const label = { source: 'buildings', 'source-layer': 'building_label' } as const;
  return [
    {
      id: 'letter',
      type: 'symbol',
      ...label,
      minzoom: 16,
      filter: ['has', 'g'],
      layout: {
        'text-field': byGrade((g) => look.letters[g], ''),
        'text-font': font,
        'text-size': ['interpolate', ['linear'], ['zoom'], 16, 9, 18, 13],
        'text-offset': [0, -0.1],
        'text-padding': 0,
        'text-allow-overlap': true,
      },
      paint: { ...paint, 'text-opacity': byGrade((g) => shows(look, g, 1), 0) },
    },
    {
      id: 'house-name',
      type: 'symbol',
      ...label,
      minzoom: 16.5,
      layout: {
        'text-field': nameIn(look.lang),
        'text-font': font,
        'text-size': 10.5,
        'text-offset': [0, 1],
        'text-max-width': 8,
        'text-padding': 8,
      },
      paint,
    },
  ];
}
