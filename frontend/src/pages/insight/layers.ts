// The heatmap's own layers over the ground, and under borders and names.
import type { StyleSpecification } from 'maplibre-gl';
import { grades, type Palette, type Theme } from '../../map/colours';
import type { FontSlice } from '../../map/fonts';
import type { Expression, Layer } from '../../map/look';
import { buildStyle } from '../../map/style';

export interface Paint {
  lang: 'zh' | 'en';
  theme: Theme;
  palette: Palette;
  fonts: FontSlice[];
}

/** What a cell stands for: -3 suppressed, -2 nothing, -1 zero, 0 a colour of the legend, which is a state as well. */
const kind: Expression = ['coalesce', ['feature-state', 'k'], -2];

const strong: Expression = ['boolean', ['feature-state', 'on'], false];

function cellLayers(p: Paint): Layer[] {
  const ink = p.theme === 'dark' ? '#FFFFFF' : '#0B1220';
  const hatch = p.theme === 'dark' ? 'hatch-dark' : 'hatch-light';
  return [
    {
      id: 'cell',
      type: 'fill',
      source: 'cells',
      paint: {
        'fill-color': [
          'to-color',
          ['coalesce', ['feature-state', 'colour'], p.theme === 'dark' ? '#1B2A45' : '#EEF2F7'],
        ],
        'fill-opacity': ['match', kind, 0, 0.82, -1, 0.35, 0],
        'fill-antialias': true,
      },
    },
    {
      id: 'cell-hidden',
      type: 'fill',
      source: 'cells',
      paint: { 'fill-pattern': hatch, 'fill-opacity': ['match', kind, -3, 0.75, 0] },
    },
    {
      id: 'density',
      type: 'fill',
      source: 'density',
      paint: {
        'fill-color': ['to-color', ['get', 'colour']],
        // The outermost steps back, or its edge would look like a border.
        'fill-opacity': ['case', ['get', 'outermost'], 0.5, 0.8],
        'fill-antialias': false,
      },
    },
    {
      id: 'cell-line',
      type: 'line',
      source: 'cells',
      paint: {
        'line-color': p.theme === 'dark' ? '#0B1220' : '#FFFFFF',
        'line-width': 0.6,
        'line-opacity': 0.55,
      },
    },
    {
      id: 'cell-spot',
      type: 'line',
      source: 'cells',
      filter: ['in', ['get', 'spot'], ['literal', ['hot', 'cold']]],
      paint: {
        'line-color': [
          'match',
          ['get', 'spot'],
          'hot',
          p.theme === 'dark' ? '#FF7A66' : '#B3122D',
          '#58A6FF',
        ],
        'line-width': 1.8,
      },
    },
    {
      id: 'cell-on',
      type: 'line',
      source: 'cells',
      paint: { 'line-color': ink, 'line-width': 2.6, 'line-opacity': ['case', strong, 1, 0] },
    },
  ];
}

const nothing: GeoJSON.FeatureCollection = { type: 'FeatureCollection', features: [] };

/** The ground, borders and names of every map, with the heatmap between them and without the houses. */
export function heatStyle(p: Paint): StyleSpecification {
  const style = buildStyle({
    lang: p.lang,
    theme: p.theme,
    palette: p.palette,
    hidden: new Set(grades),
    origin: location.origin,
    fonts: p.fonts,
    ground: 'own',
    reader: 'page',
    letters: { green: '', yellow: '', orange: '', red: '', grey: '' },
  });
  const kept = style.layers.filter(
    (l) => !(('source' in l && l.source === 'buildings') || l.id.startsWith('risk-')),
  );
  const first = kept.findIndex((l) => l.id.startsWith('border-'));
  const { buildings: _, ...sources } = style.sources;
  return {
    ...style,
    sources: {
      ...sources,
      cells: { type: 'geojson', data: nothing, tolerance: 0.2 },
      density: { type: 'geojson', data: nothing, tolerance: 0.2 },
    },
    layers: [...kept.slice(0, first), ...cellLayers(p), ...kept.slice(first)],
  } as StyleSpecification;
}

/** Stripes for what is suppressed, drawn once for each ground. */
export function hatch(colour: [number, number, number]): { width: number; height: number; data: Uint8Array } {
  const size = 8;
  const data = new Uint8Array(size * size * 4);
  for (let y = 0; y < size; y++) {
    for (let x = 0; x < size; x++) {
      if ((x + y) % size < 2) data.set([...colour, 190], (y * size + x) * 4);
    }
  }
  return { width: size, height: size, data };
}
