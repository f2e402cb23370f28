import type { ComponentChildren } from 'preact';
import { t } from '../i18n';
import { span } from '../i18n/format';
import { now } from './now';

/** A part of a screen with a heading, and with how old it is. From staleAfter on, in milliseconds, it looks stale. */
export function Panel(props: {
  title: string;
  children: ComponentChildren;
  /** When the shown figures were true; absent for what does not age. */
  asOf?: Date | null;
  staleAfter?: number;
  actions?: ComponentChildren;
  class?: string;
  /** The pointer has left the whole panel. */
  left?: () => void;
}) {
  return (
    <section
      class={`panel ${props.class ?? ''}`}
      aria-label={props.title}
      {...(props.left ? { onMouseLeave: props.left } : {})}
    >
      <header class="panel-head">
        <h2>{props.title}</h2>
        {props.asOf !== undefined && <Age of={props.asOf} staleAfter={props.staleAfter ?? 60_000} />}
        {props.actions}
      </header>
      {props.children}
    </section>
  );
}

/** How long ago something was true; nothing while it is fresh. */
export function Age({ of, staleAfter }: { of: Date | null; staleAfter: number }) {
  if (!of) return null;
  const age = now.value.getTime() - of.getTime();
  const stale = age > staleAfter;
  if (age < 5000) return <small class="age">{t('age.now')}</small>;
  return <small class={stale ? 'age stale' : 'age'}>{t('age.ago', { span: span(age) })}</small>;
}
