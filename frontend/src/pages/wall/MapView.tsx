import { effect } from '@preact/signals';
import { Map as GlMap, type MapMouseEvent, setWorkerUrl } from 'maplibre-gl';
import workerUrl from 'maplibre-gl/dist/maplibre-gl-worker.mjs?worker&url';
import { useEffect, useRef } from 'preact/hooks';
import '../../map/map.css';
import { askGround } from '../../map/pageGround';
import { houseZoom } from '../../map/style';
import { bounds, selected, view } from './state';
import { markSelected, refreshFigures, refreshTiles, syncStyle } from './sync';
import { t } from './text';

setWorkerUrl(workerUrl);

/** How often tiles and figures are asked for again while the page is looked at. */
const refreshEvery = 10_000;

let shown: GlMap | null = null;

export function MapView() {
  const box = useRef<HTMLDivElement>(null);
  useEffect(() => {
    if (!box.current || !hasWebGL()) return;
    return start(box.current);
  }, []);
  if (!hasWebGL()) {
    return (
      <p class="map centre" role="alert">
        {t('nowebgl')}
      </p>
    );
  }
  return <div class="map" ref={box} role="region" aria-label={t('map.label')} />;
}

function start(container: HTMLElement): () => void {
  const at = view.value;
  const map = new GlMap({
    container,
    style: { version: 8, sources: {}, layers: [] },
    ...(at ? { center: [at.lon, at.lat], zoom: at.zoom } : {}),
    ...(!at && bounds.value
      ? { bounds: bounds.value as [number, number, number, number], fitBoundsOptions: { padding: 40 } }
      : {}),
    attributionControl: { compact: true }, // whose base map it is must be readable
    maxZoom: 20,
    dragRotate: false,
    pitchWithRotate: false,
    fadeDuration: matchMedia('(prefers-reduced-motion: reduce)').matches ? 0 : 200,
  });
  map.touchZoomRotate.disableRotation();
  shown = map;
  Object.assign(container, { map }); // for the browser tests, which wait until it is idle
  map.on('moveend', () => {
    const c = map.getCenter();
    view.value = { lon: c.lng, lat: c.lat, zoom: map.getZoom() };
  });
  let figuresZoom = Number.NaN;
  map.on('zoomend', () => {
    if (Math.floor(map.getZoom() * 2) === Math.floor(figuresZoom * 2)) return;
    figuresZoom = map.getZoom();
    void refreshFigures(map);
  });
  map.on('click', (e) => choose(map, e));
  void askGround();
  const stops = [effect(() => syncStyle(map)), effect(() => markSelected(map))];
  void refreshFigures(map);
  const timer = setInterval(() => {
    if (document.hidden) return;
    refreshTiles(map);
    void refreshFigures(map);
  }, refreshEvery);
  return () => {
    for (const stop of stops) stop();
    clearInterval(timer);
    map.remove();
    shown = null;
  };
}

function choose(map: GlMap, e: MapMouseEvent) {
  if (map.getZoom() >= houseZoom) {
    const house = map.queryRenderedFeatures(e.point, { layers: ['house'] })[0];
    selected.value = house?.id === undefined ? null : { kind: 'building', ref: String(house.id) };
    return;
  }
  const area = map.queryRenderedFeatures(e.point, {
    layers: ['risk-street', 'risk-community', 'risk-grid'],
  })[0];
  const code = area?.properties.code as string | undefined;
  selected.value = code ? { kind: 'area', code } : null;
}

export function fitTo(bounds: number[]) {
  shown?.fitBounds(bounds as [number, number, number, number], { padding: 60, maxZoom: 17 });
}

export function flyTo(at: number[]) {
  shown?.flyTo({ center: at as [number, number], zoom: Math.max(17, shown.getZoom()) });
}

export function goHome() {
  if (bounds.value) fitTo(bounds.value);
}

/** The present view as west, south, east, north; null without a map or where houses do not show. */
export function boxInView(): string | null {
  if (!shown || shown.getZoom() < houseZoom) return null;
  const b = shown.getBounds();
  return [b.getWest(), b.getSouth(), b.getEast(), b.getNorth()].map((n) => n.toFixed(6)).join(',');
}

let webgl: boolean | undefined;

function hasWebGL(): boolean {
  webgl ??= document.createElement('canvas').getContext('webgl2') !== null;
  return webgl;
}
