// What the wall's user has chosen: all of it in the URL, so that a link shows the same. What the district is like comes
// from elsewhere (store, replay, figures).
import { computed, signal } from '@preact/signals';
import type { AreaDetail } from '../../api/client';
import { type Grade, grades } from '../../map/colours';
import {
  type Codec,
  flag,
  integer,
  oneOf,
  optional,
  param,
  setOf,
  view as viewCodec,
} from '../../shell/params';

export type Selection =
  | { kind: 'building'; ref: string }
  | { kind: 'area'; code: string }
  | { kind: 'incident'; id: number }
  | { kind: 'declaration'; id: number };

const letters = { b: 'building', a: 'area', i: 'incident', d: 'declaration' } as const;

const selection: Codec<Selection> = {
  parse(s) {
    const match = /^([baid])(\d{1,25})$/.exec(s);
    if (!match?.[2]) return null;
    const kind = letters[match[1] as keyof typeof letters];
    if (kind === 'building') return { kind, ref: match[2] };
    return kind === 'area' ? { kind, code: match[2] } : { kind, id: Number(match[2]) };
  },
  format(s) {
    if (s.kind === 'building') return `b${s.ref}`;
    return s.kind === 'area' ? `a${s.code}` : `${s.kind[0]}${s.id}`;
  },
};

export const topicsShown = ['incident', 'declaration', 'grade'] as const;
export type ShownTopic = (typeof topicsShown)[number];
export const speeds = [1, 4, 16, 60] as const;

export const hidden = param<ReadonlySet<Grade>>('wall', 'hide', setOf(grades), new Set());
export const view = param('wall', 'at', optional(viewCodec), null);
export const selected = param<Selection | null>('wall', 'sel', optional(selection), null);
/** Which incidents the map and the list show. */
export const cases = param<'all' | 'overdue' | 'none'>(
  'wall',
  'cases',
  oneOf(['all', 'overdue', 'none'] as const),
  'all',
);
/** Topics that the ticker leaves out. */
export const muted = param<ReadonlySet<ShownTopic>>('wall', 'quiet', setOf(topicsShown), new Set());
/** The time replayed, in seconds since 1970; null for live. It goes on as the replay does. */
export const replayAt = param('wall', 'replay', optional(integer(1_000_000_000, 9_999_999_999)), null);
/** Whether the past is shown. */
export const replaying = computed(() => replayAt.value !== null);
/** Whether the replay goes on, or stands still. */
export const playing = param('wall', 'play', flag, false);
export const speed = param<(typeof speeds)[number]>('wall', 'speed', oneOf(speeds), 16);
/** Seconds between two saved views in wall mode; 0 outside of it. */
export const rotation = param('wall', 'wall', integer(0, 3600), 0);
/** Fewer pixels and no movement, for computers without a GPU; unset it follows what the computer can. */
export const lowGraphics = param('wall', 'low', optional(flag), null);

const panels = ['figures', 'events', 'areas', 'cases', 'houses', 'time'] as const;
export type Panel = (typeof panels)[number];
/** Which list lies over the map; on a phone, which panel the sheet shows. */
export const open = param<Panel | null>('wall', 'list', optional(oneOf(panels)), null);
export const reporting = signal<{ at?: [number, number]; building?: { code: string; name: string } } | null>(
  null,
);
/** Begins a report, with a place where there is one. */
export function report(at?: { at?: [number, number]; building?: { code: string; name: string } }) {
  reporting.value = at ?? {};
}

/** The next click on the map gives the report its place. */
export const picking = signal(false);
export const sidesHidden = param('wall', 'bare', flag, false);

/** The area that the path names, once it is known. */
export const area = signal<AreaDetail | null>(null);
export const bounds = computed(() => area.value?.area?.bounds ?? null);

/** The area that everything is narrowed to: the selected one, or the page's own. */
export const focus = computed(() =>
  selected.value?.kind === 'area' ? selected.value.code : (area.value?.code ?? ''),
);

export function toggleGrade(g: Grade) {
  const next = new Set(hidden.value);
  if (!next.delete(g)) next.add(g);
  hidden.value = next;
}

export function toggleTopic(topic: ShownTopic) {
  const next = new Set(muted.value);
  if (!next.delete(topic)) next.add(topic);
  muted.value = next;
}

export function select(s: Selection | null) {
  selected.value = s;
}
