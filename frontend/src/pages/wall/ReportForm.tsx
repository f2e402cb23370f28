// Reporting an incident: what, where, and a few words. The place is a click on the map or a building's card; a draft
// survives everything but its sending.
import { useComputed, useSignal } from '@preact/signals';
import { api } from '../../api/client';
import { t as common, pick } from '../../i18n';
import { recall, remember } from '../../shell/stored';
import { Icon } from '../../ui/Icon';
import { Sheet } from '../../ui/Sheet';
import { classes } from './names';
import { picking, reporting, select } from './state';
import { t } from './text';

const sources = ['hotline', 'grid_worker', 'resident', 'sensor'] as const;

export function ReportForm() {
  const r = reporting.value;
  const type = useSignal(recall('wall.report.type', ''));
  const text = useSignal(recall('wall.report.text', ''));
  const find = useSignal('');
  const busy = useSignal(false);
  const problem = useSignal<string | null>(null);
  const options = useComputed(() => matching(find.value));
  if (!r) return null;
  const close = () => {
    reporting.value = null;
    picking.value = false;
  };

  async function send(e: SubmitEvent) {
    e.preventDefault();
    if (!r?.at && !r?.building) {
      problem.value = t('report.noplace');
      return;
    }
    busy.value = true;
    problem.value = null;
    const source = String(new FormData(e.currentTarget as HTMLFormElement).get('source')) as 'hotline';
    try {
      const { data, error } = await api.POST('/api/v1/incidents', {
        body: {
          type: type.value,
          description: text.value,
          source,
          ...(r.building ? { building: r.building.code } : { lon: r.at?.[0] ?? 0, lat: r.at?.[1] ?? 0 }),
        },
      });
      if (data) {
        remember('wall.report.text', '');
        remember('wall.report.type', '');
        reporting.value = null;
        select({ kind: 'incident', id: data.id });
      } else problem.value = error?.detail ?? common('error.server');
    } catch {
      problem.value = common('error.offline');
    }
    busy.value = false;
  }

  return (
    <Sheet class="detail report" title={t('report.title')} close={close} start="full">
      <form onSubmit={send}>
        <fieldset class="place">
          <legend>{t('report.place')}</legend>
          <p>
            <Icon name="pin" />
            {r.building
              ? r.building.name
              : r.at
                ? r.at.map((n) => n.toFixed(5)).join(', ')
                : t('report.noplace')}
          </p>
          <button
            type="button"
            class="secondary"
            aria-pressed={picking.value}
            onClick={() => {
              picking.value = !picking.value;
            }}
          >
            {picking.value ? t('report.picking') : t('report.pick')}
          </button>
        </fieldset>
        <label>
          {t('report.find')}
          <input
            type="search"
            value={find.value}
            onInput={(e) => {
              find.value = e.currentTarget.value;
            }}
          />
        </label>
        <label>
          {t('report.type')}
          <select
            name="type"
            required
            size={5}
            value={type.value}
            onChange={(e) => {
              type.value = e.currentTarget.value;
              remember('wall.report.type', type.value);
            }}
          >
            {options.value.map((c) => (
              <optgroup key={c.code} label={pick(c.name_zh, c.name_en)}>
                {c.types.map((o) => (
                  <option key={o.code} value={o.code}>
                    {pick(o.name_zh, o.name_en)}
                  </option>
                ))}
              </optgroup>
            ))}
          </select>
        </label>
        <label>
          {t('case.source')}
          <select name="source">
            {sources.map((s) => (
              <option key={s} value={s}>
                {common(`source.${s}`)}
              </option>
            ))}
          </select>
        </label>
        <label>
          {t('report.text')}
          <textarea
            name="text"
            rows={3}
            maxLength={4000}
            value={text.value}
            onInput={(e) => {
              text.value = e.currentTarget.value;
              remember('wall.report.text', text.value);
            }}
          />
        </label>
        {problem.value && (
          <p class="problem" role="alert">
            {problem.value}
          </p>
        )}
        <button type="submit" class="primary" disabled={busy.value}>
          {t('report.send')}
        </button>
      </form>
    </Sheet>
  );
}

function matching(text: string) {
  const wanted = text.trim().toLowerCase();
  if (!wanted) return classes.value;
  const fits = (o: { name_zh: string; name_en: string; code: string }) =>
    o.name_zh.includes(wanted) || o.name_en.toLowerCase().includes(wanted) || o.code.startsWith(wanted);
  return classes.value
    .map((c) => (fits(c) ? c : { ...c, types: c.types.filter(fits) }))
    .filter((c) => c.types.length > 0);
}
