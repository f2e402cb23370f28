// A building's page and the search, driven as people use them: by keyboard, by thumb, on paper, with a camera.
import assert from 'node:assert/strict';
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { test } from 'node:test';
import { PNG } from 'pngjs';
import { prepareZXingModule, readBarcodes } from 'zxing-wasm/reader';
import { networkTo } from './network.mjs';
import { assertAccessible, enter, launch, openPage, settled, shows, until } from './page.mjs';
import { assertForThumbs, phone } from './phone.mjs';
import { stage } from './stage.mjs';

const { server, browser, sql } = await stage();
const tower = sql('select code from building where levels = 60');
const dormitory = sql('select code from building_state where rooms = 900');

/** What a building's page shows when it is there. */
const rooms = '.matrix td.room';

const focused = (page) => page.evaluate(() => document.activeElement?.dataset?.code ?? '');

test('the rooms of a tower of 60 floors by keyboard alone', async () => {
  const { page, complaints, close } = await openPage(browser, server.address);
  await enter(page, server, 'duty', `/b/${tower}?lang=en`, rooms);
  assert.equal(await page.locator('.matrix th[scope=row]').count(), 60);
  assert.equal(
    String(await page.locator('.matrix td.room').count()),
    sql(`select count(*) from room where code like '${tower}%'`),
  );
  await page.waitForSelector(`td[data-code="${tower}060001"][tabindex="0"]`);
  await page.focus('.room-legend li:last-child button');
  await page.keyboard.press('Tab');
  assert.equal(await focused(page), `${tower}060001`);
  assert.equal(
    await page.locator('.matrix td.room[tabindex="0"]').count(),
    1,
    'one cell is in the tab order',
  );
  for (const key of ['ArrowDown', 'ArrowRight', 'ArrowRight', 'PageDown', 'Control+End', 'Home'])
    await page.keyboard.press(key);
  assert.equal(await focused(page), `${tower}001001`);
  const visible = await page.evaluate(() => {
    const cell = document.activeElement.getBoundingClientRect();
    const box = document.querySelector('.matrix-scroll').getBoundingClientRect();
    return cell.top >= box.top && cell.bottom <= box.bottom + 1;
  });
  assert.ok(visible, 'the room with the focus is scrolled out of sight');
  await page.keyboard.press('Enter');
  await page.waitForSelector('.room-card:has(h2:text-is("Room 101")) .facts');
  await page.waitForURL(new RegExp(`/b/${tower}001001`));
  await page.keyboard.press('Escape');
  await page.waitForSelector('.room-card', { state: 'detached' });
  await page.waitForURL(new RegExp(`/b/${tower}\\?`));
  await assertAccessible(page);
  assert.deepEqual(complaints, []);
  await close();
});

test('the colours of a dormitory of 900 rooms are what SQL counts, and never alone', async () => {
  const { page, complaints, close } = await openPage(browser, server.address, {
    viewport: { width: 1366, height: 768 },
  });
  await enter(page, server, 'duty', `/b/${dormitory}?lang=en&by=declaration`, rooms);
  assert.equal(await page.locator('.matrix td.room').count(), 900);
  const doubtful = sql(
    `select count(distinct code) from declaration where code like '${dormitory}%' and status = 'doubtful'`,
  );
  assert.equal(String(await page.locator('td.c-doubtful').count()), doubtful);
  assert.equal(await page.textContent('.room-legend button:has(.c-doubtful) data'), doubtful);
  const open = sql(`select count(distinct code) from incident where code like '${dormitory}______'
    and status not in ('closed', 'rejected', 'merged')`);
  assert.equal(String(await page.locator('td.room u').count()), open);
  const unmarked = await page.$$eval('td.room i', (all) => all.filter((i) => !i.textContent).length);
  assert.equal(unmarked, 0, 'cells that only a colour tells apart');
  await page.click('.room-legend button:has(.c-undeclared)');
  await page.waitForURL(/only=undeclared/);
  await page.waitForSelector('td.room.faded');
  // A recolouring of 900 cells is one frame's work and a little, not a wait.
  await page.keyboard.press('3');
  await page.waitForSelector('td.c-sound');
  await page.waitForURL(/by=grade/);
  await assertAccessible(page);
  assert.deepEqual(complaints, []);
  await close();
});

