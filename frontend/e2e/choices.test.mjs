// Every choice of the heatmap's page is in its address: whoever gets the link sees the same. And its keys.
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { drawn, heatmaps } from './insight.mjs';
import { settled } from './page.mjs';
import { stage } from './stage.mjs';

const { server, browser, sql } = await stage();
const root = sql('select code from area order by length(code) limit 1');
const open = heatmaps(server, browser);

/** All that somebody can have chosen, as the page shows it. */
const choices = (page) =>
  page.evaluate(() => {
    const all = (selector, of) => [...document.querySelectorAll(selector)].map(of);
    const center = document.querySelector('.map').map.getCenter();
    return {
      radios: all('.insight [role=radio]', (r) => `${r.textContent} ${r.ariaChecked}`),
      selects: all('.controls select', (s) => s.value),
      boxes: all('.controls input[type=checkbox]', (b) => b.checked),
      times: all('.own-time input', (i) => i.value),
      slider: all('.slider input', (i) => `${i.value} ${i.className}`),
      when: document.querySelector('.when').textContent,
      unit: document.querySelector('.heat-legend h2').textContent,
      legend: document.querySelector('.heat-legend .classes').textContent,
      list: all('.ranking .line', (l) => `${l.textContent} ${l.ariaPressed}`),
      picked: document.querySelector('.picked h2')?.textContent ?? null,
      map: [center.lng.toFixed(3), center.lat.toFixed(3)],
    };
  });

/** Waits until the figures of all that was chosen are there. */
async function there(page) {
  await drawn(page);
  await page.waitForFunction(() => !document.querySelector('.heat-legend.waiting'));
}

/** What the copy button gives leads another page to the same. */
async function shared(page) {
  await there(page);
  await page.click('.copy-link button');
  await page.waitForFunction(() => document.querySelector('.copy-link [role=status]').textContent !== '');
  const link = await page.evaluate(() => navigator.clipboard.readText());
  assert.equal(link, page.url());
  const other = await page.context().newPage();
  await other.goto(link);
  await other.waitForSelector('.insight .map canvas');
  await there(other);
  assert.equal(other.url(), link, 'it stays as it was given');
  assert.deepEqual(await choices(other), await choices(page), link);
  await other.close();
  return new URL(link).searchParams;
}

const radio = (page, text) => page.click(`.insight [role=radio]:text-is("${text}")`);

test('every choice round-trips through the address and the copied link', async () => {
  const { page, complaints, close } = await open(`/insight/${root}?lang=en`, 'duty', {
    permissions: ['clipboard-read', 'clipboard-write'],
    viewport: { width: 1100, height: 720 },
  });
  await radio(page, 'Grades');
  await page.selectOption('#insight-class', 'green');
  await radio(page, 'Grid');
  await page.selectOption('#insight-value', 'per_100_rental_houses');
  await page.check('.controls label:has-text("Smooth") input');
  await page.selectOption('.breaks select', 'natural');
  await radio(page, '30 d');
  await there(page);
  await page.click('.ranking > button');
  await page.click('.ranking .line >> nth=1');
  const rates = await shared(page);
  for (const [name, value] of Object.entries({
    m: 'grades',
    c: 'green',
    l: 'grid',
    smooth: '1',
    natural: '1',
    t: '30d',
    all: '1',
  }))
    assert.equal(rates.get(name), value, name);
  assert.match(rates.get('sel') ?? '', /^\d{14}$/);

  await page.check('.controls label:has-text("Compare") input');
  assert.equal((await shared(page)).get('cmp'), '1');
  await page.uncheck('.controls label:has-text("Compare") input');

  await radio(page, 'Incidents');
  await radio(page, 'Hexagons');
  await page.selectOption('.metres select', '600');
  await there(page);
  await page.fill('.slider input', '7');
  const hexes = await shared(page);
  assert.deepEqual([hexes.get('w'), hexes.get('slice')], ['600', '7']);

  await radio(page, 'Density');
  await page.selectOption('.metres select', '1000');
  await page.click('.slider button');
  await radio(page, 'Custom');
  const box = await page.locator('.map').boundingBox();
  await page.mouse.move(box.x + box.width / 2, box.y + box.height / 2);
  await page.mouse.down();
  await page.mouse.move(box.x + box.width / 2 - 60, box.y + box.height / 2 - 30, { steps: 4 });
  await page.mouse.up();
  await page.waitForFunction(() => new URLSearchParams(location.search).has('at'));
  const density = await shared(page);
  assert.equal(density.get('b'), '1000');
  assert.match(density.get('t') ?? '', /^\d{4}-.*Z,\d{4}-.*Z$/);
  assert.ok(!density.has('slice'));
  assert.deepEqual(complaints, []);
  await close();
});

