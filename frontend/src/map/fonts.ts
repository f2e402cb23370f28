// Chinese labels without a glyph server: the slices of Noto Sans SC, of which a view fetches only those it needs. The
// same files serve the map and the page.
import ranges from '@fontsource/noto-sans-sc/unicode.json';

export const fontName = 'Noto Sans SC';

const urls = import.meta.glob<string>(
  [
    '/node_modules/@fontsource/noto-sans-sc/files/*-400-normal.woff2',
    '!**/*-chinese-simplified-*', // all characters in one file: what the slices are there to avoid
  ],
  {
    query: '?url',
    import: 'default',
    eager: true,
  },
);

export interface FontSlice {
  url: string;
  'unicode-range': string[];
}

/** Every slice with what it covers. */
export function slices(): FontSlice[] {
  const found: FontSlice[] = [];
  for (const [name, range] of Object.entries(ranges as Record<string, string>)) {
    const file = `/noto-sans-sc-${name.replace(/[[\]]/g, '')}-400-normal.woff2`;
    const path = Object.keys(urls).find((p) => p.endsWith(file));
    const url = path && urls[path];
    if (url) found.push({ url: new URL(url, location.href).href, 'unicode-range': range.split(',') });
  }
  return found;
}

/** Makes the page's own text use the slices; each loads when a character needs it. */
export function registerPageFonts() {
  for (const s of slices()) {
    document.fonts.add(
      new FontFace(fontName, `url(${s.url})`, {
        unicodeRange: s['unicode-range'].join(','),
        display: 'swap',
      }),
    );
  }
}
