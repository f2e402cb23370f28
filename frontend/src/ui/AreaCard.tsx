import { api } from '../api/client';
import { named, number, pick, t } from '../i18n';
import { Card, Facts, Waiting } from './Card';
import { useLoad } from './load';
import { fitTo } from './MapView';

export function AreaCard({ code }: { code: string }) {
  const area = useLoad(() => api.GET('/api/v1/areas/{code}', { params: { path: { code } } }), [code]);
  const figures = useLoad(
    () => api.GET('/api/v1/areas/{code}/stats', { params: { path: { code } } }),
    [code],
  );
  const a = area.data.value;
  const f = figures.data.value;
  if (!a || !f) {
    return (
      <Card title={t('level.grid')} under={code}>
        <Waiting failed={area.failed.value ?? figures.failed.value} again={area.again} />
      </Card>
    );
  }
  return (
    <Card
      title={pick(a.name_zh, a.name_en)}
      under={[
        ...a.ancestors.map((p) => pick(p.name_zh, p.name_en)),
        `${named('level', a.level)} ${code}`,
      ].join(' › ')}
    >
      <Facts
        rows={[
          [t('legend.buildings'), number(f.buildings)],
          [t('legend.rental'), number(f.rental_buildings)],
          [t('grade.red'), number(f.grades.red ?? 0)],
          [t('grade.orange'), number(f.grades.orange ?? 0)],
          [t('building.rooms'), number(f.rooms)],
          [t('legend.residents'), number(f.residents)],
          [t('legend.incidents'), number(f.open_incidents)],
        ]}
      />
      {a.area && (
        <button type="button" class="primary" onClick={() => a.area && fitTo(a.area.bounds)}>
          {t('area.open')}
        </button>
      )}
    </Card>
  );
}
