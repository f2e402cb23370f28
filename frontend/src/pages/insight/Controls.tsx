import { named, pick } from '../../i18n';
import { grades } from '../../map/colours';
import { Choice } from '../../ui/Chips';
import { incidentClasses } from './data';
import * as s from './state';
import { t } from './text';

/** What is counted, how it is shown: every choice is in the address. */
export function Controls() {
  const possible = s.levelsIn(s.area.value?.code ?? '');
  return (
    <form class="panel controls" aria-label={t('controls.title')} onSubmit={(e) => e.preventDefault()}>
      <fieldset>
        <legend>{t('measure.title')}</legend>
        <Choice
          label={t('measure.title')}
          options={s.measures.map((m) => ({ value: m, label: t(`measure.${m}`) }))}
          value={s.measure.value}
          choose={s.setMeasure}
        />
        <Classes />
      </fieldset>
      <fieldset>
        <legend>{t('form.title')}</legend>
        <Choice
          label={t('form.title')}
          options={s.forms.map((f) => ({ value: f, label: t(`form.${f}`) }))}
          value={s.form.value}
          choose={(f) => {
            s.form.value = f;
            s.selected.value = null;
          }}
        />
        {s.form.value !== 'hexes' && possible.length > 1 && (
          <Choice
            label={t('level.title')}
            options={possible.map((l) => ({ value: l, label: named('level', l) }))}
            value={s.shownLevel.value}
            choose={(l) => {
              s.level.value = l;
              s.selected.value = null;
            }}
          />
        )}
        {s.form.value === 'hexes' && (
          <Metres label={t('width')} value={s.width} options={[200, 300, 400, 600, 1000, 2000]} />
        )}
        {s.form.value === 'density' && (
          <Metres label={t('bandwidth')} value={s.bandwidth} options={[200, 300, 400, 600, 1000, 2000]} />
        )}
      </fieldset>
      {s.form.value === 'areas' && <Values />}
      <label class="switch">
        <input
          type="checkbox"
          checked={s.compare.value}
          onChange={(e) => {
            s.compare.value = e.currentTarget.checked;
            s.frame.value = null;
          }}
        />
        {t('compare')}
      </label>
    </form>
  );
}

function Values() {
  const rates = s.values.filter((v) => v !== 'per_100_rental_houses' || s.measure.value === 'grades');
  return (
    <fieldset>
      <legend>{t('value.title')}</legend>
      <label class="sr" for="insight-value">
        {t('value.title')}
      </label>
      <select
        id="insight-value"
        value={s.value.value}
        onChange={(e) => {
          s.value.value = e.currentTarget.value as s.Value;
        }}
      >
        {rates.map((v) => (
          <option key={v} value={v}>
            {t(`value.${v}`)}
          </option>
        ))}
      </select>
      <label class="breaks" title={t('breaks.why')}>
        {t('breaks.title')}
        <select
          value={s.natural.value ? 'natural' : 'quantile'}
          onChange={(e) => {
            s.natural.value = e.currentTarget.value === 'natural';
          }}
        >
          <option value="quantile">{t('breaks.quantile')}</option>
          <option value="natural">{t('breaks.natural')}</option>
        </select>
      </label>
      {s.value.value !== 'count' && (
        <label class="switch" title={t('smooth.why')}>
          <input
            type="checkbox"
            checked={s.smooth.value}
            onChange={(e) => {
              s.smooth.value = e.currentTarget.checked;
            }}
          />
          {t('smooth')}
        </label>
      )}
    </fieldset>
  );
}

function Metres(props: { label: string; value: { value: number }; options: number[] }) {
  const options = props.options.includes(props.value.value)
    ? props.options
    : [...props.options, props.value.value].sort((a, b) => a - b);
  return (
    <label class="metres">
      {props.label}
      <select
        value={props.value.value}
        onChange={(e) => {
          props.value.value = Number(e.currentTarget.value);
          s.selected.value = null;
        }}
      >
        {options.map((m) => (
          <option key={m} value={m}>
            {m} m
          </option>
        ))}
      </select>
    </label>
  );
}

const outcomes = ['accepted', 'submitted', 'doubtful', 'rejected', 'moved_out'];

function Classes() {
  const m = s.measure.value;
  if (m === 'undeclared') return <p class="dim small">{t('undeclared.what')}</p>;
  const choose = (c: string) => {
    s.klass.value = c;
    s.selected.value = null;
  };
  return (
    <>
      <label class="sr" for="insight-class">
        {t('class.title')}
      </label>
      <select id="insight-class" value={s.klass.value} onChange={(e) => choose(e.currentTarget.value)}>
        <option value="">{t(`class.all.${m}`)}</option>
        {m === 'declarations' &&
          outcomes.map((o) => (
            <option key={o} value={o}>
              {named('declaration', o)}
            </option>
          ))}
        {m === 'grades' && <option value="risky">{t('class.risky')}</option>}
        {m === 'grades' &&
          grades.map((g) => (
            <option key={g} value={g}>
              {named('grade', g)}
            </option>
          ))}
        {m === 'incidents' &&
          incidentClasses.value.map((c) => (
            <optgroup key={c.code} label={pick(c.name_zh, c.name_en)}>
              <option value={c.code}>{t('class.whole', { name: pick(c.name_zh, c.name_en) })}</option>
              {c.types.map((x) => (
                <option key={x.code} value={x.code}>
                  {pick(x.name_zh, x.name_en)}
                </option>
              ))}
            </optgroup>
          ))}
      </select>
    </>
  );
}
