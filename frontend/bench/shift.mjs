// A shift of eight hours at 50 events a second, told to a page as fast as the database and the stream will: afterwards
// its heap is what it was, and its map shows what a page shows that was opened just now, and what SQL says.
import { openPage, settled, signIn } from '../e2e/page.mjs';
import { meter, shownCases, shownGrades } from './page.mjs';

const eventsOfAShift = 8 * 3600 * 50;
/** In each transaction: so many houses graded anew, so many incidents reported and as many closed. */
const graded = 480;
const reported = 10;
const batch = graded + 2 * reported;
/** How many transactions an incident stays open. */
const open = 20;
const words = ['green', 'yellow', 'orange', 'red', 'grey'];
const list = `array['${words.join("','")}']`;

export async function shift({ browser, server, db, view, quick, note }) {
  const events = quick ? eventsOfAShift / 100 : eventsOfAShift;
  const { page, close } = await openPage(browser, server.address);
  await signIn(page, server, 'duty', view(15));
  await page.waitForSelector('.pill.live', { timeout: 60_000 });
  const m = await meter(page);
  const feed = new Feed(db);
  // The first part fills what the page keeps: its ticker, its grades.
  await feed.run((open + 5) * batch);
  await caughtUp(page, db);
  const before = await m.heap();
  const told = feed.told;
  const began = Date.now();
  await feed.run(events);
  await caughtUp(page, db);
  const took = (Date.now() - began) / 1000;
  const grown = (await m.heap()) - before;
  await feed.close();

  const fresh = await openPage(browser, server.address);
  await signIn(fresh.page, server, 'duty', view(15));
  await fresh.page.waitForSelector('.pill.live', { timeout: 60_000 });
  await settled(fresh.page);
  const houses = await compareHouses(db, page, fresh.page);
  const cases = await compareCases(db, page, fresh.page);
  await Promise.all([close(), fresh.close()]);
  const name = `shift of ${feed.told - told} events`;
  note(name, 'too_few', Math.max(0, events - (feed.told - told)), 'events', 0);
  note(name, 'times_their_pace', events / 50 / took, 'x');
  note(name, 'heap_growth', grown, 'MB', 8);
  note(name, 'houses_compared', houses.compared, '');
  note(name, 'houses_unlike_fresh_page', houses.fresh, '', 0);
  note(name, 'houses_unlike_sql', houses.sql, '', 0);
  note(name, 'incidents_compared', cases.compared, '');
  note(name, 'incidents_unlike_fresh_page', cases.fresh, '', 0);
  note(name, 'incidents_unlike_sql', cases.sql, '', 0);
}

/** Changes the district all over, a transaction after the other, and counts what each has changed. */
class Feed {
  told = 0;
  at = 0;
  running = [];

  constructor(db) {
    this.session = db.session();
    this.houses = db
      .ask('select building_id from building_state where grade is not null order by 1')
      .split('\n');
  }

  async run(events) {
    for (let n = 0; n < events; n += batch) {
      const [changed, ids] = (await this.session.run(this.#statement())).split('|');
      this.told += Number(changed);
      this.running.push(ids);
    }
  }

  close() {
    return this.session.close();
  }

  #statement() {
    const over = this.running.length < open ? '0' : this.running.shift();
    const ids = Array.from({ length: graded }, () => {
      this.at = (this.at + 7919) % this.houses.length; // all over the district, and round and round
      return this.houses[this.at];
    });
    return `with graded as (
        update building_state set grade = (${list})[1 + array_position(${list}, grade) % ${words.length}]
        where building_id in (${ids}) returning 1
      ), reported as (
        insert into incident (code, building_id, geom, type, status, source, due_at)
        select b.code, b.id, st_pointonsurface(b.geom),
               (select code from incident_type order by md5(code || b.id) limit 1), 'reported', 'sensor',
               now() + (b.id % 7 - 1) * interval '1 hour'
        from building b where b.id in (${ids.slice(0, reported)}) returning id
      ), closed as (
        update incident set status = 'closed', closed_at = now(), due_at = null where id in (${over}) returning 1
      ) select (select count(*) from graded) + (select count(*) from reported) + (select count(*) from closed),
               (select string_agg(id::text, ',') from reported)`;
  }
}

/** Waits until the page has heard of everything and drawn it: by a house in view, graded anew after all the others. */
async function caughtUp(page, db) {
  await settled(page);
  const [id] = Object.keys(await shownGrades(page));
  const grade = db.ask(`update building_state set grade = case grade when 'red' then 'green' else 'red' end
    where building_id = ${id} returning grade`);
  await page.waitForFunction(
    ([id, g]) => {
      const map = document.querySelector('.map').map;
      const house = map.queryRenderedFeatures({ layers: ['house'] }).find((f) => f.id === id);
      return house && (house.state.g ?? house.properties.g) === g;
    },
    [Number(id), 1 + words.indexOf(grade)],
    { timeout: 300_000, polling: 250 },
  );
  await page.waitForSelector('.pill.live', { timeout: 60_000 });
  await settled(page);
}

async function compareHouses(db, page, fresh) {
  const [shown, anew] = [await shownGrades(page), await shownGrades(fresh)];
  const ids = [...new Set([...Object.keys(shown), ...Object.keys(anew)])];
  const inSQL = Object.fromEntries(
    db
      .ask(`select building_id, coalesce(array_position(${list}, grade), 0)
            from building_state where building_id in (${ids.join(',')})`)
      .split('\n')
      .map((line) => line.split('|').map(Number)),
  );
  return {
    compared: ids.length,
    fresh: ids.filter((id) => shown[id] !== anew[id]).length,
    sql: ids.filter((id) => shown[id] !== inSQL[id]).length,
  };
}

async function compareCases(db, page, fresh) {
  const [shown, anew] = [await shownCases(page), await shownCases(fresh)];
  const inSQL = db
    .ask(`select id, severity from incident where status not in ('closed', 'rejected', 'merged')`)
    .split('\n')
    .map((line) => line.replace('|', ':'));
  const unlike = (a, b) => [...a].filter((x) => !b.has(x)).length + [...b].filter((x) => !a.has(x)).length;
  return { compared: inSQL.length, fresh: unlike(shown, anew), sql: unlike(shown, new Set(inSQL)) };
}
