import { describe, expect, it } from 'vitest';
import { themes } from '../src/map/colours';
import { classes } from '../src/map/incidents';
import { raster } from '../src/map/picture';
import { pictures } from '../src/map/sprite';
import { crowdName, crowdSteps, signColours, signName, standings } from '../src/map/wallSigns';
import { contrast, leastDifference } from './colour/vision';

/** What of a picture is covered at all: its outline, whatever the colours. */
function outline(theme: (typeof themes)[number], name: string): { side: number; covered: number } {
  const picture = pictures(theme, 1)[name];
  if (!picture) throw new Error(name);
  const pixels = raster(picture, 2);
  let covered = 0;
  for (let i = 3; i < pixels.length; i += 4) if ((pixels[i] ?? 0) > 127) covered++;
  return { side: picture.size * 2, covered };
}

/** How much of a sign is light between its picture and its edge, where it is filled or hollow; on the sign's own scale. */
function filled(theme: (typeof themes)[number], name: string): number {
  const picture = pictures(theme, 1)[name];
  if (!picture) throw new Error(name);
  const pixels = raster(picture, 2);
  const side = picture.size * 2;
  const light: number[] = [];
  const body: number[] = [];
  for (let i = 0; i < pixels.length; i += 4) {
    const [x, y] = [((i / 4) % side) - side / 2 + 0.5, Math.floor(i / 4 / side) - side / 2 + 0.5];
    const far = Math.hypot(x, y);
    if (far > 19) continue;
    const [r = 0, g = 0, b = 0] = pixels.subarray(i, i + 3);
    const l = 0.2126 * r + 0.7152 * g + 0.0722 * b;
    light.push(l);
    if (far > 14 && far < 16) body.push(l);
  }
  const middle = (Math.min(...light) + Math.max(...light)) / 2;
  return body.filter((l) => l > middle).length / body.length;
}

describe.each(themes)('the signs on the wall in %s', (theme) => {
  const c = signColours[theme];
  const has = Object.keys(pictures(theme, 1));

  it('are there for every class and every way a case can stand, and for classes that a district added', () => {
    for (const code of [...classes, '99', '9']) {
      for (const how of standings) {
        for (const worst of [false, true]) expect(has).toContain(signName(how, `${code}01`, worst));
      }
    }
    for (const i of crowdSteps.keys()) expect(has).toContain(crowdName(i));
  });

  it('tell how a case stands without colour: by their outline, and by being filled or hollow', () => {
    const share = (name: string) => {
      const { side, covered } = outline(theme, name);
      return covered / side ** 2;
    };
    for (const code of classes) {
      // A disc fills more of its square than a square on its corner does.
      expect(share(signName('open', code)) - share(signName('late', code)), code).toBeGreaterThan(0.15);
      const apart = Math.abs(filled(theme, signName('open', code)) - filled(theme, signName('held', code)));
      expect(apart, code).toBeGreaterThan(0.6);
    }
  });

  it('can be read', () => {
    expect(contrast(c.calm, c.rim)).toBeGreaterThanOrEqual(4.5);
    expect(contrast(c.calm, c.crowd)).toBeGreaterThanOrEqual(4.5);
    expect(contrast(c.onCrowd, c.crowd)).toBeGreaterThanOrEqual(7);
    expect(contrast(c.late, c.onLate)).toBeGreaterThanOrEqual(3);
  });

  it('keep calm and overdue apart for every kind of vision', () => {
    expect(leastDifference([c.calm, c.late])).toBeGreaterThan(20);
  });
});
