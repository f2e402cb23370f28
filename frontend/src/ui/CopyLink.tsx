import { useSignal } from '@preact/signals';
import { useEffect } from 'preact/hooks';
import { t } from '../i18n';
import { IconButton } from './Icon';

/** Copies the address, which says everything about what is on the screen. */
export function CopyLink() {
  const done = useSignal<'copied' | 'shown' | null>(null);
  useEffect(() => {
    if (done.value !== 'copied') return;
    const timer = setTimeout(() => {
      done.value = null;
    }, 2500);
    return () => clearTimeout(timer);
  }, [done.value]);
  return (
    <span class="copy-link">
      <IconButton
        icon={done.value === 'copied' ? 'check' : 'link'}
        label={t('link.copy')}
        press={async () => {
          done.value = (await copy(location.href)) ? 'copied' : 'shown';
        }}
      />
      <span role="status" class="sr">
        {done.value === 'copied' ? t('link.copied') : ''}
      </span>
      {done.value === 'shown' && (
        <input
          class="link-text"
          readOnly
          aria-label={t('link.here')}
          value={location.href}
          ref={(e) => e?.select()}
          onBlur={() => {
            done.value = null;
          }}
        />
      )}
    </span>
  );
}

/** Plain http on a network address is no secure context and has no clipboard; then the address is shown, selected. */
async function copy(text: string): Promise<boolean> {
  try {
    await navigator.clipboard.writeText(text);
    return true;
  } catch {
    return false;
  }
}
