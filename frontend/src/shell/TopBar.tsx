import { useSignal } from '@preact/signals';
import type { ComponentChildren } from 'preact';
import { api } from '../api/client';
import { named, pick } from '../i18n';
import { CopyLink } from '../ui/CopyLink';
import { Icon, IconButton } from '../ui/Icon';
import { fullScreen, helpOpen } from './Help';
import { choose, lang, palette, theme } from './prefs';
import { insightPath, route, wallPath } from './route';
import { account } from './session';
import { t } from './text';

export interface Crumb {
  name: string;
  /** The level's name, said beside the last one. */
  level?: string;
  /** Absent for what the account may not open. */
  href?: string;
}

/** The bar over every screen: where one is, how fresh it is, and what one may change about it. */
export function TopBar(props: {
  crumbs: Crumb[];
  area: string;
  pill?: ComponentChildren;
  search?: ComponentChildren;
  tools?: ComponentChildren;
}) {
  const open = useSignal(false);
  return (
    <header class="top">
      <h1>{t('app.title')}</h1>
      <Crumbs crumbs={props.crumbs} />
      <Screens area={props.area} />
      <div class="top-search">{props.search}</div>
      {props.pill}
      <IconButton
        class="menu-button"
        icon="menu"
        label={t('menu')}
        on={open.value}
        press={() => {
          open.value = !open.value;
        }}
      />
      <div class={open.value ? 'tools open' : 'tools'}>
        {props.tools}
        <CopyLink />
        <IconButton
          icon="palette"
          label={t('view.palette')}
          on={palette.value === 2}
          press={() => choose({ palette: palette.value === 1 ? 2 : 1 })}
        />
        <IconButton
          icon={theme.value === 'dark' ? 'sun' : 'moon'}
          label={t('view.theme')}
          press={() => choose({ theme: theme.value === 'dark' ? 'light' : 'dark' })}
        />
        <IconButton icon="full" label={t('view.full')} press={() => void fullScreen()} />
        <IconButton
          icon="help"
          label={t('view.help')}
          on={helpOpen.value}
          press={() => {
            helpOpen.value = !helpOpen.value;
          }}
        />
        <button
          type="button"
          class="icon-button wide"
          lang={lang.value === 'zh' ? 'en' : 'zh-CN'}
          onClick={() => choose({ lang: lang.value === 'zh' ? 'en' : 'zh' })}
        >
          {t('view.language')}
        </button>
        <Leave />
      </div>
    </header>
  );
}

function Crumbs({ crumbs }: { crumbs: Crumb[] }) {
  return (
    <nav class="crumbs" aria-label={t('crumbs.label')}>
      <ol>
        {crumbs.map((c, i) => (
          <li key={c.name + i}>
            {c.href ? (
              <a href={c.href} {...(i === crumbs.length - 1 ? { 'aria-current': 'page' } : {})}>
                {c.name}
              </a>
            ) : (
              <span>{c.name}</span>
            )}
            {i === crumbs.length - 1 && <Level of={c} />}
          </li>
        ))}
      </ol>
    </nav>
  );
}

/** The level of what the name does not say it of: most do, as Futian District or 福田区. */
function Level({ of: c }: { of: Crumb }) {
  const level = c.level ? named('level', c.level) : '';
  return c.name.toLowerCase().includes(level.toLowerCase()) ? null : <small>{level}</small>;
}

function Screens({ area }: { area: string }) {
  const here = route.value.page;
  return (
    <nav class="screens" aria-label={t('nav.screens')}>
      <a
        href={wallPath(area)}
        title={t('nav.wall')}
        aria-label={t('nav.wall')}
        {...(here === 'wall' ? { 'aria-current': 'page' } : {})}
      >
        <Icon name="wall" /> <span>{t('nav.wall')}</span>
      </a>
      <a
        href={insightPath(area)}
        title={t('nav.insight')}
        aria-label={t('nav.insight')}
        {...(here === 'insight' ? { 'aria-current': 'page' } : {})}
      >
        <Icon name="chart" /> <span>{t('nav.insight')}</span>
      </a>
    </nav>
  );
}

function Leave() {
  const a = account.value;
  if (!a) return null;
  const name = pick(a.display_zh, a.display_en) || a.name;
  const label = `${t('signout')} — ${t('signed', { name, role: named('role', a.role) })}`;
  return <IconButton icon="exit" label={label} short={t('signout')} press={() => void signOut()} />;
}

async function signOut() {
  await api.DELETE('/api/v1/session');
  account.value = null;
}

/** The way from the city down to a place, with links as far as the account may go. */
export function crumbsOf(
  above: readonly { code: string; name_zh: string; name_en: string }[],
  own: { code: string; name_zh: string; name_en: string; level: string },
): Crumb[] {
  const mine = account.value?.code ?? '';
  const crumb = (p: { code: string; name_zh: string; name_en: string }): Crumb => ({
    name: pick(p.name_zh, p.name_en) || p.code,
    ...(p.code.startsWith(mine) ? { href: wallPath(p.code) } : {}),
  });
  return [...above.map(crumb), { ...crumb(own), level: own.level }];
}
