import { t } from '../i18n';
import { clock, span } from '../i18n/format';
import { now } from './now';

/** How far what a screen shows can be trusted. */
export type Connection =
  | { state: 'live'; latency: number | null }
  | { state: 'catching-up' }
  /** The server answers, but what is shown was true then and may not be now. */
  | { state: 'stale'; since: Date }
  | { state: 'offline'; since: Date | null };

export function StatusPill({ connection: c }: { connection: Connection }) {
  return (
    <p class={`pill ${c.state}`} role="status" aria-live={c.state === 'live' ? 'off' : 'polite'}>
      {words(c)}
    </p>
  );
}

function words(c: Connection): string {
  switch (c.state) {
    case 'live':
      return c.latency === null ? t('pill.live') : t('pill.latency', { ms: Math.round(c.latency) });
    case 'catching-up':
      return t('pill.catching');
    case 'stale':
      return t('pill.stale', { time: clock(c.since), span: span(now.value.getTime() - c.since.getTime()) });
    case 'offline':
      return c.since ? t('pill.offline', { time: clock(c.since) }) : t('pill.disconnected');
  }
}
