// One thing that happened, whether the stream told it just now or the history tells of it.
import type { components } from '../../api/schema';
import type { Item } from '../../live/protocol';
import type { ShownTopic } from './state';

export interface Happening {
  /** The same thing always has the same key, whoever told it. */
  key: string;
  at: Date;
  topic: ShownTopic;
  id: number;
  code: string;
  action: string;
  was: string;
  now: string;
  type: string;
  severity: number;
  lon: number | null;
  lat: number | null;
  nameZh: string;
  nameEn: string;
}

const key = (topic: string, id: number, now: string, at: Date) =>
  `${topic}.${id}.${now}.${Math.round(at.getTime() / 2000)}`;

export function fromHistory(e: components['schemas']['PastEvent']): Happening {
  const at = new Date(e.at);
  return {
    key: key(e.topic, e.id, e.now ?? '', at),
    at,
    topic: e.topic,
    id: e.id,
    code: e.code,
    action: e.action ?? '',
    was: e.was ?? '',
    now: e.now ?? '',
    type: e.type ?? '',
    severity: e.severity ?? 0,
    lon: e.lon ?? null,
    lat: e.lat ?? null,
    nameZh: e.name_zh ?? '',
    nameEn: e.name_en ?? '',
  };
}

/**
 * What the stream tells, as it arrives; null for what a ticker does not show. An incident that is over is told by its
 * number and final status only: what else there is to say is known from before.
 */
export function fromStream(item: Item, at: Date, known?: Case): Happening | null {
  const base = {
    at,
    id: item.id,
    code: item.code,
    action: '',
    type: '',
    severity: 0,
    nameZh: '',
    nameEn: '',
  };
  if (item.topic === 'incident') {
    if (item.kind === 'removed' && item.final && known) {
      return {
        ...base,
        key: key('incident', item.id, item.final, at),
        topic: 'incident',
        was: known.status,
        now: item.final,
        type: known.type,
        severity: known.severity,
        lon: known.lon,
        lat: known.lat,
      };
    }
    if (!('data' in item) || item.kind === 'present' || item.kind === 'enter') return null;
    const d = item.data;
    if (item.kind === 'changed' && d.was === undefined) return null; // something else about it changed
    return {
      ...base,
      key: key('incident', item.id, d.status, at),
      topic: 'incident',
      was: d.was ?? '',
      now: d.status,
      type: d.type,
      severity: d.severity,
      lon: d.lon,
      lat: d.lat,
    };
  }
  if (item.topic === 'declaration' && 'data' in item && item.kind !== 'present' && item.kind !== 'enter') {
    const d = item.data;
    if (item.kind === 'changed' && d.was === undefined) return null;
    return {
      ...base,
      key: key('declaration', item.id, d.status, at),
      topic: 'declaration',
      was: d.was ?? '',
      now: d.status,
      lon: d.lon ?? null,
      lat: d.lat ?? null,
    };
  }
  if (item.topic === 'grade' && 'data' in item && item.kind === 'changed') {
    const d = item.data;
    return {
      ...base,
      key: key('grade', item.id, d.grade ?? '', at),
      topic: 'grade',
      was: d.was ?? '',
      now: d.grade ?? '',
      lon: d.lon,
      lat: d.lat,
      nameZh: d.name_zh,
      nameEn: d.name_en,
    };
  }
  return null;
}

/** A house was graded again and stayed what it was. */
export const saysNothing = (h: Happening) => h.topic === 'grade' && h.was === h.now;

/** An incident that is open, as the map shows it. */
export interface Case {
  id: number;
  code: string;
  type: string;
  severity: number;
  status: string;
  reportedAt: number;
  /** When its clock runs out, in milliseconds since 1970; null where none runs. */
  dueAt: number | null;
  lon: number;
  lat: number;
}

export const overdue = (c: Case, now: number) => c.dueAt !== null && c.dueAt < now;

const over = new Set(['closed', 'rejected', 'merged']);
export const isOver = (status: string) => over.has(status);
