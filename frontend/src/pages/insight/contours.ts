// A density as areas: one for each class of the legend, all that is at least so dense, smooth between the nodes.
import { contours } from 'd3-contour';

export interface Lattice {
  values: readonly (number | null)[];
  width: number;
  height: number;
  /** West, south, east, north in degrees. Rows are even in Web Mercator. */
  bounds: readonly number[];
}

const mercator = (lat: number) => Math.asinh(Math.tan((lat * Math.PI) / 180));
const latitude = (y: number) => (Math.atan(Math.sinh(y)) * 180) / Math.PI;

/** What anything above nothing is drawn from: less than a legend's reader could tell from nothing. */
const least = 1e-3;

export function contoursOf(
  field: Lattice,
  bounds: readonly number[],
  colours: readonly string[],
  diverging = false,
): GeoJSON.Feature<GeoJSON.MultiPolygon, { colour: string; outermost: boolean }>[] {
  const [west = 0, south = 0, east = 0, north = 0] = field.bounds;
  const top = mercator(north);
  const high = mercator(south) - top;
  const place = ([x = 0, y = 0]: number[]): [number, number] => [
    west + ((east - west) * x) / field.width,
    latitude(top + (high * y) / field.height),
  ];
  /** All that is at least so dense; of a comparison, what there is so much more of, or less where sign is -1. */
  const steps = (sign: 1 | -1, thresholds: readonly number[], shades: readonly (string | undefined)[]) =>
    contours()
      .size([field.width, field.height])
      .thresholds([...thresholds])(field.values.map((v) => sign * (v ?? 0)))
      .map((c, k) => ({
        type: 'Feature' as const,
        properties: { colour: shades[k] ?? '#888888', outermost: k === 0 },
        geometry: {
          type: 'MultiPolygon' as const,
          coordinates: c.coordinates.map((polygon) => polygon.map((ring) => ring.map(place))),
        },
      }));
  if (!diverging) {
    return steps(1, [Math.min(bounds[0] ?? 1, 1) * least, ...bounds], colours);
  }
  // Bounds mirror each other about zero, and the middle colour is no change: the lattice shows none there.
  const up = bounds.slice(bounds.length / 2);
  const thresholds = up.map((b, i) => (b > 0 ? b : Math.min(up[i + 1] ?? 1, 1) * least));
  const middle = up.length;
  return [
    ...steps(
      -1,
      thresholds,
      thresholds.map((_, i) => colours[middle - 1 - i]),
    ),
    ...steps(
      1,
      thresholds,
      thresholds.map((_, i) => colours[middle + 1 + i]),
    ),
  ];
}
