import { api, type Building } from '../api/client';
import { listOpen, selected, view } from '../app/state';
import { number, pick, t } from '../i18n';
import { useLoad } from './load';
import { boxInView } from './MapView';

const most = 200;

/** The map's equivalent for who cannot see it: the houses in view as a table. */
export function BuildingList() {
  const box = boxInView();
  return (
    <section class="card list" aria-label={t('view.list.title')}>
      <header>
        <h2>{t('view.list.title')}</h2>
        <button
          type="button"
          class="plain"
          aria-label={t('close')}
          onClick={() => {
            listOpen.value = false;
          }}
        >
          ✕
        </button>
      </header>
      {box ? <Rows box={box} key={`${box}${view.value?.zoom}`} /> : <p>{t('view.list.zoom')}</p>}
    </section>
  );
}

function Rows({ box }: { box: string }) {
  const { data, failed, again } = useLoad(
    () => api.GET('/api/v1/buildings', { params: { query: { bbox: box, limit: most } } }),
    [box],
  );
  if (!data.value)
    return (
      <p aria-busy={!failed.value}>
        {failed.value ?? t('loading')}{' '}
        {failed.value && (
          <button type="button" class="plain" onClick={again}>
            {t('retry')}
          </button>
        )}
      </p>
    );
  const items: Building[] = data.value.items;
  return (
    <>
      {data.value.next && <p class="dim">{t('view.list.more', { n: most })}</p>}
      <table>
        <thead>
          <tr>
            <th scope="col">{t('level.building')}</th>
            <th scope="col">{t('building.grade')}</th>
            <th scope="col">{t('building.residents')}</th>
          </tr>
        </thead>
        <tbody>
          {items.map((b) => (
            <tr key={b.code}>
              <td>
                <button
                  type="button"
                  class="plain"
                  onClick={() => {
                    selected.value = { kind: 'building', ref: String(b.id) };
                  }}
                >
                  {pick(b.name_zh, b.name_en) || pick(b.address_zh, b.address_en) || b.code}
                </button>
              </td>
              <td>{b.state.grade ? t(`grade.${b.state.grade}`) : t('grade.none')}</td>
              <td>{number(b.state.residents)}</td>
            </tr>
          ))}
        </tbody>
      </table>
    </>
  );
}
