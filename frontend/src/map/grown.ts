/** How much larger a map is drawn than it was laid out: on a wall, the style sheet has it grow (map.css). */
export function grown(container: HTMLElement): number {
  return container.getBoundingClientRect().width / container.offsetWidth || 1;
}

/** As many pixels as the screen has under such a map. */
export const sharp = (container: HTMLElement) => devicePixelRatio * grown(container);
