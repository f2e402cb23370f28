// The address of a wall holds all that was chosen on it: for who gets the link, loads the page anew, or goes back.
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { isDeepStrictEqual } from 'node:util';
import { openPage, settled, signIn, until } from './page.mjs';
import { stage } from './stage.mjs';
import { live } from './wall.mjs';

const { server, browser, sql, building } = await stage();
const root = sql('select code from area order by length(code) limit 1');
const street = sql(`select code from account where name = 'street'`);
const desk = { viewport: { width: 1100, height: 620 } };

async function wall(path, options = {}, account = 'duty') {
  const opened = await openPage(browser, server.address, { ...desk, ...options });
  await signIn(opened.page, server, account, path);
  await live(opened.page);
  return opened;
}

/** What somebody sees of all that can be chosen; not the counts, which time alone changes. */
const shownBy = (page) =>
  page.evaluate(() => {
    const text = (s) =>
      [...document.querySelectorAll(s)].map((e) => e.textContent.replace(/[\d–▲▼＝]+/g, '#'));
    const c = document.querySelector('.map').map.getCenter();
    return {
      lang: document.documentElement.lang,
      theme: document.documentElement.dataset.theme,
      palette: document.querySelector('.tools .icon-button:has(path[d^="M10 3a7 7 0 1 0 0 14c"])')
        .ariaPressed,
      pressed: text('[aria-pressed=true]'),
      sorted: text('[aria-sort=descending]'),
      list: text('.list h2'),
      card: text('.detail h2'),
      at: [c.lng, c.lat].map((x) => x.toFixed(4)),
      zoom: document.querySelector('.map').map.getZoom().toFixed(1),
    };
  });

/** Waits until a wall has everything that choose makes it show. */
async function whole(page) {
  await live(page);
  await page.waitForSelector('.detail .facts');
  await page.waitForSelector('.list tbody tr, .list .state');
  await page.waitForSelector('.league tbody tr, .league .state');
  await page.waitForFunction(
    () => ![...document.querySelectorAll('.legend data')].some((d) => d.textContent.includes('–')),
  );
  await settled(page);
}

/** Waits until a wall shows that. */
const showsAll = (page, wanted) =>
  until(
    () => shownBy(page),
    (shown) => isDeepStrictEqual(shown, wanted),
    `not ${JSON.stringify(wanted)}, but`,
  );
const standsAt = (page, url) =>
  until(
    () => page.url(),
    (now) => now === url,
    `the address is not ${url}, but`,
  );

/** Chooses something of everything there is. */
async function choose(page) {
  await page.click('.tools .icon-button:has(path[d^="M10 6.5"])'); // the theme
  await page.click('.tools .icon-button:has(path[d^="M10 3a7 7 0 1 0 0 14c"])'); // the palette
  await page.keyboard.press('1');
  await page.keyboard.press('4');
  await page.keyboard.press('l');
  await page.click('.key-figures li:first-child button');
  await page.click('.ticker .chip >> nth=1');
  await page.click('.league thead button >> nth=1');
  await page.click('.league .panel-head .chip');
}

const chosen = ({ id, lon, lat }) => `/?lang=zh&at=${lon},${lat},17&sel=b${id}`;

test('a copied link shows another browser the same wall, whatever was chosen, also to who is used to something else', async () => {
  const from = await wall(chosen(building(street, 9)), {
    permissions: ['clipboard-read', 'clipboard-write'],
  });
  const { page } = from;
  await choose(page);
  await whole(page);
  await page.click('.copy-link button');
  await page.waitForSelector('.copy-link [role=status]:has-text("已复制")');
  const link = await page.evaluate(() => navigator.clipboard.readText());
  assert.equal(link, page.url());
  const to = await wall(link.slice(server.address.length));
  await whole(to.page);
  const shown = await shownBy(page);
  assert.ok(shown.pressed.length > 3 && shown.list.length === 1 && shown.theme === 'light');
  await showsAll(to.page, shown);
  await from.close();

  // Who prefers the light theme sees the dark one that a link was sent from.
  await to.page.evaluate(() => localStorage.setItem('gridweave.theme', '"light"'));
  await to.page.goto(link.replace('theme=light', 'theme=dark').replace('palette=2', 'palette=1'));
  await whole(to.page);
  const other = await shownBy(to.page);
  assert.deepEqual([other.theme, other.palette], ['dark', 'false']);
  await to.close();
});

