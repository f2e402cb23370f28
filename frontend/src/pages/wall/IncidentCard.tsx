import { useEffect } from 'preact/hooks';
import { api } from '../../api/client';
import type { components } from '../../api/schema';
import { t as common, named, pick } from '../../i18n';
import { clock, day, span } from '../../i18n/format';
import { housePath } from '../../shell/route';
import { Facts } from '../../ui/Facts';
import { Icon } from '../../ui/Icon';
import { useLoad } from '../../ui/load';
import { now } from '../../ui/now';
import { Sheet } from '../../ui/Sheet';
import { Waiting } from '../../ui/states';
import { flyTo, keepClear } from './map/MapView';
import { placeName } from './names';
import { doneName, Steps, type Values } from './Steps';
import { useTold } from './scene';
import { select } from './state';
import { t } from './text';

type Incident = components['schemas']['Incident'];

export function IncidentCard({ id }: { id: number }) {
  const path = { id };
  const { data, failed, again } = useLoad(
    () => api.GET('/api/v1/incidents/{id}', { params: { path } }),
    [id],
  );
  useTold(id, (i) => i.topic === 'incident' && i.id === id, again);
  const i = data.value;
  useEffect(() => {
    if (!i) return;
    const [lon, lat] = i.location as [number, number];
    return keepClear([lon, lat, lon, lat]);
  }, [i?.id]);
  const close = () => select(null);
  if (!i) {
    return (
      <Sheet class="detail" title={t('topic.incident')} under={`#${id}`} close={close}>
        <Waiting failed={failed.value} again={again} />
      </Sheet>
    );
  }
  const name = pick(i.type.name_zh, i.type.name_en);
  return (
    <Sheet
      class="detail"
      title={name}
      under={[`#${i.id}`, placeName(i.code)].filter(Boolean).join(' · ')}
      close={close}
    >
      <p class="case-state">
        <strong>{named('status', i.status)}</strong>
        <span class={`severity s${i.type.severity}`}>{t('case.severity', { n: i.type.severity })}</span>
      </p>
      <Clock incident={i} />
      {i.description && <p class="case-text">{i.description}</p>}
      <Steps
        actions={i.actions}
        name={`${name} #${i.id}`}
        incident={i.id}
        send={async (action, values) => {
          const failed = await act(i.id, action, values);
          again();
          return failed;
        }}
      />
      <Facts
        rows={[
          [t('case.reported'), day(i.reported_at)],
          [t('case.source'), named('source', i.source)],
          [
            t('case.handler'),
            i.handler && (pick(i.handler.display_zh, i.handler.display_en) || i.handler.name),
          ],
          [t('case.resolution'), i.resolution],
          [t('case.rejected'), i.rejected_because],
          [t('case.phone'), i.reporter_phone_masked],
        ]}
      />
      <p class="links">
        <button type="button" class="plain" onClick={() => flyTo(i.location as [number, number], 18)}>
          <Icon name="pin" /> {t('case.show')}
        </button>
        {i.code.length >= 19 && <a href={housePath(i.code.slice(0, 19))}>{t('building.open')}</a>}
      </p>
      <Course incident={i} />
    </Sheet>
  );
}

/** The clock that runs: how long is left, or for how long it has run out. */
function Clock({ incident: i }: { incident: Incident }) {
  if (!i.due_at) return null;
  const left = Date.parse(i.due_at) - now.value.getTime();
  const urgent = left < 0 ? 'late' : left < 30 * 60_000 ? 'soon' : '';
  return (
    <p class={`clock ${urgent}`}>
      <Icon name="clock" />
      {left < 0 ? t('case.late', { span: span(-left) }) : t('case.left', { span: span(left) })}
      <small>{clock(new Date(i.due_at))}</small>
    </p>
  );
}

async function act(id: number, action: string, values: Values): Promise<string | null> {
  try {
    const { error } = await api.POST('/api/v1/incidents/{id}/{action}', {
      params: { path: { id, action: action as 'file' } },
      body: values,
    });
    return error ? (error.detail ?? common('error.server')) : null;
  } catch {
    return common('error.offline');
  }
}

/** What was done, by whom, from the ledger. */
function Course({ incident }: { incident: Incident }) {
  const path = { id: incident.id };
  const { data } = useLoad(
    () => api.GET('/api/v1/incidents/{id}/evidence', { params: { path } }),
    [incident],
  );
  const entries = data.value?.items ?? [];
  if (entries.length === 0) return null;
  return (
    <>
      <h3>{t('case.course')}</h3>
      <ol class="history">
        {[...entries].reverse().map((e) => (
          <li key={e.id}>
            <time dateTime={e.at}>{day(e.at)}</time>
            <span>
              {doneName(e.action)} <small class="dim">{named('role', e.by.role)}</small>
              {e.reason && <small class="dim"> {e.reason}</small>}
            </span>
          </li>
        ))}
      </ol>
    </>
  );
}
