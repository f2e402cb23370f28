// One subscription: what was asked for, and how far what came is complete.
import {
  type Box,
  type ClientMessage,
  comparePositions,
  type Item,
  type ServerMessage,
  type Topic,
} from './protocol';

export interface Wanted {
  topics: readonly Topic[];
  /** The account's own area where it is left out. */
  area?: string;
  box?: Box;
  /** False for who takes the present state from tiles or REST, and is told only what changes. */
  snapshot?: boolean;
}

export interface Listener {
  /** What happened, in order, each once. */
  items(items: Item[], upTo: string): void;
  /** The present state, in parts; with reset, forget what was known before. */
  snapshot?(items: Item[], reset: boolean): void;
  /** What is no longer within a moved box. */
  left?(items: { topic: string; id: number }[]): void;
  /** What happened in between cannot be told. A snapshot follows where one was asked for; load anew elsewhere. */
  resync?(reason: string): void;
  /** The server will not serve this subscription, or no longer: a right that it needs has gone. */
  refused?(code: string, message: string): void;
}

/** What a message did to a subscription. gap: something was lost and must be asked for again. */
export type Outcome = 'ok' | 'gap' | 'not-mine';

export class Subscription {
  /** Everything up to here has been handed on; null before the first state is whole. */
  position: string | null = null;
  /** The server's name for it; null while it is not acknowledged on this connection. */
  channel: string | null = null;
  /** Whether a snapshot is still on its way. */
  private awaiting = false;
  /** Up to where something is on its way, after a resumption; null where nothing is. */
  private until: string | null = null;
  /** Moves of the box that the server has not answered: what came into view by them is not known yet. */
  private moves = 0;
  /** The server serves it no longer, or never did. */
  private ended = false;
  closed = false;

  constructor(
    readonly id: string,
    readonly wanted: Wanted,
    private readonly listener: Listener,
  ) {}

  /** Whether everything up to the present has arrived, as far as the server has said. */
  get complete(): boolean {
    return this.ended || (this.channel !== null && !this.awaiting && this.until === null);
  }

  /** Gives it another box; the message to send, where the server knows of the subscription. */
  move(box: Box): ClientMessage | null {
    this.wanted.box = box;
    if (this.channel !== null) {
      this.moves++;
      return { type: 'move', id: this.id, box };
    }
    if (this.wanted.snapshot !== false) this.position = null; // it never saw what is in this box
    return null;
  }

  request(): ClientMessage {
    const { topics, area, box, snapshot } = this.wanted;
    return {
      type: 'subscribe',
      id: this.id,
      topics: [...topics],
      ...(area === undefined ? {} : { area }),
      ...(box === undefined ? {} : { box }),
      ...(this.position === null ? {} : { since: this.position }),
      ...(snapshot === undefined ? {} : { snapshot }),
    };
  }

  /** The connection is gone, or what it said had a hole: the next request asks from the last known position on. */
  detach() {
    this.channel = null;
    // Half a snapshot is no state to go on from, and neither is one of a box that has been left.
    if (this.awaiting || (this.moves > 0 && this.wanted.snapshot !== false)) this.position = null;
    this.awaiting = false;
    this.until = null;
    this.moves = 0;
    this.ended = false; // another time the answer may be another one
  }

  take(m: ServerMessage): Outcome {
    if (this.closed) return 'not-mine';
    if (m.type === 'subscribed') return m.id === this.id ? this.acknowledge(m) : 'not-mine';
    if (m.type === 'error') {
      if (m.id !== this.id) return 'not-mine';
      if (this.channel === null) this.end(m.code, m.message);
      return 'ok';
    }
    if (m.type === 'unsubscribed') {
      // Without a reason it answers what was asked for here.
      if (m.id !== this.id || m.reason === undefined) return 'not-mine';
      this.end(m.reason, '');
      return 'ok';
    }
    if (!('channel' in m) || m.channel === undefined || m.channel !== this.channel) return 'not-mine';
    switch (m.type) {
      case 'snapshot':
        if (m.reset) this.moves = 0;
        else if (!m.more && this.moves > 0) this.moves--;
        this.awaiting = m.more;
        if (!m.more) this.advance(m.position);
        this.listener.snapshot?.(m.items, m.reset);
        return 'ok';
      case 'batch':
        return this.batch(m);
      case 'mark':
        this.advance(m.position);
        return 'ok';
      case 'leave':
        this.listener.left?.(m.items);
        return 'ok';
      case 'resync':
        this.position = m.position;
        this.awaiting = this.wanted.snapshot !== false;
        this.listener.resync?.(m.reason);
        return 'ok';
    }
  }

  private acknowledge(m: Extract<ServerMessage, { type: 'subscribed' }>): Outcome {
    this.channel = m.channel;
    if (m.resumed) {
      this.until = m.until; // what came after our position follows
      this.reach();
      return 'ok';
    }
    const snapshotComes = this.wanted.snapshot !== false;
    this.awaiting = snapshotComes;
    if (!snapshotComes) {
      // Another position than ours, and nothing that leads from one to the other.
      if (this.position !== null && this.position !== m.position) this.listener.resync?.('floor');
      this.position = m.position;
    }
    return 'ok';
  }

  private batch(m: Extract<ServerMessage, { type: 'batch' }>): Outcome {
    const at = this.position;
    if (at === null) return 'gap';
    const behind = comparePositions(m.from, at);
    if (behind === undefined || behind > 0) return 'gap';
    // What overlaps was handed on before.
    const fresh = behind === 0 ? m.items : m.items.filter((i) => (comparePositions(i.at, at) ?? 1) > 0);
    this.advance(m.to);
    if (fresh.length > 0) this.listener.items(fresh, m.to);
    return 'ok';
  }

  private advance(to: string) {
    if (this.position === null || (comparePositions(to, this.position) ?? 1) > 0) this.position = to;
    this.reach();
  }

  /** Looks whether everything that was on its way has come. */
  private reach() {
    if (this.until === null || this.position === null) return;
    if ((comparePositions(this.position, this.until) ?? 0) >= 0) this.until = null;
  }

  /** What it told is the past from now on, and it is not resumed. */
  private end(code: string, message: string) {
    this.ended = true;
    this.channel = null;
    this.position = null;
    this.awaiting = false;
    this.listener.refused?.(code, message);
  }
}
