import { type Signal, useSignal } from '@preact/signals';
import { useEffect } from 'preact/hooks';
import type { Problem } from '../api/client';
import { t } from '../i18n';

/** What a request answers, or what went wrong with it, in words. */
export function useLoad<T>(
  ask: () => Promise<{ data?: T; error?: Problem }>,
  inputs: unknown[],
): { data: Signal<T | null>; failed: Signal<string | null>; again: () => void } {
  const data = useSignal<T | null>(null);
  const failed = useSignal<string | null>(null);
  const again = async () => {
    failed.value = null;
    try {
      const answer = await ask();
      if (answer.data !== undefined) data.value = answer.data;
      else failed.value = answer.error?.detail ?? t('error.server');
    } catch {
      failed.value = t('error.offline');
    }
  };
  useEffect(() => void again(), inputs);
  return { data, failed, again: () => void again() };
}
