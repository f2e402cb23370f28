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
export function shownGrades(page) {
  return page.evaluate(() => {
    const map = document.querySelector('.map').map;
    const grades = {};
    for (const f of map.queryRenderedFeatures({ layers: ['house'] })) {
      grades[f.id] = f.state.g ?? f.properties.g ?? 0;
    }
    return grades;
  });
}

/** The open incidents that the map has got, each as id and severity. */
export async function shownCases(page) {
  const all = await page.evaluate(async () => {
    const { features } = await document.querySelector('.map').map.getSource('cases').getData();
    return features.map((f) => `${f.properties.id}:${f.properties.severity}`);
  });
  return new Set(all);
}

/** Lets the map draw n frames of one slow movement to the east. */
export function pan(page, n) {
  return page.evaluate(async (n) => {
    const map = document.querySelector('.map').map;
    const [width, height] = [map.getCanvas().clientWidth, map.getCanvas().clientHeight];
    const there = map.unproject([width * 0.75, height / 2]);
    map.easeTo({ center: there, duration: 600_000, easing: (t) => t, essential: true });
    for (let i = 0; i < n; i++) await new Promise((drawn) => map.once('render', drawn));
    map.stop();
  }, n);
}

export function percentile(values, p) {
  const sorted = values.toSorted((a, b) => a - b);
  return sorted[Math.min(sorted.length - 1, Math.ceil(p * sorted.length) - 1)];
}
