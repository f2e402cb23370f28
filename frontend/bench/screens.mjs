// What the live wall costs in a browser, beside its budgets: npm run bench [-- --quick] [-- --json].
// Rows have the form of `gridweave bench`; `budget` is the bound on two cores with a software renderer.
import { parseArgs } from 'node:util';
import { launch, openPage, settled, signIn } from '../e2e/page.mjs';
import { startServer } from '../e2e/server.mjs';
import { connect } from './database.mjs';
import { meter, pan, percentile, shownGrades } from './page.mjs';
import { shift } from './shift.mjs';

const { values: flags } = parseArgs({ options: { quick: { type: 'boolean' }, json: { type: 'boolean' } } });
const seconds = flags.quick ? 5 : 60;
const rows = [];
if (!flags.json)
  console.log('\n### screens\n\n| case | metric | value | budget |\n| --- | --- | --- | --- |');

function note(name, metric, figure, unit, budget) {
  const value = Math.round(figure * 100) / 100;
  rows.push({ bench: 'screens', case: name, metric, value, unit, budget });
  if (!flags.json) console.log(`| ${name} | ${metric} | ${value} ${unit} | ${budget ?? ''} |`);
}

const server = await startServer('--scale', 'futian');
const browser = await launch();
try {
  const db = connect(server);
  const view = middleOf(db);
  await firstView(view);
  await eventToPixel(db, view);
  await movingFrames(view(14), 'house', 12);
  await movingFrames(view(13), 'house-point', 15);
  await stateChanges(view);
  await quietHour(db, view);
  for (const row of await shift({ browser, server, db, view, quick: flags.quick })) note(...row);
} finally {
  await browser.close();
  await server.stop();
}
if (flags.json) console.log(JSON.stringify(rows, null, 1));

/** Where houses are densest, at the zoom where each is drawn with its outline. */
function middleOf(db) {
  const [lon, lat] = db
    .ask(`select st_x(p), st_y(p) from (select st_centroid(st_collect(geom)) p, count(*) n from building
          group by grid order by n desc limit 1) x`)
    .split('|');
  return (zoom) => `/?at=${lon},${lat},${zoom}&lang=en`;
}

async function wall(path, options) {
  const opened = await openPage(browser, server.address, options);
  await signIn(opened.page, server, 'duty', path);
  await opened.page.waitForSelector('.pill.live', { timeout: 60_000 });
  return { ...opened, meter: await meter(opened.page) };
}

async function firstView(view) {
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
async function eventToPixel(db, view) {
  const { page, close } = await wall(view(17));
  const ids = Object.keys(await shownGrades(page)).slice(0, flags.quick ? 5 : 40);
  const session = db.session();
  const waits = [];
  for (const [n, id] of ids.entries()) {
    const grade = n % 2 ? 'orange' : 'yellow';
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
        }),
      [Number(id), n % 2 ? 3 : 2],
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

/** A desk's window, so that thousands are in view; half the pixels, since a software renderer draws them. */
async function movingFrames(path, layer, budget) {
  const { page, meter: m, close } = await wall(path, { viewport: { width: 1600, height: 900 } });
  await page.evaluate(() => document.querySelector('.map').map.setPixelRatio(0.5));
  await settled(page);
  const frames = flags.quick ? 10 : 60;
  await pan(page, 6);
  await settled(page);
  const drawn = Object.keys(await shownGrades(page, layer)).length;
  const before = await m.cpu();
  await pan(page, frames);
  note(`moving frame, ${drawn} buildings`, 'main_cpu', ((await m.cpu()) - before) / frames, 'ms', budget);
  await close();
}

async function stateChanges(view) {
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
async function quietHour(db, view) {
  const { page, meter: m, close } = await wall(view(15));
  await settled(page);
  const session = db.session();
  const most = Number(db.ask('select max(id) from building'));
  const event = (n) =>
    session.run(`with changed as (
        update building_state set grade = case grade when 'green' then 'yellow' else 'green' end
        where building_id = ${1 + ((n * 7919) % most)} and grade is not null returning 1
      ) select count(*) from changed`);
  for (let n = 0; n < 100; n++) await event(n); // what is made once is made
  const before = await m.heap();
  const began = Date.now();
  for (let n = 0; n < 50 * seconds; n++) {
    await event(100 + n);
    const ahead = began + n * 20 - Date.now();
    if (ahead > 0) await new Promise((done) => setTimeout(done, ahead));
  }
  await session.close();
  await settled(page);
  note(`${seconds} s at 50 events a second`, 'heap_growth', (await m.heap()) - before, 'MB', 2);
  await close();
}
