// How far two colours are apart for an eye: CIEDE2000 (Sharma, Wu, Dalal 2005) after simulating colour blindness
// (Machado, Oliveira, Fernandes 2009, severity 1), and WCAG's contrast.

type Triple = [number, number, number];

/** Rows of the matrices over linear RGB. */
const matrices = {
  normal: [1, 0, 0, 0, 1, 0, 0, 0, 1],
  protanopia: [0.152286, 1.052583, -0.204868, 0.114503, 0.786281, 0.099216, -0.003882, -0.048116, 1.051998],
  deuteranopia: [0.367322, 0.860646, -0.227968, 0.280085, 0.672501, 0.047413, -0.01182, 0.04294, 0.968881],
  tritanopia: [1.255528, -0.076749, -0.178779, -0.078411, 0.930809, 0.147602, 0.004733, 0.691367, 0.3039],
} as const;

export type Vision = keyof typeof matrices;
export const visions = Object.keys(matrices) as Vision[];

function linear(hex: string): Triple {
  return [1, 3, 5].map((i) => {
    const c = Number.parseInt(hex.slice(i, i + 2), 16) / 255;
    return c <= 0.04045 ? c / 12.92 : ((c + 0.055) / 1.055) ** 2.4;
  }) as Triple;
}

/** CIE L*a*b* (D65) of a colour as that eye sees it. */
export function lab(hex: string, vision: Vision = 'normal'): Triple {
  const m = matrices[vision];
  const [r, g, b] = linear(hex);
  const seen = (i: number) => {
    const [p = 0, q = 0, s = 0] = m.slice(3 * i, 3 * i + 3);
    return Math.min(1, Math.max(0, p * r + q * g + s * b));
  };
  const [R, G, B] = [seen(0), seen(1), seen(2)];
  const f = (t: number) => (t > 216 / 24389 ? Math.cbrt(t) : ((24389 / 27) * t + 16) / 116);
  const x = f((0.4124564 * R + 0.3575761 * G + 0.1804375 * B) / 0.95047);
  const y = f(0.2126729 * R + 0.7151522 * G + 0.072175 * B);
  const z = f((0.0193339 * R + 0.119192 * G + 0.9503041 * B) / 1.08883);
  return [116 * y - 16, 500 * (x - y), 200 * (y - z)];
}

const rad = Math.PI / 180;

function hue(b: number, a: number): number {
  const h = Math.atan2(b, a) / rad;
  return h < 0 ? h + 360 : h;
}

/** CIEDE2000. */
export function difference([l1, a1, b1]: Triple, [l2, a2, b2]: Triple): number {
  const power = (c: number) => Math.sqrt(c ** 7 / (c ** 7 + 25 ** 7));
  const stretch = 1 + 0.5 * (1 - power((Math.hypot(a1, b1) + Math.hypot(a2, b2)) / 2));
  const [c1, c2] = [Math.hypot(stretch * a1, b1), Math.hypot(stretch * a2, b2)];
  const [h1, h2] = [hue(b1, stretch * a1), hue(b2, stretch * a2)];
  const grey = c1 * c2 === 0;
  let turn = grey ? 0 : h2 - h1;
  if (turn > 180) turn -= 360;
  if (turn < -180) turn += 360;
  let mean = (h1 + h2) / 2;
  if (grey) mean = h1 + h2;
  else if (Math.abs(h1 - h2) > 180) mean += h1 + h2 < 360 ? 180 : -180;
  const [l, c] = [(l1 + l2) / 2, (c1 + c2) / 2];
  const t =
    1 -
    0.17 * Math.cos((mean - 30) * rad) +
    0.24 * Math.cos(2 * mean * rad) +
    0.32 * Math.cos((3 * mean + 6) * rad) -
    0.2 * Math.cos((4 * mean - 63) * rad);
  const dl = (l2 - l1) / (1 + (0.015 * (l - 50) ** 2) / Math.sqrt(20 + (l - 50) ** 2));
  const dc = (c2 - c1) / (1 + 0.045 * c);
  const dh = (2 * Math.sqrt(c1 * c2) * Math.sin((turn * rad) / 2)) / (1 + 0.015 * c * t);
  const rotation = -Math.sin(60 * Math.exp(-(((mean - 275) / 25) ** 2)) * rad) * 2 * power(c);
  return Math.sqrt(dl ** 2 + dc ** 2 + dh ** 2 + rotation * dc * dh);
}

/** The smallest difference between any two of the colours for any of the eyes. */
export function leastDifference(colours: string[]): number {
  let least = Number.POSITIVE_INFINITY;
  for (const vision of visions) {
    const seen = colours.map((c) => lab(c, vision));
    for (const [i, p] of seen.entries()) {
      for (const q of seen.slice(i + 1)) least = Math.min(least, difference(p, q));
    }
  }
  return least;
}

/** WCAG's contrast, from 1 to 21. */
export function contrast(p: string, q: string): number {
  const light = (hex: string) => {
    const [r, g, b] = linear(hex);
    return 0.2126 * r + 0.7152 * g + 0.0722 * b + 0.05;
  };
  const [a, b] = [light(p), light(q)];
  return Math.max(a, b) / Math.min(a, b);
}