test('an open building follows what happens in it, and says when it cannot', async () => {
  const [id, room] =
    sql(`select id, code from declaration d where code like '${dormitory}______' and status = 'accepted'
    and not exists (select from declaration o where o.code = d.code and o.id <> d.id)
    and not exists (select from incident i where i.code = d.code) order by id limit 1`).split('|');
  const network = await networkTo(server);
  const { page, close } = await openPage(browser, network.address, {
    viewport: { width: 1366, height: 768 },
  });
  await enter(page, network, 'duty', `/b/${room}?lang=en&by=declaration`, '.room-card .people');
  const cell = (what) => `td.room[data-code="${room}"]${what}`;
  await page.waitForSelector('.pill.live');
  await page.waitForSelector(cell(':not(.c-doubtful)'));
  await page.focus(cell(''));
  sql(`update declaration set status = 'doubtful', due_at = now() + interval '1 day' where id = ${id}`);
  await page.waitForSelector(cell('.c-doubtful'));
  sql(`insert into incident (code, geom, type, status, source, due_at)
    select '${room}', st_pointonsurface(geom), '0105', 'reported', 'hotline', now() + interval '1 hour'
    from building where code = '${dormitory}'`);
  await page.waitForSelector(`${cell('')} u`);
  await page.waitForSelector('.room-card h3:text-is("Incidents") + ul li'); // its card is asked anew with it
  await page.waitForFunction((room) => document.activeElement?.dataset?.code === room, room); // where it was
  network.cut();
  await page.waitForSelector('.pill.offline');
  await close();
  await network.close();
});

test('a building says what SQL says: facts, grade with reasons and history, neighbours by distance, its colour', async () => {
  const [id, code, residents, score, reasons, history] = sql(`select b.id, b.code, residents, grade_score,
      jsonb_array_length(grade_reasons), (select count(*) from grade_event e where e.building_id = b.id)
    from building b join building_state s on s.building_id = b.id
    where grade = 'red' order by jsonb_array_length(grade_reasons) desc, b.id limit 1`).split('|');
  const { page, complaints, close } = await openPage(browser, server.address, {
    viewport: { width: 1366, height: 768 },
  });
  await enter(page, server, 'duty', `/b/${code}?lang=en`, '.around .neighbours li');
  const facts = await page.textContent('.house-facts');
  assert.ok(facts.includes(code) && facts.includes(residents), facts);
  const grade = page.locator('.house-grade');
  assert.match(await grade.locator('.grade-line').innerText(), new RegExp(`Critical.*${score}`, 's'));
  assert.equal(String(await grade.locator('.grade-reasons li').count()), reasons);
  assert.equal(await grade.locator('.timeline li').count(), Math.min(12, Number(history)));
  assert.ok(Number(reasons) > 0 && Number(history) > 0, 'there is nothing to say: the test proves nothing');
  const near = sql(`select n.code from building n, building b where b.id = ${id} and n.id <> b.id
    order by n.geom::geography <-> b.geom::geography limit 1`);
  assert.equal(await page.locator('.neighbours a').first().getAttribute('href'), `/b/${near}`);
  await page.waitForSelector('.around .map canvas');
  await settled(page);
  await shows(page, '#d7263d', 50, 40);
  assert.deepEqual(complaints, []);
  await close();
});

test('a room’s card has its incidents and their evidence', async () => {
  const [room, cases] = sql(`select code, count(*) from incident where length(code) = 25 group by 1
    order by 2 desc, 1 limit 1`).split('|');
  const { page, close } = await openPage(browser, server.address);
  await enter(page, server, 'duty', `/b/${room}?lang=en`, '.room-card .cases li');
  assert.equal(
    String(
      await page
        .locator(
          '.room-card h3:has-text("Incidents") + ul li, .room-card h3:has-text("Incidents") + p + ul li',
        )
        .count(),
    ),
    cases,
  );
  assert.ok(
    (await page.locator('.room-card .ledger li, .room-card h3:has-text("Evidence") ~ * li').count()) > 0,
  );
  await close();
});

test('a room’s card shows who declared, masked, and nothing more of them', async () => {
  const room = sql(`select code from declaration where code like '${dormitory}%' and status = 'accepted'
    group by code order by count(*) desc, code limit 1`);
  const { page, close } = await openPage(browser, server.address);
  const answers = [];
  page.on('response', (r) => {
    if (r.url().includes('/rooms/')) answers.push(r.text());
  });
  await enter(page, server, 'station', `/b/${room}?lang=zh`, '.room-card .people li');
  const accepted = sql(`select count(*) from declaration where code = '${room}' and status = 'accepted'`);
  assert.equal(String(await page.locator('.room-card .people li').count()), accepted);
  for (const text of await page.locator('.room-card .people strong').allTextContents())
    assert.match(text, /^.\*+$/);
  assert.match(await page.textContent('.room-card .people'), /\d{6}\*{8}\w{4}/);
  const said = (await Promise.all(answers)).join('');
  assert.match(said, /\d{6}\*{8}\w{4}/, 'nothing was listened to: the test proves nothing');
  assert.doesNotMatch(said, /440399\d{8}|100\d{8}/, 'an unmasked number left the server');
  await close();
});

