// What the building's page shows beside what its address names. A room is part of the path: its plate leads to it.
import { oneOf, optional, param, text } from '../../shell/params';
import { housePath, navigate } from '../../shell/route';
import { type Class, type Colouring, classesOf, colourings } from './colouring';

export const by = param<Colouring>('house', 'by', oneOf(colourings), 'use');
/** The class of rooms that alone is to be seen; null for all. */
export const only = param<string | null>('house', 'only', optional(text), null);
/** The page itself, or the plate to print. */
export const show = param<'page' | 'plate'>('house', 'show', oneOf(['page', 'plate'] as const), 'page');
/** Whether ledgers show all of their entries, or the latest. */
export const ledger = param<'few' | 'all'>('house', 'ledger', oneOf(['few', 'all'] as const), 'few');

export function colourBy(next: Colouring) {
  by.value = next;
  only.value = null;
}

/** The class to be seen alone, where it makes sense for the colouring. */
export function onlyClass(): Class | null {
  return classesOf(by.value).find((c) => c === only.value) ?? null;
}

export function toggleOnly(c: Class) {
  only.value = only.value === c ? null : c;
}

/** Opens a room, or with null closes it. */
export function openRoom(building: string, code: string | null) {
  navigate(housePath(code ?? building) + location.search, 'replace');
}
