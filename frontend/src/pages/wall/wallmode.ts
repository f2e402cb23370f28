// Wall mode: no controls, and one saved view after the other. A view is all that was chosen when it was saved: place,
// filters, what is selected, which list is open. Views are kept in this browser; the wall of a room is one computer.
import { effect, signal, untracked } from '@preact/signals';
import { showState, stateOf, view as viewCodec } from '../../shell/params';
import { recall, remember } from '../../shell/stored';
import { showView } from './map/MapView';
import { rotation, selected } from './state';

const key = (area: string) => `wall.views.${area}`;

/** What belongs to the moment or the computer, and to no view: the time replayed, the turns themselves, graphics. */
const apart = ['replay', 'play', 'speed', 'wall', 'low'] as const;

/** The views saved for the area that is shown, as queries; of old ones only the place, as it was kept then. */
export const views = signal<readonly string[]>([]);

export function loadViews(area: string) {
  views.value = recall(key(area), '')
    .split(';')
    .filter((v) => v.includes('=') || viewCodec.parse(v) !== null);
}

export function saveView(area: string) {
  keep(area, [...views.value, stateOf('wall', apart)]);
}

export function forgetView(area: string, index: number) {
  keep(
    area,
    views.value.filter((_, i) => i !== index),
  );
}

function keep(area: string, all: readonly string[]) {
  views.value = all;
  remember(key(area), all.join(';')); // a query has no semicolon: it is written as %3B
}

/** Shows a saved view. The map flies there; of an old view, which is a place, filters stay as they are. */
export function showSaved(saved: string) {
  const old = viewCodec.parse(saved);
  if (old) selected.value = null;
  else showState('wall', saved, [...apart, 'at']);
  const place = old ?? viewCodec.parse(new URLSearchParams(saved).get('at') ?? '');
  if (place) showView(place);
}

/** Shows the next view whenever its time has come; returns what ends it. */
export function rotate(): () => void {
  let timer: ReturnType<typeof setInterval> | undefined;
  let next = 0;
  const stop = effect(() => {
    clearInterval(timer);
    const seconds = rotation.value;
    const all = views.value;
    if (seconds === 0 || all.length === 0) return;
    const show = () => {
      const saved = all[next++ % all.length];
      if (saved !== undefined) showSaved(saved);
    };
    untracked(show);
    timer = setInterval(show, Math.max(5, seconds) * 1000);
  });
  return () => {
    stop();
    clearInterval(timer);
  };
}
