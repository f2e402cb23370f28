import { api } from '../../api/client';
import { named, pick, t } from '../../i18n';
import { number } from '../../i18n/format';
import type { Route } from '../../shell/route';
import { crumbsOf, TopBar } from '../../shell/TopBar';
import { Facts } from '../../ui/Facts';
import { useLoad } from '../../ui/load';
import { Panel } from '../../ui/Panel';
import { Waiting } from '../../ui/states';

/** One building by its code. A room's code shows its building. */
export function HousePage({ route }: { route: Extract<Route, { page: 'house' }> }) {
  const building = route.code.slice(0, 19);
  const { data, failed, again } = useLoad(
    () => api.GET('/api/v1/buildings/{building}', { params: { path: { building } } }),
    [building],
  );
  const b = data.value;
  const place = { code: building, level: 'building', name_zh: b?.name_zh ?? '', name_en: b?.name_en ?? '' };
  return (
    <div class="console">
      <TopBar
        area={building.slice(0, 14)}
        crumbs={
          b ? crumbsOf(b.areas, place).map((c, i, all) => (i < all.length - 1 ? c : { name: c.name })) : []
        }
      />
      <main class="page">
        <Panel title={b ? pick(b.name_zh, b.name_en) || b.code : t('level.building')}>
          {b ? (
            <Facts
              rows={[
                [t('building.code'), b.code],
                [t('building.address'), pick(b.address_zh, b.address_en)],
                [t('building.use'), `${named('kind', b.kind)} · ${named('use', b.state.use)}`],
                [t('building.grade'), b.state.grade ? named('grade', b.state.grade) : t('grade.none')],
                [t('building.levels'), b.levels],
                [t('building.rooms'), number(b.state.rooms)],
                [t('building.residents'), number(b.state.residents)],
              ]}
            />
          ) : (
            <Waiting failed={failed.value} again={again} />
          )}
        </Panel>
      </main>
    </div>
  );
}
