// Icons as paths on a 20-unit square, drawn with the text's colour.
const paths = {
  close: 'M5 5l10 10M15 5L5 15',
  search: 'M9 3.5a5.5 5.5 0 1 0 0 11 5.5 5.5 0 0 0 0-11zM13 13l4 4',
  home: 'M3 9.5L10 4l7 5.5M5 8.5V16h10V8.5',
  list: 'M7 5h10M7 10h10M7 15h10M3.5 5h.01M3.5 10h.01M3.5 15h.01',
  sun: 'M10 6.5a3.5 3.5 0 1 0 0 7 3.5 3.5 0 0 0 0-7zM10 1.5v2M10 16.5v2M1.5 10h2M16.5 10h2M4 4l1.4 1.4M14.6 14.6L16 16M16 4l-1.4 1.4M5.4 14.6L4 16',
  moon: 'M15.5 12.5A6.5 6.5 0 0 1 7.5 4.5a6.5 6.5 0 1 0 8 8z',
  palette:
    'M10 3a7 7 0 1 0 0 14c1.2 0 1.4-.8 1-1.6-.5-1 .1-1.9 1.2-1.9H14c1.8 0 3-1.2 3-3.2C17 6 13.9 3 10 3zM6.5 9h.01M9 6.2h.01M12.5 6.7h.01',
  full: 'M4 8V4h4M12 4h4v4M16 12v4h-4M8 16H4v-4',
  help: 'M7.5 7.5a2.5 2.5 0 1 1 3.6 2.2c-.8.4-1.1.9-1.1 1.8M10 14.5h.01M10 2.5a7.5 7.5 0 1 0 0 15 7.5 7.5 0 0 0 0-15z',
  link: 'M8.5 11.5l3-3M9 6l1.5-1.5a3.2 3.2 0 0 1 4.5 4.5L13.5 10.5M11 14l-1.5 1.5A3.2 3.2 0 0 1 5 11l1.5-1.5',
  check: 'M4 10.5l4 4 8-9',
  exit: 'M8 4H4v12h4M8 10h9M14 7l3 3-3 3',
  menu: 'M3 5.5h14M3 10h14M3 14.5h14',
  sound: 'M3.5 8v4h3l4 3.5v-11L6.5 8zM13.5 7.5a3.6 3.6 0 0 1 0 5M15.8 5.2a6.8 6.8 0 0 1 0 9.6',
  mute: 'M3.5 8v4h3l4 3.5v-11L6.5 8zM13.5 8l4 4M17.5 8l-4 4',
  play: 'M6 4l10 6-10 6z',
  pause: 'M6.5 4.5v11M13.5 4.5v11',
  plus: 'M10 4v12M4 10h12',
  wall: 'M3 4.5h14v9H3zM7 16.5h6M10 13.5v3',
  chart: 'M3.5 16.5h13M5.5 13.5v-4M10 13.5v-8M14.5 13.5v-6',
  warn: 'M10 3.5l7.5 13h-15zM10 8v4M10 14.3h.01',
  clock: 'M10 3a7 7 0 1 0 0 14 7 7 0 0 0 0-14zM10 6v4l2.8 1.8',
  pin: 'M10 17s5-4.9 5-9A5 5 0 0 0 5 8c0 4.1 5 9 5 9zM10 6.3a1.7 1.7 0 1 0 0 3.4 1.7 1.7 0 0 0 0-3.4z',
  layers: 'M10 3l7 4-7 4-7-4zM3 10.5l7 4 7-4M3 14l7 4 7-4',
  back: 'M12.5 4.5L7 10l5.5 5.5',
  next: 'M7.5 4.5L13 10l-5.5 5.5',
  here: 'M10 5.5a4.5 4.5 0 1 0 0 9 4.5 4.5 0 0 0 0-9zM10 2v3.5M10 14.5V18M2 10h3.5M14.5 10H18',
  save: 'M10 3v9M6.3 8.5L10 12.2l3.7-3.7M4 16h12',
  scan: 'M4 7V4h3M13 4h3v3M16 13v3h-3M7 16H4v-3M7 7h2.5v2.5H7zM11 11h2v2h-2zM11 7h2v2h-2zM7 11h2v2H7z',
  print: 'M6 8V3h8v5M6 14H3.5V8h13v6H14M6 11.5h8V17H6z',
} as const;

export type IconName = keyof typeof paths;

export function Icon({ name }: { name: IconName }) {
  return (
    <svg class="icon" viewBox="0 0 20 20" aria-hidden="true">
      <path d={paths[name]} />
    </svg>
  );
}

/** A button that shows only an icon, and says what it does to who cannot see or guess it. */
export function IconButton(props: {
  icon: IconName;
  label: string;
  /** What a menu writes below the icon, where the label says more than fits. */
  short?: string;
  press: () => void;
  on?: boolean;
  class?: string;
}) {
  const pressed = props.on === undefined ? {} : { 'aria-pressed': props.on };
  return (
    <button
      type="button"
      class={`icon-button ${props.class ?? ''}`}
      title={props.label}
      aria-label={props.label}
      data-short={props.short}
      onClick={props.press}
      {...pressed}
    >
      <Icon name={props.icon} />
    </button>
  );
}
