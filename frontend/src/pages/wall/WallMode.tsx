import { IconButton } from '../../ui/Icon';
import { Menu } from '../../ui/Menu';
import { low } from './map/graphics';
import { area, lowGraphics, rotation, sidesHidden } from './state';
import { t } from './text';
import { forgetView, saveView, showSaved, views } from './wallmode';

/** The menu for screens on a wall: saved views, how long each is shown, panels and graphics. */
export function WallMode() {
  const code = area.value?.code ?? '';
  return (
    <Menu icon="layers" label={t('mode.title')}>
      {(close) => (
        <>
          <button type="button" onClick={() => saveView(code)}>
            {t('mode.save')}
          </button>
          {views.value.map((saved, i) => (
            <span class="saved-view" key={i + saved}>
              <button
                type="button"
                onClick={() => {
                  close();
                  showSaved(saved);
                }}
              >
                {t('mode.view', { n: i + 1 })}
                {isFiltered(saved) && <small>{t('mode.filtered')}</small>}
              </button>
              <IconButton
                icon="close"
                label={t('mode.remove', { n: i + 1 })}
                press={() => forgetView(code, i)}
              />
            </span>
          ))}
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

/** Whether a saved view says more than a place. */
function isFiltered(saved: string): boolean {
  const said = new URLSearchParams(saved);
  said.delete('at');
  return saved.includes('=') && said.size > 0;
}
