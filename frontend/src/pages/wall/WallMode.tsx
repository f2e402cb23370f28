import { number } from '../../i18n/format';
import { Menu } from '../../ui/Menu';
import { low } from './map/graphics';
import { area, lowGraphics, rotation, sidesHidden } from './state';
import { t } from './text';
import { forgetViews, saveView, views } from './wallmode';

/** The menu for screens on a wall: saved views, how long each is shown, panels and graphics. */
export function WallMode() {
  const code = area.value?.code ?? '';
  return (
    <Menu icon="layers" label={t('mode.title')}>
      {(close) => (
        <>
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
                close();
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
        </>
      )}
    </Menu>
  );
}
