// What the wall shows, to take away: present or replayed, in focus, as filtered.
import { type Caption, savePicture } from '../../export/picture';
import { fileStamp, saveTable, saveWorkbook, stamp, type Table } from '../../export/table';
import { t as common, named, pick } from '../../i18n';
import { number } from '../../i18n/format';
import { gradeColour, grades } from '../../map/colours';
import { signColours } from '../../map/wallSigns';
import { palette, theme } from '../../shell/prefs';
import { league, riskOf, stats } from './figures';
import { overdue } from './happening';
import { ranked } from './League';
import { presentMap } from './map/MapView';
import { areaNamed, placeName, typeName } from './names';
import { past } from './replay';
import { openCases, overdueCases, shownCases, shownHappenings, shownTime } from './scene';
import { area, cases, focus, hidden, muted, topicsShown } from './state';
import { headline } from './Ticker';
import { t } from './text';

export const sheets = ['areas', 'cases', 'events', 'legend'] as const;
export type Sheet = (typeof sheets)[number];

const at = () => new Date(past.value?.now ?? Date.now());

function areaName(): string {
  const below = areaNamed(focus.value);
  const a = below ?? area.value;
  return a ? pick(a.name_zh, a.name_en) || a.code : '';
}

/** What every table says of itself: where, when, and whether it is the past. */
function about(more: [string, string][] = []): [string, string][] {
  return [
    [t('league.area'), `${areaName()} ${focus.value}`],
    [past.value ? t('time.replay') : t('take.asof'), stamp(at())],
    ...more,
  ];
}

const make: Record<Sheet, () => Table> = {
  areas: () => ({
    name: t('league.title'),
    about: about(),
    columns: [
      t('take.code'),
      t('league.area'),
      t('league.overdue'),
      t('league.open'),
      t('take.risk'),
      ...grades.map((g) => common(`grade.${g}`)),
      common('figures.rental'),
      common('figures.buildings'),
      common('figures.residents'),
    ],
    rows: ranked().map((r) => {
      const f = league.value?.rows.find((x) => x.code === r.code);
      const risk = f ? riskOf(f) : null;
      return [
        r.code,
        r.name,
        r.overdue,
        r.open,
        risk === null ? null : Math.round(risk * 1000) / 10,
        ...grades.map((g) => f?.grades[g] ?? 0),
        f?.rental_buildings ?? null,
        f?.buildings ?? null,
        f?.residents ?? null,
      ];
    }),
  }),
  cases: () => ({
    name: t('list.cases'),
    about: about([[t('take.shown'), t(`take.cases.${cases.value}`)]]),
    columns: [
      t('take.number'),
      t('report.type'),
      t('take.severity'),
      t('list.state'),
      t('case.reported'),
      t('list.due'),
      t('league.overdue'),
      t('list.where'),
      t('take.code'),
      t('take.lon'),
      t('take.lat'),
    ],
    rows: shownCases.value.map((c) => [
      c.id,
      typeName(c.type),
      c.severity,
      named('status', c.status),
      stamp(new Date(c.reportedAt)),
      c.dueAt === null ? null : stamp(new Date(c.dueAt)),
      overdue(c, shownTime.value) ? t('take.yes') : '',
      placeName(c.code),
      c.code,
      c.lon,
      c.lat,
    ]),
  }),
  events: () => ({
    name: t(past.value ? 'ticker.past' : 'ticker.title'),
    about: about([
      [
        t('ticker.filter'),
        topicsShown
          .filter((x) => !muted.value.has(x))
          .map((x) => t(`topic.${x}`))
          .join(', '),
      ],
    ]),
    columns: [
      t('take.time'),
      t('take.kind'),
      t('take.what'),
      t('take.was'),
      t('take.now'),
      t('list.where'),
      t('take.code'),
    ],
    rows: shownHappenings.value.map((h) => {
      const words = { incident: 'status', declaration: 'declaration', grade: 'grade' } as const;
      const said = (value: string) =>
        value ? named(words[h.topic], value) : h.topic === 'grade' ? common('grade.none') : '';
      return [
        stamp(h.at),
        t(`topic.${h.topic}`),
        headline(h),
        said(h.was),
        said(h.now),
        placeName(h.code),
        h.code,
      ];
    }),
  }),
  legend: () => ({
    name: t('legend.title'),
    about: about(),
    columns: [t('legend.title'), t('take.count')],
    rows: [
      ...grades.map((g) => [common(`grade.${g}`), stats.value?.grades[g] ?? 0] as const),
      [t('figure.open'), openCases.value.length],
      [t('figure.overdue'), overdueCases.value.length],
    ],
  }),
};

const file = (what: string) => `gridweave-${what}-${focus.value}-${fileStamp(at())}`;

export function takeTable(sheet: Sheet) {
  saveTable(make[sheet](), file(sheet));
}

export function takeWorkbook(): Promise<void> {
  return saveWorkbook(
    sheets.map((s) => make[s]()),
    file('wall'),
  );
}

export async function takePicture(): Promise<void> {
  const map = presentMap();
  if (map) await savePicture(map, caption(), file('map'));
}

function caption(): Caption {
  const c = signColours[theme.value];
  const keys = grades
    .filter((g) => !hidden.value.has(g))
    .map((g) => ({
      colour: gradeColour(g, theme.value, palette.value),
      label: `${common(`grade.${g}`)} ${number(stats.value?.grades[g] ?? 0)}`,
    }));
  if (cases.value !== 'none') {
    if (cases.value === 'all')
      keys.push({ colour: c.calm, label: `${t('figure.open')} ${number(openCases.value.length)}` });
    keys.push({ colour: c.late, label: `${t('figure.overdue')} ${number(overdueCases.value.length)}` });
  }
  return {
    title: `${areaName()} · ${t('take.map')}`,
    subtitle: `${past.value ? t('time.replay') : t('take.asof')} ${stamp(at())}`,
    keys,
    facts: [`${t('take.code')} ${focus.value}`],
  };
}
