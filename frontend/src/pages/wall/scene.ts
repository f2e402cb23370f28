// What is to be seen now: the present as the stream tells it, or the past that is being played.
import { computed, signal } from '@preact/signals';
import { useEffect } from 'preact/hooks';
import type { Item } from '../../live/protocol';
import { atMost } from '../../ui/atMost';
import { now } from '../../ui/now';
import { type Case, type Happening, overdue } from './happening';
import type { Live } from './live';
import { past, pastVersion } from './replay';
import { cases, focus, muted, topicsShown } from './state';

export const live = signal<Live | null>(null);

/** Runs `again` whenever the stream tells of something that concerns what `key` names, or may have missed it. */
export function useTold(key: string | number, concerns: (i: Item) => boolean, again: () => void) {
  const store = live.value?.store;
  useEffect(() => {
    if (!store) return;
    const look = atMost(1000, again);
    const stop = store.onItems((items) => {
      if (items === null || items.some(concerns)) look.ask();
    });
    return () => {
      stop();
      look.stop();
    };
  }, [store, key]);
}

/** The time that is shown, in milliseconds since 1970, to five seconds: often enough for clocks that run out. */
export const shownTime = computed(() => {
  const t = past.value?.now ?? now.value.getTime();
  return Math.floor(t / 5000) * 5000;
});

/** Every open incident of the wall's area. */
export const allCases = computed<readonly Case[]>(() => {
  const store = live.value?.store;
  pastVersion.value;
  store?.casesVersion.value;
  const all = past.peek()?.cases ?? store?.cases;
  return all ? [...all.values()] : [];
});

/** One of them. */
export function caseById(id: number): Case | undefined {
  pastVersion.value;
  const store = live.value?.store;
  store?.casesVersion.value;
  return (past.peek()?.cases ?? store?.cases)?.get(id);
}

/** Those in focus. */
export const openCases = computed(() => {
  const within = focus.value;
  return allCases.value.filter((c) => c.code.startsWith(within));
});

export const overdueCases = computed(() => openCases.value.filter((c) => overdue(c, shownTime.value)));

/** Whether it is known of every open incident when its clock runs out: of the past, the ledger tells it of some only. */
export const clocksKnown = computed(
  () => past.value === null || openCases.value.every((c) => c.dueAt !== null),
);

/** Those that the map and the list show. */
export const shownCases = computed<readonly Case[]>(() => {
  if (cases.value === 'none') return [];
  return cases.value === 'overdue' ? overdueCases.value : openCases.value;
});

/** Grades that differ from what the tiles say, by building. */
export function shownGrades(): ReadonlyMap<number, string | null> {
  const found = new Map<number, string | null>();
  for (const [id, g] of live.peek()?.store.grades ?? []) found.set(id, g.grade);
  for (const [id, g] of past.peek()?.grades ?? []) found.set(id, g);
  return found;
}

/** What happened, newest first, of the topics that are not left out, in focus. */
export const shownHappenings = computed<readonly Happening[]>(() => {
  pastVersion.value;
  const present = live.value?.store.happenings.value ?? [];
  const all = past.peek()?.happenings ?? present;
  const within = focus.value;
  if (muted.value.size === topicsShown.length) return [];
  return all.filter((h) => !muted.value.has(h.topic) && h.code.startsWith(within));
});
