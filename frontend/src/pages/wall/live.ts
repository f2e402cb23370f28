// Ties the wall to the stream: one subscription for the open incidents, which come with their present state, and one for
// what changes on the map, whose present state is in tiles and REST.
import { signal } from '@preact/signals';
import { api } from '../../api/client';
import { closeCodes, type Data, type Item } from '../../live/protocol';
import { type Status, Stream, streamUrl } from '../../live/stream';
import { whoAmI } from '../../shell/App';
import { account } from '../../shell/session';
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

export const connection = signal<Status>({ state: 'offline', since: null });

/** How many things that happened are asked for when the page begins. */
const first = 60;

export function goLive(area: string): Live {
  const store = new Store();
  const tileListeners = new Set<(changed: TilesChanged[]) => void>();
  const tell = (changed: TilesChanged[]) => {
    for (const l of tileListeners) l(changed);
  };
  const stream = new Stream({ url: streamUrl(), refused: () => void whoAmI() });
  // The account's area is another one now: the page finds out, and says that this one is not to be seen.
  const refused = () => void whoAmI();
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
    {
      refused,
      items(items) {
        store.take(items);
        const changed = items.flatMap(tilesOf);
        if (changed.length > 0) tell(changed);
      },
      resync() {
        store.forgetGrades(null);
        store.missed();
        tell([null]);
        void backfill(area, store);
      },
    },
  );
  const stopStatus = stream.status.subscribe((s) => {
    if (s.state === 'live' && connection.peek().state !== 'live') store.missed();
    connection.value = s;
    // The session ended: the sign-in page comes up, and this address is what it leads back to.
    if (s.state === 'ended' && closeCodes[s.code as 4500] === 'unauthenticated') account.value = null;
  });
  stream.start();
  void backfill(area, store);
  return {
    store,
    status: stream.status,
    onTiles(listener) {
      tileListeners.add(listener);
      return () => tileListeners.delete(listener);
    },
    stop() {
      stopStatus();
      stream.stop();
    },
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
