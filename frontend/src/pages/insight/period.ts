// Times of a heatmap: presets that end with this hour, or two whole hours; and the slices that a film of one is cut into.
import type { Codec } from '../../shell/params';

export const presets = ['1h', '6h', '24h', '7d', '30d'] as const;
export type Preset = (typeof presets)[number];

/** A preset, or a time of its own in milliseconds; `to` does not belong to it. */
export type Period = Preset | { from: number; to: number };

const hourMs = 3_600_000;
const hoursOf: Record<Preset, number> = { '1h': 1, '6h': 6, '24h': 24, '7d': 168, '30d': 720 };
const longest = 366 * 24;

const written = /^(\d{4})-(\d\d)-(\d\d)T(\d\d)Z$/;

function hour(text: string): number | null {
  const m = written.exec(text);
  if (!m) return null;
  const at = Date.UTC(Number(m[1]), Number(m[2]) - 1, Number(m[3]), Number(m[4]));
  return Number.isNaN(at) ? null : at;
}

const write = (at: number) => `${new Date(at).toISOString().slice(0, 13)}Z`;

/** 7d, or 2026-11-17T08Z,2026-11-24T08Z. */
export const period: Codec<Period> = {
  parse(s) {
    const preset = presets.find((p) => p === s);
    if (preset) return preset;
    const [a = '', b = ''] = s.split(',');
    const from = hour(a);
    const to = hour(b);
    if (from === null || to === null || to <= from || (to - from) / hourMs > longest) return null;
    return { from, to };
  },
  format: (p) => (typeof p === 'string' ? p : `${write(p.from)},${write(p.to)}`),
};

export interface Span {
  from: Date;
  to: Date;
}

/** When a period is, seen at a moment: a preset ends with the hour that runs. */
export function spanOf(p: Period, now: number): Span {
  if (typeof p !== 'string') return { from: new Date(p.from), to: new Date(p.to) };
  const to = (Math.floor(now / hourMs) + 1) * hourMs;
  return { from: new Date(to - hoursOf[p] * hourMs), to: new Date(to) };
}

export const hours = (s: Span) => Math.round((s.to.getTime() - s.from.getTime()) / hourMs);

/** The slices that a person still tells apart on a slider. */
const mostSlices = 48;

/**
 * How many hours a slice of the film has: the shortest usual one, of at least so many where the time has some of those,
 * that divides the time into few enough.
 */
export function stepOf(s: Span, least = 1): number {
  const all = hours(s);
  const usual = [1, 2, 3, 4, 6, 8, 12, 24, 48, 72, 168];
  const fits = usual.filter((h) => all % h === 0 && all / h <= mostSlices);
  return fits.find((h) => h >= least && all / h >= 3) ?? fits[0] ?? all;
}

/** The n-th slice of a time. */
export function slice(s: Span, step: number, n: number): Span {
  const from = s.from.getTime() + n * step * hourMs;
  return { from: new Date(from), to: new Date(from + step * hourMs) };
}
