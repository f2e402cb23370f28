// The equivalents of the map's layers for who cannot see it, or has no map: open incidents and houses, as tables. Areas
// are the league.
import { named } from '../../i18n';
import { number, span, when } from '../../i18n/format';
import { Sheet } from '../../ui/Sheet';
import { Empty } from '../../ui/states';
import { Houses } from './Houses';
import type { Case } from './happening';
import { flyTo } from './map/MapView';
import { placeName, typeName } from './names';
import { shownCases, shownTime } from './scene';
import { open, select } from './state';
import { t } from './text';

const most = 200;

export function Lists() {
  const which = open.value;
  if (which !== 'cases' && which !== 'houses') return null;
  const close = () => {
    open.value = null;
  };
  return (
    <Sheet class="list" title={t(which === 'cases' ? 'list.cases' : 'list.houses')} close={close}>
      <ListChoice />
      {which === 'cases' ? <Cases /> : <Houses />}
    </Sheet>
  );
}

/** In the place of a map that cannot be drawn. */
export function ListsInstead() {
  return (
    <section class="instead" aria-label={t('list.instead')}>
      <p role="alert">{t('nowebgl')}</p>
      <ListChoice />
      {open.value === 'houses' ? <Houses /> : <Cases />}
    </section>
  );
}

function ListChoice() {
  const shown = open.value === 'houses' ? 'houses' : 'cases';
  return (
    <div class="chips" role="group" aria-label={t('list.choice')}>
      {(['cases', 'houses'] as const).map((w) => (
        <button
          type="button"
          class="chip"
          key={w}
          aria-pressed={shown === w}
          onClick={() => {
            open.value = w;
          }}
        >
          {t(w === 'cases' ? 'list.cases' : 'list.houses')}
        </button>
      ))}
    </div>
  );
}

function Cases() {
  const at = shownTime.value;
  const rows = [...shownCases.value].sort(
    (a, b) => (a.dueAt ?? Number.POSITIVE_INFINITY) - (b.dueAt ?? Number.POSITIVE_INFINITY),
  );
  if (rows.length === 0) return <Empty title={t('list.nocases')} />;
  return (
    <>
      {rows.length > most && <p class="dim">{t('list.more', { n: most, of: number(rows.length) })}</p>}
      <table>
        <thead>
          <tr>
            <th scope="col">{t('topic.incident')}</th>
            <th scope="col">{t('list.where')}</th>
            <th scope="col">{t('list.state')}</th>
            <th scope="col">{t('list.due')}</th>
          </tr>
        </thead>
        <tbody>
          {rows.slice(0, most).map((c) => (
            <tr key={c.id} class={c.dueAt !== null && c.dueAt < at ? 'late' : ''}>
              <td>
                <button type="button" class="plain" onClick={() => show(c)}>
                  {typeName(c.type)}
                </button>
              </td>
              <td>{placeName(c.code)}</td>
              <td>{named('status', c.status)}</td>
              <td>{due(c, at)}</td>
            </tr>
          ))}
        </tbody>
      </table>
    </>
  );
}

function due(c: Case, at: number): string {
  if (c.dueAt === null) return '–';
  return c.dueAt < at ? t('case.late', { span: span(at - c.dueAt) }) : when(new Date(c.dueAt), new Date(at));
}

function show(c: Case) {
  select({ kind: 'incident', id: c.id });
  flyTo([c.lon, c.lat]);
}
