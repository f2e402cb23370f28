// Incidents on the map: signs that draw together where they are many and can be taken apart where they lie on one
// another. All of them lie above the names and are placed first, so that a name makes room for them, and none of them is
// ever left out.
import type { FeatureCollection, Point } from 'geojson';
import type {
  CircleLayerSpecification,
  FilterSpecification,
  GeoJSONSourceSpecification,
  SymbolLayerSpecification,
} from 'maplibre-gl';
import { base, type Theme } from '../../../map/colours';
import { font, type Layer } from '../../../map/look';
import { crowdName, crowdSteps, type Standing, signColours, signName } from '../../../map/wallSigns';
import { type Case, overdue } from '../happening';

export interface CaseProperties {
  id: number;
  type: string;
  severity: number;
  late: 0 | 1;
  /** The picture's name. */
  sign: string;
}

export type CaseData = FeatureCollection<Point, CaseProperties>;

/** States in which nobody has a case yet, or not any more. */
const unattended = new Set(['reported', 'filed', 'returned', 'rework']);

export function standing(c: Case, now: number): Standing {
  if (overdue(c, now)) return 'late';
  return unattended.has(c.status) ? 'open' : 'held';
}

export function caseFeature(c: Case, now: number): CaseData['features'][number] {
  const how = standing(c, now);
  return {
    type: 'Feature',
    id: c.id,
    geometry: { type: 'Point', coordinates: [c.lon, c.lat] },
    properties: {
      id: c.id,
      type: c.type,
      severity: c.severity,
      late: how === 'late' ? 1 : 0,
      sign: signName(how, c.type, c.severity === 1),
    },
  };
}

/** Points closer than this many pixels are drawn as one, at every zoom: at the last one they are taken apart by hand. */
const together = 52;

export function caseSources(
  data: CaseData,
  apart: FeatureCollection,
  chosen: CaseData,
): Record<string, GeoJSONSourceSpecification> {
  return {
    cases: {
      type: 'geojson',
      data,
      cluster: true,
      clusterRadius: together,
      clusterMaxZoom: 23,
      maxzoom: 24,
      clusterProperties: { late: ['+', ['get', 'late']], worst: ['min', ['get', 'severity']] },
    },
    apart: { type: 'geojson', data: apart },
    chosen: { type: 'geojson', data: chosen },
  };
}

type Layout = NonNullable<SymbolLayerSpecification['layout']>;

type Shift = NonNullable<Layout['icon-offset']> &
  NonNullable<NonNullable<CircleLayerSpecification['paint']>['circle-translate']>;

/** Close up a sign stands beside its place, since the letter of the house that it happened in stands there. */
const beside = [
  'interpolate',
  ['linear'],
  ['zoom'],
  15.5,
  ['literal', [0, 0]],
  16.5,
  ['literal', [13, -13]],
] as unknown as Shift;

/** Always drawn; whatever is placed later makes room. */
const always: Layout = { 'icon-allow-overlap': true, 'text-allow-overlap': true };
const worstOnTop: Layout = {
  'symbol-sort-key': ['+', ['*', 10, ['get', 'late']], ['-', 5, ['get', 'severity']]],
};
const one: Layout = {
  ...always,
  ...worstOnTop,
  'icon-image': ['get', 'sign'],
  'icon-offset': beside,
  'icon-padding': 1,
};

export function caseLayers(theme: Theme): Layer[] {
  const c = signColours[theme];
  const crowd = ['has', 'point_count'] as FilterSpecification;
  const badge: [number, number] = [12, -12];
  return [
    {
      id: 'case',
      type: 'symbol',
      source: 'cases',
      filter: ['!', ['has', 'point_count']],
      layout: one,
    },
    {
      id: 'case-crowd',
      type: 'symbol',
      source: 'cases',
      filter: crowd,
      layout: {
        ...always,
        'symbol-sort-key': ['get', 'point_count'],
        'icon-image': [
          'step',
          ['get', 'point_count'],
          crowdName(0),
          ...crowdSteps.slice(1).flatMap(({ from }, i) => [from, crowdName(i + 1)]),
        ] as unknown as NonNullable<Layout['icon-image']>,
        // Room for what lies on its corner.
        'icon-padding': [9, 9, 1, 1],
        'text-field': ['to-string', ['get', 'point_count_abbreviated']],
        'text-font': font,
        'text-size': ['step', ['get', 'point_count'], 11, 50, 12, 200, 13],
      },
      paint: { 'text-color': c.onCrowd },
    },
    {
      id: 'case-crowd-late',
      type: 'symbol',
      source: 'cases',
      filter: ['all', crowd, ['>', ['get', 'late'], 0]] as FilterSpecification,
      layout: {
        ...always,
        'icon-image': 'crowd-late',
        'icon-ignore-placement': true,
        'text-field': ['to-string', ['get', 'late']],
        'text-font': font,
        'text-size': ['step', ['get', 'late'], 10.5, 100, 8.5],
        'text-ignore-placement': true,
      },
      paint: { 'text-color': c.onLate, 'icon-translate': badge, 'text-translate': badge },
    },
    {
      id: 'apart-leg',
      type: 'line',
      source: 'apart',
      filter: ['==', ['geometry-type'], 'LineString'],
      layout: { 'line-cap': 'round' },
      paint: { 'line-color': c.calm, 'line-width': 1.4 },
    },
    {
      id: 'apart-case',
      type: 'symbol',
      source: 'apart',
      filter: ['==', ['geometry-type'], 'Point'],
      layout: { ...always, ...worstOnTop, 'icon-image': ['get', 'sign'] },
    },
    ...chosenLayers(theme),
  ];
}

/** The case whose card is open: in a ring, above everything, also where it lies in a crowd. */
function chosenLayers(theme: Theme): Layer[] {
  const { selected, halo } = base[theme];
  const ring = (id: string, colour: string, width: number): Layer => ({
    id,
    type: 'circle',
    source: 'chosen',
    paint: {
      'circle-radius': 18.5,
      'circle-color': halo,
      'circle-opacity': id === 'chosen-ground' ? 0.75 : 0,
      'circle-stroke-color': colour,
      'circle-stroke-width': width,
      'circle-translate': beside,
    },
  });
  return [
    ring('chosen-ground', halo, 4),
    ring('chosen-ring', selected, 2.2),
    { id: 'chosen-case', type: 'symbol', source: 'chosen', layout: one },
  ];
}
