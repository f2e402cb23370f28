// Open incidents for programs that do not hear the stream: one mark each, larger the more severe, and one with a number
// for those that lie too close to be told apart. They begin where areas have said where to look, and never take a name's
// place.
import { coloursOf, type Expression, font, type Layer, type Look } from './look';

const from = 12.5;

/** A mark's size by severity, of which 1 is worst. */
const size = (of: number): Expression => [
  'match',
  ['get', 'severity'],
  1,
  1.2 * of,
  2,
  of,
  3,
  0.8 * of,
  0.65 * of,
];

export function incidents(look: Look): Layer[] {
  const c = coloursOf(look);
  const count: Expression = ['coalesce', ['get', 'n'], 0];
  const crowd = {
    source: 'incidents',
    'source-layer': 'incident_crowd',
    minzoom: from,
    maxzoom: 14,
  } as const;
  return [
    {
      id: 'incident-crowd',
      type: 'circle',
      ...crowd,
      paint: {
        'circle-color': c.incident,
        'circle-radius': ['interpolate', ['linear'], ['sqrt', count], 1, 4.5, 6, 10],
        'circle-stroke-color': c.halo,
        'circle-stroke-width': 1,
        'circle-opacity': 0.9,
      },
    },
    {
      id: 'incident-crowd-count',
      type: 'symbol',
      ...crowd,
      layout: {
        'text-field': ['to-string', count],
        'text-font': font,
        'text-size': 9,
        'text-allow-overlap': true,
        'text-ignore-placement': true,
      },
      paint: { 'text-color': c.onIncident },
    },
    {
      id: 'incident',
      type: 'symbol',
      source: 'incidents',
      'source-layer': 'incident',
      minzoom: from,
      layout: {
        'icon-image': 'incident',
        'icon-size': ['interpolate', ['linear'], ['zoom'], 13, size(0.5), 17, size(1)],
        'icon-allow-overlap': true,
        'icon-ignore-placement': true,
        'symbol-sort-key': ['-', 0, ['get', 'severity']],
      },
    },
  ];
}
