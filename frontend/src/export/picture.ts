// A map as a picture with its title, legend and parameters drawn in, so that it can be read without the page.
import { theme } from '../shell/prefs';
import { save } from './table';

export interface Key {
  /** null for what has none: nothing is there, or it is not shown. */
  colour: string | null;
  label: string;
  /** Crossed by stripes, as what is not shown. */
  hatched?: boolean;
}

/** A line, or a name and its value. */
export type Fact = string | readonly [name: string, value: string];

export interface Caption {
  title: string;
  subtitle: string;
  keys: readonly Key[];
  /** Parameters, and how complete the data is: in columns below the legend. */
  facts: readonly Fact[];
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
  const out = document.createElement('canvas');
  const c = out.getContext('2d');
  if (!c) return out;
  const sheet = new Sheet(c, 16 * ratio, shot.width);
  // Laid out once to know how high it will be, since a canvas that grows is emptied.
  const lay = () => {
    sheet.y = 0;
    sheet.head(caption);
    c.drawImage(shot, 0, sheet.y);
    sheet.y += shot.height;
    sheet.legend(caption.keys);
    sheet.facts(caption.facts);
  };
  lay();
  out.width = shot.width;
  out.height = Math.ceil(sheet.y + sheet.unit * 0.4);
  c.fillStyle = sheet.paper;
  c.fillRect(0, 0, out.width, out.height);
  lay();
  return out;
}

/** The paper around the map, from top to bottom. */
class Sheet {
  y = 0;
  readonly paper: string;
  private readonly ink: string;
  private readonly dim: string;
  private readonly line: string;

  constructor(
    private readonly c: CanvasRenderingContext2D,
    readonly unit: number,
    private readonly width: number,
  ) {
    const dark = theme.value === 'dark';
    this.paper = dark ? '#111A2B' : '#FFFFFF';
    this.ink = dark ? '#E6EDF7' : '#14213A';
    this.dim = dark ? '#9FB2CF' : '#4B5D7A';
    this.line = dark ? '#2A3A57' : '#CDD6E3';
  }

  head({ title, subtitle }: Caption) {
    const room = this.width - 2 * this.unit;
    this.y = this.unit * 0.5;
    this.write(title, this.unit, room, 1.2, this.ink, 700);
    this.write(subtitle, this.unit, room, 0.9, this.dim);
    this.y += this.unit * 0.6;
  }

  legend(keys: readonly Key[]) {
    const { c, unit } = this;
    const columns = Math.max(1, Math.min(keys.length, Math.floor((this.width - unit) / (unit * 10))));
    const wide = (this.width - 2 * unit) / columns;
    const top = this.y + unit * 0.8;
    keys.forEach((k, i) => {
      const x = unit + (i % columns) * wide;
      const y = top + Math.floor(i / columns) * unit * 1.6;
      this.box(k, x, y);
      this.y = y - unit * 0.32;
      this.write(k.label, x + unit * 2, wide - unit * 2.2, 0.85, this.ink);
    });
    this.y = top + Math.ceil(keys.length / columns) * unit * 1.6;
    c.fillStyle = this.line;
    c.fillRect(unit, this.y, this.width - 2 * unit, Math.max(1, unit / 16));
    this.y += unit * 0.3;
  }

  private box(k: Key, x: number, y: number) {
    const { c, unit } = this;
    const [wide, high] = [unit * 1.5, unit];
    c.save();
    c.beginPath();
    c.rect(x, y, wide, high);
    if (k.colour) {
      c.fillStyle = k.colour;
      c.fill();
    }
    c.lineWidth = unit / 14;
    c.strokeStyle = this.dim;
    c.stroke();
    c.clip();
    if (k.hatched) {
      c.beginPath();
      for (let at = -high; at < wide; at += unit * 0.4) {
        c.moveTo(x + at, y + high);
        c.lineTo(x + at + high, y);
      }
      c.stroke();
    }
    c.restore();
  }

  /** Row by row; a name stands small above its value. */
  facts(facts: readonly Fact[]) {
    const { unit } = this;
    const columns = Math.max(1, Math.min(4, Math.floor((this.width - unit) / (unit * 15))));
    const wide = (this.width - 2 * unit) / columns;
    for (let from = 0; from < facts.length; from += columns) {
      const top = this.y;
      let bottom = top;
      facts.slice(from, from + columns).forEach((f, i) => {
        const x = unit + i * wide;
        this.y = top;
        if (typeof f !== 'string') this.write(f[0], x, wide - unit, 0.7, this.dim);
        this.write(
          typeof f === 'string' ? f : f[1],
          x,
          wide - unit,
          0.8,
          typeof f === 'string' ? this.dim : this.ink,
        );
        bottom = Math.max(bottom, this.y);
      });
      this.y = bottom + unit * 0.25;
    }
  }

  /** A text in as many lines as it takes; y is below it afterwards. */
  private write(text: string, x: number, room: number, size: number, colour: string, weight = 400) {
    const { c, unit } = this;
    c.font = `${weight} ${unit * size}px "Noto Sans SC", sans-serif`;
    c.fillStyle = colour;
    for (const line of lines(text, (part) => c.measureText(part).width <= room)) {
      this.y += unit * size * 1.4;
      c.fillText(line, x, this.y - unit * size * 0.3);
    }
  }
}

/** Where a text breaks: between words, and between any two characters of Chinese but before a mark that closes. */
export function lines(text: string, fits: (part: string) => boolean): string[] {
  const out: string[] = [];
  let line = '';
  for (const part of text.match(/[\u2e80-\uffef][，。、；：）]*|[^\s\u2e80-\uffef]+\s*|\s+/g) ?? []) {
    if (line && !fits((line + part).trimEnd())) {
      out.push(line.trimEnd());
      line = '';
    }
    line += part;
  }
  if (line) out.push(line.trimEnd());
  return out;
}
