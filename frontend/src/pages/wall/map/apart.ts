// Takes apart what lies on one another: the incidents of a crowd in a circle around it, each on a thread.
import type { Feature, FeatureCollection, LineString, Point } from 'geojson';
import type { CaseProperties } from './cases';

export type Apart = FeatureCollection<Point | LineString, CaseProperties>;

export const nothingApart: Apart = { type: 'FeatureCollection', features: [] };

/** The places of n points around a middle, in pixels: a ring while they fit, then a spiral. */
export function places(n: number): [number, number][] {
  const ring = 10;
  const found: [number, number][] = [];
  let angle = -Math.PI / 2;
  for (let i = 0; i < n; i++) {
    const radius = n <= ring ? 42 : 38 + i * 3.6;
    found.push([Math.cos(angle) * radius, Math.sin(angle) * radius]);
    angle += n <= ring ? (2 * Math.PI) / n : 32 / radius;
  }
  return found;
}

/** unproject turns pixels into longitude and latitude. */
export function takeApart(
  middle: { x: number; y: number; lon: number; lat: number },
  leaves: readonly CaseProperties[],
  unproject: (x: number, y: number) => [number, number],
): Apart {
  const features = places(leaves.length).flatMap(
    ([dx, dy], i): Feature<Point | LineString, CaseProperties>[] => {
      const at = unproject(middle.x + dx, middle.y + dy);
      const properties = leaves[i] as CaseProperties;
      return [
        {
          type: 'Feature',
          geometry: { type: 'LineString', coordinates: [[middle.lon, middle.lat], at] },
          properties,
        },
        { type: 'Feature', geometry: { type: 'Point', coordinates: at }, properties },
      ];
    },
  );
  return { type: 'FeatureCollection', features };
}
