// How long to wait before the next try. Full jitter: anything between nothing and the ceiling, so that ten thousand
// pages that lost the same server do not come back in the same second.

export interface Backoff {
  /** The wait before the next try, in milliseconds; each one may be longer than the last. */
  next(): number;
  /** After a connection that held. */
  reset(): void;
}

/** The first ceiling and the last, in milliseconds. */
const first = 500;
const last = 30_000;

export function fullJitter(random: () => number = Math.random): Backoff {
  let ceiling = first;
  return {
    next() {
      const wait = random() * ceiling;
      ceiling = Math.min(last, ceiling * 2);
      return wait;
    },
    reset() {
      ceiling = first;
    },
  };
}
