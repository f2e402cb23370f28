// The styles that the server hands out at /styles, one for each theme, palette, language and kind of ground.
import type { StyleSpecification } from 'maplibre-gl';
import en from '../i18n/en.json';
import zh from '../i18n/zh.json';
import { type Grade, grades, type Palette, type Theme, themes } from './colours';
import type { FontSlice } from './fonts';
import { type Schema, schemas } from './schemas';
import { buildStyle } from './style';

/** Stands for the server's address, which differs from request to request: no host has this name (RFC 2606). */
export const serverPlace = 'https://server.invalid';

export interface Document {
  theme: Theme;
  palette: Palette;
  lang: 'zh' | 'en';
  ground: Schema;
  style: StyleSpecification;
}

const texts = { zh, en };

export function documents(fonts: FontSlice[]): Document[] {
  const out: Document[] = [];
  for (const theme of themes) {
    for (const palette of [1, 2] as const) {
      for (const lang of ['zh', 'en'] as const) {
        for (const ground of Object.keys(schemas) as Schema[]) {
          out.push({ theme, palette, lang, ground, style: document(theme, palette, lang, ground, fonts) });
        }
      }
    }
  }
  return out;
}

function document(theme: Theme, palette: Palette, lang: 'zh' | 'en', ground: Schema, fonts: FontSlice[]) {
  const letters = Object.fromEntries(grades.map((g) => [g, texts[lang][`letter.${g}`]]));
  return buildStyle({
    lang,
    theme,
    palette,
    ground,
    fonts,
    hidden: new Set(),
    origin: serverPlace,
    letters: letters as Record<Grade, string>,
    reader: 'program',
  });
}