test('search finds a house with typing errors in it, and remembers', async () => {
  const [code, zh, en] = sql(`select code, name_zh, name_en from building where code = '${dormitory}'`).split(
    '|',
  );
  const { page, complaints, close } = await openPage(browser, server.address);
  await enter(page, server, 'duty', `/b/${tower}?lang=zh`, rooms);
  const swapped = code.slice(0, 17) + code[18] + code[17];
  const wrong = zh.replace('人才', '人材');
  const typo = en.replace('Workers', 'Wrokers').toUpperCase();
  const wide = [...code].map((c) => String.fromCharCode(c.charCodeAt(0) + 0xfee0)).join('');
  for (const text of [wrong, typo, swapped, wide]) {
    await page.keyboard.press('/');
    await page.keyboard.type(text);
    const first = page.locator('#hits [role=option]').first();
    await first.filter({ hasText: code }).waitFor();
    // What half of it found may have stood there before.
    if (text === wrong)
      await until(
        async () => (await first.locator('strong mark').allTextContents()).join(''),
        (marked) => marked === zh.replace('才', ''),
        'what is marked',
      );
    await page.keyboard.press('Escape');
    await page.keyboard.press('Escape');
    await page.waitForSelector('.hits', { state: 'detached' });
  }
  await page.keyboard.press('/');
  await page.keyboard.type(wrong);
  await page.waitForSelector(`#hits [role=option]:has-text("${code}")`);
  await assertAccessible(page);
  await page.keyboard.press('Enter');
  await page.waitForSelector(`.matrix td[data-code^="${dormitory}"]`);
  await page.waitForURL(new RegExp(`/b/${dormitory}`));
  await page.keyboard.press('/');
  await page.waitForSelector(`#hits:has(.heading:has-text("最近")) [role=option]:has-text("${code}")`);
  assert.deepEqual(complaints, []);
  await close();
});

test('a street’s account finds nothing of others, and no such building', async () => {
  const other = sql(
    `select code from building where not starts_with(code, (select code from account where name = 'grid')) limit 1`,
  );
  const { page, close } = await openPage(browser, server.address);
  await enter(page, server, 'grid', '/?lang=en', '.search input');
  await page.keyboard.press('/');
  const asked = page.waitForResponse((r) => r.url().includes(`/api/v1/search?q=${other}`));
  await page.keyboard.type(other);
  assert.ok((await asked).ok());
  // What was found is shown: an own house may be one digit away.
  await page.waitForSelector('.hits .none, #hits [role=option]');
  for (const text of await page.locator('#hits [role=option]').allTextContents())
    assert.ok(!text.includes(other), text);
  const { items } = await (await asked).json();
  assert.ok(!JSON.stringify(items).includes(other), 'it was sent and not shown');
  await page.goto(`${server.address}/b/${other}?lang=en`);
  await page.waitForSelector('text=There is no such page');
  await close();
});

test('a phone of 360 pixels: own grid first, what is near, a sheet for the thumb', async () => {
  const own = sql(`select code from account where name = 'grid'`);
  const [house, lon, lat] = sql(`select b.code, st_x(p), st_y(p) from building b, st_pointonsurface(geom) p
    where code like '${own}%' order by code limit 1`).split('|');
  const { page, complaints, close } = await openPage(browser, server.address, {
    ...phone,
    permissions: ['geolocation'],
    geolocation: { longitude: Number(lon), latitude: Number(lat) },
  });
  await enter(page, server, 'grid', `/b/${house}?lang=zh`, rooms);
  await page.tap('.search input');
  const risky = sql(
    `select count(*) from building_state where code like '${own}%' and grade in ('red', 'orange')`,
  );
  if (risky !== '0') await page.waitForSelector('#hits .heading:has-text("我的网格")');
  await page.tap('.offers button:has-text("附近")');
  await page.waitForSelector('#hits li[role=option]:has(data:has-text("米"))');
  assert.match(await page.locator('#hits [role=option]').first().textContent(), new RegExp(house));
  await page.locator('#hits [role=option]').first().tap();
  await page.waitForSelector('.hits', { state: 'detached' });
  await page.locator('.matrix td.room').first().tap();
  await page.waitForSelector('.room-card .facts');
  await until(
    () => page.locator('.room-card').boundingBox(),
    (sheet) => Math.abs(sheet.y + sheet.height - phone.viewport.height) < 2 && sheet.width >= 358,
    'the card is a sheet at the bottom',
  );
  await assertForThumbs(page, 'room');
  await assertAccessible(page);
  assert.deepEqual(complaints, []);
  await close();
});

