// What a phone of 360 pixels promises on every screen.
import assert from 'node:assert/strict';

export const phone = { viewport: { width: 360, height: 800 }, hasTouch: true, isMobile: true };

/** A thumb's target, in CSS pixels, less what rounding may take. */
const thumb = 43.5;

/** Fails where a page is wider than the phone, or shows something to press that a thumb would miss. */
export async function assertForThumbs(page, what) {
  const found = await page.evaluate((thumb) => {
    const pressed = 'button, a[href], input, select, textarea, summary, [role=option], td.room';
    const hit = (e) => {
      const r = e.getBoundingClientRect();
      const label = e.closest('label')?.getBoundingClientRect(); // who presses the label presses what it names
      return label && label.height > r.height ? label : r;
    };
    const small = [...document.querySelectorAll(pressed)]
      .filter((e) => e.checkVisibility({ visibilityProperty: true, opacityProperty: true }) && !e.disabled)
      // Out of the way for eyes and thumbs, there for screen readers.
      .filter((e) => !e.closest('.sr'))
      .map((e) => [e, hit(e)])
      .filter(([, r]) => r.width > 0 && (r.height < thumb || r.width < thumb))
      .map(
        ([e, r]) =>
          `${e.tagName.toLowerCase()}.${e.className} "${(e.ariaLabel ?? e.textContent).trim().slice(0, 24)}": ${Math.round(r.width)}×${Math.round(r.height)}`,
      );
    const wide = [...document.querySelectorAll('body *')]
      .filter((e) => e.checkVisibility() && e.getBoundingClientRect().right > innerWidth + 1)
      .filter((e) => {
        for (let p = e.parentElement; p; p = p.parentElement)
          if (getComputedStyle(p).overflowX !== 'visible') return false; // scrolls or is cut off on its own
        return true;
      })
      .map((e) => `${e.tagName.toLowerCase()}.${e.className}`);
    return { small, wide, width: document.documentElement.scrollWidth };
  }, thumb);
  assert.deepEqual({ what, ...found }, { what, small: [], wide: [], width: phone.viewport.width });
}

/** A thumb that presses on something, moves by so many pixels, and lets go. */
export async function pull(page, selector, by) {
  const box = await page.locator(selector).boundingBox();
  const x = box.x + box.width / 2;
  const y = box.y + box.height / 2;
  const cdp = await page.context().newCDPSession(page);
  // Slowly, and standing still before it lets go: a fling would make the browser pass over the next tap.
  const start = Date.now() / 1000 - 1;
  const touch = (type, after, ...touchPoints) =>
    cdp.send('Input.dispatchTouchEvent', { type, touchPoints, timestamp: start + after });
  await touch('touchStart', 0, { x, y });
  for (const part of [0.5, 1]) await touch('touchMove', part / 2, { x, y: y + by * part });
  await touch('touchEnd', 1);
  await cdp.detach();
  await atRest(page);
}

/** Waits until nothing moves any more, but for what goes on and on while something is loaded. */
export const atRest = (page) =>
  page.waitForFunction(() =>
    document
      .getAnimations()
      .every(
        (a) => a.playState !== 'running' || a.effect.getComputedTiming().endTime === Number.POSITIVE_INFINITY,
      ),
  );
