import { readFileSync } from 'node:fs';
import * as v from 'valibot';
import { describe, expect, it } from 'vitest';
import {
  clientMessage,
  closeCodes,
  comparePositions,
  mayReconnect,
  parseServerMessage,
  serverMessage,
  topics,
} from '../src/live/protocol';

const document = readFileSync('../ARCHITECTURE.md', 'utf8');

/** What one side says in the exchanges: lines behind > or <. */
function examples(side: 'client' | 'server'): string[] {
  const said = side === 'client' ? '> ' : '< ';
  const blocks = document.matchAll(/```stream\n(.*?)```/gs);
  const lines = [...blocks].flatMap((b) => (b[1] ?? '').trim().split('\n'));
  return lines.filter((l) => l.startsWith(said)).map((l) => l.slice(said.length));
}

const options = (schema: typeof clientMessage | typeof serverMessage) =>
  schema.options.map((o) => o.entries.type.literal as string);

describe('the stream’s protocol', () => {
  it('reads every example of the document', () => {
    for (const line of examples('client')) expect(v.is(clientMessage, JSON.parse(line)), line).toBe(true);
    for (const line of examples('server')) expect(() => parseServerMessage(line), line).not.toThrow();
  });

  it('has an example for each message and each topic', () => {
    const types = (side: 'client' | 'server') => new Set(examples(side).map((l) => JSON.parse(l).type));
    expect([...types('client')].sort()).toEqual(options(clientMessage).sort());
    expect([...types('server')].sort()).toEqual(options(serverMessage).sort());
    const shown = new Set([...document.matchAll(/"topic":"(\w+)","kind":"(?!leave)/g)].map((m) => m[1]));
    expect([...shown].sort()).toEqual([...topics].sort());
  });

  it('refuses what is no message', () => {
    for (const text of ['{}', '{"type":"fly"}', '{"type":"bye"}', '{"type":"pong","extra":1}']) {
      expect(() => parseServerMessage(text), text).toThrow();
    }
  });

  it('has the close codes of the document, and comes back after the same', () => {
    const rows = [...document.matchAll(/^\| (4\d\d\d) \| (\w+) \| (yes|no) \|$/gm)];
    expect(Object.fromEntries(rows.map((r) => [r[1], r[2]]))).toEqual(closeCodes);
    for (const r of rows) expect(mayReconnect(Number(r[1])), r[0]).toBe(r[3] === 'yes');
    expect(mayReconnect(1006)).toBe(true);
  });

  it('orders positions', () => {
    const at = (lsn: string, index: number, epoch = '6a3f09c1d2e4b587-1') => `${epoch}.${lsn}.${index}`;
    expect(comparePositions(at('00000000016B3748', 9), at('00000000016B3748', 10))).toBe(-1);
    expect(comparePositions(at('00000000016B3749', 0), at('00000000016B3748', 16))).toBe(1);
    expect(comparePositions(at('00000000016B3748', 1), at('00000000016B3748', 1))).toBe(0);
    expect(comparePositions(at('0', 1), at('0', 1, '6a3f09c1d2e4b587-2'))).toBeUndefined();
  });
});
