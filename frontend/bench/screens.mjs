// What the live wall costs in a browser, beside its budgets:
// npm run bench [-- --quick] [--only frames,shift] [--json] [--results FILE]
// Rows have the form of `gridweave bench`; `budget` is the bound on two cores with a software renderer, and a budget
// that does not hold ends the run with 1.
import { execFileSync } from 'node:child_process';
import { parseArgs } from 'node:util';
import { launch, openPage, signIn } from '../e2e/page.mjs';
import { startServer } from '../e2e/server.mjs';
import { crowd, eventToPixel, firstView, frames, quietHour, stateChanges } from './costs.mjs';
import { connect } from './database.mjs';
import { meter } from './page.mjs';
import { Report } from './report.mjs';
import { shift } from './shift.mjs';

/** In this order: the crowd is last, since it builds a district of its own on top of the demo's. */
const cases = {
  first: firstView,
  pixel: eventToPixel,
  frames,
  states: stateChanges,
  hour: quietHour,
  shift,
  crowd,
};

const { values: flags } = parseArgs({
  options: {
    quick: { type: 'boolean' },
    json: { type: 'boolean' },
    only: { type: 'string', default: Object.keys(cases).join() },
    results: { type: 'string' },
  },
});
const chosen = flags.only.split(',');
const unknown = chosen.filter((name) => !(name in cases));
if (unknown.length > 0) throw new Error(`no such case: ${unknown}; there are ${Object.keys(cases)}`);

const report = new Report(flags.json);
const server = await startServer('--scale', 'futian');
const browser = await launch();
try {
  const db = connect(server);
  const bench = {
    server,
    browser,
    db,
    quick: flags.quick,
    note: (...row) => report.note(...row),
    view: middleOf(db),
    wall,
  };
  for (const [name, measure] of Object.entries(cases)) if (chosen.includes(name)) await measure(bench);
  if (flags.results)
    report.write(flags.results, {
      version: execFileSync(server.binary, ['version'], { encoding: 'utf8' }).split(' ')[1],
      browser: `Chromium ${browser.version()}`,
    });
} finally {
  await browser.close();
  await server.stop();
}
if (flags.json) console.log(JSON.stringify(report.rows, null, 1));
for (const r of report.broken()) {
  console.error(`over its budget: ${r.case}, ${r.metric}: ${r.value} ${r.unit} of ${r.budget}`);
  process.exitCode = 1;
}

/** The address of a view by its zoom: close up on where houses are densest, from far on the middle of all. */
function middleOf(db) {
  const at = (query) => db.ask(`select st_x(p), st_y(p) from (${query}) x`).replace('|', ',');
  const dense = at(
    `select st_centroid(st_collect(geom)) p, count(*) from building group by grid order by 2 desc limit 1`,
  );
  const all = at('select st_centroid(st_extent(geom)::geometry) p from building');
  return (zoom) => `/?at=${zoom > 14 ? dense : all},${zoom}&lang=en`;
}

/** A wall that is live, with its meter. */
async function wall(path, options) {
  const opened = await openPage(browser, server.address, options);
  await signIn(opened.page, server, 'duty', path);
  await opened.page.waitForSelector('.pill.live', { timeout: 60_000 });
  return { ...opened, meter: await meter(opened.page) };
}
