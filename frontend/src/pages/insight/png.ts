// What stands around the heatmap on a picture of it.
import { savePicture as save } from '../../export/picture';
import { pick } from '../../i18n';
import { number, percent } from '../../i18n/format';
import { present } from './HeatMap';
import { slice } from './period';
import { about, legend, sliced } from './shown';
import * as s from './state';
import { t } from './text';
import { classWords, spanWords, turnWords, unitWords } from './words';

export async function savePicture() {
  const map = present();
  if (!map) return;
  const caption = { title: title(), subtitle: subtitle(), keys: labels(), facts: facts() };
  await save(map, caption, `${s.measure.value}-${s.area.value?.code ?? ''}`);
}

function title(): string {
  const a = s.area.value;
  return `${a ? pick(a.name_zh, a.name_en) : ''} · ${t(`measure.${s.measure.value}`)}${s.klass.value ? ` (${s.klass.value})` : ''}`;
}

function subtitle(): string {
  const span = sliced.value ? slice(s.whole.value, s.step.value, s.frame.value ?? 0) : s.whole.value;
  return `${spanWords(span)} · ${unitWords(about.value?.unit ?? s.measure.value)}${legend.value.diverging ? ` · ${t('compare')}` : ''}`;
}

function labels(): { colour: string; label: string }[] {
  const l = legend.value;
  const words = l.diverging ? turnWords(l.bounds) : l.colours.map((_, i) => classWords(l.bounds, i));
  return l.colours.map((colour, i) => ({ colour, label: words[i] ?? '' }));
}

/** The parameters, and how complete the data is. */
function facts(): string[] {
  const a = about.value;
  if (!a) return [];
  const lines = [
    `n = ${a.n === null ? t('row.hidden') : number(a.n)}`,
    t('png.asof', { at: new Date(a.as_of).toISOString().slice(0, 16) }),
  ];
  for (const c of a.completeness) {
    if (c.want > 0) lines.push(`${t(`complete.${c.of}`)} ${percent(c.have / c.want)}`);
  }
  lines.push(`${t('legend.suppressed')} ${number(a.suppressed)}`);
  if (s.form.value === 'hexes') lines.push(`${t('width')} ${s.width.value} m`);
  if (s.form.value === 'density') lines.push(`${t('bandwidth')} ${s.bandwidth.value} m`);
  return lines;
}
