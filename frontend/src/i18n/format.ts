// Numbers and times as people write them, in the district's time zone wherever the browser stands.
import { lang } from '../shell/prefs';
import { t } from '.';

const zone = 'Asia/Shanghai'; // eight hours ahead, without summer time
const locale = () => (lang.value === 'zh' ? 'zh-CN' : 'en-GB');

const made = new Map<string, Intl.DateTimeFormat | Intl.NumberFormat>();

function cached<T extends Intl.DateTimeFormat | Intl.NumberFormat>(key: string, make: () => T): T {
  const found = made.get(key) as T | undefined;
  if (found) return found;
  const fresh = make();
  made.set(key, fresh);
  return fresh;
}

export function number(n: number, digits = 0): string {
  const l = locale();
  return cached(
    `n${l}${digits}`,
    () => new Intl.NumberFormat(l, { maximumFractionDigits: digits, minimumFractionDigits: digits }),
  ).format(n);
}

export function percent(part: number, digits = 0): string {
  const l = locale();
  return cached(
    `p${l}${digits}`,
    () =>
      new Intl.NumberFormat(l, {
        style: 'percent',
        maximumFractionDigits: digits,
        minimumFractionDigits: digits,
      }),
  ).format(part);
}

function time(key: string, at: Date, options: Intl.DateTimeFormatOptions): string {
  const l = locale();
  return cached(
    `${key}${l}`,
    () => new Intl.DateTimeFormat(l, { ...options, timeZone: zone, hourCycle: 'h23' }),
  ).format(at);
}

/** 09:02:50 */
export function clock(at: Date): string {
  return time('c', at, { hour: '2-digit', minute: '2-digit', second: '2-digit' });
}

/** 09:02 */
export function hour(at: Date): string {
  return time('h', at, { hour: '2-digit', minute: '2-digit' });
}

/** The day with its weekday. */
export function date(at: Date): string {
  return time('d', at, { dateStyle: 'medium' });
}

const dayNumber = (at: Date) => Math.floor((at.getTime() + 8 * 3600_000) / 86_400_000);

/** Whether two times lie on one day of the district's. */
export const sameDay = (a: Date, b: Date) => dayNumber(a) === dayNumber(b);

/** The time of what lies on the same day as another time; with the day what does not: 09:02:50, or 24 Nov, 09:02. */
export function when(at: Date, now: Date, seconds = false): string {
  if (sameDay(at, now)) return clock(at);
  return time(seconds ? 'ws' : 'w', at, {
    month: 'short',
    day: 'numeric',
    hour: '2-digit',
    minute: '2-digit',
    ...(seconds ? { second: '2-digit' } : {}),
  });
}

/** Tuesday, 24 November */
export function dayOnly(at: Date): string {
  return time('o', at, { weekday: 'long', month: 'long', day: 'numeric' });
}

/** Day and time of something that the server dated. */
export function day(iso: string): string {
  return time('t', new Date(iso), { dateStyle: 'medium', timeStyle: 'short' });
}

/** How long something lasts, in the largest unit that says enough: 45 s, 12 min, 3 h, 2 d. */
export function span(ms: number): string {
  const s = Math.max(0, Math.round(ms / 1000));
  if (s < 90) return t('span.s', { n: s });
  if (s < 90 * 60) return t('span.min', { n: Math.round(s / 60) });
  if (s < 36 * 3600) return t('span.h', { n: Math.round(s / 3600) });
  return t('span.d', { n: Math.round(s / 86400) });
}
