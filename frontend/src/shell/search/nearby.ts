// The buildings around whoever holds the phone. A browser tells the place only to pages that came over HTTPS, or from
// the machine itself.
import { api, type Building } from '../../api/client';
import { type Hit, hitOf } from './hits';

/** Half the side of the square that is looked at, in metres. */
export const reach = 150;

export const canLocate = () => isSecureContext && 'geolocation' in navigator;

export type Nearby = { hits: (Hit & { metres: number })[] } | { problem: 'denied' | 'failed' };

const metresPerDegree = 111_320;

/** Metres between two points given in degrees, good to a per mille over some hundred metres. */
export function metres(a: readonly number[], b: readonly number[]): number {
  const [lonA = 0, latA = 0] = a;
  const [lonB = 0, latB = 0] = b;
  const x = (lonB - lonA) * Math.cos((latA * Math.PI) / 180);
  return Math.hypot(x, latB - latA) * metresPerDegree;
}

export async function nearby(): Promise<Nearby> {
  const at = await position();
  if (typeof at === 'string') return { problem: at };
  const [lon, lat] = at;
  const dy = reach / metresPerDegree;
  const dx = dy / Math.cos((lat * Math.PI) / 180);
  const bbox = [lon - dx, lat - dy, lon + dx, lat + dy].map((n) => n.toFixed(6)).join(',');
  try {
    const { data } = await api.GET('/api/v1/buildings', { params: { query: { bbox, limit: 200 } } });
    const list = (data?.items ?? [])
      .map((b: Building) => ({ ...hitOf(b), metres: metres(at, b.label) }))
      .sort((a, b) => a.metres - b.metres);
    return { hits: list.slice(0, 10) };
  } catch {
    return { problem: 'failed' };
  }
}

function position(): Promise<[number, number] | 'denied' | 'failed'> {
  return new Promise((resolve) =>
    navigator.geolocation.getCurrentPosition(
      (p) => resolve([p.coords.longitude, p.coords.latitude]),
      (e) => resolve(e.code === e.PERMISSION_DENIED ? 'denied' : 'failed'),
      { enableHighAccuracy: true, timeout: 15_000, maximumAge: 30_000 },
    ),
  );
}
