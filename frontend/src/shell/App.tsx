// The frame: is somebody signed in, which screen does the path name. Each screen is a chunk of its own, loaded when it
// is first shown.
import { useSignal } from '@preact/signals';
import type { ComponentType } from 'preact';
import { useEffect } from 'preact/hooks';
import { api } from '../api/client';
import { t } from '../i18n';
import { Failed, Loading } from '../ui/states';
import { Help } from './Help';
import { Missing } from './Missing';
import { navigate, type Route, route, wallPath } from './route';
import { SignIn } from './SignIn';
import { account, covers, online } from './session';

type Screens = {
  [P in Route['page']]?: () => Promise<{ Page: ComponentType<{ route: Extract<Route, { page: P }> }> }>;
};

const screens: Screens = {
  wall: async () => ({ Page: (await import('../pages/wall/WallPage')).WallPage }),
  house: async () => ({ Page: (await import('../pages/house/HousePage')).HousePage }),
  insight: async () => ({ Page: (await import('../pages/insight/InsightPage')).InsightPage }),
};

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
    </>
  );
}

function Screen({ route, own }: { route: Route; own: string }) {
  const code = route.page === 'house' ? route.code : 'area' in route ? route.area : own;
  useEffect(() => {
    if (route.page === 'home') navigate(wallPath(own) + location.search, 'replace');
  }, [route.page, own]);
  if (route.page === 'home') return null;
  if (route.page === 'missing' || !covers(code)) return <Missing />;
  return <Lazy key={route.page} route={route} />;
}

/** A screen once its chunk is there. A chunk that a new version replaced is asked for again with the whole page. */
function Lazy({ route }: { route: Route }) {
  const loaded = useSignal<ComponentType<{ route: Route }> | null>(null);
  const failed = useSignal(false);
  const load = () => {
    failed.value = false;
    screens[route.page]?.()
      .then((m) => {
        loaded.value = m.Page as ComponentType<{ route: Route }>;
      })
      .catch(() => {
        failed.value = true;
      });
  };
  useEffect(load, []);
  const Page = loaded.value;
  if (Page) return <Page route={route} />;
  return (
    <main class="centre">
      {failed.value ? <Failed why={t('error.offline')} again={() => location.reload()} /> : <Loading />}
    </main>
  );
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
