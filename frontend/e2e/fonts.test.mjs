// A machine that has no font with Chinese in it shows real characters all the same, in the page and on the map.
import assert from 'node:assert/strict';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, test } from 'node:test';
import { PNG } from 'pngjs';
import { enter, launch, openPage, signIn } from './page.mjs';
import { stage } from './stage.mjs';

const { server, browser, sql, building } = await stage();

const folder = mkdtempSync(join(tmpdir(), 'gridweave-fonts-'));
const config = join(folder, 'fonts.conf');
// The system's fonts without those that know Chinese; a browser without any font at all does not even start.
writeFileSync(
  config,
  `<?xml version="1.0"?><!DOCTYPE fontconfig SYSTEM "fonts.dtd">
  <fontconfig><dir>/usr/share/fonts</dir><dir>/usr/local/share/fonts</dir><cachedir>${folder}/cache</cachedir>
  <selectfont><rejectfont><pattern><patelt name="lang"><string>zh-cn</string></patelt></pattern></rejectfont></selectfont>
  </fontconfig>`,
);
const bare = await launch([], { FONTCONFIG_FILE: config });
after(async () => {
  await bare.close();
  rmSync(folder, { recursive: true });
});

test('text is set in the font that the server brings', async () => {
  const tower = sql('select code from building where levels = 60');
  const { page, close } = await openPage(bare, server.address);
  await enter(page, server, 'duty', `/b/${tower}?lang=zh`, '.matrix td.room');
  const same = await page.evaluate(async () => {
    await document.fonts.load('48px "Noto Sans SC"', '楼层房');
    const draw = (font, c) => {
      const canvas = new OffscreenCanvas(60, 60).getContext('2d');
      canvas.font = `48px ${font}`;
      canvas.fillText(c, 4, 48);
      return canvas.getImageData(0, 0, 60, 60).data.join();
    };
    const alike = (font) => draw(font, '楼') === draw(font, '房');
    return { ours: alike('"Noto Sans SC"'), system: alike('serif') };
  });
  assert.equal(same.system, true, 'the system has Chinese after all: the test proves nothing');
  assert.equal(same.ours, false, 'every character is the same box');
  await close();
});

/** The names on a wall's map and nothing else of it, in black on white, with what they say. */
async function names(by, place, withFonts = true) {
  const { page, close } = await openPage(by, server.address);
  if (!withFonts) await page.route('**/fonts/**/*.woff2', (route) => route.abort());
  await signIn(page, server, 'duty', `/?lang=zh&cases=none&at=${place.lon},${place.lat},18`);
  const said = await page.evaluate(async () => {
    const map = document.querySelector('.map').map;
    for (const { id, type } of map.getStyle().layers) {
      if (type === 'background') map.setPaintProperty(id, 'background-color', '#ffffff');
      else if (!id.startsWith('name-')) map.setLayoutProperty(id, 'visibility', 'none');
      else {
        map.setPaintProperty(id, 'text-color', '#000000');
        map.setPaintProperty(id, 'text-halo-width', 0);
      }
    }
    await map.once('idle');
    return map.queryRenderedFeatures().map((f) => f.properties.name_zh);
  });
  const drawn = PNG.sync.read(await page.locator('.map').screenshot());
  await close();
  return { said: said.join(''), drawn };
}

/** How many pixels differ by a quarter of black and white or more, and how many have ink at all. */
function compared(a, b) {
  let differ = 0;
  let inked = 0;
  for (let i = 0; i < a.data.length; i += 4) {
    if (a.data[i] < 128) inked++;
    if (Math.abs(a.data[i] - b.data[i]) > 64) differ++;
  }
  return { differ, inked };
}

test('names on the map are drawn, character by character as on a machine that has Chinese', async () => {
  const place = building(sql(`select code from account where name = 'station'`), 3);
  const usual = await names(browser, place);
  assert.match(usual.said, /\p{Script=Han}{4}/u);
  const here = await names(bare, place);
  assert.equal(here.said, usual.said);
  const { differ, inked } = compared(usual.drawn, here.drawn);
  assert.ok(inked > 400, `only ${inked} pixels have ink`);
  assert.ok(differ < inked / 50, `${differ} of ${inked} pixels differ`);
  // And without the server's font they are not, or this would prove nothing.
  const boxes = compared(usual.drawn, (await names(bare, place, false)).drawn);
  assert.ok(boxes.differ > inked / 2, `${boxes.differ} of ${inked} pixels differ without the server's font`);
});
