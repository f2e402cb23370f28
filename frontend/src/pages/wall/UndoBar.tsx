import { useEffect } from 'preact/hooks';
import { t as common } from '../../i18n';
import { IconButton } from '../../ui/Icon';
import { now } from '../../ui/now';
import { t } from './text';
import { dismiss, failures, flush, pending, takeBack } from './undo';

/** What is about to be sent, with the seconds that are left to take it back; and what could not be sent. */
export function UndoBar() {
  useEffect(() => {
    addEventListener('pagehide', flush);
    return () => {
      removeEventListener('pagehide', flush);
      flush();
    };
  }, []);
  return (
    <div class="undo-bar" role="status">
      {pending.value.map((p) => (
        <p key={p.key}>
          <span>{p.what}</span>
          <span class="left">
            {t('undo.left', { n: Math.max(0, Math.ceil((p.due - now.value.getTime()) / 1000)) })}
          </span>
          <button type="button" class="secondary" onClick={() => takeBack(p.key)}>
            {t('undo')}
          </button>
        </p>
      ))}
      {failures.value.map((f) => (
        <p key={f.key} class="failed" role="alert">
          <span>
            {f.what}: {f.failed}
          </span>
          <IconButton icon="close" label={common('close')} press={() => dismiss(f.key)} />
        </p>
      ))}
    </div>
  );
}
