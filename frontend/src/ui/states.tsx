// What a part of a screen shows when it has nothing to show: loading, empty, failed. Each says what is the matter and,
// where there is something to do, offers it.
import type { ComponentChildren } from 'preact';
import { t } from '../i18n';
import { Icon } from './Icon';

/** Bars in the place of lines that are on their way. */
export function Loading({ lines = 3 }: { lines?: number }) {
  return (
    <div class="state loading" role="status" aria-busy="true">
      <span class="sr">{t('loading')}</span>
      {Array.from({ length: lines }, (_, i) => (
        <span class="bar" key={i} />
      ))}
    </div>
  );
}

export function Empty(props: { title: string; hint?: string; children?: ComponentChildren }) {
  return (
    <div class="state empty">
      <p>{props.title}</p>
      {props.hint && <small>{props.hint}</small>}
      {props.children}
    </div>
  );
}

export function Failed({ why, again }: { why: string; again?: () => void }) {
  return (
    <div class="state failed" role="alert">
      <p>
        <Icon name="warn" /> {why}
      </p>
      {again && (
        <button type="button" class="plain" onClick={again}>
          {t('retry')}
        </button>
      )}
    </div>
  );
}

/** What is on its way, or what went wrong with it. */
export function Waiting({ failed, again }: { failed: string | null; again: () => void }) {
  return failed ? <Failed why={failed} again={again} /> : <Loading />;
}
