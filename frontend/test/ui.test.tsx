import { cleanup, fireEvent, render, screen } from '@testing-library/preact';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { hidden, lang, stats } from '../src/app/state';
import { named, number, pick, t } from '../src/i18n';
import { Legend } from '../src/ui/Legend';

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

describe('texts', () => {
  it('follow the language', () => {
    expect(t('signout')).toBe('退出');
    lang.value = 'en';
    expect(t('signout')).toBe('Sign out');
    expect(t('building.score', { score: 77 })).toBe('77 points');
    expect(named('use', 'shared_let')).toBe('Shared let');
    expect(named('use', 'something new')).toBe('something new');
    expect(number(1007192)).toBe('1,007,192');
  });

  it('take the other name where one is missing', () => {
    expect(pick('福田区', 'Futian District')).toBe('福田区');
    lang.value = 'en';
    expect(pick('福田区', '')).toBe('福田区');
  });
});

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
