// The ground: land, water, parks, roads. Roads have a casing, all casings below all roads, so that crossings are open.
import { coloursOf, font, ink, type Layer, type Look } from './look';
import { type Part, schemas } from './schemas';

type RoadClass = 'minor' | 'middle' | 'major';

/** Width in pixels at zoom 14; a road first shows at `from`. */
const roadWidths: Record<RoadClass, { at14: number; from: number }> = {
  minor: { at14: 0.9, from: 12.5 },
  middle: { at14: 2.2, from: 9 },
  major: { at14: 3.2, from: 6 },
};

export function ground(look: Look): Layer[] {
  const c = coloursOf(look);
  const g = schemas[look.ground];
  const of = (part: Part) => ({
    source: g.source,
    'source-layer': part.layer,
    ...(part.filter ? { filter: part.filter } : {}),
  });
  const fill = (id: string, part: Part, colour: string): Layer => ({
    id,
    type: 'fill',
    ...of(part),
    paint: { 'fill-color': colour },
  });
  const line = (id: string, kind: RoadClass, colour: string, extra: number): Layer => {
    const { at14, from } = roadWidths[kind];
    return {
      id,
      type: 'line',
      ...of(g.roads[kind]),
      minzoom: from,
      layout: { 'line-cap': extra ? 'butt' : 'round', 'line-join': 'round' },
      paint: {
        'line-color': colour,
        'line-width': [
          'interpolate',
          ['exponential', 1.6],
          ['zoom'],
          10,
          at14 * 0.25 + extra / 2,
          14,
          at14 + extra,
          18,
          at14 * 7 + extra * 1.5,
        ],
      },
    };
  };
  const kinds: RoadClass[] = ['minor', 'middle', 'major'];
  return [
    ...(g.land ? [fill('land', g.land, c.land)] : []),
    ...(g.block ? [fill('block', g.block, c.block)] : []),
    ...g.park.map((part, i) => fill(i ? `park-${i}` : 'park', part, c.park)),
    fill('water', g.water, c.water),
    {
      id: 'rail',
      type: 'line',
      ...of(g.rail),
      minzoom: 11,
      paint: {
        'line-color': c.rail,
        'line-width': ['interpolate', ['linear'], ['zoom'], 11, 0.5, 16, 1.6],
        'line-dasharray': [4, 2],
      },
    },
    ...kinds.map((k) => line(`road-${k}-casing`, k, c.road.casing, 1.2)),
    ...kinds.map((k) => line(`road-${k}`, k, c.road[k], 0)),
  ];
}

/** Names of roads along them, and of places around the district. */
export function groundNames(look: Look): Layer[] {
  const c = coloursOf(look);
  const g = schemas[look.ground];
  const layers: Layer[] = [
    {
      id: 'name-road',
      type: 'symbol',
      source: g.source,
      'source-layer': g.named.layer,
      ...(g.named.filter ? { filter: g.named.filter } : {}),
      minzoom: 15,
      layout: {
        'symbol-placement': 'line',
        'symbol-spacing': 420,
        'text-field': g.name(look.lang),
        'text-font': font,
        'text-size': ['interpolate', ['linear'], ['zoom'], 15, 9.5, 18, 12],
        'text-max-angle': 30,
        'text-padding': 12,
      },
      paint: ink(c, 'quiet'),
    },
  ];
  if (g.places) {
    layers.push({
      id: 'name-place',
      type: 'symbol',
      source: g.source,
      'source-layer': g.places.layer,
      ...(g.places.filter ? { filter: g.places.filter } : {}),
      maxzoom: 12,
      layout: { 'text-field': g.name(look.lang), 'text-font': font, 'text-size': 11, 'text-max-width': 8 },
      paint: ink(c, 'quiet'),
    });
  }
  return layers;
}
