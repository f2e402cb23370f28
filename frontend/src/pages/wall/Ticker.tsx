import { useComputed, useSignal } from '@preact/signals';
import { t as common, named, pick } from '../../i18n';
import { clock, dayOnly, sameDay } from '../../i18n/format';
import { type Grade, gradeColour, grades } from '../../map/colours';
import { palette, theme } from '../../shell/prefs';
import { Panel } from '../../ui/Panel';
import { Swatch } from '../../ui/Swatch';
import { Empty } from '../../ui/states';
import type { Happening } from './happening';
import { flyTo } from './map/MapView';
import { placeName, typeName } from './names';
import { past } from './replay';
import { live, shownHappenings, shownTime } from './scene';
import { muted, select, selected, toggleTopic, topicsShown } from './state';
import { t } from './text';

/** Rows that are drawn; more is history, which the time bar leads to. */
const most = 80;

/**
 * What happens, newest first. It stands still under the pointer or the focus, and says how much is waiting; until the
 * pointer leaves the panel, so that what says it can be pressed.
 */
export function Ticker() {
  const held = useSignal<readonly Happening[] | null>(null);
  const all = useComputed(() => shownHappenings.value.slice(0, most));
  const waiting = useComputed(() => {
    const newest = held.value?.[0]?.key;
    if (held.value === null) return 0;
    const n = all.value.findIndex((h) => h.key === newest);
    return n < 0 ? all.value.length : n;
  });
  const hold = () => {
    held.value ??= all.value;
  };
  const release = () => {
    held.value = null;
  };
  const rows = held.value ?? all.value;
  return (
    <Panel
      title={past.value ? t('ticker.past') : t('ticker.title')}
      asOf={past.value ? null : (live.value?.store.changedAt.value ?? null)}
      staleAfter={Number.POSITIVE_INFINITY}
      class="ticker"
      left={release}
      actions={
        waiting.value > 0 && (
          <button type="button" class="chip new" onClick={release}>
            {t('ticker.new', { n: waiting.value })}
          </button>
        )
      }
    >
      <div class="chips" role="group" aria-label={t('ticker.filter')}>
        {topicsShown.map((topic) => (
          <button
            type="button"
            class="chip"
            key={topic}
            aria-pressed={!muted.value.has(topic)}
            onClick={() => toggleTopic(topic)}
          >
            <Mark topic={topic} /> {t(`topic.${topic}`)}
          </button>
        ))}
      </div>
      {rows.length === 0 ? (
        <Empty title={t('ticker.none')} hint={t('ticker.none.hint')} />
      ) : (
        <ol
          onMouseEnter={hold}
          onFocusCapture={hold}
          onBlurCapture={(e) => {
            if (!e.currentTarget.contains(e.relatedTarget as Node)) release();
          }}
          aria-label={t('ticker.title')}
        >
          {rows.map((h, i) => (
            <Row key={h.key} h={h} newDay={!sameDay(h.at, rows[i - 1]?.at ?? new Date(shownTime.value))} />
          ))}
        </ol>
      )}
    </Panel>
  );
}

/** A row that lies on another day than the one above it, or than the time shown, says which. */
function Row({ h, newDay }: { h: Happening; newDay: boolean }) {
  const place = placeName(h.code);
  const on = isSelected(h);
  return (
    <li class={`${tone(h)} ${on ? 'on' : ''}`}>
      {newDay && <p class="day">{dayOnly(h.at)}</p>}
      <button type="button" onClick={() => goTo(h)} aria-pressed={on}>
        <time dateTime={h.at.toISOString()}>{clock(h.at)}</time>
        <Mark topic={h.topic} />
        <span class="what">{headline(h)}</span>
        <span class="how">{stateOf(h)}</span>
        {place && <span class="where">{place}</span>}
      </button>
    </li>
  );
}

/** How loud a row is: what is dangerous and new leads, what is done steps back. */
function tone(h: Happening): string {
  if (h.topic === 'incident' && h.now === 'reported') return h.severity === 1 ? 'alarm' : 'news';
  if (h.topic === 'grade' && h.now === 'red') return 'alarm';
  if (h.topic === 'declaration' && h.now === 'doubtful') return 'news';
  return 'quiet';
}

function isSelected(h: Happening): boolean {
  const s = selected.value;
  if (h.topic === 'grade') return s?.kind === 'building' && s.ref === String(h.id);
  return s?.kind === h.topic && s.id === h.id;
}

export function headline(h: Happening): string {
  if (h.topic === 'incident') return typeName(h.type);
  if (h.topic === 'grade') return pick(h.nameZh, h.nameEn) || t('ticker.house');
  return t('ticker.declaration');
}

function stateOf(h: Happening) {
  if (h.topic === 'incident') return named('status', h.now);
  if (h.topic === 'declaration') return named('declaration', h.now);
  return (
    <>
      <GradeMark grade={h.was} />
      <span aria-hidden="true">→</span>
      <GradeMark grade={h.now} />
    </>
  );
}

function GradeMark({ grade }: { grade: string }) {
  const g = grades.find((x) => x === grade) as Grade | undefined;
  if (!g) return <span>{common('grade.none')}</span>;
  return (
    <span class="grade-mark">
      <Swatch colour={gradeColour(g, theme.value, palette.value)} mark={g} />
      <span class="sr">{common(`grade.${g}`)}</span>
    </span>
  );
}

/** A shape for each kind, so that colour is not the only signal. */
export function Mark({ topic }: { topic: Happening['topic'] }) {
  const shape = {
    incident: <path d="M6 1l5 9H1z" />,
    declaration: <circle cx="6" cy="6" r="4.5" />,
    grade: <rect x="1.5" y="1.5" width="9" height="9" rx="1.5" />,
  }[topic];
  return (
    <svg class={`mark ${topic}`} viewBox="0 0 12 12" aria-hidden="true">
      {shape}
    </svg>
  );
}

export function goTo(h: Happening) {
  if (h.lon !== null && h.lat !== null) flyTo([h.lon, h.lat]);
  if (h.topic === 'grade') select({ kind: 'building', ref: String(h.id) });
  else select({ kind: h.topic, id: h.id });
}
