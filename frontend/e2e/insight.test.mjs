import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { test } from 'node:test';
import { PNG } from 'pngjs';
import { drawn, heatmaps, hour, iso, listed, spanOf } from './insight.mjs';
import { assertAccessible, shows } from './page.mjs';
import { stage } from './stage.mjs';

const { server, browser, sql } = await stage();
const root = sql('select code from area order by length(code) limit 1');

const open = heatmaps(server, browser);
const end = async (page) => (await spanOf(page)).to;

/** Incidents by community between two moments, as the list should show them: name, and count where it is not small. */
function byCommunity(from, to) {
  const rows =
    sql(`select a.name_en, count(i.id) from area a left join incident i on left(i.code, 12) = a.code
    and i.reported_at >= '${iso(from)}' and i.reported_at < '${iso(to)}' and i.status not in ('merged', 'rejected')
    where a.level = 'community' group by 1`);
  return new Map(rows.split('\n').map((l) => [l.split('|')[0], Number(l.split('|')[1])]));
}

const signed = (n) => (n > 0 ? `+${n}` : n < 0 ? `−${-n}` : '0');

for (const [what, days] of [
  ['last week', 7],
  ['the last thirty days', 30],
])
  test(`a heatmap of ${what} says what SQL says, in the list and in colour`, async () => {
    const { page, complaints, close } = await open(`/insight/${root}?lang=en&l=community&t=${days}d`);
    const to = await end(page);
    const want = byCommunity(to - days * 24 * hour, to);
    const got = await listed(page);
    assert.ok(got.size > 0);
    for (const [name, shown] of got) assert.equal(shown, String(want.get(name)), name);
    const total = [...want.values()].reduce((a, b) => a + b, 0);
    assert.equal((await page.textContent('.heat-legend .foot dd')).trim(), total.toLocaleString('en'));
    // The highest class is drawn, and the legend stays as it is however near one looks.
    const colours = await page.$$eval('.heat-legend .box rect', (r) => r.map((x) => x.getAttribute('fill')));
    const top = colours.filter((c) => c !== 'none').at(-1);
    await shows(page, top.toLowerCase(), 300, 60);
    const legend = await page.textContent('.heat-legend .classes');
    await page.evaluate(() => document.querySelector('.map').map.jumpTo({ zoom: 15 }));
    await drawn(page);
    assert.equal(await page.textContent('.heat-legend .classes'), legend);
    await assertAccessible(page);
    assert.deepEqual(complaints, []);
    await close();
  });

test('the week before is compared with, and slices play', async () => {
  const { page, complaints, close } = await open(`/insight/${root}?lang=en&l=community`);
  const to = await end(page);
  await page.check('.controls input[type=checkbox]');
  await page.waitForFunction(() =>
    document.querySelector('.heat-legend h2').textContent.startsWith('Change'),
  );
  await drawn(page);
  const now = byCommunity(to - 168 * hour, to);
  const before = byCommunity(to - 336 * hour, to - 168 * hour);
  for (const [name, shown] of await listed(page))
    assert.equal(shown, signed(now.get(name) - before.get(name)), name);
  await page.uncheck('.controls input[type=checkbox]');

  await page.focus('.map canvas');
  await page.keyboard.press(']');
  await page.waitForFunction(() => new URLSearchParams(location.search).get('slice') === '0');
  await page.keyboard.press(']');
  await page.waitForFunction(() => new URLSearchParams(location.search).get('slice') === '1');
  await page.waitForSelector('.histogram rect', { state: 'attached' });
  const step = (168 / (await page.$$eval('.histogram rect', (r) => r.length))) * hour;
  const slices = Math.round((168 * hour) / step);
  let told = 0;
  for (let n = 1; n < slices && told < 3; n++) {
    const from = to - 168 * hour + n * step;
    const total =
      sql(`select count(*) from incident where reported_at >= '${iso(from)}' and reported_at < '${iso(from + step)}'
      and status not in ('merged', 'rejected')`);
    await page.waitForFunction((n) => new URLSearchParams(location.search).get('slice') === String(n), n);
    const text = async () => (await page.textContent('.heat-legend .foot dd')).trim();
    // Few of a whole district are nobody's to see either, nor what would tell them.
    await page.waitForFunction(
      ([few, total]) => {
        const text = document.querySelector('.heat-legend .foot dd').textContent.trim();
        return text === 'not shown' || (!few && text === total);
      },
      [total > 0 && total < 5, total],
    );
    if ((await text()) === total) told++;
    await page.keyboard.press(']');
  }
  assert.ok(told > 0, 'a slice shows what SQL counts');
  while (new URL(page.url()).searchParams.get('slice') !== '1') {
    const before = new URL(page.url()).searchParams.get('slice');
    await page.keyboard.press('[');
    await page.waitForFunction((was) => new URLSearchParams(location.search).get('slice') !== was, before);
  }
  await page.keyboard.press('[');
  await page.waitForFunction(() => new URLSearchParams(location.search).get('slice') === '0');
  await page.keyboard.press(' ');
  await page.waitForFunction(() => Number(new URLSearchParams(location.search).get('slice')) >= 2);
  await page.keyboard.press('Escape');
  await page.keyboard.press('Escape');
  await page.waitForFunction(() => !new URLSearchParams(location.search).has('slice'));
  assert.deepEqual(complaints, []);
  await close();
});

