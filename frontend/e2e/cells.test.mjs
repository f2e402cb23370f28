// Hexagons and densities in the browser against SQL: values, colours, differences, slices, files, and what is hidden.
import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { test } from 'node:test';
import { drawn, heatmaps, iso, spanOf } from './insight.mjs';
import { stage } from './stage.mjs';

const { server, browser, sql } = await stage();
const root = sql('select code from area order by length(code) limit 1');
const open = heatmaps(server, browser);

/** Where incidents of a time lie, as the cube has them: the middle of its cells, in the metres of EPSG:4547. */
const places = ({ from, to }) => `
  select st_transform(st_setsrid(st_makepoint((heat_cell(st_x(geom)) + .5) / 5000, (heat_cell(st_y(geom)) + .5) / 5000), 4326), 4547) as p,
         count(*) as n
  from incident where reported_at >= '${iso(from)}' and reported_at < '${iso(to)}' and status not in ('merged', 'rejected') group by 1`;

/** The hexagon whose centre is nearest, by looking at those around. */
function hexOf(e, n, width) {
  const high = (width * Math.sqrt(3)) / 2;
  const [r0, found] = [Math.round(n / high), { far: Number.POSITIVE_INFINITY, id: '' }];
  for (const r of [r0 - 1, r0, r0 + 1]) {
    const q0 = Math.round(e / width - r / 2);
    for (const q of [q0 - 1, q0, q0 + 1]) {
      const far = Math.hypot(e - width * (q + r / 2), n - high * r);
      if (far < found.far) Object.assign(found, { far, id: `${q},${r}` });
    }
  }
  return found.id;
}

/** The middle of a hexagon in degrees. */
function middleOf(id, width) {
  const [q, r] = id.split(',').map(Number);
  const [e, n] = [width * (q + r / 2), ((width * Math.sqrt(3)) / 2) * r];
  return sql(`select st_x(p), st_y(p) from st_transform(st_setsrid(st_makepoint(${e}, ${n}), 4547), 4326) p`)
    .split('|')
    .map(Number);
}

/** How many lie in each hexagon, of rows of SQL: a point in metres, and how many. */
function byHex(rows, width) {
  const out = new Map();
  for (const line of rows ? rows.split('\n') : []) {
    const [e, n, count] = line.split('|').map(Number);
    const id = hexOf(e, n, width);
    out.set(id, (out.get(id) ?? 0) + count);
  }
  return out;
}

const incidentsByHex = (span, width) =>
  byHex(sql(`select st_x(p), st_y(p), n from (${places(span)}) x`), width);

