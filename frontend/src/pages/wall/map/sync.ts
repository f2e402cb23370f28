// Brings the map in step with what is to be seen. Each effect owns one aspect of the map and nothing else touches it;
// a new style puts all of them on again.
import { effect, signal, untracked } from '@preact/signals';
import type { GeoJSONSource, Map as GlMap, StyleSpecification } from 'maplibre-gl';
import { t } from '../../../i18n';
import { type Grade, grades } from '../../../map/colours';
import { pageSlices } from '../../../map/pageFonts';
import { pageGround } from '../../../map/pageGround';
import { buildStyle } from '../../../map/style';
import { lang, palette, theme } from '../../../shell/prefs';
import { parts, riskOf } from '../figures';
import { pastVersion } from '../replay';
import { caseById, live, shownCases, shownGrades, shownTime } from '../scene';
import { hidden, replaying, selected } from '../state';
import { type Apart, nothingApart } from './apart';
import { type CaseData, caseFeature, caseLayers, caseSources } from './cases';
import { DrawnCases } from './drawnCases';

/** What is taken apart at the moment. */
export const apart = signal<Apart>(nothingApart);

export function keepInStep(map: GlMap): () => void {
  const sync = new Sync(map);
  const stops = [
    effect(() => sync.style()),
    effect(() => sync.cases()),
    effect(() => sync.apart()),
    effect(() => sync.grades()),
    effect(() => sync.risk()),
    effect(() => sync.selected()),
    effect(() => sync.chosen()),
  ];
  return () => {
    for (const stop of stops) stop();
    sync.stop();
  };
}

/** Houses in two layers of the tiles: their outlines and their labels. */
const houseLayers = ['building', 'building_label'];

class Sync {
  private drawn = '';
  private inRing = '';
  private readonly known = new DrawnCases();
  /** Grades that were put on, by building. */
  private put = new Map<number, number>();
  private timer: ReturnType<typeof setTimeout> | undefined;
  private pending = false;

  constructor(private readonly map: GlMap) {}

  stop() {
    clearTimeout(this.timer);
  }

  style() {
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
      ahead: replaying.value,
      letters: Object.fromEntries(grades.map((g) => [g, t(`letter.${g}`)])) as Record<
        (typeof grades)[number],
        string
      >,
    });
    outlineOnly(style, 0);
    style.layers.push(...caseLayers(theme.value));
    const next = JSON.stringify([style.layers, style.sprite]);
    if (next === this.drawn) return;
    this.drawn = next;
    const known = this.known.whole(shownCases.peek(), shownTime.peek());
    Object.assign(
      style.sources,
      caseSources(
        known,
        apart.peek(),
        untracked(() => this.chosenCase()),
      ),
    );
    this.map.setStyle(style, { diff: true });
    this.map.once('styledata', () => {
      this.put.clear();
      this.grades();
      this.risk();
      this.selected();
    });
  }

  /** Many events change the data many times; it is put on a few times a second. */
  cases() {
    const all = shownCases.value;
    shownTime.value;
    if (this.timer) {
      this.pending = true;
      return;
    }
    this.drawCases();
    this.timer = setTimeout(
      () => {
        this.timer = undefined;
        if (this.pending) this.drawCases();
        this.pending = false;
      },
      all.length > 3000 ? 1500 : 200,
    );
  }

  private drawCases() {
    const source = this.map.getSource<GeoJSONSource>('cases');
    const changes = source && this.known.changes(shownCases.peek(), shownTime.peek());
    if (changes) void source.updateData(changes);
  }

  apart() {
    const data = apart.value;
    this.map.getSource<GeoJSONSource>('apart')?.setData(data);
  }

  grades() {
    live.value?.store.gradesVersion.value;
    pastVersion.value;
    if (!this.map.getSource('buildings')) return;
    const wanted = new Map([...shownGrades()].map(([id, g]) => [id, grades.indexOf(g as Grade) + 1]));
    for (const id of this.put.keys()) if (!wanted.has(id)) this.unset(id);
    for (const [id, g] of wanted) if (this.put.get(id) !== g) this.set(id, g);
    this.put = wanted;
  }

  private set(id: number, g: number) {
    for (const sourceLayer of houseLayers)
      this.map.setFeatureState({ source: 'buildings', sourceLayer, id }, { g });
  }

  private unset(id: number) {
    for (const sourceLayer of houseLayers) {
      this.map.removeFeatureState({ source: 'buildings', sourceLayer, id }, 'g');
    }
  }

  risk() {
    const all = parts.value;
    if (!this.map.getSource('areas')) return;
    for (const f of [...all.values()].flat()) {
      const risk = riskOf(f);
      if (f.id && risk !== null) {
        this.map.setFeatureState({ source: 'areas', sourceLayer: 'area', id: f.id }, { risk });
      }
    }
  }

  selected() {
    const id = this.chosenHouse();
    if (this.map.getLayer('house-selected')) this.map.setFilter('house-selected', ['==', ['id'], id]);
  }

  /** The case whose card is open. */
  chosen() {
    const data = this.chosenCase();
    const next = JSON.stringify(data);
    if (next === this.inRing) return;
    this.inRing = next;
    this.map.getSource<GeoJSONSource>('chosen')?.setData(data);
  }

  private chosenCase(): CaseData {
    const s = selected.value;
    const found = s?.kind === 'incident' ? caseById(s.id) : undefined;
    return {
      type: 'FeatureCollection',
      features: found ? [caseFeature(found, shownTime.value)] : [],
    };
  }

  /** The house that is selected; 0 for none. */
  private chosenHouse(): number {
    const s = selected.value;
    return s?.kind === 'building' && s.ref.length < 14 ? Number(s.ref) : 0;
  }
}

/** The outline of one house, by a filter: by opacity, every house in view would be drawn once more for it. */
function outlineOnly(style: StyleSpecification, house: number) {
  const layer = style.layers.find((l) => l.id === 'house-selected');
  if (layer?.type !== 'line') return;
  layer.filter = ['==', ['id'], house];
  layer.paint = { ...layer.paint, 'line-opacity': 1 };
}
