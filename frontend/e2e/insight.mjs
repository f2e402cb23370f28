// What journeys over the heatmap have in common.
import { enter, openPage, settled } from './page.mjs';

export const hour = 3_600_000;
export const iso = (at) => new Date(at).toISOString();

/** The time that the page shows, in milliseconds since 1970: a preset ends with the hour that ran when it asked. */
export async function spanOf(page) {
  const href = await page.getAttribute('.exports a', 'href');
  const { searchParams } = new URL(href, page.url());
  return { from: Date.parse(searchParams.get('from')), to: Date.parse(searchParams.get('to')) };
}

/**
 * Opens heatmaps of a server in a browser. The page's clock stands still, at `at`, or a full hour in the middle of a
 * test would move its time.
 */
export const heatmaps =
  (server, browser) =>
  async (path, account = 'duty', options = {}) => {
    const opened = { ...(await openPage(browser, server.address, options)), at: Date.now() };
    await opened.page.clock.setFixedTime(opened.at);
    await enter(opened.page, server, account, path, '.insight .map canvas');
    await drawn(opened.page);
    return opened;
  };

/** Waits until the figures are there and the map has drawn them. */
export async function drawn(page) {
  await page.waitForFunction(
    () => document.querySelector('.ranking .line, .ranking .empty') && !document.querySelector('.asking'),
  );
  await settled(page, 'cells');
}

/** The list: what it shows of each, by name. */
export const listed = async (page) =>
  new Map(
    await page.$$eval('.ranking .line', (lines) =>
      lines.map((l) => [l.querySelector('.name').textContent.trim(), l.querySelector('data').textContent]),
    ),
  );
