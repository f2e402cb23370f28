// What the measurements need of a page: its main thread's processor time, its heap, its map.

/** Processor time of the page's main thread and its live heap, by the DevTools protocol. */
export async function meter(page) {
  const cdp = await page.context().newCDPSession(page);
  await cdp.send('Performance.enable', { timeDomain: 'threadTicks' });
  return {
    /** Milliseconds of processor time the main thread has used so far. */
    async cpu() {
      const { metrics } = await cdp.send('Performance.getMetrics');
      return 1000 * metrics.find((m) => m.name === 'TaskDuration').value;
    },
    /** Megabytes alive after a collection. */
    async heap() {
      // What waits in finalizers goes with the second.
      for (let i = 0; i < 2; i++) await cdp.send('HeapProfiler.collectGarbage');
      return (await cdp.send('Runtime.getHeapUsage')).usedSize / 1e6;
    },
  };
}

/** Grade by building as the page shows it: what the stream has told, otherwise what the tile says. */
export function shownGrades(page, layer = 'house') {
  return page.evaluate((layer) => {
    const map = document.querySelector('.map').map;
    const grades = {};
    for (const f of map.queryRenderedFeatures({ layers: [layer] })) {
      grades[f.id] = f.state.g ?? f.properties.g ?? 0;
    }
    return grades;
  }, layer);
}

/** Lets the map draw n frames, each a little further east, and back again. */
export function pan(page, n) {
  return page.evaluate(async (n) => {
    const map = document.querySelector('.map').map;
    for (let i = 0; i < n; i++) {
      const drawn = new Promise((done) => map.once('render', done));
      map.jumpTo({
        center: map.unproject([
          map.getCanvas().clientWidth / 2 + (i < n / 2 ? 3 : -3),
          map.getCanvas().clientHeight / 2,
        ]),
      });
      await drawn;
    }
  }, n);
}

export function percentile(values, p) {
  const sorted = values.toSorted((a, b) => a - b);
  return sorted[Math.min(sorted.length - 1, Math.ceil(p * sorted.length) - 1)];
}
