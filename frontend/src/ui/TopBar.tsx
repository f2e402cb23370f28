import { api } from '../api/client';
import { account, asOf, helpOpen, lang, listOpen, online, palette, theme, updating } from '../app/state';
import { clock, named, pick, t } from '../i18n';
import { fullScreen } from './Console';
import { goHome } from './MapView';
import { Search } from './Search';

export function TopBar() {
  const a = account.value;
  if (!a) return null;
  return (
    <header class="top">
      <h1>{t('app.title')}</h1>
      <nav aria-label={t('level.district')} class="crumbs">
        {a.ancestors.map((p) => (
          <span key={p.code}>{pick(p.name_zh, p.name_en)}</span>
        ))}
        <button type="button" onClick={goHome} title={t('view.home')}>
          {a.area ? pick(a.area.name_zh, a.area.name_en) : a.code}
          <small>{named('level', a.level)}</small>
        </button>
      </nav>
      <Search />
      <StatusPill />
      <div class="tools">
        <Tool
          label={t('view.list')}
          on={listOpen.value}
          press={() => {
            listOpen.value = !listOpen.value;
          }}
        />
        <Tool
          label={t('view.palette')}
          on={palette.value === 2}
          press={() => {
            palette.value = palette.value === 1 ? 2 : 1;
          }}
        />
        <Tool
          label={t('view.theme')}
          on={theme.value === 'light'}
          press={() => {
            theme.value = theme.value === 'dark' ? 'light' : 'dark';
          }}
        />
        <Tool label={t('view.full')} press={() => void fullScreen()} />
        <Tool
          label={t('view.help')}
          on={helpOpen.value}
          press={() => {
            helpOpen.value = !helpOpen.value;
          }}
        />
        <Tool
          label={t('view.language')}
          press={() => {
            lang.value = lang.value === 'zh' ? 'en' : 'zh';
          }}
        />
        <Tool label={t('signout')} press={() => void signOut()} />
      </div>
    </header>
  );
}

function Tool(props: { label: string; press: () => void; on?: boolean }) {
  const pressed = props.on === undefined ? {} : { 'aria-pressed': props.on };
  return (
    <button type="button" class="tool" onClick={props.press} {...pressed}>
      {props.label}
    </button>
  );
}

function StatusPill() {
  const time = asOf.value ? clock(asOf.value) : '–';
  const state = online.value ? (updating.value ? 'updating' : 'current') : 'offline';
  return (
    <p class={`pill ${state}`} role="status">
      {t(`status.${state}`, { time })}
    </p>
  );
}

async function signOut() {
  await api.DELETE('/api/v1/session');
  account.value = null;
}
