/** A row of filters of which any number may be on. */
export function Chips<T extends string>(props: {
  label: string;
  options: readonly { value: T; label: string; count?: number }[];
  on: ReadonlySet<T>;
  toggle: (value: T) => void;
}) {
  return (
    <div class="chips" role="group" aria-label={props.label}>
      {props.options.map((o) => (
        <button
          type="button"
          key={o.value}
          class="chip"
          aria-pressed={props.on.has(o.value)}
          onClick={() => props.toggle(o.value)}
        >
          {o.label}
          {o.count !== undefined && <data>{o.count}</data>}
        </button>
      ))}
    </div>
  );
}

/** A row of choices of which exactly one is on. */
export function Choice<T extends string | number>(props: {
  label: string;
  options: readonly { value: T; label: string }[];
  value: T;
  choose: (value: T) => void;
}) {
  return (
    <div class="chips choice" role="radiogroup" aria-label={props.label}>
      {props.options.map((o) => (
        <button
          type="button"
          role="radio"
          key={o.value}
          class="chip"
          aria-checked={o.value === props.value}
          onClick={() => props.choose(o.value)}
        >
          {o.label}
        </button>
      ))}
    </div>
  );
}
