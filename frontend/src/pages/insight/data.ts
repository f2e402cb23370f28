// Asks the server for what the state wants, and keeps the last answer while the next is on its way.
import { batch, computed, effect, signal } from '@preact/signals';
import type { FeatureCollection, MultiPolygon } from 'geojson';
import { api, type Problem } from '../../api/client';
import type { components } from '../../api/schema';
import { t as common } from '../../i18n';
import { forgetFrames, frameOf, legendOf, Refused } from './frames';
import type { Span } from './period';
import { slice } from './period';
import * as s from './state';

type Schemas = components['schemas'];
export type Areas = Schemas['InsightAreas'];
export type Hexes = Schemas['InsightHexes'];
export type Density = Schemas['InsightDensity'];
export type Film = Schemas['InsightFilm'];
export type FilmLegend = Schemas['InsightLegend'];
export type Series = Schemas['InsightSeries'];
export type Outlines = FeatureCollection<MultiPolygon, { code: string; name_zh: string; name_en: string }>;

/** Figures of the whole time, with their legend, which no zoom changes. */
export const areas = signal<Areas | null>(null);
export const hexes = signal<Hexes | null>(null);
export const density = signal<Density | null>(null);
export const series = signal<Series | null>(null);
/** Slices of the choropleth, and the present one of the other forms with the legend that all of them share. */
export const film = signal<Film | null>(null);
export const hexFrame = signal<Hexes | null>(null);
export const densityFrame = signal<Density | null>(null);
export const frameLegend = signal<FilmLegend | null>(null);
export const outlines = signal<{ level: s.Level; code: string; shapes: Outlines } | null>(null);

export type IncidentClass = Schemas['IncidentClass'];
/** Classes of incidents with their types; empty until they are there. */
export const incidentClasses = signal<readonly IncidentClass[]>([]);

export const loading = signal(false);
export const failed = signal<string | null>(null);
const attempt = signal(0);

export function again() {
  attempt.value++;
}

const iso = (d: Date) => d.toISOString();

/** What every question names. */
export function question(span: Span) {
  return {
    area: s.area.value?.code ?? '',
    measure: s.measure.value,
    from: iso(span.from),
    to: iso(span.to),
    ...(s.klass.value ? { class: s.klass.value } : {}),
  };
}

export function areasQuestion(span: Span) {
  return {
    ...question(span),
    level: s.shownLevel.value,
    value: s.shownValue.value,
    ...(s.smooth.value && s.shownValue.value !== 'count' ? { smooth: true } : {}),
    ...(s.compare.value ? { compare: true } : {}),
    ...(s.natural.value ? { breaks: 'natural' as const } : {}),
  };
}

export function hexesQuestion(span: Span) {
  return { ...question(span), width: s.width.value, ...(s.compare.value ? { compare: true } : {}) };
}

export function densityQuestion(span: Span) {
  return {
    ...question(span),
    bandwidth: s.bandwidth.value,
    ...(s.compare.value ? { compare: true } : {}),
  };
}

type Answer<T> = { data?: T; error?: Problem };

function must<T>(a: Answer<T>): T {
  if (a.data === undefined) throw new Refused(a.error);
  return a.data;
}

/** Runs an effect whose answer counts only as long as nothing newer was asked for. */
function asking(work: () => ((current: () => boolean) => Promise<void>) | null): () => void {
  let turn = 0;
  return effect(() => {
    const job = work();
    const mine = ++turn;
    if (!job) return;
    const current = () => mine === turn;
    job(current).catch((e: unknown) => {
      if (!current()) return;
      failed.value = e instanceof Refused ? e.message || common('error.server') : common('error.offline');
      loading.value = false;
    });
  });
}

/** Starts asking; returns what ends it. */
export function follow(): () => void {
  const stops = [asking(catalogue), asking(mainFigures), asking(timeline), asking(shapes), asking(slices)];
  return () => {
    for (const stop of stops) stop();
    for (const x of [areas, hexes, density, series, film, hexFrame, densityFrame, frameLegend, outlines])
      x.value = null;
  };
}

function catalogue() {
  attempt.value;
  if (incidentClasses.peek().length > 0) return null;
  return async () => {
    incidentClasses.value = must(await api.GET('/api/v1/incident-types')).classes;
  };
}

