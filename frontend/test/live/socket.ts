// A socket whose other end is the test.
import type { ClientMessage, ServerMessage } from '../../src/live/protocol';

export class FakeSocket {
  static made: FakeSocket[] = [];
  static get last(): FakeSocket {
    return FakeSocket.made.at(-1) as FakeSocket;
  }

  readyState = 0;
  onopen: (() => void) | null = null;
  onmessage: ((e: { data: string }) => void) | null = null;
  onclose: ((e: { code: number }) => void) | null = null;
  sent: ClientMessage[] = [];
  closedWith: number | null = null;

  constructor(readonly url: string) {
    FakeSocket.made.push(this);
  }

  send(text: string) {
    this.sent.push(JSON.parse(text));
  }

  /** The page closes. */
  close(code: number) {
    this.readyState = 3;
    this.closedWith = code;
  }

  // The server's side.

  open(heartbeat = 15) {
    this.readyState = 1;
    this.onopen?.();
    this.say({ type: 'hello', epoch: 'e', position: at(0), heartbeat });
  }

  say(m: ServerMessage | string) {
    this.onmessage?.({ data: typeof m === 'string' ? m : JSON.stringify(m) });
  }

  end(code: number) {
    this.readyState = 3;
    this.onclose?.({ code });
  }

  /** Answers the last ping. */
  pong() {
    const ping = this.sent.findLast((m) => m.type === 'ping');
    this.say({ type: 'pong', ...(ping?.type === 'ping' && ping.id ? { id: ping.id } : {}) });
  }

  subscribes() {
    return this.sent.filter((m) => m.type === 'subscribe');
  }
}

/** The n-th position of a log. */
export function at(n: number, epoch = '6a3f09c1d2e4b587-1'): string {
  return `${epoch}.${n.toString(16).toUpperCase().padStart(16, '0')}.0`;
}

export function incident(id: number, n: number) {
  return {
    topic: 'incident' as const,
    kind: 'added' as const,
    id,
    code: '4403040010010100001',
    at: at(n),
    data: {
      type: '0501',
      severity: 2,
      status: 'reported',
      source: 'hotline',
      reported_at: '2026-11-24T15:04:05Z',
      due_at: null,
      escalation: 0,
      lon: 114,
      lat: 22.5,
    },
  };
}
