// Who is signed in, and whether the server answers.
import { computed, signal } from '@preact/signals';
import type { Account } from '../api/client';

/** undefined while it is not known, null for nobody. */
export const account = signal<Account | null | undefined>(undefined);
/** Whether the last request got any answer at all. */
export const online = signal(true);
/** When the page last heard from the server. */
export const heard = signal<Date | null>(null);

export const homeBounds = computed(() => account.value?.area?.bounds ?? null);

/** Whether the account may look at an area: the server's one predicate, so that a page can say so before it asks. */
export function covers(area: string): boolean {
  const own = account.value?.code;
  return own !== undefined && area.startsWith(own);
}
