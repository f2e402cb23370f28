// Which page's tour is on, and which were seen. It begins by itself once for each page, and only where the server says
// that it shows a demo; from the help it can be had anywhere in one.
import { computed, signal } from '@preact/signals';
import { type PageName, route } from '../route';
import { account } from '../session';
import { recall, remember } from '../stored';

/** The step that is shown; null while no tour is on. */
export const at = signal<number | null>(null);

export const offered = computed(() => account.value?.demo === true);

export type Toured = Extract<PageName, 'wall' | 'house' | 'insight'>;

export const toured = (page: PageName): page is Toured =>
  page === 'wall' || page === 'house' || page === 'insight';

const key = (page: PageName) => `tour.${page}`;

/** A screen on a wall has nobody to explain anything to. */
const onWall = () => new URLSearchParams(location.search).has('wall');

export function beginOnce(page: PageName) {
  if (offered.peek() && toured(page) && !onWall() && !recall(key(page), false)) at.value = 0;
}

export function begin() {
  at.value = 0;
}

/** Ended, whether it was seen to its end or skipped: it does not come again by itself. */
export function end() {
  at.value = null;
  remember(key(route.peek().page), true);
}
