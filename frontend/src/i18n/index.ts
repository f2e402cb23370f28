// Texts in both languages. The Chinese file decides which keys there are; the compiler holds the English one to it.
import { lang } from '../app/state';
import en from './en.json';
import zh from './zh.json';

export type Key = keyof typeof zh;
export type Lang = 'zh' | 'en';

const texts: Record<Lang, Record<Key, string>> = { zh, en };

/** The text in the chosen language, with {names} replaced. */
export function t(key: Key, values: Record<string, string | number> = {}): string {
  return texts[lang.value][key].replace(/\{(\w+)\}/g, (_, name: string) => String(values[name] ?? ''));
}

/** The text for a value that the server names, or the value itself where there is none. */
export function named(group: 'use' | 'kind' | 'level' | 'grade', value: string): string {
  return texts[lang.value][`${group}.${value}` as Key] ?? value;
}

/** The one of two names that the reader reads; the other where it is missing. */
export function pick(zhName: string, enName: string): string {
  return lang.value === 'zh' ? zhName || enName : enName || zhName;
}

const locales: Record<Lang, string> = { zh: 'zh-CN', en: 'en-GB' };

export function number(n: number): string {
  return new Intl.NumberFormat(locales[lang.value]).format(n);
}

export function clock(at: Date): string {
  return new Intl.DateTimeFormat(locales[lang.value], {
    timeStyle: 'medium',
    timeZone: 'Asia/Shanghai',
  }).format(at);
}

export function day(iso: string): string {
  return new Intl.DateTimeFormat(locales[lang.value], {
    dateStyle: 'medium',
    timeStyle: 'short',
    timeZone: 'Asia/Shanghai',
  }).format(new Date(iso));
}
