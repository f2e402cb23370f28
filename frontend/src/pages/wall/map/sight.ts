// A card lies over the map; what it is of must not lie under it. On a phone nothing is to be done here: there the whole
// map moves up from under the sheet (sizes.css).
import type { Map as GlMap } from 'maplibre-gl';
import { narrow } from '../narrow';

/** A card with the gaps on its both sides, in rem (.detail in cards.css). */
const cardWidth = 24 + 2 * 0.75;
/** What must be left of the map beside a card, in CSS pixels; a narrower map is covered either way. */
const least = 180;
/** How far from the card's edge and the map's a place is in plain sight, in CSS pixels. */
const clear = 36;

/** How wide the part of the map is that a card will lie over, in CSS pixels. */
function covered(map: GlMap): number {
  if (narrow.value) return 0;
  const width = cardWidth * Number.parseFloat(getComputedStyle(document.documentElement).fontSize);
  return map.getContainer().clientWidth - width < least ? 0 : width;
}

/** What a box must keep from the map's edges, in CSS pixels, to be seen whole beside a card. */
export function aroundCard(map: GlMap, margin: number) {
  return { top: margin, bottom: margin, left: margin, right: margin + covered(map) };
}

/** Where a flight ends, from the middle of the map in CSS pixels: in the middle of what a card leaves free. */
export function besideCard(map: GlMap): [number, number] {
  return [-covered(map) / 2, 0];
}

/** West, south, east, north. */
export type Box = readonly [number, number, number, number];

/** The box around a geometry. */
export function boxOf(g: { coordinates?: unknown }): Box {
  const box: [number, number, number, number] = [180, 90, -180, -90];
  const walk = (c: unknown) => {
    if (!Array.isArray(c)) return;
    const [x, y] = c;
    if (typeof x !== 'number' || typeof y !== 'number') return c.forEach(walk);
    box[0] = Math.min(box[0], x);
    box[1] = Math.min(box[1], y);
    box[2] = Math.max(box[2], x);
    box[3] = Math.max(box[3], y);
  };
  walk(g.coordinates);
  return box;
}

/**
 * Moves the map sideways, just so far that a box is clear of the card; not at all where it is, or is not in sight. What
 * is wider than the free part comes into its middle. Waits for a flight that is under way; returns what stops that.
 */
export function uncover(map: GlMap, box: Box): () => void {
  const clearIt = () => moveClear(map, box);
  if (!map.isMoving()) clearIt();
  else map.once('moveend', clearIt);
  return () => map.off('moveend', clearIt);
}

function moveClear(map: GlMap, [west, south, east, north]: Box) {
  const card = covered(map);
  if (card === 0) return;
  const { clientWidth: width, clientHeight: height } = map.getContainer();
  const { x: left, y: top } = map.project([west, north]);
  const { x: right, y: bottom } = map.project([east, south]);
  const inSight = right > 0 && left < width && bottom > 0 && top < height;
  const free = width - card;
  if (!inSight || right + clear <= free) return;
  const by = right - left + 2 * clear > free ? (left + right - free) / 2 : right + clear - free;
  map.panBy([by, 0]);
}
