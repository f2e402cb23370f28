import { useLayoutEffect } from 'preact/hooks';
import { api } from '../../api/client';
import { grades } from '../../map/colours';
import { useKeys } from '../../shell/keys';
import type { Route } from '../../shell/route';
import { type Hit, Search } from '../../shell/Search';
import { goTo } from '../../shell/search/hits';
import { heard, online } from '../../shell/session';
import { crumbsOf, TopBar } from '../../shell/TopBar';
import { IconButton } from '../../ui/Icon';
import { useLoad } from '../../ui/load';
import { type Connection, StatusPill } from '../../ui/StatusPill';
import { Waiting } from '../../ui/states';
import { AreaCard } from './AreaCard';
import { BuildingCard } from './BuildingCard';
import { BuildingList } from './BuildingList';
import { Legend } from './Legend';
import { fitTo, flyTo, goHome, MapView } from './MapView';
import { area, hidden, listOpen, selected, toggleGrade } from './state';
import { t } from './text';
import './wall.css';

export function WallPage({ route }: { route: Extract<Route, { page: 'wall' }> }) {
  const found = useLoad(
    () => api.GET('/api/v1/areas/{code}', { params: { path: { code: route.area } } }),
    [route.area],
  );
  useKeys([
    {
      keys: ['1', '2', '3', '4', '5'],
      shown: '1 – 5',
      does: () => t('help.grades'),
      run: (e) => {
        const grade = grades[Number(e.key) - 1];
        if (grade) toggleGrade(grade);
      },
    },
    { keys: ['l'], does: () => t('help.list'), run: toggleList },
    { keys: ['Escape'], does: () => t('help.close'), run: close },
  ]);
  const a = found.data.value?.code === route.area ? found.data.value : null;
  // Before the map's own effect, which asks for this area's figures.
  useLayoutEffect(() => {
    area.value = a;
  }, [a]);
  const s = selected.value;
  return (
    <div class="console">
      <TopBar
        area={route.area}
        crumbs={a ? crumbsOf(a.ancestors, a) : []}
        search={<Search found={show} />}
        pill={<StatusPill connection={connection()} />}
        tools={
          <>
            <IconButton icon="home" label={t('view.home')} press={goHome} />
            <IconButton icon="list" label={t('view.list')} on={listOpen.value} press={toggleList} />
          </>
        }
      />
      <main class="stage">
        {a ? <MapView key={a.code} /> : <Waiting failed={found.failed.value} again={found.again} />}
        <Legend />
        {s?.kind === 'building' && <BuildingCard reference={s.ref} key={s.ref} />}
        {s?.kind === 'area' && <AreaCard code={s.code} key={s.code} />}
        {listOpen.value && <BuildingList />}
      </main>
    </div>
  );
}

function connection(): Connection {
  return online.value ? { state: 'live', latency: null } : { state: 'offline', since: heard.value };
}

function show(hit: Hit) {
  if (hit.kind === 'area' && hit.bounds) {
    selected.value = { kind: 'area', code: hit.code };
    fitTo(hit.bounds);
  } else if (hit.kind === 'building') {
    selected.value = { kind: 'building', ref: String(hit.id) };
    flyTo(hit.place);
  } else {
    goTo(hit);
  }
}

function toggleList() {
  listOpen.value = !listOpen.value;
}

/** Escape closes what was opened last, and only then shows all grades again. */
function close() {
  if (listOpen.value) listOpen.value = false;
  else if (selected.value) selected.value = null;
  else hidden.value = new Set();
}
