import { span, when } from '../../i18n/format';
import { Icon } from '../../ui/Icon';
import { Menu } from '../../ui/Menu';
import { now } from '../../ui/now';
import { placeName, typeName } from './names';
import {
  acknowledge,
  acknowledged,
  alarms,
  disable,
  enable,
  mute,
  ready,
  silence,
  takeBack,
  wanted,
} from './sound';
import { goTo } from './Ticker';
import { t } from './text';

/** The switch for sound, with the silence that is left. */
export function SoundSwitch() {
  const sounding = wanted.value && ready.value;
  const left = silence.value;
  const label = !sounding
    ? t('sound.off')
    : left > 0
      ? t('sound.silent', { span: span(left) })
      : t('sound.on');
  return (
    <Menu
      icon={sounding && left === 0 ? 'sound' : 'mute'}
      label={label}
      listLabel={t('sound.menu')}
      beside={left > 0 && <small>{span(left)}</small>}
      press={() => {
        if (!sounding) void enable();
        return sounding;
      }}
    >
      {(close) => {
        const action = (does: () => void) => () => {
          does();
          close();
        };
        return (
          <>
            {[5, 15, 60].map((m) => (
              <button type="button" key={m} onClick={action(() => mute(m))}>
                {t('sound.mute', { n: m })}
              </button>
            ))}
            {left > 0 && (
              <button type="button" onClick={action(() => mute(0))}>
                {t('sound.unmute')}
              </button>
            )}
            <button type="button" onClick={action(disable)}>
              {t('sound.disable')}
            </button>
          </>
        );
      }}
    </Menu>
  );
}

/** Alarms that nobody has acknowledged yet, over the map. */
export function Alarms() {
  const all = alarms.value;
  const a = acknowledged.value;
  const left = a ? Math.ceil((a.until - now.value.getTime()) / 1000) : 0;
  if (all.length === 0) {
    if (left <= 0) return null;
    return (
      <div class="alarms done" role="status">
        {t('alarm.done', { n: a?.alarms.length ?? 0 })}
        <button type="button" class="secondary" onClick={takeBack}>
          {t('undo')} {left}
        </button>
      </div>
    );
  }
  const first = all[0];
  return (
    <div class="alarms" role="alert">
      <Icon name="warn" />
      {first && (
        <button type="button" class="alarm-what" onClick={() => goTo(first.h)}>
          <strong>{typeName(first.h.type)}</strong> {placeName(first.h.code)} {when(first.h.at, now.value)}
          {all.length > 1 && ` ${t('alarm.more', { n: all.length - 1 })}`}
        </button>
      )}
      <button type="button" class="secondary" onClick={acknowledge}>
        {t('alarm.ack')}
      </button>
    </div>
  );
}
