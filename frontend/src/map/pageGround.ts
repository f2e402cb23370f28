// How the ground is drawn here: from our own layers, or from a base map that the operator gave. The server knows.
import { signal } from '@preact/signals';
import type { Schema } from './schemas';

/** Null until the server has said. */
export const pageGround = signal<Schema | null>(null);

export async function askGround() {
  const index = await fetch('/tiles/')
    .then((answer): Promise<{ ground?: Schema }> => (answer.ok ? answer.json() : Promise.resolve({})))
    .catch((): { ground?: Schema } => ({})); // our own ground can always be drawn
  pageGround.value = index.ground ?? 'own';
}
