// Which screen the path names. Paths are the same on the server, which answers index.html for exactly these.
import { batch, signal } from '@preact/signals';

export type Route =
  | { page: 'home' }
  | { page: 'wall'; area: string }
  | { page: 'house'; code: string }
  | { page: 'insight'; area: string }
  | { page: 'missing' };

export type PageName = Route['page'];

const areaCode = /^(\d{4}|\d{6}|\d{9}|\d{12}|\d{14})$/;
const houseCode = /^\d{19}(\d{6})?$/;

export function parsePath(path: string): Route {
  const [screen = '', code = '', ...rest] = path.replace(/^\/|\/$/g, '').split('/');
  if (screen === '' && code === '') return { page: 'home' };
  if (rest.length === 0) {
    if (screen === 'wall' && areaCode.test(code)) return { page: 'wall', area: code };
    if (screen === 'insight' && areaCode.test(code)) return { page: 'insight', area: code };
    if (screen === 'b' && houseCode.test(code)) return { page: 'house', code };
  }
  return { page: 'missing' };
}

export const wallPath = (area: string) => `/wall/${area}`;
export const housePath = (code: string) => `/b/${code}`;
export const insightPath = (area: string) => `/insight/${area}`;

export const route = signal<Route>(parsePath(location.pathname));

/** Goes to another screen of this page without loading it anew; `to` is a path with or without a query. */
export function navigate(to: string, how: 'push' | 'replace' = 'push') {
  const url = new URL(to, location.origin);
  history[how === 'push' ? 'pushState' : 'replaceState'](null, '', url.pathname + url.search);
  follow();
}

const followers = new Set<() => void>();

/** Calls back, within the same batch, whenever the address was changed by a link or the browser's buttons. */
export function onNavigation(callback: () => void) {
  followers.add(callback);
}

function follow() {
  batch(() => {
    route.value = parsePath(location.pathname);
    for (const f of followers) f();
  });
}

/** Lets links to own screens change the screen only. Returns what undoes it. */
export function catchLinks(): () => void {
  const onClick = (event: MouseEvent) => {
    const link = (event.target as Element).closest?.('a[href]') as HTMLAnchorElement | null;
    if (!link || event.defaultPrevented || event.button !== 0) return;
    if (event.ctrlKey || event.metaKey || event.shiftKey || event.altKey || link.target || link.download)
      return;
    if (link.origin !== location.origin || parsePath(link.pathname).page === 'missing') return;
    event.preventDefault();
    navigate(link.pathname + link.search);
  };
  document.addEventListener('click', onClick);
  addEventListener('popstate', follow);
  return () => {
    document.removeEventListener('click', onClick);
    removeEventListener('popstate', follow);
  };
}
