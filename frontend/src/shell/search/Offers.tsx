// What the search offers before anything is typed.
import { type Signal, useSignal } from '@preact/signals';
import { useEffect } from 'preact/hooks';
import { api } from '../../api/client';
import { Icon } from '../../ui/Icon';
import { account } from '../session';
import { HitLines } from './HitLines';
import { forget, type Hit, hitOf, recent } from './hits';
import { canLocate, type Nearby, nearby, reach } from './nearby';
import { canScan } from './Scan';
import { t } from './text';

/** The grades that a grid worker should look at first, worst first. */
const worst: ('red' | 'orange')[] = ['red', 'orange'];

export function Offers(props: {
  shown: Signal<Hit[]>;
  active: number;
  choose: (hit: Hit) => void;
  scan: () => void;
}) {
  const lately = useSignal(recent());
  const own = useSignal<Hit[]>([]);
  const near = useSignal<Nearby | 'asking' | null>(null);

  useEffect(() => {
    const code = account.value?.code ?? '';
    if (code.length !== 14) return;
    // One's own grid first: where a grid worker looks for a house, it is most often one of these.
    const query = { code, grade: worst, order: 'worst' as const, limit: 6 };
    void api
      .GET('/api/v1/buildings', { params: { query } })
      .then((answer) => {
        own.value = (answer.data?.items ?? []).map(hitOf);
      })
      .catch(() => {});
  }, []);

  const close = near.value && near.value !== 'asking' && 'hits' in near.value ? near.value.hits : [];
  const all = [...close, ...own.value, ...lately.value];
  useEffect(() => {
    props.shown.value = all;
  }, [close.length, own.value, lately.value]);

  const locate = async () => {
    near.value = 'asking';
    near.value = await nearby();
  };
  const lines = { active: props.active, choose: props.choose };
  return (
    <>
      {(canLocate() || canScan()) && (
        <div class="offers">
          {canLocate() && (
            <button type="button" class="secondary" onClick={() => void locate()}>
              <Icon name="pin" /> {t('near')}
            </button>
          )}
          {canScan() && (
            <button type="button" class="secondary" onClick={props.scan}>
              <Icon name="scan" /> {t('scan')}
            </button>
          )}
        </div>
      )}
      {near.value && close.length === 0 && (
        <p class="none" role="status">
          {near.value === 'asking'
            ? t('near.asking')
            : 'problem' in near.value
              ? t(`near.${near.value.problem}`)
              : t('near.none', { n: reach })}
        </p>
      )}
      <ul id="hits" role="listbox" aria-label={t('placeholder')}>
        {close.length > 0 && <Heading text={t('near')} />}
        <HitLines
          {...lines}
          hits={close}
          beside={(h) => <data>{t('near.metres', { n: Math.round((h as (typeof close)[0]).metres) })}</data>}
        />
        {own.value.length > 0 && <Heading text={t('own')} />}
        <HitLines {...lines} hits={own.value} first={close.length} />
        {lately.value.length > 0 && <Heading text={t('recent')} />}
        <HitLines {...lines} hits={lately.value} first={close.length + own.value.length} />
      </ul>
      {lately.value.length > 0 && (
        <button
          type="button"
          class="plain forget"
          onClick={() => {
            forget();
            lately.value = [];
          }}
        >
          {t('forget')}
        </button>
      )}
    </>
  );
}

function Heading({ text }: { text: string }) {
  return (
    <li role="presentation" class="heading">
      {text}
    </li>
  );
}
