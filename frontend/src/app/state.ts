// What the page shows, as signals. Components read them, events set them, one effect writes them to the URL, and one
// function (map/sync) brings the map in step.
import { computed, effect, signal } from '@preact/signals';
import type { Account, AreaStats } from '../api/client';
import type { Grade } from '../map/colours';
import { formatUrl, parseUrl, type Selection, type View } from './url';

const start = parseUrl(location.search);

export const account = signal<Account | null | undefined>(undefined); // undefined: not known yet
export const lang = signal<'zh' | 'en'>(start.lang ?? (navigator.language.startsWith('zh') ? 'zh' : 'en'));
export const theme = signal<'dark' | 'light'>(start.theme ?? 'dark');
export const palette = signal<1 | 2>(start.palette);
export const hidden = signal<ReadonlySet<Grade>>(new Set(start.hidden));
export const view = signal<View | null>(start.view);
export const selected = signal<Selection | null>(start.selected);
export const listOpen = signal(false);
export const helpOpen = signal(false);

/** Figures of the account's area, and when the page last heard from the server. */
export const stats = signal<AreaStats | null>(null);
export const asOf = signal<Date | null>(null);
export const online = signal(true);
export const updating = signal(false);

export const homeBounds = computed(() => account.value?.area?.bounds ?? null);

export function toggleGrade(g: Grade) {
  const next = new Set(hidden.value);
  if (!next.delete(g)) next.add(g);
  hidden.value = next;
}

effect(() => {
  const url = formatUrl({
    view: view.value,
    selected: selected.value,
    hidden: [...hidden.value],
    lang: lang.value,
    theme: theme.value === 'dark' ? null : theme.value,
    palette: palette.value,
  });
  history.replaceState(null, '', url);
});

effect(() => {
  document.documentElement.lang = lang.value;
  document.documentElement.dataset.theme = theme.value;
});
