// The frame: is somebody signed in, which screen does the path name. Each screen is a chunk of its own, loaded when it
// is first shown.
import type { ComponentType } from 'preact';
import { useEffect } from 'preact/hooks';
import { api } from '../api/client';
import { t } from '../i18n';
import { lazy } from '../ui/lazy';
import { Failed, Loading } from '../ui/states';
import { Help } from './Help';
import { Missing } from './Missing';
import { navigate, type Route, route, wallPath } from './route';
import { SignIn } from './SignIn';
import { account, covers, online } from './session';
import { beginOnce, at as tourAt } from './tour/state';

type PageOf<P extends Route['page']> = ComponentType<{ route: Extract<Route, { page: P }> }>;

const Wall: PageOf<'wall'> = lazy(async () => (await import('../pages/wall/WallPage')).WallPage, Coming);
const House: PageOf<'house'> = lazy(async () => (await import('../pages/house/HousePage')).HousePage, Coming);
const Insight: PageOf<'insight'> = lazy(
  async () => (await import('../pages/insight/InsightPage')).InsightPage,
  Coming,
);

const Tour = lazy(
  async () => (await import('./tour/Tour')).Tour,
  () => null,
);

/** In a screen's place until its chunk is there. One that a new version replaced is asked for with the whole page. */
function Coming({ failed }: { failed: boolean }) {
  return (
    <main class="centre">
      {failed ? <Failed why={t('error.offline')} again={() => location.reload()} /> : <Loading />}
    </main>
  );
}

export function App() {
  useEffect(() => void whoAmI(), []);
  if (account.value === undefined) {
    return (
      <main class="centre" aria-busy={online.value}>
        {online.value ? <Loading /> : <Failed why={t('error.offline')} again={() => void whoAmI()} />}
      </main>
    );
  }
  return (
    <>
      {account.value ? <Screen route={route.value} own={account.value.code} /> : <SignIn />}
      <Help />
      {tourAt.value !== null && <Tour />}
    </>
  );
}

function Screen({ route, own }: { route: Route; own: string }) {
  const code = route.page === 'house' ? route.code : 'area' in route ? route.area : own;
  useEffect(() => {
    if (route.page === 'home') navigate(wallPath(own) + location.search, 'replace');
  }, [route.page, own]);
  // Each page's tour ends with it.
  useEffect(() => {
    beginOnce(route.page);
    return () => {
      tourAt.value = null;
    };
  }, [route.page]);
  if (route.page === 'home') return null;
  if (route.page === 'missing' || !covers(code)) return <Missing />;
  if (route.page === 'wall') return <Wall route={route} />;
  return route.page === 'house' ? <House route={route} /> : <Insight route={route} />;
}

/** Finds out whether a session is still good. No answer leaves it open, so that a page can wait for its server. */
export async function whoAmI() {
  try {
    const { data, response } = await api.GET('/api/v1/session');
    if (data) account.value = data;
    else if (response.status === 401) account.value = null;
  } catch {
    // The client has noted that the server cannot be reached.
  }
}
