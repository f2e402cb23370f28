// What somebody does can be taken back for ten seconds: it is not sent before. So nothing needs to be undone in the
// ledger, which forgets nothing. Whoever leaves the page meanwhile has it sent at once.
import { signal } from '@preact/signals';

export interface Pending {
  key: number;
  what: string;
  /** When it is sent, in milliseconds since 1970. */
  due: number;
}

export interface Outcome {
  key: number;
  what: string;
  failed: string;
}

export const grace = 10_000;
export const pending = signal<readonly Pending[]>([]);
export const failures = signal<readonly Outcome[]>([]);

interface Job {
  timer: ReturnType<typeof setTimeout>;
  run: () => void;
}

const jobs = new Map<number, Job>();
let next = 1;

/** Does something in ten seconds, unless it is taken back. send gives why it failed, in words, or null. */
export function later(what: string, send: () => Promise<string | null>): number {
  const key = next++;
  const run = () => {
    forget(key);
    void send().then((failed) => {
      if (failed) failures.value = [...failures.value, { key, what, failed }];
    });
  };
  jobs.set(key, { timer: setTimeout(run, grace), run });
  pending.value = [...pending.value, { key, what, due: Date.now() + grace }];
  return key;
}

export function takeBack(key: number) {
  const job = jobs.get(key);
  if (!job) return;
  clearTimeout(job.timer);
  forget(key);
}

export function dismiss(key: number) {
  failures.value = failures.value.filter((f) => f.key !== key);
}

/** Sends everything that waits. */
export function flush() {
  for (const job of [...jobs.values()]) {
    clearTimeout(job.timer);
    job.run();
  }
}

function forget(key: number) {
  jobs.delete(key);
  pending.value = pending.value.filter((p) => p.key !== key);
}
