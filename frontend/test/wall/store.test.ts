import { describe, expect, it } from 'vitest';
import type { Item } from '../../src/live/protocol';
import { fromHistory, type Happening } from '../../src/pages/wall/happening';
import { Store } from '../../src/pages/wall/store';
import { at, incident } from '../live/socket';

function graded(id: number, was: 'green' | 'red', grade: 'green' | 'red', n: number): Item {
  return {
    topic: 'grade',
    kind: 'changed',
    id,
    code: '4403040010010100001',
    at: at(n),
    data: { was, grade, name_zh: '一号楼', name_en: 'House 1', lon: 114, lat: 22.5 },
  };
}

const step = (id: number, n: number, was: string, status: string): Item => {
  const i = incident(id, n);
  return { ...i, kind: 'changed', data: { ...i.data, was, status } };
};

describe('the store', () => {
  it('knows what is open, from snapshot and events', () => {
    const s = new Store();
    s.snapshot([{ ...incident(1, 1), kind: 'present' }], true);
    s.snapshot([{ ...incident(2, 1), kind: 'present' }], false);
    s.take([incident(3, 2), step(1, 3, 'filed', 'closed')]);
    s.take([{ topic: 'incident', kind: 'removed', id: 2, code: '44', at: at(4) }]);
    expect([...s.cases.keys()]).toEqual([3]);
    s.snapshot([{ ...incident(9, 5), kind: 'present' }], true);
    expect([...s.cases.keys()]).toEqual([9]);
  });

  it('tells what happens once, and never what merely is', () => {
    const s = new Store();
    const heard: string[] = [];
    s.onHappening((h) => heard.push(`${h.topic} ${h.id} ${h.now}`));
    const when = new Date('2026-11-24T01:00:00Z');
    s.snapshot([{ ...incident(1, 1), kind: 'present' }], true);
    s.take([incident(2, 2), { ...incident(4, 2), kind: 'enter' }], when);
    s.take([incident(2, 2)], when);
    s.take([{ ...incident(2, 3), kind: 'changed' }], when); // its place was mended, not its status
    s.take([graded(5, 'green', 'green', 4), graded(5, 'green', 'red', 5)], when);
    s.take([{ topic: 'incident', kind: 'removed', id: 2, code: '44', at: at(6), final: 'closed' }], when);
    s.take([{ topic: 'incident', kind: 'removed', id: 9, code: '44', at: at(7), final: 'closed' }], when); // never shown
    expect(heard).toEqual(['incident 2 reported', 'grade 5 red', 'incident 2 closed']);
  });

  it('hands on everything it is told, and says where something may be missing', () => {
    const s = new Store();
    const heard: (number[] | null)[] = [];
    const stop = s.onItems((items) => heard.push(items?.map((i) => i.id) ?? null));
    s.take([incident(1, 1), graded(5, 'green', 'green', 2)]);
    s.missed();
    stop();
    s.take([incident(2, 3)]);
    expect(heard).toEqual([[1, 5], null]);
  });

  it('shows once what both the history and the stream tell', () => {
    const s = new Store();
    s.take([incident(2, 2)], new Date('2026-11-24T01:00:00.400Z'));
    const told = (id: number, when: string): Happening =>
      fromHistory({ at: when, topic: 'incident', id, code: '4403040010010100001', now: 'reported' } as never);
    s.backfill([told(2, '2026-11-24T01:00:00.100Z'), told(1, '2026-11-24T00:59:00Z')]);
    expect(s.happenings.value.map((h) => h.id)).toEqual([2, 1]);
  });

  it('forgets grades that the tiles know', () => {
    const s = new Store();
    s.take([graded(1, 'green', 'red', 5), graded(2, 'green', 'red', 9)]);
    s.forgetGrades(at(6));
    expect([...s.grades.keys()]).toEqual([2]);
    s.forgetGrades(null);
    expect(s.grades.size).toBe(0);
  });

  it('does not grow without end', () => {
    const s = new Store();
    for (let n = 0; n < 3000; n++) s.take([incident(n, n)], new Date(n * 10_000));
    expect(s.happenings.value).toHaveLength(400);
    expect(s.happenings.value[0]?.id).toBe(2999);
  });
});
