/**
 * Does something at once, and whatever is asked for within `rest` milliseconds after it in one go at their end: what a
 * stream tells of can come in heaps, and each of them needs one look only.
 */
export function atMost(rest: number, run: () => void): { ask(): void; stop(): void } {
  let timer: ReturnType<typeof setTimeout> | undefined;
  let asked = false;
  const begin = () => {
    asked = false;
    timer = setTimeout(() => {
      timer = undefined;
      if (asked) begin();
    }, rest);
    run();
  };
  return {
    ask() {
      if (timer === undefined) begin();
      else asked = true;
    },
    stop() {
      clearTimeout(timer);
      timer = undefined;
    },
  };
}
