import { api } from '../../api/client';
import { t } from '../../i18n';
import { number } from '../../i18n/format';
import type { Route } from '../../shell/route';
import { crumbsOf, TopBar } from '../../shell/TopBar';
import { Facts } from '../../ui/Facts';
import { useLoad } from '../../ui/load';
import { Panel } from '../../ui/Panel';
import { Waiting } from '../../ui/states';

/** An area's figures. */
export function InsightPage({ route }: { route: Extract<Route, { page: 'insight' }> }) {
  const path = { code: route.area };
  const area = useLoad(() => api.GET('/api/v1/areas/{code}', { params: { path } }), [route.area]);
  const stats = useLoad(() => api.GET('/api/v1/areas/{code}/stats', { params: { path } }), [route.area]);
  const a = area.data.value;
  const s = stats.data.value;
  return (
    <div class="console">
      <TopBar area={route.area} crumbs={a ? crumbsOf(a.ancestors, a) : []} />
      <main class="page">
        <Panel title={t('building.grade')} asOf={s ? new Date(s.as_of) : null}>
          {s ? (
            <Facts
              rows={[
                [t('figures.buildings'), number(s.buildings)],
                [t('figures.rental'), number(s.rental_buildings)],
                [t('grade.red'), number(s.grades.red ?? 0)],
                [t('grade.orange'), number(s.grades.orange ?? 0)],
                [t('figures.residents'), number(s.residents)],
                [t('figures.incidents'), number(s.open_incidents)],
              ]}
            />
          ) : (
            <Waiting failed={stats.failed.value} again={stats.again} />
          )}
        </Panel>
      </main>
    </div>
  );
}
