// Chinese labels without a glyph server: the slices of Noto Sans SC, of which a view fetches only those it needs. The
// same files serve the map, the page, and whoever else uses the map's styles.

export const fontName = 'Noto Sans SC';

/** The folder of the slices on the server; scripts/surface.ts fills it. */
export const fontPath = '/fonts/noto-sans-sc';

/** The list of the slices: their ranges by name. */
export const slicesPath = `${fontPath}/slices.json`;

export interface FontSlice {
  url: string;
  'unicode-range': string[];
}

/** Every slice with what it covers, from the ranges as the font's package lists them. */
export function slices(origin: string, ranges: Record<string, string>): FontSlice[] {
  return Object.entries(ranges).map(([name, range]) => ({
    url: `${origin}${fontPath}/${sliceName(name)}.woff2`,
    'unicode-range': range.split(','),
  }));
}

/** A slice's file without its ending: "[4]" is 4. */
export function sliceName(name: string): string {
  return name.replace(/[[\]]/g, '');
}
