// What the live wall draws of incidents (事件): the sign of the class on a body whose shape says how the case stands, so
// that it is told without colour. Filled and round: nobody has it yet. Hollow and round: somebody has it in hand. A
// diamond with a white rim: its time is over. Several that lie together are a stack with their number, and on it a small
// diamond with the number of those whose time is over. A declaration (申报) that waits for somebody is a sheet of paper.
import type { Theme } from './colours';
import { glyphs } from './incidentGlyphs';
import { classes, type IncidentClass } from './incidents';
import type { Picture, Stroke } from './picture';
import { all, area, both, box, disc, grow, line, moved, regular, ring, type Shape, without } from './shapes';

export interface SignColours {
  /** A case whose clock runs, and one whose clock has run out. */
  calm: string;
  late: string;
  /** What parts a sign from the ground, and what is written on a calm one. */
  rim: string;
  /** The rim of a late one, and what is written on it. */
  onLate: string;
  /** Inside of what is hollow: cases in hand, crowds; and a crowd's number. */
  crowd: string;
  onCrowd: string;
  /** A declaration that waits. */
  paper: string;
}

export const signColours: Record<Theme, SignColours> = {
  dark: {
    calm: '#7FB3FF',
    late: '#FF2E63',
    rim: '#0B1220',
    onLate: '#FFFFFF',
    crowd: '#14233F',
    onCrowd: '#DCE9FF',
    paper: '#E9DCC0',
  },
  light: {
    calm: '#1C5FC4',
    late: '#D1003F',
    rim: '#FFFFFF',
    onLate: '#FFFFFF',
    crowd: '#FFFFFF',
    onCrowd: '#14315F',
    paper: '#5B4A2A',
  },
  print: {
    calm: '#1C5FC4',
    late: '#B3003A',
    rim: '#FFFFFF',
    onLate: '#FFFFFF',
    crowd: '#FFFFFF',
    onCrowd: '#14315F',
    paper: '#4A3C20',
  },
};

/** How a case stands: nobody has it, somebody has it in hand, its time is over. */
export const standings = ['open', 'held', 'late'] as const;
export type Standing = (typeof standings)[number];

/** The name of a sign in the sprite; the worst cases have larger ones, those whose time is over always do. */
export function signName(standing: Standing, type: string, worst = false): string {
  const head = type.slice(0, 2) as IncidentClass;
  const size = worst && standing !== 'late' ? '-worst' : '';
  return `case-${standing}${size}-${head !== '' && classes.includes(head) ? head : 'other'}`;
}

/** Crowds by their size: from how many cases on, and their radius in pixels. */
export const crowdSteps = [
  { from: 2, radius: 11 },
  { from: 10, radius: 13 },
  { from: 50, radius: 16 },
  { from: 200, radius: 20 },
] as const;

export const crowdName = (step: number) => `crowd-${step}`;

/** A picture around the middle of a square, of strokes that are drawn around 0, 0. */
const around = (size: number, strokes: readonly Stroke[]): Picture => ({
  size,
  strokes: strokes.map((s) => ({ ...s, shape: moved(s.shape, size / 2, size / 2) })),
});

const round = (r: number) => disc(0, 0, r);
/** A square on its corner, its corners rounded; `r` from its middle to a corner. */
const diamond = (r: number) => grow(regular(0, 0, r - 2.4, 4), 2);

function sign(standing: Standing, glyph: Shape, r: number, c: SignColours): Picture {
  const strokes: Record<Standing, Stroke[]> = {
    open: [
      { colour: c.rim, shape: round(r + 1.4) },
      { colour: c.calm, shape: round(r) },
      { colour: c.rim, shape: glyph },
    ],
    held: [
      { colour: c.rim, shape: round(r + 1.4) },
      { colour: c.crowd, shape: round(r) },
      { colour: c.calm, shape: ring(0, 0, r - 0.7, 0.8) },
      { colour: c.calm, shape: glyph },
    ],
    late: [
      { colour: c.rim === c.onLate ? c.late : c.rim, shape: diamond(r + 5.4) },
      { colour: c.onLate, shape: diamond(r + 4.2) },
      { colour: c.late, shape: diamond(r + 2.4) },
      { colour: c.onLate, shape: glyph },
    ],
  };
  return around(standing === 'late' ? 36 : 2 * r + 4, strokes[standing]);
}

/** Two discs, one behind the other. */
function crowd(r: number, c: SignColours): Picture {
  const edge = (dx: number): Stroke[] => [
    { colour: c.rim, shape: disc(dx, -dx, r + 1.2) },
    { colour: c.crowd, shape: disc(dx, -dx, r) },
    { colour: c.calm, shape: ring(dx, -dx, r - 0.6, 0.7) },
  ];
  return around(2 * r + 10, [...edge(-2.6), ...edge(0)]);
}

/** A sheet with a folded corner and lines on it. */
const sheet = area([-4.6, -6], [1.6, -6], [4.6, -3], [4.6, 6], [-4.6, 6]);
const written = all(line(0.65, [-2.3, -0.6], [2.3, -0.6]), line(0.65, [-2.3, 2.2], [1, 2.2]));
const fold = both(area([1.6, -6], [4.6, -3], [1.6, -3]), box(-9, -9, 9, 9));

function paper(late: boolean, c: SignColours): Picture {
  return around(20, [
    { colour: c.rim, shape: grow(sheet, 1.4) },
    { colour: late ? c.late : c.paper, shape: without(sheet, fold) },
    { colour: late ? c.onLate : c.rim, shape: written },
  ]);
}

/** Every sign of the wall in a theme by its name. */
export function wallSigns(theme: Theme): Record<string, Picture> {
  const c = signColours[theme];
  const out: Record<string, Picture> = {};
  for (const code of classes) {
    for (const standing of standings) {
      out[signName(standing, code)] = sign(standing, glyphs[code], 10, c);
      out[signName(standing, code, true)] ??= sign(standing, glyphs[code], 12, c);
    }
  }
  for (const [i, { radius }] of crowdSteps.entries()) out[crowdName(i)] = crowd(radius, c);
  out['crowd-late'] = around(26, [
    { colour: c.rim, shape: diamond(12) },
    { colour: c.late, shape: diamond(10.8) },
  ]);
  out.declared = paper(false, c);
  out['declared-late'] = paper(true, c);
  return out;
}
