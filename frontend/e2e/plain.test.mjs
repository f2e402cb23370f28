// Browsers that the pages do not run in, or not wholly: without scripts, too old, without WebGL. Against the real server.
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { isDeepStrictEqual } from 'node:util';
import { assertAccessible, launch, openPage, present, until } from './page.mjs';
import { stage } from './stage.mjs';

const { server, browser, sql } = await stage();

async function fillIn(page, account) {
  await page.fill('input[name=account]', account);
  await page.fill('input[name=password]', server.password(account));
  await page.click('form.signin button');
}

const digits = async (locator) => Number((await locator.innerText()).replace(/\D/g, ''));

test('without scripts one signs in, finds open cases, houses and rooms, and nothing beyond the own area', async () => {
  const { page, complaints, close } = await openPage(browser, server.address, {
    javaScriptEnabled: false,
    locale: 'en-GB',
  });
  const own = sql(`select code from account where name = 'station'`);
  await page.goto(server.address);
  await page.click('noscript a[href*="lang=en"]');
  await fillIn(page, 'station');
  await page.waitForURL(`**/plain/area/${own}*`);
  const cases = page.locator('.go a').first();
  assert.equal(
    await digits(cases),
    Number(
      sql(
        `select count(*) from incident where code like '${own}%' and status not in ('closed', 'rejected', 'merged')`,
      ),
    ),
  );
  // Each click leads to another page: what is done next waits for that.
  const go = async (what, path) => {
    await page.click(what);
    await page.waitForURL(path);
  };
  await cases.click();
  await page.waitForURL(`**/area/${own}/incidents*`);
  assert.match(await page.innerText('h1'), /Open incidents/);

  await go('.go a >> nth=0', `**/plain/area/${own}*`);
  await go('.go a:has-text("Buildings")', `**/area/${own}/buildings*`);
  await go('.go a:has-text("Sound")', /grade=green/);
  const [code, rooms] = sql(
    `select b.code, count(r.*) from building b join building_state s on s.building_id = b.id left join room r on left(r.code, 19) = b.code
     where b.code like '${own}%' and s.grade = 'green' group by 1 order by 1 limit 1`,
  ).split('|');
  await go(`a[href*="${code}"]`, new RegExp(code));
  assert.equal(await page.locator('table:last-of-type tbody tr').count(), Number(rooms));

  const other = sql(
    `select code from area where level = 'community' and code <> '${own}' order by 1 limit 1`,
  );
  const answer = await page.goto(`${server.address}/plain/area/${other}?lang=en`);
  assert.equal(answer.status(), 404);
  assert.match(await page.innerText('h1'), /no such page/);
  await page.goto(`${server.address}/plain`);
  await page.click('button:has-text("Sign out")');
  await page.waitForSelector('input[name=password]');
  await page.goto(`${server.address}/plain/area/${own}?lang=en`);
  assert.equal(await page.locator('.go a').count(), 0, 'what was left shows still');
  assert.deepEqual(
    complaints.filter((c) => !c.includes('404')),
    [],
  );
  await close();
});

test('the plain pages are good to a screen reader in both languages', async () => {
  const { page, close } = await openPage(browser, server.address);
  await page.goto(`${server.address}/plain?lang=zh`);
  await assertAccessible(page);
  await fillIn(page, 'duty');
  await page.waitForURL('**/plain/area/440304*');
  for (const path of ['', '/area/440304/incidents', '/area/440304/buildings']) {
    for (const lang of ['zh', 'en']) {
      await page.goto(`${server.address}/plain${path}?lang=${lang}`);
      await assertAccessible(page);
    }
  }
  await page.click('table a >> nth=0');
  await page.waitForURL(/\d{19}/);
  await assertAccessible(page);
  await close();
});

test('a browser that is too old is led to the plain page of the same place', async () => {
  const { page, close } = await openPage(browser, server.address);
  await page.addInitScript(() => {
    delete globalThis.structuredClone;
  });
  await page.goto(`${server.address}/wall/440304`);
  await page.waitForURL('**/plain/area/440304');
  await fillIn(page, 'duty');
  await page.waitForURL('**/plain/area/440304?lang=zh');
  await close();
});

test('without WebGL the wall shows its lists, which do everything that the map does', async () => {
  const plain = await launch(['--disable-gpu', '--disable-webgl', '--disable-webgl2', '--disable-3d-apis']);
  try {
    const { page, complaints, close } = await openPage(plain, server.address, {
      viewport: { width: 1366, height: 768 },
    });
    await page.goto(`${server.address}/?lang=en`);
    await present(page, server, 'duty');
    await page.waitForSelector('.pill.live');
    await page.waitForSelector('.instead [role=alert]:has-text("cannot draw the map")');
    assert.equal(await page.locator('.map canvas').count(), 0);

    await page.click('.instead tbody tr button >> nth=0');
    await page.waitForSelector('.detail .case-state');
    await page.click('.detail .sheet-head .icon-button');
    await page.click('.instead .chip:has-text("Houses")');
    await page.waitForSelector('.instead th:text-is("Grade")');
    await followsTheGrades(page);
    await page.click('.instead tbody tr button >> nth=0');
    await page.waitForSelector('.detail a[href^="/b/"]');
    await assertAccessible(page);
    assert.deepEqual(complaints, []);
    await close();
  } finally {
    await plain.close();
  }
});

/** The list has the worst first, leaves out what the legend does, and changes with the grades. */
async function followsTheGrades(page) {
  const area = sql(`select code from account where name = 'duty'`);
  const listed = () =>
    page.locator('.instead tbody tr').evaluateAll((rows) => rows.map((r) => r.cells[0].innerText));
  const worst = (grades) =>
    sql(`select coalesce(nullif(name_en, ''), nullif(name_zh, ''), nullif(address_en, ''), address_zh)
      from building b join building_state s on s.building_id = b.id where b.code like '${area}%' and s.grade in (${grades})
      order by array_position(array['red', 'orange', 'yellow', 'green', 'grey'], s.grade), b.code limit 200`).split(
      '\n',
    );
  const shows = async (grades) => {
    const want = worst(grades);
    await until(listed, (all) => isDeepStrictEqual(all, want), `the houses are not ${want}, but`);
    return want;
  };
  const [first] = await shows(`'red', 'orange', 'yellow', 'green', 'grey'`);
  await page.click('.legend button:has-text("Critical")');
  await shows(`'orange', 'yellow', 'green', 'grey'`);
  await page.click('.legend button:has-text("Critical")');
  await shows(`'red', 'orange', 'yellow', 'green', 'grey'`);
  sql(`update building_state set grade = 'green' where building_id = (select s.building_id from building_state s
    where code like '${area}%' and grade = 'red' order by code limit 1)`);
  const [next] = await shows(`'red', 'orange', 'yellow', 'green', 'grey'`);
  assert.notEqual(next, first, 'two houses of the same name: the test proves nothing');
}
