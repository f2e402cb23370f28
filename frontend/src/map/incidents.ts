// Open incidents for programs that do not hear the stream: each with the sign of its class, larger the more severe, and
// one with a number for those that lie too close to be told apart. They begin where areas have said where to look, and
// never take a name's place.
import { coloursOf, type Expression, font, type Layer, type Look } from './look';

const from = 12.5;

/** A mark's size by severity, of which 1 is worst. */
const size = (of: number): Expression => [
  'match',
  ['get', 'severity'],
  1,
  1.2 * of,
  2,
  1.05 * of,
  3,
  0.95 * of,
  0.85 * of,
];

/** The major classes, whose codes a type's begins with; '' is for those that a district added. */
export const classes = [
  '',
  '01',
  '02',
  '03',
  '04',
  '05',
  '06',
  '07',
  '08',
  '09',
  '10',
  '11',
  '12',
  '13',
  '14',
] as const;

export type IncidentClass = (typeof classes)[number];

/** The name of a class's picture in the sprite. */
export const incidentPicture = (code: IncidentClass) => (code === '' ? 'incident' : `incident-${code}`);

const picture = [
  'match',
  ['slice', ['get', 'type'], 0, 2],
  ...classes.flatMap((code) => (code === '' ? [] : [code, incidentPicture(code)])),
  incidentPicture(''),
] as unknown as Expression;

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
        'icon-image': picture,
        'icon-size': ['interpolate', ['linear'], ['zoom'], 13, size(0.55), 16, size(0.95)],
        // Close up it makes room for the letter of the house that it happened in.
        'icon-offset': [
          'interpolate',
          ['linear'],
          ['zoom'],
          14.5,
          ['literal', [0, 0]],
          16,
          ['literal', [12, -12]],
        ],
        'icon-allow-overlap': true,
        'icon-ignore-placement': true,
        'symbol-sort-key': ['-', 0, ['get', 'severity']],
      },
    },
  ];
}
