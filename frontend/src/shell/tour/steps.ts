// What the tour says, and beside what. A step whose place is not on the screen, on a phone for instance, is said all the
// same, without pointing.
import type { Toured } from './state';
import { t } from './text';

export interface Step {
  /** Selectors of what the step is about; the first that is seen is pointed at. */
  at: readonly string[];
  title: string;
  text: string;
}

const places: Record<Toured, readonly (readonly [name: string, ...at: string[]])[]> = {
  wall: [
    ['welcome'],
    ['figures', '.key-figures', '.tabs button:nth-child(1)'],
    ['map', '.map', '.instead'],
    ['ticker', '.ticker', '.tabs button:nth-child(2)'],
    ['search', '.search'],
    ['replay', '.time-bar'],
    ['further', '.screens', '.menu-button'],
  ],
  house: [['matrix', '.house-rooms']],
  insight: [['heat', '.insight .side.left', '.insight']],
};

export function stepsOf(page: Toured): Step[] {
  return places[page].map(([name, ...at]) => ({
    at,
    title: t(`${name}.title` as 'welcome.title'),
    text: t(`${name}.text` as 'welcome.text'),
  }));
}