/** A file as the page's link gives it: what it says of itself, and its rows by column. */
async function file(page) {
  const [download] = await Promise.all([
    page.waitForEvent('download'),
    page.click('.exports a:text-is("CSV")'),
  ]);
  const lines = readFileSync(await download.path(), 'utf8')
    .replace('\ufeff', '')
    .trim()
    .split('\r\n');
  const about = Object.fromEntries(
    lines.filter((l) => l.startsWith('# ')).map((l) => /^# (\w+): (.*)$/.exec(l)?.slice(1) ?? []),
  );
  const [head, ...rows] = lines
    .filter((l) => !l.startsWith('# '))
    // Of all columns only the coordinates of a hexagon have a comma in them.
    .map((l) => (l.match(/"[^"]*"|[^,]+|(?<=,)(?=,|$)|^(?=,)/g) ?? []).map((c) => c.replaceAll('"', '')));
  const table = rows.map((r) => Object.fromEntries(head.map((name, i) => [name, r[i] ?? ''])));
  return { about, rows: table, bounds: about.class_bounds ? about.class_bounds.split(' ').map(Number) : [] };
}

const small = (n) => n > 0 && n < 5;

/** The colour of every hexagon that the map has, by its name. */
const coloured = (page) =>
  page.evaluate(() => {
    const map = document.querySelector('.map').map;
    return map
      .querySourceFeatures('cells')
      .map((f) => [f.properties.key, map.getFeatureState({ source: 'cells', id: f.id })]);
  });

/** The legend's colours, without those of what has none. */
const legendColours = (page) =>
  page.$$eval('.heat-legend .box rect', (all) =>
    all.map((r) => r.getAttribute('fill')).filter((c) => c !== 'none'),
  );

/** The list's values: those that are shown as numbers, from most to least, and how many are not shown. */
async function list(page) {
  const shown = await page.$$eval('.ranking .line data', (all) => all.map((d) => d.textContent));
  return {
    values: shown.filter((v) => /\d/.test(v)).map((v) => Number(v.replaceAll(',', '').replace('−', '-'))),
    hidden: shown.filter((v) => v === 'not shown').length,
  };
}

const width = 300;

test('hexagons hold what SQL counts in them: in the file, the list, the colours and the one that is pressed', async () => {
  const { page, complaints, close } = await open(
    `/insight/${root}?lang=en&t=30d&f=hexes&w=${width}&all=1&theme=dark`,
  );
  const want = incidentsByHex(await spanOf(page), width);
  const { rows, bounds, about } = await file(page);
  assert.equal(about.width_m, String(width));
  assert.equal(
    Number(about.n),
    [...want.values()].reduce((a, b) => a + b, 0),
  );
  const told = new Map(rows.map((r) => [r.id, r]));
  for (const [id, n] of want) {
    const got = told.get(id)?.n;
    assert.ok(
      got === String(n) || (got === '' && told.get(id).suppressed === 'true'),
      `${id}: ${got}, SQL says ${n}`,
    );
    assert.ok(!small(n) || got === '', `${id} shows ${n}`);
  }
  for (const r of rows)
    if (!want.has(r.id)) assert.ok(['0', ''].includes(r.n), `${r.id} has ${r.n}, SQL none`);
  const shown = rows.filter((r) => r.n !== '').map((r) => Number(r.n));
  assert.ok(
    shown.length > 0 && rows.some((r) => r.n === ''),
    'shown and hidden ones: else the test proves nothing',
  );

  const { values, hidden } = await list(page);
  const descending = (a, b) => b - a;
  assert.deepEqual(values.sort(descending), shown.sort(descending));
  assert.equal(hidden, rows.filter((r) => r.suppressed === 'true').length);

  const colours = await legendColours(page);
  let seen = 0;
  for (const [id, state] of await coloured(page)) {
    const n = told.get(id)?.n;
    const index = bounds.filter((b) => Number(n) >= b).length;
    if (n === '') assert.equal(state.k, -3, `${id} is hidden`);
    else if (Number(n) > 0) assert.equal(state.colour, colours[index], `${id} with ${n}, of ${bounds}`);
    if (Number(n) > 0) seen++;
  }
  assert.ok(seen > 0);

  // The fullest that the legend does not cover.
  const fullest = rows.filter((r) => r.n !== '').sort((a, b) => Number(b.n) - Number(a.n));
  const middles = fullest.slice(0, 40).map(({ id, n }) => ({ id, n, at: middleOf(id, width) }));
  const most = await page.evaluate((all) => {
    const map = document.querySelector('.map').map;
    map.getContainer().scrollIntoView(); // the file's link may have scrolled it away
    const box = map.getCanvas().getBoundingClientRect();
    for (const x of all) {
      const p = map.project(x.at);
      const at = { x: box.x + p.x, y: box.y + p.y };
      if (document.elementFromPoint(at.x, at.y) === map.getCanvas()) return { ...x, at };
    }
  }, middles);
  await page.mouse.click(most.at.x, most.at.y);
  await page.waitForFunction((id) => new URLSearchParams(location.search).get('sel') === id, most.id);
  assert.equal(await page.textContent('.picked dd'), Number(most.n).toLocaleString('en'));
  assert.deepEqual(complaints, []);
  await close();
});

test('a difference map shows what came less what was before, in colours that mirror each other', async () => {
  const { page, complaints, close } = await open(`/insight/${root}?lang=en&t=7d&f=hexes&w=1000&cmp=1&all=1`);
  const span = await spanOf(page);
  const earlier = { from: 2 * span.from - span.to, to: span.from };
  const [now, before] = [incidentsByHex(span, 1000), incidentsByHex(earlier, 1000)];
  const { rows, bounds, about } = await file(page);
  assert.equal(Date.parse(about.previous_from), earlier.from);
  assert.equal(Date.parse(about.previous_to), earlier.to);
  assert.deepEqual(bounds, bounds.map((b) => (b === 0 ? 0 : -b)).reverse(), 'as far to either side');
  const told = new Map(rows.map((r) => [r.id, r]));
  const colours = await legendColours(page);
  assert.equal(colours.length, bounds.length + 1);
  const up = bounds.slice(bounds.length / 2);
  let differ = 0;
  for (const r of rows) {
    const [n, was] = [now.get(r.id) ?? 0, before.get(r.id) ?? 0];
    if (small(n) || small(was)) assert.equal(r.value, '', `${r.id}: ${n} and ${was}`);
    if (r.value === '') continue;
    assert.equal(Number(r.value), n - was, r.id);
    assert.equal(Number(r.previous), was, r.id);
    if (n !== was) differ++;
  }
  assert.ok(differ > 0, 'nothing differs: the test proves nothing');
  for (const [id, state] of await coloured(page)) {
    const v = told.get(id)?.value;
    if (!v) continue;
    const steps = up.filter((b) => (b === 0 ? Number(v) !== 0 : Math.abs(Number(v)) >= b)).length;
    assert.equal(
      state.colour,
      colours[up.length + Math.sign(Number(v)) * steps],
      `${id} with ${v}, of ${bounds}`,
    );
  }
  const { values } = await list(page);
  const far = values.map(Math.abs);
  assert.deepEqual(
    far,
    far.toSorted((a, b) => b - a),
    'what changed most comes first',
  );
  const words = await page.textContent('.heat-legend');
  assert.match(words, /Change/);
  assert.match(words, /no change/);
  assert.deepEqual(complaints, []);
  await close();
});

test('a density is the kernel over what SQL has there, in the file and in the colour at the node', async () => {
  const bandwidth = 600;
  const { page, complaints, close } = await open(
    `/insight/${root}?lang=en&t=30d&f=density&b=${bandwidth}&theme=dark`,
  );
  const span = await spanOf(page);
  const { rows, bounds, about } = await file(page);
  assert.equal(about.bandwidth_m, String(bandwidth));
  assert.equal(about.unit, 'incidents_per_km2_per_day');
  // Forty nodes all over the field, the highest among them.
  const ordered = rows.toSorted((a, b) => Number(b.value) - Number(a.value));
  const sample = Array.from({ length: 40 }, (_, i) => ordered[Math.floor((i * (ordered.length - 1)) / 39)]);
  const days = (span.to - span.from) / 86_400_000;
  const bin = bandwidth / 10; // cases are gathered so finely before they are spread
  const answer = sql(`
    with node as (select i, st_transform(st_setsrid(st_makepoint(x, y), 4326), 4547) as at
                  from (values ${sample.map((r, i) => `(${i}, ${r.lon}, ${r.lat})`).join(', ')}) v (i, x, y)),
         place as materialized (${places(span)})
    select i, coalesce(sum(n * (1 - (d / ${bandwidth}) ^ 2) ^ 2) filter (where d < ${bandwidth}), 0) * 3e6 / pi() / ${bandwidth} ^ 2 / ${days},
           coalesce(sum(n) filter (where d < ${bandwidth - bin}), 0), coalesce(sum(n) filter (where d < ${bandwidth + bin}), 0)
    from node left join lateral (select st_distance(node.at, p) as d, n from place) l on true group by i order by i`);
  const top = Number(ordered[0].value);
  assert.ok(top > 0);
  for (const line of answer.split('\n')) {
    const [i, value, surely, possibly] = line.split('|').map(Number);
    assert.ok(
      Math.abs(Number(sample[i].value) - value) <= 0.02 * top,
      `node ${i}: ${sample[i].value}, SQL says ${value}`,
    );
    assert.ok(
      !(surely > 0 && possibly < 5),
      `node ${i} rests on ${surely} to ${possibly} cases, and is shown`,
    );
  }
  // What stands above the other colours at a node is that of its class.
  await page.waitForFunction(
    () => document.querySelector('.map').map.querySourceFeatures('density').length > 0,
  );
  await drawn(page);
  const colours = await legendColours(page);
  for (const r of [ordered[0], ordered[Math.floor(ordered.length / 20)]]) {
    const index = bounds.filter((b) => Number(r.value) >= b).length;
    const here = await page.evaluate(
      ([lon, lat]) => {
        const map = document.querySelector('.map').map;
        return map
          .queryRenderedFeatures(map.project([lon, lat]), { layers: ['density'] })
          .map((f) => f.properties.colour);
      },
      [Number(r.lon), Number(r.lat)],
    );
    const near = colours.slice(Math.max(0, index - 1), index + 2); // an edge may run through the node
    assert.ok(
      here.some((c) => near.includes(c)),
      `${r.value} of ${bounds} is drawn in ${here}`,
    );
    if (r === ordered[0])
      assert.ok(here.includes(colours[index]), `the peak is drawn in ${here}, not ${colours[index]}`);
  }
  assert.deepEqual(complaints, []);
  await close();
});

test('all slices of a film share one legend, made of what they show', async () => {
  const { page, complaints, close } = await open(
    `/insight/${root}?lang=en&m=grades&c=risky&t=30d&f=hexes&w=400&all=1&slice=29`,
  );
  const legend = () =>
    page.$$eval('.heat-legend .classes li', (all) => all.map((l) => l.textContent.trim()).join(' | '));
  const slice = (n) =>
    page.waitForFunction((n) => new URLSearchParams(location.search).get('slice') === String(n), n);
  // The last slice's end is the present: what it shows is what the houses are.
  const want = byHex(
    sql(`select st_x(p), st_y(p), count(*) from (
      select st_transform(st_setsrid(st_makepoint((x + .5) / 5000.0, (y + .5) / 5000.0), 4326), 4547) as p
      from heat_raw_place r join building_state s on s.code = r.code where s.grade in ('orange', 'red')) x group by 1, 2`),
    400,
  );
  await page.waitForFunction(() => !document.querySelector('.heat-legend.waiting'));
  const { rows, about } = await file(page);
  for (const r of rows) assert.equal(Number(r.n), want.get(r.id) ?? 0, r.id);
  assert.ok(want.size > 0);
  const shared = await legend();
  // Over REST: every slice's values, of which the highest reaches the legend's highest class.
  const from = Date.parse(about.to) - 30 * 86_400_000;
  const answers = await page.evaluate(
    async ([root, from]) => {
      const at = (n) => new Date(from + n * 86_400_000).toISOString();
      const ask = async (path) => (await fetch(`/api/v1/insight/${path}`)).json();
      const common = `area=${root}&measure=grades&class=risky&width=400`;
      const legend = await ask(`legend?${common}&from=${at(0)}&to=${at(30)}&step=24`);
      const slices = [];
      for (let n = 0; n < 30; n++) slices.push(await ask(`hexes?${common}&from=${at(n)}&to=${at(n + 1)}`));
      return { classes: legend.classes, values: slices.map((s) => s.rows.map((r) => r.value ?? 0)) };
    },
    [root, from],
  );
  const { classes, values } = answers;
  const all = values.flat().filter((v) => v > 0);
  assert.ok(
    Math.max(...all) >= (classes.at(-1) ?? 0) && Math.min(...all) < (classes[0] ?? 1e9),
    `${classes}`,
  );
  for (const bound of classes) assert.match(shared, new RegExp(`(^|\\D)${bound}(\\D|$)`), shared);
  for (const n of [28, 27, 26]) {
    await page.focus('.map canvas');
    await page.keyboard.press('[');
    await slice(n);
    await page.waitForFunction(() => !document.querySelector('.heat-legend.waiting'));
    assert.equal(await legend(), shared, `slice ${n}`);
  }
  assert.deepEqual(complaints, []);
  await close();
});
