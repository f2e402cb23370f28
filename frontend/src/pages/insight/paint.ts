// Colours of a heatmap and its classes, as pure functions. Ramps run towards what stands out from the ground: light on
// dark, dark on light; the second palette tells its steps apart by lightness alone.
import type { Palette, Theme } from '../../map/colours';

type Ramp = [string, string, string, string, string];

const ramps: Record<'dark' | 'light', Record<Palette, Ramp>> = {
  dark: {
    1: ['#27507F', '#2C7FA8', '#40B3AE', '#A8DB8C', '#FFF3A0'],
    2: ['#23426F', '#56617B', '#87846F', '#BFAE5C', '#FFE838'],
  },
  light: {
    1: ['#D9F0C3', '#8FD3B6', '#3FAFC0', '#2377B4', '#1F2F86'],
    2: ['#FBEA8A', '#CDBB6B', '#94906F', '#5F6675', '#1B3468'],
  },
};

/** Three steps of less, none, three of more. */
const turns: Record<'dark' | 'light', [string, string, string, string, string, string, string]> = {
  dark: ['#9CC8FF', '#5B9BE6', '#3568A8', '#2A3750', '#A8622B', '#E58A3A', '#FFC58A'],
  light: ['#08519C', '#4A94CC', '#A9CFEA', '#EEF1F5', '#FBC794', '#E97F2E', '#9E3A04'],
};

const mode = (theme: Theme) => (theme === 'dark' ? 'dark' : 'light');

/** The colour of each class of a ramp with so many classes. */
export function rampColours(classes: number, theme: Theme, palette: Palette): string[] {
  const ramp = ramps[mode(theme)][palette];
  if (classes <= 1) return [ramp[3]];
  return Array.from({ length: classes }, (_, i) => ramp[Math.round((i * 4) / (classes - 1))] ?? ramp[4]);
}

/** The colour of each class of a comparison; their number is odd, and the middle one is no change. */
export function turnColours(classes: number, theme: Theme): string[] {
  const side = (classes - 1) / 2;
  const all = turns[mode(theme)];
  const steps = [[], [1], [0, 1]][side] ?? [0, 1, 2];
  return [...steps.map((i) => all[i] ?? all[0]), all[3], ...steps.map((i) => all[6 - i] ?? all[6]).reverse()];
}

/** The class of a value: the last bound that it reaches. Zero has none in a ramp. */
export function classOf(value: number, bounds: readonly number[]): number {
  let n = 0;
  while (n < bounds.length && value >= (bounds[n] ?? 0)) n++;
  return n;
}

/** The same in a comparison: its bounds mirror each other about zero, and one that is zero means any change at all. */
export function turnOf(change: number, bounds: readonly number[]): number {
  const up = bounds.slice(bounds.length / 2);
  const far = Math.abs(change);
  let n = 0;
  while (n < up.length && (up[n] === 0 ? far > 0 : far >= (up[n] ?? 0))) n++;
  return change < 0 ? up.length - n : up.length + n;
}
