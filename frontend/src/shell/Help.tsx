import { signal } from '@preact/signals';
import { useEffect, useRef } from 'preact/hooks';
import { t as common } from '../i18n';
import { IconButton } from '../ui/Icon';
import { bindings, keysOn, useKeys } from './keys';
import { route } from './route';
import { t } from './text';
import { begin, offered, toured } from './tour/state';

export const helpOpen = signal(false);

/** The keys of whatever is on the screen, and the switch for them. */
export function Help() {
  const dialog = useRef<HTMLDialogElement>(null);
  useKeys([
    {
      keys: ['?'],
      does: () => t('help.switch'),
      run: () => {
        helpOpen.value = !helpOpen.value;
      },
    },
    { keys: ['f'], does: () => t('view.full'), run: () => void fullScreen() },
  ]);
  useEffect(() => {
    const d = dialog.current;
    if (helpOpen.value && !d?.open) d?.showModal();
    else if (!helpOpen.value && d?.open) d.close();
  }, [helpOpen.value]);
  return (
    <dialog
      class="help"
      ref={dialog}
      aria-label={t('view.help')}
      onCancel={() => {
        helpOpen.value = false;
      }}
      onClose={() => {
        // It comes some time after Escape: by then the help may have been opened again.
        if (!dialog.current?.open) helpOpen.value = false;
      }}
    >
      <header>
        <h2>{t('view.help')}</h2>
        <IconButton
          icon="close"
          label={common('close')}
          press={() => {
            helpOpen.value = false;
          }}
        />
      </header>
      <label class="switch">
        <input
          type="checkbox"
          checked={keysOn.value}
          onChange={(e) => {
            keysOn.value = e.currentTarget.checked;
          }}
        />
        {t('help.keys')}
      </label>
      {offered.value && toured(route.value.page) && (
        <button
          type="button"
          class="secondary"
          onClick={() => {
            helpOpen.value = false;
            begin();
          }}
        >
          {t('help.tour')}
        </button>
      )}
      {helpOpen.value && (
        <dl class={keysOn.value ? '' : 'off'}>
          {bindings().map((b) => (
            <div key={b.keys.join()}>
              <dt>
                <kbd>{b.shown ?? b.keys.map(shown).join(' ')}</kbd>
              </dt>
              <dd>{b.does()}</dd>
            </div>
          ))}
        </dl>
      )}
    </dialog>
  );
}

function shown(key: string): string {
  if (key === ' ') return 'Space';
  return key === 'Escape' ? 'Esc' : key.toUpperCase();
}

export async function fullScreen() {
  if (document.fullscreenElement) await document.exitFullscreen();
  else await document.documentElement.requestFullscreen();
}