test('reload, another screen and back, and forward again: nothing that was chosen is lost', async () => {
  const { page, complaints, close } = await wall(chosen(building(street, 9)));
  await choose(page);
  await whole(page);
  const [before, url] = [await shownBy(page), page.url()];
  await page.reload();
  await whole(page);
  await showsAll(page, before);
  await standsAt(page, url);
  await page.keyboard.press('h');
  await page.waitForSelector('.insight');
  await page.waitForURL(new RegExp(`/insight/${root}.*theme=light`));
  await page.goBack();
  await whole(page);
  await showsAll(page, before);
  await standsAt(page, url);
  await page.goForward();
  await page.waitForSelector('.insight');
  await page.goBack();
  await whole(page);
  await standsAt(page, url);
  // A link to this very wall that says nothing else shows it as it is at first; and back is what was.
  await page.click('.crumbs [aria-current=page]');
  await page.waitForSelector('.detail', { state: 'detached' });
  await page.waitForFunction(() => document.querySelector('.map').map?.getZoom() < 16);
  await settled(page);
  await page.waitForURL((now) => !/hide=|cases=|list=|by=|near=/.test(now.search));
  await page.goBack();
  await whole(page);
  await showsAll(page, before);
  assert.deepEqual(complaints, []);
  await close();
});

test('a replay’s link says when it is, how fast, and whether it goes on', async () => {
  const { page, close } = await wall('/?lang=en');
  const param = (of, name) => new URL(of.url()).searchParams.get(name);
  await page.keyboard.press(' ');
  await page.waitForSelector('.time-bar.replaying [aria-label="Pause"]');
  await page.fill('.time-track input', '240'); // twenty hours ago: an hour would be over in a minute
  await page.waitForFunction(
    () => Number(new URLSearchParams(location.search).get('replay')) < Date.now() / 1000 - 12 * 3600,
  );
  const began = Number(param(page, 'replay'));
  await page.click('.time-controls [role=radio]:has-text("60×")');
  await page.waitForFunction(
    (began) => Number(new URLSearchParams(location.search).get('replay')) >= began + 120,
    began,
  );
  assert.equal(param(page, 'play'), '1');
  assert.equal(param(page, 'speed'), '60');
  // Who gets the link while it plays comes in where it is, and it goes on.
  const to = await wall(page.url().slice(server.address.length));
  await to.page.waitForSelector('.time-bar.replaying [aria-label="Pause"]');
  const at = Number(param(to.page, 'replay'));
  assert.ok(at >= began + 120, `${at} is not after ${began}`);
  await to.page.waitForFunction((at) => Number(new URLSearchParams(location.search).get('replay')) > at, at);
  // Standing still it says so, to the second; and stands after a reload.
  await to.page.keyboard.press(' ');
  await to.page.waitForSelector('.time-bar.replaying [aria-label="Play"]');
  await to.page.waitForFunction(() => !new URLSearchParams(location.search).has('play'));
  await to.page.waitForFunction(() => {
    const seconds = Number(new URLSearchParams(location.search).get('replay')) % 60;
    return document.querySelector('.time-now').innerText.endsWith(`:${String(seconds).padStart(2, '0')}`);
  });
  const [still, words] = [param(to.page, 'replay'), await to.page.innerText('.time-now')];
  await to.page.reload();
  await to.page.waitForSelector('.time-bar.replaying [aria-label="Play"]');
  await live(to.page);
  await to.page.waitForFunction((w) => document.querySelector('.time-now').innerText === w, words);
  assert.equal(param(to.page, 'replay'), still);
  await Promise.all([close(), to.close()]);
});

test('a link to what is no longer kept says so, and shows the present', async () => {
  const long = Math.floor(Date.now() / 1000) - 50 * 3600;
  const { page, complaints, close } = await wall(`/?lang=en&replay=${long}&play=1`);
  await page.waitForSelector('.time-now:has-text("can no longer be played")');
  await page.waitForSelector('.wall:not(.in-past)');
  await page.waitForURL((now) => !/replay=|play=/.test(now.search));
  // A day and a half is.
  await page.goto(`${server.address}/wall/${root}?lang=en&replay=${long + 14 * 3600}&play=1&speed=60`);
  await page.waitForSelector('.wall.in-past [aria-label="Pause"]');
  await page.waitForFunction(() =>
    /\d+ \w+, \d\d:\d\d:\d\d/.test(document.querySelector('.time-now').innerText),
  );
  assert.equal(await page.locator('.time-now .problem').count(), 0);
  assert.deepEqual(
    complaints.filter((c) => !c.includes('status of 4')), // the browser's own word on the refusal
    [],
  );
  await close();
});
