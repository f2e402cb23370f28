// A shift of eight hours at 50 events a second, told to a page as fast as the database and the stream will: afterwards
// its heap is what it was, and its map shows what a page shows that was opened just now, and what SQL says.
import { openPage, settled, signIn } from '../e2e/page.mjs';
import { meter, shownGrades } from './page.mjs';

const eventsOfAShift = 8 * 3600 * 50;
const batch = 500;
const words = ['green', 'yellow', 'orange', 'red', 'grey'];

/** Gives rows of the bench: case, metric, value, unit, budget. */
export async function shift({ browser, server, db, view, quick }) {
  const events = quick ? eventsOfAShift / 100 : eventsOfAShift;
  const { page, close } = await openPage(browser, server.address);
  await signIn(page, server, 'duty', view(15));
  await page.waitForSelector('.pill.live', { timeout: 60_000 });
  const m = await meter(page);
  // The first part fills what the page keeps: its ticker, its grades.
  await feed(db, 20 * batch);
  await caughtUp(page, db);
  const before = await m.heap();
  const took = await feed(db, events);
  await caughtUp(page, db);
  const grown = (await m.heap()) - before;

  const fresh = await openPage(browser, server.address);
  await signIn(fresh.page, server, 'duty', view(15));
  const differ = await differences(db, await shownGrades(page), await shownGrades(fresh.page));
  await Promise.all([close(), fresh.close()]);
  const name = `shift of ${events} events`;
  return [
    [name, 'times_their_pace', events / 50 / took, 'x'],
    [name, 'heap_growth', grown, 'MB', 8],
    [name, 'houses_unlike_fresh_page', differ.fresh, '', 0],
    [name, 'houses_unlike_sql', differ.sql, '', 0],
    [name, 'houses_compared', differ.compared, ''],
  ];
}

/** Changes grades of random houses, so many in a transaction, and gives the seconds it took. */
async function feed(db, events) {
  const session = db.session();
  const began = Date.now();
  for (let n = 0; n < events; n += batch) {
    await session.run(`with chosen as (
        select building_id from building_state where grade is not null
          and building_id > (random() * (select max(building_id) from building_state))::int - ${2 * batch}
        order by building_id limit ${batch}
      ), changed as (
        update building_state s
        set grade = (array['${words.join("','")}'])[1 + (s.building_id + ${n / batch}) % ${words.length}]
        from chosen where s.building_id = chosen.building_id returning 1
      ) select count(*) from changed`);
  }
  await session.close();
  return (Date.now() - began) / 1000;
}

/** Waits until the page has heard of everything and drawn it. */
async function caughtUp(page, db) {
  const [id, grade] = db
    .ask(`update building_state set grade = case grade when 'red' then 'green' else 'red' end
          where building_id = (select min(building_id) from building_state where grade is not null)
          returning building_id, grade`)
    .split('|');
  await page.waitForFunction(
    ([id, g]) =>
      document.querySelector('.map').map.getFeatureState({ source: 'buildings', sourceLayer: 'building', id })
        .g === g,
    [Number(id), 1 + words.indexOf(grade)],
    { timeout: 300_000 },
  );
  await page.waitForSelector('.pill.live', { timeout: 60_000 });
  await settled(page);
}

async function differences(db, page, fresh) {
  const ids = Object.keys(fresh);
  const inSQL = Object.fromEntries(
    db
      .ask(`select building_id, coalesce(array_position(array['${words.join("','")}'], grade), 0)
            from building_state where building_id in (${ids.join(',')})`)
      .split('\n')
      .map((line) => line.split('|').map(Number)),
  );
  return {
    compared: ids.length,
    fresh: ids.filter((id) => page[id] !== fresh[id]).length,
    sql: ids.filter((id) => page[id] !== inSQL[id]).length,
  };
}