test('a building prints as one A4', async () => {
  const { page, close } = await openPage(browser, server.address, { viewport: { width: 1366, height: 768 } });
  for (const code of [tower, dormitory]) {
    if (code === tower) await enter(page, server, 'duty', `/b/${code}?lang=zh&by=declaration`, rooms);
    else await page.goto(`${server.address}/b/${code}?lang=en&by=use`);
    await page.waitForSelector(`.matrix td[data-code^="${code}"]`);
    await page.waitForSelector('.house-ledger li');
    const pdf = (await page.pdf({ preferCSSPageSize: true, printBackground: true })).toString('latin1');
    assert.match(pdf, /\/Count 1\b/, `${code} does not fit on one page`);
    assert.match(pdf, /\/MediaBox \[0 0 59[45][.\d]* 84[12]/, 'the page is no A4');
  }
  await close();
});

/** The text in the only QR code of a picture. */
async function decode(png) {
  const file = createRequire(import.meta.url).resolve('zxing-wasm/reader/zxing_reader.wasm');
  prepareZXingModule({ overrides: { wasmBinary: readFileSync(file).buffer } });
  const { width, height, data } = PNG.sync.read(png);
  const found = await readBarcodes({ width, height, data: new Uint8ClampedArray(data), colorSpace: 'srgb' });
  return found.map((f) => f.text).join();
}

test('a plate’s code leads back to its room: read from a picture, and by the page’s own camera', async () => {
  const room = `${tower}007003`;
  const { page, close } = await openPage(browser, server.address, { viewport: { width: 900, height: 900 } });
  await enter(page, server, 'duty', `/b/${room}?lang=en&show=plate`, '.plate .qr');
  await page.waitForSelector('.plate-unit');
  const picture = await page.locator('.plate').screenshot();
  assert.equal(await decode(picture), `${server.address}/b/${room}`);
  const words = await page.textContent('.plate');
  for (const word of ['云顶公寓', 'Yunding Tower', '703', '440304', '扫码', 'Scan'])
    assert.ok(words.includes(word), word);
  // A camera's frame: its sides are even numbers.
  const { x, y, width } = await page.locator('.plate').boundingBox();
  const side = 2 * Math.floor(width / 2);
  const clip = { x: Math.ceil(x), y: Math.ceil(y), width: side, height: side };
  const frame = await page.screenshot({ type: 'jpeg', quality: 92, clip });
  await close();
  const folder = mkdtempSync(join(tmpdir(), 'gridweave-camera-'));
  const film = join(folder, 'plate.mjpeg');
  writeFileSync(film, Buffer.concat(Array.from({ length: 20 }, () => frame)));
  const camera = await launch([
    '--use-fake-ui-for-media-stream',
    '--use-fake-device-for-media-stream',
    `--use-file-for-fake-video-capture=${film}`,
  ]);
  try {
    const scan = await openPage(camera, server.address, {
      viewport: { width: 390, height: 844 },
      permissions: ['camera'],
    });
    await enter(scan.page, server, 'duty', `/b/${dormitory}?lang=en`, rooms);
    await scan.page.click('.search input');
    await scan.page.click('.offers button:has-text("Scan")');
    await scan.page.waitForURL(`**/b/${room}**`);
    await scan.page.waitForSelector('.room-card h2:has-text("703")');
    assert.deepEqual(scan.complaints, []);
    await scan.close();
  } finally {
    await camera.close();
    rmSync(folder, { recursive: true });
  }
});

test('both languages and both themes, without a serious finding', async () => {
  const { page, complaints, close } = await openPage(browser, server.address, {
    viewport: { width: 1366, height: 768 },
  });
  const [room, zh, en] =
    sql(`select d.code, name_zh, name_en from declaration d join building b on b.code = left(d.code, 19)
    join building_state s on s.building_id = b.id
    where status = 'accepted' and rooms between 10 and 40 and grade <> 'grey' order by d.code limit 1`).split(
      '|',
    );
  await enter(page, server, 'duty', `/b/${room}?lang=zh`, '.room-card .people li');
  await assertAccessible(page);
  await page.waitForSelector(`.house-title h2:text-is("${zh}")`);
  await page.click('.tools button:text-is("EN")');
  await page.waitForSelector(`.house-title h2:text-is("${en}")`);
  await page.click('.tools button[title="Light or dark"]');
  await page.waitForSelector('html[data-theme=light]');
  await assertAccessible(page);
  // But for the surnames that are left of people's names.
  const untranslated = (await page.textContent('main'))
    .replace(/\p{Script=Han}\*+/gu, '')
    .match(/\p{Script=Han}+/gu);
  assert.deepEqual(untranslated, null, 'Chinese on the English page');
  assert.deepEqual(complaints, []);
  await close();
});
