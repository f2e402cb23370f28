// A card that explains the screen step by step, and a ring around what it speaks of. Nothing is covered by it: whoever
// wants to try goes on working, and the tour waits.
import { useEffect, useLayoutEffect, useRef } from 'preact/hooks';
import { route } from '../route';
import { at, end, toured } from './state';
import { type Step, stepsOf } from './steps';
import { t } from './text';
import './tour.css';

export function Tour() {
  const page = route.value.page;
  const n = at.value;
  if (n === null || !toured(page)) return null;
  const steps = stepsOf(page);
  const step = steps[n];
  return step ? <Card step={step} n={n} all={steps.length} /> : null;
}

function Card({ step, n, all }: { step: Step; n: number; all: number }) {
  const card = useRef<HTMLElement>(null);
  const ring = useRef<HTMLDivElement>(null);
  const heading = useRef<HTMLHeadingElement>(null);
  const last = n === all - 1;
  const go = (to: number) => {
    if (to >= all) end();
    else at.value = Math.max(0, to);
  };
  useEffect(() => heading.current?.focus({ preventScroll: true }), [n]);
  useEffect(() => {
    const before = document.activeElement;
    return () => (before instanceof HTMLElement ? before.focus({ preventScroll: true }) : undefined);
  }, []);
  useEffect(endOnEscape, []);
  useLayoutEffect(() => {
    const place = () => stand(card.current, ring.current, seen(step.at));
    place();
    const watch = new ResizeObserver(place);
    watch.observe(document.documentElement);
    // What the step speaks of may still be on its way.
    const appear = new MutationObserver(() => follow());
    const follow = () => {
      const target = seen(step.at);
      if (!target) return;
      appear.disconnect();
      watch.observe(target); // which calls place at once
    };
    if (step.at.length > 0) appear.observe(document.body, { childList: true, subtree: true });
    follow();
    return () => {
      watch.disconnect();
      appear.disconnect();
    };
  }, [n]);
  return (
    <>
      <div class="tour-ring" ref={ring} aria-hidden="true" />
      <section
        class="tour"
        ref={card}
        role="dialog"
        aria-label={t('label')}
        aria-describedby="tour-text"
        onKeyDown={(e) => {
          if (e.key === 'ArrowRight') go(n + 1);
          else if (e.key === 'ArrowLeft') go(n - 1);
          else return;
          e.preventDefault();
          e.stopPropagation();
        }}
      >
        {all > 1 && <p class="dim">{t('of', { n: n + 1, all })}</p>}
        <h2 tabIndex={-1} ref={heading}>
          {step.title}
        </h2>
        <p id="tour-text">{step.text}</p>
        <footer>
          {!last && (
            <button type="button" class="plain" onClick={end}>
              {t('skip')}
            </button>
          )}
          {n > 0 && (
            <button type="button" class="secondary" onClick={() => go(n - 1)}>
              {t('back')}
            </button>
          )}
          <button type="button" class="primary" onClick={() => go(n + 1)}>
            {t(last ? 'done' : 'next')}
          </button>
        </footer>
      </section>
    </>
  );
}

/** Escape ends the tour before it closes anything of the page; what is typed into has it first. */
function endOnEscape(): () => void {
  const onKey = (e: KeyboardEvent) => {
    if (e.key !== 'Escape' || (e.target as Element).closest?.('input, textarea, select, dialog')) return;
    e.preventDefault();
    e.stopPropagation();
    end();
  };
  addEventListener('keydown', onKey, true);
  return () => removeEventListener('keydown', onKey, true);
}

/** The first of the places that is on the screen. */
function seen(selectors: readonly string[]): Element | null {
  for (const s of selectors) {
    const found = document.querySelector(s);
    if (found && found.getClientRects().length > 0) return found;
  }
  return null;
}

const gap = 12;

/** Puts the ring around the place, and the card beside it: to the right, to the left, below, above, or over its middle. */
function stand(card: HTMLElement | null, ring: HTMLElement | null, target: Element | null) {
  if (!card || !ring) return;
  ring.hidden = !target;
  const { width: w, height: h } = card.getBoundingClientRect();
  const box = target?.getBoundingClientRect() ?? new DOMRect(0, 0, innerWidth, innerHeight);
  for (const side of ['left', 'top', 'width', 'height'] as const) ring.style[side] = `${box[side]}px`;
  const across = within(box.left + (box.width - w) / 2, w, innerWidth);
  const along = within(box.top + gap, h, innerHeight);
  const beside: readonly (readonly [x: number, y: number])[] = [
    [box.right + gap, along],
    [box.left - w - gap, along],
    [across, box.bottom + gap],
    [across, box.top - h - gap],
  ];
  const [x, y] = beside.find(
    ([x, y]) => x === within(x, w, innerWidth) && y === within(y, h, innerHeight),
  ) ?? [across, within(box.top + (box.height - h) / 2, h, innerHeight)];
  card.style.left = `${x}px`;
  card.style.top = `${y}px`;
}

/** A beginning from which so much fits into the whole, with a gap on both sides. */
function within(from: number, length: number, whole: number): number {
  return Math.max(gap, Math.min(from, whole - length - gap));
}
