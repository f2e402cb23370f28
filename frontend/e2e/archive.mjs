// PMTiles archives read and written by libraries of others, to hold ours against.
import { openSync, readSync, writeFileSync } from 'node:fs';
import { PMTiles } from 'pmtiles';
import { BufferWriter, Compression, S2PMTilesWriter, TileType } from 's2-pmtiles';

class Source {
  constructor(path) {
    this.path = path;
    this.file = openSync(path);
  }

  getKey() {
    return this.path;
  }

  async getBytes(offset, length) {
    const data = new Uint8Array(length);
    const n = readSync(this.file, data, 0, length, offset);
    return { data: data.buffer.slice(0, n) };
  }
}

export function openArchive(path) {
  return new PMTiles(new Source(path));
}

/** The archive's tiles of a zoom within bounds and one beyond, unpacked, by their address. */
export async function tilesWithin(archive, z, [west, south, east, north]) {
  const column = (lon) => Math.floor(((lon + 180) / 360) * 2 ** z);
  const row = (lat) =>
    Math.floor((0.5 - Math.asinh(Math.tan((lat * Math.PI) / 180)) / (2 * Math.PI)) * 2 ** z);
  const found = new Map();
  const last = 2 ** z - 1;
  for (let x = Math.max(0, column(west) - 1); x <= Math.min(last, column(east) + 1); x++) {
    for (let y = Math.max(0, row(north) - 1); y <= Math.min(last, row(south) + 1); y++) {
      const tile = await archive.getZxy(z, x, y);
      if (tile) found.set(`${z}/${x}/${y}`, Buffer.from(tile.data));
    }
  }
  return found;
}

/** Writes an archive of vector tiles, packed by the library. */
export async function writeArchive(path, tiles, metadata) {
  const buffer = new BufferWriter();
  const writer = new S2PMTilesWriter(buffer, TileType.Pbf, Compression.Gzip);
  for (const [address, body] of tiles) {
    const [z, x, y] = address.split('/').map(Number);
    await writer.writeTileXYZ(z, x, y, new Uint8Array(body));
  }
  await writer.commit(metadata);
  writeFileSync(path, buffer.commit());
}
