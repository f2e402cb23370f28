// The map as a picture with its title, legend and parameters drawn in, so that it can be read without the page.
import { pick } from '../../i18n';
import { number, percent } from '../../i18n/format';
import { theme } from '../../shell/prefs';
import { present } from './HeatMap';
import { slice } from './period';
import { about, legend, sliced } from './shown';
import * as s from './state';
import { t } from './text';
import { classWords, spanWords, turnWords, unitWords } from './words';

/** Takes the map's pixels in the moment in which they are drawn, which needs no buffer kept. */
function pixelsOf(map: NonNullable<ReturnType<typeof present>>): Promise<HTMLCanvasElement> {
  return new Promise((resolve) => {
    map.once('render', () => {
      const from = map.getCanvas();
      const copy = document.createElement('canvas');
      copy.width = from.width;
      copy.height = from.height;
      copy.getContext('2d')?.drawImage(from, 0, 0);
      resolve(copy);
    });
    map.triggerRepaint();
  });
}

export async function savePicture() {
  const map = present();
  if (!map) return;
  await document.fonts.ready;
  const shot = await pixelsOf(map);
  const canvas = compose(shot, devicePixelRatio);
  const blob = await new Promise<Blob | null>((done) => canvas.toBlob(done, 'image/png'));
  if (!blob) return;
  const link = document.createElement('a');
  link.href = URL.createObjectURL(blob);
  link.download = `${s.measure.value}-${s.area.value?.code ?? ''}.png`;
  link.click();
  URL.revokeObjectURL(link.href);
}

function compose(shot: HTMLCanvasElement, ratio: number): HTMLCanvasElement {
  const unit = 16 * ratio;
  const out = document.createElement('canvas');
  const lines = facts();
  const classes = labels();
  const columns = Math.max(1, Math.floor(shot.width / (unit * 11)));
  const legendRows = Math.ceil(classes.length / columns);
  const head = unit * 3.6;
  const foot = unit * (2.2 + legendRows * 1.6 + Math.ceil(lines.length / 2) * 1.5);
  out.width = shot.width;
  out.height = head + shot.height + foot;
  const c = out.getContext('2d');
  if (!c) return out;
  const dark = theme.value === 'dark';
  const [paper, ink, dim] = dark ? ['#111A2B', '#E6EDF7', '#9FB2CF'] : ['#FFFFFF', '#14213A', '#4B5D7A'];
  const write = (text: string, x: number, y: number, size: number, colour: string, weight = 400) => {
    c.font = `${weight} ${unit * size}px "Noto Sans SC", sans-serif`;
    c.fillStyle = colour;
    c.fillText(text, x, y, shot.width - x - unit);
  };
  c.fillStyle = paper;
  c.fillRect(0, 0, out.width, out.height);
  write(title(), unit, unit * 1.6, 1.15, ink, 700);
  write(subtitle(), unit, unit * 2.9, 0.85, dim);
  c.drawImage(shot, 0, head);
  let y = head + shot.height + unit * 1.5;
  classes.forEach((k, i) => {
    const x = unit + (i % columns) * ((shot.width - 2 * unit) / columns);
    const row = y + Math.floor(i / columns) * unit * 1.6;
    c.fillStyle = k.colour;
    c.fillRect(x, row - unit * 0.8, unit * 1.5, unit);
    c.strokeStyle = dim;
    c.strokeRect(x, row - unit * 0.8, unit * 1.5, unit);
    write(k.label, x + unit * 2, row, 0.85, ink);
  });
  y += legendRows * unit * 1.6 + unit * 0.4;
  lines.forEach((line, i) => {
    write(line, unit + (i % 2) * (shot.width / 2), y + Math.floor(i / 2) * unit * 1.5, 0.8, dim);
  });
  return out;
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
  const lines = [`n = ${number(a.n)}`, t('png.asof', { at: new Date(a.as_of).toISOString().slice(0, 16) })];
  for (const c of a.completeness) {
    if (c.want > 0) lines.push(`${t(`complete.${c.of}`)} ${percent(c.have / c.want)}`);
  }
  lines.push(`${t('legend.suppressed')} ${number(a.suppressed)}`);
  if (s.form.value === 'hexes') lines.push(`${t('width')} ${s.width.value} m`);
  if (s.form.value === 'density') lines.push(`${t('bandwidth')} ${s.bandwidth.value} m`);
  return lines;
}
