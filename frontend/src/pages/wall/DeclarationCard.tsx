import { api } from '../../api/client';
import { t as common, named, pick } from '../../i18n';
import { date, day } from '../../i18n/format';
import { housePath } from '../../shell/route';
import { Facts } from '../../ui/Facts';
import { useLoad } from '../../ui/load';
import { Sheet } from '../../ui/Sheet';
import { Waiting } from '../../ui/states';
import { placeName } from './names';
import { Steps, type Values } from './Steps';
import { useTold } from './scene';
import { select } from './state';
import { t } from './text';

export function DeclarationCard({ id }: { id: number }) {
  const path = { id };
  const { data, failed, again } = useLoad(
    () => api.GET('/api/v1/declarations/{id}', { params: { path } }),
    [id],
  );
  useTold(id, (i) => i.topic === 'declaration' && i.id === id, again);
  const d = data.value;
  const close = () => select(null);
  if (!d) {
    return (
      <Sheet class="detail" title={t('topic.declaration')} under={`#${id}`} close={close}>
        <Waiting failed={failed.value} again={again} />
      </Sheet>
    );
  }
  return (
    <Sheet
      class="detail"
      title={t('topic.declaration')}
      under={[`#${d.id}`, placeName(d.code)].filter(Boolean).join(' · ')}
      close={close}
    >
      <p class="case-state">
        <strong>{named('declaration', d.status)}</strong>
      </p>
      <Steps
        actions={d.actions}
        name={`${t('topic.declaration')} #${d.id}`}
        send={async (action, values) => {
          const failed = await act(d.id, action, values);
          again();
          return failed;
        }}
      />
      <Facts
        rows={[
          [t('declaration.name'), d.name_masked],
          [t('declaration.id'), d.id_masked],
          [t('case.phone'), d.phone_masked],
          [t('declaration.room'), d.code],
          [t('declaration.moved_in'), date(new Date(d.moved_in_on))],
          [t('declaration.moved_out'), d.moved_out_on && date(new Date(d.moved_out_on))],
          [t('case.source'), named('source', d.source)],
          [t('declaration.submitted'), day(d.submitted_at)],
          [t('declaration.visits'), d.visits || null],
        ]}
      />
      <h3>{t('declaration.checks')}</h3>
      <ul class="checks">
        {d.checks.map((c) => (
          <li key={c.check} class={c.ok ? '' : 'failed'}>
            <span aria-hidden="true">{c.ok ? '✓' : '✕'}</span>
            <span>{pick(c.message_zh, c.message_en)}</span>
          </li>
        ))}
      </ul>
      <p class="links">
        <a href={housePath(d.code)}>{t('building.open')}</a>
      </p>
    </Sheet>
  );
}

async function act(id: number, action: string, values: Values): Promise<string | null> {
  try {
    const { error } = await api.POST('/api/v1/declarations/{id}/{action}', {
      params: { path: { id, action: action as 'accept' } },
      body: values.reason ? { reason: values.reason } : {},
    });
    return error ? (error.detail ?? common('error.server')) : null;
  } catch {
    return common('error.offline');
  }
}
