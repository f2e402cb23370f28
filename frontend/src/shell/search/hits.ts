// What a search finds, how it is called, and what was found lately.
import { api, type Hit } from '../../api/client';
import { named, pick } from '../../i18n';
import { day } from '../../i18n/format';
import { housePath, navigate, wallPath } from '../route';
import { account } from '../session';
import { recall, remember } from '../stored';
import { t } from './text';

export type { Hit };

/** The best hits for a text, or null where the server could not say. */
export async function find(q: string): Promise<Hit[] | null> {
  try {
    const { data } = await api.GET('/api/v1/search', { params: { query: { q, limit: 12 } } });
    return data?.items ?? null;
  } catch {
    return null;
  }
}

export function titleOf(hit: Hit): string {
  const name = pick(hit.name_zh, hit.name_en);
  if (hit.kind === 'room') return `${t('room', { unit: name })} · ${addressOf(hit)}`;
  return name || addressOf(hit) || hit.code;
}

export function addressOf(hit: Hit): string {
  return pick(hit.address_zh ?? '', hit.address_en ?? '');
}

/** The second line: what tells two hits of one name apart. */
export function underOf(hit: Hit): string {
  const within = hit.within.map((a) => pick(a.name_zh, a.name_en)).join(' › ');
  const parts = {
    area: [named('level', levelOf(hit.code)), within],
    building: [addressOf(hit), within],
    room: [within],
    incident: [
      t('incident', { id: hit.id }),
      hit.status ? named('status', hit.status) : '',
      hit.at ? day(hit.at) : '',
      within,
    ],
  }[hit.kind];
  return parts.filter((p) => p && p !== titleOf(hit)).join(' · ');
}

function levelOf(code: string): string {
  return (
    { 4: 'city', 6: 'district', 9: 'street', 12: 'community', 14: 'grid', 19: 'building', 25: 'room' }[
      code.length
    ] ?? ''
  );
}

/** The path to what was found: a house has a page, an area its wall, and what happened in the open its grid's wall. */
export function pathTo(hit: Hit): string {
  return hit.code.length >= 19 ? housePath(hit.code) : wallPath(hit.code);
}

/** What a screen without a map does with a hit. */
export function goTo(hit: Hit) {
  navigate(pathTo(hit));
}

const kept = 6;
const place = () => `recent.${account.value?.id ?? 0}`;

/** What this account chose lately on this browser, newest first. */
export function recent(): Hit[] {
  try {
    const list: unknown = JSON.parse(recall(place(), '[]'));
    return Array.isArray(list) ? (list as Hit[]).filter((h) => h.kind && h.code && h.within) : [];
  } catch {
    return [];
  }
}

export function keep(hit: Hit) {
  // An incident is a passing matter, and its line would be out of date.
  if (hit.kind === 'incident') return;
  const others = recent().filter((h) => h.code !== hit.code);
  const { score: _, corrected: __, ...lasting } = hit;
  remember(place(), JSON.stringify([{ ...lasting, score: 1 }, ...others].slice(0, kept)));
}

export function forget() {
  remember(place(), '[]');
}

/** A building from the lists as a hit. */
export function hitOf(b: {
  id: number;
  code: string;
  name_zh: string;
  name_en: string;
  address_zh: string;
  address_en: string;
  label: number[];
  state: { grade: Hit['grade'] | null };
}): Hit {
  return {
    kind: 'building',
    id: b.id,
    code: b.code,
    name_zh: b.name_zh,
    name_en: b.name_en,
    address_zh: b.address_zh,
    address_en: b.address_en,
    within: [],
    place: b.label,
    score: 1,
    ...(b.state.grade ? { grade: b.state.grade } : {}),
  };
}
