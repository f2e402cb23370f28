// One building by its code; a room's code, as a plate has it, opens the room in its building.
import { useSignal } from '@preact/signals';
import { api, type BuildingDetail, type Room } from '../../api/client';
import { named, pick, t as shared } from '../../i18n';
import { day, number } from '../../i18n/format';
import { useKeys } from '../../shell/keys';
import { type Route, route, wallPath } from '../../shell/route';
import { Search } from '../../shell/Search';
import { pillOf } from '../../shell/stream';
import { crumbsOf, TopBar } from '../../shell/TopBar';
import { Facts } from '../../ui/Facts';
import { Icon, IconButton } from '../../ui/Icon';
import { useLoad } from '../../ui/load';
import { now } from '../../ui/now';
import { StatusPill } from '../../ui/StatusPill';
import { Failed, Loading, Waiting } from '../../ui/states';
import { Around } from './Around';
import { colourings } from './colouring';
import { Grade } from './Grade';
import { Ledger } from './Ledger';
import { useFollowed } from './live';
import { Plate } from './Plate';
import { RoomCard } from './RoomCard';
import { Rooms } from './Rooms';
import { colourBy, openRoom, show } from './state';
import { t } from './text';
import './house.css';
import './rooms.css';
import './print.css';

export function HousePage({ route: r }: { route: Extract<Route, { page: 'house' }> }) {
  const building = r.code.slice(0, 19);
  // Another building is another page: nothing of the one before may show meanwhile.
  return <House key={building} building={building} room={r.code.length === 25 ? r.code : null} />;
}

function House({ building, room }: { building: string; room: string | null }) {
  const path = { params: { path: { building } } };
  const house = useLoad(() => api.GET('/api/v1/buildings/{building}', path), [building]);
  const rooms = useLoad(() => api.GET('/api/v1/buildings/{building}/rooms', path), [building]);
  useFollowed(building, () => {
    house.again();
    rooms.again();
  });
  useKeys([
    { keys: ['p'], does: () => t('help.print'), run: () => print() },
    {
      keys: ['1', '2', '3'],
      shown: '1 – 3',
      does: () => t('help.by'),
      run: (e) => colourBy(colourings[Number(e.key) - 1] ?? 'use'),
    },
    { keys: ['Escape'], does: () => shared('close'), run: close },
  ]);
  const b = house.data.value;
  const list = rooms.data.value?.items ?? null;
  return (
    <div class="console">
      <TopBar
        area={building.slice(0, 14)}
        crumbs={b ? placesOf(b) : []}
        search={<Search />}
        pill={<StatusPill connection={pillOf()} />}
        tools={
          <>
            <IconButton
              icon="scan"
              label={t('plate')}
              on={show.value === 'plate'}
              press={() => {
                show.value = show.value === 'plate' ? 'page' : 'plate';
              }}
            />
            <IconButton icon="print" label={t('print')} press={() => print()} />
          </>
        }
      />
      {!b ? (
        <main class="centre">
          {house.failed.value ? <Failed why={house.failed.value} again={house.again} /> : <Loading />}
        </main>
      ) : show.value === 'plate' ? (
        <main class="page">
          <Plate building={b} room={room ? plateRoom(room, list) : null} />
        </main>
      ) : (
        <Content building={b} rooms={list} chosen={room} failed={rooms.failed.value} again={rooms.again} />
      )}
    </div>
  );
}

function Content(props: {
  building: BuildingDetail;
  rooms: readonly Room[] | null;
  chosen: string | null;
  failed: string | null;
  again: () => void;
}) {
  const { building: b, rooms, chosen } = props;
  const known = rooms === null || chosen === null || rooms.some((r) => r.code === chosen);
  return (
    <main class={chosen ? 'house with-room' : 'house'}>
      <div class="house-title">
        <h2>{titleOf(b)}</h2>
        <p class="dim">{pick(b.address_zh, b.address_en)}</p>
        <p class="printed">{t('printed', { date: day(now.value.toISOString()) })}</p>
      </div>
      <section class="panel house-rooms" aria-label={t('rooms')}>
        <header class="panel-head">
          <h2>{t('rooms')}</h2>
          {rooms && (
            <small class="dim">
              {t('matrix.summary', {
                floors: number(new Set(rooms.map((r) => r.floor)).size),
                rooms: number(rooms.length),
              })}
            </small>
          )}
          {rooms && rooms.length > 0 && <Takeaway building={b} rooms={rooms} />}
        </header>
        {!known && <p class="problem">{t('room.missing')}</p>}
        {rooms ? (
          <Rooms building={b.code} rooms={rooms} chosen={chosen} />
        ) : (
          <Waiting failed={props.failed} again={props.again} />
        )}
      </section>
      {chosen && known && <RoomCard key={chosen} building={b} code={chosen} />}
      <div class="house-side">
        <FactsPanel building={b} />
        <Grade building={b} />
      </div>
      <div class="house-side more">
        <Around building={b} key={b.code} />
        <LedgerPanel building={b} />
      </div>
    </main>
  );
}

