import { useEffect } from 'preact/hooks';
import { api, type BuildingDetail } from '../../api/client';
import { named, pick, t } from '../../i18n';
import { day, number } from '../../i18n/format';
import { gradeColour } from '../../map/colours';
import { palette, theme } from '../../shell/prefs';
import { housePath } from '../../shell/route';
import { Facts } from '../../ui/Facts';
import { useLoad } from '../../ui/load';
import { Reasons } from '../../ui/Reasons';
import { Sheet } from '../../ui/Sheet';
import { Swatch } from '../../ui/Swatch';
import { Waiting } from '../../ui/states';
import { keepClear } from './map/MapView';
import { boxOf } from './map/sight';
import { useTold } from './scene';
import { report, select } from './state';
import { t as wall } from './text';

const close = () => select(null);

export function BuildingCard({ reference }: { reference: string }) {
  const { data, failed, again } = useLoad(
    () => api.GET('/api/v1/buildings/{building}', { params: { path: { building: reference } } }),
    [reference],
  );
  const b = data.value;
  // Its grade, and what is declared and happens in it.
  useTold(
    b?.code ?? reference,
    (i) => (i.topic === 'grade' && i.id === b?.id) || (b !== null && i.code.startsWith(b.code)),
    again,
  );
  useEffect(() => (b ? keepClear(boxOf(b.geometry)) : undefined), [b?.id]);
  if (!b) {
    return (
      <Sheet class="detail" close={close} title={t('level.building')} under={reference}>
        <Waiting failed={failed.value} again={again} />
      </Sheet>
    );
  }
  const title = pick(b.name_zh, b.name_en) || pick(b.address_zh, b.address_en) || b.code;
  return (
    <Sheet
      class="detail"
      close={close}
      title={title}
      under={b.areas.map((a) => pick(a.name_zh, a.name_en)).join(' › ')}
    >
      <GradeLine building={b} />
      <p class="links">
        <a class="primary" href={housePath(b.code)}>
          {wall('building.open')}
        </a>
        <button
          type="button"
          class="secondary"
          onClick={() => report({ building: { code: b.code, name: title } })}
        >
          {wall('report.here')}
        </button>
      </p>
      <Facts
        rows={[
          [t('building.address'), pick(b.address_zh, b.address_en)],
          [t('building.code'), b.code],
          [t('building.use'), [...new Set([named('kind', b.kind), named('use', b.state.use)])].join(' · ')],
          [t('building.levels'), b.levels],
          [t('building.height'), b.height_m && `${number(Math.round(b.height_m))} m`],
          [t('building.built'), b.built_year],
          [t('building.rooms'), number(b.state.rooms)],
          [t('building.rental'), number(b.state.rental_rooms)],
          [t('building.residents'), number(b.state.residents)],
          [t('building.incidents'), number(b.state.open_incidents)],
          [t('building.patrolled'), b.state.patrolled_at ? day(b.state.patrolled_at) : t('building.never')],
        ]}
      />
      {b.state.grade && (
        <>
          <h3>{t('building.reasons')}</h3>
          <Reasons reasons={b.state.grade_reasons} />
        </>
      )}
      <History building={b} />
    </Sheet>
  );
}

function GradeLine({ building }: { building: BuildingDetail }) {
  const { grade, grade_score: score } = building.state;
  if (!grade) return <p class="grade">{t('grade.none')}</p>;
  return (
    <p class="grade">
      <Swatch colour={gradeColour(grade, theme.value, palette.value)} mark={grade} />
      <strong>{t(`grade.${grade}`)}</strong>
      {score !== undefined && <span>{t('building.score', { score })}</span>}
    </p>
  );
}

function History({ building }: { building: BuildingDetail }) {
  const changes = building.grade_history.slice(0, 6);
  if (changes.length === 0) return null;
  return (
    <>
      <h3>{t('building.history')}</h3>
      <ol class="history">
        {changes.map((c) => (
          <li key={c.at}>
            <time dateTime={c.at}>{day(c.at)}</time>
            <span>
              {c.old_grade ? `${named('grade', c.old_grade)} → ` : ''}
              {c.new_grade ? named('grade', c.new_grade) : t('grade.none')}
            </span>
          </li>
        ))}
      </ol>
    </>
  );
}
