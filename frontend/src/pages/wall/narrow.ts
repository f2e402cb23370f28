import { signal } from '@preact/signals';

const small = matchMedia('(max-width: 720px)');
/** Whether the page is as narrow as a phone: one panel or card at a time, as a sheet from below. */
export const narrow = signal(small.matches);
small.addEventListener('change', () => {
  narrow.value = small.matches;
});
