// What the heatmap shows, as signals that the address holds. Everything that is asked of the server follows from them.
import { batch, computed, signal } from '@preact/signals';
import type { AreaDetail } from '../../api/client';
import { flag, integer, oneOf, optional, param, stateOf, text, view as viewCodec } from '../../shell/params';
import { type Period, period, spanOf, stepOf } from './period';

export const measures = ['incidents', 'declarations', 'undeclared', 'grades'] as const;
export type Measure = (typeof measures)[number];
export const forms = ['areas', 'hexes', 'density'] as const;
export const levels = ['street', 'community', 'grid'] as const;
export type Level = (typeof levels)[number];
export const values = [
  'count',
  'per_1000_residents',
  'per_100_rental_rooms',
  'per_100_rental_houses',
] as const;
export type Value = (typeof values)[number];

export const measure = param<Measure>('insight', 'm', oneOf(measures), 'incidents');
export const klass = param('insight', 'c', text, '');
export const form = param<(typeof forms)[number]>('insight', 'f', oneOf(forms), 'areas');
export const level = param<Level | null>('insight', 'l', optional(oneOf(levels)), null);
export const value = param<Value>('insight', 'v', oneOf(values), 'count');
export const smooth = param('insight', 'smooth', flag, false);
export const compare = param('insight', 'cmp', flag, false);
export const natural = param('insight', 'natural', flag, false);
export const time = param<Period>('insight', 't', period, '7d');
export const width = param('insight', 'w', integer(100, 5000), 400);
export const bandwidth = param('insight', 'b', integer(100, 5000), 400);
/** The slice that is shown of the film; null shows the whole time. */
export const frame = param<number | null>('insight', 'slice', optional(integer(0, 400)), null);
export const view = param('insight', 'at', optional(viewCodec), null);
export const selected = param<string | null>('insight', 'sel', optional(text), null);
export const playing = param('insight', 'play', flag, false);
/** The list shows all there are rather than the first. */
export const all = param('insight', 'all', flag, false);

export const hovered = signal<string | null>(null);
/** Moves on each minute, so that presets follow the clock. */
export const tick = signal(Date.now());

/** The area that the path names, once it is known. */
export const area = signal<AreaDetail | null>(null);

/** The levels that lie in the area. */
export function levelsIn(code: string): Level[] {
  const digits: Record<Level, number> = { street: 9, community: 12, grid: 14 };
  return levels.filter((l) => digits[l] > code.length || (l === 'grid' && code.length === 14));
}

export const shownLevel = computed<Level>(() => {
  const possible = levelsIn(area.value?.code ?? '');
  if (level.value && possible.includes(level.value)) return level.value;
  return possible[Math.min(1, possible.length - 1)] ?? 'grid';
});

/** A density has no base to relate to; the list beside it counts. */
export const shownValue = computed<Value>(() => (form.value === 'areas' ? value.value : 'count'));

export const whole = computed(() => spanOf(time.value, tick.value));
/** A density rests on what lies within its bandwidth, which in a few hours is too little to show. */
export const step = computed(() => stepOf(whole.value, form.value === 'density' ? 24 : 1));
export const frames = computed(() =>
  Math.round((whole.value.to.getTime() - whole.value.from.getTime()) / 3_600_000 / step.value),
);

export function setMeasure(m: Measure) {
  // At once: a class of one measure is none of another, and the server refuses it.
  batch(() => {
    measure.value = m;
    klass.value = m === 'grades' ? 'risky' : '';
    selected.value = null;
  });
}

export function move(by: number) {
  if (frames.value < 2) return;
  const at = frame.value ?? (by > 0 ? -1 : frames.value);
  frame.value = (at + by + frames.value) % frames.value;
}

/** The same question, asked of another area: its own levels, its own slices, its own place on the map. */
export function keep(): string {
  const text = stateOf('insight', ['l', 'sel', 'at', 'slice', 'play']);
  return text ? `?${text}` : '';
}
