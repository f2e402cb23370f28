import { number, percent } from '../../i18n/format';
import { Panel } from '../../ui/Panel';
import { Loading } from '../../ui/states';
import { type KeyFigure, keyFigures } from './figures';
import { past } from './replay';
import { Sparkline } from './Sparkline';
import { clocksKnown, openCases, overdueCases } from './scene';
import { cases } from './state';
import { t } from './text';

/** Whether more of a figure is good, bad or neither. */
const meaning: Record<KeyFigure['key'], 1 | -1 | 0> = {
  overdue: -1,
  open: -1,
  reported: 0,
  closed_on_time: 1,
  risky: -1,
  self_declared: 1,
};

/** Figures that are a share, and said in percent. */
const shares = new Set<KeyFigure['key']>(['closed_on_time', 'self_declared']);

export function KeyFigures() {
  const known = keyFigures.value;
  return (
    <Panel title={t('figures.title')} asOf={known?.asOf ?? null} staleAfter={150_000} class="key-figures">
      {known ? (
        <ul>
          {known.figures.map((f) => (
            <Figure key={f.key} figure={current(f)} />
          ))}
        </ul>
      ) : (
        <Loading lines={6} />
      )}
    </Panel>
  );
}

/** What the stream knows to the second takes the place of what was asked for a little while ago. */
function current(f: KeyFigure): KeyFigure {
  if (f.key === 'open') return { ...f, now: { numerator: openCases.value.length } };
  if (f.key !== 'overdue') return f;
  return { ...f, now: { numerator: overdueCases.value.length, denominator: openCases.value.length } };
}

function Figure({ figure: f }: { figure: KeyFigure }) {
  const unknown = f.key === 'overdue' && !clocksKnown.value;
  const urgent = f.key === 'overdue' && f.now.numerator > 0 && !unknown;
  const body = (
    <>
      <span class="label">{t(`figure.${f.key}`)}</span>
      <strong>{unknown ? '–' : shares.has(f.key) ? share(f.now) : number(f.now.numerator)}</strong>
      <span class="of">
        {!unknown &&
          f.now.denominator !== undefined &&
          t(shares.has(f.key) ? 'figure.of' : 'figure.all', {
            n: number(f.now.numerator),
            of: number(f.now.denominator),
          })}
      </span>
      {!unknown && <Change figure={f} />}
      {f.series && f.series.length > 1 && !past.value && <Sparkline values={f.series} />}
    </>
  );
  if (f.key !== 'overdue') return <li>{body}</li>;
  const only = cases.value === 'overdue';
  return (
    <li class={urgent ? 'urgent' : ''}>
      <button
        type="button"
        aria-pressed={only}
        title={t('figure.only_overdue')}
        onClick={() => {
          cases.value = only ? 'all' : 'overdue';
        }}
      >
        {body}
      </button>
    </li>
  );
}

function share(r: { numerator: number; denominator?: number }): string {
  return r.denominator ? percent(r.numerator / r.denominator, 1) : '–';
}

function Change({ figure: f }: { figure: KeyFigure }) {
  if (!f.yesterday) return <span class="change" />;
  const isShare = shares.has(f.key);
  const value = (r: { numerator: number; denominator?: number }) =>
    isShare ? (r.denominator ? (100 * r.numerator) / r.denominator : Number.NaN) : r.numerator;
  const change = value(f.now) - value(f.yesterday);
  if (!Number.isFinite(change)) return <span class="change" />;
  const rounded = isShare ? Math.round(change * 10) / 10 : change;
  const tone = Math.sign(rounded) * meaning[f.key];
  const sign = rounded > 0 ? '▲' : rounded < 0 ? '▼' : '＝';
  const size = number(Math.abs(rounded), isShare ? 1 : 0);
  return (
    <span
      class={`change ${tone > 0 ? 'better' : tone < 0 ? 'worse' : ''}`}
      title={isShare ? t('figure.points') : t('figure.yesterday')}
    >
      {sign} {rounded === 0 ? '' : size}
      <span class="sr">{isShare ? t('figure.points') : t('figure.yesterday')}</span>
    </span>
  );
}
