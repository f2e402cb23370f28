import { describe, expect, it, vi } from 'vitest';
import { acknowledge, batch, channel, ear, live, stream } from './rig';
import { at, FakeSocket, incident } from './socket';

describe('a stream', () => {
  it('is catching up until its state is whole, then live with the round trip', () => {
    stream.subscribe({ topics: ['incident'], area: '440304001' }, ear());
    stream.start();
    expect(stream.status.value.state).toBe('offline');
    FakeSocket.last.open();
    expect(stream.status.value.state).toBe('catching-up');
    acknowledge();
    const part = { type: 'snapshot' as const, channel, position: at(10), items: [] };
    FakeSocket.last.say({ ...part, reset: true, more: true });
    expect(stream.status.value.state).toBe('catching-up');
    FakeSocket.last.say({ ...part, reset: false, more: false });
    vi.advanceTimersByTime(12);
    FakeSocket.last.pong();
    expect(stream.status.value).toEqual({ state: 'live', latency: 12 });
  });

  it('hands on what happens, and resumes all subscriptions where they stood', () => {
    const e = ear();
    live(e);
    const other = ear();
    stream.subscribe({ topics: ['tiles'], snapshot: false }, other);
    const id = FakeSocket.last.subscribes().at(-1)?.id as string;
    FakeSocket.last.say({
      type: 'subscribed',
      id,
      channel: 'x/tiles',
      position: at(11),
      until: at(11),
      resumed: false,
    });
    batch(10, 12, incident(1, 11), incident(2, 12));
    FakeSocket.last.say({ type: 'mark', channel, position: at(15) });
    expect(stream.resumeToken()).toEqual({ '1': at(15), [id]: at(11) });
    FakeSocket.last.end(1006);
    expect(stream.status.value.state).toBe('offline');
    vi.advanceTimersByTime(1000);
    FakeSocket.last.open();
    expect(FakeSocket.last.subscribes()).toMatchObject([
      { id: '1', since: at(15) },
      { id, since: at(11) },
    ]);
    FakeSocket.last.say({
      type: 'subscribed',
      id: '1',
      channel,
      position: at(15),
      until: at(20),
      resumed: true,
    });
    batch(15, 20, incident(3, 18));
    expect(e.heard).toEqual(['snapshot  reset', 'items 1,2 to 12', 'items 3 to 20']);
    expect(other.heard).toEqual([]);
  });

  it('asks again from the last whole position when something is missing', () => {
    const e = ear();
    live(e);
    batch(12, 14, incident(9, 13));
    expect(e.heard).toEqual(['snapshot  reset']);
    expect(FakeSocket.last.sent.slice(-2)).toMatchObject([
      { type: 'unsubscribe', id: '1' },
      { type: 'subscribe', id: '1', since: at(10) },
    ]);
    // What still comes on the old channel is not taken.
    batch(14, 15, incident(10, 15));
    FakeSocket.last.say({
      type: 'subscribed',
      id: '1',
      channel,
      position: at(15),
      until: at(15),
      resumed: true,
    });
    batch(10, 15, incident(8, 11), incident(9, 13), incident(10, 15));
    expect(e.heard.at(-1)).toBe('items 8,9,10 to 15');
  });

  it('passes over what it has already handed on', () => {
    const e = ear();
    live(e);
    batch(10, 12, incident(1, 12));
    batch(10, 13, incident(1, 12), incident(2, 13));
    expect(e.heard.slice(1)).toEqual(['items 1 to 12', 'items 2 to 13']);
  });

  it('says when what happened in between cannot be told', () => {
    const e = ear();
    live(e, { snapshot: false });
    FakeSocket.last.say({ type: 'resync', channel, reason: 'slow', position: at(30) });
    expect(e.heard).toEqual(['resync slow']);
    FakeSocket.last.end(4001);
    vi.advanceTimersByTime(1000);
    FakeSocket.last.open();
    FakeSocket.last.say({
      type: 'subscribed',
      id: '1',
      channel,
      position: at(40),
      until: at(40),
      resumed: false,
    });
    expect(e.heard).toEqual(['resync slow', 'resync floor']);
    batch(40, 41, incident(1, 41));
    expect(e.heard.at(-1)).toBe('items 1 to 41');
  });

  it('begins anew when a snapshot was cut off', () => {
    const e = ear();
    live(e);
    FakeSocket.last.say({ type: 'resync', channel, reason: 'floor', position: at(30) });
    FakeSocket.last.say({
      type: 'snapshot',
      channel,
      position: at(30),
      reset: true,
      more: true,
      items: [incident(1, 3)],
    });
    FakeSocket.last.end(1006);
    vi.advanceTimersByTime(1000);
    FakeSocket.last.open();
    expect(FakeSocket.last.subscribes()[0]).not.toHaveProperty('since');
  });

  it('moves its box, and asks for the new one after it comes back', () => {
    const h = stream.subscribe({ topics: ['building'], box: [1, 2, 3, 4], snapshot: false }, ear());
    stream.start();
    FakeSocket.last.open();
    FakeSocket.last.say({
      type: 'subscribed',
      id: '1',
      channel: '#1',
      position: at(1),
      until: at(1),
      resumed: false,
    });
    h.move([2, 2, 3, 4]);
    expect(FakeSocket.last.sent.at(-1)).toEqual({ type: 'move', id: '1', box: [2, 2, 3, 4] });
    FakeSocket.last.end(1006);
    vi.advanceTimersByTime(1000);
    FakeSocket.last.open();
    expect(FakeSocket.last.subscribes()[0]).toMatchObject({ box: [2, 2, 3, 4], since: at(1) });
    h.close();
    FakeSocket.last.say({ type: 'batch', channel: '#1', from: at(1), to: at(2), items: [incident(1, 2)] });
    expect(stream.status.value.state).toBe('live');
  });
});

