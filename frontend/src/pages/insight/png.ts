// What stands around the heatmap on a picture of it.
import { type Key, savePicture as save } from '../../export/picture';
import { fileStamp } from '../../export/table';
import { present } from './HeatMap';
import { areaWords, formWords, measureWords, parameters, presentSpan } from './question';
import { about, legend, rows } from './shown';
import * as s from './state';
import { t } from './text';
import { classWords, spanWords, turnWords, unitWords } from './words';

export async function savePicture() {
  const map = present();
  if (!map) return;
  const span = presentSpan();
  const unit = unitWords(about.value?.unit ?? s.measure.value);
  const caption = {
    title: `${areaWords()} · ${measureWords()}`,
    subtitle: [
      legend.value.diverging ? t('legend.change', { unit }) : unit,
      formWords(),
      spanWords(span, true),
    ].join(' · '),
    keys: keys(),
    facts: parameters(),
  };
  await save(map, caption, `${s.measure.value}-${s.area.value?.code ?? ''}-${fileStamp(span.to)}`);
}

/** The legend as it stands on the page. */
function keys(): Key[] {
  const l = legend.value;
  const words = l.diverging ? turnWords(l.bounds) : l.colours.map((_, i) => classWords(l.bounds, i));
  const out: Key[] = l.colours.map((colour, i) => ({ colour, label: words[i] ?? '' }));
  const few = s.form.value === 'density' && (about.value?.suppressed ?? 0) > 0;
  if (!l.diverging) out.push({ colour: null, label: t(few ? 'legend.zero.few' : 'legend.zero') });
  if (s.form.value !== 'density' && rows.value.some((r) => r.suppressed))
    out.push({ colour: null, label: t('legend.hidden'), hatched: true });
  return out;
}
