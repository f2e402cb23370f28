// The map's houses as a table: those in view or, without a map, in focus; of the grades that the legend shows, the worst first.
import { api, type Building } from '../../api/client';
import { t as common, pick } from '../../i18n';
import { number } from '../../i18n/format';
import { gradeColour, grades } from '../../map/colours';
import { houseZoom } from '../../map/style';
import { palette, theme } from '../../shell/prefs';
import { useLoad } from '../../ui/load';
import { Swatch } from '../../ui/Swatch';
import { Empty, Waiting } from '../../ui/states';
import { ability } from './map/graphics';
import { viewBox } from './map/MapView';
import { past } from './replay';
import { useTold } from './scene';
import { focus, hidden, select, view } from './state';
import { t } from './text';

const most = 200;

export function Houses() {
  const zoom = view.value?.zoom ?? 0;
  if (ability().webgl && zoom < houseZoom) return <p>{t('list.zoom')}</p>;
  return hidden.value.size === grades.length ? <Empty title={t('list.nohouses')} /> : <Rows />;
}

function Rows() {
  const within = focus.value;
  const box = viewBox()?.map((n) => n.toFixed(6));
  const query = {
    ...(box ? { bbox: box.join(',') } : { code: within }),
    ...(hidden.value.size > 0 ? { grade: grades.filter((g) => !hidden.value.has(g)) } : {}),
    order: 'worst' as const,
    limit: most,
  };
  const { data, failed, again } = useLoad(
    () => api.GET('/api/v1/buildings', { params: { query } }),
    [JSON.stringify(query)],
  );
  useTold(within, (i) => i.topic === 'grade' && i.code.startsWith(within), again);
  if (!data.value) return <Waiting failed={failed.value} again={again} />;
  const { items, next } = data.value;
  if (items.length === 0) return <Empty title={t('list.nohouses')} />;
  return (
    <>
      {next && <p class="dim">{t('list.first', { n: most })}</p>}
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
            <Row key={b.code} building={b} />
          ))}
        </tbody>
      </table>
    </>
  );
}

function Row({ building: b }: { building: Building }) {
  // While the past is played, what the ledger says of then.
  const now = past.value?.grades.get(b.id);
  const grade = grades.find((g) => g === (now === undefined ? b.state.grade : now));
  return (
    <tr>
      <td>
        <button type="button" class="plain" onClick={() => select({ kind: 'building', ref: String(b.id) })}>
          {pick(b.name_zh, b.name_en) || pick(b.address_zh, b.address_en) || b.code}
        </button>
      </td>
      <td>
        {grade && <Swatch colour={gradeColour(grade, theme.value, palette.value)} mark={grade} />}{' '}
        {grade ? common(`grade.${grade}`) : common('grade.none')}
      </td>
      <td>{number(b.state.residents)}</td>
    </tr>
  );
}
