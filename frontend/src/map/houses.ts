// Houses in their grades: counts in cells and points while they are small, footprints from zoom 14, letters and names
// close up. A grade is hidden by opacity, which costs no new tile.

import { riskColour } from './areas';
import { type Grade, gradeColour, grades, presence } from './colours';
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

/**
 * Paint by a house's grade as it is now: our page hears of a change before the tile brings it, and puts it on as
 * feature-state `g`, 0 for a house that is no longer let. Only paint can read that: no filter, no text, no pattern. So
 * where the tiles stay behind, what shows one grade alone is drawn for every house, and seen by its opacity.
 */
function nowByGrade<T>(look: Look, value: (g: Grade) => T, otherwise: T): Expression {
  if (look.reader === 'program') return byGrade(value, otherwise);
  const inTile: Expression = ['coalesce', ['get', 'g'], 0];
  return [
    'match',
    ['coalesce', ['feature-state', 'g'], inTile],
    ...grades.flatMap((g) => [numberOf(g), value(g)]),
    otherwise,
  ] as unknown as Expression;
}

/** The opacity of what shows one grade alone. */
function alone(look: Look, g: Grade, opacity: number): Expression | number {
  const seen = shows(look, g, opacity);
  return look.reader === 'program' ? seen : nowByGrade(look, (h) => (h === g ? seen : 0), 0);
}

/** Where the tiles keep up, a filter does what opacity must do otherwise. */
const filtered = (look: Look, g: Grade) => (look.ahead ? {} : { filter: only(g) });

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
        'circle-opacity': byGrade((g) => shows(look, g, presence[look.theme][g]), 0.5),
      },
    },
    ...(['orange', 'red'] as const).map(
      (g): Layer => ({
        id: `house-mark-${g}`,
        type: 'symbol',
        ...point,
        filter: only(g),
        layout: {
          'icon-image': `mark-${g}`,
          'icon-size': ['interpolate', ['linear'], ['zoom'], 13, 0.55, 14, 0.85],
          'icon-allow-overlap': true,
          'icon-ignore-placement': true,
        },
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
    ...filtered(look, g),
    paint: { 'fill-pattern': image, 'fill-opacity': alone(look, g, opacity) },
  });
  return [
    {
      id: 'house',
      type: 'fill',
      ...layer,
      paint: {
        'fill-color': nowByGrade(look, (g) => gradeColour(g, look.theme, look.palette), c.unlet),
        'fill-opacity': [
          'interpolate',
          ['linear'],
          ['zoom'],
          14,
          nowByGrade(look, (g) => shows(look, g, presence[look.theme][g]), 0.7),
          17,
          nowByGrade(look, (g) => shows(look, g, Math.min(1, presence[look.theme][g] + 0.25)), 0.8),
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
        'line-opacity': nowByGrade(look, (g) => shows(look, g, 0.9), 0.9),
      },
    },
    pattern('orange', 'hatch', 0.6),
    pattern('grey', 'dots', 0.7),
    {
      id: 'house-red',
      type: 'line',
      ...layer,
      ...filtered(look, 'red'),
      paint: {
        'line-color': c.alarm,
        'line-width': ['interpolate', ['linear'], ['zoom'], 14, 0.6, 18, 2],
        'line-opacity': alone(look, 'red', 0.9),
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
  const letter = (
    id: string,
    text: Expression | string,
    opacity: Expression | number,
    more: { filter?: Expression; placed?: boolean } = {},
  ) =>
    ({
      id,
      type: 'symbol',
      ...label,
      minzoom: 16,
      ...(more.filter ? { filter: more.filter } : {}),
      layout: {
        'text-field': text,
        'text-font': font,
        'text-size': ['interpolate', ['linear'], ['zoom'], 16, 9, 18, 13],
        'text-offset': [0, -0.1],
        'text-padding': 0,
        'text-allow-overlap': true,
        'text-ignore-placement': more.placed === false,
      },
      paint: { ...paint, 'text-opacity': opacity },
    }) as Layer;
  const name: Layer = {
    id: 'house-name',
    type: 'symbol',
    ...label,
    minzoom: 17,
    layout: {
      'text-field': nameIn(look.lang),
      'text-font': font,
      'text-size': 10.5,
      'text-variable-anchor': ['top', 'bottom', 'left', 'right'],
      'text-radial-offset': 0.8,
      'text-max-width': 8,
      'text-padding': 6,
    },
    paint: ink(coloursOf(look), 'quiet'),
  };
  // The last is placed first, and what comes later makes room. Our page's letters are there for every house, most of
  // them unseen: names make room for one unseen letter in each house that the tile says is let.
  const graded: Expression = ['has', 'g'];
  if (look.reader === 'page') {
    return [
      name,
      ...grades.map((g) => letter(`letter-${g}`, look.letters[g], appearing(look, g), { placed: false })),
      letter('letter-place', look.letters.red, 0, { filter: graded }),
    ];
  }
  const text = byGrade((g) => look.letters[g], '');
  const opacity = byGrade((g) => shows(look, g, 1), 0);
  return [name, letter('letter', text, opacity, { filter: graded })];
}

/** Where houses are still small, only the letters of those that want somebody to come: all of them would be a crowd. */
function appearing(look: Look, g: Grade): Expression | number {
  const shown = alone(look, g, 1);
  if (g === 'red' || g === 'orange') return shown;
  return ['interpolate', ['linear'], ['zoom'], 16.3, 0, 16.7, shown];
}
