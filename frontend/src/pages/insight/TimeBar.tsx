import { useSignal } from '@preact/signals';
import { useEffect, useLayoutEffect } from 'preact/hooks';
import { number } from '../../i18n/format';
import { Choice } from '../../ui/Chips';
import { IconButton } from '../../ui/Icon';
import { arrived, series } from './data';
import { presets, slice } from './period';
import { sliced } from './shown';
import * as s from './state';
import { t } from './text';
import { spanWords } from './words';

/** How long a slice stays while the film plays, in milliseconds: long enough to look at. */
const pace = 900;

export function TimeBar() {
  useEffect(() => {
    if (!s.playing.value) return;
    const timer = setInterval(() => {
      if (arrived.peek()) s.move(1);
    }, pace);
    return () => clearInterval(timer);
  }, [s.playing.value]);
  const span = sliced.value ? slice(s.whole.value, s.step.value, s.frame.value ?? 0) : s.whole.value;
  return (
    <section class="panel time-bar" aria-label={t('time.title')}>
      <div class="time-head">
        <Presets />
        <output class="when" aria-live={s.playing.value ? 'off' : 'polite'}>
          {spanWords(span)}
        </output>
        <div class="transport">
          <IconButton icon="back" label={t('time.back')} press={() => s.move(-1)} />
          <IconButton
            icon={s.playing.value ? 'pause' : 'play'}
            label={s.playing.value ? t('time.pause') : t('time.play')}
            press={toggle}
          />
          <IconButton icon="next" label={t('time.next')} press={() => s.move(1)} />
        </div>
      </div>
      <Histogram />
      <Slider />
    </section>
  );
}

export function toggle() {
  if (s.frames.value < 2) return;
  s.playing.value = !s.playing.value;
  if (s.playing.value && s.frame.value === null) s.frame.value = 0;
}

function Presets() {
  return (
    <div class="presets">
      <Choice<string>
        label={t('time.title')}
        options={[
          ...presets.map((p) => ({ value: p, label: t(`time.${p}`) })),
          { value: 'own', label: t('time.own') },
        ]}
        value={typeof s.time.value === 'string' ? s.time.value : 'own'}
        choose={(p) => {
          const preset = presets.find((x) => x === p);
          if (!preset) {
            // What is shown, as a time of its own: it stays where it is until another is written over it.
            s.time.value = { from: s.whole.value.from.getTime(), to: s.whole.value.to.getTime() };
            return;
          }
          reset();
          s.time.value = preset;
          s.tick.value = Date.now();
        }}
      />
      {typeof s.time.value !== 'string' && <OwnTime />}
    </div>
  );
}

function reset() {
  s.playing.value = false;
  s.frame.value = null;
}

/** Whole hours in the district's time, as the browser's own fields write them. */
const local = (d: Date) => new Date(d.getTime() + 8 * 3_600_000).toISOString().slice(0, 16);
const utc = (text: string) => Math.floor((Date.parse(`${text}:00Z`) - 8 * 3_600_000) / 3_600_000) * 3_600_000;

function OwnTime() {
  const from = useSignal(local(s.whole.value.from));
  const to = useSignal(local(s.whole.value.to));
  const wrong = useSignal(false);
  // Also when the browser's buttons bring another time.
  useLayoutEffect(() => {
    from.value = local(s.whole.value.from);
    to.value = local(s.whole.value.to);
  }, [s.whole.value]);
  const apply = () => {
    const a = utc(from.value);
    const b = utc(to.value);
    wrong.value = !(a < b) || b - a > 366 * 86_400_000;
    if (wrong.value) return;
    reset();
    s.time.value = { from: a, to: b };
  };
  return (
    <form
      class="own-time"
      onSubmit={(e) => {
        e.preventDefault();
        apply();
      }}
    >
      <input
        type="datetime-local"
        step="3600"
        aria-label={t('time.from')}
        value={from.value}
        onInput={(e) => {
          from.value = e.currentTarget.value;
        }}
      />
      <span aria-hidden="true">–</span>
      <input
        type="datetime-local"
        step="3600"
        aria-label={t('time.to')}
        value={to.value}
        onInput={(e) => {
          to.value = e.currentTarget.value;
        }}
      />
      <button type="submit" class="secondary">
        {t('time.show')}
      </button>
      {wrong.value && (
        <span class="problem" role="alert">
          {t('time.wrong')}
        </span>
      )}
    </form>
  );
}

/** What is not shown has a low bar of its own kind, which tells no more than that there is something. */
function height(n: number | null, most: number): number {
  return n === null ? 3 : Math.max(0.4, (23 * n) / most);
}

/** The whole area's count slice by slice, over the slider that picks one. */
function Histogram() {
  const counts = series.value?.counts ?? [];
  const most = Math.max(1, ...counts.map((n) => n ?? 0));
  const w = 100 / Math.max(1, counts.length);
  return (
    <svg
      class="histogram"
      viewBox="0 0 100 24"
      preserveAspectRatio="none"
      role="img"
      aria-label={t('time.histogram', { n: number(most) })}
    >
      {counts.map((n, i) => (
        <rect
          key={i}
          class={`${n === null ? 'hidden' : ''} ${s.frame.value === i ? 'now' : ''}`}
          x={i * w + w * 0.08}
          width={w * 0.84}
          y={24 - height(n, most)}
          height={height(n, most)}
        >
          {n === null && <title>{t('row.hidden')}</title>}
        </rect>
      ))}
    </svg>
  );
}

function Slider() {
  if (s.frames.value < 2) return null;
  return (
    <div class="slider">
      <input
        type="range"
        min={0}
        max={s.frames.value - 1}
        step={1}
        value={s.frame.value ?? 0}
        class={sliced.value ? '' : 'idle'}
        aria-label={t('time.slider')}
        aria-valuetext={spanWords(slice(s.whole.value, s.step.value, s.frame.value ?? 0))}
        onInput={(e) => {
          s.frame.value = Number(e.currentTarget.value);
        }}
      />
      <button
        type="button"
        class="plain"
        disabled={!sliced.value}
        onClick={() => {
          s.playing.value = false;
          s.frame.value = null;
        }}
      >
        {t('time.whole')}
      </button>
    </div>
  );
}
