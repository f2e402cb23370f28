-- Who can be given an incident: active accounts that handle incidents and whose area covers it, but not its reporter.
-- Departments work for the whole district, beyond the scope of a street that assigns, so a definer function looks for
-- them; it answers only for an incident within the scope.

-- +goose Up
-- +goose StatementBegin
create function incident_handlers(wanted bigint)
  returns table (name text, role text, display_zh text, display_en text, fits boolean)
  language sql stable security definer set search_path = public, pg_temp
as $$
  select a.name, a.role, a.display_zh, a.display_en,
         coalesce(a.department = coalesce(i.department, t.department), false) as fits
  from incident i join incident_type t on t.code = i.type
  join account a on starts_with(i.code, a.code) and a.active and a.role in ('department', 'grid_worker', 'station', 'landlord', 'dispatcher')
   and a.id is distinct from i.reporter_id
  where i.id = wanted and i.code >= scope_lo() and i.code < scope_hi()
  order by fits desc, length(a.code) desc, a.name
  limit 100
$$;
-- +goose StatementEnd
revoke execute on function incident_handlers(bigint) from public;
grant execute on function incident_handlers(bigint) to gridweave_app;
