// One clock for everything that shows time passing; it rests while nobody looks at the page.
import { signal } from '@preact/signals';

/** The present second. */
export const now = signal(new Date());

/** Starts the clock; returns what stops it. */
export function runClock(): () => void {
  let timer: ReturnType<typeof setTimeout> | undefined;
  const tick = () => {
    now.value = new Date();
    clearTimeout(timer);
    if (!document.hidden) timer = setTimeout(tick, 1000 - (Date.now() % 1000));
  };
  tick();
  document.addEventListener('visibilitychange', tick);
  return () => {
    clearTimeout(timer);
    document.removeEventListener('visibilitychange', tick);
  };
}
