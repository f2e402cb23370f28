// What can be taken away from the screens, under their own Content-Security-Policy: the files say what SQL says.
import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { test } from 'node:test';
import { strFromU8, unzipSync } from 'fflate';
import { PNG } from 'pngjs';
import { assertAccessible, enter, openPage, signIn } from './page.mjs';
import { stage } from './stage.mjs';
import { live } from './wall.mjs';

const { server, browser, sql } = await stage();

/** Presses what saves a file, and reads it. */
async function taken(page, button) {
  const [download] = await Promise.all([page.waitForEvent('download'), page.click(button)]);
  return { name: download.suggestedFilename(), body: readFileSync(await download.path()) };
}

const open = `status not in ('closed', 'rejected', 'merged')`;

test('the wall: cases and areas as CSV, everything as a workbook, the map as a picture', async () => {
  const { page, complaints, close } = await openPage(browser, server.address, {
    viewport: { width: 1100, height: 500 },
  });
  await signIn(page, server, 'duty', '/?lang=en');
  await live(page);
  await page.waitForSelector('.league tbody tr');
  const menu = 'button[aria-label="Export"]';

  await page.click(menu);
  await assertAccessible(page);
  const cases = await taken(page, '.menu button:has-text("Open incidents")');
  assert.match(cases.name, /^gridweave-cases-440304-\d{8}-\d{4}\.csv$/);
  const lines = cases.body.toString('utf8').trimEnd().split('\r\n');
  assert.ok(lines[0].startsWith('\ufeff# Area,'));
  const head = lines.findIndex((l) => l.startsWith('Number,'));
  assert.equal(lines.length - head - 1, Number(sql(`select count(*) from incident where ${open}`)));

  await page.click(menu);
  const areas = (await taken(page, '.menu button:has-text("Areas below")')).body.toString('utf8');
  for (const row of sql(
    `select left(code, 9), count(*) from incident where ${open} group by 1 order by 1`,
  ).split('\n')) {
    const [code, n] = row.split('|');
    const line = areas.split('\r\n').find((l) => l.startsWith(`${code},`));
    assert.equal(line?.split(',')[3], n, `${code} has ${n}: ${line}`);
  }

  await page.click(menu);
  const book = await taken(page, '.menu button:has-text("XLSX")');
  assert.match(book.name, /\.xlsx$/);
  const files = unzipSync(book.body);
  assert.equal(Object.keys(files).filter((f) => /worksheets\/sheet\d+\.xml$/.test(f)).length, 4);
  assert.match(strFromU8(files['xl/workbook.xml']), /Open incidents/);

  await page.click(menu);
  const picture = await taken(page, '.menu button:has-text("PNG")');
  const png = PNG.sync.read(picture.body);
  const canvas = await page.evaluate(() => {
    const c = document.querySelector('.map canvas');
    return [c.width, c.height];
  });
  assert.equal(png.width, canvas[0]);
  assert.ok(png.height > canvas[1] + 60, 'title and legend are around the map');
  assert.deepEqual(complaints, []);
  await close();
});

test('a building: its rooms as CSV and as a workbook', async () => {
  const { page, complaints, close } = await openPage(browser, server.address, {
    viewport: { width: 1100, height: 500 },
  });
  const [code, rooms] = sql(
    `select left(code, 19), count(*) from room group by 1 order by 2 desc, 1 limit 1`,
  ).split('|');
  await enter(page, server, 'duty', `/b/${code}?lang=zh`, '.matrix td.room');
  const text = (await taken(page, '.takeaway button:has-text("CSV")')).body.toString('utf8');
  assert.equal(
    text.split('\r\n').filter((l) => l.includes(`,${code}`) && !l.startsWith('#')).length,
    Number(rooms),
  );
  const files = unzipSync((await taken(page, '.takeaway button:has-text("XLSX")')).body);
  assert.ok(strFromU8(files['xl/worksheets/sheet1.xml']).length > 0);
  assert.deepEqual(complaints, []);
  await close();
});
