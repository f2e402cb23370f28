// Debian's Chromium without a GPU, and what every test needs of a page.
import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { setTimeout as pause } from 'node:timers/promises';
import { chromium } from 'playwright-core';
import { PNG } from 'pngjs';

const axe = readFileSync(createRequire(import.meta.url).resolve('axe-core/axe.min.js'), 'utf8');

/** How long a test waits for anything, in milliseconds: so long only where it never comes. */
const patience = 60_000;

/** Asks again and again until the answer is good, and gives it: for what no selector can wait for, as pixels. */
export async function until(ask, good, what) {
  const deadline = Date.now() + patience;
  for (;;) {
    const answer = await ask();
    if (good(answer)) return answer;
    assert.ok(Date.now() < deadline, `${what}: ${JSON.stringify(answer)}`);
    await pause(20);
  }
}

/** Starts the browser, with further switches and variables of its environment where a test needs them. */
export function launch(switches = [], env = {}) {
  return chromium.launch({
    env: { ...process.env, ...env },
    executablePath: process.env.CHROMIUM ?? '/usr/bin/chromium',
    args: [
      '--headless',
      '--no-sandbox',
      '--disable-quic',
      '--no-first-run',
      '--disable-background-networking',
      '--disable-component-update',
      '--disable-sync',
      '--use-angle=swiftshader',
      '--enable-unsafe-swiftshader',
      ...switches,
    ],
  });
}

/** A page that notes whatever should not happen on it. */
export async function openPage(browser, address, { tour = false, ...options } = {}) {
  const context = await browser.newContext({
    viewport: { width: 800, height: 450 },
    locale: 'zh-CN',
    ...options,
  });
  context.setDefaultTimeout(patience);
  // Whoever comes to the demo for the first time gets a tour; here it was seen, where a test does not ask for it.
  if (!tour) {
    await context.addInitScript(() => {
      for (const page of ['wall', 'house', 'insight']) localStorage.setItem(`gridweave.tour.${page}`, 'true');
    });
  }
  const page = await context.newPage();
  const complaints = [];
  page.on('pageerror', (e) => complaints.push(`error: ${e.message}`));
  page.on('console', (m) => {
    // A browser logs every 401; asking whether a session is good is no complaint.
    if (m.type() === 'error' && !m.text().includes('401')) complaints.push(`console: ${m.text()}`);
    // A frame that the page cannot read: it goes on without it, a test does not.
    if (m.text().startsWith('stream: unreadable')) complaints.push(m.text());
  });
  page.on('request', (r) => {
    const url = new URL(r.url());
    if (url.protocol.startsWith('http') && url.origin !== address) complaints.push(`elsewhere: ${r.url()}`);
  });
  const close = async () => {
    await page.unrouteAll({ behavior: 'ignoreErrors' }); // what a test holds up may still be on its way
    await context.close();
  };
  return { page, complaints, close };
}

/** Fills in the sign-in form that a page shows, and sends it. */
export async function present(page, server, account) {
  await page.fill('input[name=account]', account);
  await page.fill('input[name=password]', server.password(account));
  await page.click('button[type=submit]');
}

/** Signs in and waits for what the path is about. */
export async function enter(page, server, account, path, selector) {
  await page.goto(server.address + path);
  await present(page, server, account);
  await page.waitForSelector(selector);
}

/** Signs in, to a page with a map. */
export async function signIn(page, server, account, path = '/') {
  await enter(page, server, account, path, '.map canvas');
  await settled(page);
}

/** Waits until the map has drawn everything it wants to, of a source that the screen adds too. */
export async function settled(page, source = 'buildings') {
  await page.waitForFunction((source) => {
    const map = document.querySelector('.map')?.map;
    return (
      map?.isStyleLoaded() && map.loaded() && map.areTilesLoaded() && !map.isMoving() && map.getSource(source)
    );
  }, source);
}

/** How many pixels of the map show a colour, within a tolerance for blending. */
export async function countPixels(page, hex, tolerance = 26) {
  const wanted = [1, 3, 5].map((i) => Number.parseInt(hex.slice(i, i + 2), 16));
  const { data } = PNG.sync.read(await page.locator('.map').screenshot());
  let n = 0;
  for (let i = 0; i < data.length; i += 4) {
    if (wanted.every((v, k) => Math.abs(v - data[i + k]) <= tolerance)) n++;
  }
  return n;
}

/** Waits until the map shows more pixels of a colour than that; gives how many. */
export const shows = (page, hex, more, tolerance) =>
  until(
    () => countPixels(page, hex, tolerance),
    (n) => n > more,
    `pixels of ${hex}, more than ${more} wanted`,
  );

/** Fails where axe finds anything serious. */
export async function assertAccessible(page) {
  // As a script of the page's own world; the Content-Security-Policy rightly forbids adding one to the document.
  await page.evaluate(axe);
  const found = await page.evaluate(() => globalThis.axe.run(document, { resultTypes: ['violations'] }));
  const serious = found.violations.filter((v) => v.impact === 'serious' || v.impact === 'critical');
  assert.deepEqual(
    serious.map((v) => `${v.id}: ${v.nodes.map((n) => n.target).join(' ')}`),
    [],
  );
}
