// The rooms as a table that a keyboard walks through: one cell at a time is in the tab order, arrows move it.
import { useEffect, useMemo, useRef } from 'preact/hooks';
import type { Room } from '../../api/client';
import { lang } from '../../shell/prefs';
import { type Class, type Colouring, classOf } from './colouring';
import { arrange, first, type Matrix, type Place, placeIn, step } from './matrix';
import { classMark, className, t } from './text';

/** From how many columns on the table fills its panel; fewer would be stretched to bars. */
const wideFrom = 6;

export function MatrixTable(props: {
  rooms: readonly Room[];
  by: Colouring;
  only: Class | null;
  chosen: string | null;
  open: (code: string) => void;
}) {
  const { rooms, by, only, chosen } = props;
  const m = useMemo(() => arrange(rooms), [rooms]);
  const table = useRef<HTMLTableElement>(null);
  // The cell in the tab order lives in the document alone: moving it must not draw nine hundred cells anew.
  const at = useRef<Place>({ row: 0, column: 0 });

  useEffect(() => {
    const wanted = chosen ? placeIn(m, chosen) : null;
    enter(table.current, at, wanted ?? first(m), false);
    if (wanted) reveal(table.current, wanted);
  }, [m, chosen]);

  const onKey = (e: KeyboardEvent) => {
    const code = codeOf(e.target);
    const from = code && placeIn(m, code);
    if (!code || !from || e.altKey || e.metaKey) return;
    if (e.key === 'Enter' || e.key === ' ') props.open(code);
    else {
      const to = step(m, from, e.key, e.ctrlKey);
      if (!to) return;
      enter(table.current, at, to, true);
    }
    e.preventDefault();
    e.stopPropagation();
  };
  const onClick = (e: MouseEvent) => {
    const code = codeOf(e.target);
    const to = code && placeIn(m, code);
    if (!code || !to) return;
    enter(table.current, at, to, true);
    props.open(code);
  };
  const body = useMemo(
    () => <Body m={m} by={by} only={only} chosen={chosen} />,
    [m, by, only, chosen, lang.value],
  );
  return (
    <table
      ref={table}
      role="grid"
      class={`matrix ${m.columns.length < wideFrom ? 'narrow' : m.dense ? 'dense' : 'wide'}`}
      style={{ '--floors': m.rows.length }}
      aria-label={t('matrix.label')}
      aria-rowcount={m.rows.length + 1}
      aria-colcount={m.columns.length + 1}
      onKeyDown={onKey}
      onClick={onClick}
    >
      <thead>
        <tr>
          <th scope="col">{t('matrix.corner')}</th>
          {m.columns.map((c) => (
            <th scope="col" key={c}>
              {c}
            </th>
          ))}
        </tr>
      </thead>
      {body}
    </table>
  );
}

function Body({
  m,
  by,
  only,
  chosen,
}: {
  m: Matrix;
  by: Colouring;
  only: Class | null;
  chosen: string | null;
}) {
  return (
    <tbody>
      {m.rows.map((row) => (
        <tr key={row.floor}>
          <th scope="row">{floorName(row.floor)}</th>
          {row.cells.map((room, i) =>
            room ? cell(room, by, only, room.code === chosen) : <td key={m.columns[i]} class="gap" />,
          )}
        </tr>
      ))}
    </tbody>
  );
}

function cell(room: Room, by: Colouring, only: Class | null, chosen: boolean) {
  const c = classOf(room, by);
  const faded = only !== null && c !== only;
  return (
    <td
      key={room.code}
      class={`room c-${c}${faded ? ' faded' : ''}`}
      tabIndex={-1}
      data-code={room.code}
      aria-selected={chosen}
    >
      <b aria-hidden="true">{room.unit}</b>
      <i aria-hidden="true">{classMark(c)}</i>
      {room.open_incidents > 0 && <u />}
      <span class="sr">{describe(room, c)}</span>
    </td>
  );
}

/** What a cell says to who cannot see it. */
export function describe(room: Room, c: Class): string {
  const values = {
    unit: room.unit,
    what: className(c),
    people: room.residents,
    capacity: room.capacity,
  };
  return (
    t(room.capacity > 0 ? 'cell.of' : 'cell', values) +
    (room.open_incidents > 0 ? t('cell.incidents', { n: room.open_incidents }) : '')
  );
}

function floorName(n: number): string {
  return n < 0 ? `B${-n}` : String(n);
}

function codeOf(target: EventTarget | null): string | null {
  return (target as HTMLElement | null)?.closest?.<HTMLElement>('td.room')?.dataset.code ?? null;
}

/** Makes a cell the one in the tab order, and the one with the focus if it is wanted. */
function enter(table: HTMLTableElement | null, at: { current: Place }, to: Place, focus: boolean) {
  const before = cellAt(table, at.current);
  if (before) before.tabIndex = -1;
  at.current = to;
  const now = cellAt(table, to);
  if (!now?.classList.contains('room')) return;
  now.tabIndex = 0;
  if (!focus) return;
  now.focus({ preventScroll: true });
  reveal(table, to);
}

/** Scrolls the table, not the page, until a cell is clear of the headers. */
function reveal(table: HTMLTableElement | null, to: Place) {
  const cell = cellAt(table, to);
  const box = table?.parentElement;
  const head = table?.querySelector<HTMLElement>('thead th');
  if (!cell || !box || !head) return;
  const c = cell.getBoundingClientRect();
  const b = box.getBoundingClientRect();
  const top = b.top + head.offsetHeight;
  const left = b.left + head.offsetWidth;
  const margin = 6;
  if (c.top < top + margin) box.scrollTop -= top + margin - c.top;
  else if (c.bottom > b.bottom - margin) box.scrollTop += c.bottom - b.bottom + margin;
  if (c.left < left + margin) box.scrollLeft -= left + margin - c.left;
  else if (c.right > b.right - margin) box.scrollLeft += c.right - b.right + margin;
}

function cellAt(table: HTMLTableElement | null, p: Place): HTMLElement | undefined {
  // The first of a row is its header.
  return table?.querySelector('tbody')?.children[p.row]?.children[p.column + 1] as HTMLElement | undefined;
}