test('a link to a film that plays, plays', async () => {
  const { page, complaints, close } = await open(
    `/insight/${root}?lang=en&l=community&t=30d&slice=3&play=1&all=1`,
  );
  const at = (n) =>
    page.waitForFunction((n) => Number(new URLSearchParams(location.search).get('slice')) >= n, n);
  await at(5);
  assert.equal(new URL(page.url()).searchParams.get('play'), '1');
  await page.click('.transport [aria-label="Pause"]');
  await page.waitForFunction(() => !new URLSearchParams(location.search).has('play'));
  // Another area's page begins with its own whole time.
  await page.click('.ranking .line');
  await page.click('.picked .ways a:has-text("Look inside")');
  await page.waitForFunction((r) => location.pathname.length > `/insight/${r}`.length, root);
  const kept = new URL(page.url()).searchParams;
  assert.deepEqual([kept.get('t'), kept.get('slice'), kept.get('play')], ['30d', null, null]);
  assert.deepEqual(complaints, []);
  await close();
});

test('the keys that the help lists do what it says', async () => {
  const { page, complaints, close } = await open(`/insight/${root}?lang=en&l=community&t=30d`);
  const search = (name) => new URL(page.url()).searchParams.get(name);
  const became = (name, value) =>
    page.waitForFunction(([n, v]) => new URLSearchParams(location.search).get(n) === v, [name, value]);
  await page.keyboard.press('?');
  await page.waitForSelector('dialog.help[open]');
  const listed = await page.$$eval('dialog.help kbd', (all) => all.map((k) => k.textContent));
  for (const key of ['?', 'F', '/', 'H', 'J', 'K', 'C', 'Space', '[', ']', 'Esc'])
    assert.ok(listed.includes(key), `${key} of ${listed}`);
  await page.keyboard.press('Escape');
  await page.waitForSelector('dialog.help[open]', { state: 'detached' });

  await page.keyboard.press('f');
  await page.waitForFunction(() => document.fullscreenElement !== null);
  await page.keyboard.press('f');
  await page.waitForFunction(() => document.fullscreenElement === null);

  await page.keyboard.press('j');
  await page.waitForSelector('.picked');
  const first = search('sel');
  await page.keyboard.press('j');
  await page.waitForFunction((was) => new URLSearchParams(location.search).get('sel') !== was, first);
  await page.keyboard.press('k');
  await became('sel', first);
  await page.keyboard.press('Escape');
  await page.waitForSelector('.picked', { state: 'detached' });

  await page.keyboard.press('c');
  await became('cmp', '1');
  await page.keyboard.press('c');
  await became('cmp', null);

  await page.keyboard.press('/');
  await page.waitForFunction(() => document.activeElement?.closest('.top-search') !== null);
  await page.keyboard.press('h'); // into the field, and nowhere else
  assert.match(page.url(), /\/insight\//);
  await page.keyboard.press('Escape');
  await page.evaluate(() => document.activeElement?.blur());

  await page.keyboard.press('h');
  await page.waitForFunction((r) => location.pathname === `/wall/${r}`, root);
  await settled(page);
  await page.keyboard.press('m');
  await page.waitForFunction(() => localStorage.getItem('gridweave.wall.sound') === 'true');
  await page.keyboard.press('h');
  await page.waitForFunction((r) => location.pathname === `/insight/${r}`, root);
  await drawn(page);
  assert.deepEqual(complaints, []);
  await close();
});
