-- The staging tables of one import, private to its connection and empty between transactions. No WAL, no cleaning up
-- after a crash. A row with a reason is refused.
create temporary table stage_building (
  row        bigint not null,
  code       text collate "C" not null,
  name_zh    text,
  name_en    text,
  address_zh text,
  address_en text,
  kind       text,
  levels     integer,
  height_m   real,
  built_year integer,
  square     boolean not null,
  geom       geometry,
  repaired   boolean not null default false,
  reason     text
) on commit delete rows;

create temporary table stage_room (
  row      bigint not null,
  code     text collate "C" not null,
  floor    integer,
  unit     text,
  use      text,
  capacity integer,
  repaired boolean not null default false,
  square   boolean not null default false,
  reason   text
) on commit delete rows;

create temporary table stage_area (
  row          bigint not null,
  code         text collate "C",
  foreign_code text collate "C",
  name_zh      text,
  name_en      text,
  residents    integer,
  residents_on text,
  geom         geometry,
  repaired     boolean not null default false,
  square       boolean not null default false,
  reason       text
) on commit delete rows;
