// The wall of a control room: views that take turns without anybody at the controls, and alarms that really sound. What
// takes turns or sounds again after seconds does so by the page's clock, which is put forward here; sound is real.
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
  page.waitForFunction(({ lon, lat }) => {
    const map = document.querySelector('.map').map;
    const c = map.getCenter();
    return !map.isMoving() && Math.abs(c.lng - lon) < 1e-4 && Math.abs(c.lat - lat) < 1e-4;
  }, place);

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
  await page.clock.install();
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

  const takeTurns = async (...turns) => {
    for (const [place, green, late] of turns) {
      await standsAt(page, place);
      await filtered(page, green, late);
      await page.clock.fastForward(15_000);
    }
  };
  const turns = [
    [here, 'true', 'false'],
    [there, 'false', 'true'],
    [here, 'true', 'false'],
  ];

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
  await page.waitForURL(/wall=15/);
  await takeTurns(...turns);
  // The same wall after the night's restart of its computer.
  await page.reload();
  await page.waitForSelector('.wall.wall-mode .map canvas');
  await takeTurns(...turns);
  await page.keyboard.press('Escape');
  await page.waitForSelector('.wall:not(.wall-mode)');
  await page.waitForSelector('.tools');

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
  await page.waitForSelector('.saved-view', { state: 'detached' });
  assert.deepEqual(complaints, []);
  await close();
});

/** Hears on the loudspeakers' own thread how often silence ends, by the samples: however busy the page is. */
const ear = `registerProcessor('ear', class extends AudioWorkletProcessor {
  heard = Number.NEGATIVE_INFINITY;
  process([channels]) {
    if (channels.some((samples) => samples.some((x) => Math.abs(x) > 0.05))) {
      // The notes of one tune are less than half a second apart.
      if (currentTime - this.heard > 1) this.port.postMessage('burst');
      this.heard = currentTime;
    }
    return true;
  }
});`;

/** Puts the ear between the page and its loudspeakers. */
function listen(ear) {
  const { connect } = AudioNode.prototype;
  const { resume } = AudioContext.prototype;
  const heard = { bursts: 0, clock: () => 0 };
  globalThis.heard = heard;
  let between;
  AudioContext.prototype.resume = async function () {
    if (!between) {
      await this.audioWorklet.addModule(URL.createObjectURL(new Blob([ear], { type: 'text/javascript' })));
      between = new AudioWorkletNode(this, 'ear');
      between.port.onmessage = () => heard.bursts++;
      connect.call(between, this.destination);
      heard.clock = () => this.currentTime;
      heard.state = () => this.state;
    }
    return resume.call(this);
  };
  AudioNode.prototype.connect = function (to, ...rest) {
    return connect.call(this, to === this.context.destination ? between : to, ...rest);
  };
}

const bursts = (page) => page.evaluate(() => globalThis.heard.bursts);
const sounds = (page, n) => page.waitForFunction((n) => globalThis.heard.bursts >= n, n);
/** Waits until the loudspeaker's own clock has gone on by so many seconds. */
const listens = async (page, seconds) => {
  const now = await page.evaluate(() => globalThis.heard.clock());
  await page.waitForFunction((until) => globalThis.heard.clock() >= until, now + seconds);
};

/** Longer than an alarm waits before it repeats, in milliseconds. */
const repeat = 16_000;
/** Longer than a tune and the silence that tells it from the next, in seconds. */
const tune = 2;

