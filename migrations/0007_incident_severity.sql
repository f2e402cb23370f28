-- Severity on the incident itself, so that who follows the log sees it without asking for the type.

-- +goose Up
alter table incident add column severity smallint check (severity between 1 and 4);
update incident i set severity = t.severity from incident_type t where t.code = i.type;
alter table incident alter column severity set not null;

-- +goose StatementBegin
create function incident_takes_severity() returns trigger
  language plpgsql security definer set search_path = public, pg_temp
as $$
begin
  -- Of a type that is not there the foreign key tells, better than a missing severity would.
  new.severity := coalesce((select t.severity from incident_type t where t.code = new.type), 4);
  return new;
end
$$;
-- +goose StatementEnd
-- +goose StatementBegin
create function incident_type_gives_severity() returns trigger
  language plpgsql security definer set search_path = public, pg_temp
as $$
begin
  update incident set severity = new.severity where type = new.code and severity <> new.severity;
  return null;
end
$$;
-- +goose StatementEnd
create trigger incident_severity before insert or update of type, severity on incident
  for each row execute function incident_takes_severity();
create trigger incident_type_severity after update of severity on incident_type
  for each row when (old.severity is distinct from new.severity) execute function incident_type_gives_severity();

-- Feature ids in tiles count from 1.
alter table area         add constraint area_id         check (id > 0);
alter table base_feature add constraint base_feature_id check (id > 0);
alter table building     add constraint building_id     check (id > 0);
alter table incident     add constraint incident_id     check (id > 0);
alter table declaration  add constraint declaration_id  check (id > 0);

alter publication gridweave drop table incident;
alter publication gridweave add table
  incident (id, code, building_id, geom, type, severity, status, source, reported_at, due_at, escalation);
