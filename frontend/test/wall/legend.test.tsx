import { cleanup, fireEvent, render, screen } from '@testing-library/preact';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { stats } from '../../src/pages/wall/figures';
import { Legend } from '../../src/pages/wall/Legend';
import { hidden } from '../../src/pages/wall/state';
import { lang } from '../../src/shell/prefs';

const figures = {
  code: '440304',
  as_of: '2026-11-24T00:00:00Z',
  buildings: 30000,
  rental_buildings: 24338,
  rooms: 600000,
  rental_rooms: 271907,
  residents: 1007192,
  open_incidents: 916,
  overdue_incidents: 22,
  declarations_24h: 334,
  grades: { green: 14611, yellow: 5350, orange: 2181, red: 710, grey: 1486 },
};

beforeEach(() => {
  lang.value = 'zh';
  hidden.value = new Set();
  stats.value = figures;
});
afterEach(cleanup);

describe('the legend', () => {
  it('shows each grade with its count and hides it on a click', () => {
    render(<Legend />);
    const red = screen.getByRole('button', { name: /重点/ });
    expect(red.textContent).toContain('710');
    expect(red.getAttribute('aria-pressed')).toBe('true');
    fireEvent.click(red);
    expect(hidden.value).toEqual(new Set(['red']));
    fireEvent.click(red);
    expect(hidden.value.size).toBe(0);
  });

  it('says when there are no figures yet', () => {
    stats.value = null;
    render(<Legend />);
    expect(screen.getByRole('button', { name: /重点/ }).textContent).toContain('–');
  });
});
