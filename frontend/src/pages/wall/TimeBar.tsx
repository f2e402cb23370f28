import { hour, number, when } from '../../i18n/format';
import { Choice } from '../../ui/Chips';
import { Icon, IconButton } from '../../ui/Icon';
import { minute } from '../../ui/now';
import { activity } from './figures';
import { live, past, playFrom, replayFailed, replayLost } from './replay';
import { open, playing, replayAt, replaying, speed, speeds } from './state';
import { t } from './text';

const day = 24 * 3600_000;

/** The last 24 hours as bars; a point on them plays from there. */
export function TimeBar() {
  const slots = activity.value?.slots ?? [];
  const end = minute.value;
  const at = past.value?.now ?? (replayAt.value === null ? end : replayAt.value * 1000);
  const share = (ms: number) => 1 - (end - ms) / day;
  const inPast = replaying.value;
  const said = when(new Date(at), new Date(end), true);
  return (
    <section
      class={`time-bar${inPast ? ' replaying' : ''}${open.value === 'time' ? ' open' : ''}`}
      aria-label={t('time.title')}
    >
      <div class="time-controls">
        <IconButton
          icon={inPast && playing.value ? 'pause' : 'play'}
          label={t(inPast && playing.value ? 'time.pause' : 'time.play')}
          press={togglePlay}
        />
        {inPast && (
          <Choice
            label={t('time.speed')}
            options={speeds.map((s) => ({ value: s, label: `${s}×` }))}
            value={speed.value}
            choose={(s) => {
              speed.value = s;
            }}
          />
        )}
        <button type="button" class="chip live-chip" aria-pressed={!inPast} onClick={live}>
          <Icon name="clock" /> {t('time.live')}
        </button>
      </div>
      <div class="time-track">
        <Bars />
        <input
          type="range"
          min={0}
          max={1440}
          step={1}
          value={Math.round(share(at) * 1440)}
          aria-label={t('time.title')}
          aria-valuetext={inPast ? t('time.at', { time: said }) : t('time.live')}
          onChange={(e) => {
            const minute = Number(e.currentTarget.value);
            if (minute >= 1439) live();
            else playFrom(end - day + minute * 60_000);
          }}
        />
        <ol class="hours" aria-hidden="true">
          {[0, 6, 12, 18, 24].map((h) => (
            <li key={h}>{hour(new Date(end - day + h * 3600_000))}</li>
          ))}
        </ol>
      </div>
      <p class="time-now" role="status">
        {inPast ? (
          <>
            <strong>{t('time.replay')}</strong> {said}
            {replayFailed.value && <span class="problem"> {t('time.failed')}</span>}
          </>
        ) : replayLost.value !== null ? (
          <span class="problem">
            {t('time.lost', { time: when(new Date(replayLost.value), new Date(end)) })}
          </span>
        ) : (
          t('time.count', {
            n: number(slots.reduce((n, s) => n + s.incidents + s.declarations + s.grades, 0)),
          })
        )}
      </p>
    </section>
  );
}

/** Apart from the bar, so that a replay's clock draws none of them anew. */
function Bars() {
  const slots = activity.value?.slots ?? [];
  const scale = 38 / Math.max(1, ...slots.map((s) => s.incidents + s.declarations + s.grades));
  const begin = minute.value - day;
  return (
    <svg viewBox="0 0 960 40" preserveAspectRatio="none" aria-hidden="true">
      {slots.map((s) => {
        const x = ((Date.parse(s.at) - begin) / day) * 960;
        const parts = [s.grades, s.declarations, s.incidents] as const;
        let y = 40;
        return parts.map((n, i) => {
          y -= n * scale;
          return n === 0 ? null : (
            <rect
              key={`${s.at}${i}`}
              class={['grade', 'declaration', 'incident'][i]}
              x={x + 1}
              y={y}
              width="8"
              height={n * scale}
            />
          );
        });
      })}
    </svg>
  );
}

export function togglePlay() {
  if (replayAt.value === null) playFrom(Date.now() - 3600_000);
  else playing.value = !playing.value;
}

/** Steps in the past, in minutes; from live it begins there, and what comes near to the present is the present. */
export function stepTime(minutes: number) {
  const at = past.value?.now ?? (replayAt.value === null ? Date.now() : replayAt.value * 1000);
  const next = at + minutes * 60_000;
  if (minutes > 0 && next >= Date.now() - (minutes / 2) * 60_000) live();
  else {
    const was = playing.value;
    playFrom(Math.max(Date.now() - day, next));
    playing.value = was;
  }
}
