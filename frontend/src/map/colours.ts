// Grades and the map's colours, one set for each theme. Measured so that the five grades, and houses that are not let,
// stay apart for four kinds of vision (test/colours.test.ts holds by how much); the second palette is clearer still.
// Colour is never the only signal: red has an outline, orange a hatch, grey dots, and all have letters close up.

export type Grade = 'green' | 'yellow' | 'orange' | 'red' | 'grey';

/** In the order of their numbers in tiles, from 1. */
export const grades: readonly Grade[] = ['green', 'yellow', 'orange', 'red', 'grey'];

export type Theme = 'dark' | 'light' | 'print';
export type Palette = 1 | 2;

export const themes: readonly Theme[] = ['dark', 'light', 'print'];

const gradeColours: Record<Theme, Record<Palette, Record<Grade, string>>> = {
  dark: {
    1: { green: '#1B9E8F', yellow: '#FFE45C', orange: '#F28E2B', red: '#D7263D', grey: '#66758C' },
    2: { green: '#4DEDDD', yellow: '#FFFFA0', orange: '#D19734', red: '#CD3660', grey: '#738CA3' },
  },
  light: {
    1: { green: '#0A6E5E', yellow: '#F6E058', orange: '#CF721C', red: '#9C0612', grey: '#818DA5' },
    2: { green: '#2F9C86', yellow: '#FBE07A', orange: '#D2500A', red: '#66120F', grey: '#565D7F' },
  },
  // Apart in lightness too, for a printer that knows black only.
  print: {
    1: { green: '#53B493', yellow: '#FFD648', orange: '#C96D13', red: '#8B1420', grey: '#5C646F' },
    2: { green: '#54A7B9', yellow: '#FFD940', orange: '#B2700C', red: '#6B0A14', grey: '#54636C' },
  },
};

export function gradeColour(g: Grade, theme: Theme, palette: Palette): string {
  return gradeColours[theme][palette][g];
}

/** How strongly a grade shows where many houses are in view: the safe ones step back, on bright ground the more so. */
export const presence: Record<Theme, Record<Grade, number>> = {
  dark: { green: 0.5, yellow: 0.65, orange: 0.92, red: 1, grey: 0.45 },
  light: { green: 0.38, yellow: 0.55, orange: 0.92, red: 1, grey: 0.38 },
  print: { green: 0.5, yellow: 0.6, orange: 0.95, red: 1, grey: 0.5 },
};

/** Everything of a theme that is not a grade. */
export interface Base {
  background: string;
  land: string;
  block: string;
  park: string;
  water: string;
  road: { minor: string; middle: string; major: string; casing: string };
  rail: string;
  /** A house in which nothing is let, and the edge of every house. */
  unlet: string;
  edge: string;
  /** The outline of a red house. */
  alarm: string;
  selected: string;
  /** An open incident, apart from every grade, and what is written on it. */
  incident: string;
  onIncident: string;
  borders: { grid: string; community: string; street: string };
  label: string;
  /** Labels that step back: roads, waters, parks. */
  quiet: string;
  halo: string;
  /** The drawing of a pattern over a grade's colour. */
  pattern: string;
  risk: [string, string, string, string];
}

export const base: Record<Theme, Base> = {
  dark: {
    background: '#0B1220',
    land: '#121C2E',
    block: '#172338',
    park: '#14312B',
    water: '#0E2A47',
    road: { minor: '#24344F', middle: '#2F4366', major: '#3C5379', casing: '#0F1828' },
    rail: '#34435F',
    unlet: '#2A3A57',
    edge: '#0B1220',
    alarm: '#FFFFFF',
    selected: '#FFFFFF',
    incident: '#C77DFF',
    onIncident: '#0B1220',
    borders: { grid: '#5B7FB8', community: '#7EA0D6', street: '#C2D5F5' },
    label: '#CFE0FB',
    quiet: '#8DA3C6',
    halo: '#0B1220',
    pattern: '#0A0A0A',
    risk: ['#1A2A44', '#5A4632', '#B36B2C', '#E8442E'],
  },
  light: {
    background: '#E4E9F0',
    land: '#F5F7F9',
    block: '#ECEFF3',
    park: '#D5E8D3',
    water: '#B9D8EE',
    road: { minor: '#FFFFFF', middle: '#FFFFFF', major: '#FBE9B8', casing: '#CDD5E0' },
    rail: '#B4BECC',
    unlet: '#D6DCE6',
    edge: '#8C99AD',
    alarm: '#2A0005',
    selected: '#0B1220',
    incident: '#6A1FB0',
    onIncident: '#FFFFFF',
    borders: { grid: '#7F97BA', community: '#4E6E9F', street: '#1F3D6E' },
    label: '#1B2B45',
    quiet: '#44546E',
    halo: '#FFFFFF',
    pattern: '#FFFFFF',
    risk: ['#E3E8EF', '#F3D3A6', '#E58E45', '#BE2F22'],
  },
  // White paper: ink only where it says something.
  print: {
    background: '#FFFFFF',
    land: '#FFFFFF',
    block: '#F6F6F4',
    park: '#E6F0E1',
    water: '#D6E6F2',
    road: { minor: '#FFFFFF', middle: '#FFFFFF', major: '#FFFFFF', casing: '#9AA0A8' },
    rail: '#7A808A',
    unlet: '#FFFFFF',
    edge: '#5A6069',
    alarm: '#000000',
    selected: '#000000',
    incident: '#4A1486',
    onIncident: '#FFFFFF',
    borders: { grid: '#6F7782', community: '#3F4650', street: '#000000' },
    label: '#000000',
    quiet: '#3F4650',
    halo: '#FFFFFF',
    pattern: '#FFFFFF',
    risk: ['#F2F2F0', '#F0D5A8', '#D98A45', '#8B1420'],
  },
};

/** Share of orange and red among rental houses at which the next colour begins. */
export const riskSteps: [number, number, number] = [0.06, 0.12, 0.2];
