-- What webhooks need to lose nothing, and to say so where they do.
--
-- How a case was before it changed, written into the log beside the change, whoever makes it. The log by itself names a
-- row's new values and a deleted row's key alone: enough for who keeps a picture, and not for who was away meanwhile and
-- has to tell what happened to whom. Only what is published is written, as text in the form that the log has for it.

-- +goose Up

-- +goose StatementBegin
create function tell_before() returns trigger
  language plpgsql set search_path = public, pg_temp set datestyle = 'ISO, YMD' set timezone = 'UTC' set extra_float_digits = 1
as $$
declare
  kept jsonb;
begin
  if tg_table_name = 'incident' then
    kept := jsonb_build_object('id', old.id::text, 'code', old.code, 'building_id', old.building_id::text, 'geom', old.geom::text,
      'type', old.type, 'severity', old.severity::text, 'status', old.status, 'source', old.source,
      'reported_at', old.reported_at::text, 'due_at', old.due_at::text, 'escalation', old.escalation::text);
  else
    kept := jsonb_build_object('id', old.id::text, 'code', old.code, 'status', old.status, 'source', old.source,
      'submitted_at', old.submitted_at::text, 'due_at', old.due_at::text);
  end if;
  perform pg_logical_emit_message(true, 'gridweave.before',
    jsonb_build_object('table', tg_table_name, 'key', 'id', 'row', kept)::text);
  return case when tg_op = 'DELETE' then old else new end;
end
$$;
-- +goose StatementEnd

-- Triggers go by their names: these come last, and see what is going to be written.
create trigger zz_before_update before update on incident for each row
  when ((old.id, old.code, old.building_id, old.geom, old.type, old.severity, old.status, old.source, old.reported_at, old.due_at, old.escalation)
    is distinct from (new.id, new.code, new.building_id, new.geom, new.type, new.severity, new.status, new.source, new.reported_at, new.due_at, new.escalation))
  execute function tell_before();
create trigger zz_before_delete before delete on incident for each row execute function tell_before();
create trigger zz_before_update before update on declaration for each row
  when ((old.id, old.code, old.status, old.source, old.submitted_at, old.due_at)
    is distinct from (new.id, new.code, new.status, new.source, new.submitted_at, new.due_at))
  execute function tell_before();
create trigger zz_before_delete before delete on declaration for each row execute function tell_before();

-- What was let go of since too much waited.
alter table webhook
  add column lost    bigint not null default 0,
  add column lost_at timestamptz;
