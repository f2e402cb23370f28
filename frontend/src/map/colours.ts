// Grades and the base map's colours. Measured so that the five grades stay apart for four kinds of vision; the second
// palette is clearer still. Colour is never the only signal: red has an outline, orange a hatch, grey dots, and all
// have letters from zoom 16.

export type Grade = 'green' | 'yellow' | 'orange' | 'red' | 'grey';

/** In the order of their numbers in tiles, from 1. */
export const grades: readonly Grade[] = ['green', 'yellow', 'orange', 'red', 'grey'];

type Theme = 'dark' | 'light';

const gradeColours: Record<Theme, Record<1 | 2, Record<Grade, string>>> = {
  dark: {
    1: { green: '#1B9E8F', yellow: '#FFE45C', orange: '#F28E2B', red: '#D7263D', grey: '#66758C' },
    2: { green: '#4DEDDD', yellow: '#FFFFA0', orange: '#D19734', red: '#CD3660', grey: '#738CA3' },
  },
  light: {
    1: { green: '#12806F', yellow: '#E0B400', orange: '#D9720F', red: '#B8132B', grey: '#7C8798' },
    2: { green: '#0A9D8E', yellow: '#D9C300', orange: '#A66A00', red: '#A3124A', grey: '#64798C' },
  },
};

export function gradeColour(g: Grade, theme: Theme, palette: 1 | 2): string {
  return gradeColours[theme][palette][g];
}

/** How strongly a grade shows where many houses are in view: the safe ones step back. */
export const presence: Record<Grade, number> = { green: 0.5, yellow: 0.65, orange: 0.92, red: 1, grey: 0.45 };

export interface Base {
  background: string;
  land: string;
  block: string;
  park: string;
  water: string;
  roadMinor: string;
  roadMiddle: string;
  roadMajor: string;
  unlet: string;
  borders: { grid: string; community: string; street: string };
  label: string;
  halo: string;
  risk: [string, string, string, string];
}

export const base: Record<Theme, Base> = {
  dark: {
    background: '#0B1220',
    land: '#121C2E',
    block: '#172338',
    park: '#14312B',
    water: '#0E2A47',
    roadMinor: '#24344F',
    roadMiddle: '#2F4366',
    roadMajor: '#3C5379',
    unlet: '#2A3A57',
    borders: { grid: '#5B7FB8', community: '#7EA0D6', street: '#C2D5F5' },
    label: '#CFE0FB',
    halo: '#0B1220',
    risk: ['#1A2A44', '#5A4632', '#B36B2C', '#E8442E'],
  },
  light: {
    background: '#E8EDF3',
    land: '#F7F8FA',
    block: '#EEF0F4',
    park: '#D9EBD8',
    water: '#BFDCF2',
    roadMinor: '#FFFFFF',
    roadMiddle: '#FFFFFF',
    roadMajor: '#FBE7B0',
    unlet: '#CBD3DE',
    borders: { grid: '#8CA3C4', community: '#5A79A8', street: '#2B4A7C' },
    label: '#1E2F4A',
    halo: '#FFFFFF',
    risk: ['#E6EBF2', '#F5D9B5', '#EE9A55', '#CE3A2B'],
  },
};

/** Share of orange and red among rental houses at which the next colour begins. */
export const riskSteps: [number, number, number] = [0.06, 0.12, 0.2];
