// Parts of a screen that its first sight does not need: loaded when they are first shown, or a little before.
import { useSignal } from '@preact/signals';
import type { ComponentType } from 'preact';
import { useEffect } from 'preact/hooks';

/** A component that loads its code first. Waiting stands in its place until then, or when its code cannot be had. */
export function lazy<P extends object>(
  load: () => Promise<ComponentType<P>>,
  Waiting: ComponentType<{ failed: boolean }>,
): ComponentType<P> {
  let known: ComponentType<P> | null = null;
  return (props: P) => {
    const loaded = useSignal(known);
    const failed = useSignal(false);
    useEffect(() => {
      if (known) return;
      load()
        .then((found) => {
          known = found;
          loaded.value = found;
        })
        .catch(() => {
          failed.value = true;
        });
    }, []);
    const Part = loaded.value;
    return Part ? <Part {...props} /> : <Waiting failed={failed.value} />;
  };
}

/** Loads ahead once the browser has nothing better to do, so that the first click does not wait. */
export function ahead(load: () => Promise<unknown>): void {
  const run = () => void load().catch(() => undefined); // whoever needs it asks again
  if ('requestIdleCallback' in window) requestIdleCallback(run, { timeout: 10_000 });
  else setTimeout(run, 3000); // Safari has no such callback
}
