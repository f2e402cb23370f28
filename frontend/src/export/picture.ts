// A map as a picture with its title, legend and parameters drawn in, so that it can be read without the page.
import { theme } from '../shell/prefs';
import { save } from './table';

export interface Key {
  colour: string;
  label: string;
}

export interface Caption {
  title: string;
  subtitle: string;
  keys: readonly Key[];
  /** Parameters, and how complete the data is: in two columns below the legend. */
  facts: readonly string[];
}

/** What of a map is needed here. */
export interface Drawn {
  once(event: 'render', listener: () => void): unknown;
  triggerRepaint(): void;
  getCanvas(): HTMLCanvasElement;
  getContainer(): HTMLElement;
}

/** Takes the map's pixels in the moment in which they are drawn, which needs no buffer kept. */
function pixelsOf(map: Drawn): Promise<HTMLCanvasElement> {
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

export async function savePicture(map: Drawn, caption: Caption, file: string) {
  await document.fonts.ready;
  const shot = await pixelsOf(map);
  const whose = map.getContainer().querySelector('.maplibregl-ctrl-attrib-inner')?.textContent?.trim();
  const facts = whose ? [...caption.facts, whose] : caption.facts;
  const ratio = shot.width / Math.max(1, map.getCanvas().clientWidth);
  const canvas = compose(shot, ratio, { ...caption, facts });
  const blob = await new Promise<Blob | null>((done) => canvas.toBlob(done, 'image/png'));
  if (blob) save(blob, `${file}.png`);
}

/** Lengths are in the page's pixels of 16 a line, times the ratio of the map's pixels to them. */
function compose(shot: HTMLCanvasElement, ratio: number, caption: Caption): HTMLCanvasElement {
  const unit = 16 * ratio;
  const out = document.createElement('canvas');
  const columns = Math.max(1, Math.floor(shot.width / (unit * 11)));
  const keyRows = Math.ceil(caption.keys.length / columns);
  const head = unit * 3.6;
  out.width = shot.width;
  out.height = head + shot.height + unit * (2.2 + keyRows * 1.6 + Math.ceil(caption.facts.length / 2) * 1.5);
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
  write(caption.title, unit, unit * 1.6, 1.15, ink, 700);
  write(caption.subtitle, unit, unit * 2.9, 0.85, dim);
  c.drawImage(shot, 0, head);
  let y = head + shot.height + unit * 1.5;
  caption.keys.forEach((k, i) => {
    const x = unit + (i % columns) * ((shot.width - 2 * unit) / columns);
    const row = y + Math.floor(i / columns) * unit * 1.6;
    c.fillStyle = k.colour;
    c.fillRect(x, row - unit * 0.8, unit * 1.5, unit);
    c.strokeStyle = dim;
    c.strokeRect(x, row - unit * 0.8, unit * 1.5, unit);
    write(k.label, x + unit * 2, row, 0.85, ink);
  });
  y += keyRows * unit * 1.6 + unit * 0.4;
  caption.facts.forEach((line, i) => {
    write(line, unit + (i % 2) * (shot.width / 2), y + Math.floor(i / 2) * unit * 1.5, 0.8, dim);
  });
  return out;
}
