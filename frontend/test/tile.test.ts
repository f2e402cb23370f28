import { readFileSync } from 'node:fs';
import { VectorTile, type VectorTileFeature } from '@mapbox/vector-tile';
import { PbfReader } from 'pbf';
import { expect, it } from 'vitest';

interface Meaning {
  layer: string;
  id: number;
  properties: Record<string, unknown>;
  geometry: { type: string; coordinates: unknown };
}

const kept = '../tiles/mvt/testdata/every';

/** Pairs of coordinates, rings closed and without knowing which are holes, as the tile has them. */
function parts(f: VectorTileFeature): number[][][] {
  return f.loadGeometry().map((part) => part.map((p) => [p.x, p.y]));
}

/** The same from GeoJSON in tile units. */
function flattened(g: Meaning['geometry']): number[][][] {
  const c = g.coordinates as never;
  switch (g.type) {
    case 'Point':
      return [[c]];
    case 'MultiPoint':
      return (c as number[][]).map((p) => [p]);
    case 'LineString':
      return [c];
    case 'MultiPolygon':
      return (c as number[][][][]).flat();
    default:
      return c;
  }
}

// The same tile that Go's tests hold byte by byte and read with another decoder.
it('the reference decoder reads every geometry and value as others do', () => {
  const tile = new VectorTile(new PbfReader(readFileSync(`${kept}.mvt`)));
  const want = JSON.parse(readFileSync(`${kept}.json`, 'utf8')) as Meaning[];
  const got: { layer: string; id: number | undefined; properties: object; parts: number[][][] }[] = [];
  for (const [name, layer] of Object.entries(tile.layers)) {
    expect([layer.version, layer.extent]).toEqual([2, 4096]);
    for (let i = 0; i < layer.length; i++) {
      const f = layer.feature(i);
      got.push({ layer: name, id: f.id, properties: f.properties, parts: parts(f) });
    }
  }
  expect(got).toEqual(
    want.map((w) => ({ layer: w.layer, id: w.id, properties: w.properties, parts: flattened(w.geometry) })),
  );
});
