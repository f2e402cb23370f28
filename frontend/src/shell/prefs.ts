// Language, theme and palette: always in the URL, so that a link shows what its sender saw also to who is used to
// something else, and remembered for next time.
import { effect } from '@preact/signals';
import { gradeColour, grades, type Theme, themes } from '../map/colours';
import { oneOf, param } from './params';
import { recall, remember } from './stored';

export type Lang = 'zh' | 'en';

const langs: readonly Lang[] = ['zh', 'en'];
const browserLang: Lang = navigator.language?.startsWith('zh') ? 'zh' : 'en';

const rememberedLang = oneOf(langs).parse(recall('lang', ''));

export const lang = param<Lang>(null, 'lang', oneOf(langs), rememberedLang ?? browserLang, true);
export const theme = param<Theme>(null, 'theme', oneOf(themes), 'dark', true);
export const palette = param<1 | 2>(null, 'palette', oneOf([1, 2] as const), 1, true);

const asked = new URLSearchParams(location.search);
if (!asked.has('theme')) theme.value = oneOf(themes).parse(recall('theme', '')) ?? 'dark';
if (!asked.has('palette') && recall('palette', 1) === 2) palette.value = 2;

effect(() => {
  document.documentElement.lang = lang.value === 'zh' ? 'zh-CN' : 'en';
  document.documentElement.dataset.theme = theme.value;
  // The map's own colours of the grades, for whatever shows a grade beside the map.
  for (const g of grades) {
    document.documentElement.style.setProperty(`--${g}`, gradeColour(g, theme.value, palette.value));
  }
});

/** Remembers a choice that the user made; what a link asked for is not a choice. */
export function choose(what: { lang?: Lang; theme?: Theme; palette?: 1 | 2 }) {
  if (what.lang) {
    lang.value = what.lang;
    remember('lang', what.lang);
  }
  if (what.theme) {
    theme.value = what.theme;
    remember('theme', what.theme);
  }
  if (what.palette) {
    palette.value = what.palette;
    remember('palette', what.palette);
  }
}
