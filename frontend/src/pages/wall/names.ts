// Names that everything on the wall needs: of incident types and of the areas below.
import { computed, signal } from '@preact/signals';
import { type Area, api } from '../../api/client';
import type { components } from '../../api/schema';
import { pick } from '../../i18n';

type Classes = components['schemas']['IncidentClass'][];

export const classes = signal<Classes>([]);
export const areas = signal<readonly Area[]>([]);

const types = computed(
  () =>
    new Map(classes.value.flatMap((c) => c.types.map((t) => [t.code, { ...t, classCode: c.code }] as const))),
);
const byCode = computed(() => new Map(areas.value.map((a) => [a.code, a])));

export function typeName(code: string): string {
  const t = types.value.get(code);
  return t ? pick(t.name_zh, t.name_en) : code;
}

export function areaNamed(code: string): Area | undefined {
  return byCode.value.get(code);
}

/** The smallest named area that a code lies in, below the wall's own. */
export function placeName(code: string): string {
  for (const length of [14, 12, 9, 6]) {
    const a = byCode.value.get(code.slice(0, length));
    if (a && code.length >= length) return pick(a.name_zh, a.name_en);
  }
  return '';
}

const below = { city: 'district', district: 'street', street: 'community', community: 'grid' } as const;
export type Level = 'district' | 'street' | 'community' | 'grid';

/** The level right below another; null below a grid. */
export function levelBelow(level: string): Level | null {
  return below[level as keyof typeof below] ?? null;
}

export async function loadTypes() {
  if (classes.value.length > 0) return;
  const { data } = await api.GET('/api/v1/incident-types');
  if (data) classes.value = data.classes;
}

/** Loads the areas of the two levels below one: the league's rows, and what the ticker names places by. */
export async function loadAreas(code: string, level: string) {
  const next = levelBelow(level);
  if (!next) return;
  const after = levelBelow(next);
  const lists = await Promise.all([all(code, next), after ? all(code, after) : []]);
  areas.value = lists.flat();
}

async function all(within: string, level: Level): Promise<Area[]> {
  const found: Area[] = [];
  let cursor: string | null = null;
  do {
    const { data }: { data?: { items: Area[]; next: string | null } } = await api.GET('/api/v1/areas', {
      params: { query: { level, q: within, limit: 200, ...(cursor ? { cursor } : {}) } },
    });
    found.push(...(data?.items ?? []));
    cursor = data?.next ?? null;
  } while (cursor);
  return found;
}
