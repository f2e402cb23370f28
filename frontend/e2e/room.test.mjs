// The wall of a control room: views that take turns without anybody at the controls, and alarms that really sound.
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { openPage, settled, signIn } from './page.mjs';
import { stage } from './stage.mjs';
import { closeUp, live } from './wall.mjs';

const { server, browser, sql, building, report } = await stage({
  // A control room's browser trusts its wall with sound.
  switches: ['--autoplay-policy=no-user-gesture-required'],
});
const street = sql(`select code from account where name = 'street'`);

/** Waits until the map stands within some ten metres of a place. */
const standsAt = (page, place) =>
  page.waitForFunction(
    ({ lon, lat }) => {
      const map = document.querySelector('.map').map;
      const c = map.getCenter();
      return !map.isMoving() && Math.abs(c.lng - lon) < 1e-4 && Math.abs(c.lat - lat) < 1e-4;
    },
    place,
    { timeout: 60_000 },
  );

/** Saves what is shown as a view, and gives up the menu. */
async function save(page) {
  await page.click('.tools [aria-label="Wall mode"]');
  await page.click('.menu button:has-text("Save this view")');
  await page.click('.tools [aria-label="Wall mode"]');
}

/** Which grades are hidden and which incidents are shown, as one sees it. */
const filtered = (page, green, late) =>
  page.waitForFunction(
    ([green, late]) => {
      const [sound] = document.querySelectorAll('.legend li button');
      const overdue = document.querySelector('.key-figures li:first-child button');
      return sound?.ariaPressed === green && overdue?.ariaPressed === late;
    },
    [green, late],
  );

test('saved views take turns on a wall without controls, with their filters, and do so again after the page was loaded anew', async () => {
  const [here, there] = [building(street, 0), building(street, 40)];
  const { page, complaints, close } = await openPage(browser, server.address);
  await signIn(page, server, 'duty', closeUp(here));
  await live(page);
  await save(page);
  await page.evaluate(
    ({ lon, lat }) => document.querySelector('.map').map.jumpTo({ center: [lon, lat], zoom: 17 }),
    there,
  );
  await settled(page);
  await page.keyboard.press('1');
  await page.click('.key-figures li:first-child button');
  await filtered(page, 'false', 'true');
  await save(page);

  // One at a time, from the menu.
  await page.click('.tools [aria-label="Wall mode"]');
  await page.click('.menu button:has-text("Show view 1")');
  await standsAt(page, here);
  await filtered(page, 'true', 'false');
  await page.click('.tools [aria-label="Wall mode"]');
  assert.equal(await page.locator('.saved-view small').count(), 1, 'one of them has filters');
  await page.click('.menu button:has-text("15 s each")');
  await page.waitForSelector('.wall.wall-mode');
  assert.equal(await page.isVisible('.tools'), false, 'the controls are still there');
  assert.equal(await page.isVisible('.pill'), true, 'nobody sees how fresh it is');
  assert.match(page.url(), /wall=15/);
  await standsAt(page, here);
  // The same wall after the night's restart of its computer, faster.
  await page.goto(page.url().replace('wall=15', 'wall=5'));
  await page.waitForSelector('.wall.wall-mode .map canvas');
  for (const [place, green, late] of [
    [here, 'true', 'false'],
    [there, 'false', 'true'],
    [here, 'true', 'false'],
  ]) {
    await standsAt(page, place);
    await filtered(page, green, late);
  }
  await page.keyboard.press('Escape');
  await page.waitForSelector('.wall:not(.wall-mode)');
  assert.equal(await page.isVisible('.tools'), true);

  // Views that an earlier version saved, as places.
  await page.evaluate(
    ([area, place]) => localStorage.setItem(`gridweave.wall.views.${area}`, JSON.stringify(place)),
    [new URL(page.url()).pathname.split('/').pop(), `${there.lon.toFixed(5)},${there.lat.toFixed(5)},17.00`],
  );
  await page.reload();
  await live(page);
  await page.click('.tools [aria-label="Wall mode"]');
  await page.click('.menu button:has-text("Show view 1")');
  await standsAt(page, there);
  await page.click('.tools [aria-label="Wall mode"]');
  await page.click('.menu [aria-label="Remove view 1"]');
  assert.equal(await page.locator('.saved-view').count(), 0);
  assert.deepEqual(complaints, []);
  await close();
});

