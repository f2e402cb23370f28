import { type Signal, useSignal } from '@preact/signals';
import type { ComponentChildren } from 'preact';
import { useEffect, useRef } from 'preact/hooks';
import { Icon, type IconName } from './Icon';

/** A button with an icon and a list of actions below it. Escape, a click elsewhere and leaving by Tab close it. */
export function Menu(props: {
  icon: IconName;
  label: string;
  /** Of the list, where the button's own says something else. */
  listLabel?: string;
  children: (close: () => void) => ComponentChildren;
  /** Said beside the icon. */
  beside?: ComponentChildren;
  /** Whether a press opens the list; where it returns false it has done something else. */
  press?: () => boolean;
  open?: Signal<boolean>;
}) {
  const own = useSignal(false);
  const open = props.open ?? own;
  const box = useRef<HTMLSpanElement>(null);
  const close = () => {
    open.value = false;
  };
  useEffect(() => {
    if (!open.value) return;
    const outside = (e: PointerEvent) => {
      if (!box.current?.contains(e.target as Node)) close();
    };
    document.addEventListener('pointerdown', outside);
    return () => document.removeEventListener('pointerdown', outside);
  }, [open.value]);
  return (
    <span
      class="menu-box"
      role="group"
      aria-label={props.listLabel ?? props.label}
      ref={box}
      onKeyDown={(e) => {
        if (e.key !== 'Escape' || !open.value) return;
        e.preventDefault();
        close();
        box.current?.querySelector('button')?.focus();
      }}
      onBlurCapture={(e) => {
        if (e.relatedTarget && !box.current?.contains(e.relatedTarget as Node)) close();
      }}
    >
      <button
        type="button"
        class={`icon-button ${props.beside ? 'wide' : ''}`}
        title={props.label}
        aria-label={props.label}
        aria-expanded={open.value}
        onClick={() => {
          if (props.press?.() ?? true) open.value = !open.value;
        }}
      >
        <Icon name={props.icon} />
        {props.beside}
      </button>
      {open.value && <span class="menu">{props.children(close)}</span>}
    </span>
  );
}
