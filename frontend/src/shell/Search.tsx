import { useSignal } from '@preact/signals';
import { useEffect, useRef } from 'preact/hooks';
import { type Area, api, type Building } from '../api/client';
import { named, pick } from '../i18n';
import { Icon } from '../ui/Icon';
import { useKeys } from './keys';
import { t } from './text';

export type Hit = { area: Area } | { building: Building };

/** The pattern of an input with a list box below it; a datalist could not show two lines a hit. */
const combobox: object = { role: 'combobox' };

/** Waits for a pause in typing before it asks. */
const pause = 180;

/** Finds an area or a building by code, name or address, and hands it to the screen. */
export function Search({ found }: { found: (hit: Hit) => void }) {
  const text = useSignal('');
  const hits = useSignal<Hit[] | null>(null);
  const active = useSignal(0);
  const input = useRef<HTMLInputElement>(null);
  useKeys([{ keys: ['/'], does: () => t('help.search'), run: () => input.current?.focus() }]);

  useEffect(() => {
    const wanted = text.value.trim();
    if (!wanted) {
      hits.value = null;
      return;
    }
    const timer = setTimeout(async () => {
      const list = await find(wanted);
      if (text.value.trim() !== wanted) return; // typed on meanwhile
      hits.value = list;
      active.value = 0;
    }, pause);
    return () => clearTimeout(timer);
  }, [text.value]);

  function choose(hit: Hit) {
    hits.value = null;
    text.value = '';
    found(hit);
  }

  function onKey(event: KeyboardEvent) {
    const n = hits.value?.length ?? 0;
    if (event.key === 'ArrowDown' && n) active.value = (active.value + 1) % n;
    else if (event.key === 'ArrowUp' && n) active.value = (active.value + n - 1) % n;
    else if (event.key === 'Escape') {
      hits.value = null;
      input.current?.blur();
    } else if (event.key === 'Enter' && hits.value?.[active.value]) choose(hits.value[active.value] as Hit);
    else return;
    event.preventDefault();
  }

  return (
    <div class="search" role="search">
      <Icon name="search" />
      <input
        ref={input}
        id="search"
        type="text"
        {...combobox}
        enterkeyhint="search"
        placeholder={`${t('search.placeholder')}  /`}
        aria-label={t('search.placeholder')}
        aria-expanded={hits.value !== null}
        aria-controls="hits"
        aria-autocomplete="list"
        {...(hits.value?.length ? { 'aria-activedescendant': `hit-${active.value}` } : {})}
        value={text.value}
        onInput={(e) => {
          text.value = e.currentTarget.value;
        }}
        onKeyDown={onKey}
      />
      {hits.value && (
        <ul id="hits" role="listbox" aria-label={t('search.placeholder')} class="hits">
          {hits.value.length === 0 && <li class="none">{t('search.none')}</li>}
          {hits.value.map((hit, i) => (
            <li
              key={'area' in hit ? hit.area.code : hit.building.code}
              id={`hit-${i}`}
              role="option"
              aria-selected={i === active.value}
              tabIndex={-1}
              onClick={() => choose(hit)}
              onKeyDown={(e) => e.key === 'Enter' && choose(hit)}
            >
              <HitText hit={hit} />
            </li>
          ))}
        </ul>
      )}
    </div>
  );
}

function HitText({ hit }: { hit: Hit }) {
  if ('area' in hit) {
    return (
      <>
        <strong>{pick(hit.area.name_zh, hit.area.name_en)}</strong>
        <small>
          {named('level', hit.area.level)} {hit.area.code}
        </small>
      </>
    );
  }
  const b = hit.building;
  return (
    <>
      <strong>{pick(b.name_zh, b.name_en) || pick(b.address_zh, b.address_en)}</strong>
      <small>
        {pick(b.address_zh, b.address_en)} · {b.code}
      </small>
    </>
  );
}

async function find(q: string): Promise<Hit[]> {
  try {
    const [areas, buildings] = await Promise.all([
      api.GET('/api/v1/areas', { params: { query: { q, limit: 4 } } }),
      api.GET('/api/v1/buildings', { params: { query: { q, limit: 8 } } }),
    ]);
    return [
      ...(areas.data?.items ?? []).map((area) => ({ area })),
      ...(buildings.data?.items ?? []).map((building) => ({ building })),
    ];
  } catch {
    return [];
  }
}
