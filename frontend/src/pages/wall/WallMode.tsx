import { useSignal } from '@preact/signals';
import { number } from '../../i18n/format';
import { Icon } from '../../ui/Icon';
import { low } from './map/graphics';
import { area, lowGraphics, rotation, sidesHidden } from './state';
import { t } from './text';
import { forgetViews, saveView, views } from './wallmode';

/** The menu for screens on a wall: saved views, how long each is shown, panels and graphics. */
export function WallMode() {
  const open = useSignal(false);
  const code = area.value?.code ?? '';
  return (
    <span class="sound-switch">
      <button
        type="button"
        class="icon-button"
        title={t('mode.title')}
        aria-label={t('mode.title')}
        aria-expanded={open.value}
        onClick={() => {
          open.value = !open.value;
        }}
      >
        <Icon name="layers" />
      </button>
      {open.value && (
        <span class="menu" role="group" aria-label={t('mode.title')}>
          <button type="button" onClick={() => saveView(code)}>
            {t('mode.save', { n: number(views.value.length) })}
          </button>
          {views.value.length > 0 && (
            <button type="button" onClick={() => forgetViews(code)}>
              {t('mode.forget')}
            </button>
          )}
          {[15, 30, 60].map((s) => (
            <button
              type="button"
              key={s}
              onClick={() => {
                open.value = false;
                rotation.value = s;
                void document.documentElement.requestFullscreen?.().catch(() => undefined);
              }}
            >
              {t('mode.start', { n: s })}
            </button>
          ))}
          <button
            type="button"
            aria-pressed={sidesHidden.value}
            onClick={() => {
              sidesHidden.value = !sidesHidden.value;
            }}
          >
            {t(sidesHidden.value ? 'mode.sides.show' : 'mode.sides.hide')}
          </button>
          <button
            type="button"
            aria-pressed={low.value}
            onClick={() => {
              lowGraphics.value = !low.value;
              location.reload(); // the map takes its pixels once
            }}
          >
            {t(low.value ? 'mode.full_graphics' : 'mode.low_graphics')}
          </button>
        </span>
      )}
    </span>
  );
}
