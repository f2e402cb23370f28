// The steps that one's role may take on a case: what the server says is possible, with the fields that a step needs.
import { useSignal } from '@preact/signals';
import type { ComponentChildren } from 'preact';
import { useEffect } from 'preact/hooks';
import { api } from '../../api/client';
import type { components } from '../../api/schema';
import { t as common, named, pick } from '../../i18n';
import { t } from './text';
import { later } from './undo';

type Candidate = components['schemas']['Candidate'];
export type Field = 'reason' | 'handler' | 'resolution';

/** What a step asks for; the server refuses it without. */
const needs: Record<string, readonly Field[]> = {
  reject: ['reason'],
  assign: ['handler'],
  return: ['reason'],
  resolve: ['resolution'],
  rework: ['reason'],
  reopen: ['reason'],
  accept: ['reason'],
  doubt: ['reason'],
  refute: ['reason'],
};

export type Values = Partial<Record<Field, string>>;

export function Steps(props: {
  actions: readonly string[];
  name: string;
  /** The incident whose handlers can be asked for. */
  incident?: number;
  send: (action: string, values: Values) => Promise<string | null>;
}) {
  const chosen = useSignal<string | null>(null);
  if (props.actions.length === 0) return null;
  const take = (action: string, values: Values) => {
    chosen.value = null;
    later(`${stepName(action)} · ${props.name}`, () => props.send(action, values));
  };
  return (
    <div class="steps">
      <div class="step-buttons">
        {props.actions.map((a, i) => (
          <button
            type="button"
            key={a}
            class={i === 0 ? 'primary' : 'secondary'}
            aria-expanded={needs[a] ? chosen.value === a : undefined}
            onClick={() => {
              if (needs[a]) chosen.value = chosen.value === a ? null : a;
              else take(a, {});
            }}
          >
            {stepName(a)}
          </button>
        ))}
      </div>
      {chosen.value && (
        <StepForm
          key={chosen.value}
          action={chosen.value}
          {...(props.incident === undefined ? {} : { incident: props.incident })}
          take={take}
        />
      )}
    </div>
  );
}

export function stepName(action: string): string {
  return t(`step.${action}` as Parameters<typeof t>[0]);
}

/** The same step once it was taken. */
export function doneName(action: string): string {
  return t(`done.${action}` as Parameters<typeof t>[0]);
}

function StepForm(props: {
  action: string;
  incident?: number;
  take: (action: string, values: Values) => void;
}) {
  const fields = needs[props.action] ?? [];
  return (
    <form
      class="step-form"
      onSubmit={(e) => {
        e.preventDefault();
        const form = new FormData(e.currentTarget);
        const values: Values = {};
        for (const f of fields) values[f] = String(form.get(f) ?? '').trim();
        props.take(props.action, values);
      }}
    >
      {fields.map((f) => (
        <label key={f} htmlFor={`step-${f}`}>
          {t(`field.${f}`)}
          {f === 'handler' ? (
            <Handler incident={props.incident ?? 0} />
          ) : (
            <textarea id={`step-${f}`} name={f} rows={2} required maxLength={1000} autofocus />
          )}
        </label>
      ))}
      <button type="submit" class="primary">
        {stepName(props.action)}
      </button>
    </form>
  );
}

function Handler({ incident }: { incident: number }): ComponentChildren {
  const found = useSignal<Candidate[] | null>(null);
  useEffect(() => {
    api
      .GET('/api/v1/incidents/{id}/handlers', { params: { path: { id: incident } } })
      .then(({ data }) => {
        found.value = data?.items ?? [];
      })
      .catch(() => {
        found.value = [];
      });
  }, [incident]);
  if (found.value === null) return <span class="dim">{common('loading')}</span>;
  if (found.value.length === 0) return <span class="problem">{t('field.nobody')}</span>;
  return (
    <select id="step-handler" name="handler" required>
      {found.value.map((c) => (
        <option key={c.name} value={c.name}>
          {pick(c.display_zh, c.display_en) || c.name} · {named('role', c.role)}
        </option>
      ))}
    </select>
  );
}
