// What a heatmap can count, of which time, as what, and how it leaves: each figure against SQL.
import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { test } from 'node:test';
import { isDeepStrictEqual } from 'node:util';
import { strFromU8, unzipSync } from 'fflate';
import { drawn, heatmaps, hour, iso, listed, spanOf } from './insight.mjs';
import { until } from './page.mjs';
import { stage } from './stage.mjs';

const { server, browser, sql } = await stage();
const root = sql('select code from area order by length(code) limit 1');
const open = heatmaps(server, browser);

const pairs = (text) =>
  new Map(
    sql(text)
      .split('\n')
      .map((l) => l.split('|')),
  );
const digitsOf = { street: 9, community: 12, grid: 14 };
/** Something counted by the areas of a level, by their names. */
const by = (level, from, where) =>
  pairs(`select a.name_en, count(x.code) from area a left join ${from} x on left(x.code, ${digitsOf[level]}) = a.code and ${where}
    where a.level = '${level}' group by a.code, a.name_en`);
const within = (column, { from, to }) => `${column} >= '${iso(from)}' and ${column} < '${iso(to)}'`;
const incidents = (span) => `x.status not in ('merged', 'rejected') and ${within('x.reported_at', span)}`;
const undeclared = `x.residents > 0 and x.use in ('whole_let', 'shared_let', 'dormitory', 'daily_let') and not exists
  (select from declaration d where d.code = x.code and d.status not in ('moved_out', 'rejected', 'expired'))`;
const legendN = async (page) => (await page.textContent('.heat-legend .foot dd')).replace(/\D/g, '');

test('incidents of a type, declarations, undeclared rentals and grades are counted as SQL counts them', async () => {
  const { page, complaints, close } = await open(`/insight/${root}?lang=en&l=community&t=30d`);
  const span = await spanOf(page); // the same on every page, since its clock stands still
  const type = sql(
    `select left(type, 2) from incident where ${within('reported_at', span)} group by 1 order by count(*) desc limit 1`,
  );
  for (const [query, want] of [
    [`m=incidents&c=${type}`, by('community', 'incident', `${incidents(span)} and x.type like '${type}%'`)],
    ['m=declarations', by('community', 'declaration', within('x.submitted_at', span))],
    ['m=grades&c=risky', by('community', 'building_state', `x.grade in ('orange', 'red')`)],
    ['m=grades&c=green', by('community', 'building_state', `x.grade = 'green'`)],
    ['m=undeclared', by('community', 'room', undeclared)],
  ]) {
    await page.goto(`${server.address}/insight/${root}?lang=en&l=community&t=30d&${query}`);
    await drawn(page);
    const got = await listed(page);
    assert.ok(got.size > 0, query);
    for (const [name, shown] of got) {
      if (shown === 'not shown') assert.ok(Number(want.get(name)) < 5 || want.size > 1, query);
      else assert.equal(shown.replaceAll(',', ''), want.get(name), `${query}: ${name}`);
    }
  }
  assert.deepEqual(complaints, []);
  await close();
});

test('rates are counts over residents, and over rental rooms', async () => {
  for (const [value, base, of] of [
    ['per_1000_residents', 'residents', 1000],
    ['per_100_rental_rooms', 'rental_rooms', 100],
  ]) {
    const { page, close } = await open(`/insight/${root}?lang=en&l=community&t=30d&v=${value}`);
    const counts = by('community', 'incident', incidents(await spanOf(page)));
    const bases =
      pairs(`select a.name_en, sum(s.${base}) from area a join building_state s on left(s.code, 12) = a.code
      where a.level = 'community' group by 1`);
    const got = await listed(page);
    assert.ok(got.size > 0);
    for (const [name, shown] of got) {
      const want = (Number(counts.get(name)) / Number(bases.get(name))) * of;
      assert.ok(Math.abs(Number(shown) - want) <= 0.06 * want, `${name}: ${shown}, SQL says ${want}`);
    }
    assert.match(await page.textContent('.heat-legend h2'), /1,000 residents|100 rental rooms/);
    await close();
  }
});

