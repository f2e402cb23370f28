import { beforeEach, describe, expect, it, vi } from 'vitest';
import { cases, hidden, open, replayAt, rotation, selected, view } from '../../src/pages/wall/state';
import { remember } from '../../src/shell/stored';

const flown: unknown[] = [];
vi.mock('../../src/pages/wall/map/MapView', () => ({ showView: (v: unknown) => flown.push(v) }));
const { forgetView, loadViews, rotate, saveView, showSaved, views } = await import(
  '../../src/pages/wall/wallmode'
);

beforeEach(() => {
  localStorage.clear();
  flown.length = 0;
  loadViews('440304');
  for (const [s, v] of [
    [hidden, new Set()],
    [cases, 'all'],
    [open, null],
    [selected, null],
    [view, null],
    [replayAt, null],
    [rotation, 0],
  ] as const)
    (s as { value: unknown }).value = v;
});

function choose() {
  view.value = { lon: 114.05, lat: 22.53, zoom: 15 };
  hidden.value = new Set(['green']);
  cases.value = 'overdue';
  open.value = 'cases';
  selected.value = { kind: 'area', code: '440304003' };
}

describe('a saved view', () => {
  it('is all that was chosen, and survives the page', () => {
    choose();
    replayAt.value = 1_795_000_000;
    saveView('440304');
    loadViews('440304001');
    expect(views.value).toEqual([]);
    loadViews('440304');
    hidden.value = new Set(['red']);
    cases.value = 'none';
    open.value = null;
    selected.value = null;
    replayAt.value = null;
    showSaved(views.value[0] ?? '');
    expect(hidden.value).toEqual(new Set(['green']));
    expect(cases.value).toBe('overdue');
    expect(open.value).toBe('cases');
    expect(selected.value).toEqual({ kind: 'area', code: '440304003' });
    expect(flown).toEqual([{ lon: 114.05, lat: 22.53, zoom: 15 }]);
    expect(replayAt.value, 'the time is the moment’s').toBeNull();
  });

  it('of earlier versions is a place, and leaves filters as they are', () => {
    remember('wall.views.440304', '114.05000,22.53000,15.00;114.06000,22.54000,16.00;junk');
    loadViews('440304');
    expect(views.value).toHaveLength(2);
    choose();
    showSaved(views.value[1] ?? '');
    expect(flown).toEqual([{ lon: 114.06, lat: 22.54, zoom: 16 }]);
    expect(cases.value).toBe('overdue');
    expect(selected.value).toBeNull();
    saveView('440304');
    forgetView('440304', 0);
    loadViews('440304');
    expect(views.value).toHaveLength(2);
    expect(views.value[0]).toBe('114.06000,22.54000,16.00');
  });

  it('takes its turn with all that belongs to it', () => {
    vi.useFakeTimers();
    choose();
    saveView('440304');
    hidden.value = new Set(['red']);
    cases.value = 'all';
    view.value = { lon: 114.1, lat: 22.6, zoom: 12 };
    saveView('440304');
    rotation.value = 5;
    const stop = rotate();
    expect(cases.value).toBe('overdue');
    vi.advanceTimersByTime(5000);
    expect(cases.value).toBe('all');
    expect(hidden.value).toEqual(new Set(['red']));
    vi.advanceTimersByTime(5000);
    expect(cases.value).toBe('overdue');
    expect(rotation.value, 'turns go on').toBe(5);
    stop();
    vi.useRealTimers();
  });
});
