import { t as common } from '../../i18n';
import { number, percent } from '../../i18n/format';
import { base, gradeColour, grades, riskSteps } from '../../map/colours';
import { houseZoom } from '../../map/style';
import { palette, theme } from '../../shell/prefs';
import { Panel } from '../../ui/Panel';
import { Swatch } from '../../ui/Swatch';
import { stats } from './figures';
import { caseColours } from './map/cases';
import { clocksKnown, openCases, overdueCases } from './scene';
import { cases, hidden, toggleGrade, view } from './state';
import { t } from './text';

/** What the map's colours mean; each line hides and shows what it names. */
export function Legend() {
  const s = stats.value;
  const far = (view.value?.zoom ?? 0) < houseZoom;
  return (
    <Panel title={t('legend.title')} class="legend">
      <ul>
        {grades.map((g, i) => (
          <li key={g}>
            <button
              type="button"
              aria-pressed={!hidden.value.has(g)}
              onClick={() => toggleGrade(g)}
              title={t('legend.hint')}
            >
              <Swatch colour={gradeColour(g, theme.value, palette.value)} mark={g} />
              <span>{common(`grade.${g}`)}</span>
              <kbd>{i + 1}</kbd>
              <data>{s ? number(s.grades[g] ?? 0) : '–'}</data>
            </button>
          </li>
        ))}
        <li>
          <CaseLine />
        </li>
      </ul>
      {far && <RiskScale />}
    </Panel>
  );
}

function CaseLine() {
  const c = caseColours[theme.value];
  return (
    <button
      type="button"
      aria-pressed={cases.value !== 'none'}
      title={t('legend.hint')}
      onClick={() => {
        cases.value = cases.value === 'none' ? 'all' : 'none';
      }}
    >
      <svg class="swatch" viewBox="0 0 18 14" aria-hidden="true">
        <circle cx="5" cy="7" r="4" fill={c.calm} />
        <circle cx="13" cy="7" r="4.4" fill={c.late} stroke={c.onLate} stroke-width="1.2" />
      </svg>
      <span>{t('legend.cases')}</span>
      <kbd>I</kbd>
      <data>
        {clocksKnown.value ? number(overdueCases.value.length) : '–'} / {number(openCases.value.length)}
      </data>
    </button>
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
            <svg viewBox="0 0 40 8" preserveAspectRatio="none" aria-hidden="true">
              <rect width="40" height="8" fill={c} />
            </svg>
            {labels[i]}
          </li>
        ))}
      </ol>
    </figure>
  );
}
