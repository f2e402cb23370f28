// Where the phone is: a dot that follows it, and the grid that one stands in. A browser tells the place only to pages
// that came over HTTPS, or from the machine itself; elsewhere there is no button.
import { signal } from '@preact/signals';
import { Marker } from 'maplibre-gl';
import { useEffect } from 'preact/hooks';
import { api } from '../../api/client';
import { number } from '../../i18n/format';
import { canLocate } from '../../shell/search/nearby';
import { covers } from '../../shell/session';
import { Icon } from '../../ui/Icon';
import { flyTo, presentMap } from './map/MapView';
import { select } from './state';
import { t } from './text';

type Place = { lon: number; lat: number; metres: number };
type Trouble = 'here.denied' | 'here.failed' | 'here.outside';

const following = signal(false);
const place = signal<Place | null>(null);
const trouble = signal<Trouble | null>(null);

/** Covered where a sheet has its place: it follows on, unseen. */
export function Here({ covered }: { covered: boolean }) {
  useEffect(() => (following.value ? follow() : undefined), [following.value]);
  useEffect(() => dot(place.value), [place.value]);
  if (!canLocate()) return null;
  return (
    <div class="here-box" hidden={covered}>
      <p role="status" class={following.value || trouble.value ? 'here-text' : 'sr'}>
        {said()}
      </p>
      <button
        type="button"
        class="here-button"
        aria-label={t('here.title')}
        title={t('here.title')}
        aria-pressed={following.value}
        onClick={() => {
          trouble.value = null;
          following.value = !following.value;
        }}
      >
        <Icon name="here" />
      </button>
    </div>
  );
}

function said(): string {
  if (trouble.value) return t(trouble.value);
  if (!following.value) return '';
  return place.value ? t('here.within', { n: number(Math.round(place.value.metres)) }) : t('here.asking');
}

/** Follows the phone until it is told to stop; returns what stops it. */
function follow(): () => void {
  let first = true;
  const id = navigator.geolocation.watchPosition(
    ({ coords: c }) => {
      place.value = { lon: c.longitude, lat: c.latitude, metres: c.accuracy };
      if (first) void arrive(place.value);
      first = false;
    },
    (e) => {
      trouble.value = e.code === e.PERMISSION_DENIED ? 'here.denied' : 'here.failed';
      following.value = false;
    },
    { enableHighAccuracy: true, timeout: 20_000 },
  );
  return () => {
    navigator.geolocation.clearWatch(id);
    place.value = null;
  };
}

/** Goes there, and narrows everything to the grid that one stands in, where that is one's own. */
async function arrive(p: Place) {
  flyTo([p.lon, p.lat], 16);
  try {
    const { data } = await api.GET('/api/v1/areas/at', { params: { query: { lon: p.lon, lat: p.lat } } });
    const grid = data?.areas.findLast((a) => covers(a.code));
    if (grid) select({ kind: 'area', code: grid.code });
    else trouble.value = 'here.outside';
  } catch {
    // The client has noted that the server cannot be reached; the dot is there all the same.
  }
}

/** The dot on the map; returns what takes it away. */
function dot(p: Place | null): (() => void) | undefined {
  const map = presentMap();
  if (!p || !map) return;
  const element = document.createElement('div');
  element.className = 'here-dot';
  const marker = new Marker({ element }).setLngLat([p.lon, p.lat]).addTo(map);
  return () => marker.remove();
}
