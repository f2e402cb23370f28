// Where the panels stand: on both sides of the map, or on a phone in a sheet below it, one at a time.
import { Icon } from '../../ui/Icon';
import { Sheet } from '../../ui/Sheet';
import { Here } from './Here';
import { KeyFigures } from './KeyFigures';
import { League } from './League';
import { Legend } from './Legend';
import { ability } from './map/graphics';
import { narrow } from './narrow';
import { live } from './replay';
import { open, type Panel, replaying, report, reporting, selected } from './state';
import { Ticker } from './Ticker';
import { t } from './text';

export function Sides() {
  if (narrow.value) return null;
  return (
    <>
      <div class="side left">
        <KeyFigures />
        <Legend />
        <League />
      </div>
      <div class="side right">
        <Ticker />
      </div>
    </>
  );
}

const tabs = ['figures', 'events', 'areas', 'cases', 'time'] as const;

export function Phone() {
  if (!narrow.value || reporting.value) return null;
  // The time bar lies below the map, and leaves it free.
  const which = open.value === 'time' ? null : open.value;
  return (
    <>
      {which && which !== 'cases' && which !== 'houses' && !selected.value && (
        <Sheet
          class="phone-panel"
          title={t(`tab.${which}`)}
          close={() => {
            open.value = null;
          }}
        >
          {which === 'figures' && (
            <>
              <KeyFigures />
              <Legend />
            </>
          )}
          {which === 'events' && <Ticker />}
          {which === 'areas' && <League />}
        </Sheet>
      )}
      {which === null && selected.value === null && (
        <button
          type="button"
          class="primary thumb-report"
          aria-label={t('report.title')}
          onClick={() => report()}
        >
          <Icon name="plus" />
        </button>
      )}
      {ability().webgl && <Here covered={which !== null || selected.value !== null} />}
      <nav class="tabs" aria-label={t('tabs')}>
        {tabs.map((tab) => (
          <button type="button" key={tab} aria-pressed={isOpen(tab)} onClick={() => press(tab)}>
            {t(`tab.${tab}`)}
          </button>
        ))}
      </nav>
    </>
  );
}

/**
 * The time bar is there as long as the past is shown, whatever lies over the map. A panel is not while a card lies over
 * it: its tab leads back to it.
 */
const isOpen = (tab: Panel) =>
  tab === 'time' ? open.value === tab || replaying.value : open.value === tab && selected.value === null;

function press(tab: Panel) {
  const was = isOpen(tab);
  if (tab === 'time' && was) live();
  if (tab !== 'time') selected.value = null;
  open.value = was ? null : tab;
}
