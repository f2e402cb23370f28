// Areas: coloured by the share of risky houses, their borders, their names.
import { type Base, riskSteps } from './colours';
import { coloursOf, type Expression, font, houseZoom, ink, type Layer, type Look, nameIn } from './look';

/** The colour of a share of orange and red among rental houses. */
export function riskColour(c: Base, share: Expression): Expression {
  const [first, second, third] = riskSteps;
  return ['step', share, c.risk[0], first, c.risk[1], second, c.risk[2], third, c.risk[3]];
}

/** Areas coloured by the share of orange and red houses, which a page puts on as feature-state `risk`. */
export function choropleth(look: Look): Layer[] {
  const risk: Expression = ['coalesce', ['feature-state', 'risk'], -1];
  const shade = (id: string, level: string, from: number, to: number): Layer => ({
    id,
    type: 'fill',
    source: 'areas',
    'source-layer': 'area',
    minzoom: from,
    maxzoom: to,
    filter: ['==', ['get', 'level'], level],
    paint: {
      'fill-color': riskColour(coloursOf(look), risk),
      'fill-opacity': ['case', ['<', risk, 0], 0, 0.62],
    },
  });
  return [
    shade('risk-street', 'street', 0, 11.5),
    shade('risk-community', 'community', 11.5, 13),
    shade('risk-grid', 'grid', 13, houseZoom),
  ];
}

export function borders(look: Look): Layer[] {
  const c = coloursOf(look);
  const line = (level: 'grid' | 'community' | 'street', min: number, width: number): Layer => ({
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

/** Where a name may stand: on its place, else beside it, else a little further off; in letters' heights. */
const around = [
  'center',
  [0, 0],
  ...[0.8, 1.4, 2.2].flatMap((far) => [
    ...['bottom', [0, -far], 'top', [0, far], 'left', [far, 0], 'right', [-far, 0]],
    ...[
      'bottom-left',
      [far, -far],
      'bottom-right',
      [-far, -far],
      'top-left',
      [far, far],
      'top-right',
      [-far, far],
    ],
  ]),
] as (string | [number, number])[];

export function areaNames(look: Look): Layer[] {
  const name = nameIn(look.lang);
  const second: Expression = ['coalesce', ['get', look.lang === 'zh' ? 'name_en' : 'name_zh'], ''];
  // The second language where there is room for it.
  const twoLines: Expression = [
    'step',
    ['zoom'],
    name,
    11.7,
    ['format', name, {}, '\n', {}, second, { 'font-scale': 0.72 }],
  ];
  const label = (level: string, from: number, to: number, size: number, both: boolean): Layer => ({
    id: `name-${level}`,
    type: 'symbol',
    source: 'areas',
    'source-layer': 'area_label',
    minzoom: from,
    maxzoom: to,
    filter: ['==', ['get', 'level'], level],
    layout: {
      'text-field': both ? twoLines : name,
      'text-font': font,
      'text-size': size,
      'text-max-width': 9,
      'text-padding': 2,
      // Beside what stands in its middle, a crowd of incidents for instance, rather than not at all.
      'text-variable-anchor-offset': around,
      // A district's streets are always named; a whole city has too many of them until it is looked at closer.
      'text-allow-overlap': level === 'street' ? ['step', ['zoom'], false, 11, true] : false,
      'text-justify': 'auto',
    },
    paint: ink(coloursOf(look), level === 'grid' ? 'quiet' : 'strong'),
  });
  return [
    label('grid', 14.8, 17, 9.5, false),
    label('community', 12.2, 15.5, 12.5, false),
    label('street', 9.5, 13.2, 15, true),
    label('district', 6, 9.5, 15, true),
  ];
}
