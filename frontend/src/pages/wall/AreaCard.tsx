import { api } from '../../api/client';
import { t as common, named, pick } from '../../i18n';
import { number } from '../../i18n/format';
import { wallPath } from '../../shell/route';
import { Facts } from '../../ui/Facts';
import { useLoad } from '../../ui/load';
import { Sheet } from '../../ui/Sheet';
import { Waiting } from '../../ui/states';
import { stats } from './figures';
import { select } from './state';
import { t } from './text';

const close = () => select(null);

export function AreaCard({ code }: { code: string }) {
  const area = useLoad(() => api.GET('/api/v1/areas/{code}', { params: { path: { code } } }), [code]);
  const a = area.data.value;
  // A selected area is what everything is narrowed to: its figures are kept fresh with the others.
  const f = stats.value?.code === code ? stats.value : null;
  if (!a || !f) {
    return (
      <Sheet class="detail" close={close} title={common('level.grid')} under={code}>
        <Waiting failed={area.failed.value} again={area.again} />
      </Sheet>
    );
  }
  return (
    <Sheet
      class="detail"
      close={close}
      title={pick(a.name_zh, a.name_en)}
      under={[
        ...a.ancestors.map((p) => pick(p.name_zh, p.name_en)),
        `${named('level', a.level)} ${code}`,
      ].join(' › ')}
    >
      <Facts
        rows={[
          [common('figures.buildings'), number(f.buildings)],
          [common('figures.rental'), number(f.rental_buildings)],
          [common('grade.red'), number(f.grades.red ?? 0)],
          [common('grade.orange'), number(f.grades.orange ?? 0)],
          [common('building.rooms'), number(f.rooms)],
          [common('figures.residents'), number(f.residents)],
          [common('figures.incidents'), number(f.open_incidents)],
        ]}
      />
      {a.area && (
        <a class="primary" href={wallPath(a.code)}>
          {t('area.open')}
        </a>
      )}
    </Sheet>
  );
}
