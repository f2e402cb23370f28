// What the wall costs its main thread, how long things take to be seen on it, what it keeps.
import assert from 'node:assert/strict';
import { settled } from '../e2e/page.mjs';
import { meter, pan, percentile, shownGrades } from './page.mjs';

/** The first view of somebody whose browser has what never changes: scripts, fonts. */
export async function firstView({ wall, view, note }) {
  const { page, complaints, close } = await wall(view(15));
  const cold = await meter(page);
  await page.reload();
  await page.waitForSelector('.map canvas');
  await settled(page);
  const idle = await page.evaluate(() => performance.now());
  const paint = await page.evaluate(
    () => performance.getEntriesByName('first-contentful-paint')[0].startTime,
  );
  note('first view', 'first_paint', paint / 1000, 's', 3);
  note('first view', 'first_idle', idle / 1000, 's', 12);
  note('first view', 'main_cpu', (await cold.cpu()) / 1000, 's', 0.8);
  note('first view', 'complaints', complaints.length, 'requests elsewhere, policy violations, errors', 0);
  await close();
}

/** From the commit to the frame that shows it. */
export async function eventToPixel({ wall, view, db, quick, note }) {
  const { page, close } = await wall(view(17));
  const shown = Object.entries(await shownGrades(page)).slice(0, quick ? 5 : 40);
  const session = db.session();
  const waits = [];
  for (const [id, is] of shown) {
    const grade = is === 2 ? 'orange' : 'yellow'; // what a house is already would be no event
    const drawn = page.evaluate(
      ([id, g]) =>
        new Promise((done) => {
          const map = document.querySelector('.map').map;
          const look = () => {
            if (map.getFeatureState({ source: 'buildings', sourceLayer: 'building', id }).g !== g) return;
            map.off('render', look);
            done(Date.now());
          };
          map.on('render', look);
          look(); // a busy machine may have been faster
        }),
      [Number(id), is === 2 ? 3 : 2],
    );
    const at = await session.run(
      `update building_state set grade = '${grade}', grade_score = 60 where building_id = ${id}
       returning 1000 * extract(epoch from clock_timestamp())`,
    );
    waits.push((await drawn) - Number(at));
  }
  await session.close();
  note('event to pixel', 'p50', percentile(waits, 0.5), 'ms');
  note('event to pixel', 'p95', percentile(waits, 0.95), 'ms', 2000);
  await close();
}

/** A large desk's window over the district, with more than five thousand houses in it. */
export async function frames(bench) {
  await movingFrame(bench, { width: 2048, height: 1152 }, 5000, 12);
}

/** A wall's screen over a district so dense that more than fifty thousand houses are in view, each with its outline. */
export async function crowd(bench) {
  const { db } = bench;
  const houses = Number(db.ask('select count(*) from building'));
  const copies = Math.ceil(175_000 / houses) - 1;
  for (let n = 1; n <= copies; n++) db.ask(neighbours(n));
  await movingFrame(bench, { width: 3840, height: 2160 }, 50_000, 15);
}

/** Gives each house of the demo a neighbour beside it, with a code of its own and the grade of the house. */
const neighbours = (n) => `with added as (
    insert into building (code, kind, levels, height_m, geom)
    select grid || lpad((${n} * 10000 + row_number() over (partition by grid order by id))::text, 5, '0'), kind, levels,
           height_m, st_translate(geom, ${n} * 0.00013, ${n} * 0.00011)
    from building where substr(code, 15) < '10000'
    returning id, code, grid
  ), numbered as (
    select building_id, grade, b.grid, row_number() over (partition by b.grid order by b.id) as nth
    from building_state s join building b on b.id = s.building_id where substr(b.code, 15) < '10000'
  ), graded as (
    insert into building_state (building_id, code, grade)
    select a.id, a.code, o.grade from added a
    join numbered o on o.grid = a.grid and o.nth = substr(a.code, 15)::int - ${n} * 10000
    returning 1
  ) select count(*) from graded`;

/**
 * What a frame costs while a hand drags the map: all processor time of the page's main thread from the first frame to the
 * last, whatever it was spent on (the map, tiles that arrive, clocks and lists of the page), by the frames that were
 * drawn. The software renderer is a process of its own, told apart.
 */
async function movingFrame({ wall, view, browser, quick, note }, viewport, least, budget) {
  const { page, meter: m, close } = await wall(view(14), { viewport });
  await pan(page, 6);
  await settled(page);
  const before = await inView(page, least);
  const [cpu, renderer, time] = [await m.cpu(), await rendererCPU(browser), performance.now()];
  const count = quick ? 10 : 40;
  await pan(page, count);
  const each = (was, is) => (is - was) / count;
  const name = `moving frame, ${before} houses in view`;
  note(name, 'main_cpu', each(cpu, await m.cpu()), 'ms', budget);
  note(
    name,
    'renderer_cpu',
    each(renderer, await rendererCPU(browser)),
    'ms, software renderer, all threads',
  );
  note(name, 'from_frame_to_frame', each(time, performance.now()), 'ms');
  await settled(page);
  await inView(page, least);
  await close();
}

/** How many houses the map draws; fails where they are too few for what is claimed. */
async function inView(page, least) {
  const drawn = Object.keys(await shownGrades(page)).length;
  assert.ok(drawn >= least, `${drawn} houses in view, not ${least}`);
  return drawn;
}

/** Milliseconds of processor time that the browser's drawing process has used. */
async function rendererCPU(browser) {
  const cdp = await browser.newBrowserCDPSession();
  const { processInfo } = await cdp.send('SystemInfo.getProcessInfo');
  await cdp.detach();
  return 1000 * processInfo.find((p) => p.type === 'GPU').cpuTime;
}

export async function stateChanges({ wall, view, note }) {
  const { page, meter: m, close } = await wall(view(14));
  await settled(page);
  const before = await m.cpu();
  await page.evaluate(async () => {
    const map = document.querySelector('.map').map;
    for (let id = 1; id <= 10_000; id++) {
      map.setFeatureState({ source: 'buildings', sourceLayer: 'building', id }, { g: 1 + (id % 5) });
    }
    await new Promise((done) => map.once('render', done));
  });
  note('10,000 state changes', 'main_cpu', (await m.cpu()) - before, 'ms', 80);
  await close();
}

/** Fifty events a second for a while. */
export async function quietHour({ wall, view, db, quick, note }) {
  const seconds = quick ? 5 : 60;
  const { page, meter: m, close } = await wall(view(15));
  await settled(page);
  const session = db.session();
  const most = Number(db.ask('select max(id) from building'));
  const event = (n) =>
    session.run(`with changed as (
        update building_state set grade = case grade when 'green' then 'yellow' else 'green' end
        where building_id = ${1 + ((n * 7919) % most)} and grade is not null returning 1
      ) select count(*) from changed`);
  for (let n = 0; n < 500; n++) await event(n); // what is made once is made, and the ticker is full
  const before = await m.heap();
  const began = Date.now();
  for (let n = 0; n < 50 * seconds; n++) {
    await event(500 + n);
    const ahead = began + n * 20 - Date.now();
    if (ahead > 0) await new Promise((done) => setTimeout(done, ahead));
  }
  await session.close();
  await settled(page);
  note(`${seconds} s at 50 events a second`, 'heap_growth', (await m.heap()) - before, 'MB', 2);
  await close();
}