test('a fire sounds again and again until somebody acknowledges it, and not while the wall is silent', async () => {
  const here = building(street, 7);
  // The ear is none of the server's scripts.
  const { page, complaints, close } = await openPage(browser, server.address, { bypassCSP: true });
  await page.clock.install();
  await page.addInitScript(listen, ear);
  await signIn(page, server, 'duty', closeUp(here));
  await live(page);
  report(here, '0519');
  await page.waitForSelector('.alarms:has-text("Fire")');
  await page.keyboard.press('a');
  await page.waitForSelector('.alarms.done');
  // Sound is switched on at the start of a shift, and says so by a sound.
  await page.click('.tools [aria-label="Switch sound on"]');
  await page.waitForSelector('.tools [aria-label="Sound is on"]');
  await sounds(page, 1);
  assert.equal(await page.evaluate(() => globalThis.heard.state()), 'running');
  await listens(page, tune);

  report(here, '0519');
  await page.waitForSelector('.alarms[role=alert]:has-text("Fire")');
  await sounds(page, 2);
  for (const n of [3, 4]) {
    await listens(page, tune);
    await page.clock.fastForward(repeat);
    await sounds(page, n); // since nobody has acknowledged it
  }

  await page.click('.tools [aria-label="Sound is on"]');
  await page.click('.tools .menu button:has-text("Silent for 5 min")');
  await page.waitForSelector('.tools [aria-label^="Silent for"] small');
  await listens(page, tune); // what had begun is over
  const silent = await bursts(page);
  report(here, '0519');
  await page.waitForSelector('.alarms:has-text("and 1 more")');
  await page.clock.fastForward(repeat);
  await listens(page, tune);
  assert.equal(await bursts(page), silent, 'it sounds in spite of the silence');
  await page.click('.tools [aria-label^="Silent for"]');
  await page.click('.tools .menu button:has-text("Sound again")');
  await page.waitForSelector('.tools [aria-label="Sound is on"]');
  await page.clock.fastForward(repeat);
  await sounds(page, silent + 1);

  await page.keyboard.press('a');
  await page.waitForSelector('.alarms.done');
  await listens(page, tune);
  const after = await bursts(page);
  await page.clock.fastForward(repeat);
  await listens(page, tune);
  assert.equal(await bursts(page), after, 'it sounds although somebody acknowledged it');
  assert.deepEqual(complaints, []);
  await close();
});

/** Notes the notes that are played, as their frequencies in hertz. */
function note() {
  const start = OscillatorNode.prototype.start;
  globalThis.notes = [];
  OscillatorNode.prototype.start = function (...when) {
    globalThis.notes.push(this.frequency.value);
    return start.apply(this, when);
  };
}

test('each kind of event has its own tune, what ends has none, and an alarm that was acknowledged by mistake comes back', async () => {
  const here = building(street, 12);
  const { page, complaints, close } = await openPage(browser, server.address);
  await page.addInitScript(note);
  await signIn(page, server, 'duty', closeUp(here));
  await live(page);
  await page.click('.tools [aria-label="Switch sound on"]');
  await page.waitForSelector('.tools [aria-label="Sound is on"]');
  await page.waitForFunction(() => globalThis.notes.length > 0);
  /** What is played from now on, until it is as long as a tune. */
  const plays = async (tune, happen) => {
    await page.evaluate(() => {
      globalThis.notes.length = 0;
    });
    const result = happen();
    await page.waitForFunction((n) => globalThis.notes.length >= n, tune.length);
    assert.deepEqual(await page.evaluate(() => globalThis.notes), tune);
    return result;
  };
  const litter = await plays([660, 660], () => report(here, '0105', 2));
  const [declared, rated] = [
    sql(
      `select id from declaration where status = 'accepted' and code like '${street}%' order by id limit 1`,
    ),
    sql(`select building_id from building_state where grade = 'green' and code like '${street}%' limit 1`),
  ];
  await plays([520], () =>
    sql(
      `update declaration set status = 'doubtful', due_at = now() + interval '1 day' where id = ${declared}`,
    ),
  );
  await plays([440, 550], () => sql(`update building_state set grade = 'red' where building_id = ${rated}`));
  // What ends, or gets better, is told in the ticker and makes no sound: the next thing that does is the fire.
  await plays([880, 660, 880], () => {
    sql(`update incident set status = 'closed', due_at = null, closed_at = now() where id = ${litter}`);
    sql(`update building_state set grade = 'green' where building_id = ${rated}`);
    return report(here, '0519', 2);
  });

  await page.waitForSelector('.alarms[role=alert]:has-text("Fire")');
  await page.click('.alarms button:has-text("Acknowledge")');
  await page.waitForSelector('.alarms.done');
  await page.click('.alarms.done button:has-text("Undo")');
  await page.waitForSelector('.alarms[role=alert]:has-text("Fire")');
  // It is an alarm as before: it sounds until somebody acknowledges it.
  await plays([880, 660, 880], () => {});
  await page.keyboard.press('a');
  await page.waitForSelector('.alarms.done');
  assert.deepEqual(complaints, []);
  await close();
});
