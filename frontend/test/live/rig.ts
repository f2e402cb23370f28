// A stream whose server is the test; anew for each test of the file that imports this.
import { afterEach, beforeEach, vi } from 'vitest';
import type { Item } from '../../src/live/protocol';
import { Stream } from '../../src/live/stream';
import type { Listener } from '../../src/live/subscription';
import { at, FakeSocket } from './socket';

export const channel = '440304001/incident';
export let stream: Stream;
export let refused: ReturnType<typeof vi.fn>;

beforeEach(() => {
  vi.useFakeTimers();
  FakeSocket.made = [];
  refused = vi.fn();
  stream = new Stream({
    url: 'ws://x/stream',
    refused: refused as () => void,
    backoff: { next: () => 1000, reset: () => {} },
    socket: (url) => new FakeSocket(url) as unknown as WebSocket,
  });
});
afterEach(() => {
  stream.stop();
  vi.useRealTimers();
});

/** What a listener heard, as lines. */
export function ear(): Listener & { heard: string[] } {
  const heard: string[] = [];
  const ids = (items: Item[]) => items.map((i) => i.id).join(',');
  return {
    heard,
    items: (items, to) => heard.push(`items ${ids(items)} to ${Number.parseInt(to.split('.')[1] ?? '', 16)}`),
    snapshot: (items, reset) => heard.push(`snapshot ${ids(items)}${reset ? ' reset' : ''}`),
    resync: (why) => heard.push(`resync ${why}`),
    refused: (code) => heard.push(`refused ${code}`),
    left: (items) => heard.push(`left ${items.map((i) => i.id).join(',')}`),
  };
}

/** The server takes the first subscription, which stands at position 10. */
export function acknowledge() {
  FakeSocket.last.say({
    type: 'subscribed',
    id: '1',
    channel,
    position: at(10),
    until: at(10),
    resumed: false,
  });
}

/** A live stream whose only subscription stands at position 10. */
export function live(listener: Listener = ear(), wanted: { snapshot?: boolean } = {}) {
  const handle = stream.subscribe({ topics: ['incident'], area: '440304001', ...wanted }, listener);
  stream.start();
  FakeSocket.last.open();
  acknowledge();
  if (wanted.snapshot !== false) {
    FakeSocket.last.say({ type: 'snapshot', channel, position: at(10), reset: true, more: false, items: [] });
  }
  FakeSocket.last.pong();
  return handle;
}

export function batch(from: number, to: number, ...items: Item[]) {
  FakeSocket.last.say({ type: 'batch', channel, from: at(from), to: at(to), items });
}
