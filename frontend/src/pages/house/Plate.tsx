// The plate at the door: both languages on it whatever the reader's, since those who scan it read either.
import type { BuildingDetail } from '../../api/client';
import { plateAddress } from '../../shell/search/plate';
import { Icon } from '../../ui/Icon';
import { QrCode } from './QrCode';
import { show } from './state';
import { t } from './text';

/** A code in the groups that people read it in. */
export function grouped(code: string): string {
  return [6, 3, 3, 2, 5, 6]
    .reduce<{ at: number; parts: string[] }>(
      ({ at, parts }, n) => ({
        at: at + n,
        parts: at < code.length ? [...parts, code.slice(at, at + n)] : parts,
      }),
      { at: 0, parts: [] },
    )
    .parts.join(' ');
}

export function Plate({
  building: b,
  room,
}: {
  building: BuildingDetail;
  room: { code: string; unit: string } | null;
}) {
  const code = room?.code ?? b.code;
  return (
    <div class="plate-page">
      <div class="plate-tools">
        <button
          type="button"
          class="secondary"
          onClick={() => {
            show.value = 'page';
          }}
        >
          <Icon name="back" /> {t('plate.back')}
        </button>
        <button type="button" class="primary" onClick={() => print()}>
          <Icon name="print" /> {t('plate.print')}
        </button>
      </div>
      <section class="plate" aria-label={room ? t('plate.room', { unit: room.unit }) : t('plate.building')}>
        <header>
          <p lang="zh-CN">{b.name_zh || b.address_zh}</p>
          <p lang="en">{b.name_en || b.address_en}</p>
        </header>
        {room && <p class="plate-unit">{room.unit}</p>}
        <QrCode text={plateAddress(location.origin, code)} label={t('plate.alt', { code })} />
        <p class="plate-code">
          <small class="plate-caption">
            <span lang="zh-CN">{t('plate.code')}</span> <span lang="en">{t('plate.code.en')}</span>
          </small>
          {grouped(code)}
        </p>
        <footer>
          <p lang="zh-CN">{t('plate.scan')}</p>
          <p lang="en">{t('plate.scan.en')}</p>
          <p class="plate-address" lang="zh-CN">
            {b.address_zh}
          </p>
        </footer>
      </section>
    </div>
  );
}
