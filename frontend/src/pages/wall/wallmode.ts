// Wall mode: no controls, and one saved view after the other. Views are kept in this browser; the wall of a room is one
// computer.
import { effect, signal } from '@preact/signals';
import { type View, view as viewCodec } from '../../shell/params';
import { recall, remember } from '../../shell/stored';
import { showView } from './map/MapView';
import { rotation, selected, view } from './state';

const key = (area: string) => `wall.views.${area}`;

/** The views saved for the area that is shown. */
export const views = signal<readonly View[]>([]);

export function loadViews(area: string) {
  views.value = recall(key(area), '')
    .split(';')
    .map((s) => viewCodec.parse(s))
    .filter((v) => v !== null);
}

export function saveView(area: string) {
  if (!view.value) return;
  views.value = [...views.value, view.value];
  remember(key(area), views.value.map(viewCodec.format).join(';'));
}

export function forgetViews(area: string) {
  views.value = [];
  remember(key(area), '');
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
      const v = all[next++ % all.length];
      selected.value = null;
      if (v) showView(v);
    };
    show();
    timer = setInterval(show, Math.max(5, seconds) * 1000);
  });
  return () => {
    stop();
    clearInterval(timer);
  };
}
