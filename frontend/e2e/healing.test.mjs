// What happens to a wall that nobody touches for days: networks fail, loudly or silently, tabs sleep, sessions end. It
// says so, heals by itself, and has missed nothing.
import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { after, test } from 'node:test';
import { setImmediate as nextTurn } from 'node:timers/promises';
import { networkTo } from './network.mjs';
import { launch, openPage, present, signIn, until } from './page.mjs';
import { stage } from './stage.mjs';
import { closeUp, hears, known, live, ticking } from './wall.mjs';

const { server, browser, sql, building, report } = await stage();
const street = sql(`select code from account where name = 'street'`);
const network = await networkTo(server);
after(() => network.close());

/** A wall behind the network, close up on a building of the street. */
async function wallAt(place, on = network, by = browser) {
  const opened = await openPage(by, on.address);
  await signIn(opened.page, on, 'duty', closeUp(place));
  await live(opened.page);
  await ticking(opened.page);
  return opened;
}

/** How many rows of the ticker tell of such an incident. */
const told = (page, what) => page.locator(`.ticker li:has-text("${what}")`).count();

test('a network that fails is said, and what happened meanwhile is there once it is back', async () => {
  const here = building(street, 1);
  const { page, close } = await wallAt(here);
  const before = await told(page, 'Fire');
  network.cut();
  await page.waitForSelector('.pill.offline');
  assert.match(await page.textContent('.pill'), /\d\d:\d\d/, 'since when is not said');
  const id = report(here, '0519');
  assert.equal(await known(page, id), false);
  network.mend();
  await hears(page, id);
  await live(page);
  await page.waitForSelector('.ticker li:first-child:has-text("Fire")');
  // What happens later is told later: by then it would have been told twice.
  await hears(page, report(building(street, 7), '0504'));
  await page.waitForSelector('.ticker li:first-child:has-text("E-bike")');
  assert.equal(await told(page, 'Fire'), before + 1, 'it is told once');
  await close();
});

test('a network that swallows everything is noticed: first stale, then without connection, then whole', async () => {
  const here = building(street, 2);
  const { page, close } = await wallAt(here);
  network.swallow();
  const id = report(here, '0301');
  await page.waitForSelector('.pill.stale');
  await page.waitForSelector('.pill.offline');
  assert.equal(await known(page, id), false);
  network.mend();
  await hears(page, id);
  await live(page);
  await close();
});

test('whoever is connected and not told everything yet is catching up; then it says how long an answer takes', async () => {
  const here = building(street, 7);
  const opened = await openPage(browser, server.address);
  const { page } = opened;
  await page.clock.install();
  // A line to the server that can hold back what comes, and that breaks when it is told to.
  let held = null;
  let line;
  await page.routeWebSocket('**/stream', (near) => {
    line = near;
    const far = near.connectToServer();
    far.onMessage((text) => {
      if (held) held.push(text);
      else near.send(text);
    });
  });
  await signIn(page, server, 'duty', closeUp(here));
  await live(page);
  // The moment must not have passed when it is asked for.
  await page.clock.pauseAt(await page.evaluate(() => Date.now() + 10_000));
  held = [];
  await line.close();
  await page.waitForSelector('.pill.offline');
  const before = line;
  const id = report(here, '0301');
  // Comes back by itself, some time later.
  while (line === before) await page.clock.runFor(1000);
  const answered = (type) =>
    until(
      () => held.find((text) => JSON.parse(text).type === type),
      (text) => text !== undefined,
      `the server's ${type}`,
    );
  // Only now, with the clock at rest: what is asked in answer to it is measured from here.
  line.send(await answered('hello'));
  await page.waitForSelector('.pill.catching-up:has-text("Catching up")');
  await Promise.all([answered('pong'), answered('subscribed')]);
  assert.equal(await known(page, id), false);
  await page.clock.runFor(1234);
  assert.ok(await page.isVisible('.pill.catching-up'), 'it says something else before it was told');
  const told = held.filter((text) => JSON.parse(text).type !== 'hello');
  held = null;
  for (const text of told) line.send(text);
  await page.waitForSelector('.pill.live');
  assert.equal(await page.textContent('.pill'), 'Live 1234 ms');
  await page.clock.resume();
  await hears(page, id);
  await opened.close();
});

/** Stops every process that runs a browser's pages, as closing the lid of a laptop does; gives what opens it again. */
async function closeLid(of) {
  const cdp = await of.newBrowserCDPSession();
  const { processInfo } = await cdp.send('SystemInfo.getProcessInfo');
  const pids = processInfo.filter((p) => p.type === 'renderer').map((p) => p.id);
  assert.ok(pids.length > 0);
  for (const pid of pids) process.kill(pid, 'SIGSTOP');
  const stopped = (pid) => readFileSync(`/proc/${pid}/stat`, 'utf8').includes(') T ');
  while (!pids.every(stopped)) await nextTurn();
  return () => {
    for (const pid of pids) process.kill(pid, 'SIGCONT');
  };
}

test('a page that slept, its network gone meanwhile, wakes to the present', async () => {
  const here = building(street, 3);
  const laptop = await launch();
  let openLid = () => {};
  try {
    const asleep = await wallAt(here, network, laptop);
    const witness = await wallAt(here, server);
    openLid = await closeLid(laptop);
    network.cut();
    const id = report(here, '0504');
    await hears(witness.page, id);
    network.mend();
    openLid();
    await hears(asleep.page, id);
    await live(asleep.page);
    assert.deepEqual(witness.complaints, []);
    await witness.close();
  } finally {
    openLid();
    await laptop.close();
  }
});

test('a server that went away and came back is no reason to touch the wall of a room', async () => {
  const here = building(street, 4);
  const { page, close } = await openPage(browser, server.address);
  await signIn(page, server, 'duty', `${closeUp(here)}&wall=3600`);
  await live(page);
  for (const signal of ['SIGTERM', 'SIGKILL']) {
    await server.restart(signal);
    const id = report(here, '0101');
    await hears(page, id);
    await live(page);
  }
  assert.equal(await page.locator('.wall-mode').count(), 1);
  await close();
});

test('a session that expires asks for the password, and then nothing was missed', async () => {
  const here = building(street, 5);
  const { page, close } = await wallAt(here, server);
  const url = page.url();
  sql(`update session set expires_at = now()`);
  await page.waitForSelector('input[name=password]');
  assert.equal(page.url(), url);
  const id = report(here, '0101');
  await present(page, server, 'duty');
  await hears(page, id);
  await live(page);
  assert.equal(page.url(), url);
  await close();
});

test('an account that is given another area learns so at once, and is led to its own wall', async () => {
  const here = building(street, 6);
  const { page, close } = await openPage(browser, server.address);
  await signIn(page, server, 'street', closeUp(here));
  await live(page);
  const other = sql(`select code from area where level = 'community' order by code limit 1`);
  sql(`update account set code = '${other}' where name = 'street'`);
  try {
    await page.click('.missing a.primary');
    await page.waitForURL(new RegExp(`/wall/${other}`));
    await live(page);
  } finally {
    sql(`update account set code = '${street}' where name = 'street'`);
  }
  await close();
});
