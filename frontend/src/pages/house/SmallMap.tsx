// The building among its neighbours, on the map's own tiles. Loaded after everything that can be read.
import { effect } from '@preact/signals';
import { Map as GlMap, setWorkerUrl } from 'maplibre-gl';
import workerUrl from 'maplibre-gl/dist/maplibre-gl-worker.mjs?worker&url';
import { useEffect, useRef } from 'preact/hooks';
import '../../map/map.css';
import { t as shared } from '../../i18n';
import { grades } from '../../map/colours';
import { pageSlices } from '../../map/pageFonts';
import { buildStyle } from '../../map/style';
import { lang, palette, theme } from '../../shell/prefs';
import { housePath, navigate } from '../../shell/route';
import { t } from './text';

setWorkerUrl(workerUrl);

export interface Shown {
  id: number;
  label: readonly number[];
}

export function SmallMap({ building, codes }: { building: Shown; codes: ReadonlyMap<number, string> }) {
  const box = useRef<HTMLDivElement>(null);
  const known = useRef(codes);
  known.current = codes;
  useEffect(() => {
    if (!box.current) return;
    return start(box.current, building, known);
  }, [building.id]);
  return <div class="map small-map" ref={box} role="region" aria-label={t('map.label')} />;
}

function start(
  container: HTMLElement,
  building: Shown,
  codes: { current: ReadonlyMap<number, string> },
): () => void {
  const map = new GlMap({
    container,
    style: { version: 8, sources: {}, layers: [] },
    center: [building.label[0] ?? 0, building.label[1] ?? 0],
    zoom: 17,
    attributionControl: false,
    maxZoom: 19,
    dragRotate: false,
    pitchWithRotate: false,
    cooperativeGestures: false,
    fadeDuration: 0,
    canvasContextAttributes: { preserveDrawingBuffer: true }, // or a printed page shows no map
  });
  map.touchZoomRotate.disableRotation();
  map.scrollZoom.disable(); // the page scrolls
  Object.assign(container, { map }); // for the browser tests, which wait until it is idle
  const stop = effect(() => draw(map, building.id));
  map.on('click', (e) => {
    const hit = map.queryRenderedFeatures(e.point, { layers: ['house'] })[0];
    const code = codes.current.get(Number(hit?.id));
    if (code) navigate(housePath(code));
  });
  return () => {
    stop();
    map.remove();
  };
}

function draw(map: GlMap, building: number) {
  const fonts = pageSlices.value;
  if (!fonts) return;
  const letters = Object.fromEntries(grades.map((g) => [g, shared(`letter.${g}`)])) as Record<
    (typeof grades)[number],
    string
  >;
  const style = buildStyle({
    lang: lang.value,
    theme: theme.value,
    palette: palette.value,
    hidden: new Set(),
    origin: location.origin,
    fonts,
    ground: 'own',
    reader: 'page',
    letters,
  });
  map.setStyle(style, { diff: map.isStyleLoaded() === true });
  map.once('styledata', () => {
    const feature = { source: 'buildings', sourceLayer: 'building', id: building };
    if (map.getSource('buildings')) map.setFeatureState(feature, { selected: true });
  });
}
