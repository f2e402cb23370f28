// The URL is the state: whoever gets the link sees the same view. A parameter is a signal with a codec; one effect
// writes all of them. Those of a screen leave with it, those of the shell stay.
import { batch, effect, type Signal, signal } from '@preact/signals';
import { onNavigation, type PageName, route } from './route';

export interface Codec<T> {
  /** null for what makes no sense; the fallback takes its place. */
  parse(text: string): T | null;
  format(value: T): string;
}

interface Param {
  name: string;
  page: PageName | null;
  read(search: URLSearchParams): void;
  write(search: URLSearchParams): void;
}

const params: Param[] = [];
const registered = signal(0);

/**
 * Declares a parameter of a screen, or with page null of every screen. Absent from the URL it is the fallback, and the
 * other way round, unless it is always written. Declare once, at the top of a module.
 */
export function param<T>(
  page: PageName | null,
  name: string,
  codec: Codec<T>,
  fallback: T,
  always = false,
): Signal<T> {
  const quiet = always ? null : codec.format(fallback);
  const parse = (search: URLSearchParams) => {
    const text = search.get(name);
    return text === null ? null : codec.parse(text);
  };
  const value = signal<T>(parse(new URLSearchParams(location.search)) ?? fallback);
  params.push({
    name,
    page,
    read(search) {
      const found = parse(search);
      if (found !== null) value.value = found;
      else if (page !== null) value.value = fallback;
    },
    write(search) {
      const text = codec.format(value.value);
      if (text === quiet) search.delete(name);
      else search.set(name, text);
    },
  });
  registered.value++;
  return value;
}

onNavigation(() => {
  const search = new URLSearchParams(location.search);
  for (const p of params) p.read(search);
});

/** What a screen's own parameters say now, as a query, without those named. What is as it always is goes without saying. */
export function stateOf(page: PageName, without: readonly string[] = []): string {
  const search = new URLSearchParams();
  for (const p of params) if (p.page === page && !without.includes(p.name)) p.write(search);
  return legible(search);
}

/** Shows what stateOf gave: what the query does not say is as it always is; those named stay as they are. */
export function showState(page: PageName, query: string, without: readonly string[] = []) {
  const search = new URLSearchParams(query);
  batch(() => {
    for (const p of params) if (p.page === page && !without.includes(p.name)) p.read(search);
  });
}

/** Commas and colons may stand in a query as they are. */
const legible = (search: URLSearchParams) => search.toString().replaceAll('%2C', ',').replaceAll('%3A', ':');

/** The query with every parameter of this screen in it. What nobody declared yet stays as it is. */
function query(): string {
  const search = new URLSearchParams(location.search);
  for (const p of params) {
    if (p.page === null || p.page === route.value.page) p.write(search);
    else if (!params.some((q) => q.name === p.name && q.page === route.value.page)) search.delete(p.name);
  }
  const text = legible(search);
  return text ? `?${text}` : '';
}

/** Keeps the address in step with the parameters; returns what ends it. */
export function syncUrl(): () => void {
  return effect(() => {
    registered.value;
    route.value;
    const wanted = location.pathname + query();
    if (wanted !== location.pathname + location.search) history.replaceState(null, '', wanted);
  });
}

export const text: Codec<string> = { parse: (s) => s, format: (s) => s };

export const flag: Codec<boolean> = {
  parse: (s) => (s === '1' ? true : s === '0' ? false : null),
  format: (on) => (on ? '1' : '0'),
};

export function oneOf<T extends string | number>(values: readonly T[]): Codec<T> {
  return { parse: (s) => values.find((v) => String(v) === s) ?? null, format: String };
}

/** Several values of a list, in the list's order, without doubles. */
export function setOf<T extends string>(values: readonly T[]): Codec<ReadonlySet<T>> {
  return {
    parse: (s) => new Set(values.filter((v) => s.split(',').includes(v))),
    format: (set) => values.filter((v) => set.has(v)).join(','),
  };
}

export function integer(min: number, max: number): Codec<number> {
  return {
    parse: (s) => (/^-?\d{1,15}$/.test(s) && Number(s) >= min && Number(s) <= max ? Number(s) : null),
    format: String,
  };
}

/** A codec for a value that may be absent. */
export function optional<T>(codec: Codec<T>): Codec<T | null> {
  return { parse: (s) => codec.parse(s), format: (v) => (v === null ? '' : codec.format(v)) };
}

export interface View {
  lon: number;
  lat: number;
  zoom: number;
}

/** A map's centre and zoom. */
export const view: Codec<View> = {
  parse(s) {
    const parts = s.split(',').map(Number);
    const [lon, lat, zoom] = parts;
    if (parts.length !== 3 || lon === undefined || lat === undefined || zoom === undefined) return null;
    const sane = Math.abs(lon) <= 180 && Math.abs(lat) <= 85 && zoom >= 0 && zoom <= 22;
    return sane ? { lon, lat, zoom } : null;
  },
  format: (v) => `${v.lon.toFixed(5)},${v.lat.toFixed(5)},${v.zoom.toFixed(2)}`,
};
