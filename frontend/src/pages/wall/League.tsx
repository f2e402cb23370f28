import { useComputed } from '@preact/signals';
import type { Figures } from '../../api/client';
import { named, pick } from '../../i18n';
import { number, percent } from '../../i18n/format';
import { flag, oneOf, param } from '../../shell/params';
import { Panel } from '../../ui/Panel';
import { Empty, Loading } from '../../ui/states';
import { league, riskOf } from './figures';
import { overdue } from './happening';
import { fitTo, viewBox } from './map/MapView';
import { areaNamed } from './names';
import { allCases, clocksKnown, shownTime } from './scene';
import { area, select, selected, view } from './state';
import { t } from './text';

const columns = ['overdue', 'open', 'risk'] as const;
type Column = (typeof columns)[number];
const sortBy = param<Column>('wall', 'by', oneOf(columns), 'overdue');
/** Only those that the map shows. */
const inView = param('wall', 'near', flag, false);

interface Row {
  code: string;
  name: string;
  overdue: number;
  open: number;
  risk: number | null;
}

export function League() {
  const rows = useComputed(ranked);
  const a = area.value;
  if (a?.level === 'grid') return null;
  return (
    <Panel
      title={t('league.title')}
      asOf={league.value?.asOf ?? null}
      staleAfter={150_000}
      class="league"
      actions={
        <button
          type="button"
          class="chip"
          aria-pressed={inView.value}
          onClick={() => {
            inView.value = !inView.value;
          }}
        >
          {t('league.inview')}
        </button>
      }
    >
      {!league.value ? (
        <Loading lines={6} />
      ) : rows.value.length === 0 ? (
        <Empty title={t('league.none')} />
      ) : (
        <Table rows={rows.value} />
      )}
    </Panel>
  );
}

function Table({ rows }: { rows: Row[] }) {
  const most = Math.max(1, ...rows.map((r) => r.overdue));
  return (
    <table>
      <thead>
        <tr>
          <th scope="col">{t('league.area')}</th>
          <Head column="overdue" label={t('league.overdue')} />
          <Head column="open" label={t('league.open')} />
          <Head column="risk" label={t('league.risk')} />
        </tr>
      </thead>
      <tbody>
        {rows.map((r) => {
          const on = selected.value?.kind === 'area' && selected.value.code === r.code;
          return (
            <tr key={r.code} class={on ? 'on' : ''}>
              <th scope="row">
                <button type="button" aria-pressed={on} onClick={() => pickRow(r.code, on)}>
                  {r.name}
                </button>
              </th>
              <td class={r.overdue > 0 ? 'late' : ''}>
                <svg viewBox="0 0 100 10" preserveAspectRatio="none" aria-hidden="true">
                  <rect width={(100 * r.overdue) / most} height="10" rx="2" />
                </svg>
                {clocksKnown.value ? number(r.overdue) : '–'}
              </td>
              <td>{number(r.open)}</td>
              <td>{r.risk === null ? '–' : percent(r.risk)}</td>
            </tr>
          );
        })}
      </tbody>
    </table>
  );
}

function Head({ column, label }: { column: Column; label: string }) {
  const on = sortBy.value === column;
  return (
    <th scope="col" aria-sort={on ? 'descending' : 'none'}>
      <button
        type="button"
        onClick={() => {
          sortBy.value = column;
        }}
      >
        {label}
        {on ? ' ▾' : ''}
      </button>
    </th>
  );
}

function pickRow(code: string, on: boolean) {
  select(on ? null : { kind: 'area', code });
  const box = areaNamed(code)?.bounds;
  if (!on && box) fitTo(box);
}

/** The rows, worst first. Open and overdue are counted from what the stream tells, so that they move as it does. */
export function ranked(): Row[] {
  const figures = league.value?.rows ?? [];
  const counts = new Map<string, { open: number; overdue: number }>();
  const width = figures[0]?.code.length ?? 0;
  for (const c of allCases.value) {
    const k = c.code.slice(0, width);
    const n = counts.get(k) ?? { open: 0, overdue: 0 };
    n.open++;
    if (overdue(c, shownTime.value)) n.overdue++;
    counts.set(k, n);
  }
  const rows = figures.filter(visible).map((f): Row => {
    const a = areaNamed(f.code);
    const n = counts.get(f.code);
    return {
      code: f.code,
      name: a ? pick(a.name_zh, a.name_en) : `${named('level', area.value?.level ?? '')} ${f.code}`,
      overdue: n?.overdue ?? 0,
      open: n?.open ?? 0,
      risk: riskOf(f),
    };
  });
  const by = sortBy.value;
  return rows.sort((x, y) => (y[by] ?? -1) - (x[by] ?? -1) || y.open - x.open || (x.code < y.code ? -1 : 1));
}

function visible(f: Figures): boolean {
  if (!inView.value) return true;
  view.value;
  const box = viewBox();
  const [west, south, east, north] = areaNamed(f.code)?.bounds ?? [];
  if (!box || west === undefined || south === undefined || east === undefined || north === undefined)
    return true;
  return west <= box[2] && east >= box[0] && south <= box[3] && north >= box[1];
}
