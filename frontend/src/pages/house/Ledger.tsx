import type { components } from '../../api/schema';
import { named } from '../../i18n';
import { day } from '../../i18n/format';
import { Empty } from '../../ui/states';
import en from './en.json';
import { ledger } from './state';
import { t } from './text';

type Entry = components['schemas']['Entry'];
type Key = keyof typeof en & string;

/** What a noun or an action is called; the server's own word where there is no better one. */
const word = (kind: 'noun' | 'act', value: string) => {
  const key = `${kind}.${value}`;
  return key in en ? t(key as Key) : value;
};

/** How many entries show before somebody asks for all. */
const few = 10;

/** The ledger's entries, one line each: what was done, by whom, why. */
export function Ledger({ entries }: { entries: readonly Entry[] }) {
  if (entries.length === 0) return <Empty title={t('ledger.none')} />;
  const shown = ledger.value === 'all' ? entries : entries.slice(0, few);
  return (
    <>
      <Lines entries={shown} />
      {shown.length < entries.length && (
        <button
          type="button"
          class="secondary"
          onClick={() => {
            ledger.value = 'all';
          }}
        >
          {t('ledger.all', { n: entries.length })}
        </button>
      )}
    </>
  );
}

function Lines({ entries }: { entries: readonly Entry[] }) {
  return (
    <ol class="ledger">
      {entries.map((e) => (
        <li key={e.id}>
          <time dateTime={e.at}>{day(e.at)}</time>
          <span>
            {word('noun', e.noun)} {e.subject.length < 12 && `${e.subject} `}
            <strong>{word('act', e.action)}</strong>
          </span>
          <small>
            {t('actor', { actor: e.by.name, role: named('role', e.by.role) })}
            {e.reason && ` · ${e.reason}`}
          </small>
        </li>
      ))}
    </ol>
  );
}
