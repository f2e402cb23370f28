import { api, type BuildingDetail, type Incident, type RoomDetail } from '../../api/client';
import { named, pick } from '../../i18n';
import { date, day } from '../../i18n/format';
import { Facts } from '../../ui/Facts';
import { Icon } from '../../ui/Icon';
import { useLoad } from '../../ui/load';
import { Sheet } from '../../ui/Sheet';
import { Waiting } from '../../ui/states';
import { Ledger } from './Ledger';
import { openRoom, show } from './state';
import { t } from './text';

/** One room: who declared to live there, masked, and what happened in it; asked again whenever its building is. */
export function RoomCard({ building: b, code }: { building: BuildingDetail; code: string }) {
  const { data, failed, again } = useLoad(
    () =>
      api.GET('/api/v1/buildings/{building}/rooms/{room}', {
        params: { path: { building: b.code, room: code } },
      }),
    [code, b],
  );
  const r = data.value;
  return (
    <Sheet
      class="room-card"
      title={t('room.title', { unit: r?.unit ?? code.slice(-6) })}
      under={
        r ? `${named('use', r.use)} · ${t('room.counted', { n: r.residents, declared: r.declared })}` : code
      }
      close={() => openRoom(b.code, null)}
    >
      {r ? <Content room={r} /> : <Waiting failed={failed.value} again={again} />}
    </Sheet>
  );
}

function Content({ room: r }: { room: RoomDetail }) {
  return (
    <>
      {r.findings.length > 0 && (
        <ul class="findings">
          {r.findings.map((f) => (
            <li key={f}>
              <Icon name="warn" /> {t(`finding.${f}`)}
            </li>
          ))}
        </ul>
      )}
      <Facts
        rows={[
          [t('room.code'), r.code],
          [t('room.capacity'), r.capacity > 0 ? t('people', { n: r.capacity }) : null],
        ]}
      />
      <h3>{t('room.people')}</h3>
      {r.declared_residents.length === 0 && <p class="dim">{t('room.people.none')}</p>}
      <ul class="people">
        {r.declared_residents.map((d) => (
          <li key={d.id}>
            <strong>{d.name_masked}</strong>
            <span>{d.id_masked}</span>
            <small>
              {d.phone_masked && <span>{d.phone_masked} · </span>}
              {t('room.since', { date: date(new Date(d.moved_in_on)) })} · {named('source', d.source)}
            </small>
          </li>
        ))}
      </ul>
      <Declarations room={r} />
      <h3>{t('room.incidents')}</h3>
      {r.incidents.length === 0 && <p class="dim">{t('room.incidents.none')}</p>}
      <ul class="cases">
        {r.incidents.map((i) => (
          <IncidentLine key={i.id} incident={i} />
        ))}
      </ul>
      <h3>{t('ledger')}</h3>
      <Ledger entries={r.evidence} />
      <button
        type="button"
        class="secondary"
        onClick={() => {
          show.value = 'plate';
        }}
      >
        {t('plate')}
      </button>
    </>
  );
}

function Declarations({ room }: { room: RoomDetail }) {
  const others = room.declarations.filter((d) => d.status !== 'accepted');
  if (others.length === 0) return null;
  return (
    <>
      <h3>{t('room.declarations')}</h3>
      <ul class="cases">
        {others.map((d) => (
          <li key={d.id}>
            <span>
              {d.name_masked} · {named('declaration', d.status)}
            </span>
            <small>{day(d.submitted_at)}</small>
            {d.checks
              .filter((c) => !c.ok)
              .map((c) => (
                <small class="failed-check" key={c.check}>
                  {pick(c.message_zh, c.message_en)}
                </small>
              ))}
          </li>
        ))}
      </ul>
    </>
  );
}

function IncidentLine({ incident: i }: { incident: Incident }) {
  return (
    <li>
      <span>
        {pick(i.type.name_zh, i.type.name_en)} · {named('status', i.status)}
        {i.overdue && <strong class="overdue"> {t('room.overdue')}</strong>}
      </span>
      <small>
        {day(i.reported_at)}
        {i.due_at && !i.overdue && ` · ${t('room.due', { date: day(i.due_at) })}`}
      </small>
    </li>
  );
}
