// The map's style, as a function of what the page shows. Zoom decides what speaks: areas by the share of risky houses
// below 14, houses in their grades from there on, letters and names from 16.
import type {
  ExpressionSpecification,
  LayerSpecification,
  StyleSpecification,
  VectorSourceSpecification,
} from 'maplibre-gl';
import { type Base, base, type Grade, gradeColour, grades, presence, riskSteps } from './colours';
import { type FontSlice, fontName } from './fonts';

export interface Look {
  lang: 'zh' | 'en';
  theme: 'dark' | 'light';
  palette: 1 | 2;
  hidden: ReadonlySet<Grade>;
  origin: string;
  fonts: FontSlice[];
  letters: Record<Grade, string>;
}

/** From this zoom on houses are drawn, and areas are only outlined. */
export const houseZoom = 14;

export function buildStyle(look: Look): StyleSpecification {
  const c = base[look.theme];
  return {
    version: 8,
    name: 'gridweave',
    'font-faces': { [fontName]: look.fonts },
    sources: {
      base: source(look.origin, 'base', 0),
      areas: source(look.origin, 'areas', 0),
      buildings: source(look.origin, 'buildings', 8),
    },
    layers: [
      { id: 'background', type: 'background', paint: { 'background-color': c.background } },
      ...ground(c),
      ...choropleth(c),
      ...houses(look, c),
      ...borders(c),
      ...names(look, c),
    ],
  } as StyleSpecification;
}

function source(origin: string, set: string, minzoom: number): VectorSourceSpecification {
  return { type: 'vector', tiles: [`${origin}/tiles/${set}/{z}/{x}/{y}`], minzoom, maxzoom: 18 };
}

function ground(c: Base): LayerSpecification[] {
  const fill = (id: string, colour: string): LayerSpecification => ({
    id,
    type: 'fill',
    source: 'base',
    'source-layer': id,
    paint: { 'fill-color': colour },
  });
  const road = (id: string, classes: string[], colour: string, wide: number): LayerSpecification => ({
    id,
    type: 'line',
    source: 'base',
    'source-layer': 'road',
    filter: ['in', ['get', 'class'], ['literal', classes]],
    layout: { 'line-cap': 'round', 'line-join': 'round' },
    paint: {
      'line-color': colour,
      'line-width': ['interpolate', ['exponential', 1.6], ['zoom'], 10, wide * 0.25, 14, wide, 18, wide * 7],
    },
  });
  return [
    fill('land', c.land),
    fill('block', c.block),
    fill('park', c.park),
    fill('water', c.water),
    road('road-minor', ['collector', 'lane', 'alley', 'path'], c.roadMinor, 0.9),
    road('road-middle', ['arterial'], c.roadMiddle, 2.2),
    road('road-major', ['expressway'], c.roadMajor, 3.2),
  ];
}

/** Areas coloured by the share of orange and red houses, which the page puts on as feature-state `risk`. */
function choropleth(c: Base): LayerSpecification[] {
  const risk: ExpressionSpecification = ['coalesce', ['feature-state', 'risk'], -1];
  const shade = (id: string, level: string, from: number, to: number): LayerSpecification => ({
    id,
    type: 'fill',
    source: 'areas',
    'source-layer': 'area',
    minzoom: from,
    maxzoom: to,
    filter: ['==', ['get', 'level'], level],
    paint: {
      'fill-color': [
        'step',
        risk,
        c.risk[0],
        riskSteps[0],
        c.risk[1],
        riskSteps[1],
        c.risk[2],
        riskSteps[2],
        c.risk[3],
      ],
      'fill-opacity': ['case', ['<', risk, 0], 0, 0.62],
    },
  });
  return [
    shade('risk-street', 'street', 0, 11.5),
    shade('risk-community', 'community', 11.5, 13),
    shade('risk-grid', 'grid', 13, houseZoom),
  ];
}

/** The number of a grade in tiles. */
const numberOf = (g: Grade) => grades.indexOf(g) + 1;

function byGrade<T>(value: (g: Grade) => T, otherwise: T): ExpressionSpecification {
  return [
    'match',
    ['coalesce', ['get', 'g'], 0],
    ...grades.flatMap((g) => [numberOf(g), value(g)]),
    otherwise,
  ] as unknown as ExpressionSpecification;
}

