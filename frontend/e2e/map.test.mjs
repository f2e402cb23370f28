// The wall's map, read pixel by pixel: how soon something shows, in which colour, and what a click does to it.
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { countPixels, openPage, settled, shows, signIn, until } from './page.mjs';
import { stage } from './stage.mjs';
import {
  besidePoint,
  closeUp,
  hears,
  known,
  live,
  placeAt,
  pointOf,
  reportThere,
  shown,
  signOf,
  ticking,
  watch,
} from './wall.mjs';

const { server, browser, sql, building, report } = await stage();
const street = sql(`select code from account where name = 'street'`);

const calm = '#7fb3ff';
const late = '#ff2e63';
/** From a press of a button in one browser to the pixel in another, in milliseconds, on two cores without a GPU. */
const budget = 2000;

/** Ends every case, so that a map shows none but those that a test reports. */
const clear = () => sql(`update incident set status = 'closed', due_at = null where status <> 'closed'`);

/** A wall close up on a place. */
async function wallAt(place, { account = 'duty', zoom = 18, more = '', clock = false, ...options } = {}) {
  const opened = await openPage(browser, server.address, options);
  if (clock) await opened.page.clock.install();
  await signIn(opened.page, server, account, closeUp(place, zoom) + more);
  await live(opened.page);
  return opened;
}

test('what is reported in one browser is a pixel in another within two seconds', async () => {
  const here = building(sql(`select code from account where name = 'station'`));
  clear();
  const from = await wallAt(here);
  const to = await wallAt(here, { account: 'station' });
  await from.page.evaluate(() => {
    addEventListener(
      'submit',
      () => {
        globalThis.sentAt = Date.now();
      },
      true,
    );
  });
  const took = [];
  // Far enough from one another that none is drawn together with the one before.
  for (const [n, x] of [60, 130, 200, 60, 130].entries()) {
    const point = { x, y: n < 3 ? 120 : 240 };
    await watch(to.page, await placeAt(to.page, besidePoint(point)), calm);
    await settled(to.page);
    assert.equal(
      await to.page.evaluate(() => globalThis.shownAt),
      0,
      'the colour is there before the report',
    );
    await from.page.keyboard.press('n');
    await from.page.click('.report button:has-text("Choose on the map")');
    await from.page.locator('.map').click({ position: point });
    await reportThere(from.page, '0101', `report ${n}`);
    const sent = await from.page.evaluate(() => globalThis.sentAt);
    took.push((await shown(to.page)) - sent);
    await from.page.keyboard.press('Escape');
  }
  // One may be unlucky: the two cores also run the server, the database and both browsers' drawing.
  const [, , , fourth] = took.toSorted((a, b) => a - b);
  assert.ok(
    fourth <= budget,
    `from the press of the button to the pixel in the other browser: ${took.join(', ')} ms, allowed are ${budget}`,
  );
  assert.deepEqual([...from.complaints, ...to.complaints], []);
  await Promise.all([from.close(), to.close()]);
});

test('a case is calm while its clock runs, and loud from when it has run out, with nobody touching the page', async () => {
  clear();
  const here = building(street, 10);
  const { page, close } = await wallAt(here, { clock: true });
  await page.keyboard.press('l');
  const sign = await signOf(page, here);
  await watch(page, sign, calm);
  const id = report(here, '0519', 1);
  await shown(page);
  await page.waitForSelector('.list tbody tr:not(.late)');
  await watch(page, sign, late);
  await settled(page);
  assert.equal(await page.evaluate(() => globalThis.shownAt), 0, 'it is loud before its time');
  await page.clock.fastForward('01:00:10'); // the page's clock; nothing happens but that
  await shown(page);
  await page.waitForSelector('.list tbody tr.late:has-text("Overdue by")');
  await page.waitForSelector('.key-figures .urgent:has(strong:text-is("1")) .of:text-is("of 1")');
  // Only what is overdue is left where one asks for it, and the others where one does not.
  await hears(page, report(building(street, 11), '0105', 2));
  await page.waitForFunction(() => document.querySelectorAll('.list tbody tr').length === 2);
  await page.click('.key-figures .urgent button');
  await page.waitForFunction(() => document.querySelectorAll('.list tbody tr').length === 1);
  await page.waitForURL(/cases=overdue/);
  assert.equal(await known(page, id), true);
  await close();
});

test('cases that lie on one another are taken apart by a click, and each opens its own card', async () => {
  clear();
  const here = building(street, 12);
  const ids = ['0105', '0301', '0504'].map((type) => report(here, type, 2));
  const { page, close } = await wallAt(here);
  for (const id of ids) await hears(page, id);
  await settled(page);
  await page.locator('.map').click({ position: await pointOf(page, here) });
  const parts = () =>
    page.evaluate(async () => {
      const { features } = await document.querySelector('.map').map.getSource('apart').getData();
      return features
        .filter((f) => f.geometry.type === 'Point')
        .map(
          ({
            geometry: {
              coordinates: [lon, lat],
            },
            properties: { id },
          }) => ({ id, lon, lat }),
        );
    });
  const apart = await until(parts, (all) => all.length > 0, 'what is taken apart');
  await settled(page);
  assert.deepEqual(apart.map((a) => a.id).toSorted(), ids.toSorted());
  for (const part of apart) {
    await watch(page, part, calm);
    await shown(page);
  }
  await page.locator('.map').click({ position: await pointOf(page, apart[1]) });
  await page.waitForURL(new RegExp(`sel=i${apart[1].id}\\b`));
  await page.locator('.detail .sheet-head p', { hasText: new RegExp(`^#${apart[1].id}\\b`) }).waitFor();
  await close();
});

