// Finds areas, buildings, rooms and incidents from any screen: by code, name or address, typing errors allowed. Before
// anything is typed it offers what is likely: lately found ones, a grid worker's own grid, what is near, a plate to scan.
import { useSignal } from '@preact/signals';
import { useEffect, useLayoutEffect, useRef } from 'preact/hooks';
import { Icon, IconButton } from '../ui/Icon';
import { useKeys } from './keys';
import { navigate } from './route';
import { HitLines } from './search/HitLines';
import { find, goTo, type Hit, keep } from './search/hits';
import { Offers } from './search/Offers';
import { Scan } from './search/Scan';
import { t } from './search/text';
import './search/search.css';

export type { Hit };

/** The pattern of an input with a list box below it; a datalist could not show two lines a hit. */
const combobox: object = { role: 'combobox' };

/** Without a keyboard there is no key to hint at. */
const touched = matchMedia('(pointer: coarse)').matches;

/** Waits for a pause in typing before it asks. */
const pause = 160;

type Answer = { text: string; hits: Hit[] | null };

/** Hands what was chosen to the screen, which may show it in place; without one, the hit's own page opens. */
export function Search({ found = goTo }: { found?: (hit: Hit) => void }) {
  const text = useSignal('');
  const open = useSignal(false);
  const scanning = useSignal(false);
  const answer = useSignal<Answer | null>(null);
  /** What the list shows, in its order, so that the arrow keys know. */
  const shown = useSignal<Hit[]>([]);
  const active = useSignal(0);
  /** Enter came before the answer, from a hand that knows what it types or from a reader of bar codes. */
  const eager = useRef(false);
  const input = useRef<HTMLInputElement>(null);
  const box = useRef<HTMLDivElement>(null);
  useKeys([{ keys: ['/'], does: () => t('help'), run: () => input.current?.focus() }]);

  const wanted = text.value.trim();
  // Before the next key is heard.
  useLayoutEffect(() => {
    active.value = 0;
    eager.current = false;
    shown.value = []; // Enter must not choose what belongs to an older text
    if (!wanted) {
      answer.value = null;
      return;
    }
    const timer = setTimeout(async () => {
      const hits = await find(wanted);
      if (text.value.trim() !== wanted) return; // typed on meanwhile
      answer.value = { text: wanted, hits };
      shown.value = hits ?? [];
      if (eager.current && hits?.[0]) choose(hits[0]);
    }, pause);
    return () => clearTimeout(timer);
  }, [wanted]);

  useEffect(() => {
    const outside = (e: PointerEvent) => {
      if (!box.current?.contains(e.target as Node)) open.value = false;
    };
    document.addEventListener('pointerdown', outside);
    return () => document.removeEventListener('pointerdown', outside);
  }, []);

  function choose(hit: Hit) {
    keep(hit);
    open.value = false;
    text.value = '';
    input.current?.blur();
    found(hit);
  }

  function onKey(event: KeyboardEvent) {
    if (event.isComposing) return; // Enter ends the choice of a Chinese word, not of a hit
    const n = shown.value.length;
    if (event.key === 'ArrowDown' && n) active.value = (active.value + 1) % n;
    else if (event.key === 'ArrowUp' && n) active.value = (active.value + n - 1) % n;
    else if (event.key === 'Escape') {
      if (text.value) text.value = '';
      else {
        open.value = false;
        input.current?.blur();
      }
    } else if (event.key === 'Enter' && shown.value[active.value]) choose(shown.value[active.value] as Hit);
    else if (event.key === 'Enter' && wanted && answer.value?.text !== wanted) eager.current = true;
    else return;
    event.preventDefault();
    event.stopPropagation();
    queueMicrotask(() =>
      document.getElementById(`hit-${active.value}`)?.scrollIntoView({ block: 'nearest' }),
    );
  }

  return (
    <div class="search" role="search" ref={box}>
      <Icon name="search" />
      <input
        ref={input}
        id="search"
        type="text"
        {...combobox}
        enterkeyhint="search"
        autocomplete="off"
        spellcheck={false}
        placeholder={touched ? t('placeholder') : `${t('placeholder')}  /`}
        aria-label={t('placeholder')}
        aria-expanded={open.value}
        aria-controls="hits"
        aria-autocomplete="list"
        {...(open.value && shown.value.length ? { 'aria-activedescendant': `hit-${active.value}` } : {})}
        value={text.value}
        onFocus={() => {
          open.value = true;
        }}
        onBlur={(e) => {
          if (e.relatedTarget && !box.current?.contains(e.relatedTarget as Node)) open.value = false;
        }}
        onInput={(e) => {
          open.value = true;
          text.value = e.currentTarget.value;
        }}
        onKeyDown={onKey}
      />
      {text.value && (
        <IconButton
          class="clear"
          icon="close"
          label={t('clear')}
          press={() => {
            text.value = '';
            input.current?.focus();
          }}
        />
      )}
      {open.value && (
        <div class="hits">
          {wanted ? (
            <Results answer={answer.value} active={active.value} choose={choose} />
          ) : (
            <Offers
              shown={shown}
              active={active.value}
              choose={choose}
              scan={() => {
                open.value = false;
                scanning.value = true;
              }}
            />
          )}
        </div>
      )}
      {scanning.value && (
        <Scan
          close={() => {
            scanning.value = false;
          }}
          found={(code) => {
            scanning.value = false;
            navigate(`/b/${code}`);
          }}
        />
      )}
    </div>
  );
}

function Results(props: { answer: Answer | null; active: number; choose: (hit: Hit) => void }) {
  const a = props.answer;
  if (!a) return null;
  if (!a.hits) return <p class="none problem">{t('failed')}</p>;
  if (a.hits.length === 0) {
    return (
      <p class="none" role="status">
        {t('none', { text: a.text })}
        <small>{t('none.hint')}</small>
      </p>
    );
  }
  return (
    <>
      <p class="sr" role="status">
        {t('results', { n: a.hits.length })}
      </p>
      <ul id="hits" role="listbox" aria-label={t('placeholder')}>
        <HitLines hits={a.hits} query={a.text} active={props.active} choose={props.choose} />
      </ul>
    </>
  );
}
