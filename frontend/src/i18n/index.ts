// Texts in both languages. Each screen has its own two files; the Chinese one decides which keys there are, and the
// compiler holds the English one to exactly them.
import { lang } from '../shell/prefs';
import en from './en.json';
import zh from './zh.json';

type Table = Record<string, string>;
/** Every key of Z, and no other. */
type SameKeys<Z extends Table, E extends Table> = { [K in keyof Z]: string } & {
  [K in Exclude<keyof E, keyof Z>]: never;
};
export type Values = Record<string, string | number>;

/** A typed t() over a screen's two files; {names} are replaced. */
export function texts<Z extends Table, E extends Table>(zhTable: Z, enTable: E & SameKeys<Z, E>) {
  return (key: keyof Z & string, values: Values = {}): string => {
    const table: Table = lang.value === 'zh' ? zhTable : enTable;
    return (table[key] ?? key).replace(/\{(\w+)\}/g, (_, name: string) => String(values[name] ?? ''));
  };
}

export type Key = keyof typeof zh;

/** The texts that every screen shares: the district's terms, and what any panel says. */
export const t = texts(zh, en);

type Group = 'use' | 'kind' | 'level' | 'grade' | 'role' | 'status' | 'declaration' | 'source';

/** The text for a value that the server names, or the value itself where there is none. */
export function named(group: Group, value: string): string {
  const key = `${group}.${value}`;
  return key in zh ? t(key as Key) : value;
}

/** The one of two names that the reader reads; the other where it is missing. */
export function pick(zhName: string, enName: string): string {
  return lang.value === 'zh' ? zhName || enName : enName || zhName;
}
