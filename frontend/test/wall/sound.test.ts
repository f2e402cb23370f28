import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import type { Happening } from '../../src/pages/wall/happening';
import {
  acknowledge,
  acknowledged,
  alarms,
  hear,
  mute,
  silence,
  takeBack,
  tuneOf,
} from '../../src/pages/wall/sound';
import { now } from '../../src/ui/now';

const happening = (topic: Happening['topic'], state: string, severity = 0): Happening => ({
  key: `${topic}${state}${severity}${Math.random()}`,
  at: new Date(),
  topic,
  id: 1,
  code: '440304',
  action: '',
  was: '',
  now: state,
  type: '0519',
  severity,
  lon: null,
  lat: null,
  nameZh: '',
  nameEn: '',
});

beforeEach(() => {
  vi.useFakeTimers();
  alarms.value = [];
  acknowledged.value = null;
});
afterEach(() => vi.useRealTimers());

describe('sounds', () => {
  it.each([
    ['incident', 'reported', 1, 'alarm'],
    ['incident', 'reported', 3, 'incident'],
    ['incident', 'closed', 1, null],
    ['grade', 'red', 0, 'grade'],
    ['grade', 'green', 0, null],
    ['declaration', 'doubtful', 0, 'declaration'],
    ['declaration', 'accepted', 0, null],
  ] as const)('of %s %s, severity %s: %s', (topic, state, severity, tune) => {
    expect(tuneOf(happening(topic, state, severity))).toBe(tune);
  });

  it('of alarms wait for somebody, who can take that back for ten seconds', () => {
    hear(happening('incident', 'reported', 1));
    hear(happening('incident', 'reported', 3));
    expect(alarms.value).toHaveLength(1);
    acknowledge();
    expect(alarms.value).toHaveLength(0);
    takeBack();
    expect(alarms.value).toHaveLength(1);
    acknowledge();
    vi.advanceTimersByTime(10_001);
    takeBack();
    expect(alarms.value).toHaveLength(0);
  });

  it('are silent for a while, and the while is shown', () => {
    now.value = new Date();
    mute(5);
    expect(silence.value).toBe(300_000);
    mute(0);
    expect(silence.value).toBe(0);
  });
});
