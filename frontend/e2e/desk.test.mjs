// What stands around the wall's map: figures, areas compared, the ticker, the time bar.
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { isDeepStrictEqual } from 'node:util';
import { openPage, settled, signIn, until } from './page.mjs';
import { stage } from './stage.mjs';
import { closeUp, hears, live, pointOf, standsBeside, ticking } from './wall.mjs';

const { server, browser, sql, building, report } = await stage();
const root = sql('select code from area order by length(code) limit 1');
const street = sql(`select code from account where name = 'street'`);
const open = `status not in ('closed', 'rejected', 'merged')`;
const desk = { viewport: { width: 1100, height: 620 } };

async function wall(path = '/?lang=en', options = desk) {
  const opened = await openPage(browser, server.address, options);
  await signIn(opened.page, server, 'duty', path);
  await live(opened.page);
  return opened;
}

const digits = (text) => Number(text.replace(/[^\d.]/g, ''));

test('key figures are what SQL counts, with the course of a day and the same time yesterday', async () => {
  const { page, close } = await wall();
  const figure = async (name) => {
    const li = page.locator(`.key-figures li:has(.label:text-is("${name}"))`);
    await li.locator('.sparkline .line').waitFor({ state: 'attached' });
    const points = (await li.locator('.sparkline .line').getAttribute('d')).match(/[ML]/g).length;
    const change = await li.locator('.change').innerText();
    const sign = { '▲': 1, '▼': -1, '＝': 0 }[change.trim()[0]];
    return {
      now: digits(await li.locator('strong').innerText()),
      change: sign * digits(change.split('\n')[0]),
      points,
    };
  };
  const day = (from, to) =>
    Number(
      sql(
        `select count(*) from incident where reported_at > now() - interval '${from} h' and reported_at <= now() - interval '${to} h'`,
      ),
    );
  const counted = () => {
    const opened = Number(sql(`select count(*) from incident where ${open}`));
    // What stood a day ago: what has come since is away, and what has gone is back.
    const gone = Number(
      sql(`select count(*) from incident where not (${open}) and reported_at <= now() - interval '24 h'
      and exists (select from evidence e where e.noun = 'incident' and e.subject = incident.id::text
        and e.at > now() - interval '24 h' and e.action in ('close', 'reject', 'merge'))`),
    );
    const came = Number(
      sql(`select count(*) from incident where ${open} and reported_at > now() - interval '24 h'`),
    );
    return {
      reported: { now: day(24, 0), change: day(24, 0) - day(48, 24), points: 24 },
      open: { now: opened, change: came - gone, points: 24 },
      risky: Number(sql(`select count(*) from building_state where grade in ('orange', 'red')`)),
    };
  };
  // A day ago is another moment now: both are asked again where something has left the day in between.
  let before = counted();
  for (;;) {
    const shown = {
      reported: await figure('Reported, 24 h'),
      open: await figure('Open incidents'),
      risky: (await figure('At-risk houses')).now,
    };
    const after = counted();
    if (isDeepStrictEqual(before, after)) {
      assert.deepEqual(shown, after);
      break;
    }
    before = after;
    await page.reload();
    await live(page);
  }
  await close();
});

