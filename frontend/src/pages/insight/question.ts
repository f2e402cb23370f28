// What is asked and answered, in words: all that somebody must know who sees the figures without the page.
import { named, pick } from '../../i18n';
import { day, number, percent } from '../../i18n/format';
import { incidentClasses } from './data';
import { type Span, slice } from './period';
import { about, legend, sliced } from './shown';
import * as s from './state';
import { t } from './text';
import { spanWords, unitWords } from './words';

/** The time that is shown: the whole of it, or a slice. */
export function presentSpan(): Span {
  return sliced.value ? slice(s.whole.value, s.step.value, s.frame.value ?? 0) : s.whole.value;
}

/** The time of the same length before it. */
export function spanBefore(): Span {
  const { from, to } = presentSpan();
  return { from: new Date(2 * from.getTime() - to.getTime()), to: from };
}

export function areaWords(): string {
  const a = s.area.value;
  return a ? pick(a.name_zh, a.name_en) || a.code : '';
}

/** What is counted, with its class. */
export const measureWords = () => `${t(`measure.${s.measure.value}`)} · ${classWord()}`;

function classWord(): string {
  const c = s.klass.value;
  const m = s.measure.value;
  if (m === 'undeclared') return t('undeclared.what');
  if (c === '') return t(`class.all.${m}`);
  if (m === 'declarations') return named('declaration', c);
  if (m === 'grades') return c === 'risky' ? t('class.risky') : named('grade', c);
  const whole = incidentClasses.value.find((x) => x.code === c.slice(0, 2));
  const found = c.length === 2 ? whole : whole?.types.find((x) => x.code === c);
  return found ? pick(found.name_zh, found.name_en) : c;
}

/** The form with its size: by community, hexagons of 400 m, density with a bandwidth of 400 m. */
export function formWords(): string {
  const form = t(`form.${s.form.value}`);
  if (s.form.value === 'areas') return `${form} · ${named('level', s.shownLevel.value)}`;
  const [what, metres] =
    s.form.value === 'hexes' ? [t('width'), s.width.value] : [t('bandwidth'), s.bandwidth.value];
  return `${form} · ${what} ${number(metres)} m`;
}

const zoned = (span: Span) => `${spanWords(span, true)} (${t('zone')})`;

function smoothWords(): string | null {
  if (s.form.value === 'density') return t('smooth.kernel', { n: number(s.bandwidth.value) });
  if (s.form.value === 'hexes' || s.value.value === 'count') return t('smooth.none');
  return s.smooth.value ? t('smooth.why') : t('smooth.none');
}

function breaksWords(): string {
  if (legend.value.diverging) return t('breaks.turn');
  const natural = s.form.value === 'density' || (s.form.value === 'areas' && s.natural.value);
  return t(natural ? 'breaks.natural' : 'breaks.quantile');
}

const share = (c: { have: number; want: number }) =>
  c.want > 0
    ? `${percent(Math.floor((c.have / c.want) * 1000) / 1000, 1)} (${number(c.have)} / ${number(c.want)})`
    : '–';

/** Every parameter of what is shown, and how sure it is, as pairs of a name and a value. */
export function parameters(): [string, string][] {
  const a = about.value;
  if (!a) return [];
  const span = presentSpan();
  const out: [string, string | null][] = [
    [t('p.area'), `${areaWords()} (${a.area})`],
    [t('measure.title'), measureWords()],
    [t('p.unit'), unitWords(a.unit)],
    [t('form.title'), formWords()],
    [t('p.period'), zoned(span)],
    [
      t('p.slice'),
      sliced.value
        ? t('p.slice.of', { n: (s.frame.value ?? 0) + 1, all: s.frames.value, span: zoned(s.whole.value) })
        : null,
    ],
    [t('p.compared'), legend.value.diverging ? zoned(spanBefore()) : null],
    [t('p.smoothing'), smoothWords()],
    [t('p.breaks'), breaksWords()],
    [t('legend.n'), a.n === null ? t('row.hidden') : number(a.n)],
    [t('detail.before'), a.previous === undefined ? null : number(a.previous)],
    ...a.completeness.map((c): [string, string] => [t(`complete.${c.of}`), share(c)]),
    [t('legend.suppressed'), t('p.suppressed', { n: number(a.suppressed) })],
    [t('p.asof'), `${day(a.as_of)} (${t('zone')})`],
  ];
  return out.filter((p): p is [string, string] => p[1] !== null);
}
