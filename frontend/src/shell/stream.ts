// A page's connection to the stream, and what it means for the session.
import { signal } from '@preact/signals';
import { closeCodes } from '../live/protocol';
import { type Status, Stream, streamUrl } from '../live/stream';
import type { Connection } from '../ui/StatusPill';
import { whoAmI } from './App';
import { account } from './session';

/** How the page that is open is connected. */
export const connection = signal<Status>({ state: 'offline', since: null });

/** What the pill says of it; the sign-in page comes up over a connection that has ended. */
export function pillOf(): Connection {
  const s = connection.value;
  return s.state === 'ended' ? { state: 'offline', since: null } : s;
}

/** The account's area is another one now: the page finds out, and says that this one is not to be seen. */
export const refused = () => void whoAmI();

/**
 * Connects with the subscriptions that `subscribe` makes. `begun` is called whenever everything has arrived that came
 * before: from then on all is told.
 */
export function connect(
  subscribe: (stream: Stream) => void,
  begun: () => void,
): Pick<Stream, 'status' | 'stop'> {
  const stream = new Stream({ url: streamUrl(), refused });
  subscribe(stream);
  const stopStatus = stream.status.subscribe((s) => {
    if (s.state === 'live' && connection.peek().state !== 'live') begun();
    connection.value = s;
    // The session ended: the sign-in page comes up, and this address is what it leads back to.
    if (s.state === 'ended' && closeCodes[s.code as 4500] === 'unauthenticated') account.value = null;
  });
  stream.start();
  return {
    status: stream.status,
    stop() {
      stopStatus();
      stream.stop();
      connection.value = { state: 'offline', since: null };
    },
  };
}
