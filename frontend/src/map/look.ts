// What a style is made for: a page's state, or one of the documents that the server hands out.
import type { ExpressionSpecification, LayerSpecification } from 'maplibre-gl';
import { type Base, base, type Grade, grades, type Palette, type Theme } from './colours';
import { type FontSlice, fontName } from './fonts';
import type { Schema } from './schemas';

export interface Look {
  lang: 'zh' | 'en';
  theme: Theme;
  palette: Palette;
  hidden: ReadonlySet<Grade>;
  /** The server's address without a trailing slash. */
  origin: string;
  fonts: FontSlice[];
  /** What stands for a grade close up. */
  letters: Record<Grade, string>;
  /** How the ground is drawn: from our own layers, or from a base map of that schema. */
  ground: Schema;
  /**
   * Our own page knows which tiles there are, and colours areas by feature-state where houses are too small. Other
   * programs read TileJSON, and get the tiles' own counts there.
   */
  reader: 'page' | 'program';
  /**
   * Whether grades on the page differ from the tiles for long, as in a replay. Otherwise a tile brings a change a moment
   * after the stream told it, and what shows one grade alone can wait for that: each house is then drawn once, and not
   * once more for each sign that it does not have.
   */
  ahead?: boolean;
}

export type Expression = ExpressionSpecification;
export type Layer = LayerSpecification;

/** From this zoom on houses are drawn, and areas are only outlined. */
export const houseZoom = 14;

export const coloursOf = (look: Look): Base => base[look.theme];

/** A feature's name in the reader's language, or in the other where it is missing. */
export function nameIn(lang: 'zh' | 'en'): Expression {
  return lang === 'zh'
    ? ['coalesce', ['get', 'name_zh'], ['get', 'name_en'], '']
    : ['coalesce', ['get', 'name_en'], ['get', 'name_zh'], ''];
}

/** The number of a grade in tiles. */
export const numberOf = (g: Grade) => grades.indexOf(g) + 1;

/** A value for each grade, and one for houses that are not let. */
export function byGrade<T>(value: (g: Grade) => T, otherwise: T): Expression {
  return [
    'match',
    ['coalesce', ['get', 'g'], 0],
    ...grades.flatMap((g) => [numberOf(g), value(g)]),
    otherwise,
  ] as unknown as Expression;
}

/** How labels are written, strong ones and those that step back. */
export function ink(c: Base, strength: 'strong' | 'quiet') {
  return {
    'text-color': strength === 'strong' ? c.label : c.quiet,
    'text-halo-color': c.halo,
    'text-halo-width': strength === 'strong' ? 1.5 : 1.2,
  };
}

export const font = [fontName];
