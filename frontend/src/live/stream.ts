// The page's end of the stream. It keeps one connection, comes back when it breaks, resumes every subscription where it
// stood, and says how far what it told can be trusted. A closed laptop lid, another network, a restarted server and a
// session that ended all look alike to a socket; what tells them apart is handled here and nowhere else.
import { type Signal, signal } from '@preact/signals';
import { type Backoff, fullJitter } from './backoff';
import { type Box, type ClientMessage, mayReconnect, parseServerMessage, subprotocol } from './protocol';
import { type Listener, Subscription, type Wanted } from './subscription';

export type Status =
  /** Everything up to now has arrived. latency: the last round trip, in milliseconds. */
  | { state: 'live'; latency: number | null }
  /** Connected; what was missed is on its way. */
  | { state: 'catching-up' }
  /** Connected, but the server has been silent for longer than it promised. */
  | { state: 'stale'; since: Date }
  /** No connection. since: when the server was last heard, null for never. */
  | { state: 'offline'; since: Date | null }
  /** The server will not have us again: signed out, or something is wrong with this page. */
  | { state: 'ended'; code: number };

export interface Options {
  url: string;
  /** Called when the server turned a connection down before it stood: a session may have ended. */
  refused?: () => void;
  backoff?: Backoff;
  socket?: (url: string, protocol: string) => WebSocket;
}

export interface Handle {
  /** Where the subscription stands; null before its first state is whole. */
  readonly position: string | null;
  move(box: Box): void;
  close(): void;
}

/** How long an answer to a probe may take before the connection counts as dead, in milliseconds. */
const probeTimeout = 5000;
/** How soon after the first round trip the next is measured, in milliseconds. */
const soon = 3000;
/** A connection that held for so long was no accident: the next wait is short again. */
const held = 10_000;
/** Our own close: the frame could not be read, or nothing came. Codes of 3000 are free for applications. */
const unreadable = 3001;
const silent = 3002;

export class Stream {
  readonly status: Signal<Status> = signal({ state: 'offline', since: null });
  private readonly subscriptions = new Map<string, Subscription>();
  private readonly backoff: Backoff;
  private socket: WebSocket | null = null;
  private running = false;
  private nextId = 1;
  private heard: Date | null = null;
  private opened = 0;
  private heartbeat = 0;
  private latency: number | null = null;
  private sentPing: { id: string; at: number } | null = null;
  private retryAfter: number | null = null;
  private retryTimer: Timer;
  private silenceTimer: Timer;
  private probeTimer: Timer;
  private pingTimer: Timer;

  constructor(private readonly options: Options) {
    this.backoff = options.backoff ?? fullJitter();
  }

  start() {
    if (this.running) return;
    this.running = true;
    addEventListener('online', this.wake);
    addEventListener('offline', this.doubt);
    addEventListener('pageshow', this.wake);
    network()?.addEventListener('change', this.doubt);
    document.addEventListener('visibilitychange', this.onVisibility);
    this.connect();
  }

  stop() {
    this.running = false;
    removeEventListener('online', this.wake);
    removeEventListener('offline', this.doubt);
    removeEventListener('pageshow', this.wake);
    network()?.removeEventListener('change', this.doubt);
    document.removeEventListener('visibilitychange', this.onVisibility);
    clearTimeout(this.retryTimer);
    this.drop(1000);
  }

  subscribe(wanted: Wanted, listener: Listener): Handle {
    const s = new Subscription(String(this.nextId++), { ...wanted }, listener);
    this.subscriptions.set(s.id, s);
    if (this.heartbeat) this.say(s.request());
    this.judge();
    return {
      get position() {
        return s.position;
      },
      move: (box) => {
        const m = s.move(box);
        if (m) this.say(m);
      },
      close: () => {
        s.closed = true;
        this.subscriptions.delete(s.id);
        if (s.channel !== null) this.say({ type: 'unsubscribe', id: s.id });
        this.judge();
      },
    };
  }

  /** Where every subscription stands, by its id: what a resumed connection goes on from. */
  resumeToken(): Record<string, string> {
    const at: Record<string, string> = {};
    for (const s of this.subscriptions.values()) if (s.position) at[s.id] = s.position;
    return at;
  }

  private connect() {
    clearTimeout(this.retryTimer);
    if (this.socket || !this.running) return;
    const make = this.options.socket ?? ((url, protocol) => new WebSocket(url, protocol));
    const socket = make(this.options.url, subprotocol);
    this.socket = socket;
    this.opened = 0;
    socket.onopen = () => {
      this.opened = Date.now();
    };
    socket.onmessage = (e) => this.receive(String(e.data));
    socket.onclose = (e) => this.closed(e.code);
    // A server that takes the connection and then says nothing is as dead as none.
    this.expectWord(2 * probeTimeout);
  }

