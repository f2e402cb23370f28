// The live wall against the real server: what one browser reports shows in another, and nowhere else.
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { assertAccessible, countPixels, openPage, present, settled, shows, signIn } from './page.mjs';
import { stage } from './stage.mjs';
import { closeUp, hears, known, live, ticking } from './wall.mjs';

const { server, browser, sql, building, report } = await stage();

test('an incident reported in one browser appears in another, in its colour, where the scope allows', async () => {
  const own = sql(`select code from account where name = 'station'`);
  const other = sql(
    `select code from area where level = 'community' and code <> '${own}' order by code limit 1`,
  );
  assert.notEqual(other, '');
  const here = building(own);
  const elsewhere = building(other);
  const duty = await openPage(browser, server.address);
  await signIn(duty.page, server, 'duty', closeUp(here));
  const local = await openPage(browser, server.address);
  await signIn(local.page, server, 'station', closeUp(here));
  await Promise.all([live(duty.page), live(local.page)]);
  await Promise.all([ticking(duty.page), ticking(local.page)]);
  await settled(local.page);
  const before = await countPixels(local.page, '#7fb3ff');

  // Picked on the map, typed, sent.
  await duty.page.keyboard.press('n');
  await duty.page.click('.report button:has-text("Choose on the map")');
  await duty.page.locator('.map').click({ position: { x: 90, y: 230 } });
  await duty.page.fill('.report input[type=search]', '0519');
  await duty.page.selectOption('.report select[name=type]', '0519');
  await duty.page.fill('.report textarea', 'smoke from a window');
  await duty.page.click('.report button[type=submit]');
  await duty.page.waitForSelector('.detail .case-state strong:text-is("Reported")');
  const id = Number(sql('select max(id) from incident'));
  assert.equal(
    sql(`select type || ' ' || description from incident where id = ${id}`),
    '0519 smoke from a window',
  );

  await local.page.waitForSelector('.ticker li.alarm:first-child:has-text("Fire")');
  await local.page.waitForSelector('.alarms:has-text("Fire")');
  await hears(local.page, id);
  await shows(local.page, '#7fb3ff', before + 40);

  // What happens in another community reaches the district's page and not the station's, which hears what is later.
  const there = report(elsewhere, '0504');
  await hears(duty.page, there);
  await duty.page.waitForSelector('.ticker li:first-child:has-text("E-bike charging")');
  await hears(local.page, report(here, '0105'));
  assert.equal(await known(local.page, there), false);
  assert.match(await local.page.innerText('.ticker li:nth-child(2)'), /Fire/);
  assert.deepEqual([...duty.complaints, ...local.complaints], []);
  await Promise.all([duty.close(), local.close()]);
});

test('a house that is graded anew changes its colour before its tile does', async () => {
  const b = sql(
    `select building_id from building_state where grade = 'green' order by residents desc limit 1`,
  );
  const [lon, lat] = sql(
    `select st_x(p), st_y(p) from (select st_pointonsurface(geom) p from building where id = ${b}) x`,
  ).split('|');
  const { page, close } = await openPage(browser, server.address);
  await signIn(page, server, 'duty', `/?at=${lon},${lat},18&lang=en&cases=none`);
  await live(page);
  await settled(page);
  const before = await countPixels(page, '#d7263d');
  // No tile is answered from here on: what changes the colour is the stream.
  await page.route('**/tiles/**', (route) => route.abort());
  sql(`update building_state set grade = 'red' where building_id = ${b}`);
  try {
    await shows(page, '#d7263d', before + 300);
  } finally {
    sql(`update building_state set grade = 'green' where building_id = ${b}`);
  }
  await page.waitForSelector('.ticker li.alarm .mark.grade');
  await close();
});

test('the last day is played again, and says that it is the past', async () => {
  const { page, complaints, close } = await openPage(browser, server.address);
  await signIn(page, server, 'duty', '/?lang=en&speed=60');
  await live(page);
  const now = await page.textContent('.key-figures li:nth-child(2) strong');
  const at = Math.floor(Date.now() / 1000) - 20 * 3600;
  await page.goto(page.url().replace(/[?]/, `?replay=${at}&`));
  await page.waitForSelector('.wall.in-past .time-now:has-text("Replay")');
  const open = Number(
    sql(`select count(*) from incident i where reported_at < to_timestamp(${at}) and not exists
         (select from evidence e where e.noun = 'incident' and e.subject = i.id::text and e.at < to_timestamp(${at})
          and e.after ->> 'status' in ('closed', 'rejected')
          and not exists (select from evidence l where l.noun = 'incident' and l.subject = e.subject and l.at > e.at and l.at < to_timestamp(${at})))`),
  );
  // The past is asked for and comes; until then the figures are the present's, or not there yet.
  await page.waitForSelector('.ticker h2:text-is("As it happened")');
  await page.waitForFunction((open) => {
    const shown = document.querySelector('.key-figures li:nth-child(2) strong')?.textContent;
    return shown && Math.abs(Number(shown.replaceAll(',', '')) - open) <= Math.max(5, open * 0.05);
  }, open);
  const rows = await page.evaluate(() => document.querySelectorAll('.ticker li').length);
  await page.keyboard.press(' '); // plays
  await page.waitForFunction((n) => document.querySelectorAll('.ticker li').length > n, rows);
  await assertAccessible(page);
  await page.click('.live-chip');
  await page.waitForSelector('.wall:not(.in-past)');
  await page.waitForFunction(
    (n) => document.querySelector('.key-figures li:nth-child(2) strong')?.textContent === n,
    now,
  );
  await page.waitForURL((url) => !url.searchParams.has('replay'));
  assert.deepEqual(complaints, []);
  await close();
});

test('a session that ended leads to the sign-in page, and from there back to the same view', async () => {
  const { page, close } = await openPage(browser, server.address);
  await signIn(page, server, 'duty', '/?lang=en&hide=green&cases=overdue');
  await live(page);
  sql('delete from session');
  await page.waitForSelector('input[name=password]');
  const url = page.url();
  assert.match(url, /hide=green/);
  await present(page, server, 'duty');
  await live(page);
  assert.match(page.url(), /hide=green/);
  assert.match(page.url(), /cases=overdue/);
  await close();
});

test('every layer has its list, and everything can be reached by keys, in both languages', async () => {
  for (const [lang, list] of [
    ['zh', '在办事件'],
    ['en', 'Open incidents'],
  ]) {
    const { page, complaints, close } = await openPage(browser, server.address);
    await signIn(page, server, 'duty', `/?lang=${lang}`);
    await live(page);
    await page.keyboard.press('l');
    await page.waitForSelector(`.list:has-text("${list}") tbody tr`);
    const n = Number(sql('select count(*) from incident where due_at is not null'));
    const rows = await page.locator('.list tbody tr').count();
    assert.equal(rows, Math.min(n, 200));
    await page.keyboard.press('Escape');
    await page.keyboard.press('j');
    await page.waitForSelector('.detail');
    await page.waitForURL(/sel=[bid]/);
    await page.keyboard.press('?');
    await page.waitForSelector('dialog.help[open]');
    await assertAccessible(page);
    assert.deepEqual(complaints, []);
    await close();
  }
});
