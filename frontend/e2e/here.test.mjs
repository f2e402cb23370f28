// A phone that stands in the district: the wall goes there, and names the grid.
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { assertAccessible, openPage, settled, signIn } from './page.mjs';
import { assertForThumbs, phone } from './phone.mjs';
import { stage } from './stage.mjs';

const { server, browser, sql } = await stage();

/** A point within a grid, and the grid's name; `where` says which. */
function inGrid(where) {
  const [code, name, lon, lat] = sql(
    `select code, name_en, st_x(p), st_y(p) from (select code, name_en, st_pointonsurface(geom) p from area
     where level = 'grid' and ${where} order by code limit 1) g`,
  ).split('|');
  return { code, name, longitude: Number(lon), latitude: Number(lat), accuracy: 12 };
}

test('the wall goes to where the phone is and shows the grid there, but nothing outside of its own area', async () => {
  const own = sql(`select code from account where name = 'station'`);
  const here = inGrid(`code like '${own}%'`);
  const { page, complaints, close } = await openPage(browser, server.address, {
    ...phone,
    permissions: ['geolocation'],
    geolocation: here,
  });
  await signIn(page, server, 'station', '/?lang=en');
  await assertAccessible(page);
  await page.click('.here-button');
  await page.waitForSelector('.here-dot');
  await page.waitForSelector(`.sheet h2:text-is("${here.name}")`);
  await settled(page);
  const at = await page.evaluate(() => document.querySelector('.map').map.getCenter().toArray());
  assert.ok(Math.abs(at[0] - here.longitude) < 1e-3 && Math.abs(at[1] - here.latitude) < 1e-3, `${at}`);

  await page.click('.sheet-head .icon-button');
  await page.waitForSelector('.sheet', { state: 'detached' });
  await page.waitForSelector('.here-text:has-text("Within 12 m")');
  await assertForThumbs(page, 'where the phone is');
  await page.click('.here-button');
  await page.waitForSelector('.here-dot', { state: 'detached' });

  await page.context().setGeolocation(inGrid(`code not like '${own}%'`));
  await page.click('.here-button');
  await page.waitForSelector('.here-text:has-text("outside of your own area")');
  assert.equal(await page.locator('.sheet').count(), 0);
  assert.deepEqual(complaints, []);
  await close();
});

test('who does not allow it is told so', async () => {
  const { page, close } = await openPage(browser, server.address, phone);
  await signIn(page, server, 'station', '/?lang=en');
  await page.click('.here-button');
  await page.waitForSelector('.here-text:has-text("not allowed")');
  await close();
});
