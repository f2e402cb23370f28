// What other programs get of the map: archives, base maps and styles, read and drawn by libraries of others.
import assert from 'node:assert/strict';
import { execFileSync } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { dirname, join } from 'node:path';
import { after, before, test } from 'node:test';
import { validateStyleMin } from '@maplibre/maplibre-gl-style-spec';
import { openArchive, tilesWithin, writeArchive } from './archive.mjs';
import { launch, openPage, shows, until } from './page.mjs';
import { startServer } from './server.mjs';

let server;
let browser;
let token;
let bounds;
before(async () => {
  server = await startServer();
  token = tokenOf(server, 'duty');
  bounds = await loaded(server, token);
  browser = await launch();
});
after(async () => {
  await browser?.close();
  await server?.stop();
});

const gridweave = (on, ...args) =>
  execFileSync(on.binary, [...args, '--data', on.data], {
    encoding: 'utf8',
    stdio: ['ignore', 'pipe', 'pipe'],
  });

const tokenOf = (on, account) => gridweave(on, 'token', 'create', '--account', account).trim();

/** Asks as a program would, that has a token and no session. */
const ask = (path, headers = {}, on = server, as = token) =>
  fetch(on.address + path, { headers: { Authorization: `Bearer ${as}`, ...headers } });

/** The district's bounds, as soon as the server has its map. */
async function loaded(on, as) {
  const about = async () => (await ask('/tiles/areas.json', {}, on, as)).json();
  return (await until(about, ({ bounds }) => bounds, 'the areas')).bounds;
}

async function body(path, on = server, as = token) {
  const answer = await ask(path, {}, on, as);
  assert.ok(answer.ok, `${path}: ${answer.status}`);
  return Buffer.from(await answer.arrayBuffer());
}

test('an export holds exactly the tiles that the account is served, each byte of them', async () => {
  for (const account of ['duty', 'grid']) {
    const file = join(dirname(server.data), `${account}.pmtiles`);
    const report = JSON.parse(
      gridweave(
        server,
        'export',
        'tiles',
        '--account',
        account,
        '--out',
        file,
        '--sets',
        'areas,buildings',
        '--json',
      ),
    );
    const archive = openArchive(file);
    const header = await archive.getHeader();
    const about = await archive.getMetadata();
    const its = tokenOf(server, account);
    const served = await (await ask('/tiles/areas,buildings.json', {}, server, its)).json();
    assert.deepEqual(
      about.vector_layers.map((l) => l.id).sort(),
      served.vector_layers.map((l) => l.id).sort(),
    );
    let found = 0;
    for (let z = 0; z <= 18; z++) {
      const tiles = await tilesWithin(archive, z, [
        header.minLon,
        header.minLat,
        header.maxLon,
        header.maxLat,
      ]);
      assert.ok(z > 16 || tiles.size > 0, `zoom ${z} is empty`);
      assert.ok(z <= 16 || tiles.size === 0, `zoom ${z} should not be there`);
      found += tiles.size;
      for (const [address, tile] of tiles) {
        assert.ok(
          tile.equals(await body(`/tiles/areas,buildings/${address}`, server, its)),
          `${account} ${address}`,
        );
      }
    }
    assert.equal(found, header.numAddressedTiles);
    assert.equal(found, report.tiles);
    assert.equal(
      report.area,
      gridweave(server, 'user', 'list').match(new RegExp(`^${account}\\s+\\S+\\s+(\\d+)`, 'm'))[1],
    );
  }
});

test('a base map written by others is served as it is, and drawn', async () => {
  const file = join(dirname(server.data), 'base.pmtiles');
  const tiles = groundTiles(bounds);
  await writeArchive(file, tiles, {
    name: 'Surroundings',
    attribution: 'Somebody’s survey',
    vector_layers: ['earth', 'landuse', 'water', 'roads', 'places'].map((id) => ({
      id,
      fields: { kind: 'String' },
    })),
  });
  const based = await startServer('--basemap', file);
  try {
    const its = tokenOf(based, 'duty');
    await loaded(based, its);
    const get = (path, headers) => ask(path, headers, based, its);
    for (const [address, tile] of tiles) {
      const packed = await get(`/tiles/basemap/${address}`);
      assert.equal(packed.headers.get('content-encoding'), 'gzip');
      assert.ok(Buffer.from(await packed.arrayBuffer()).equals(tile), address);
      const plain = await get(`/tiles/basemap/${address}`, { 'Accept-Encoding': 'identity' });
      assert.equal(plain.headers.get('content-encoding'), null);
      assert.ok(Buffer.from(await plain.arrayBuffer()).equals(tile), address);
      const etag = plain.headers.get('etag');
      const again = await get(`/tiles/basemap/${address}`, {
        'Accept-Encoding': 'identity',
        'If-None-Match': etag,
      });
      assert.equal(again.status, 304);
    }
    assert.equal((await get('/tiles/basemap/3/0/0')).status, 204);
    assert.equal((await fetch(`${based.address}/tiles/basemap/0/0/0`)).status, 401);
    assert.equal((await get('/tiles/').then((r) => r.json())).ground, 'protomaps');
    const about = await get('/tiles/basemap.json').then((r) => r.json());
    assert.equal(about.attribution, 'Somebody’s survey');
    const style = await get('/styles/dark.json').then((r) => r.json());
    assert.ok(style.layers.some((l) => l.source === 'basemap'));
    const { page, complaints, close } = await mapOf(based, its, 'dark', bounds, 12);
    await shows(page, '#0e2a47', 1000, 4); // the water of the base map
    assert.deepEqual(complaints, []);
    await close();
  } finally {
    await based.stop();
  }
  assert.equal((await ask('/tiles/basemap/0/0/0')).status, 404);
});

