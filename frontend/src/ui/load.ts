import { type Signal, useSignal } from '@preact/signals';
import { useEffect, useRef } from 'preact/hooks';
import type { Problem } from '../api/client';
import { t } from '../i18n';

/** What the latest request answers, or what went wrong with it, in words. An answer that others overtook is dropped. */
export function useLoad<T>(
  ask: () => Promise<{ data?: T; error?: Problem }>,
  inputs: unknown[],
): { data: Signal<T | null>; failed: Signal<string | null>; again: () => void } {
  const data = useSignal<T | null>(null);
  const failed = useSignal<string | null>(null);
  const latest = useRef(0);
  const again = async () => {
    const mine = ++latest.current;
    failed.value = null;
    try {
      const answer = await ask();
      if (mine !== latest.current) return;
      if (answer.data !== undefined) data.value = answer.data;
      else failed.value = answer.error?.detail ?? t('error.server');
    } catch {
      if (mine === latest.current) failed.value = t('error.offline');
    }
  };
  useEffect(() => void again(), inputs);
  return { data, failed, again: () => void again() };
}
