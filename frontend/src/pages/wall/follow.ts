// The map follows its address: links to the wall that is shown, and the browser's buttons, change the place it shows.
import { effect } from '@preact/signals';
import { route } from '../../shell/route';
import { goHome, presentMap } from './map/MapView';
import { area, view } from './state';

/** How far off a place may be that the address says with five digits, in degrees, and a zoom that it says with two. */
const digits = { place: 2e-5, zoom: 0.02 };

/** Returns what ends it. */
export function followAddress(): () => void {
  let first = true; // the map begins where the address says
  return effect(() => {
    const v = view.value;
    const map = presentMap();
    const r = route.peek();
    // On the way to another wall, whose map begins anew.
    const leaving = r.page !== 'wall' || r.area !== area.peek()?.code;
    if (first || leaving || !map) {
      first = false;
      return;
    }
    if (v === null) goHome();
    else if (!isAt(map.getCenter(), map.getZoom(), v)) map.jumpTo({ center: [v.lon, v.lat], zoom: v.zoom });
  });
}

function isAt(c: { lng: number; lat: number }, zoom: number, v: { lon: number; lat: number; zoom: number }) {
  const off = Math.max(Math.abs(c.lng - v.lon), Math.abs(c.lat - v.lat));
  return off < digits.place && Math.abs(zoom - v.zoom) < digits.zoom;
}
