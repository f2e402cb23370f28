// The building's place: a small map, and the neighbours as a list, which says the same to who cannot see it.
import { useSignal } from '@preact/signals';
import type { ComponentType } from 'preact';
import { useEffect, useMemo } from 'preact/hooks';
import { api, type BuildingDetail } from '../../api/client';
import { named, pick } from '../../i18n';
import { gradeColour } from '../../map/colours';
import { palette, theme } from '../../shell/prefs';
import { housePath } from '../../shell/route';
import { useLoad } from '../../ui/load';
import { Swatch } from '../../ui/Swatch';
import { Waiting } from '../../ui/states';
import type { Shown } from './SmallMap';
import { t } from './text';

type MapPart = ComponentType<{ building: Shown; codes: ReadonlyMap<number, string> }>;

export function Around({ building: b }: { building: BuildingDetail }) {
  const near = useLoad(
    () => api.GET('/api/v1/buildings/{building}/neighbours', { params: { path: { building: b.code } } }),
    [b.code],
  );
  const map = useSignal<MapPart | 'none' | null>(null);
  useEffect(() => {
    if (!document.createElement('canvas').getContext('webgl2')) {
      map.value = 'none';
      return;
    }
    // When the browser has drawn what can be read.
    const later = setTimeout(() => {
      void import('./SmallMap').then((m) => {
        map.value = m.SmallMap as MapPart;
      });
    });
    return () => clearTimeout(later);
  }, []);
  const items = near.data.value?.items;
  const codes = useMemo(() => new Map((items ?? []).map((n) => [n.id, n.code])), [items]);
  const Part = map.value;
  return (
    <section class="panel around" aria-label={t('map')}>
      <header class="panel-head">
        <h2>{t('map')}</h2>
      </header>
      {Part === 'none' ? (
        <p class="dim">{t('map.none')}</p>
      ) : Part ? (
        <Part building={b} codes={codes} />
      ) : (
        <div class="map small-map" />
      )}
      <h3>{t('neighbours')}</h3>
      {!items && <Waiting failed={near.failed.value} again={near.again} />}
      {items?.length === 0 && <p class="dim">{t('neighbours.none')}</p>}
      <ul class="neighbours">
        {items?.map((n) => (
          <li key={n.code}>
            <a href={housePath(n.code)}>
              {n.state.grade ? (
                <Swatch
                  colour={gradeColour(n.state.grade, theme.value, palette.value)}
                  mark={n.state.grade}
                />
              ) : (
                <span class="swatch" />
              )}
              <span>{pick(n.name_zh, n.name_en) || pick(n.address_zh, n.address_en) || n.code}</span>
              <small>
                {n.state.grade ? named('grade', n.state.grade) : named('kind', n.kind)} ·{' '}
                {t('metres', { n: Math.round(n.metres) })}
              </small>
            </a>
          </li>
        ))}
      </ul>
    </section>
  );
}
