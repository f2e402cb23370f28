// The map's pictures: patterns and marks for those who do not see the colours. Each is drawn from distances to simple
// shapes, so that every size is sharp, without a drawing program and without a file in the repository. The build writes
// them as the sprites that the page and other programs load (scripts/surface.ts).
import { base, type Grade, gradeColour, type Palette, type Theme } from './colours';
import { glyphs } from './incidentGlyphs';
import { classes, incidentPicture } from './incidents';
import { type Picture, raster } from './picture';
import { disc, grow, moved, regular, ring, type Shape } from './shapes';
import { wallSigns } from './wallSigns';

/** Where a sprite lies on the server, without its ending. */
export const spritePath = (theme: Theme, palette: Palette) => `/sprites/${theme}-${palette}`;

/** Lines from lower left to upper right, `every` pixels apart, that continue in the next tile of the pattern. */
const stripes =
  (every: number, half: number): Shape =>
  (x, y) => {
    const along = (((x + y) % every) + every) % every;
    return Math.abs(along - every / 2) / Math.SQRT2 - half;
  };

const dots =
  (every: number, r: number): Shape =>
  (x, y) =>
    Math.hypot((x % every) - every / 2, (y % every) - every / 2) - r;

const markShapes: Record<Grade, (c: number, r: number) => Shape> = {
  green: (c, r) => disc(c, c, r * 0.8),
  yellow: (c, r) => regular(c, c, r, 6),
  orange: (c, r) => regular(c, c, r, 4),
  red: (c, r) => regular(c, c + r * 0.12, r * 1.1, 3),
  grey: (c, r) => ring(c, c, r * 0.65, r * 0.22),
};

function mark(g: Grade, theme: Theme, palette: Palette): Picture {
  const size = 12;
  const shape = markShapes[g](size / 2, 4);
  return {
    size,
    strokes: [
      { colour: base[theme].alarm, shape: grow(shape, g === 'red' ? 1.1 : 0) },
      { colour: gradeColour(g, theme, palette), shape },
    ],
  };
}

/** A class's sign on a pin, whose own shape tells it from a house's mark. */
function incident(sign: Shape, theme: Theme): Picture {
  const c = base[theme];
  const size = 24;
  const body = regular(size / 2, size / 2, 10.5, 8);
  return {
    size,
    strokes: [
      { colour: c.halo, shape: grow(body, 1.2) },
      { colour: c.incident, shape: body },
      { colour: c.onIncident, shape: moved(sign, size / 2, size / 2) },
    ],
  };
}

/** Every picture of a theme by its name in the style. */
export function pictures(theme: Theme, palette: Palette): Record<string, Picture> {
  const ink = { colour: base[theme].pattern, opacity: 0.6 };
  return {
    dots: { size: 8, strokes: [{ ...ink, shape: dots(4, 1.1) }] },
    ...Object.fromEntries(classes.map((code) => [incidentPicture(code), incident(glyphs[code], theme)])),
    hatch: { size: 8, strokes: [{ ...ink, shape: stripes(8, 1) }] },
    'mark-green': mark('green', theme, palette),
    'mark-grey': mark('grey', theme, palette),
    'mark-orange': mark('orange', theme, palette),
    'mark-red': mark('red', theme, palette),
    'mark-yellow': mark('yellow', theme, palette),
    ...wallSigns(theme),
  };
}

/** Where a picture lies in its sprite, as the style's specification writes it. */
export interface Place {
  x: number;
  y: number;
  width: number;
  height: number;
  pixelRatio: number;
}

export interface Sprite {
  width: number;
  height: number;
  data: Uint8Array;
  places: Record<string, Place>;
}

/** All pictures of a theme side by side in one image. */
export function sprite(theme: Theme, palette: Palette, ratio: number): Sprite {
  const all = Object.entries(pictures(theme, palette));
  const width = all.reduce((sum, [, p]) => sum + p.size * ratio, 0);
  const height = Math.max(...all.map(([, p]) => p.size * ratio));
  const data = new Uint8Array(width * height * 4);
  const places: Record<string, Place> = {};
  let x = 0;
  for (const [name, picture] of all) {
    const side = picture.size * ratio;
    const pixels = raster(picture, ratio);
    for (let row = 0; row < side; row++) {
      data.set(pixels.subarray(row * side * 4, (row + 1) * side * 4), (row * width + x) * 4);
    }
    places[name] = { x, y: 0, width: side, height: side, pixelRatio: ratio };
    x += side;
  }
  return { width, height, data, places };
}
