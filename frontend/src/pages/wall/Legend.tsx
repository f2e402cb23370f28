import { t as common } from '../../i18n';
import { number, percent } from '../../i18n/format';
import { base, gradeColour, grades, riskSteps } from '../../map/colours';
import { houseZoom } from '../../map/style';
import { palette, theme } from '../../shell/prefs';
import { Swatch } from '../../ui/Swatch';
import { hidden, stats, toggleGrade, view } from './state';
import { t } from './text';

export function Legend() {
  const s = stats.value;
  return (
    <aside class="panel legend" aria-label={t('legend.title')}>
      <h2>
        {t('legend.title')}
        <small>{t('legend.hint')}</small>
      </h2>
      <ul>
        {grades.map((g, i) => (
          <li key={g}>
            <button type="button" aria-pressed={!hidden.value.has(g)} onClick={() => toggleGrade(g)}>
              <Swatch colour={gradeColour(g, theme.value, palette.value)} mark={g} />
              <span>{common(`grade.${g}`)}</span>
              <kbd>{i + 1}</kbd>
              <data>{s ? number(s.grades[g] ?? 0) : '–'}</data>
            </button>
          </li>
        ))}
      </ul>
      {(view.value?.zoom ?? 0) < houseZoom && <RiskScale />}
      <dl>
        <Figure label={common('figures.buildings')} value={s?.buildings} />
        <Figure label={common('figures.rental')} value={s?.rental_buildings} />
        <Figure label={common('figures.residents')} value={s?.residents} />
        <Figure
          label={common('figures.incidents')}
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

function RiskScale() {
  const colours = base[theme.value].risk;
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