function houses(look: Look, c: Base): LayerSpecification[] {
  const shows = (g: Grade, opacity: number) => (look.hidden.has(g) ? 0 : opacity);
  const only = (g: Grade): ExpressionSpecification => ['==', ['get', 'g'], numberOf(g)];
  const layer = { source: 'buildings', 'source-layer': 'building', minzoom: houseZoom } as const;
  return [
    {
      id: 'house',
      type: 'fill',
      ...layer,
      paint: {
        'fill-color': byGrade((g) => gradeColour(g, look.theme, look.palette), c.unlet),
        'fill-opacity': [
          'interpolate',
          ['linear'],
          ['zoom'],
          14,
          byGrade((g) => shows(g, presence[g]), 0.7),
          17,
          byGrade((g) => shows(g, Math.min(1, presence[g] + 0.25)), 0.8),
        ],
      },
    },
    {
      id: 'house-hatch',
      type: 'fill',
      ...layer,
      filter: only('orange'),
      paint: { 'fill-pattern': 'hatch', 'fill-opacity': shows('orange', 0.6) },
    },
    {
      id: 'house-dots',
      type: 'fill',
      ...layer,
      filter: only('grey'),
      paint: { 'fill-pattern': 'dots', 'fill-opacity': shows('grey', 0.7) },
    },
    {
      id: 'house-red',
      type: 'line',
      ...layer,
      filter: only('red'),
      paint: {
        'line-color': look.theme === 'dark' ? '#FFFFFF' : '#3A0008',
        'line-width': ['interpolate', ['linear'], ['zoom'], 14, 0.6, 18, 2],
        'line-opacity': shows('red', 0.9),
      },
    },
    {
      id: 'house-selected',
      type: 'line',
      ...layer,
      paint: {
        'line-color': look.theme === 'dark' ? '#FFFFFF' : '#0B1220',
        'line-width': 3,
        'line-opacity': ['case', ['boolean', ['feature-state', 'selected'], false], 1, 0],
      },
    },
  ];
}

function borders(c: Base): LayerSpecification[] {
  const line = (level: 'grid' | 'community' | 'street', min: number, width: number): LayerSpecification => ({
    id: `border-${level}`,
    type: 'line',
    source: 'areas',
    'source-layer': 'area_line',
    minzoom: min,
    filter:
      level === 'street'
        ? ['in', ['get', 'level'], ['literal', ['street', 'district', 'city']]]
        : ['==', ['get', 'level'], level],
    layout: { 'line-join': 'round' },
    paint: {
      'line-color': c.borders[level],
      'line-width': ['interpolate', ['linear'], ['zoom'], 10, width * 0.6, 16, width * 1.6],
      'line-opacity': level === 'grid' ? 0.5 : 0.75,
      ...(level === 'grid' ? { 'line-dasharray': [3, 2] } : {}),
    },
  });
  return [line('grid', 13, 0.8), line('community', 11, 1.1), line('street', 8, 1.7)];
}

function names(look: Look, c: Base): LayerSpecification[] {
  const name: ExpressionSpecification =
    look.lang === 'zh'
      ? ['coalesce', ['get', 'name_zh'], ['get', 'name_en'], '']
      : ['coalesce', ['get', 'name_en'], ['get', 'name_zh'], ''];
  const second: ExpressionSpecification =
    look.lang === 'zh' ? ['coalesce', ['get', 'name_en'], ''] : ['coalesce', ['get', 'name_zh'], ''];
  const paint = { 'text-color': c.label, 'text-halo-color': c.halo, 'text-halo-width': 1.4 };
  const area = (
    level: string,
    from: number,
    to: number,
    size: number,
    both: boolean,
  ): LayerSpecification => ({
    id: `name-${level}`,
    type: 'symbol',
    source: 'areas',
    'source-layer': 'area_label',
    minzoom: from,
    maxzoom: to,
    filter: ['==', ['get', 'level'], level],
    layout: {
      'text-field': both ? ['format', name, {}, '\n', {}, second, { 'font-scale': 0.72 }] : name,
      'text-font': [fontName],
      'text-size': size,
      'text-max-width': 9,
      'text-padding': 6,
    },
    paint,
  });
  return [
    {
      id: 'letter',
      type: 'symbol',
      source: 'buildings',
      'source-layer': 'building_label',
      minzoom: 16,
      filter: ['has', 'g'],
      layout: {
        'text-field': byGrade((g) => look.letters[g], ''),
        'text-font': [fontName],
        'text-size': ['interpolate', ['linear'], ['zoom'], 16, 9, 18, 13],
        'text-offset': [0, -0.1],
        'text-padding': 0,
        'text-allow-overlap': true,
      },
      paint: { ...paint, 'text-opacity': byGrade((g) => (look.hidden.has(g) ? 0 : 1), 0) },
    },
    {
      id: 'house-name',
      type: 'symbol',
      source: 'buildings',
      'source-layer': 'building_label',
      minzoom: 16.5,
      layout: {
        'text-field': name,
        'text-font': [fontName],
        'text-size': 10.5,
        'text-offset': [0, 1],
        'text-max-width': 8,
        'text-padding': 8,
      },
      paint,
    },
    area('grid', 14.5, 17, 10, false),
    area('community', 12.2, 15.5, 12.5, false),
    area('street', 9.5, 13.2, 15, true),
    area('district', 6, 9.5, 15, true),
  ];
}
