import { useSignal } from '@preact/signals';
import { Menu } from '../../ui/Menu';
import { ability } from './map/graphics';
import type { Sheet } from './takeaway';
import { t } from './text';

const names: Record<Sheet, Parameters<typeof t>[0]> = {
  areas: 'league.title',
  cases: 'list.cases',
  events: 'ticker.title',
  legend: 'legend.title',
};

/** The menu of what can be taken away. What writes the files is loaded with the first of them. */
export function Takeaway() {
  const failed = useSignal(false);
  const take = async (what: (m: typeof import('./takeaway')) => void | Promise<void>, close: () => void) => {
    failed.value = false;
    try {
      await what(await import('./takeaway'));
      close();
    } catch {
      failed.value = true;
    }
  };
  return (
    <Menu icon="save" label={t('take.title')}>
      {(close) => (
        <>
          {ability().webgl && (
            <button type="button" onClick={() => void take((m) => m.takePicture(), close)}>
              {t('take.map')} <small>PNG</small>
            </button>
          )}
          <button type="button" onClick={() => void take((m) => m.takeWorkbook(), close)}>
            {t('take.all')} <small>XLSX</small>
          </button>
          {(Object.keys(names) as Sheet[]).map((s) => (
            <button type="button" key={s} onClick={() => void take((m) => m.takeTable(s), close)}>
              {t(names[s])} <small>CSV</small>
            </button>
          ))}
          {failed.value && (
            <small class="problem" role="alert">
              {t('take.failed')}
            </small>
          )}
        </>
      )}
    </Menu>
  );
}
