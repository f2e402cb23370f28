/** A day's course in the size of a word. What it says is said beside it in numbers, so readers pass over it. */
export function Sparkline({ values }: { values: readonly number[] }) {
  const most = Math.max(...values);
  const least = Math.min(...values);
  const span = most - least || 1;
  const x = (i: number) => (i / (values.length - 1)) * 100;
  const y = (v: number) => 26 - ((v - least) / span) * 22;
  const line = values.map((v, i) => `${i ? 'L' : 'M'}${x(i).toFixed(1)} ${y(v).toFixed(1)}`).join('');
  return (
    <svg class="sparkline" viewBox="0 0 100 28" preserveAspectRatio="none" aria-hidden="true">
      <path class="area" d={`${line}L100 28L0 28Z`} />
      <path class="line" d={line} />
    </svg>
  );
}