/** The question that the film answers. */
let filmed = '';

function mainFigures() {
  if (!s.area.value) return null;
  attempt.value;
  const span = s.whole.value;
  const asked = { areas: areasQuestion(span), hexes: hexesQuestion(span), density: densityQuestion(span) };
  const form = s.form.value;
  return async (current: () => boolean) => {
    // A slice may be of an hour that still runs.
    forgetFrames();
    filmed = '';
    loading.value = true;
    failed.value = null;
    const [a, h, d] = await Promise.all([
      api.GET('/api/v1/insight/areas', { params: { query: asked.areas } }),
      form === 'hexes' ? api.GET('/api/v1/insight/hexes', { params: { query: asked.hexes } }) : null,
      form === 'density' ? api.GET('/api/v1/insight/density', { params: { query: asked.density } }) : null,
    ]);
    if (!current()) return;
    areas.value = must(a);
    hexes.value = h && must(h);
    density.value = d && must(d);
    loading.value = false;
  };
}

function timeline() {
  if (!s.area.value) return null;
  attempt.value;
  const query = { ...question(s.whole.value), step: s.step.value };
  return async (current: () => boolean) => {
    const answer = must(await api.GET('/api/v1/insight/series', { params: { query } }));
    if (current()) series.value = answer;
  };
}

function shapes() {
  const code = s.area.value?.code;
  const level = s.shownLevel.value;
  if (!code || (outlines.peek()?.code === code && outlines.peek()?.level === level)) return null;
  return async (current: () => boolean) => {
    const answer = await fetch(`/api/v1/insight/outlines?area=${code}&level=${level}`);
    if (!answer.ok) throw new Refused();
    const found = (await answer.json()) as Outlines;
    if (current()) outlines.value = { code, level, shapes: found };
  };
}

/** Whether slices are wanted at all; the film of areas comes whole, so that it plays without asking. */
function slices() {
  const at = s.frame.value;
  if (!s.area.value || at === null || at >= s.frames.value) return null;
  const span = slice(s.whole.value, s.step.value, at);
  const form = s.form.value;
  if (form === 'areas') return wholeFilm();
  const beside = form === 'density' ? wholeFilm() : null; // its list is of areas
  const size = form === 'hexes' ? { width: s.width.value } : { bandwidth: s.bandwidth.value };
  const asked = (of: Span) => ({ ...question(of), ...size });
  const [present, all, step, frames, playing] = [
    asked(span),
    s.whole.value,
    s.step.value,
    s.frames.value,
    s.playing.value,
  ];
  return async (current: () => boolean) => {
    const [found, shared] = await Promise.all([
      frameOf(form, present),
      legendOf(form, asked(all), step),
      beside?.(current),
    ]);
    if (!current()) return;
    batch(() => {
      frameLegend.value = shared;
      if (found.form === 'hexes') hexFrame.value = found.answer;
      else densityFrame.value = found.answer;
    });
    if (!playing) return;
    for (let n = 1; n <= ahead && current(); n++) {
      await frameOf(form, asked(slice(all, step, (at + n) % frames)));
    }
  };
}

/** How many slices are asked for before their turn while a film plays. */
const ahead = 3;

/** Whether what the map shows is the slice that the slider stands on; a film waits for it. */
export const arrived = computed(() => {
  const at = s.frame.value;
  if (at === null) return true;
  if (s.form.value !== 'hexes' && film.value === null) return false;
  if (s.form.value === 'areas') return true;
  const shown = s.form.value === 'hexes' ? hexFrame.value : densityFrame.value;
  const from = slice(s.whole.value, s.step.value, at).from.getTime();
  return shown !== null && Date.parse(shown.from) === from;
});

function wholeFilm() {
  const query = { ...areasQuestion(s.whole.value), compare: false, step: s.step.value };
  const key = JSON.stringify(query);
  if (film.peek() && filmed === key) return null;
  return async (current: () => boolean) => {
    const answer = must(await api.GET('/api/v1/insight/film', { params: { query } }));
    if (!current()) return;
    filmed = key;
    film.value = answer;
  };
}
