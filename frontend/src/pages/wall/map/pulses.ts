// A ring that opens where something just happened, and is gone after two seconds. It is drawn by the browser and not
// by the map, so that it costs no frame of the map; who asked for less movement gets a ring that stands still.
import { type Map as GlMap, Marker } from 'maplibre-gl';
import type { Happening } from '../happening';

/** More at a time would be noise, and would cost frames. */
const most = 24;
const lasts = 2000;

export function pulses(map: GlMap): { pulse: (h: Happening) => void; stop: () => void } {
  const shown = new Set<{ marker: Marker; timer: ReturnType<typeof setTimeout> }>();
  const end = (p: { marker: Marker; timer: ReturnType<typeof setTimeout> }) => {
    clearTimeout(p.timer);
    p.marker.remove();
    shown.delete(p);
  };
  return {
    pulse(h) {
      if (h.lon === null || h.lat === null || shown.size >= most || document.hidden) return;
      if (!map.getBounds().contains([h.lon, h.lat])) return;
      const element = document.createElement('div');
      element.className = `pulse ${h.topic}${h.severity === 1 ? ' worst' : ''}`;
      element.setAttribute('aria-hidden', 'true');
      const marker = new Marker({ element }).setLngLat([h.lon, h.lat]).addTo(map);
      element.removeAttribute('role'); // a marker calls itself a button; this one is nothing to press
      element.removeAttribute('tabindex');
      element.removeAttribute('aria-label');
      const p = { marker, timer: setTimeout(() => end(p), lasts) };
      shown.add(p);
    },
    stop() {
      for (const p of shown) end(p);
    },
  };
}