test('figures leave as CSV and as a picture with its legend', async () => {
  const { page, close } = await open(`/insight/${root}?lang=en&l=community&theme=light`);
  const to = await end(page);
  const [csv] = await Promise.all([page.waitForEvent('download'), page.click('.exports a:has-text("CSV")')]);
  const lines = readFileSync(await csv.path(), 'utf8').split('\r\n');
  assert.ok(lines.some((l) => l === '# measure: incidents'));
  const want = byCommunity(to - 168 * hour, to);
  const rows = lines.filter((l) => /^\d{12},/.test(l)).map((l) => l.split(','));
  assert.equal(rows.length, want.size);
  for (const r of rows) assert.ok(r[3] === '' || r[3] === String(want.get(r[2])), r.join());

  const [file] = await Promise.all([page.waitForEvent('download'), page.click('.exports button')]);
  const png = PNG.sync.read(readFileSync(await file.path()));
  const map = await page.evaluate(() => document.querySelector('.map canvas').height);
  // Title, map, legend: the left margin is paper down to where the map begins.
  const head = Array.from({ length: png.height }, (_, y) => y).find(
    (y) => png.data[y * png.width * 4] !== png.data[0],
  );
  assert.ok(head > 40 && png.height > head + map + 100, `${png.height} high, ${head} of ${map} of a map`);
  const colours = await page.$$eval('.heat-legend .box rect', (r) => r.map((x) => x.getAttribute('fill')));
  for (const c of colours.filter((x) => x !== 'none')) {
    const rgb = [1, 3, 5].map((i) => Number.parseInt(c.slice(i, i + 2), 16));
    let n = 0;
    for (let i = (head + map) * png.width * 4; i < png.data.length; i += 4) {
      if (rgb.every((v, k) => Math.abs(v - png.data[i + k]) < 3)) n++;
    }
    assert.ok(n > 20, `the picture's legend lacks ${c}`);
  }
  await close();
});

test('hexagons and density are drawn, and a pick leads on to parts and cases', async () => {
  const { page, complaints, close } = await open(`/insight/${root}?lang=en&t=30d&f=hexes&w=300`);
  assert.match(await page.textContent('.heat-legend .foot'), /With a place/);
  await page.click('.controls [role=radio]:has-text("Density")');
  await page.waitForFunction(() => document.querySelector('.heat-legend h2').textContent.includes('km²'));
  await drawn(page);
  await page.waitForFunction(
    () => document.querySelector('.map').map.querySourceFeatures('density').length > 0,
  );
  await page.click('.ranking .line');
  await page.waitForSelector('.picked .links a');
  await assertAccessible(page);
  const inside = page.locator('.picked .ways a:has-text("Look inside")');
  await inside.click();
  await page.waitForFunction((r) => location.pathname.length > `/insight/${r}`.length, root);
  await drawn(page);
  assert.deepEqual(complaints, []);
  await close();
});

test('a grid worker gets the own grid, and nothing of the district', async () => {
  const own = sql("select code from account where name = 'grid'");
  const { page, close } = await open(`/insight/${own}?lang=en&t=30d`, 'grid', {
    viewport: { width: 390, height: 844 },
  });
  const text = await page.textContent('.ranking');
  assert.ok(text.length > 0);
  await assertAccessible(page);
  const status = await page.evaluate(
    (r) => fetch(`/api/v1/insight/areas?area=${r}`).then((a) => a.status),
    root,
  );
  assert.equal(status, 404);
  await page.goto(`${server.address}/insight/${root}?lang=en`);
  await page.waitForSelector('text=There is no such page');
  assert.equal(await page.locator('.insight').count(), 0);
  await close();
});
