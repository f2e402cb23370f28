// What journeys over the live wall have in common.
import { until } from './page.mjs';

/** The address of a wall close up on a place. */
export const closeUp = ({ lon, lat }, zoom = 18) => `/?at=${lon},${lat},${zoom}&lang=en`;

/** Waits until a wall is connected and has heard of everything. */
export const live = (page) => page.waitForSelector('.pill.live');

/** Waits until the ticker has what happened before the page was there: asked for, and not told by the stream. */
export const ticking = (page) => page.waitForSelector('.ticker ol li');

/** Whether a wall's map knows of an incident. */
export const known = (page, id) =>
  page.evaluate(async (id) => {
    const data = await document.querySelector('.map')?.map?.getSource('cases')?.getData();
    return data?.features.some((f) => f.properties.id === id) ?? false;
  }, id);

/** Waits until it does. A page's function that is waited for must not be async: its promise would count as true. */
export const hears = (page, id) =>
  until(
    () => known(page, id),
    (heard) => heard,
    `the map has heard of incident ${id}`,
  );

/** Notes when a colour first shows at a place, in the map's own frames; `shown` gives the time. */
export const watch = (page, { lon, lat }, hex) =>
  page.evaluate(
    ([lon, lat, hex]) => {
      const map = document.querySelector('.map').map;
      const canvas = map.getCanvas();
      const gl = canvas.getContext('webgl2');
      const wanted = [1, 3, 5].map((i) => Number.parseInt(hex.slice(i, i + 2), 16));
      const side = 13;
      const found = new Uint8Array(side * side * 4);
      const look = () => {
        const scale = canvas.width / canvas.clientWidth;
        const { x, y } = map.project([lon, lat]);
        const [left, bottom] = [x * scale - side / 2, canvas.height - y * scale - side / 2].map(Math.round);
        gl.readPixels(left, bottom, side, side, gl.RGBA, gl.UNSIGNED_BYTE, found);
        for (let i = 0; i < found.length; i += 4) {
          if (!wanted.every((v, k) => Math.abs(v - found[i + k]) <= 26)) continue;
          globalThis.shownAt = Date.now();
          map.off('render', look);
          return;
        }
      };
      globalThis.shownAt = 0;
      map.on('render', look);
      map.triggerRepaint();
    },
    [lon, lat, hex],
  );

/** When what is watched for showed, in milliseconds since 1970. */
export const shown = async (page) => {
  const at = await page.waitForFunction(() => globalThis.shownAt);
  return at.jsonValue();
};

/** The place under a point of the map, in pixels. */
export const placeAt = (page, { x, y }) =>
  page.evaluate(
    ([x, y]) => {
      const { lng, lat } = document.querySelector('.map').map.unproject([x, y]);
      return { lon: lng, lat };
    },
    [x, y],
  );

/** The point of the map, in pixels, where a place is drawn. */
export const pointOf = (page, { lon, lat }) =>
  page.evaluate(
    ([lon, lat]) => {
      const { x, y } = document.querySelector('.map').map.project([lon, lat]);
      return { x, y };
    },
    [lon, lat],
  );

/** Where a case's sign is drawn close up: up and right of its place, in whose middle a house's letter stands. */
export const besidePoint = ({ x, y }) => ({ x: x + 13, y: y - 13 });

/** The place under the middle of that sign. */
export const signOf = async (page, place) => placeAt(page, besidePoint(await pointOf(page, place)));

/** Fills in the form of a report whose place is known, and sends it. */
export async function reportThere(page, type, text) {
  await page.fill('.report input[type=search]', type);
  await page.selectOption('.report select[name=type]', type);
  await page.fill('.report textarea', text);
  await page.click('.report button[type=submit]');
  await page.waitForSelector('.detail .case-state');
}

/** How far a place is from the middle of what the card leaves free of the map, in pixels. */
const besideCard = (page, { lon, lat }) =>
  page.evaluate(
    ([lon, lat]) => {
      const map = document.querySelector('.map').map;
      const box = map.getContainer().getBoundingClientRect();
      const card = document.querySelector('.detail').getBoundingClientRect();
      const { x, y } = map.project([lon, lat]);
      return { x: Math.round(x - (card.left - box.left) / 2), y: Math.round(y - box.height / 2) };
    },
    [lon, lat],
  );

/** Waits until the map shows a place in the middle of what the card leaves of it. */
export const standsBeside = (page, place) =>
  until(
    () => besideCard(page, place),
    (off) => Math.abs(off.x) < 20 && Math.abs(off.y) < 20,
    'off the middle',
  );