for (const theme of ['dark', 'light', 'print']) {
  test(`the style ${theme} is valid, and a map that has nothing but it and a token draws the district`, async () => {
    for (const query of ['', '?palette=2&lang=en']) {
      const style = await (await ask(`/styles/${theme}.json${query}`)).json();
      assert.deepEqual(
        validateStyleMin(style).map((e) => e.message),
        [],
      );
      await assertDrawn(style);
    }
    const { page, complaints, close } = await mapOf(server, token, theme, bounds, 16.2);
    const green = { dark: '#16695f', light: '#4d9589', print: '#94d0b9' }[theme];
    await shows(page, green, 100, 40); // a house in its grade
    const symbols = await page.evaluate(() => {
      const map = document.querySelector('.map').map;
      return map.queryRenderedFeatures({ layers: ['letter'] }).length;
    });
    assert.ok(symbols > 5, `${symbols} letters`);
    assert.deepEqual(complaints, []);
    await close();
  });
}

/** Every layer that a style draws is one that TileJSON promises. */
async function assertDrawn(style) {
  for (const [name, source] of Object.entries(style.sources)) {
    assert.ok(source.url.startsWith(server.address));
    const { vector_layers: layers } = await (await ask(new URL(source.url).pathname)).json();
    for (const layer of style.layers.filter((l) => l.source === name)) {
      assert.ok(
        layers.some((l) => l.id === layer['source-layer']),
        `${name} has no layer ${layer['source-layer']}`,
      );
    }
  }
}

const require = createRequire(import.meta.url);
const maplibre = dirname(require.resolve('maplibre-gl/dist/maplibre-gl.css'));

/** A page of somebody else on the server's address: MapLibre, a style's address and a token. */
async function mapOf(on, as, theme, [west, south, east, north], zoom) {
  const { page, complaints, close } = await openPage(browser, on.address);
  await page.route(`${on.address}/elsewhere/**`, (route) => {
    const name = new URL(route.request().url()).pathname.split('/').pop();
    if (name === 'map.html') return route.fulfill({ contentType: 'text/html', body: foreignPage });
    return route.fulfill({
      contentType: name.endsWith('.css') ? 'text/css' : 'text/javascript',
      body: readFileSync(join(maplibre, name)),
    });
  });
  await page.goto(`${on.address}/elsewhere/map.html`);
  await page.evaluate(
    async ([style, as, center, zoom]) => {
      const { Map: GlMap, setWorkerUrl } = await import('/elsewhere/maplibre-gl.mjs');
      setWorkerUrl('/elsewhere/maplibre-gl-worker.mjs');
      const container = document.querySelector('.map');
      container.map = new GlMap({
        container,
        style,
        center,
        zoom,
        fadeDuration: 0,
        transformRequest: (url) => ({ url, headers: { Authorization: `Bearer ${as}` } }),
      });
      container.map.on('error', (e) => console.error(e.error?.message ?? 'map error'));
      await container.map.once('idle');
    },
    [`${on.address}/styles/${theme}.json`, as, [(west + east) / 2, (south + north) / 2], zoom],
  );
  return { page, complaints, close };
}

const foreignPage = `<!doctype html><link rel="stylesheet" href="maplibre-gl.css">
<style>body{margin:0}.map{height:100vh}</style><div class="map"></div>`;

/** Tiles around the district in the schema of Protomaps: water on all of each, which is enough to be seen. */
function groundTiles([west, south, east, north]) {
  const tiles = new Map();
  for (let z = 0; z <= 13; z++) {
    const x = Math.floor((((west + east) / 2 + 180) / 360) * 2 ** z);
    const lat = ((south + north) / 2 / 180) * Math.PI;
    const y = Math.floor((0.5 - Math.asinh(Math.tan(lat)) / (2 * Math.PI)) * 2 ** z);
    for (const dx of z > 9 ? [-1, 0, 1] : [0]) {
      for (const dy of z > 9 ? [-1, 0, 1] : [0]) tiles.set(`${z}/${x + dx}/${y + dy}`, waterTile());
    }
  }
  return tiles;
}

/** A vector tile with one square of water, byte by byte as the specification has it. */
function waterTile() {
  const field = (n, bytes) => Buffer.concat([Buffer.from([(n << 3) | 2, bytes.length]), bytes]);
  const side = [0x80, 0x40]; // 4096, zigzag
  const geometry = Buffer.from([9, 0, 0, 26, ...side, 0, 0, ...side, 0xff, 0x3f, 0, 15]);
  const feature = Buffer.concat([field(2, Buffer.from([0, 0])), Buffer.from([0x18, 3]), field(4, geometry)]);
  const value = field(1, Buffer.from('ocean'));
  return field(
    3,
    Buffer.concat([
      Buffer.from([0x78, 2]),
      field(1, Buffer.from('water')),
      field(2, feature),
      field(3, Buffer.from('kind')),
      field(4, value),
      Buffer.from([0x28, 0x80, 0x20]),
    ]),
  );
}
