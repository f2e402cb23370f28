import assert from 'node:assert/strict';
import { test } from 'node:test';
import { assertAccessible, countPixels, openPage, settled, shows, signIn } from './page.mjs';
import { stage } from './stage.mjs';

const { server, browser, sql } = await stage();

/** The URL of a view on a building, close up. */
function viewOf(id) {
  const [lon, lat] = sql(
    `select st_x(p), st_y(p) from (select st_pointonsurface(geom) p from building where id = ${id}) x`,
  ).split('|');
  return `/?at=${lon},${lat},18&lang=en`;
}

test('a wrong password is refused in words', async () => {
  const { page, close } = await openPage(browser, server.address);
  await page.goto(`${server.address}/?lang=en`);
  await page.fill('input[name=account]', 'duty');
  await page.fill('input[name=password]', 'certainly wrong');
  await page.click('button[type=submit]');
  await page.waitForSelector('[role=alert]');
  assert.equal(await page.textContent('[role=alert]'), 'Account or password is wrong');
  await assertAccessible(page);
  await close();
});

test('sign-in leads to a map with the houses in their colours, and a click to a house’s facts', async () => {
  const id = sql(
    `select building_id from building_state where grade = 'green' order by residents desc limit 1`,
  );
  const { page, complaints, close } = await openPage(browser, server.address);
  await signIn(page, server, 'duty', `${viewOf(id)}&cases=none`);
  await shows(page, '#1b9e8f', 300, 40);

  await page.locator('.map').click();
  await page.waitForSelector('.detail .facts');
  const facts = await page.textContent('.detail');
  const [code, rooms] = sql(`select code, rooms from building_state where building_id = ${id}`).split('|');
  assert.ok(facts.includes(code), `the facts lack the code ${code}: ${facts}`);
  assert.ok(facts.includes(rooms));
  assert.ok(facts.includes('Sound'));
  await page.waitForURL(new RegExp(`sel=b${id}`));
  await assertAccessible(page);
  assert.deepEqual(complaints, []);
  await close();
});

test('a change in the database changes the map', async () => {
  const id = sql(
    `select building_id from building_state where grade = 'green' order by residents desc limit 1`,
  );
  const { page, close } = await openPage(browser, server.address);
  await signIn(page, server, 'duty', viewOf(id));
  const before = await countPixels(page, '#d7263d');
  sql(`update building_state set grade = 'red' where building_id = ${id}`);
  try {
    await shows(page, '#d7263d', before + 300);
  } finally {
    sql(`update building_state set grade = 'green' where building_id = ${id}`);
  }
  await close();
});

test('the legend counts as SQL does, and hides a grade', async () => {
  const { page, close } = await openPage(browser, server.address);
  await signIn(page, server, 'duty', '/?lang=en');
  for (const [grade, name] of [
    ['green', 'Sound'],
    ['red', 'Critical'],
    ['grey', 'Unrated or stale'],
  ]) {
    const n = Number(sql(`select count(*) from building_state where grade = '${grade}'`));
    const said = n.toLocaleString('en-GB');
    await page.waitForSelector(`.legend button:has(span:text-is("${name}")) data:text-is("${said}")`);
  }
  await page.keyboard.press('1');
  await page.waitForURL(/hide=green/);
  await page.waitForSelector('.legend button:has-text("Sound")[aria-pressed=false]');
  await close();
});

test('both languages, both themes, and search by keyboard', async () => {
  const { page, complaints, close } = await openPage(browser, server.address);
  await signIn(page, server, 'duty', '/?lang=zh');
  await page.waitForSelector('.crumbs:has-text("福田区")', { state: 'attached' }); // there is no room for it here
  await page.click('.tools button:text-is("EN")');
  await page.waitForSelector('html[lang=en] .crumbs:has-text("Futian District")', { state: 'attached' });
  await page.click('.tools button[title="Light or dark"]');
  await page.waitForSelector('html[data-theme=light]');
  await settled(page);
  await assertAccessible(page);
  const [id, code] = sql('select id, code from building order by id offset 20 limit 1').split('|');
  await page.keyboard.press('/');
  await page.keyboard.type(code);
  await page.keyboard.press('Enter'); // whether its answer is there or not
  await page.waitForSelector('.detail .facts');
  await page.waitForURL(new RegExp(`sel=b${id}`));
  assert.deepEqual(complaints, []);
  await close();
});

test('a phone shows map, legend and facts', async () => {
  const own = sql(`select code from account where name = 'grid'`);
  const id = sql(
    `select building_id from building_state where grade is not null and code like '${own}%' limit 1`,
  );
  const { page, complaints, close } = await openPage(browser, server.address, {
    viewport: { width: 390, height: 844 },
    hasTouch: true,
    isMobile: true,
  });
  await signIn(page, server, 'grid', `${viewOf(id)}&sel=b${id}`);
  await page.waitForSelector('.detail .facts');
  const wide = await page.evaluate(() => document.documentElement.scrollWidth);
  assert.ok(wide <= 390, `the page is ${wide} pixels wide`);
  await assertAccessible(page);
  assert.deepEqual(complaints, []);
  await close();
});
