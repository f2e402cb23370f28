// A grid worker's phone, 360 pixels wide: everything by thumb, one's own grid first.
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { assertAccessible, openPage, signIn } from './page.mjs';
import { assertForThumbs, atRest, phone, pull } from './phone.mjs';
import { stage } from './stage.mjs';
import { closeUp, hears, live } from './wall.mjs';

const { server, browser, sql, building, report } = await stage();
const own = sql(`select code from account where name = 'grid'`);
const here = building(own);

const opened = () => openPage(browser, server.address, phone);

test('the wall: one’s own grid first, panels one at a time, sheets that a thumb pulls', async () => {
  const { page, complaints, close } = await opened();
  await page.goto(`${server.address}/?lang=en`);
  await page.waitForSelector('input[name=account]');
  await assertForThumbs(page, 'sign-in');
  await signIn(page, server, 'grid', '/?lang=en');
  await live(page);
  await page.waitForURL(new RegExp(`/wall/${own}`));
  const bounds = sql(
    `select st_xmin(geom), st_ymin(geom), st_xmax(geom), st_ymax(geom) from area where code = '${own}'`,
  )
    .split('|')
    .map(Number);
  const inSight = await page.evaluate(([w, s, e, n]) => {
    const b = document.querySelector('.map').map.getBounds();
    return b.contains([w, s]) && b.contains([e, n]);
  }, bounds);
  assert.ok(inSight, 'the own grid is not wholly in sight');
  await assertForThumbs(page, 'wall');
  await page.tap('.menu-button');
  await assertForThumbs(page, 'menu');
  await page.tap('.menu-button');
  for (const tab of ['Figures', 'Events', 'Areas', 'Cases']) {
    await page.tap(`.tabs button:text-is("${tab}")`); // the tabs stay in reach while a sheet is there
    await page.waitForSelector(
      {
        Figures: '.sheet .key-figures',
        Events: '.sheet .ticker',
        Areas: '.phone-panel',
        Cases: '.sheet table',
      }[tab],
    );
    await assertForThumbs(page, tab);
    await assertAccessible(page);
  }
  await page.tap('.tabs button:text-is("Events")');
  await page.waitForSelector('.sheet.half .ticker');
  await pull(page, '.sheet .grip', -120);
  await page.waitForSelector('.sheet.full');
  await pull(page, '.sheet .grip', 120);
  await page.waitForSelector('.sheet.half');
  await pull(page, '.sheet-head h2', 120); // by its head as well
  await page.waitForSelector('.sheet.peek');
  await pull(page, '.sheet .grip', 60);
  await page.waitForSelector('.sheet', { state: 'detached' }); // pulled down it goes
  assert.deepEqual(complaints, []);
  await close();
});

test('the day is played again by thumb, with panels over it, and ended', async () => {
  const { page, complaints, close } = await opened();
  await signIn(page, server, 'grid', '/?lang=en');
  await live(page);
  await page.tap('.tabs button:has-text("Replay")');
  await page.waitForSelector('.time-track input');
  await assertForThumbs(page, 'the time bar');
  await page.tap('.time-controls [aria-label="Play"]');
  await page.waitForSelector('.wall.in-past .time-bar.replaying [aria-label="Pause"]');
  await page.tap('.time-controls [role=radio]:has-text("60×")');
  await assertForThumbs(page, 'a replay');
  await assertAccessible(page);
  // To another hour, by the thumb's place on the bar.
  const { x, y, width, height } = await page.locator('.time-track input').boundingBox();
  await page.touchscreen.tap(x + width / 4, y + height / 2);
  await page.waitForFunction(
    () => Number(new URLSearchParams(location.search).get('replay')) < Date.now() / 1000 - 12 * 3600,
  );
  // A panel lies over the map, not over the tabs and not over the bar.
  await page.tap('.tabs button:has-text("Events")');
  await page.waitForSelector('.phone-panel .ticker');
  await atRest(page);
  await page.tap('.time-controls [aria-label="Pause"]');
  await page.waitForSelector('.time-controls [aria-label="Play"]');
  await page.tap('.tabs button:has-text("Events")');
  await page.waitForSelector('.phone-panel', { state: 'detached' });
  await page.waitForSelector('.time-bar.replaying'); // the past says so until it is left
  await page.tap('.tabs button:has-text("Replay")');
  await page.waitForSelector('.wall:not(.in-past)');
  await page.waitForSelector('.time-bar', { state: 'hidden' });
  assert.deepEqual(complaints, []);
  await close();
});