test('areas below filter the wall, and are filtered by the map', async () => {
  const { page, close } = await wall(`/wall/${street}?lang=en`);
  await page.waitForSelector('.league tbody tr');
  const counts = new Map(
    sql(`select left(code, 12), count(*) from incident where ${open} group by 1`)
      .split('\n')
      .map((l) => l.split('|')),
  );
  const names = new Map(
    sql(`select name_en, code from area where level = 'community' and code like '${street}%'`)
      .split('\n')
      .map((l) => l.split('|')),
  );
  const rows = () =>
    page.$$eval('.league tbody tr', (all) =>
      all.map((tr) => ({ name: tr.querySelector('th').textContent, open: tr.children[2].textContent })),
    );
  await until(rows, (all) => all.every((r) => names.has(r.name)), 'areas by their names');
  for (const r of await rows()) assert.equal(r.open, counts.get(names.get(r.name)) ?? '0', r.name);
  assert.equal((await rows()).length, names.size);
  await page.click('.league thead button:text-is("Open")');
  await page.waitForSelector('.league th[aria-sort=descending]:has-text("Open")');
  const sorted = (await rows()).map((r) => Number(r.open));
  assert.deepEqual(
    sorted,
    sorted.toSorted((a, b) => b - a),
  );

  // The second one chosen: figures, legend and ticker are of it, and the map goes there.
  const [, chosen] = await rows();
  const code = names.get(chosen.name);
  await page.click(`.league tbody button:text-is("${chosen.name}")`);
  await page.waitForSelector('.league tr.on');
  await page.waitForURL(new RegExp(`sel=a${code}.*by=open|by=open.*sel=a${code}`));
  await page.waitForFunction(
    (n) => document.querySelector('.key-figures li:nth-child(2) strong').textContent === n,
    chosen.open,
  );
  const red = sql(`select count(*) from building_state where grade = 'red' and code like '${code}%'`);
  await page.waitForSelector(`.legend button:has-text("Critical") data:text-is("${red}")`);
  await settled(page);
  const [lon, lat] = sql(
    `select st_x(p), st_y(p) from area, st_centroid(st_envelope(geom)) p where code = '${code}'`,
  )
    .split('|')
    .map(Number);
  await standsBeside(page, { lon, lat });

  // Only what is in view: as many as SQL finds, and others after the map has moved.
  await page.click('.league .chip:has-text("In view")');
  let fewer = false;
  for (const area of names.values()) {
    // Where its box is and no other's.
    const alone =
      sql(`select st_x(p), st_y(p) from area a, lateral st_pointonsurface(st_difference(st_envelope(geom),
      (select st_union(st_envelope(geom)) from area b where level = 'community' and b.code <> a.code
       and b.code like '${street}%'))) p where code = '${area}' and not st_isempty(p)`);
    if (!alone) continue;
    await page.evaluate(
      (center) => document.querySelector('.map').map.jumpTo({ center, zoom: 18 }),
      alone.split('|').map(Number),
    );
    await settled(page);
    const [west, south, east, north] = await page.evaluate(() =>
      document.querySelector('.map').map.getBounds().toArray().flat(),
    );
    const inView = sql(`select name_en from area where level = 'community' and code like '${street}%'
      and st_envelope(geom) && st_makeenvelope(${west}, ${south}, ${east}, ${north}, 4326) order by 1`).split(
      '\n',
    );
    fewer ||= inView.length < names.size;
    await until(
      async () => (await rows()).map((r) => r.name).toSorted(),
      (listed) => isDeepStrictEqual(listed, inView.toSorted()),
      `in view are ${inView}, listed`,
    );
  }
  assert.ok(fewer, 'everything was in view: the test proves nothing');
  await close();
});

test('a selected area’s card has its figures as they change, and another name as soon as it has one', async () => {
  const area = sql(
    `select code from area where level = 'community' and code like '${street}%' order by 1 limit 1`,
  );
  const here = building(area);
  const { page, close } = await wall(`/wall/${street}?lang=en&sel=a${area}`);
  const now = () => Number(sql(`select count(*) from incident where code like '${area}%' and ${open}`));
  const shows = (n) =>
    page
      .locator('.detail .facts dt:text-is("Open incidents") + dd', { hasText: new RegExp(`^${n}$`) })
      .waitFor();
  await shows(now());
  report(here, '0105');
  await shows(now());
  sql(`update area set name_en = 'Another Name' where code = '${area}'`);
  await page.waitForSelector('.league tbody button:text-is("Another Name")');
  await close();
});

