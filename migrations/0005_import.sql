-- Imports: which file went in how far, and which of its rows were refused. Only the administrator imports, so the
-- server's role has no access at all.

-- +goose Up
create schema importing;

-- key: hash over the file and the options that decide what it becomes. rows_done is the mark up to which a run that
-- was killed need not read again.
create table importing.job (
  id          integer generated always as identity primary key,
  key         text not null,
  kind        text not null check (kind in ('areas', 'buildings', 'rooms')),
  file        text not null,
  sha256      text not null,
  crs         text not null,
  dry_run     boolean not null,
  actor       text not null,
  rows_done   bigint not null default 0,
  inserted    bigint not null default 0,
  updated     bigint not null default 0,
  unchanged   bigint not null default 0,
  rejected    bigint not null default 0,
  repaired    bigint not null default 0,
  squares     bigint not null default 0,
  min_code    text collate "C",
  max_code    text collate "C",
  started_at  timestamptz not null default now(),
  finished_at timestamptz
);
create unique index job_running on importing.job (key) where finished_at is null;
create index job_finished_idx on importing.job (key, finished_at) where finished_at is not null;

create table importing.reject (
  job    integer not null references importing.job on delete cascade,
  row    bigint not null,
  code   text not null,
  reason text not null,
  primary key (job, row)
);

-- A row that PostGIS cannot deal with is a reason to refuse the row, never to end the statement.
-- +goose StatementBegin
create function importing.transformed(g geometry) returns geometry
  language plpgsql immutable strict parallel safe set search_path = public, pg_temp
as $$
declare t geometry;
begin
  t := st_transform(g, 4326);
  if st_xmin(t) >= -180 and st_xmax(t) <= 180 and st_ymin(t) >= -90 and st_ymax(t) <= 90 then
    return t;
  end if;
  return null;
exception when internal_error or data_exception then
  return null;
end
$$;
-- +goose StatementEnd

-- The polygon parts of what a broken outline encloses; NULL where that is nothing.
-- +goose StatementBegin
create function importing.mended(g geometry) returns geometry
  language plpgsql immutable strict parallel safe set search_path = public, pg_temp
as $$
declare m geometry;
begin
  m := st_multi(st_collectionextract(st_makevalid(g), 3));
  if st_isempty(m) or not st_isvalid(m) or st_area(m) = 0 then
    return null;
  end if;
  return m;
exception when internal_error or data_exception then
  return null;
end
$$;
-- +goose StatementEnd
