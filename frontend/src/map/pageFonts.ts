// The page's own text and map use the slices that the server's styles name. Which there are is asked for when the page
// begins: the list is longer than what the page needs to show its first text.
import { signal } from '@preact/signals';
import { type FontSlice, fontName, slices, slicesPath } from './fonts';

/** Null until the list has come. */
export const pageSlices = signal<FontSlice[] | null>(null);

/** Makes the page's text use the slices; each loads when a character needs it. */
export async function registerPageFonts() {
  const list = await fetch(slicesPath)
    .then((answer): Promise<Record<string, string>> => (answer.ok ? answer.json() : Promise.resolve({})))
    .catch(() => ({})); // the system's fonts are better than no page
  const found = slices(location.origin, list);
  for (const s of found) {
    document.fonts.add(
      new FontFace(fontName, `url(${s.url})`, {
        unicodeRange: s['unicode-range'].join(','),
        display: 'swap',
      }),
    );
  }
  pageSlices.value = found;
}