  private receive(text: string) {
    this.heard = new Date();
    let m: ReturnType<typeof parseServerMessage>;
    try {
      m = parseServerMessage(text);
    } catch (e) {
      console.warn('stream: unreadable message', e);
      this.drop(unreadable);
      this.later();
      return;
    }
    if (m.type === 'hello') {
      this.heartbeat = m.heartbeat * 1000;
      for (const s of this.subscriptions.values()) this.say(s.request());
      this.ping();
    } else if (m.type === 'bye') {
      this.retryAfter = m.retry_after;
    } else if (m.type === 'pong') {
      this.ponged(m.id);
    } else {
      for (const s of this.subscriptions.values()) {
        if (s.take(m) === 'gap') this.askAgain(s);
      }
    }
    this.expectWord(this.heartbeat || 2 * probeTimeout);
    this.judge();
  }

  /** A hole in what came: the subscription begins anew at the last position without one. */
  private askAgain(s: Subscription) {
    this.say({ type: 'unsubscribe', id: s.id });
    s.detach();
    this.say(s.request());
  }

  private say(m: ClientMessage) {
    if (this.socket?.readyState === 1) this.socket.send(JSON.stringify(m));
  }

  private ping() {
    const id = String(this.nextId++);
    clearTimeout(this.pingTimer);
    this.sentPing = { id, at: performance.now() };
    this.say({ type: 'ping', id });
  }

  private ponged(id: string | undefined) {
    if (!this.sentPing || this.sentPing.id !== id) return;
    const first = this.latency === null; // measured while the page was busy beginning: soon again
    this.latency = performance.now() - this.sentPing.at;
    this.sentPing = null;
    clearTimeout(this.probeTimer);
    clearTimeout(this.pingTimer);
    this.pingTimer = setTimeout(() => this.ping(), first ? soon : this.heartbeat);
  }

  /** After one heartbeat without a word the page says so, and asks; after two the connection counts as dead. */
  private expectWord(within: number) {
    clearTimeout(this.silenceTimer);
    this.silenceTimer = setTimeout(() => {
      if (this.socket?.readyState === 1 && this.heartbeat) this.probe(within);
      else this.died();
    }, within * 1.1);
  }

  private probe(within: number) {
    this.ping();
    this.judge();
    clearTimeout(this.probeTimer);
    this.probeTimer = setTimeout(() => this.died(), within);
  }

  private died() {
    this.drop(silent);
    this.later();
  }

  /** Lets go of the socket, whatever it does from now on. */
  private drop(code: number) {
    const socket = this.socket;
    if (socket) {
      socket.onopen = null;
      socket.onmessage = null;
      socket.onclose = null;
      socket.close(code);
    }
    this.forget();
  }

  private forget() {
    if (this.opened && Date.now() - this.opened > held) this.backoff.reset();
    this.socket = null;
    this.heartbeat = 0;
    this.sentPing = null;
    clearTimeout(this.silenceTimer);
    clearTimeout(this.probeTimer);
    clearTimeout(this.pingTimer);
    for (const s of this.subscriptions.values()) s.detach();
    this.judge();
  }

  private closed(code: number) {
    const stood = this.opened > 0;
    this.forget();
    if (!mayReconnect(code)) {
      this.running = false;
      this.status.value = { state: 'ended', code };
      return;
    }
    if (!stood) this.options.refused?.();
    this.later();
  }

  private later() {
    if (!this.running) return;
    // A server that stops has spread its clients itself.
    const wait = this.retryAfter ?? this.backoff.next();
    this.retryAfter = null;
    clearTimeout(this.retryTimer);
    this.retryTimer = setTimeout(() => this.connect(), wait);
  }

  /** The tab was asleep, or the network is there again: try at once, or find out whether the connection still lives. */
  private readonly wake = () => {
    if (!this.running) return;
    if (!this.socket) {
      this.backoff.reset();
      this.connect();
    } else if (this.heartbeat) this.probe(probeTimeout);
  };

  /** The browser lost its network, or changed it. Either may leave the connection alive. */
  private readonly doubt = () => {
    if (this.socket && this.heartbeat) this.probe(2 * probeTimeout);
  };

  private readonly onVisibility = () => {
    if (!document.hidden) this.wake();
  };

  /** Says what is so, from what is known. */
  private judge() {
    const next = this.condition();
    const now = this.status.value;
    const same =
      next.state === now.state &&
      (next.state !== 'live' || next.latency === (now as typeof next).latency) &&
      next.state !== 'stale';
    if (!same) this.status.value = next;
  }

  private condition(): Status {
    if (!this.socket || !this.heartbeat) return { state: 'offline', since: this.heard };
    if (this.sentPing && this.heard && Date.now() - this.heard.getTime() > this.heartbeat) {
      return { state: 'stale', since: this.heard };
    }
    const all = [...this.subscriptions.values()];
    return all.every((s) => s.complete) ? { state: 'live', latency: this.latency } : { state: 'catching-up' };
  }
}

/** What tells that the network is another one, in browsers that say so: a phone that leaves its Wi-Fi is never offline. */
function network(): EventTarget | undefined {
  return (navigator as { connection?: EventTarget }).connection;
}

type Timer = ReturnType<typeof setTimeout> | undefined;

/** The stream of the server that the page came from. */
export function streamUrl(): string {
  return `${location.origin.replace(/^http/, 'ws')}/stream`;
}
