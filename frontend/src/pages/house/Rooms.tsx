import type { Room } from '../../api/client';
import { number } from '../../i18n/format';
import { Choice } from '../../ui/Chips';
import { Empty } from '../../ui/states';
import { colourings, count } from './colouring';
import { MatrixTable } from './MatrixTable';
import { by, colourBy, onlyClass, openRoom, toggleOnly } from './state';
import { classMark, className, t } from './text';

/** The floors and rooms, what colours them, and the legend with its counts. */
export function Rooms(props: { building: string; rooms: readonly Room[]; chosen: string | null }) {
  const { rooms } = props;
  if (rooms.length === 0) return <Empty title={t('matrix.none')} hint={t('matrix.none.hint')} />;
  const only = onlyClass();
  return (
    <>
      <div class="matrix-head">
        <Choice
          label={t('by.label')}
          value={by.value}
          choose={colourBy}
          options={colourings.map((value) => ({ value, label: t(`by.${value}`) }))}
        />
        <ul class="room-legend" aria-label={t('legend.label')}>
          {count(rooms, by.value).map(({ class: c, n }) => (
            <li key={c}>
              <button type="button" aria-pressed={only === c} onClick={() => toggleOnly(c)}>
                <span class={`key c-${c}`} aria-hidden="true">
                  {classMark(c)}
                </span>
                {className(c)} <data>{number(n)}</data>
              </button>
            </li>
          ))}
        </ul>
        {by.value === 'grade' && <p class="dim by-hint">{t('by.grade.hint')}</p>}
      </div>
      <div class="matrix-scroll">
        <MatrixTable
          rooms={rooms}
          by={by.value}
          only={only}
          chosen={props.chosen}
          open={(code) => openRoom(props.building, code)}
        />
      </div>
    </>
  );
}
