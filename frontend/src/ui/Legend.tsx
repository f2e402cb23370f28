import { hidden, palette, stats, theme, toggleGrade, view } from '../app/state';
import { number, t } from '../i18n';
import { base, gradeColour, grades, riskSteps } from '../map/colours';
import { houseZoom } from '../map/style';

export function Legend() {
  const s = stats.value;
  return (
    <aside class="card legend" aria-label={t('legend.title')}>
      <h2>
        {t('legend.title')}
        <small>{t('legend.hint')}</small>
      </h2>
      <ul>
        {grades.map((g, i) => (
          <li key={g}>
            <button type="button" aria-pressed={!hidden.value.has(g)} onClick={() => toggleGrade(g)}>
              <Swatch colour={gradeColour(g, theme.value, palette.value)} mark={g} />
              <span>{t(`grade.${g}`)}</span>
              <kbd>{i + 1}</kbd>
              <data>{s ? number(s.grades[g] ?? 0) : '–'}</data>
            </button>
          </li>
        ))}
      </ul>
      {(view.value?.zoom ?? 0) < houseZoom && <RiskScale />}
      <dl>
        <Figure label={t('legend.buildings')} value={s?.buildings} />
        <Figure label={t('legend.rental')} value={s?.rental_buildings} />
        <Figure label={t('legend.residents')} value={s?.residents} />
        <Figure
          label={t('legend.incidents')}
          value={s?.open_incidents}
          note={s?.overdue_incidents ? `${number(s.overdue_incidents)} ${t('legend.overdue')}` : ''}
        />
      </dl>
    </aside>
  );
}

function Figure(props: { label: string; value: number | undefined; note?: string }) {
  return (
    <div>
      <dt>{props.label}</dt>
      <dd>
        {props.value === undefined ? '–' : number(props.value)}
        {props.note && <em>{props.note}</em>}
      </dd>
    </div>
  );
}

/** A colour with the mark that goes with it on the map; drawn as SVG, since the page allows no inline styles. */
export function Swatch({ colour, mark }: { colour: string; mark: string }) {
  return (
    <svg class="swatch" viewBox="0 0 18 14" aria-hidden="true">
      <rect
        x="1"
        y="1"
        width="16"
        height="12"
        rx="2"
        fill={colour}
        {...(mark === 'red' ? { stroke: '#fff', 'stroke-width': 1.6 } : {})}
      />
      {mark === 'orange' && (
        <path d="M3 13 13 1M8 13l9-11M1 9l7-8" stroke="#0b1220" stroke-width="1.2" opacity=".6" />
      )}
      {mark === 'grey' && (
        <path d="M5 4h2v2H5zm5 0h2v2h-2zM5 9h2v2H5zm5 0h2v2h-2z" fill="#0b1220" opacity=".7" />
      )}
    </svg>
  );
}

function RiskScale() {
  const colours = base[theme.value].risk;
  const percent = (n: number) => `${Math.round(n * 100)}%`;
  const labels = [
    `< ${percent(riskSteps[0])}`,
    percent(riskSteps[0]),
    percent(riskSteps[1]),
    `≥ ${percent(riskSteps[2])}`,
  ];
  return (
    <figure class="scale">
      <figcaption>{t('legend.risk')}</figcaption>
      <ol>
        {colours.map((c, i) => (
          <li key={c}>
            <svg viewBox="0 0 40 8" aria-hidden="true">
              <rect width="40" height="8" fill={c} />
            </svg>
            {labels[i]}
          </li>
        ))}
      </ol>
    </figure>
  );
}
