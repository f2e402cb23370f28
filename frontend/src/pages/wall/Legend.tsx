import { computed } from '@preact/signals';
import { t as common, pick } from '../../i18n';
import { number, percent } from '../../i18n/format';
import { base, gradeColour, grades, riskSteps } from '../../map/colours';
import { houseZoom } from '../../map/style';
import { signName, standings, wallSigns } from '../../map/wallSigns';
import { palette, theme } from '../../shell/prefs';
import { Panel } from '../../ui/Panel';
import { Sign } from '../../ui/Sign';
import { Swatch } from '../../ui/Swatch';
import { stats } from './figures';
import { classes } from './names';
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
      <CaseKey />
      {far && <RiskScale />}
    </Panel>
  );
}

/** The map's signs, drawn once for each theme. */
const signs = computed(() => wallSigns(theme.value));

function CaseLine() {
  return (
    <button
      type="button"
      aria-pressed={cases.value !== 'none'}
      title={t('legend.hint')}
      onClick={() => {
        cases.value = cases.value === 'none' ? 'all' : 'none';
      }}
    >
      <span class="swatch">
        <Sign picture={signs.value[signName('late', '')]} scale={0.62} />
      </span>
      <span>{t('legend.cases')}</span>
      <kbd>I</kbd>
      <data>
        {clocksKnown.value ? number(overdueCases.value.length) : '–'} / {number(openCases.value.length)}
      </data>
    </button>
  );
}

/** What an incident's sign says by its shape, and what by its picture. */
function CaseKey() {
  return (
    <details class="signs">
      <summary title={t('legend.signs')}>
        {standings.map((how) => (
          <span key={how}>
            <Sign picture={signs.value[signName(how, '')]} scale={0.62} /> {t(`legend.${how}`)}
          </span>
        ))}
      </summary>
      <ul>
        {classes.value.map((c) => (
          <li key={c.code}>
            <Sign picture={signs.value[signName('held', c.code)]} /> {pick(c.name_zh, c.name_en)}
          </li>
        ))}
      </ul>
    </details>
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
