import { Panel } from '../../ui/Panel';
import { Empty, Loading } from '../../ui/states';
import { about, legend, type Row, ranked, rows } from './shown';
import * as s from './state';
import { t } from './text';
import { change, figure } from './words';

const first = 20;

/** The map as a list: the first twenty, or all of them. */
export function Ranking() {
  const list = s.all.value ? rest() : ranked.value.slice(0, first);
  const most = Math.max(1e-9, ...ranked.value.slice(0, 1).map((r) => Math.abs(r.value ?? 0)));
  const a = about.value;
  return (
    <Panel
      class="ranking"
      title={legend.value.diverging ? t('top.change') : t('top.title')}
      asOf={a ? new Date(a.as_of) : null}
      staleAfter={150_000}
    >
      {!a && <Loading lines={8} />}
      {a && list.length === 0 && (
        <Empty title={t(a.suppressed > 0 ? 'empty.small' : 'empty.title')} hint={t('empty.hint')} />
      )}
      <ol>
        {list.map((r) => (
          <Line key={r.key} row={r} most={most} />
        ))}
      </ol>
      {rows.value.length > Math.min(first, ranked.value.length) && (
        <button
          type="button"
          class="plain"
          onClick={() => {
            s.all.value = !s.all.value;
          }}
        >
          {s.all.value ? t('top.less') : t('top.all', { n: rows.value.length })}
        </button>
      )}
    </Panel>
  );
}

/** Those with a value first, then what has none, so that a reader of the list misses nothing of the map. */
function rest(): Row[] {
  const known = new Set(ranked.value.map((r) => r.key));
  return [...ranked.value, ...rows.value.filter((r) => !known.has(r.key))];
}

function Line({ row: r, most }: { row: Row; most: number }) {
  // The colours of a density are of no area.
  const colour =
    s.form.value === 'density' ? 'currentColor' : r.class >= 0 ? legend.value.colours[r.class] : undefined;
  const share = Math.min(1, Math.abs(r.value ?? 0) / most);
  return (
    <li>
      <button
        type="button"
        class={s.hovered.value === r.key ? 'line hover' : 'line'}
        aria-pressed={s.selected.value === r.key}
        onMouseEnter={() => {
          s.hovered.value = r.key;
        }}
        onMouseLeave={() => {
          s.hovered.value = null;
        }}
        onFocus={() => {
          s.hovered.value = r.key;
        }}
        onBlur={() => {
          s.hovered.value = null;
        }}
        onClick={() => {
          s.selected.value = s.selected.value === r.key ? null : r.key;
        }}
      >
        <span class="name">
          {r.name}
          {r.spot === 'hot' && <small> {t('spots.hot')}</small>}
        </span>
        <data>{words(r)}</data>
        <svg class="bar" viewBox="0 0 100 3" preserveAspectRatio="none" aria-hidden="true">
          <rect width={100 * share} height="3" fill={colour ?? 'transparent'} />
        </svg>
      </button>
    </li>
  );
}

function words(r: Row): string {
  if (r.suppressed) return t('row.hidden');
  if (r.value === null) return '–';
  return legend.value.diverging ? change(r.value) : figure(r.value);
}
