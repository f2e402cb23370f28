import { effect } from '@preact/signals';
import { useEffect, useLayoutEffect } from 'preact/hooks';
import { api } from '../../api/client';
import { t as common } from '../../i18n';
import { clock, date } from '../../i18n/format';
import type { Route } from '../../shell/route';
import { type Hit, Search } from '../../shell/Search';
import { goTo as goToPage } from '../../shell/search/hits';
import { pillOf } from '../../shell/stream';
import { crumbsOf, TopBar } from '../../shell/TopBar';
import { atMost } from '../../ui/atMost';
import { Icon, IconButton } from '../../ui/Icon';
import { ahead, lazy } from '../../ui/lazy';
import { useLoad } from '../../ui/load';
import { now } from '../../ui/now';
import { Sheet } from '../../ui/Sheet';
import { StatusPill } from '../../ui/StatusPill';
import { Failed, Waiting } from '../../ui/states';
import { keepFigures, levelAt, refreshFigures, refreshParts } from './figures';
import { followAddress } from './follow';
import { useWallKeys } from './keys';
import { goLive } from './live';
import { ability } from './map/graphics';
import { fitTo, flyTo, goHome, MapView } from './map/MapView';
import { loadAreas, loadTypes } from './names';
import { Phone, Sides } from './panels';
import { runReplay } from './replay';
import { Alarms, SoundSwitch } from './Sound';
import { live } from './scene';
import { hear, keepSounding } from './sound';
import {
  area,
  focus,
  open,
  picking,
  replaying,
  report,
  reporting,
  rotation,
  select,
  selected,
  sidesHidden,
  view,
} from './state';
import { Takeaway } from './Takeaway';
import { TimeBar } from './TimeBar';
import { t } from './text';
import { UndoBar } from './UndoBar';
import { WallMode } from './WallMode';
import { loadViews, rotate } from './wallmode';
import './wall.css';
import './panels.css';
import './cards.css';
import './time.css';
import './sizes.css';
import './print.css';

const loadCards = async () => (await import('./Cards')).Cards;
const Cards = lazy(loadCards, CardsComing);
const loadLists = () => import('./Lists');
const Lists = lazy(async () => (await loadLists()).Lists, CardsComing);
const ListsInstead = lazy(async () => (await loadLists()).ListsInstead, CardsComing);

function CardsComing({ failed }: { failed: boolean }) {
  if (!failed) return null;
  return (
    <Sheet class="detail" title={common('error.offline')} close={() => select(null)}>
      <Failed why={common('error.offline')} again={() => location.reload()} />
    </Sheet>
  );
}

export function WallPage({ route }: { route: Extract<Route, { page: 'wall' }> }) {
  const found = useLoad(
    () => api.GET('/api/v1/areas/{code}', { params: { path: { code: route.area } } }),
    [route.area],
  );
  const a = found.data.value?.code === route.area ? found.data.value : null;
  // Before the map's own effect, which asks for this area's figures.
  useLayoutEffect(() => {
    area.value = a;
  }, [a]);
  useEffect(() => (a ? work(a.code, a.level) : undefined), [a]);
  useWallKeys();
  useEffect(() => ahead(() => Promise.all([loadCards(), loadLists()])), []);
  const wallMode = rotation.value > 0;
  return (
    <div
      class={`console wall${wallMode ? ' wall-mode' : ''}${replaying.value ? ' in-past' : ''}${sidesHidden.value ? ' no-sides' : ''}${outdated() ? ' outdated' : ''}`}
    >
      <TopBar
        area={route.area}
        crumbs={a ? crumbsOf(a.ancestors, a) : []}
        search={<Search found={show} />}
        pill={
          <>
            <StatusPill connection={pillOf()} />
            <Time />
          </>
        }
        tools={<Tools />}
      />
      <main class="stage">
        {!a ? (
          <Waiting failed={found.failed.value} again={found.again} />
        ) : (
          <>
            {ability().webgl ? <MapView key={a.code} /> : <ListsInstead />}
            <p id="map-help" class="sr">
              {t('map.help')}
            </p>
            <Sides />
            <Overlays />
            <Phone />
          </>
        )}
      </main>
      <TimeBar />
      <UndoBar />
    </div>
  );
}

/** Everything that goes on while a wall is shown; returns what ends it. */
function work(code: string, level: string): () => void {
  const l = goLive(code);
  live.value = l;
  loadViews(code);
  void loadTypes().catch(() => undefined);
  const areas = atMost(2000, () => void loadAreas(code, level).catch(() => undefined));
  areas.ask();
  const figures = keepFigures(() => void refreshParts(levelAt(view.peek()?.zoom ?? 0)));
  const stops = [
    l.store.onHappening((h) => {
      figures.nudge();
      hear(h);
    }),
    figures.stop,
    l.store.onItems((items) => {
      if (items?.some((i) => i.topic === 'area')) areas.ask(); // redrawn or renamed
    }),
    areas.stop,
    effect(() => {
      focus.value;
      void refreshFigures();
    }),
    runReplay(),
    keepSounding(),
    rotate(),
    followAddress(),
  ];
  return () => {
    for (const stop of stops) stop();
    live.value = null;
    l.stop();
  };
}

/** Whether the map shows what was and may not be any more. */
function outdated(): boolean {
  const s = pillOf();
  return !replaying.value && (s.state === 'stale' || (s.state === 'offline' && s.since !== null));
}

function Time() {
  return (
    <time class="wall-clock" dateTime={now.value.toISOString()}>
      {clock(now.value)}
      <small>{date(now.value)}</small>
    </time>
  );
}

function Tools() {
  return (
    <>
      <button
        type="button"
        class="primary report-button"
        aria-label={t('report.title')}
        onClick={() => report()}
      >
        <Icon name="plus" /> <span>{t('report.title')}</span>
      </button>
      <SoundSwitch />
      <IconButton icon="home" label={t('view.home')} press={goHome} />
      <IconButton
        icon="list"
        label={t('view.list')}
        on={open.value === 'cases' || open.value === 'houses'}
        press={() => {
          open.value = open.value === 'cases' || open.value === 'houses' ? null : 'cases';
        }}
      />
      <Takeaway />
      <WallMode />
    </>
  );
}

function Overlays() {
  return (
    <>
      <Alarms />
      {picking.value && (
        <p class="picking-hint" role="status">
          {t('report.picking')}
        </p>
      )}
      {(reporting.value || selected.value) && <Cards />}
      {ability().webgl && (open.value === 'cases' || open.value === 'houses') && <Lists />}
    </>
  );
}

function show(hit: Hit) {
  if (hit.kind === 'area' && hit.bounds) {
    select({ kind: 'area', code: hit.code });
    fitTo(hit.bounds);
  } else if (hit.kind === 'building') {
    select({ kind: 'building', ref: String(hit.id) });
    flyTo(hit.place as [number, number]);
  } else if (hit.kind === 'incident') {
    select({ kind: 'incident', id: hit.id });
    flyTo(hit.place as [number, number]);
  } else goToPage(hit);
}