function Takeaway({ building, rooms }: { building: BuildingDetail; rooms: readonly Room[] }) {
  const failed = useSignal(false);
  const take = (how: 'takeRooms' | 'takeWorkbook') => async () => {
    try {
      await (await import('./takeaway'))[how](building, rooms);
      failed.value = false;
    } catch {
      failed.value = true;
    }
  };
  return (
    <span class="takeaway" role="group" aria-label={t('take.title')}>
      {failed.value && (
        <small class="problem" role="alert">
          {t('take.failed')}
        </small>
      )}
      <button type="button" class="chip" onClick={take('takeRooms')}>
        <Icon name="save" /> CSV
      </button>
      <button type="button" class="chip" onClick={take('takeWorkbook')}>
        <Icon name="save" /> XLSX
      </button>
    </span>
  );
}

function FactsPanel({ building: b }: { building: BuildingDetail }) {
  const s = b.state;
  return (
    <section class="panel house-facts" aria-label={t('facts')}>
      <header class="panel-head">
        <h2>{t('facts')}</h2>
        <a
          class="panel-link"
          href={`${wallPath(b.code.slice(0, 14))}?at=${b.label.map((n) => n.toFixed(5)).join(',')},18&sel=b${b.id}`}
        >
          {t('wall')}
        </a>
      </header>
      <Facts
        rows={[
          [shared('building.address'), pick(b.address_zh, b.address_en)],
          [shared('building.code'), b.code],
          [shared('building.use'), useOf(b)],
          [shared('building.levels'), b.levels],
          [shared('building.height'), b.height_m && `${number(Math.round(b.height_m))} m`],
          [shared('building.built'), b.built_year],
          [shared('building.rooms'), number(s.rooms)],
          [shared('building.rental'), number(s.rental_rooms)],
          [shared('building.residents'), number(s.residents)],
          [shared('building.incidents'), number(s.open_incidents)],
          [shared('building.patrolled'), s.patrolled_at ? day(s.patrolled_at) : shared('building.never')],
        ]}
      />
    </section>
  );
}

function LedgerPanel({ building }: { building: BuildingDetail }) {
  const entries = useLoad(
    () =>
      api.GET('/api/v1/buildings/{building}/evidence', {
        params: { path: { building: building.code }, query: { within: true } },
      }),
    [building],
  );
  const items = entries.data.value?.items;
  return (
    <section class="panel house-ledger" aria-label={t('ledger')}>
      <header class="panel-head">
        <h2>{t('ledger')}</h2>
        {items && items.length > 0 && <small class="dim">{t('ledger.newest', { n: items.length })}</small>}
      </header>
      {items ? <Ledger entries={items} /> : <Waiting failed={entries.failed.value} again={entries.again} />}
    </section>
  );
}

/** The way from the city down to the grid; the building's name stands below, as the page's title. */
function placesOf(b: BuildingDetail) {
  const grid = b.areas.at(-1);
  return grid ? crumbsOf(b.areas.slice(0, -1), grid) : [];
}

/** Kind and use, once where they are the same word. */
function useOf(b: BuildingDetail): string {
  return [...new Set([named('kind', b.kind), named('use', b.state.use)])].join(' · ');
}

function titleOf(b: BuildingDetail): string {
  return pick(b.name_zh, b.name_en) || pick(b.address_zh, b.address_en) || b.code;
}

function plateRoom(code: string, rooms: readonly Room[] | null) {
  const found = rooms?.find((r) => r.code === code);
  return found ? { code, unit: found.unit } : null;
}

/** Escape closes what was opened last. */
function close() {
  const r = route.value;
  if (show.value === 'plate') show.value = 'page';
  else if (r.page === 'house' && r.code.length === 25) openRoom(r.code.slice(0, 19), null);
}
