import { describe, expect, it, vi } from 'vitest';
import { closeCodes, mayReconnect } from '../../src/live/protocol';
import { live, refused, stream } from './rig';
import { FakeSocket } from './socket';

describe('a connection', () => {
  it('is doubted when the network becomes another one', () => {
    const network = new EventTarget();
    Object.defineProperty(navigator, 'connection', { value: network, configurable: true });
    live();
    const pings = () => FakeSocket.last.sent.filter((m) => m.type === 'ping').length;
    const before = pings();
    network.dispatchEvent(new Event('change'));
    expect(pings()).toBe(before + 1);
    vi.advanceTimersByTime(10_000);
    expect(stream.status.value.state).toBe('offline');
    stream.stop();
    network.dispatchEvent(new Event('change'));
    Reflect.deleteProperty(navigator, 'connection');
  });

  it.each(Object.entries(closeCodes))('closed with %s %s', (text) => {
    const code = Number(text);
    live();
    FakeSocket.last.end(code);
    vi.advanceTimersByTime(60_000);
    expect(FakeSocket.made.length > 1).toBe(mayReconnect(code));
    if (!mayReconnect(code)) expect(stream.status.value).toEqual({ state: 'ended', code });
  });

  it('comes back when the server that stopped said so', () => {
    live();
    FakeSocket.last.say({ type: 'bye', retry_after: 2350 });
    FakeSocket.last.end(4000);
    vi.advanceTimersByTime(2349);
    expect(FakeSocket.made).toHaveLength(1);
    vi.advanceTimersByTime(1);
    expect(FakeSocket.made).toHaveLength(2);
  });

  it('that was turned down before it stood may mean a session that ended', () => {
    stream.start();
    FakeSocket.last.end(1006);
    expect(refused).toHaveBeenCalledOnce();
    live();
    FakeSocket.last.end(1006);
    expect(refused).toHaveBeenCalledOnce();
  });

  it('that falls silent is stale after one heartbeat and dead after two', () => {
    live();
    vi.advanceTimersByTime(17_000);
    expect(stream.status.value.state).toBe('stale');
    expect(FakeSocket.last.sent.at(-1)?.type).toBe('ping');
    vi.advanceTimersByTime(16_000);
    expect(FakeSocket.made[0]?.closedWith).toBe(3002);
    vi.advanceTimersByTime(1000);
    expect(FakeSocket.made.length).toBeGreaterThan(1);
  });

  it('that answers the probe is live again', () => {
    live();
    vi.advanceTimersByTime(17_000);
    FakeSocket.last.pong();
    expect(stream.status.value.state).toBe('live');
    vi.advanceTimersByTime(16_000);
    expect(FakeSocket.made).toHaveLength(1);
  });

  it('is tried at once when the network comes back or the tab wakes', () => {
    live();
    FakeSocket.last.end(1006);
    dispatchEvent(new Event('online'));
    expect(FakeSocket.made).toHaveLength(2);
    FakeSocket.last.open();
    // Awake again: a connection that does not answer within five seconds is dead.
    document.dispatchEvent(new Event('visibilitychange'));
    vi.advanceTimersByTime(5000);
    expect(FakeSocket.last.closedWith).toBe(3002);
  });

  it('that says what cannot be read is given up, and tried again later', () => {
    vi.spyOn(console, 'warn').mockImplementation(() => {});
    live();
    FakeSocket.last.say('{"type":"surprise"}');
    expect(FakeSocket.last.closedWith).toBe(3001);
    expect(stream.status.value.state).toBe('offline');
    vi.advanceTimersByTime(1000);
    expect(FakeSocket.made).toHaveLength(2);
  });

  it('leaves no timer and no listener behind', () => {
    live();
    stream.stop();
    expect(vi.getTimerCount()).toBe(0);
    dispatchEvent(new Event('online'));
    expect(FakeSocket.made).toHaveLength(1);
  });
});
