// What a browser remembers of its user's habits. A browser that forbids storage forgets, and works.
import { effect, type Signal, signal } from '@preact/signals';

type Kept<T> = T extends boolean ? boolean : T extends number ? number : string;

export function stored<T extends string | number | boolean>(name: string, fallback: T): Signal<Kept<T>> {
  const key = `gridweave.${name}`;
  const value = signal(read(key, fallback) as unknown as Kept<T>);
  let first = true;
  effect(() => {
    const now = JSON.stringify(value.value);
    if (!first) write(key, now);
    first = false;
  });
  return value;
}

/** What was kept under a name, if it is of the fallback's type. */
export function recall<T extends string | number | boolean>(name: string, fallback: T): Kept<T> {
  return read(`gridweave.${name}`, fallback) as unknown as Kept<T>;
}

export function remember(name: string, value: string | number | boolean) {
  write(`gridweave.${name}`, JSON.stringify(value));
}

function read<T>(key: string, fallback: T): T {
  try {
    const kept: unknown = JSON.parse(localStorage.getItem(key) ?? 'null');
    return typeof kept === typeof fallback ? (kept as T) : fallback;
  } catch {
    return fallback;
  }
}

function write(key: string, text: string) {
  try {
    localStorage.setItem(key, text);
  } catch {
    // Private mode or a full disk: the setting lasts as long as the page.
  }
}