test('a case is reported where one stands, and a step taken, by thumb', async () => {
  const { page, complaints, close } = await opened();
  await page.clock.install();
  await signIn(page, server, 'grid', `${closeUp(here)}&sel=b${here.id}`);
  await live(page);
  await page.waitForSelector('.detail .facts');
  await assertForThumbs(page, 'house');
  // From a card the tabs lead on, as from every panel; a card out of a list leads back to the list.
  await page.tap('.tabs button:text-is("Figures")');
  await page.waitForSelector('.phone-panel .key-figures');
  await page.tap('.tabs button:text-is("Cases")');
  await page.locator('.list tbody button').first().tap();
  await page.waitForSelector('.detail .case-state');
  await assertForThumbs(page, 'case out of the list');
  await page.tap('.tabs button:text-is("Cases")');
  await page.waitForSelector('.detail', { state: 'detached' });
  await page.locator('.list tbody button').first().waitFor();
  await page.goto(`${server.address}${closeUp(here)}&sel=b${here.id}`);
  await page.tap('.detail button:has-text("Report here")');
  await page.waitForSelector('.report option');
  await assertForThumbs(page, 'report');
  await assertAccessible(page);
  await page.fill('.report input[type=search]', '0105');
  await page.selectOption('.report select[name=type]', '0105');
  await page.selectOption('.report select[name=source]', 'grid_worker');
  await page.fill('.report textarea', 'a cart on the road');
  await page.tap('.report button[type=submit]');
  await page.waitForSelector('.detail .case-state');
  assert.equal(
    sql(
      `select building_id || ' ' || source || ' ' || description from incident where id = (select max(id) from incident)`,
    ),
    `${here.id} grid_worker a cart on the road`,
  );
  await assertForThumbs(page, 'case');

  // What waits for a visit in the own grid.
  const id = sql(
    `select id from declaration where code like '${own}%' and status = 'accepted' order by submitted_at desc limit 1`,
  );
  sql(`update declaration set status = 'doubtful', due_at = now() + interval '1 day' where id = ${id}`);
  await page.goto(`${server.address}${closeUp(here)}&sel=d${id}`);
  await page.tap('.detail .step-buttons button:text-is("Verify")');
  await page.waitForSelector('.undo-bar button');
  await assertForThumbs(page, 'undo');
  await page.tap('.undo-bar button');
  await page.tap('.detail .step-buttons button:text-is("Refute")');
  await page.waitForSelector('.step-form textarea');
  await assertForThumbs(page, 'declaration');
  await assertAccessible(page);
  await page.fill('.step-form textarea', 'nobody of that name');
  await page.tap('.step-form button[type=submit]');
  await page.waitForSelector('.undo-bar:has-text("Refute")');
  await page.clock.fastForward(11_000);
  await page.waitForSelector('.detail .case-state strong:text-is("Refuted")');
  assert.equal(sql(`select status from declaration where id = ${id}`), 'rejected');
  assert.deepEqual(complaints, []);
  await close();
});

test('an alarm, a house and the heatmap fit a phone', async () => {
  const { page, complaints, close } = await opened();
  await signIn(page, server, 'grid', closeUp(here));
  await live(page);
  await hears(page, report(here, '0519', 2));
  await page.waitForSelector('.alarms');
  await assertForThumbs(page, 'alarm');
  await page.tap('.alarms button:has-text("Acknowledge")');
  await page.waitForSelector('.alarms.done');
  await assertForThumbs(page, 'acknowledged');
  for (const lang of ['en', 'zh']) {
    await page.goto(`${server.address}/b/${here.code}?lang=${lang}`);
    await page.waitForSelector('.matrix td.room');
    await assertForThumbs(page, `building, ${lang}`);
    await page.goto(`${server.address}/insight/${own}?t=30d&lang=${lang}`);
    await page.waitForSelector('.ranking .line');
    await assertForThumbs(page, `heatmap, ${lang}`);
  }
  await page.tap('.ranking .line');
  await page.waitForSelector('.picked .links');
  await assertForThumbs(page, 'picked');
  await assertAccessible(page);
  assert.deepEqual(complaints, []);
  await close();
});
