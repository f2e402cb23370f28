// One registry of keyboard shortcuts. Whoever is on the screen registers, the help lists what is registered, and single
// keys can be switched off for those who dictate or whose hands slip (WCAG 2.1.4).
import { signal } from '@preact/signals';
import { useEffect } from 'preact/hooks';
import { stored } from './stored';

export interface Binding {
  /** As KeyboardEvent.key, letters in lower case. Several keys that do one thing share a binding. */
  keys: string[];
  /** How the keys are shown, such as "1 – 5"; the keys themselves where it is absent. */
  shown?: string;
  /** What the binding does, in the reader's language; asked anew whenever the help is drawn. */
  does: () => string;
  run: (event: KeyboardEvent) => void;
}

export const keysOn = stored('keys', true);

const layers = signal<readonly (readonly Binding[])[]>([]);

/** Every binding in force, of the shell first. */
export function bindings(): Binding[] {
  return layers.value.flat();
}

/** Registers bindings; later ones come before earlier ones. Returns what takes them back. */
export function bind(list: readonly Binding[]): () => void {
  layers.value = [...layers.value, list];
  return () => {
    layers.value = layers.value.filter((l) => l !== list);
  };
}

export function useKeys(list: readonly Binding[]) {
  useEffect(() => bind(list), []);
}

/** Keys that work even when shortcuts are off: they are no characters, or lead to the switch itself. */
const always = new Set(['Escape', '?']);

/** Where keys are text, and where Space is a press. A slider or a box to tick takes neither letters nor digits. */
const typed = 'input:not([type=range], [type=checkbox], [type=radio]), textarea, select, [contenteditable]';
const pressed = 'button, a, summary, [role=option], [type=checkbox], [type=radio]';

export function onKey(event: KeyboardEvent) {
  if (event.ctrlKey || event.metaKey || event.altKey || event.isComposing || event.defaultPrevented) return;
  const target = event.target as Element;
  if (target.closest?.(typed) && event.key !== 'Escape') return;
  if (event.key === ' ' && target.closest?.(pressed)) return;
  if (!keysOn.value && !always.has(event.key)) return;
  // What lies over the page has the keyboard to itself; Escape closes it, and what its own key opened its key closes.
  if (document.querySelector('dialog[open]') && event.key !== '?') return;
  const key = event.key.length === 1 ? event.key.toLowerCase() : event.key;
  for (const list of [...layers.value].reverse()) {
    const found = list.find((b) => b.keys.includes(key));
    if (found) {
      event.preventDefault();
      found.run(event);
      return;
    }
  }
}

export function listenForKeys(): () => void {
  addEventListener('keydown', onKey);
  return () => removeEventListener('keydown', onKey);
}
