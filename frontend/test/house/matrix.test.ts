import { describe, expect, it } from 'vitest';
import type { Room } from '../../src/api/client';
import { classesOf, classOf, colourings, count } from '../../src/pages/house/colouring';
import { arrange, first, placeIn, step } from '../../src/pages/house/matrix';

const building = '4403040030010300002';

function room(floor: number, place: number, more: Partial<Room> = {}): Room {
  const code = `${building}${String(Math.abs(floor)).padStart(3, '0')}${String(place).padStart(3, '0')}`;
  return {
    code,
    floor,
    unit: `${floor}${String(place).padStart(2, '0')}`,
    use: 'whole_let',
    capacity: 2,
    residents: 1,
    declaration: 'declared',
    declared: 1,
    open_incidents: 0,
    findings: [],
    ...more,
  };
}

/** Three floors; the middle one lacks its second room, the top one has no third. */
const rooms = [room(1, 1), room(1, 2), room(1, 3), room(2, 1), room(2, 3), room(3, 1), room(3, 2)];

describe('the matrix', () => {
  it('has the highest floor first, and a gap where a floor lacks a room', () => {
    const m = arrange(rooms);
    expect(m.columns).toEqual(['01', '02', '03']);
    expect(m.rows.map((r) => [r.floor, r.cells.map((c) => c?.unit ?? null)])).toEqual([
      [3, ['301', '302', null]],
      [2, ['201', null, '203']],
      [1, ['101', '102', '103']],
    ]);
    expect(m.dense).toBe(false);
  });

  it('shows every room once, also where codes give two of a floor one place', () => {
    const twice = [room(1, 1), { ...room(1, 1), code: `${building}009001`, unit: 'A' }, room(2, 5)];
    const m = arrange(twice);
    const shown = m.rows.flatMap((r) => r.cells.filter((c) => c !== null).map((c) => c.unit));
    expect(shown.sort()).toEqual(['101', '205', 'A'].sort());
  });

  it('survives a building without rooms, and basements', () => {
    expect(arrange([])).toEqual({ columns: [], rows: [], dense: false });
    expect(arrange([room(-1, 1), room(2, 1)]).rows.map((r) => r.floor)).toEqual([2, -1]);
  });

  it('walks by arrows over gaps, and stops at the edges', () => {
    const m = arrange(rooms);
    const at = (code: string) => placeIn(m, building + code) as { row: number; column: number };
    const unit = (p: { row: number; column: number } | null) => p && m.rows[p.row]?.cells[p.column]?.unit;
    const walk = (code: string, key: string, ctrl = false) => unit(step(m, at(code), key, ctrl));
    expect(unit(first(m))).toBe('301');
    expect(walk('002001', 'ArrowRight')).toBe('203'); // over the gap
    expect(walk('003002', 'ArrowDown')).toBe('102'); // over a floor without it
    expect(walk('003002', 'ArrowRight')).toBe('302');
    expect(walk('003001', 'ArrowUp')).toBe('301');
    expect(walk('001003', 'ArrowUp')).toBe('203');
    expect(walk('002003', 'Home')).toBe('201');
    expect(walk('003001', 'End')).toBe('302');
    expect(walk('001003', 'Home', true)).toBe('301');
    expect(walk('003001', 'End', true)).toBe('103');
    expect(walk('003001', 'PageDown')).toBe('101');
    expect(walk('001001', 'PageUp')).toBe('301');
    expect(walk('001001', 'a')).toBeNull();
  });

  it('is arranged fast enough for a dormitory to be redrawn at once', () => {
    const many = Array.from({ length: 15 }, (_, f) =>
      Array.from({ length: 60 }, (_, p) => room(f + 1, p + 1)),
    );
    const m = arrange(many.flat());
    expect(m.rows.length * m.columns.length).toBe(900);
    expect(m.dense).toBe(true);
  });
});

describe('colouring', () => {
  it('puts every room into one class of each colouring', () => {
    const all = [
      room(1, 1, { use: 'something new' }),
      room(1, 2, { declaration: 'not_let', use: 'self_occupied' }),
      room(1, 3, { findings: ['undeclared', 'open_incident'] }),
      room(1, 4, { findings: ['undeclared', 'open_incident', 'over_capacity'] }),
      room(1, 5, { declaration: 'empty' }),
    ];
    for (const by of colourings) {
      const counted = count(all, by);
      expect(counted.reduce((n, c) => n + c.n, 0)).toBe(all.length);
      for (const r of all) expect(classesOf(by)).toContain(classOf(r, by));
    }
    expect(all.map((r) => classOf(r, 'grade'))).toEqual(['sound', 'unjudged', 'two', 'more', 'unjudged']);
    expect(classOf(all[0] as Room, 'use')).toBe('unknown');
  });
});
