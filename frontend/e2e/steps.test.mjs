// What each role may do on the wall: the steps of a case's and a declaration's life, each taken back once before it is
// taken for good. The ten seconds are the page's clock's, which runs faster here.
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { isDeepStrictEqual } from 'node:util';
import { openPage, signIn, until } from './page.mjs';
import { stage } from './stage.mjs';
import { closeUp, hears, live, reportThere } from './wall.mjs';

const { server, browser, sql, building, report } = await stage();
const own = sql(`select code from account where name = 'grid'`);
const here = building(own);

/** A wall of an account, with what is selected in its card. */
async function wallOf(account, selected) {
  const opened = await openPage(browser, server.address);
  await opened.page.clock.install();
  await signIn(opened.page, server, account, `${closeUp(here)}&sel=${selected}`);
  await live(opened.page);
  await opened.page.waitForSelector('.detail .case-state');
  return opened;
}

const offered = (page) => page.locator('.detail .step-buttons button').allTextContents();

/** The card says what it knows at once, and what may be done when the server has answered. */
async function offers(page, steps, when) {
  await until(
    async () => (await offered(page)).toSorted(),
    (shown) => isDeepStrictEqual(shown, steps.toSorted()),
    `${when}, what is offered`,
  );
}

async function press(page, step, fields) {
  await page.click(`.detail .step-buttons button:text-is("${step}")`);
  for (const [name, value] of Object.entries(fields)) {
    const field = `.step-form [name=${name}]`;
    await page.waitForSelector(field);
    if (name === 'handler') await page.selectOption(field, value);
    else await page.fill(field, value);
  }
  if (Object.keys(fields).length > 0) await page.click('.step-form button[type=submit]');
  await page.waitForSelector(`.undo-bar:has-text("${step}")`);
}

/** Takes a step: presses it, takes that back, presses it again and lets the ten seconds pass. */
async function take(page, step, fields, state) {
  const posts = [];
  const note = (r) => r.method() === 'POST' && posts.push(r.url());
  page.on('request', note);
  await press(page, step, fields);
  await page.click('.undo-bar button:has-text("Undo")');
  await page.clock.fastForward(11_000);
  assert.equal(await page.locator('.undo-bar p').count(), 0);
  assert.deepEqual(posts, [], `${step} was sent although it had been taken back`);
  await press(page, step, fields);
  assert.deepEqual(posts, [], `${step} was sent at once`);
  await page.clock.fastForward(11_000);
  // The whole text: "To be verified" contains "Verified".
  await page.waitForSelector(`.detail .case-state strong:text-is("${state}")`);
  page.off('request', note);
}

test('the life of a case, from who reports it in a house to who closes it', async () => {
  // A place taken from a building.
  const first = await openPage(browser, server.address);
  await signIn(first.page, server, 'duty', `${closeUp(here)}&sel=b${here.id}`);
  await live(first.page);
  await first.page.click('.detail button:has-text("Report here")');
  await reportThere(first.page, '0105', 'a cart on the road');
  await first.close();
  const [id, at] = sql('select id, building_id from incident order by id desc limit 1').split('|');
  assert.equal(Number(at), here.id);

  const course = [
    // who, what they may do, the step, its fields, the state after it
    ['street', ['File', 'Reject'], 'File', {}, 'To be assigned'],
    ['street', ['Assign'], 'Assign', { handler: 'grid' }, 'Assigned'],
    ['grid', ['Return', 'Acknowledge'], 'Return', { reason: 'not mine' }, 'Returned'],
    ['duty', ['Assign'], 'Assign', { handler: 'grid' }, 'Assigned'],
    ['grid', ['Return', 'Acknowledge'], 'Acknowledge', {}, 'In hand'],
    ['grid', ['Resolve'], 'Resolve', { resolution: 'moved on' }, 'To be verified'],
    ['station', ['Verify', 'Send back'], 'Send back', { reason: 'it is back' }, 'Rework'],
    ['grid', ['Resolve'], 'Resolve', { resolution: 'moved on for good' }, 'To be verified'],
    ['verifier', ['Verify', 'Send back'], 'Verify', {}, 'To be closed'],
    ['station', ['Close'], 'Close', {}, 'Closed'],
    ['street', ['Reopen'], 'Reopen', { reason: 'it is back again' }, 'To be assigned'],
  ];
  let page;
  let close = () => {};
  let who = '';
  for (const [account, may, step, fields, state] of course) {
    if (who !== account) {
      await close();
      ({ page, close } = await wallOf(account, `i${id}`));
      who = account;
    }
    await offers(page, may, `${account}, before ${step}`);
    await take(page, step, fields, state);
  }
  // Who only looks on is offered nothing.
  await close();
  const leader = await wallOf('leader', `i${id}`);
  assert.deepEqual(await offered(leader.page), []);
  const steps = sql(
    `select string_agg(action, ' ' order by id) from evidence where noun = 'incident' and subject = '${id}'`,
  );
  assert.equal(
    steps,
    'report file assign return assign acknowledge resolve rework resolve verify close reopen',
    'each step is in the ledger, once',
  );
  await leader.close();
});

