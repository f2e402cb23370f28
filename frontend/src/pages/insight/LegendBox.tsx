import { number, percent } from '../../i18n/format';
import { arrived, loading } from './data';
import { spanBefore } from './question';
import { about, legend, rowByKey, rows } from './shown';
import * as s from './state';
import { t } from './text';
import { change, classWords, figure, growth, spanWords, turnWords, unitWords } from './words';

/** What the colours mean, of how many, and how complete the data is. The zoom does not change it. */
export function LegendBox() {
  const a = about.value;
  const l = legend.value;
  const labels = l.diverging ? turnWords(l.bounds) : l.colours.map((_, i) => classWords(l.bounds, i));
  // Of a density the map shows no areas; what is hidden of it looks like nothing.
  const hidden = s.form.value !== 'density' && rows.value.some((r) => r.suppressed);
  return (
    <aside
      class={loading.value || !arrived.value ? 'panel heat-legend waiting' : 'panel heat-legend'}
      aria-label={t('legend.title')}
    >
      <h2>{a ? (l.diverging ? t('legend.change', { unit: unitWords(a.unit) }) : unitWords(a.unit)) : '…'}</h2>
      {l.diverging && <p class="against">{t('legend.against', { span: spanWords(spanBefore()) })}</p>}
      <ol class="classes">
        {(a?.n === 0 && l.bounds.length === 0 ? [] : l.colours).map((c, i) => (
          <li key={c + i}>
            <Box colour={c} />
            {labels[i]}
          </li>
        ))}
        {!l.diverging && (
          <li>
            <Box colour="none" />
            {t(s.form.value === 'density' && (a?.suppressed ?? 0) > 0 ? 'legend.zero.few' : 'legend.zero')}
          </li>
        )}
        {hidden && (a?.suppressed ?? 0) > 0 && (
          <li>
            <Box colour="none" hatched />
            {t('legend.hidden')}
          </li>
        )}
      </ol>
      {s.form.value === 'hexes' && rows.value.some((r) => r.spot !== 'none') && (
        <p class="spots" title={t('spots.why')}>
          <i class="hot" /> {t('spots.hot')} <i class="cold" /> {t('spots.cold')}
        </p>
      )}
      {a && <Foot about={a} />}
      <Readout />
    </aside>
  );
}

function Box({ colour, hatched = false }: { colour: string; hatched?: boolean }) {
  return (
    <svg class="box" viewBox="0 0 22 14" aria-hidden="true">
      <rect
        x=".5"
        y=".5"
        width="21"
        height="13"
        rx="2"
        fill={colour}
        class={colour === 'none' ? 'empty' : ''}
      />
      {hatched && <path d="M3 13 15 1M9 13 21 1M1 9l8-8" class="hatching" />}
    </svg>
  );
}

function Foot({ about: a }: { about: NonNullable<typeof about.value> }) {
  return (
    <dl class="foot">
      <div>
        <dt>{t('legend.n')}</dt>
        <dd>{a.n === null ? t('row.hidden') : number(a.n)}</dd>
      </div>
      {a.previous !== undefined && (
        <div>
          <dt>{t('detail.before')}</dt>
          <dd>
            {number(a.previous)} {a.n !== null && a.previous > 0 && <b>{growth(a.n / a.previous - 1)}</b>}
          </dd>
        </div>
      )}
      {a.completeness.map((c) => (
        <div key={c.of} title={`${number(c.have)} / ${number(c.want)}`}>
          <dt>{t(`complete.${c.of}`)}</dt>
          <dd class={c.want > 0 && c.have / c.want < 0.9 ? 'poor' : ''}>
            {c.want > 0 ? percent(Math.floor((c.have / c.want) * 100) / 100) : '–'}
          </dd>
        </div>
      ))}
      {a.suppressed > 0 && (
        <div title={t('suppressed.why')}>
          <dt>{t('legend.suppressed')}</dt>
          <dd>{number(a.suppressed)}</dd>
        </div>
      )}
    </dl>
  );
}

/** The one that the pointer is on. */
function Readout() {
  const r = s.hovered.value ? rowByKey.value.get(s.hovered.value) : undefined;
  if (!r) return null;
  const value = r.suppressed
    ? t('row.hidden')
    : r.value === null
      ? t('row.nobase')
      : legend.value.diverging
        ? change(r.value)
        : figure(r.value);
  return (
    <p class="readout">
      <strong>{r.name}</strong> <data>{value}</data>
    </p>
  );
}
