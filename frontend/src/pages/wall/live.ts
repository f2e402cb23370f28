// Ties the wall to the stream: one subscription for the open incidents, which come with their present state, and one for
// what changes on the map, whose present state is in tiles and REST.
import { api } from '../../api/client';
import type { Data, Item } from '../../live/protocol';
import type { Stream } from '../../live/stream';
import { connect, refused } from '../../shell/stream';
import { fromHistory } from './happening';
import { Store } from './store';

/** What tiles changed; with null everything may have. */
export type TilesChanged = { change: Data<'tiles'>; at: string } | null;

export interface Live {
  store: Store;
  status: Stream['status'];
  /** Called whenever tiles are to be fetched again. */
  onTiles(listener: (changed: TilesChanged[]) => void): () => void;
  stop(): void;
}

/** How many things that happened are asked for when the page begins. */
const first = 60;

export function goLive(area: string): Live {
  const store = new Store();
  const tileListeners = new Set<(changed: TilesChanged[]) => void>();
  const tell = (changed: TilesChanged[]) => {
    for (const l of tileListeners) l(changed);
  };
  const items = (items: Item[]) => {
    store.take(items);
    const changed = items.flatMap(tilesOf);
    if (changed.length > 0) tell(changed);
  };
  const resync = () => {
    store.forgetGrades(null);
    store.missed();
    tell([null]);
    void backfill(area, store);
  };
  const connected = connect(
    (stream) => {
      stream.subscribe(
        { topics: ['incident'], area },
        {
          items: (items) => store.take(items),
          snapshot: (items, reset) => store.snapshot(items, reset),
          resync: () => store.missed(),
          refused,
        },
      );
      stream.subscribe(
        { topics: ['declaration', 'grade', 'area', 'tiles'], area, snapshot: false },
        { items, resync, refused },
      );
    },
    () => store.missed(),
  );
  void backfill(area, store);
  return {
    store,
    status: connected.status,
    onTiles(listener) {
      tileListeners.add(listener);
      return () => tileListeners.delete(listener);
    },
    stop: connected.stop,
  };
}

function tilesOf(i: Item): TilesChanged[] {
  return i.topic === 'tiles' && 'data' in i ? [{ change: i.data, at: i.at }] : [];
}

async function backfill(area: string, store: Store) {
  try {
    const { data } = await api.GET('/api/v1/areas/{code}/history', {
      params: { path: { code: area }, query: { order: 'newest', limit: first } },
    });
    store.backfill((data?.items ?? []).map(fromHistory));
  } catch {
    // The client has noted that the server cannot be reached; the stream tells what happens from now on.
  }
}
