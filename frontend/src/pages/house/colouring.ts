// What a room's colour says, by what the reader asked for. Each class has a mark as well: colour is never alone.
import type { Room } from '../../api/client';

export const colourings = ['use', 'declaration', 'grade'] as const;
export type Colouring = (typeof colourings)[number];

export const uses = [
  'self_occupied',
  'whole_let',
  'shared_let',
  'dormitory',
  'daily_let',
  'vacant',
  'non_residential',
  'unknown',
] as const;
export const declarations = [
  'declared',
  'partial',
  'submitted',
  'doubtful',
  'undeclared',
  'empty',
  'not_let',
] as const;
/** By the number of findings; what is not let and has none is not judged. */
export const risks = ['sound', 'one', 'two', 'more', 'unjudged'] as const;

export type Class = (typeof uses)[number] | (typeof declarations)[number] | (typeof risks)[number];

export function classesOf(by: Colouring): readonly Class[] {
  return { use: uses, declaration: declarations, grade: risks }[by];
}

export function classOf(room: Room, by: Colouring): Class {
  if (by === 'declaration') return room.declaration;
  if (by === 'use') return uses.find((u) => u === room.use) ?? 'unknown';
  const n = room.findings.length;
  if (n === 0) return room.declaration === 'not_let' || room.declaration === 'empty' ? 'unjudged' : 'sound';
  return n === 1 ? 'one' : n === 2 ? 'two' : 'more';
}

/** How many rooms are of each class; classes without any are left out. */
export function count(rooms: readonly Room[], by: Colouring): { class: Class; n: number }[] {
  const n = new Map<Class, number>();
  for (const r of rooms) {
    const c = classOf(r, by);
    n.set(c, (n.get(c) ?? 0) + 1);
  }
  return classesOf(by)
    .filter((c) => n.has(c))
    .map((c) => ({ class: c, n: n.get(c) ?? 0 }));
}
