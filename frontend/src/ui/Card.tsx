import type { ComponentChildren } from 'preact';
import { selected } from '../app/state';
import { t } from '../i18n';

/** The panel of what is selected. */
export function Card(props: { title: string; under: string; children: ComponentChildren }) {
  return (
    <section class="card detail" aria-label={props.title}>
      <header>
        <div>
          <h2>{props.title}</h2>
          <p>{props.under}</p>
        </div>
        <button
          type="button"
          class="plain"
          aria-label={t('close')}
          onClick={() => {
            selected.value = null;
          }}
        >
          ✕
        </button>
      </header>
      {props.children}
    </section>
  );
}

export function Facts({ rows }: { rows: [string, string | number | undefined | null][] }) {
  return (
    <dl class="facts">
      {rows
        .filter(([, value]) => value !== undefined && value !== null && value !== '')
        .map(([label, value]) => (
          <div key={label}>
            <dt>{label}</dt>
            <dd>{value}</dd>
          </div>
        ))}
    </dl>
  );
}

export function Waiting({ failed, again }: { failed: string | null; again: () => void }) {
  if (!failed) return <p aria-busy="true">{t('loading')}</p>;
  return (
    <p role="alert">
      {failed}{' '}
      <button type="button" class="plain" onClick={again}>
        {t('retry')}
      </button>
    </p>
  );
}
