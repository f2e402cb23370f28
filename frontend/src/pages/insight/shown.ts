// What the present state shows: rows with a class each, whatever the form, for the map, the list and the legend alike.
import { computed } from '@preact/signals';
import { pick } from '../../i18n';
import { palette, theme } from '../../shell/prefs';
import { areas, density, densityFrame, film, frameLegend, hexes, hexFrame, series } from './data';
import { classOf, rampColours, turnColours, turnOf } from './paint';
import * as s from './state';

/** One area or hexagon. */
export interface Row {
  key: string;
  /** The area to go to from here: its own, or the grid that most of a hexagon's cases lie in. */
  code: string;
  name: string;
  n: number | null;
  previous: number | null;
  base: number;
  value: number | null;
  suppressed: boolean;
  spot: 'hot' | 'cold' | 'none';
  /** -3 suppressed, -2 nothing to relate to, -1 zero, else the legend's. */
  class: number;
}

export interface Legend {
  bounds: number[];
  colours: string[];
  diverging: boolean;
}

/** A slice is shown rather than the whole time. */
export const sliced = computed(() => s.frame.value !== null && s.frame.value < s.frames.value);

/** Of a slice it is the one that all slices share, so that a colour means the same in each. */
function classes(): readonly number[] | undefined {
  if (s.form.value === 'areas') return (sliced.value ? film.value : areas.value)?.classes;
  if (sliced.value) return frameLegend.value?.classes;
  return (s.form.value === 'hexes' ? hexes.value : density.value)?.classes;
}

export const legend = computed<Legend>(() => {
  const diverging = s.compare.value && !sliced.value; // slices never are differences
  const bounds = [...(classes() ?? [])];
  const n = bounds.length + 1;
  return {
    bounds,
    diverging,
    colours: diverging ? turnColours(n, theme.value) : rampColours(n, theme.value, palette.value),
  };
});

function classFor(value: number | null, suppressed: boolean): number {
  if (suppressed) return -3;
  if (value === null) return -2;
  const l = legend.value;
  if (l.diverging) return turnOf(value, l.bounds);
  return value === 0 ? -1 : classOf(value, l.bounds);
}

export const areaNames = computed(() => {
  const names = new Map<string, string>();
  for (const r of areas.value?.rows ?? []) names.set(r.code, pick(r.name_zh, r.name_en) || r.code);
  return names;
});

/** A grid's name is often only its number; then it is called by where it lies. */
export function nameOf(code: string): string {
  for (const digits of [14, 12, 9]) {
    const name = digits <= code.length ? areaNames.value.get(code.slice(0, digits)) : undefined;
    if (name) return name;
  }
  return code;
}

export const rows = computed<Row[]>(() => {
  if (s.form.value === 'hexes') return hexRows();
  const slices = sliced.value ? film.value : null;
  const at = s.frame.value ?? 0;
  const values = new Map(slices?.rows.map((r) => [r.code, valueAt(r, at)]));
  return (areas.value?.rows ?? []).map((r) => {
    const based = r.base > 0 || s.shownValue.value === 'count';
    const played = values.get(r.code);
    const value = slices ? (based ? (played === undefined ? 0 : played) : null) : r.value;
    const suppressed = slices ? based && value === null : r.suppressed;
    const count = slices && s.shownValue.value !== 'count' ? null : slices ? value : r.n;
    return {
      key: r.code,
      code: r.code,
      name: areaNames.value.get(r.code) ?? r.code,
      n: count,
      previous: slices ? null : (r.previous ?? null),
      base: r.base,
      value,
      suppressed,
      spot: 'none',
      class: classFor(value, suppressed),
    };
  });
});

/** What a film's row shows in a slice: the last of its changes up to then, and before the first nothing. */
export function valueAt(row: { at: readonly number[]; values: readonly (number | null)[] }, slice: number) {
  let low = 0;
  let high = row.at.length;
  while (low < high) {
    const middle = (low + high) >> 1;
    if ((row.at[middle] ?? 0) <= slice) low = middle + 1;
    else high = middle;
  }
  return low === 0 ? 0 : (row.values[low - 1] ?? null);
}

/** Several hexagons lie in one community; the number of the grid tells them apart. */
const hexName = (code: string) => `${nameOf(code)} ${code.slice(12)}`;

export const shownHexes = computed(() => (sliced.value ? hexFrame.value : hexes.value));

function hexRows(): Row[] {
  return (shownHexes.value?.rows ?? []).map((r) => ({
    key: r.id,
    code: r.code,
    name: r.code ? hexName(r.code) : r.id,
    n: r.n,
    previous: r.previous ?? null,
    base: 0,
    value: r.value,
    suppressed: r.suppressed,
    spot: r.spot,
    class: classFor(r.value, r.suppressed),
  }));
}

/** The first of the list: the highest, or in a comparison what changed most. */
export const ranked = computed(() => {
  const known = rows.value.filter((r) => r.value !== null && r.value !== 0);
  const far = (r: Row) => (legend.value.diverging ? Math.abs(r.value ?? 0) : (r.value ?? 0));
  return known.sort((a, b) => far(b) - far(a) || a.key.localeCompare(b.key));
});

export const rowByKey = computed(() => new Map(rows.value.map((r) => [r.key, r])));

/** What the answer of the present form says of itself; of a choropleth's slice, what of it is the slice's. */
export const about = computed(() => {
  if (s.form.value === 'hexes') return shownHexes.value;
  if (s.form.value === 'density') return sliced.value ? densityFrame.value : density.value;
  const whole = areas.value;
  const n = sliced.value ? series.value?.counts[s.frame.value ?? 0] : undefined;
  if (!whole || n === undefined) return whole;
  const { previous: _, ...rest } = whole;
  return { ...rest, n, suppressed: rows.value.filter((r) => r.suppressed).length };
});