/** Listens to what goes to the loudspeakers: how often silence ended, by the samples themselves. */
function listen() {
  const connect = AudioNode.prototype.connect;
  const heard = { bursts: 0, clock: () => 0 };
  globalThis.heard = heard;
  let ear;
  let quietSince = Number.NEGATIVE_INFINITY;
  AudioNode.prototype.connect = function (to, ...rest) {
    if (to === this.context.destination && this !== ear) {
      if (!ear) {
        const context = this.context;
        ear = context.createAnalyser();
        connect.call(ear, context.destination);
        heard.clock = () => context.currentTime;
        heard.state = () => context.state;
        const samples = new Float32Array(ear.fftSize);
        setInterval(() => {
          ear.getFloatTimeDomainData(samples);
          if (samples.some((x) => Math.abs(x) > 0.05)) {
            // The notes of one tune are less than half a second apart.
            if (context.currentTime - quietSince > 1) heard.bursts++;
            quietSince = context.currentTime;
          }
        }, 20);
      }
      return connect.call(this, ear, ...rest);
    }
    return connect.call(this, to, ...rest);
  };
}

const bursts = (page) => page.evaluate(() => globalThis.heard.bursts);
const sounds = (page, n) =>
  page.waitForFunction((n) => globalThis.heard.bursts >= n, n, { timeout: 60_000, polling: 50 });
/** Waits until the loudspeaker's own clock has gone on by so many seconds. */
const listens = (page, seconds) =>
  page.evaluate(async (seconds) => {
    const until = globalThis.heard.clock() + seconds;
    while (globalThis.heard.clock() < until) await new Promise(requestAnimationFrame);
  }, seconds);

test('a fire sounds again and again until somebody acknowledges it, and not while the wall is silent', async () => {
  const here = building(street, 7);
  const { page, complaints, close } = await openPage(browser, server.address);
  await page.addInitScript(listen);
  await signIn(page, server, 'duty', closeUp(here));
  await live(page);
  report(here, '0519');
  await page.waitForSelector('.alarms:has-text("Fire")');
  await page.keyboard.press('a');
  // Sound is switched on at the start of a shift, and says so by a sound.
  await page.click('.tools [aria-label="Switch sound on"]');
  await page.waitForSelector('.tools [aria-label="Sound is on"]');
  await sounds(page, 1);
  assert.equal(await page.evaluate(() => globalThis.heard.state()), 'running');

  report(here, '0519');
  await page.waitForSelector('.alarms[role=alert]:has-text("Fire")');
  await sounds(page, 3); // as it happens, and again since nobody has acknowledged it

  await page.click('.tools [aria-label="Sound is on"]');
  await page.click('.tools .menu button:has-text("Silent for 5 min")');
  await page.waitForSelector('.tools [aria-label^="Silent for"] small');
  await listens(page, 2); // what had begun is over
  const silent = await bursts(page);
  report(here, '0519');
  await page.waitForSelector('.alarms:has-text("and 1 more")');
  await listens(page, 1);
  assert.equal(await bursts(page), silent, 'it sounds in spite of the silence');
  await page.click('.tools [aria-label^="Silent for"]');
  await page.click('.tools .menu button:has-text("Sound again")');
  await sounds(page, silent + 1);

  await page.keyboard.press('a');
  await page.waitForSelector('.alarms.done');
  await listens(page, 2);
  const after = await bursts(page);
  await listens(page, 16); // longer than an alarm waits before it repeats
  assert.equal(await bursts(page), after, 'it sounds although somebody acknowledged it');
  assert.deepEqual(complaints, []);
  await close();
});
