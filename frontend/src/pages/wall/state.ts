// What the wall shows, as signals. Components read them, events set them, and one function (sync) brings the map in
// step.
import { computed, signal } from '@preact/signals';
import type { AreaDetail, AreaStats } from '../../api/client';
import { type Grade, grades } from '../../map/colours';
import { type Codec, optional, param, setOf, view as viewCodec } from '../../shell/params';

export type Selection = { kind: 'building'; ref: string } | { kind: 'area'; code: string };

const selection: Codec<Selection> = {
  parse(s) {
    const match = /^([ba])(\d{1,25})$/.exec(s);
    if (!match?.[2]) return null;
    return match[1] === 'b' ? { kind: 'building', ref: match[2] } : { kind: 'area', code: match[2] };
  },
  format: (s) => (s.kind === 'building' ? `b${s.ref}` : `a${s.code}`),
};

export const hidden = param<ReadonlySet<Grade>>('wall', 'hide', setOf(grades), new Set());
export const view = param('wall', 'at', optional(viewCodec), null);
export const selected = param('wall', 'sel', optional(selection), null);
export const listOpen = signal(false);

/** The area that the path names, once it is known. */
export const area = signal<AreaDetail | null>(null);
export const bounds = computed(() => area.value?.area?.bounds ?? null);

/** Figures of the wall's area. */
export const stats = signal<AreaStats | null>(null);

export function toggleGrade(g: Grade) {
  const next = new Set(hidden.value);
  if (!next.delete(g)) next.add(g);
  hidden.value = next;
}
