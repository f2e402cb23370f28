// Figures and times of a heatmap in words.

import { number, percent } from '../../i18n/format';
import { lang } from '../../shell/prefs';
import type { Span } from './period';
import { hours } from './period';
import { t } from './text';

const zone = 'Asia/Shanghai';

function stamp(at: Date, withHour: boolean, withYear: boolean): string {
  return new Intl.DateTimeFormat(lang.value === 'zh' ? 'zh-CN' : 'en-GB', {
    timeZone: zone,
    ...(withYear ? { year: 'numeric' as const } : {}),
    month: 'short',
    day: 'numeric',
    ...(withHour ? { hour: '2-digit', minute: '2-digit', hourCycle: 'h23' as const } : {}),
  }).format(at);
}

/** From when to when, as precise as it has to be; the year too where it is not this one, or always. */
export function spanWords(s: Span, withYear = yearOf(s.from) !== yearOf(new Date())): string {
  const day = hours(s) % 24 === 0 && new Date(s.from.getTime() + 8 * 3_600_000).getUTCHours() === 0;
  if (day && hours(s) === 24) return stamp(s.from, false, withYear);
  const last = day ? new Date(s.to.getTime() - 1) : s.to;
  return `${stamp(s.from, !day, withYear)} – ${stamp(last, !day, withYear)}`;
}

const yearOf = (at: Date) => new Date(at.getTime() + 8 * 3_600_000).getUTCFullYear();

/** A value in three digits at most where it is not whole. */
export function figure(v: number): string {
  if (Number.isInteger(v)) return number(v);
  const size = Math.abs(v);
  const short = Number(v.toPrecision(size >= 100 ? Math.ceil(Math.log10(size)) : 3));
  return number(short, String(short).split('.')[1]?.length ?? 0);
}

/** A change with its sign. */
export function change(v: number): string {
  return v > 0 ? `+${figure(v)}` : figure(v).replace('-', '−');
}

/** A share of change with its sign. */
export function growth(share: number): string {
  const words = percent(Math.abs(share), Math.abs(share) < 0.1 ? 1 : 0);
  return `${share > 0 ? '+' : share < 0 ? '−' : '±'}${words}`;
}

/** The legend's label of a class. */
export function classWords(bounds: readonly number[], i: number): string {
  const low = bounds[i - 1];
  const high = bounds[i];
  if (low === undefined && high === undefined) return t('legend.all');
  if (low === undefined) return `< ${figure(high ?? 0)}`;
  if (high === undefined) return `≥ ${figure(low)}`;
  return `${figure(low)} – ${figure(high)}`;
}

/** The labels of a comparison, from most less to most more. */
export function turnWords(bounds: readonly number[]): string[] {
  const up = bounds.slice(bounds.length / 2);
  const words = (sign: 1 | -1) =>
    up.map((b, i) => {
      const next = up[i + 1];
      const [near, far] = [change(sign * b), next === undefined ? '' : change(sign * next)];
      if (next === undefined)
        return b === 0 ? `${sign > 0 ? '>' : '<'} 0` : `${sign > 0 ? '≥' : '≤'} ${near}`;
      const [a, z] = sign > 0 ? [b === 0 ? '0' : near, far] : [far, b === 0 ? '0' : near];
      return t('legend.range', { a, b: z });
    });
  return [...words(-1).reverse(), t('legend.same'), ...words(1)];
}

export function unitWords(unit: string): string {
  const [what, per] = unit.split(/_(?=per_)/, 2);
  const key = `unit.${what}` as Parameters<typeof t>[0];
  return per
    ? t(`per.${unit.slice((what?.length ?? 0) + 1)}` as Parameters<typeof t>[0], { what: t(key) })
    : t(key);
}
