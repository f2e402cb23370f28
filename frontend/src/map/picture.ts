// A picture of a few strokes, one painted over the other, and its pixels at any size.
import type { Shape } from './shapes';

export interface Picture {
  /** Side in pixels at a pixel ratio of 1. */
  size: number;
  /** Painted one over the other. */
  strokes: Stroke[];
}

export interface Stroke {
  colour: string;
  opacity?: number;
  shape: Shape;
}

/** A picture's pixels (RGBA, not premultiplied) at a pixel ratio. */
export function raster(picture: Picture, ratio: number): Uint8Array {
  const side = picture.size * ratio;
  const out = new Uint8Array(side * side * 4);
  for (let y = 0; y < side; y++) {
    for (let x = 0; x < side; x++) {
      for (const s of picture.strokes) {
        const distance = s.shape((x + 0.5) / ratio, (y + 0.5) / ratio) * ratio;
        const cover = Math.min(1, Math.max(0, 0.5 - distance)) * (s.opacity ?? 1);
        paint(out, (y * side + x) * 4, s.colour, cover);
      }
    }
  }
  return out;
}

/** Paints a colour over a pixel. */
function paint(out: Uint8Array, at: number, colour: string, cover: number) {
  if (cover === 0) return;
  const under = (out[at + 3] ?? 0) / 255;
  const alpha = cover + under * (1 - cover);
  for (let i = 0; i < 3; i++) {
    const value = Number.parseInt(colour.slice(1 + 2 * i, 3 + 2 * i), 16);
    out[at + i] = Math.round((value * cover + (out[at + i] ?? 0) * under * (1 - cover)) / alpha);
  }
  out[at + 3] = Math.round(alpha * 255);
}
