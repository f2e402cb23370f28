// A building's rooms, to take away: all of them, whatever the page's legend hides.
import type { BuildingDetail, Room } from '../../api/client';
import { fileStamp, saveTable, saveWorkbook, stamp, type Table } from '../../export/table';
import { named, pick, t as shared } from '../../i18n';
import { className, t } from './text';

function table(b: BuildingDetail, rooms: readonly Room[]): Table {
  return {
    name: t('rooms'),
    about: [
      [shared('level.building'), pick(b.name_zh, b.name_en) || b.code],
      [shared('building.code'), b.code],
      [shared('building.address'), pick(b.address_zh, b.address_en)],
      [t('take.asof'), stamp(new Date())],
    ],
    columns: [
      t('matrix.corner'),
      t('take.unit'),
      t('take.code'),
      shared('building.use'),
      shared('building.residents'),
      t('take.capacity'),
      t('by.declaration'),
      t('take.declared'),
      shared('building.incidents'),
      t('by.grade'),
    ],
    rows: rooms.map((r) => [
      r.floor,
      r.unit,
      r.code,
      named('use', r.use),
      r.residents,
      r.capacity || null,
      className(r.declaration),
      r.declared,
      r.open_incidents,
      r.findings.map((f) => t(`finding.${f}`)).join('; '),
    ]),
  };
}

const file = (b: BuildingDetail) => `gridweave-rooms-${b.code}-${fileStamp(new Date())}`;

export function takeRooms(b: BuildingDetail, rooms: readonly Room[]) {
  saveTable(table(b, rooms), file(b));
}

export function takeWorkbook(b: BuildingDetail, rooms: readonly Room[]): Promise<void> {
  return saveWorkbook([table(b, rooms)], file(b));
}
