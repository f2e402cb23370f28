// Reads a plate's QR code with the camera. The reader is loaded only when somebody scans.
import { useSignal } from '@preact/signals';
import { useEffect, useRef } from 'preact/hooks';
import { IconButton } from '../../ui/Icon';
import { codeIn } from './plate';
import { t } from './text';

export const canScan = () => isSecureContext && !!navigator.mediaDevices?.getUserMedia;

/** How often a frame is looked at: faster than a hand moves, slower than a phone gets warm. */
const pace = 200;

export function Scan({ found, close }: { found: (code: string) => void; close: () => void }) {
  const dialog = useRef<HTMLDialogElement>(null);
  const video = useRef<HTMLVideoElement>(null);
  const problem = useSignal<'denied' | 'foreign' | null>(null);

  useEffect(() => {
    dialog.current?.showModal?.();
    let ended = false;
    let stream: MediaStream | null = null;
    const run = async () => {
      stream = await navigator.mediaDevices.getUserMedia({ video: { facingMode: 'environment' } });
      if (ended || !video.current) return stop();
      video.current.srcObject = stream;
      await video.current.play();
      const { reader } = await import('./reader');
      const read = await reader();
      while (!ended && video.current) {
        for (const text of await read(video.current)) {
          const code = codeIn(text);
          if (code && !ended) return found(code);
          problem.value = 'foreign';
        }
        await new Promise((resolve) => setTimeout(resolve, pace));
      }
    };
    const stop = () => {
      for (const track of stream?.getTracks() ?? []) track.stop();
    };
    run().catch(() => {
      if (!ended) problem.value = 'denied';
    });
    return () => {
      ended = true;
      stop();
    };
  }, []);

  return (
    <dialog class="scan" ref={dialog} aria-label={t('scan.title')} onClose={close}>
      <header>
        <h2>{t('scan.title')}</h2>
        <IconButton icon="close" label={t('close')} press={close} />
      </header>
      <video ref={video} muted playsInline aria-label={t('scan.hint')} />
      <p role="status">{problem.value ? t(`scan.${problem.value}`) : t('scan.hint')}</p>
    </dialog>
  );
}