test('the ticker stands still under the pointer and says how much is new; its chips leave out what one does not want', async () => {
  const here = building(street, 20);
  const { page, close } = await wall(closeUp(here));
  await ticking(page);
  const first = () => page.locator('.ticker ol li').first().innerText();
  const held = await first();
  await page.hover('.ticker ol li >> nth=2');
  report(here, '0301', 2);
  await page.waitForSelector('.ticker .chip.new:text-is("1 new")');
  report(here, '0504', 2);
  await page.waitForSelector('.ticker .chip.new:text-is("2 new")');
  assert.equal(await first(), held, 'it moved under the pointer');
  await page.click('.ticker .chip.new');
  await page.waitForSelector('.ticker ol li >> nth=0 >> text=E-bike');
  await page.waitForSelector('.ticker .chip.new', { state: 'detached' });

  for (const [chip, topic] of [
    ['Incident', 'incident'],
    ['Grade', 'grade'],
  ]) {
    await page.click(`.ticker .chip:has-text("${chip}")`);
    await page.waitForFunction((topic) => !document.querySelector(`.ticker ol .mark.${topic}`), topic);
  }
  await page.waitForURL(/quiet=incident,grade/);
  await page.waitForSelector('.ticker ol .mark.declaration');
  await page.click('.ticker .chip:has-text("Declaration")');
  await page.waitForSelector('.ticker:has-text("Nothing has happened")');
  await close();
});

test('a row of the ticker leads to its place and opens its card', async () => {
  const here = building(street, 30);
  const { page, close } = await wall(closeUp(building(street, 0)));
  const id = report(here, '0301', 2);
  await hears(page, id);
  await page.locator('.ticker ol li button').first().click();
  await page.locator('.detail .sheet-head p', { hasText: new RegExp(`^#${id}\\b`) }).waitFor();
  await standsBeside(page, here);
  await page.waitForURL(new RegExp(`sel=i${id}`));
  await close();
});

test('what a card is of does not lie under it', async () => {
  const here = building(street, 3);
  const { page, close } = await wall(closeUp(here));
  // The house where its card will lie.
  await page.evaluate(
    ([lng, lat]) =>
      document
        .querySelector('.map')
        .map.jumpTo({ center: [lng, lat], zoom: 18 })
        .panBy([-200, 0], { animate: false }),
    [here.lon, here.lat],
  );
  await settled(page);
  await page.locator('.map').click({ position: await pointOf(page, here) });
  await page.waitForSelector('.detail .facts');
  await page.waitForFunction(({ lon, lat }) => {
    const map = document.querySelector('.map').map;
    const box = map.getContainer().getBoundingClientRect();
    const card = document.querySelector('.detail').getBoundingClientRect();
    return !map.isMoving() && box.left + map.project([lon, lat]).x < card.left;
  }, here);
  await page.waitForURL(new RegExp(`sel=b${here.id}`));
  await close();
});

test('the time bar has the day as bars, and plays it at each of its speeds', async () => {
  const { page, close } = await wall();
  const n =
    sql(`select (select count(*) from evidence where noun in ('incident', 'declaration') and at >= now() - interval '24 h')
    + (select count(*) from grade_event where at >= now() - interval '24 h')`);
  await page.waitForSelector('.time-track rect');
  const counted = await page.innerText('.time-now');
  const said = digits(counted.match(/[\d,]+/)[0]);
  assert.ok(Math.abs(said - Number(n)) <= Number(n) / 20, `${counted}: ${n}`);
  await page.clock.install();
  await page.goto(
    `${server.address}/wall/${root}?lang=en&replay=${Math.floor(Date.now() / 1000) - 20 * 3600}`,
  );
  await page.waitForSelector('.time-bar.replaying .time-now:has-text("Replay")');
  await page.waitForSelector('.ticker h2:text-is("As it happened")'); // the past is there, and can go on
  const time = async () => {
    const [, h, m, s] = (await page.innerText('.time-now')).match(/(\d\d):(\d\d):(\d\d)/).map(Number);
    return h * 3600 + m * 60 + s;
  };
  // The moment must not have passed when it is asked for.
  await page.clock.pauseAt(await page.evaluate(() => Date.now() + 60_000));
  await page.click('.time-controls [aria-label="Play"]');
  for (const speed of [1, 4, 16, 60]) {
    await page.click(`.time-controls [role=radio]:has-text("${speed}×")`);
    await page.clock.runFor(1000);
    const before = await time();
    await page.clock.runFor(10_000);
    const passed = ((await time()) - before + 86_400) % 86_400;
    assert.ok(Math.abs(passed - 10 * speed) <= speed + 1, `ten seconds at ${speed}× are ${passed}`);
    if (speed !== 16) await page.waitForURL(new RegExp(`speed=${speed}`)); // which is what it says without
  }
  await close();
});
