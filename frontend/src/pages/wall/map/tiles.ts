// How the map gets its tiles. MapLibre hides an answer's headers, so a protocol of our own fetches: it reads which
// position each tile is of, and asks again, to wait for it, where that is older than what the stream has told.
import { addProtocol, type Map as GlMap, type RequestParameters } from 'maplibre-gl';
import { comparePositions } from '../../../live/protocol';
import type { TilesChanged } from '../live';

const scheme = 'gridweave';

/** The newest position that the stream has told of, per tileset. */
const wanted = new Map<string, string>();
/** The oldest position of a tile of buildings that came since this was last cleared. */
let oldest: string | null = null;

/** Sends requests for our tiles through the protocol. */
export function throughProtocol(url: string, type?: string): RequestParameters {
  const prefix = `${location.origin}/`;
  return type === 'Tile' && url.startsWith(`${prefix}tiles/`)
    ? { url: `${scheme}://${url.slice(prefix.length)}` }
    : { url };
}

export function installProtocol() {
  addProtocol(scheme, async (request, abort) => {
    const path = request.url.slice(scheme.length + 3);
    const set = path.split('/')[1] ?? '';
    let answer = await get(path, abort.signal);
    const want = wanted.get(set);
    if (want && older(answer.headers.get('X-Position'), want)) {
      answer = await get(`${path}?at=${encodeURIComponent(want)}`, abort.signal);
    }
    if (!answer.ok) throw new Error(`tile ${path}: ${answer.status}`);
    const position = answer.headers.get('X-Position');
    if (set === 'buildings' && position && (oldest === null || older(position, oldest))) oldest = position;
    return { data: await answer.arrayBuffer() };
  });
}

const get = (path: string, signal: AbortSignal) => fetch(`/${path}`, { signal, credentials: 'same-origin' });

function older(position: string | null, than: string): boolean {
  return position !== null && comparePositions(position, than) === -1;
}

/** How long changes gather before tiles are fetched, and how long it is quiet then, in milliseconds. */
const gather = 1200;

/** Fetches what the topic `tiles` names, as far as it is in view; returns how to tell of changes, and what ends it. */
export function refetch(map: GlMap): { changed: (c: TilesChanged[]) => void; stop: () => void } {
  const pending = new Map<string, Set<string> | null>(); // tiles by set; null for all
  let timer: ReturnType<typeof setTimeout> | undefined;
  const run = () => {
    timer = undefined;
    for (const [set, tiles] of pending) {
      if (!map.getSource(set)) continue;
      if (tiles === null) map.refreshTiles(set);
      else map.refreshTiles(set, [...tiles].map(tileOf));
    }
    pending.clear();
  };
  return {
    changed(changes) {
      for (const c of changes) note(map, pending, c);
      if (pending.size > 0) timer ??= setTimeout(run, gather);
    },
    stop: () => clearTimeout(timer),
  };
}

function note(map: GlMap, pending: Map<string, Set<string> | null>, c: TilesChanged) {
  if (c === null) {
    for (const set of ['areas', 'buildings', 'base']) pending.set(set, null);
    wanted.clear();
    return;
  }
  for (const set of c.change.sets) {
    wanted.set(set, c.at);
    const known = pending.get(set);
    if (known === null) continue;
    if (!c.change.tiles) {
      if (meets(map, c.change.bounds)) pending.set(set, null);
      continue;
    }
    pending.set(set, new Set([...(known ?? []), ...c.change.tiles]));
  }
}

function meets(map: GlMap, [w, s, e, n]: [number, number, number, number]): boolean {
  const b = map.getBounds();
  return w <= b.getEast() && e >= b.getWest() && s <= b.getNorth() && n >= b.getSouth();
}

function tileOf(text: string) {
  const [z = 0, x = 0, y = 0] = text.split('/').map(Number);
  return { z, x, y };
}

/**
 * Fetches every tile of buildings anew and tells, when all are there, the oldest position among them: states that are
 * not newer say nothing that the tiles do not.
 */
export function renewBuildings(map: GlMap, done: (upTo: string) => void) {
  oldest = null;
  map.refreshTiles('buildings');
  map.once('idle', () => {
    if (oldest !== null) done(oldest);
  });
}
