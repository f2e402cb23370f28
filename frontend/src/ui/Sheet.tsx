// A card beside the map; on a phone a sheet at the bottom that the thumb pulls to three heights.
import { useSignal } from '@preact/signals';
import type { ComponentChildren } from 'preact';
import { t } from '../i18n';
import { IconButton } from './Icon';

const heights = ['peek', 'half', 'full'] as const;
type Height = (typeof heights)[number];

/** How far a finger must move, in CSS pixels, to mean a pull and not a tap. */
const pull = 24;

export function Sheet(props: {
  title: string;
  under?: string;
  close?: () => void;
  children: ComponentChildren;
  start?: Height;
  class?: string;
}) {
  const height = useSignal<Height>(props.start ?? 'half');
  const from = useSignal<number | null>(null);

  const move = (by: number) => {
    const i = Math.min(heights.length - 1, Math.max(0, heights.indexOf(height.value) + by));
    height.value = heights[i] as Height;
  };
  const release = (y: number) => {
    const moved = y - (from.value ?? y);
    from.value = null;
    if (moved > pull && height.value === 'peek') props.close?.();
    else if (Math.abs(moved) > pull) move(moved < 0 ? 1 : -1);
    else
      height.value =
        height.value === 'full' ? 'peek' : (heights[heights.indexOf(height.value) + 1] as Height);
  };

  return (
    <section class={`sheet ${height.value} ${props.class ?? ''}`} aria-label={props.title}>
      <button
        type="button"
        class="grip"
        aria-label={t(height.value === 'full' ? 'sheet.smaller' : 'sheet.larger')}
        onPointerDown={(e) => {
          from.value = e.clientY;
          e.currentTarget.setPointerCapture(e.pointerId);
        }}
        onPointerUp={(e) => release(e.clientY)}
        onKeyDown={(e) => {
          if (e.key === 'ArrowUp') move(1);
          else if (e.key === 'ArrowDown') move(-1);
          else if (e.key === 'Enter' || e.key === ' ') release(0);
          else return;
          e.preventDefault();
        }}
      />
      <header class="sheet-head">
        <div>
          <h2>{props.title}</h2>
          {props.under && <p>{props.under}</p>}
        </div>
        {props.close && <IconButton icon="close" label={t('close')} press={props.close} />}
      </header>
      <div class="sheet-body">{props.children}</div>
    </section>
  );
}
