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
): GeoJSON.Feature<GeoJSON.MultiPolygon, { colour: string; outermost: boolean }>[] {
  const [west = 0, south = 0, east = 0, north = 0] = field.bounds;
  const top = mercator(north);
  const high = mercator(south) - top;
  const place = ([x = 0, y = 0]: number[]): [number, number] => [
    west + ((east - west) * x) / field.width,
    latitude(top + (high * y) / field.height),
  ];
  const first = Math.min(bounds[0] ?? 1, 1) * least;
  return contours()
    .size([field.width, field.height])
    .thresholds([first, ...bounds])(field.values.map((v) => v ?? 0))
    .map((c, k) => ({
      type: 'Feature',
      properties: { colour: colours[k] ?? '#888888', outermost: k === 0 },
      geometry: {
        type: 'MultiPolygon',
        coordinates: c.coordinates.map((polygon) => polygon.map((ring) => ring.map(place))),
      },
    }));
}
