// Brings the map in step with the state. Every trigger calls the same function; nothing else touches the style.
import type { Map as GlMap } from 'maplibre-gl';
import { api, type Figures } from '../../api/client';
import { t } from '../../i18n';
import { grades } from '../../map/colours';
import { pageSlices } from '../../map/pageFonts';
import { pageGround } from '../../map/pageGround';
import { buildStyle } from '../../map/style';
import { lang, palette, theme } from '../../shell/prefs';
import { area, hidden, selected, stats } from './state';

let drawn = '';
let marked: number | null = null;

export function syncStyle(map: GlMap) {
  const fonts = pageSlices.value;
  const ground = pageGround.value;
  if (!fonts || !ground) return;
  const style = buildStyle({
    lang: lang.value,
    theme: theme.value,
    palette: palette.value,
    hidden: hidden.value,
    origin: location.origin,
    fonts,
    ground,
    reader: 'page',
    letters: Object.fromEntries(grades.map((g) => [g, t(`letter.${g}`)])) as Record<
      (typeof grades)[number],
      string
    >,
  });
  const next = JSON.stringify(style.layers);
  if (next === drawn) return;
  drawn = next;
  map.setStyle(style, { diff: true });
  map.once('styledata', () => {
    applyRisk(map);
    markSelected(map);
  });
}

/** Figures of the parts that the present zoom shows, by level. */
const parts = new Map<string, Figures[]>();

export function levelAt(zoom: number): 'street' | 'community' | 'grid' | null {
  if (zoom < 11.5) return 'street';
  if (zoom < 13) return 'community';
  return zoom < 14 ? 'grid' : null;
}

/** The share of orange and red among an area's rental houses; null where there are too few to say. */
export function riskOf(f: Pick<Figures, 'grades' | 'rental_buildings'>): number | null {
  if (f.rental_buildings < 5) return null;
  return ((f.grades.orange ?? 0) + (f.grades.red ?? 0)) / f.rental_buildings;
}

/** Asks for the figures that the legend and the present zoom need, and puts them on. */
export async function refreshFigures(map: GlMap) {
  const code = area.value?.code;
  if (!code) return;
  try {
    const own = area.value?.level ?? '';
    const wanted = levelAt(map.getZoom());
    const order = ['city', 'district', 'street', 'community', 'grid'];
    const by = wanted && order.indexOf(wanted) > order.indexOf(own) ? wanted : undefined;
    const { data } = await api.GET('/api/v1/areas/{code}/stats', {
      params: { path: { code }, query: by ? { by } : {} },
    });
    if (!data) return;
    stats.value = data;
    if (by) parts.set(by, data.parts ?? []);
    applyRisk(map);
  } catch {
    // The client has noted that the server cannot be reached; the figures shown say how old they are.
  }
}

function applyRisk(map: GlMap) {
  if (!map.getSource('areas')) return;
  for (const f of [...parts.values()].flat()) {
    const risk = riskOf(f);
    if (f.id && risk !== null)
      map.setFeatureState({ source: 'areas', sourceLayer: 'area', id: f.id }, { risk });
  }
}

export function markSelected(map: GlMap) {
  if (!map.getSource('buildings')) return;
  const feature = (id: number) => ({ source: 'buildings', sourceLayer: 'building', id });
  if (marked !== null) map.setFeatureState(feature(marked), { selected: false });
  const s = selected.value;
  marked = s?.kind === 'building' && s.ref.length < 14 ? Number(s.ref) : null;
  if (marked !== null) map.setFeatureState(feature(marked), { selected: true });
}

/** Asks for every visible tile again; one that did not change costs an answer without a body. */
export function refreshTiles(map: GlMap) {
  for (const source of ['areas', 'buildings']) if (map.getSource(source)) map.refreshTiles(source);
}