describe('a subscription', () => {
  function again() {
    FakeSocket.last.end(1006);
    vi.advanceTimersByTime(1000);
    FakeSocket.last.open();
    FakeSocket.last.pong();
  }

  it('that is resumed is catching up until it has what it missed', () => {
    live();
    again();
    FakeSocket.last.say({
      type: 'subscribed',
      id: '1',
      channel,
      position: at(10),
      until: at(30),
      resumed: true,
    });
    expect(stream.status.value.state).toBe('catching-up');
    batch(10, 20, incident(1, 15));
    expect(stream.status.value.state).toBe('catching-up');
    batch(20, 30, incident(2, 25));
    expect(stream.status.value.state).toBe('live');
    again();
    FakeSocket.last.say({
      type: 'subscribed',
      id: '1',
      channel,
      position: at(30),
      until: at(30),
      resumed: true,
    });
    expect(stream.status.value.state).toBe('live');
  });

  it('whose right has gone says so, and is not taken for a present state', () => {
    const e = ear();
    live(e);
    FakeSocket.last.say({ type: 'unsubscribed', id: '1' }); // an answer to something else
    expect(e.heard).toEqual(['snapshot  reset']);
    FakeSocket.last.say({ type: 'unsubscribed', id: '1', reason: 'scope' });
    batch(10, 11, incident(1, 11));
    expect(e.heard).toEqual(['snapshot  reset', 'refused scope']);
    again();
    expect(FakeSocket.last.subscribes()[0]).not.toHaveProperty('since');
  });

  it('that is refused holds up nobody', () => {
    const e = ear();
    live();
    stream.subscribe({ topics: ['grade'], area: '45' }, e);
    expect(stream.status.value.state).toBe('catching-up');
    const asked = FakeSocket.last.subscribes().at(-1) as { id: string };
    FakeSocket.last.say({ type: 'error', id: asked.id, code: 'forbidden', message: 'not yours' });
    expect(e.heard).toEqual(['refused forbidden']);
    expect(stream.status.value.state).toBe('live');
  });

  it('whose box moved unseen begins anew, since nobody told what is in it', () => {
    const box = '#1';
    const h = stream.subscribe({ topics: ['building'], box: [1, 2, 3, 4] }, ear());
    const told = (reset: boolean, n: number) =>
      FakeSocket.last.say({ type: 'snapshot', channel: box, position: at(n), reset, more: false, items: [] });
    stream.start();
    FakeSocket.last.open();
    FakeSocket.last.say({
      type: 'subscribed',
      id: '1',
      channel: box,
      position: at(1),
      until: at(1),
      resumed: false,
    });
    told(true, 1);
    h.move([2, 2, 3, 4]);
    FakeSocket.last.say({ type: 'leave', channel: box, position: at(2), items: [] });
    told(false, 2);
    again();
    expect(FakeSocket.last.subscribes()[0]).toMatchObject({ box: [2, 2, 3, 4], since: at(2) });
    FakeSocket.last.say({
      type: 'subscribed',
      id: '1',
      channel: box,
      position: at(2),
      until: at(2),
      resumed: true,
    });
    h.move([3, 2, 4, 4]); // the answer is lost
    again();
    expect(FakeSocket.last.subscribes()[0]).toMatchObject({ box: [3, 2, 4, 4] });
    expect(FakeSocket.last.subscribes()[0]).not.toHaveProperty('since');
    FakeSocket.last.say({
      type: 'subscribed',
      id: '1',
      channel: box,
      position: at(3),
      until: at(3),
      resumed: false,
    });
    told(true, 3);
    FakeSocket.last.end(1006);
    h.move([4, 2, 5, 4]); // while nobody listens
    vi.advanceTimersByTime(1000);
    FakeSocket.last.open();
    expect(FakeSocket.last.subscribes()[0]).not.toHaveProperty('since');
  });
});
