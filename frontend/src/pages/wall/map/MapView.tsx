import { effect } from '@preact/signals';
import { type GeoJSONSource, Map as GlMap, type MapMouseEvent, setWorkerUrl } from 'maplibre-gl';
import workerUrl from 'maplibre-gl/dist/maplibre-gl-worker.mjs?worker&url';
import { useEffect, useRef } from 'preact/hooks';
import { sharp } from '../../../map/grown';
import '../../../map/map.css';
import { askGround } from '../../../map/pageGround';
import { houseZoom } from '../../../map/style';
import { levelAt, refreshParts } from '../figures';
import { live } from '../scene';
import { bounds, picking, reporting, select, selected, view } from '../state';
import { t } from '../text';
import { nothingApart, takeApart } from './apart';
import type { CaseProperties } from './cases';
import { ability, low } from './graphics';
import { pulses } from './pulses';
import { aroundCard, type Box, besideCard, uncover } from './sight';
import { apart, keepInStep } from './sync';
import { installProtocol, refetch, renewBuildings, throughProtocol } from './tiles';

setWorkerUrl(workerUrl);
installProtocol();

/** So many changed grades are kept beside the tiles before the tiles are fetched anew and the changes forgotten. */
const manyStates = 2000;

let shown: GlMap | null = null;

export function MapView() {
  const box = useRef<HTMLDivElement>(null);
  useEffect(() => {
    if (!box.current || !ability().webgl) return;
    return start(box.current);
  }, []);
  if (!ability().webgl) return null; // the wall shows its lists instead
  return (
    <div
      class={picking.value ? 'map picking' : 'map'}
      ref={box}
      role="region"
      aria-label={t('map.label')}
      aria-describedby="map-help"
    />
  );
}

function start(container: HTMLElement): () => void {
  const at = view.value;
  const home = bounds.value as [number, number, number, number] | null;
  const map = new GlMap({
    container,
    style: { version: 8, sources: {}, layers: [] },
    ...(at ? { center: [at.lon, at.lat], zoom: at.zoom } : {}),
    ...(!at && home ? { bounds: home, fitBoundsOptions: { padding: 24 } } : {}),
    attributionControl: { compact: true }, // whose base map it is must be readable
    maxZoom: 20,
    dragRotate: false,
    pitchWithRotate: false,
    transformRequest: throughProtocol,
    fadeDuration: low.value || matchMedia('(prefers-reduced-motion: reduce)').matches ? 0 : 200,
    pixelRatio: low.value ? Math.min(1, devicePixelRatio) : sharp(container),
    canvasContextAttributes: { antialias: !low.value },
  });
  map.touchZoomRotate.disableRotation();
  map.getCanvas().setAttribute('aria-label', t('map.label'));
  shown = map;
  Object.assign(container, { map }); // for the browser tests, which wait until it is idle
  map.on('moveend', () => {
    const c = map.getCenter();
    view.value = { lon: c.lng, lat: c.lat, zoom: map.getZoom() };
  });
  map.on('movestart', () => {
    if (apart.value !== nothingApart) apart.value = nothingApart;
  });
  let level: string | null | undefined;
  const onZoom = () => {
    const next = levelAt(map.getZoom());
    if (next === level) return;
    level = next;
    void refreshParts(next);
  };
  map.on('zoomend', onZoom);
  onZoom();
  map.on('click', (e) => void choose(map, e));
  const observer = new ResizeObserver(() => map.resize());
  observer.observe(container);
  void askGround();
  const stops = [keepInStep(map), followLive(map), () => observer.disconnect()];
  return () => {
    for (const stop of stops) stop();
    map.remove();
    shown = null;
  };
}

