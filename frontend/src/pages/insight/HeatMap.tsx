import { effect } from '@preact/signals';
import { type GeoJSONSource, Map as GlMap, type MapMouseEvent, setWorkerUrl } from 'maplibre-gl';
import workerUrl from 'maplibre-gl/dist/maplibre-gl-worker.mjs?worker&url';
import { useEffect, useRef } from 'preact/hooks';
import { sharp } from '../../map/grown';
import '../../map/map.css';
import { pageSlices } from '../../map/pageFonts';
import { lang, palette, theme } from '../../shell/prefs';
import { contoursOf } from './contours';
import { density, densityFrame, outlines } from './data';
import { hatch, heatStyle } from './layers';
import { legend, rows, shownHexes, sliced } from './shown';
import * as s from './state';
import { t } from './text';

setWorkerUrl(workerUrl);

let shown: GlMap | null = null;

export function HeatMap() {
  const box = useRef<HTMLDivElement>(null);
  useEffect(() => {
    if (box.current && hasWebGL()) return start(box.current);
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

/** The map that is on the screen; a picture of it is exported. */
export const present = () => shown;

export function showAll() {
  const b = s.area.value?.area?.bounds;
  if (b) shown?.fitBounds(b as [number, number, number, number], { padding: room(shown.getContainer()) });
}

/** The legend covers a part of the map; where there is enough of it the area stands beside it. */
function room(container: HTMLElement) {
  const covered = container.parentElement?.querySelector('.heat-legend')?.clientWidth ?? 220;
  const left = container.clientWidth > 3 * covered ? covered + 24 : 16;
  return { top: 16, right: 40, bottom: 16, left };
}

function start(container: HTMLElement): () => void {
  const at = s.view.peek();
  const b = s.area.peek()?.area?.bounds as [number, number, number, number] | undefined;
  const map = new GlMap({
    container,
    style: { version: 8, sources: {}, layers: [] },
    ...(at ? { center: [at.lon, at.lat], zoom: at.zoom } : {}),
    ...(!at && b ? { bounds: b, fitBoundsOptions: { padding: room(container) } } : {}),
    attributionControl: false,
    pixelRatio: sharp(container),
    maxZoom: 18,
    dragRotate: false,
    pitchWithRotate: false,
    fadeDuration: matchMedia('(prefers-reduced-motion: reduce)').matches ? 0 : 200,
  });
  map.touchZoomRotate.disableRotation();
  shown = map;
  Object.assign(container, { map }); // for the browser tests, which wait until it is idle
  map.on('moveend', (e) => {
    if (!e.originalEvent) return; // what the page did by itself is not what somebody chose to look at
    const c = map.getCenter();
    s.view.value = { lon: c.lng, lat: c.lat, zoom: map.getZoom() };
  });
  listen(map);
  const sync = new Sync(map);
  const stop = effect(() => sync.run());
  return () => {
    stop();
    map.remove();
    shown = null;
  };
}

function listen(map: GlMap) {
  const at = (e: MapMouseEvent) => {
    if (!map.getLayer('cell')) return null;
    return (map.queryRenderedFeatures(e.point, { layers: ['cell'] })[0]?.properties.key as string) ?? null;
  };
  map.on('mousemove', (e) => {
    s.hovered.value = at(e);
    map.getCanvas().classList.toggle('pointing', s.hovered.value !== null);
  });
  map.on('mouseout', () => {
    s.hovered.value = null;
  });
  map.on('click', (e) => {
    const key = at(e);
    s.selected.value = key === s.selected.value ? null : key;
  });
}

/** Brings the map in step with the state; each part is touched only where it changed. */
class Sync {
  private style = '';
  private shapes: unknown = null;
  private field: unknown = null;
  private keys: string[] = [];
  /** What each cell was given last, so that a film's slice touches only those that change. */
  private given: string[] = [];

  constructor(private readonly map: GlMap) {}

  run() {
    const fonts = pageSlices.value;
    // Everything is read before anything may end the run, so that each change comes back here.
    const now = onScreen();
    if (!fonts) return;
    const style = heatStyle({ lang: lang.value, theme: theme.value, palette: palette.value, fonts });
    const layers = JSON.stringify(style.layers);
    if (layers === this.style) {
      this.draw(now);
      return;
    }
    this.style = layers;
    this.map.setStyle(style, { diff: false });
    // A style begins without data; nothing of what was put on the one before is there any more.
    this.map.once('style.load', () => {
      this.shapes = null;
      this.field = null;
      this.given = [];
      this.draw(onScreen());
    });
  }

  private draw(now: Shown) {
    const cells = this.map.getSource('cells') as GeoJSONSource | undefined;
    if (!cells) return;
    if (!this.map.hasImage('hatch-dark')) {
      this.map.addImage('hatch-dark', hatch([140, 160, 195]));
      this.map.addImage('hatch-light', hatch([110, 125, 150]));
    }
    const shape = now.form === 'hexes' ? now.hexes : now.outlines;
    if (shape !== this.shapes) {
      this.shapes = shape;
      const data = now.form === 'hexes' ? hexShapes(now.hexes) : areaShapes(now.outlines);
      this.keys = data.features.map((f) => f.properties.key);
      this.given = [];
      this.map.removeFeatureState({ source: 'cells' });
      cells.setData(data);
    }
    const byKey = new Map(now.rows.map((r) => [r.key, r.class]));
    this.keys.forEach((key, id) => {
      const c = now.form === 'density' ? -2 : (byKey.get(key) ?? -2);
      // A cell that loses its colour is told so: states are added to what a cell was given before.
      const state = { k: Math.min(0, c), on: now.on.includes(key), colour: now.legend.colours[c] ?? null };
      const said = `${state.k}${state.on}${state.colour}`;
      if (this.given[id] === said) return;
      this.given[id] = said;
      this.map.setFeatureState({ source: 'cells', id }, state);
    });
    this.drawDensity(now);
  }

  private drawDensity({ form, density: field, legend: l }: Shown) {
    const source = this.map.getSource('density') as GeoJSONSource | undefined;
    const wanted = form === 'density' && field ? JSON.stringify([field.from, field.as_of, l]) : null;
    if (!source || wanted === this.field) return;
    this.field = wanted;
    source.setData({
      type: 'FeatureCollection',
      features: wanted && field ? contoursOf(field, l.bounds, l.colours, l.diverging) : [],
    });
  }
}

type Shown = ReturnType<typeof onScreen>;

/** All that the map shows, read at once. */
function onScreen() {
  return {
    legend: legend.value,
    rows: rows.value,
    outlines: outlines.value,
    hexes: shownHexes.value,
    density: sliced.value ? densityFrame.value : density.value,
    form: s.form.value,
    on: [s.hovered.value, s.selected.value],
  };
}

type Shapes = GeoJSON.FeatureCollection<GeoJSON.Geometry, { key: string; spot: string }>;

function areaShapes(o: typeof outlines.value): Shapes {
  const features = (o?.shapes.features ?? []).map((f, id) => ({
    type: 'Feature' as const,
    id,
    geometry: f.geometry,
    properties: { key: f.properties.code, spot: 'none' },
  }));
  return { type: 'FeatureCollection', features };
}

function hexShapes(h: typeof shownHexes.value): Shapes {
  const features = (h?.rows ?? []).map((r, id) => ({
    type: 'Feature' as const,
    id,
    geometry: { type: 'Polygon' as const, coordinates: [r.ring as [number, number][]] },
    properties: { key: r.id, spot: r.spot },
  }));
  return { type: 'FeatureCollection', features };
}

let webgl: boolean | undefined;

function hasWebGL(): boolean {
  webgl ??= document.createElement('canvas').getContext('webgl2') !== null;
  return webgl;
}
