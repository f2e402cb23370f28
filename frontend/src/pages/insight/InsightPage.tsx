import { useEffect, useLayoutEffect } from 'preact/hooks';
import { api } from '../../api/client';
import { pick as named } from '../../i18n';
import { useKeys } from '../../shell/keys';
import { insightPath, navigate, type Route, wallPath } from '../../shell/route';
import { Search } from '../../shell/Search';
import { goTo, type Hit } from '../../shell/search/hits';
import { account } from '../../shell/session';
import { type Crumb, TopBar } from '../../shell/TopBar';
import { IconButton } from '../../ui/Icon';
import { useLoad } from '../../ui/load';
import { Failed, Waiting } from '../../ui/states';
import { Controls } from './Controls';
import { Detail } from './Detail';
import { again, failed, follow, loading } from './data';
import { Exports } from './Exports';
import { HeatMap, showAll } from './HeatMap';
import { LegendBox } from './LegendBox';
import { Ranking } from './Ranking';
import { ranked } from './shown';
import * as s from './state';
import { TimeBar, toggle } from './TimeBar';
import { t } from './text';
import './insight.css';

/** How often the figures of a preset are asked for again while the page is looked at. */
const refreshEvery = 60_000;

export function InsightPage({ route }: { route: Extract<Route, { page: 'insight' }> }) {
  const path = { code: route.area };
  const found = useLoad(() => api.GET('/api/v1/areas/{code}', { params: { path } }), [route.area]);
  const a = found.data.value?.code === route.area ? found.data.value : null;
  // Before the map's own effect, which asks for this area's figures.
  useLayoutEffect(() => {
    s.area.value = a;
  }, [a]);
  useEffect(follow, []);
  useEffect(() => {
    const timer = setInterval(() => {
      if (!document.hidden && typeof s.time.value === 'string' && !s.playing.value) s.tick.value = Date.now();
    }, refreshEvery);
    return () => clearInterval(timer);
  }, []);
  useKeys([
    { keys: [' '], shown: t('key.space'), does: () => t('time.play'), run: toggle },
    { keys: ['['], does: () => t('time.back'), run: () => s.move(-1) },
    { keys: [']'], does: () => t('time.next'), run: () => s.move(1) },
    { keys: ['j'], does: () => t('key.next'), run: () => pick(1) },
    { keys: ['k'], does: () => t('key.previous'), run: () => pick(-1) },
    {
      keys: ['c'],
      does: () => t('key.compare'),
      run: () => {
        s.compare.value = !s.compare.value;
        s.frame.value = null;
      },
    },
    {
      keys: ['h'],
      does: () => t('detail.wall'),
      run: () => s.area.value && navigate(wallPath(s.area.value.code)),
    },
    { keys: ['Escape'], does: () => t('key.escape'), run: leave },
  ]);
  return (
    <div class="console">
      <TopBar
        area={route.area}
        crumbs={a ? crumbs(a) : []}
        search={<Search found={show} />}
        tools={<IconButton icon="home" label={t('map.all')} press={showAll} />}
      />
      <main class="insight">
        {a ? (
          <>
            <div class="side left">
              <Controls />
              <Exports />
            </div>
            <div class="stage">
              <HeatMap key={a.code} />
              <LegendBox />
              {loading.value && <progress class="asking" aria-label={t('loading')} />}
              {failed.value && (
                <div class="panel trouble">
                  <Failed why={failed.value} again={again} />
                </div>
              )}
            </div>
            <TimeBar />
            <div class="side right">
              <Detail />
              <Ranking />
            </div>
          </>
        ) : (
          <Waiting failed={found.failed.value} again={found.again} />
        )}
      </main>
    </div>
  );
}

/** An area that was found is looked at on this screen, by the same question; anything else has a page of its own. */
function show(hit: Hit) {
  if (hit.kind === 'area') navigate(`${insightPath(hit.code)}${s.keep()}`);
  else goTo(hit);
}

/** The way down to this area; links stay on this screen. */
function crumbs(a: NonNullable<typeof s.area.value>): Crumb[] {
  const mine = account.value?.code ?? '';
  const one = (p: { code: string; name_zh: string; name_en: string }): Crumb => ({
    name: named(p.name_zh, p.name_en) || p.code,
    ...(p.code.startsWith(mine) ? { href: `${insightPath(p.code)}${s.keep()}` } : {}),
  });
  return [...a.ancestors.map(one), { ...one(a), level: a.level }];
}

/** The next of the list, or the one before; from its top where none is picked. */
function pick(by: 1 | -1) {
  const all = ranked.value;
  const at = all.findIndex((r) => r.key === s.selected.value);
  const next = all[at < 0 ? 0 : at + by];
  if (next) s.selected.value = next.key;
}

/** Escape takes back what was done last: the film, then the picked area. */
function leave() {
  if (s.playing.value) s.playing.value = false;
  else if (s.frame.value !== null) s.frame.value = null;
  else s.selected.value = null;
}
