// One clock for everything that shows time passing; it rests while nobody looks at the page.
import { computed, signal } from '@preact/signals';

/** The present second. */
export const now = signal(new Date());

/** The present minute in milliseconds since 1970, for what would draw the same every second. */
export const minute = computed(() => Math.floor(now.value.getTime() / 60_000) * 60_000);

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
