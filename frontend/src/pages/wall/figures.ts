// The wall's figures: key figures with yesterday's, and those of the areas below. Asked for again when something has
// happened, but not more often than a person reads them.
import { signal } from '@preact/signals';
import { type AreaStats, api, type Figures } from '../../api/client';
import type { components } from '../../api/schema';
import { levelBelow } from './names';
import { area, focus } from './state';

export type KeyFigure = components['schemas']['KeyFigure'];
export type Slot = components['schemas']['ActivitySlot'];

export const keyFigures = signal<{ asOf: Date; figures: KeyFigure[]; of: string } | null>(null);
/** Figures of the area in focus. */
export const stats = signal<AreaStats | null>(null);
/** Figures of the areas right below the wall's own, for the league. */
export const league = signal<{ asOf: Date; rows: Figures[] } | null>(null);
/** Figures of the parts that the map colours, by level. */
export const parts = signal<ReadonlyMap<string, readonly Figures[]>>(new Map());
export const activity = signal<{ asOf: Date; slots: Slot[] } | null>(null);

const order = ['city', 'district', 'street', 'community', 'grid'];

/** Figures of each part of a level, where that lies below the wall's own. */
async function statsBy(level: string) {
  const a = area.value;
  if (!a || order.indexOf(level) <= order.indexOf(a.level)) return null;
  const by = level as 'district' | 'street' | 'community' | 'grid';
  const { data } = await api.GET('/api/v1/areas/{code}/stats', {
    params: { path: { code: a.code }, query: { by } },
  });
  return data ?? null;
}

/** What the map colours at the present zoom. */
export async function refreshParts(level: string | null) {
  if (!level) return;
  const found = await statsBy(level).catch(() => null);
  if (found) parts.value = new Map([...parts.value, [level, found.parts ?? []]]);
}

/** Rounds of questions are numbered: what one answers is dropped once a later one was answered. */
let asked = 0;
let answered = 0;

export async function refreshFigures() {
  const round = ++asked;
  const a = area.value;
  const code = focus.value;
  if (!a || !code) return;
  const path = { code };
  const below = levelBelow(a.level);
  try {
    const [keys, own, rows, slots] = await Promise.all([
      code.length <= 14 ? api.GET('/api/v1/areas/{code}/figures', { params: { path } }) : null,
      api.GET('/api/v1/areas/{code}/stats', { params: { path } }),
      below ? statsBy(below) : null,
      api.GET('/api/v1/areas/{code}/activity', { params: { path: { code: a.code }, query: { step: 900 } } }),
    ]);
    if (round < answered || area.value !== a) return; // another wall meanwhile
    answered = round;
    if (keys?.data && focus.value === code) {
      keyFigures.value = { asOf: new Date(keys.data.as_of), figures: keys.data.figures, of: code };
    }
    if (own.data && focus.value === code) stats.value = own.data;
    if (rows) league.value = { asOf: new Date(rows.as_of), rows: rows.parts ?? [] };
    if (slots.data) activity.value = { asOf: new Date(), slots: slots.data.slots };
  } catch {
    // The client has noted that the server cannot be reached; what is shown says how old it is.
  }
}

/** The share of orange and red among an area's rental houses; null where there are too few to say. */
export function riskOf(f: Pick<Figures, 'grades' | 'rental_buildings'>): number | null {
  if (f.rental_buildings < 5) return null;
  return ((f.grades.orange ?? 0) + (f.grades.red ?? 0)) / f.rental_buildings;
}

export function levelAt(zoom: number): 'street' | 'community' | 'grid' | null {
  if (zoom < 11.5) return 'street';
  if (zoom < 13) return 'community';
  return zoom < 14 ? 'grid' : null;
}

/** How often figures are asked for while things happen, and while nothing does, in milliseconds. */
const busy = 10_000;
const calm = 60_000;

/** Keeps the figures fresh; nudge says that something happened. */
export function keepFigures(also: () => void): { nudge: () => void; stop: () => void } {
  let last = 0;
  let nudged = false;
  let timer: ReturnType<typeof setTimeout>;
  const run = () => {
    last = Date.now();
    nudged = false;
    if (!document.hidden) {
      void refreshFigures();
      also();
    }
    schedule(calm);
  };
  const schedule = (wait: number) => {
    clearTimeout(timer);
    timer = setTimeout(run, wait);
  };
  const nudge = () => {
    if (nudged) return;
    nudged = true;
    schedule(Math.max(0, last + busy - Date.now()));
  };
  const onVisible = () => {
    if (!document.hidden && Date.now() - last > busy) run();
  };
  document.addEventListener('visibilitychange', onVisible);
  run();
  return {
    nudge,
    stop() {
      clearTimeout(timer);
      document.removeEventListener('visibilitychange', onVisible);
    },
  };
}
