// A newcomer: does what the README says, and nothing that it does not say, then looks at what there is in a browser. From
// the README come the command, what it promises to print, whom to sign in as; from there on only what the pages show.
import assert from 'node:assert/strict';
import { spawn } from 'node:child_process';
import { chmodSync, mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, test } from 'node:test';
import { drawn } from './insight.mjs';
import { launch, openPage, present, settled, shows } from './page.mjs';
import { live, reportThere } from './wall.mjs';

const root = new URL('../..', import.meta.url).pathname;
const readme = readFileSync(join(root, 'README.md'), 'utf8');

/** What the README has under a heading. */
function section(heading) {
  const [, text] = readme.match(new RegExp(`^## ${heading}\\n(.*?)^## `, 'ms')) ?? [];
  assert.ok(text, `the README has no section "${heading}"`);
  return text;
}

const start = section('Two commands');
const [, block] = start.match(/```sh\n(.*?)```/s) ?? [];
assert.ok(block, 'the README names no commands');
const [serve, run] = block.match(/^(make run)\b.*?(?:#|$)/m) ?? [];
assert.ok(run, `no command of the README runs the program: ${serve}`);
assert.match(start, /prints the demo's accounts/);
const streetAccount = start.match(/`(street)`/)?.[1];
assert.ok(streetAccount, 'the README names no account of a street');

/** Runs the README's command on an empty folder and a free port, and reads what it prints, as a person would. */
async function follow(command) {
  const folder = mkdtempSync(join(tmpdir(), 'gridweave-newcomer-'));
  chmodSync(folder, 0o711); // as root, PostgreSQL runs as somebody else and must pass through
  const { MAKEFLAGS, MAKELEVEL, MFLAGS, NODE_TEST_CONTEXT, ...env } = process.env; // a make of its own
  const child = spawn('bash', ['-c', command], {
    cwd: root,
    detached: true, // make and what it starts are ended together
    env: { ...env, DATA: join(folder, 'district'), ADDR: '127.0.0.1:0' },
    stdio: ['ignore', 'pipe', 'pipe'],
  });
  const ended = new Promise((done) => child.once('exit', done));
  after(async () => {
    if (child.exitCode === null) process.kill(-child.pid, 'SIGINT'); // Ctrl-C
    await ended;
    rmSync(folder, { recursive: true, force: true });
  });
  let printed = '';
  let said = '';
  child.stderr.on('data', (bytes) => {
    said += bytes;
  });
  await new Promise((ready, fail) => {
    ended.then((code) => fail(new Error(`${command} ended with ${code}:\n${printed}${said}`)));
    child.stdout.on('data', (bytes) => {
      printed += bytes;
      if (/serves on http/.test(printed) && /^ {2}account[\s\S]*\n\n/m.test(printed)) ready();
    });
  });
  const address = printed.match(/serves on (http:\S+)/)[1];
  const accounts = new Map(
    [...printed.matchAll(/^ {2}(\w+) +(\S+) +(\w+) +(\d+)$/gm)].map(([, name, password]) => [name, password]),
  );
  return { address, accounts, password: (name) => accounts.get(name) };
}

test('the README leads to a live wall of a street, the rooms of a building and a heatmap of last week', {
  timeout: 600_000,
}, async () => {
  const site = await follow(run);
  assert.ok(site.accounts.has(streetAccount), `no account ${streetAccount} was printed`);
  const browser = await launch();
  after(() => browser.close());
  const { page, complaints } = await openPage(browser, site.address, {
    viewport: { width: 1366, height: 768 },
    locale: 'en-GB',
  });
  await page.goto(site.address);
  await page.waitForSelector('input[name=account]');
  await present(page, site, streetAccount);

  // One's own wall: a street, in colours, and alive.
  await page.waitForSelector('.map canvas');
  await settled(page);
  await live(page);
  assert.match(await page.textContent('.crumbs [aria-current=page]'), /Sub-?district|Street/);

  // What has happened lately leads to its place; what one reports there is news at once.
  await page.locator('.ticker li button').first().click();
  await page.waitForSelector('.detail');
  await settled(page);
  const newest = await page.textContent('.ticker li');
  await page.keyboard.press('n');
  await page.click('.report button:has-text("Choose on the map")');
  await page.locator('.map').click();
  await reportThere(page, '0105', 'a cart on the road');
  await page.waitForFunction((was) => document.querySelector('.ticker li').textContent !== was, newest);

  // A building near by: the list of houses names it, its page has the rooms.
  await page.keyboard.press('l');
  await page.click('.list .chip:has-text("Houses")');
  await page.locator('.list tbody button').first().click();
  await page.click('.detail a:has-text("Open the building")');
  await page.waitForSelector('.matrix td.room');
  await page.locator('.matrix td.room').first().click();
  await page.waitForSelector('.room-card .facts');

  // Back to the street, and its heatmap of last week.
  await page.locator('.crumbs a').first().click();
  await page.waitForSelector('.wall .map canvas');
  await page.click('.screens a:has-text("Heatmap")');
  await page.waitForSelector('.insight .map canvas');
  await page.click('.presets [role=radio]:has-text("7 d")');
  await drawn(page);
  const { from, to } = Object.fromEntries(
    new URL(await page.getAttribute('.exports a', 'href'), site.address).searchParams,
  );
  assert.equal(Date.parse(to) - Date.parse(from), 7 * 86_400_000);
  const classes = await page.$$eval('.heat-legend .box rect', (all) =>
    all.map((r) => r.getAttribute('fill')),
  );
  const top = classes.filter((c) => c !== 'none').at(-1);
  await shows(page, top.toLowerCase(), 100, 60);
  assert.deepEqual(complaints, []);
});