/** Connects the map to the stream: tiles that changed, things that happen. */
function followLive(map: GlMap): () => void {
  const tiles = refetch(map);
  const ring = pulses(map);
  let stops: (() => void)[] = [];
  let renewing = false;
  const stop = effect(() => {
    for (const s of stops) s();
    const l = live.value;
    if (!l) return;
    stops = [
      l.onTiles(tiles.changed),
      l.store.onHappening((h) => {
        if (!low.value) ring.pulse(h);
      }),
      l.store.gradesVersion.subscribe(() => {
        if (renewing || l.store.grades.size < manyStates || !map.getSource('buildings')) return;
        renewing = true;
        renewBuildings(map, (upTo) => {
          renewing = false;
          l.store.forgetGrades(upTo);
        });
      }),
    ];
  });
  return () => {
    stop();
    for (const s of stops) s();
    tiles.stop();
    ring.stop();
  };
}

async function choose(map: GlMap, e: MapMouseEvent) {
  if (picking.value) {
    picking.value = false;
    reporting.value = { at: [e.lngLat.lng, e.lngLat.lat] };
    return;
  }
  const hit = (...layers: string[]) =>
    map.queryRenderedFeatures(e.point, { layers: layers.filter((l) => map.getLayer(l)) })[0];
  const one = hit('apart-case', 'chosen-case', 'case');
  if (one) {
    select({ kind: 'incident', id: Number(one.properties.id) });
    return;
  }
  const crowd = hit('case-crowd');
  if (crowd) {
    await open(map, crowd.properties.cluster_id, crowd.properties.point_count, e);
    return;
  }
  apart.value = nothingApart;
  if (map.getZoom() >= houseZoom) {
    const house = hit('house');
    select(house?.id === undefined ? null : { kind: 'building', ref: String(house.id) });
    return;
  }
  const code = hit('risk-street', 'risk-community', 'risk-grid')?.properties.code as string | undefined;
  const again = selected.value?.kind === 'area' && selected.value.code === code;
  select(code && !again ? { kind: 'area', code } : null);
}

/** From this zoom on a crowd is taken apart where it lies: nearer would not part it. */
const apartZoom = 17;

async function open(map: GlMap, cluster: number, count: number, e: MapMouseEvent) {
  const source = map.getSource<GeoJSONSource>('cases');
  if (!source) return;
  const zoom = await source.getClusterExpansionZoom(cluster);
  if (zoom <= apartZoom) {
    map.easeTo({ center: e.lngLat, zoom: zoom + 0.2 });
    return;
  }
  const leaves = await source.getClusterLeaves(cluster, Math.min(count, 60), 0);
  const middle = map.project(e.lngLat);
  apart.value = takeApart(
    { x: middle.x, y: middle.y, lon: e.lngLat.lng, lat: e.lngLat.lat },
    leaves.map((l) => l.properties as CaseProperties),
    (x, y) => map.unproject([x, y]).toArray(),
  );
}

/** Shows an area beside its card. */
export function fitTo(box: number[], card = true) {
  shown?.fitBounds(box as [number, number, number, number], {
    padding: card ? aroundCard(shown, 40) : 40,
    maxZoom: 17,
  });
}

/** Goes to a place whose card opens. */
export function flyTo(at: [number, number], zoom = 17) {
  shown?.flyTo({ center: at, zoom: Math.max(zoom, shown.getZoom()), offset: besideCard(shown) });
}

/** Moves the map until nothing of a box lies under the card; returns what stops waiting for that. */
export function keepClear(box: Box): () => void {
  return shown ? uncover(shown, box) : () => undefined;
}

export function showView(v: { lon: number; lat: number; zoom: number }) {
  shown?.flyTo({ center: [v.lon, v.lat], zoom: v.zoom });
}

export function goHome() {
  if (bounds.value) fitTo(bounds.value, selected.peek() !== null);
}

/** The map that is shown; null without one. */
export const presentMap = (): GlMap | null => shown;

/** The present view as west, south, east, north; null without a map. */
export function viewBox(): [number, number, number, number] | null {
  if (!shown) return null;
  const b = shown.getBounds();
  return [b.getWest(), b.getSouth(), b.getEast(), b.getNorth()];
}
