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

/** How far a hand drags the map from one frame to the next, in pixels: some five hundred a second on a quick machine. */
const step = 8;

/** Drags the map to the west by the mouse, so that it draws n frames, each of them further on. */
export function pan(page, n) {
  return page.evaluate(
    async ([n, step]) => {
      const map = document.querySelector('.map').map;
      const canvas = map.getCanvas();
      const box = canvas.getBoundingClientRect();
      const [x, y] = [box.x + box.width * 0.8, box.y + box.height / 2];
      const mouse = (type, i) => {
        const at = { clientX: x - i * step, clientY: y, bubbles: true, cancelable: true, view: window };
        canvas.dispatchEvent(new MouseEvent(type, { ...at, button: 0, buttons: type === 'mouseup' ? 0 : 1 }));
      };
      mouse('mousedown', 0);
      for (let i = 1; i <= n; i++) {
        const drawn = new Promise((done) => map.once('render', done));
        mouse('mousemove', i);
        await drawn;
      }
      await new Promise((rested) => setTimeout(rested, 300)); // a hand that stops gives no swing
      mouse('mouseup', n);
    },
    [n, step],
  );
}

export function percentile(values, p) {
  const sorted = values.toSorted((a, b) => a - b);
  return sorted[Math.min(sorted.length - 1, Math.ceil(p * sorted.length) - 1)];
}