test('what happens pulses for a moment, incidents and declarations, and not on a computer without a GPU', async () => {
  clear();
  const [id, code] = sql(
    `select id, left(code, 19) from declaration where status = 'accepted' and code like '${street}%' order by submitted_at desc limit 1`,
  ).split('|');
  const [lon, lat] = sql(
    `select st_x(p), st_y(p) from building, st_pointonsurface(geom) p where code = '${code}'`,
  )
    .split('|')
    .map(Number);
  const here = { code, lon, lat };
  const { page, close } = await wallAt(here, { more: '&low=0' });
  const plain = await wallAt(here, { more: '&low=1' });
  // As they come: whoever looks now and then may come too late for what lasts a moment.
  for (const wall of [page, plain.page]) {
    await ticking(wall);
    await wall.evaluate(() => {
      globalThis.pulses = [];
      new MutationObserver((all) => {
        for (const { addedNodes } of all)
          for (const node of addedNodes)
            if (node.classList?.contains('pulse')) globalThis.pulses.push(node.className);
      }).observe(document.querySelector('.map'), { childList: true, subtree: true });
    });
  }
  const pulsed = (topic) =>
    page.waitForFunction((topic) => globalThis.pulses.some((p) => p.includes(topic)), topic);
  const reported = report(here, '0105', 2);
  await pulsed('incident');
  await hears(plain.page, reported);
  sql(`update declaration set status = 'doubtful', due_at = now() + interval '1 day' where id = ${id}`);
  await pulsed('declaration');
  await page.waitForSelector('.pulse', { state: 'detached' });
  await plain.page.waitForSelector('.ticker li:first-child:has-text("Doubtful")');
  assert.deepEqual(await plain.page.evaluate(() => globalThis.pulses), []);
  await Promise.all([close(), plain.close()]);
});

test('a house that is built, moved and pulled down is drawn, moved and gone, without a touch', async () => {
  const grid = sql(`select code from account where name = 'grid'`);
  // Two places in the grid with no house near.
  const empty =
    sql(`select st_x(p), st_y(p) from area, lateral (select (st_dump(st_generatepoints(geom, 400, 1))).geom p) x
    where code = '${grid}' and not exists (select from building b where st_dwithin(b.geom, p, 0.0002))
    order by st_distance(p, (select st_centroid(geom) from area where code = '${grid}'))`)
      .split('\n')
      .map((line) => line.split('|').map(Number))
      .map(([lon, lat]) => ({ lon, lat }));
  const [first] = empty;
  const second = empty.find((p) => {
    const apart = [Math.abs(p.lon - first.lon), Math.abs(p.lat - first.lat)];
    return Math.max(...apart) > 0.0004 && Math.max(...apart) < 0.0007; // beside it, and on the screen
  });
  const square = ({ lon, lat }) =>
    `st_multi(st_expand(st_setsrid(st_makepoint(${lon}, ${lat}), 4326), 0.0001))`;
  const { page, complaints, close } = await wallAt(first, { zoom: 17, more: '&cases=none' });
  await watch(page, first, '#d7263d');
  sql(`with b as (insert into building (code, kind, geom) values ('${grid}99001', 'residential', ${square(first)}) returning id, code)
    insert into building_state (building_id, code, use, grade) select id, code, 'whole_let', 'red' from b`);
  await shown(page);
  await watch(page, second, '#d7263d');
  sql(`update building set geom = ${square(second)} where code = '${grid}99001'`);
  await shown(page);
  const free = async (place) => {
    const { x, y } = await pointOf(page, place);
    await page.waitForFunction(
      ([x, y]) =>
        document.querySelector('.map').map.queryRenderedFeatures([x, y], { layers: ['house'] }).length === 0,
      [x, y],
    );
  };
  await free(first);
  sql(`delete from building where code = '${grid}99001'`);
  await free(second);
  assert.deepEqual(complaints, []);
  await close();
});

test('the legend hides what it names, and the second palette has its own colours', async () => {
  const [, lon, lat] =
    sql(`select building_id, st_x(p), st_y(p) from building_state s join building b on b.id = building_id,
    lateral st_pointonsurface(geom) p where grade = 'green' order by residents desc limit 1`)
      .split('|')
      .map(Number);
  const { page, close } = await wallAt({ lon, lat }, { more: '&cases=none' });
  const [green, clear] = ['#1b9e8f', '#4deddd'];
  const before = await shows(page, green, 300, 40);
  await page.keyboard.press('1');
  await until(
    () => countPixels(page, green, 40),
    (left) => left < before / 20,
    `green pixels that are left of ${before}`,
  );
  await page.keyboard.press('1');
  await page.click('.tools [aria-label="Colour-blind palette"]');
  await page.waitForURL(/palette=2/);
  await shows(page, clear, 300, 55);
  await close();
});

test('areas are coloured by what they are from afar, and houses from near', async () => {
  const { page, close } = await wallAt(building(street), { more: '&cases=none' });
  for (const [zoom, layer] of [
    [11, 'risk-street'],
    [12.2, 'risk-community'],
    [13.5, 'risk-grid'],
    [15, 'house'],
  ]) {
    await page.evaluate((zoom) => document.querySelector('.map').map.jumpTo({ zoom }), zoom);
    await settled(page);
    const drawn = await page.evaluate(() => {
      const all = document.querySelector('.map').map.queryRenderedFeatures();
      return [...new Set(all.map((f) => f.layer.id))];
    });
    assert.ok(drawn.includes(layer), `at zoom ${zoom} there is no ${layer}: ${drawn}`);
    assert.equal(drawn.includes('house'), layer === 'house', `at zoom ${zoom}`);
  }
  await close();
});
