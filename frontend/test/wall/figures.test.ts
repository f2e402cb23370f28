import { afterEach, beforeEach, expect, it, vi } from 'vitest';
import { api } from '../../src/api/client';
import { keepFigures, refreshFigures, stats } from '../../src/pages/wall/figures';
import { area } from '../../src/pages/wall/state';

beforeEach(() => void vi.useFakeTimers());
afterEach(() => {
  area.value = null;
  vi.restoreAllMocks();
  vi.useRealTimers();
});

it('are asked for within ten seconds of whatever happens, and each minute where nothing does', () => {
  const asked = vi.fn();
  const figures = keepFigures(asked);
  expect(asked).toHaveBeenCalledTimes(1);
  vi.advanceTimersByTime(4000);
  figures.nudge();
  figures.nudge();
  vi.advanceTimersByTime(6000);
  expect(asked).toHaveBeenCalledTimes(2);
  vi.advanceTimersByTime(1000);
  figures.nudge(); // soon after they were asked for: it waits for the next round, not for a minute
  vi.advanceTimersByTime(9000);
  expect(asked).toHaveBeenCalledTimes(3);
  vi.advanceTimersByTime(59_000);
  expect(asked).toHaveBeenCalledTimes(3);
  vi.advanceTimersByTime(1000);
  expect(asked).toHaveBeenCalledTimes(4);
  figures.stop();
  vi.advanceTimersByTime(120_000);
  expect(asked).toHaveBeenCalledTimes(4);
});

it('of an earlier round do not take the place of a later one’s', async () => {
  area.value = { code: '44030400100101', level: 'grid' } as typeof area.value;
  const answers: ((residents: number) => void)[] = [];
  vi.spyOn(api, 'GET').mockImplementation(((path: string) =>
    path.endsWith('/stats')
      ? new Promise((answer) => answers.push((residents) => answer({ data: { residents } })))
      : Promise.resolve({})) as never);
  const rounds = [refreshFigures(), refreshFigures()];
  answers[1]?.(2);
  await rounds[1];
  answers[0]?.(1);
  await rounds[0];
  expect(stats.value?.residents).toBe(2);
});
