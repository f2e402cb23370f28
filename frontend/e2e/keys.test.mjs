// The wall from the keyboard alone: every shortcut that the help lists, pressed. Lists, grades, search and Escape have
// journeys of their own.
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { openPage, signIn } from './page.mjs';
import { stage } from './stage.mjs';
import { closeUp, hears, live, standsBeside } from './wall.mjs';

const { server, browser, sql, building, report } = await stage();
const root = sql('select code from area order by length(code) limit 1');
const street = sql(`select code from account where name = 'street'`);
const desk = { viewport: { width: 1100, height: 620 } };

async function wall(path = '/?lang=en') {
  const opened = await openPage(browser, server.address, desk);
  await signIn(opened.page, server, 'duty', path);
  await live(opened.page);
  return opened;
}

test('F is the full screen and back, and so is its button', async () => {
  const { page, complaints, close } = await wall();
  const full = (wanted) =>
    page.waitForFunction((wanted) => (document.fullscreenElement !== null) === wanted, wanted);
  await page.keyboard.press('f');
  await full(true);
  await page.keyboard.press('f');
  await full(false);
  await page.click('.tools [aria-label="Full screen"]');
  await full(true);
  await page.click('.tools [aria-label="Full screen"]');
  await full(false);
  assert.deepEqual(complaints, []);
  await close();
});

test('J and K go through what happened, each to its card and its place', async () => {
  const places = [0, 10, 20].map((n) => building(street, n));
  const { page, complaints, close } = await wall(closeUp(building(street, 40)));
  const ids = [];
  for (const place of places) {
    ids.unshift(report(place, '0105', 2)); // the newest is the first row
    await hears(page, ids[0]);
  }
  const stands = async (n) => {
    const place = places[places.length - 1 - n];
    await page.waitForSelector(`.ticker ol li:nth-child(${n + 1}).on`);
    await page.waitForSelector(`.detail:has-text("#${ids[n]} ")`);
    await standsBeside(page, place);
  };
  for (const [key, n] of [
    ['j', 0],
    ['j', 1],
    ['j', 2],
    ['k', 1],
    ['k', 0],
    ['k', 0], // there is none before the first
  ]) {
    await page.keyboard.press(key);
    await stands(n);
  }
  assert.deepEqual(complaints, []);
  await close();
});

test('brackets step through the day by quarters of an hour, and the last step is the present', async () => {
  const { page, complaints, close } = await wall();
  const minutesAgo = () =>
    page.evaluate(() => {
      const at = new URLSearchParams(location.search).get('replay');
      return at === null ? 0 : Math.round((Date.now() / 1000 - Number(at)) / 60);
    });
  const press = async (key, quarters) => {
    await page.keyboard.press(key);
    if (quarters === 0) await page.waitForSelector('.wall:not(.in-past)');
    else await page.waitForSelector('.time-bar.replaying [aria-label="Play"]'); // it stands still
    assert.ok(Math.abs((await minutesAgo()) - 15 * quarters) <= 2, `${await minutesAgo()} min after ${key}`);
  };
  await press('[', 1);
  await press('[', 2);
  await press('[', 3);
  await press(']', 2);
  await page.keyboard.press(' ');
  await page.waitForSelector('.time-bar.replaying [aria-label="Pause"]');
  await page.keyboard.press(' ');
  await press(']', 1);
  await press(']', 0);
  assert.doesNotMatch(page.url(), /replay=/);
  assert.deepEqual(complaints, []);
  await close();
});

test('M switches sound on and off, I the cases, H leads to the heatmap; and shortcuts can be switched off', async () => {
  const { page, complaints, close } = await wall();
  await page.keyboard.press('m');
  await page.waitForSelector('.tools [aria-label="Sound is on"]');
  await page.keyboard.press('m');
  await page.waitForSelector('.tools [aria-label="Switch sound on"]');
  await page.keyboard.press('i');
  await page.waitForFunction(() => location.search.includes('cases=none'));
  await page.keyboard.press('i');
  await page.waitForFunction(() => !location.search.includes('cases='));

  await page.keyboard.press('?');
  await page.waitForSelector('dialog.help[open]');
  const keys = await page.locator('dialog.help kbd').allTextContents();
  for (const key of ['F', 'H', 'M', 'J', 'K', '[', ']', 'L', 'N', 'A', 'I', 'Space', '1 – 5', '/', '?']) {
    assert.ok(keys.includes(key), `the help does not tell of ${key}: ${keys}`);
  }
  await page.uncheck('dialog.help input');
  await page.keyboard.press('Escape');
  await page.waitForSelector('dialog.help[open]', { state: 'detached' });
  for (const key of ['l', 'h', 'j', '[', '1']) await page.keyboard.press(key);
  assert.match(page.url(), new RegExp(`/wall/${root}`));
  assert.doesNotMatch(page.url(), /list=|sel=|replay=|hide=/);
  await page.keyboard.press('?');
  await page.check('dialog.help input');
  await page.keyboard.press('Escape');
  await page.keyboard.press('h');
  await page.waitForSelector('.insight');
  assert.match(page.url(), new RegExp(`/insight/${root}`));
  assert.deepEqual(complaints, []);
  await close();
});
