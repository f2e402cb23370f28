// A building's rooms as a table: floors from the top down, rooms by their place on the floor. Pure, so that it can be
// tested without a page.
import type { Room } from '../../api/client';

export interface Row {
  floor: number;
  /** One for each column; null where the floor has no room there. */
  cells: (Room | null)[];
}

export interface Matrix {
  /** What the columns are called: the last two digits on the doors. */
  columns: string[];
  rows: Row[];
  /** So many columns that a cell shows its mark only. */
  dense: boolean;
}

/** From how many columns on a cell has no room for the number on the door. */
const denseFrom = 21;

/** The place of a room on its floor, as its code has it. */
const placeOf = (code: string) => Number(code.slice(-3));

export function arrange(rooms: readonly Room[]): Matrix {
  const byFloor = new Map<number, Room[]>();
  for (const r of rooms) {
    const floor = byFloor.get(r.floor);
    if (floor) floor.push(r);
    else byFloor.set(r.floor, [r]);
  }
  // Codes of other makers may give two rooms of a floor one place; then rooms simply stand in a row.
  const unique = [...byFloor.values()].every(
    (list) => new Set(list.map((r) => placeOf(r.code))).size === list.length,
  );
  const places = unique ? [...new Set(rooms.map((r) => placeOf(r.code)))].sort((a, b) => a - b) : [];
  const width = unique ? places.length : Math.max(0, ...[...byFloor.values()].map((l) => l.length));
  const rows = [...byFloor.entries()]
    .sort(([a], [b]) => b - a)
    .map(([floor, list]): Row => {
      const cells: (Room | null)[] = Array.from({ length: width }, () => null);
      for (const [i, r] of list.entries()) cells[unique ? places.indexOf(placeOf(r.code)) : i] = r;
      return { floor, cells };
    });
  const names = unique ? places : Array.from({ length: width }, (_, i) => i + 1);
  return { columns: names.map((n) => String(n).padStart(2, '0')), rows, dense: width >= denseFrom };
}

export interface Place {
  row: number;
  column: number;
}

export function placeIn(m: Matrix, code: string): Place | null {
  for (const [row, { cells }] of m.rows.entries()) {
    const column = cells.findIndex((c) => c?.code === code);
    if (column >= 0) return { row, column };
  }
  return null;
}

/** The first room from the top. */
export function first(m: Matrix): Place {
  return along(m, { row: 0, column: -1 }, 0, 1) ?? { row: 0, column: 0 };
}

/** How many floors a page key moves. */
const page = 10;

/** Where a key leads from a room, passing over gaps; null for keys that do not move. */
export function step(m: Matrix, at: Place, key: string, ctrl: boolean): Place | null {
  const last = { row: m.rows.length - 1, column: m.columns.length - 1 };
  switch (key) {
    case 'ArrowLeft':
      return along(m, at, 0, -1) ?? at;
    case 'ArrowRight':
      return along(m, at, 0, 1) ?? at;
    case 'ArrowUp':
      return along(m, at, -1, 0) ?? at;
    case 'ArrowDown':
      return along(m, at, 1, 0) ?? at;
    case 'Home':
      return along(m, { row: ctrl ? 0 : at.row, column: -1 }, 0, 1) ?? at;
    case 'End':
      return along(m, { row: ctrl ? last.row : at.row, column: last.column + 1 }, 0, -1) ?? at;
    case 'PageUp':
      return down(m, at, -page);
    case 'PageDown':
      return down(m, at, page);
  }
  return null;
}

function along(m: Matrix, from: Place, rows: number, columns: number): Place | null {
  let { row, column } = from;
  for (;;) {
    row += rows;
    column += columns;
    const cells = m.rows[row]?.cells;
    if (!cells || column < 0 || column >= cells.length) return null;
    if (cells[column]) return { row, column };
  }
}

/** So many floors on, or as many as there are. */
function down(m: Matrix, at: Place, floors: number): Place {
  let place = at;
  for (let n = 0; n < Math.abs(floors); n++) {
    const next = along(m, place, Math.sign(floors), 0);
    if (!next) break;
    place = next;
  }
  return place;
}