test('what is small is not shown, on no level, in no file, and the legend says how many', async () => {
  const { page, close } = await open(`/insight/${root}?lang=en&l=grid&t=7d`);
  const counts = by('grid', 'incident', incidents(await spanOf(page)));
  await page.click('.ranking > button');
  const got = await listed(page);
  assert.equal(got.size, counts.size);
  const small = [...counts].filter(([, n]) => n > 0 && n < 5).map(([name]) => name);
  assert.ok(small.length > 0, 'nothing is small: the test proves nothing');
  for (const name of small) assert.equal(got.get(name), 'not shown', name);
  for (const [name, shown] of got) if (/^[\d,]+$/.test(shown)) assert.equal(shown, counts.get(name), name);
  const hidden = [...got.values()].filter((v) => v === 'not shown').length;
  assert.ok(hidden >= small.length);
  assert.equal(
    await page.locator('.heat-legend .foot div:has-text("Not shown") dd').innerText(),
    String(hidden),
  );
  assert.ok((await page.locator('.heat-legend .hatching').count()) > 0);

  const files = {};
  for (const format of ['CSV', 'XLSX', 'GeoJSON']) {
    const [file] = await Promise.all([
      page.waitForEvent('download'),
      page.click(`.exports a:text-is("${format}")`),
    ]);
    files[format] = readFileSync(await file.path());
  }
  const { features } = JSON.parse(files.GeoJSON);
  assert.equal(features.length, counts.size);
  const shapes = new Map(features.map((f) => [f.properties.name_en, f]));
  for (const [name, shown] of got) {
    const { properties, geometry } = shapes.get(name);
    assert.match(geometry.type, /Polygon$/);
    const n = Object.entries(properties).find(([k]) => k === 'n')?.[1];
    assert.equal(n ?? null, shown === 'not shown' ? null : Number(shown === '–' ? 0 : shown), name);
  }
  const rows = files.CSV.toString('utf8')
    .split('\r\n')
    .filter((l) => /^\d{14},/.test(l));
  assert.equal(rows.length, counts.size);
  for (const row of rows) {
    const [, , name, n] = row.split(',');
    assert.ok(!small.includes(name) || n === '', row);
  }
  const book = unzipSync(files.XLSX);
  assert.ok(strFromU8(book['xl/workbook.xml']).includes('<sheet'));
  await close();
});

test('presets end with this hour, and any two hours can be asked for', async () => {
  const { page, close, at } = await open(`/insight/${root}?lang=en&l=community`);
  for (const [label, hours] of [
    ['1 h', 1],
    ['6 h', 6],
    ['24 h', 24],
    ['7 d', 168],
    ['30 d', 720],
  ]) {
    await page.click(`.presets [role=radio]:text-is("${label}")`);
    await page.waitForSelector(`.presets [role=radio][aria-checked=true]:text-is("${label}")`);
    const { from, to } = await spanOf(page);
    assert.equal((to - from) / hour, hours);
    assert.ok(to > at && to - at <= hour);
  }
  const to = Math.floor(at / hour) * hour - 24 * hour;
  const from = to - 60 * hour;
  const local = (at) => iso(at + 8 * hour).slice(0, 16); // the district's time
  await page.click('.presets :text-is("Custom")');
  await page.fill('.own-time [aria-label=From]', local(from));
  await page.fill('.own-time [aria-label=To]', local(to));
  await page.click('.own-time button');
  await until(
    () => spanOf(page),
    (shown) => isDeepStrictEqual(shown, { from, to }),
    'the time that is shown',
  );
  const n = sql(`select count(*) from incident x where ${incidents({ from, to })}`);
  await page.waitForFunction(
    (n) => document.querySelector('.heat-legend .foot dd').textContent.replace(/\D/g, '') === n,
    n,
  );
  const link = page.url();
  await page.goto('about:blank');
  await page.goto(link);
  await drawn(page);
  assert.equal(await legendN(page), n, 'the link shows the same time');
  await page.fill('.own-time [aria-label=To]', local(from - hour));
  await page.click('.own-time button');
  await page.waitForSelector('.own-time [role=alert]');
  await close();
});

test('widths of hexagons and densities are metres, in the address; a pick leads to a building and to a case', async () => {
  const { page, close } = await open(`/insight/${root}?lang=en&t=30d&f=hexes`);
  const cells = () =>
    page.evaluate(() => document.querySelector('.map').map.querySourceFeatures('cells').length);
  await page.selectOption('.metres select', '200');
  await page.waitForURL(/w=200/);
  await drawn(page);
  const narrow = Number(
    await page
      .locator('.ranking > button')
      .innerText()
      .then((t) => t.match(/\d+/)[0]),
  );
  assert.ok((await cells()) > 0);
  await page.selectOption('.metres select', '1000');
  await page.waitForFunction((n) => {
    const all = document.querySelector('.ranking > button')?.textContent.match(/\d+/)?.[0];
    return Number(all ?? document.querySelectorAll('.ranking .line').length) < n;
  }, narrow);
  await page.click('.controls [role=radio]:has-text("Density")');
  await page.selectOption('.metres select', '600');
  await page.waitForURL(/f=density/);
  await page.waitForURL(/b=600/);
  await page.click('.controls [role=radio]:has-text("Areas")');
  await drawn(page);
  await page.click('.ranking .line');
  await page.waitForSelector('.picked .links a small'); // a case, with its state
  await page.click('.controls [role=radio]:has-text("Grades")');
  await page.waitForSelector('.picked', { state: 'detached' });
  await drawn(page);
  await page.click('.ranking .line');
  const house = page.locator('.picked .links a').first();
  const href = await house.getAttribute('href');
  assert.match(href, /^\/b\/\d{19}$/);
  await house.click();
  await page.waitForSelector('.matrix td.room, .house-title');
  await page.waitForURL(new RegExp(href));
  await close();
});
