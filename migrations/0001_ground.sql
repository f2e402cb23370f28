-- What everything else stands on: extensions, the server's role, the scope, area codes.
-- The administrator who migrates owns every table; the server works as gridweave_app, which owns nothing
-- and is therefore bound by row-level security.

-- +goose Up
create extension if not exists postgis;
create extension if not exists pg_trgm;

-- +goose StatementBegin
do $$
begin
  if not exists (select from pg_roles where rolname = 'gridweave_app') then
    create role gridweave_app nologin;
  end if;
  if not pg_has_role(current_user, 'gridweave_app', 'member') then
    execute format('grant gridweave_app to %I', current_user);
  end if;
end
$$;
-- +goose StatementEnd

-- The scope of the transaction: an area code. Unset or empty is NULL, and NULL lets nothing through.
create function scope_lo() returns text
  language sql stable parallel safe
  return nullif(current_setting('gridweave.scope', true), '');

-- The first code after all that start with the scope: ':' follows '9' in collation "C".
create function scope_hi() returns text
  language sql stable parallel safe
  return nullif(current_setting('gridweave.scope', true), '') || ':';

-- The level that a house code's length stands for; NULL where no level has that length.
create function code_level(code text) returns text
  language sql immutable parallel safe
  return case length(code)
    when 2 then 'province' when 4 then 'city' when 6 then 'district' when 9 then 'street'
    when 12 then 'community' when 14 then 'grid' when 19 then 'building' when 25 then 'room' end;

-- The code one level above; NULL for a province.
create function code_parent(code text) returns text
  language sql immutable parallel safe
  return case length(code)
    when 4 then left(code, 2) when 6 then left(code, 4) when 9 then left(code, 6)
    when 12 then left(code, 9) when 14 then left(code, 12) when 19 then left(code, 14)
    when 25 then left(code, 19) end;

create function is_code(code text) returns boolean
  language sql immutable parallel safe
  return code ~ '^[0-9]+$' and length(code) in (2, 4, 6, 9, 12, 14, 19, 25);

-- What the installation knows about itself: which demo was generated, which files were imported.
create table setting (
  key   text primary key,
  value jsonb not null
);
grant select on setting to gridweave_app;
