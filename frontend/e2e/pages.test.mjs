// Every screen in every theme, both languages: nothing serious for axe to find, nothing from elsewhere, no policy broken.
// And what stands in a screen's place when there is nothing to show.
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { assertAccessible, enter, openPage, signIn } from './page.mjs';
import { stage } from './stage.mjs';
import { closeUp, live, ticking } from './wall.mjs';

const { server, browser, sql, building, report } = await stage();
const street = sql(`select code from account where name = 'street'`);
const dormitory = sql('select code from building_state where rooms = 900');
const room = sql(
  `select code from declaration where status = 'accepted' and code like '${street}%' order by id limit 1`,
);
const desk = { viewport: { width: 1366, height: 768 } };

const here = building(street);
const screens = [
  ['the wall of a district', '/wall/440304', '.league tbody tr'],
  ['a wall close up', `/wall/${street}?at=${here.lon},${here.lat},18&sel=b${here.id}`, '.detail .facts'],
  ['a case', () => `/wall/${street}?sel=i${report(here, '0301', -1)}`, '.detail .clock.late'],
  ['the list of cases', `/wall/${street}?list=cases`, '.list tbody tr'],
  ['the list of houses', `/wall/${street}?list=houses&at=${here.lon},${here.lat},16`, '.list tbody tr'],
  ['the past', () => `/wall/${street}?replay=${Math.floor(Date.now() / 1000) - 3600}`, '.time-bar.replaying'],
  ['a dormitory', `/b/${dormitory}`, '.matrix td.room'],
  ['a room', `/b/${room}?by=declaration`, '.room-card .people li'],
  ['a plate', `/b/${room}?show=plate`, '.plate .qr'],
  ['a heatmap', '/insight/440304?l=community&t=30d', '.ranking .line'],
  ['hexagons', '/insight/440304?f=hexes&t=30d', '.ranking .line'],
  ['a comparison', '/insight/440304?l=community&t=7d&cmp=1', '.ranking .line, .ranking .empty'],
];

// Each screen in each theme, in one language or the other.
for (const [n, theme] of ['dark', 'light', 'print'].entries()) {
  test(`no screen has a serious finding in the theme ${theme}`, async () => {
    const { page, complaints, close } = await openPage(browser, server.address, desk);
    await enter(page, server, 'duty', `/?theme=${theme}&lang=en`, '.map canvas');
    const found = [];
    // What is drawn alike in every theme is looked at in two of them.
    const looked = theme === 'print' ? screens.filter((_, i) => i % 2 === 0) : screens;
    for (const [i, [what, path, there]] of looked.entries()) {
      const url = new URL(typeof path === 'string' ? path : path(), server.address);
      url.searchParams.set('theme', theme);
      url.searchParams.set('lang', (n + i) % 2 ? 'en' : 'zh');
      await page.goto(url.href);
      await page.waitForSelector(`html[data-theme=${theme}] ${there}`);
      await assertAccessible(page).catch((e) => found.push(`${what}: ${e.actual}`));
    }
    assert.deepEqual([...found, ...complaints], []);
    await close();
  });
}

test('what is not there, or not one’s own, is said in words, with a way on', async () => {
  const { page, close } = await openPage(browser, server.address, desk);
  await enter(page, server, 'grid', `/wall/${street}?lang=en`, 'text=There is no such page');
  for (const path of [`/wall/${street}`, '/b/4403049999999999999', '/nowhere/at/all']) {
    const answer = await page.goto(`${server.address}${path}?lang=en`);
    await page.waitForSelector('text=There is no such page');
    assert.ok(path.startsWith('/nowhere') ? answer.status() === 404 : answer.ok());
    await assertAccessible(page);
    assert.ok((await page.locator('main a, main button').count()) > 0, 'there is no way on');
  }
  await close();
});

test('while the server is slow or gone each panel says so, and the rest works', async () => {
  const { page, close } = await openPage(browser, server.address, desk);
  let release = () => {};
  const held = new Promise((go) => {
    release = go;
  });
  await page.route('**/api/v1/areas/*/figures', async (route) => {
    await held;
    await route.continue();
  });
  await signIn(page, server, 'duty', closeUp(here));
  await live(page);
  await page.waitForSelector('.key-figures [aria-busy=true], .key-figures .loading');
  await ticking(page);
  release();
  await page.waitForSelector('.key-figures strong');

  // A card that cannot be had, and can be asked for again.
  await page.route('**/api/v1/buildings/*', (route) => route.abort());
  await page.goto(`${server.address}${closeUp(here)}&sel=b${here.id}`);
  await page.waitForSelector('.detail .failed');
  await assertAccessible(page);
  await page.unroute('**/api/v1/buildings/*');
  await page.click('.detail .failed button');
  await page.waitForSelector('.detail .facts');
  await close();
});
