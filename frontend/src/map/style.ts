// The map's style, as a function of what it is for. The page builds it in the browser as its state changes; the server's
// documents at /styles are made of the same function when the program is built (documents.ts). Zoom decides what speaks:
// areas below 14, houses in their grades from there on, letters and names from 16.
import type { SourceSpecification, StyleSpecification } from 'maplibre-gl';
import { areaNames, borders, choropleth } from './areas';
import { fontName } from './fonts';
import { ground, groundNames } from './ground';
import { counts, houseNames, houses } from './houses';
import { incidents } from './incidents';
import { coloursOf, type Layer, type Look } from './look';
import { spritePath } from './sprite';

export { houseZoom, type Look } from './look';

export function buildStyle(look: Look): StyleSpecification {
  return {
    version: 8,
    name: `Gridweave ${look.theme}`,
    sprite: `${look.origin}${spritePath(look.theme, look.palette)}`,
    'font-faces': { [fontName]: look.fonts },
    sources: sources(look),
    layers: layers(look),
  } as StyleSpecification;
}

function sources(look: Look): Record<string, SourceSpecification> {
  // Inline for the page: TileJSON tells bounds, and a page that stays open must see what is added outside of them.
  const ours = (set: string, minzoom: number): SourceSpecification =>
    look.reader === 'page'
      ? { type: 'vector', tiles: [`${look.origin}/tiles/${set}/{z}/{x}/{y}`], minzoom, maxzoom: 18 }
      : described(set);
  const described = (set: string): SourceSpecification => ({
    type: 'vector',
    url: `${look.origin}/tiles/${set}.json`,
  });
  return {
    ...(look.ground === 'own' ? { base: ours('base', 0) } : { basemap: described('basemap') }),
    areas: ours('areas', 0),
    buildings: ours('buildings', 8),
    // Our page draws incidents as the stream tells them.
    ...(look.reader === 'program' ? { incidents: described('incidents') } : {}),
  };
}

function layers(look: Look): Layer[] {
  return [
    { id: 'background', type: 'background', paint: { 'background-color': backdrop(look) } },
    ...ground(look),
    ...(look.reader === 'page' ? choropleth(look) : counts(look)),
    ...houses(look),
    ...borders(look),
    ...(look.reader === 'program' ? incidents(look) : []),
    // The last is placed first: where there is no room for all, the widest area's name stays.
    ...groundNames(look),
    ...houseNames(look),
    ...areaNames(look),
  ];
}

/** Our own ground ends somewhere, and its edge means nothing: what lies beyond looks like it. */
function backdrop(look: Look): string {
  const c = coloursOf(look);
  return look.ground === 'own' ? c.land : c.background;
}