test('a declaration is accepted by its station, doubted and visited', async () => {
  const id = sql(
    `select id from declaration where code like '${own}%' and status = 'accepted' order by submitted_at desc limit 1`,
  );
  const put = (status) =>
    sql(`update declaration set status = '${status}', due_at = now() + interval '1 day' where id = ${id}`);
  put('submitted');
  const office = await wallOf('station', `d${id}`);
  await offers(office.page, ['Accept', 'Doubt'], 'station');
  await take(office.page, 'Doubt', { reason: 'nobody knows them' }, 'Doubtful');
  await office.close();
  const visit = await wallOf('grid', `d${id}`);
  await offers(visit.page, ['Nobody home', 'Refute', 'Verify'], 'grid');
  await take(visit.page, 'Verify', {}, 'Accepted');
  await visit.close();
  put('submitted');
  const again = await wallOf('duty', `d${id}`);
  await take(again.page, 'Accept', { reason: 'their employer says so' }, 'Accepted');
  await again.close();
  assert.equal(sql(`select status from declaration where id = ${id}`), 'accepted');
});

test('an open card follows what others do', async () => {
  const id = report(here, '0105');
  const state = (text) => `.detail .case-state strong:text-is("${text}")`;
  const { page, close } = await wallOf('street', `i${id}`);
  await page.waitForSelector(state('Reported'));
  sql(`update incident set status = 'filed' where id = ${id}`);
  await page.waitForSelector(state('To be assigned'));
  await offers(page, ['Assign'], 'after somebody else filed it');
  const declared = sql(
    `select id from declaration where code like '${own}%' and status = 'accepted' order by submitted_at desc limit 1`,
  );
  await page.evaluate(
    (id) => history.replaceState(null, '', location.href.replace(/sel=[^&]*/, `sel=d${id}`)),
    declared,
  );
  await page.reload();
  await live(page);
  await page.waitForSelector(state('Accepted'));
  sql(`update declaration set status = 'doubtful', due_at = now() + interval '1 day' where id = ${declared}`);
  await page.waitForSelector(state('Doubtful'));
  await close();
});

test('who leaves the page within the ten seconds has the step taken, and a refusal is said', async () => {
  const id =
    sql(`insert into incident (code, building_id, geom, type, status, source, due_at) select '${here.code}', ${here.id},
    st_setsrid(st_makepoint(${here.lon}, ${here.lat}), 4326), '0105', 'reported', 'hotline', now() + interval '1 hour' returning id`);
  const { page, close } = await wallOf('street', `i${id}`);
  const answer = page.waitForResponse((r) => r.url().endsWith(`/incidents/${id}/file`));
  await press(page, 'File', {});
  await page.click('.screens a >> nth=1');
  await answer;
  await page.waitForSelector('.insight');
  assert.equal(sql(`select status from incident where id = ${id}`), 'filed');
  await close();
  // Somebody else was faster.
  const late = await wallOf('street', `i${id}`);
  await hears(late.page, Number(id));
  await press(late.page, 'Assign', { handler: 'grid' });
  sql(`update incident set status = 'closed', due_at = null, closed_at = now() where id = ${id}`);
  await late.page.clock.fastForward(11_000);
  await late.page.waitForSelector('.undo-bar [role=alert]');
  await late.close();
});
