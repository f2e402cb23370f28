// Incidents on the map: points that draw together where they are many and can be taken apart where they lie on one
// another. What is overdue is loud, the rest is quiet.
import type { FeatureCollection, Point } from 'geojson';
import type { CircleLayerSpecification, GeoJSONSourceSpecification, LayerSpecification } from 'maplibre-gl';
import type { Theme } from '../../../map/colours';
import { font } from '../../../map/look';
import { type Case, overdue } from '../happening';

interface Colours {
  calm: string;
  late: string;
  rim: string;
  onLate: string;
  /** Of a crowd: its ground and its number. */
  crowd: string;
  onCrowd: string;
}

export const caseColours: Record<Theme, Colours> = {
  dark: {
    calm: '#7FB3FF',
    late: '#FF2E63',
    rim: '#0B1220',
    onLate: '#FFFFFF',
    crowd: '#14233F',
    onCrowd: '#DCE9FF',
  },
  light: {
    calm: '#1C5FC4',
    late: '#D1003F',
    rim: '#FFFFFF',
    onLate: '#FFFFFF',
    crowd: '#FFFFFF',
    onCrowd: '#14315F',
  },
  print: {
    calm: '#1C5FC4',
    late: '#B3003A',
    rim: '#FFFFFF',
    onLate: '#FFFFFF',
    crowd: '#FFFFFF',
    onCrowd: '#14315F',
  },
};

export interface CaseProperties {
  id: number;
  type: string;
  severity: number;
  late: 0 | 1;
}

export type CaseData = FeatureCollection<Point, CaseProperties>;

export function caseFeature(c: Case, now: number): CaseData['features'][number] {
  return {
    type: 'Feature',
    id: c.id,
    geometry: { type: 'Point', coordinates: [c.lon, c.lat] },
    properties: { id: c.id, type: c.type, severity: c.severity, late: overdue(c, now) ? 1 : 0 },
  };
}

/** Points closer than this many pixels are drawn as one, at every zoom: at the last one they are taken apart by hand. */
const together = 54;

export function caseSources(
  data: CaseData,
  apart: FeatureCollection,
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
  };
}

export function caseLayers(theme: Theme): { quiet: LayerSpecification[]; loud: LayerSpecification[] } {
  const c = caseColours[theme];
  const late: CircleLayerSpecification['paint'] = {
    'circle-color': ['case', ['>', ['get', 'late'], 0], c.late, c.calm],
    'circle-stroke-color': ['case', ['>', ['get', 'late'], 0], c.onLate, c.rim],
    'circle-stroke-width': ['case', ['>', ['get', 'late'], 0], 2, 1.2],
  };
  const size = ['match', ['get', 'severity'], 1, 9, 2, 7, 3, 5.5, 4.5] as unknown as number;
  const text = { 'text-font': font, 'text-allow-overlap': true, 'text-ignore-placement': true };
  const quiet: LayerSpecification[] = [
    {
      id: 'apart-leg',
      type: 'line',
      source: 'apart',
      filter: ['==', ['geometry-type'], 'LineString'],
      paint: { 'line-color': c.calm, 'line-width': 1.2 },
    },
    {
      id: 'case',
      type: 'circle',
      source: 'cases',
      filter: ['!', ['has', 'point_count']],
      layout: { 'circle-sort-key': ['+', ['*', 10, ['get', 'late']], ['-', 5, ['get', 'severity']]] },
      paint: {
        ...late,
        'circle-radius': size,
      },
    },
    {
      id: 'case-crowd',
      type: 'circle',
      source: 'cases',
      filter: ['has', 'point_count'],
      layout: { 'circle-sort-key': ['get', 'point_count'] },
      paint: {
        'circle-color': c.crowd,
        'circle-stroke-color': c.calm,
        'circle-stroke-width': 1.2,
        'circle-radius': ['step', ['get', 'point_count'], 10, 10, 12, 50, 15, 200, 19],
        'circle-opacity': 0.82,
      },
    },
    {
      id: 'case-mark',
      type: 'symbol',
      source: 'cases',
      filter: ['all', ['!', ['has', 'point_count']], ['>', ['get', 'late'], 0]],
      layout: { ...text, 'text-field': '!', 'text-size': 12 },
      paint: { 'text-color': c.onLate },
    },
    {
      id: 'apart-case',
      type: 'circle',
      source: 'apart',
      filter: ['==', ['geometry-type'], 'Point'],
      paint: { ...late, 'circle-radius': size },
    },
  ];
  const loud: LayerSpecification[] = [
    {
      id: 'case-count',
      type: 'symbol',
      source: 'cases',
      filter: ['has', 'point_count'],
      // Above the names, so that it is placed before them and they make room for the crowd's circle.
      layout: {
        ...text,
        'text-ignore-placement': false,
        'text-padding': 7,
        'text-field': ['to-string', ['get', 'point_count_abbreviated']],
        'text-size': 11,
      },
      paint: { 'text-color': c.onCrowd },
    },
    {
      id: 'case-crowd-late',
      type: 'circle',
      source: 'cases',
      filter: ['all', ['has', 'point_count'], ['>', ['get', 'late'], 0]],
      paint: {
        'circle-color': c.late,
        'circle-stroke-color': c.onLate,
        'circle-stroke-width': 1.2,
        'circle-radius': 7.5,
        'circle-translate': [12, -10],
      },
    },
    {
      id: 'case-late-count',
      type: 'symbol',
      source: 'cases',
      filter: ['all', ['has', 'point_count'], ['>', ['get', 'late'], 0]],
      layout: { ...text, 'text-field': ['to-string', ['get', 'late']], 'text-size': 10 },
      paint: { 'text-color': c.onLate, 'text-translate': [12, -10] },
    },
  ];
  return { quiet, loud };
}
