import { cleanup, fireEvent, render } from '@testing-library/preact';
import { afterEach, expect, it, vi } from 'vitest';
import type { Room } from '../../src/api/client';
import { MatrixTable } from '../../src/pages/house/MatrixTable';
import { grouped } from '../../src/pages/house/Plate';
import { lang } from '../../src/shell/prefs';

const building = '4403040030010300002';
const room = (floor: number, place: number): Room => ({
  code: `${building}${String(floor).padStart(3, '0')}${String(place).padStart(3, '0')}`,
  floor,
  unit: `${floor}0${place}`,
  use: 'shared_let',
  capacity: 4,
  residents: 3,
  declaration: 'undeclared',
  declared: 0,
  open_incidents: place === 2 ? 1 : 0,
  findings: ['undeclared'],
});
const rooms = [room(1, 1), room(1, 2), room(2, 1), room(2, 2)];

afterEach(cleanup);

function table(open = vi.fn(), chosen: string | null = null) {
  lang.value = 'en';
  const view = render(<MatrixTable rooms={rooms} by="declaration" only={null} chosen={chosen} open={open} />);
  const cells = () => [...view.container.querySelectorAll<HTMLElement>('td.room')];
  return { ...view, cells, open };
}

it('is a table with headers, and says everything in words', () => {
  const { container, cells } = table();
  expect([...container.querySelectorAll('th[scope=col]')].map((h) => h.textContent)).toEqual([
    'Floor',
    '01',
    '02',
  ]);
  expect([...container.querySelectorAll('th[scope=row]')].map((h) => h.textContent)).toEqual(['2', '1']);
  expect(cells()[1]?.querySelector('.sr')?.textContent).toBe(
    'Room 202, Undeclared, 3 of 4 residents, 1 open incidents',
  );
  expect(cells()[0]?.querySelector('i')?.textContent).toBe('!');
});

it('keeps exactly one cell in the tab order while arrows walk', () => {
  const { cells, open } = table();
  const inOrder = () =>
    cells()
      .filter((c) => c.tabIndex === 0)
      .map((c) => c.textContent);
  expect(inOrder()).toHaveLength(1);
  cells()[0]?.focus();
  fireEvent.keyDown(cells()[0] as HTMLElement, { key: 'ArrowDown' });
  expect(document.activeElement).toBe(cells()[2]);
  fireEvent.keyDown(cells()[2] as HTMLElement, { key: 'ArrowRight' });
  expect(document.activeElement).toBe(cells()[3]);
  expect(inOrder()).toHaveLength(1);
  expect(cells()[3]?.tabIndex).toBe(0);
  fireEvent.keyDown(cells()[3] as HTMLElement, { key: 'Enter' });
  expect(open).toHaveBeenCalledWith(`${building}001002`);
});

it('begins at the room that the address names', () => {
  const { cells } = table(vi.fn(), `${building}001001`);
  expect(cells()[2]?.tabIndex).toBe(0);
  expect(cells()[2]?.getAttribute('aria-selected')).toBe('true');
});

it('writes codes in the groups that people read', () => {
  expect(grouped('4403040030010300002')).toBe('440304 003 001 03 00002');
  expect(grouped('4403040030010300002002008')).toBe('440304 003 001 03 00002 002008');
});
