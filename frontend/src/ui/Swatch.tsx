/** A colour with the mark that goes with it on the map; drawn as SVG, since the page allows no inline styles. */
export function Swatch({ colour, mark }: { colour: string; mark: string }) {
  return (
    <svg class="swatch" viewBox="0 0 18 14" aria-hidden="true">
      <rect
        x="1"
        y="1"
        width="16"
        height="12"
        rx="2"
        fill={colour}
        {...(mark === 'red' ? { stroke: '#fff', 'stroke-width': 1.6 } : {})}
      />
      {mark === 'orange' && (
        <path d="M3 13 13 1M8 13l9-11M1 9l7-8" stroke="#0b1220" stroke-width="1.2" opacity=".6" />
      )}
      {mark === 'grey' && (
        <path d="M5 4h2v2H5zm5 0h2v2h-2zM5 9h2v2H5zm5 0h2v2h-2z" fill="#0b1220" opacity=".7" />
      )}
    </svg>
  );
}
