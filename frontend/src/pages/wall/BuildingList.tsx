import { api, type Building } from '../../api/client';
import { t as common, pick } from '../../i18n';
import { number } from '../../i18n/format';
import { useLoad } from '../../ui/load';
import { Sheet } from '../../ui/Sheet';
import { Waiting } from '../../ui/states';
import { boxInView } from './MapView';
import { listOpen, selected, view } from './state';
import { t } from './text';

const most = 200;

/** The map's equivalent for who cannot see it: the houses in view as a table. */
export function BuildingList() {
  const box = boxInView();
  return (
    <Sheet
      class="list"
      title={t('view.list.title')}
      close={() => {
        listOpen.value = false;
      }}
    >
      {box ? <Rows box={box} key={`${box}${view.value?.zoom}`} /> : <p>{t('view.list.zoom')}</p>}
    </Sheet>
  );
}

function Rows({ box }: { box: string }) {
  const { data, failed, again } = useLoad(
    () => api.GET('/api/v1/buildings', { params: { query: { bbox: box, limit: most } } }),
    [box],
  );
  if (!data.value) return <Waiting failed={failed.value} again={again} />;
  const items: Building[] = data.value.items;
  return (
    <>
      {data.value.next && <p class="dim">{t('view.list.more', { n: most })}</p>}
      <table>
        <thead>
          <tr>
            <th scope="col">{common('level.building')}</th>
            <th scope="col">{common('building.grade')}</th>
            <th scope="col">{common('building.residents')}</th>
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
              <td>{b.state.grade ? common(`grade.${b.state.grade}`) : common('grade.none')}</td>
              <td>{number(b.state.residents)}</td>
            </tr>
          ))}
        </tbody>
      </table>
    </>
  );
}
