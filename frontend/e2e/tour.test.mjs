// The first-run tour of the demo: once, to be skipped, by keys and for a screen reader, and nowhere but in a demo.
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { assertAccessible, openPage, signIn, until } from './page.mjs';
import { stage } from './stage.mjs';
import { live } from './wall.mjs';

const { server, browser, sql } = await stage();

const size = { viewport: { width: 1100, height: 500 } };
const gone = (page) => page.waitForSelector('.tour', { state: 'detached' });
/** Whether a tour is on, once everything is there that it would have come with. */
const shown = async (page) => {
  await live(page);
  return page.locator('.tour').count();
};

for (const [lang, first, last] of [
  ['zh', '欢迎来到演示辖区', '接下来'],
  ['en', 'Welcome to the demo district', 'What next'],
]) {
  test(`the wall is explained once, step by step, by keys (${lang})`, async () => {
    const { page, complaints, close } = await openPage(browser, server.address, { ...size, tour: true });
    await signIn(page, server, 'duty', `/?lang=${lang}`);
    await page.waitForSelector(`.tour h2:has-text("${first}")`);
    await page.waitForSelector(`.tour h2:focus:text-is("${first}")`); // where a screen reader begins
    await assertAccessible(page);
    const titles = [];
    for (let n = 0; n < 7; n++) {
      await page.locator('.tour .dim', { hasText: new RegExp(`^\\D*${n + 1}\\D`) }).waitFor();
      titles.push(await page.innerText('.tour h2'));
      await until(
        () => page.locator('.tour').boundingBox(),
        (box) => box.x >= 0 && box.y >= 0 && box.x + box.width <= 1100 && box.y + box.height <= 500,
        `step ${n + 1} stands on the screen`,
      );
      if (n < 6) await page.keyboard.press('ArrowRight');
    }
    assert.equal(new Set(titles).size, 7);
    assert.equal(titles.at(-1), last);
    await page.keyboard.press('ArrowLeft');
    await page.waitForSelector(`.tour h2:text-is("${titles[5]}")`);
    await page.keyboard.press('Escape');
    await gone(page);

    await page.reload();
    await page.waitForSelector('.league tbody tr');
    assert.equal(await shown(page), 0, 'it does not come again by itself');
    await page.keyboard.press('?');
    await assertAccessible(page);
    await page.click('dialog.help .secondary');
    await page.waitForSelector(`.tour h2:has-text("${first}")`);
    await page.click('.tour .plain');
    await gone(page);
    assert.deepEqual(complaints, []);
    await close();
  });
}

test('the wall works under its tour, and the other pages have their hint', async () => {
  const { page, close } = await openPage(browser, server.address, { ...size, tour: true });
  await signIn(page, server, 'duty', '/?lang=en');
  await page.waitForSelector('.tour');
  await page.click('.league tbody button >> nth=0');
  await page.waitForSelector('.league tr.on');
  const code = sql('select left(code, 19) from room group by 1 order by count(*) desc, 1 limit 1');
  await page.goto(`${server.address}/b/${code}?lang=en`);
  await page.waitForSelector('.tour h2:has-text("Every floor, every room")');
  await page.click('.tour .primary');
  await gone(page);
  await page.goto(`${server.address}/insight/440304?lang=en`);
  await page.waitForSelector('.tour h2:has-text("Reading the heatmap")');
  await assertAccessible(page);
  await close();
});

test('a server that shows no demo has no tour, and its help offers none', async () => {
  const { page, close } = await openPage(browser, server.address, { ...size, tour: true });
  await page.route('**/api/v1/session', async (route) => {
    const answer = await route.fetch();
    const account = await answer.json();
    if (answer.ok()) assert.equal(account.demo, true, 'this one shows a demo');
    await route.fulfill({ response: answer, json: { ...account, demo: false } });
  });
  await signIn(page, server, 'duty', '/?lang=en');
  await page.waitForSelector('.league tbody tr');
  assert.equal(await shown(page), 0);
  await page.keyboard.press('?');
  await page.waitForSelector('dialog.help[open]');
  assert.equal(await page.locator('dialog.help .secondary').count(), 0);
  await close();
});
