-- A wall of a whole city asks for sums over all its houses, for what was open at a time, and for what was overdue then.
-- Both are kept as they change, in the transaction of the change, whoever makes it: sums by grid beside those that rates
-- are related to, and how long each case was in each state, as the ledger tells it.

-- +goose Up

-- Sums by grid: everything that is counted of houses.
alter table heat_base
  add column rooms integer not null default 0, add column green integer not null default 0,
  add column yellow integer not null default 0, add column orange integer not null default 0,
  add column red integer not null default 0, add column grey integer not null default 0;

create view heat_raw_base as
  select left(code, 14) collate "C" as code, count(*)::integer as houses, count(grade)::integer as graded,
         sum(rental_rooms)::integer as rental_rooms, sum(residents)::integer as residents, sum(rooms)::integer as rooms,
         (count(*) filter (where grade = 'green'))::integer as green, (count(*) filter (where grade = 'yellow'))::integer as yellow,
         (count(*) filter (where grade = 'orange'))::integer as orange, (count(*) filter (where grade = 'red'))::integer as red,
         (count(*) filter (where grade = 'grey'))::integer as grey
  from building_state group by 1;

-- +goose StatementBegin
create or replace function heat_base_moved() returns trigger
  language plpgsql security definer set search_path = public, pg_temp
as $$
declare
  step integer := case tg_op when 'INSERT' then 1 else -1 end;
begin
  insert into heat_base as b
  select left(code, 14), step * count(*), step * count(grade), step * sum(rental_rooms), step * sum(residents), step * sum(rooms),
         step * count(*) filter (where grade = 'green'), step * count(*) filter (where grade = 'yellow'),
         step * count(*) filter (where grade = 'orange'), step * count(*) filter (where grade = 'red'),
         step * count(*) filter (where grade = 'grey')
  from moved group by 1 order by 1
  on conflict (code) do update set houses = b.houses + excluded.houses, graded = b.graded + excluded.graded, rental_rooms = b.rental_rooms + excluded.rental_rooms,
    residents = b.residents + excluded.residents, rooms = b.rooms + excluded.rooms, green = b.green + excluded.green,
    yellow = b.yellow + excluded.yellow, orange = b.orange + excluded.orange, red = b.red + excluded.red,
    grey = b.grey + excluded.grey;
  return null;
end
$$;
-- +goose StatementEnd

-- +goose StatementBegin
create or replace function heat_base_changed() returns trigger
  language plpgsql security definer set search_path = public, pg_temp
as $$
begin
  insert into heat_base as b
  select code, sum(step), sum(step * (grade <> '')::integer), sum(step * rental_rooms), sum(step * residents), sum(step * rooms),
         sum(step * (grade = 'green')::integer), sum(step * (grade = 'yellow')::integer), sum(step * (grade = 'orange')::integer),
         sum(step * (grade = 'red')::integer), sum(step * (grade = 'grey')::integer)
  from (values (left(old.code, 14), -1, coalesce(old.grade, ''), old.rental_rooms, old.residents, old.rooms),
               (left(new.code, 14), 1, coalesce(new.grade, ''), new.rental_rooms, new.residents, new.rooms))
       m (code, step, grade, rental_rooms, residents, rooms)
  group by code order by code
  on conflict (code) do update set houses = b.houses + excluded.houses, graded = b.graded + excluded.graded, rental_rooms = b.rental_rooms + excluded.rental_rooms,
    residents = b.residents + excluded.residents, rooms = b.rooms + excluded.rooms, green = b.green + excluded.green,
    yellow = b.yellow + excluded.yellow, orange = b.orange + excluded.orange, red = b.red + excluded.red,
    grey = b.grey + excluded.grey;
  return null;
end
$$;
-- +goose StatementEnd

drop trigger heat_changed on building_state;
create trigger heat_changed after update of code, grade, rental_rooms, residents, rooms on building_state for each row
  when (old.code <> new.code or old.grade is distinct from new.grade or old.rental_rooms <> new.rental_rooms
        or old.residents <> new.residents or old.rooms <> new.rooms)
  execute function heat_base_changed();

-- +goose StatementBegin
create or replace function heat_rebuild() returns void
  language plpgsql set work_mem = '256MB' set plan_cache_mode = force_custom_plan set gridweave.counting = 'anew'
as $$
begin
  lock table building, building_state, room, incident, declaration, grade_event in share mode;
  update heat_epoch set epoch = epoch + 1;
  delete from heat_log;
  delete from heat_hour;
  delete from heat_state;
  delete from heat_change;
  delete from heat_place;
  delete from heat_declared;
  delete from heat_base;

  create temporary table heat_new_let on commit drop as
  select left(code, 19) collate "C" as code, count(*)::integer as n from room where heat_let(use, residents) group by 1;
  insert into heat_declared select room, during from heat_raw_declared order by 1;
  analyze heat_declared;
  create temporary table heat_new_held on commit drop as
  select left(d.room, 19) collate "C" as code, unnest(d.during) as span
  from heat_declared d join room r on r.code = d.room and heat_let(r.use, r.residents);
  create temporary table heat_new_move on commit drop as
  select code, at, sum(n)::integer as n
  from (select code, null::timestamptz as at, n from heat_new_let
        union all select code, heat_hour_of(lower(span)), -1 from heat_new_held
        union all select code, heat_hour_of(upper(span)), 1 from heat_new_held where not upper_inf(span)) m
  group by 1, 2;
  create temporary table heat_new_place on commit drop as select code, x, y from heat_raw_place;
  analyze heat_new_move, heat_new_place;

  insert into heat_place
  select p.code, p.x, p.y, coalesce(u.n, 0)
  from heat_new_place p left join (select code, sum(n) as n from heat_new_move group by 1) u using (code) order by 1;
  analyze heat_place;

  insert into heat_hour
  select measure, at, class, code, x, y, count(*) from (
    select 'incident' as measure, heat_hour_of(reported_at) as at, type as class, left(code, 19) collate "C" as code,
           heat_cell(st_x(geom)) as x, heat_cell(st_y(geom)) as y
    from incident where heat_happened(status)
    union all
    select 'declaration', heat_hour_of(d.submitted_at), d.status, left(d.code, 19), coalesce(p.x, 0), coalesce(p.y, 0)
    from declaration d left join heat_place p on p.code = left(d.code, 19)) e
  group by 1, 2, 3, 4, 5, 6 order by 1, 2, 3, 4, 5, 6;
  create temporary table heat_new_grade on commit drop as select code, class, at, n from heat_raw_grade;
  insert into heat_state
  select 'undeclared', '', left(code, 14), sum(n) from heat_new_move group by 3
  union all select 'grade', class, left(code, 14), sum(n) from heat_new_grade group by 2, 3;
  insert into heat_change
  select measure, at, class, code, n
  from (select 'undeclared' as measure, at, '' as class, code, n from heat_new_move where at is not null
        union all select 'grade', at, class, code, sum(n) from heat_new_grade group by 2, 3, 4) c
  order by measure, at, class, code;
  insert into heat_base select * from heat_raw_base order by 1;
  drop table heat_new_let, heat_new_held, heat_new_move, heat_new_place, heat_new_grade;
end
$$;
-- +goose StatementEnd

-- +goose StatementBegin
create or replace function heat_check() returns table (which text, key text, kept bigint, counted bigint)
  language sql stable
as $$
  with kept as (
    select 'hour' as which, concat_ws(' ', measure, extract(epoch from at)::bigint, class, code, x, y) as key, n::bigint as n from heat_hour
    union all select 'state', concat_ws(' ', measure, class, code), n from heat_state
    union all select 'change', concat_ws(' ', measure, extract(epoch from at)::bigint, class, code), n from heat_change
    union all select 'undeclared', code, undeclared from heat_place
    union all select 'place', concat_ws(' ', p.code, p.x, p.y), 1 from heat_place p join building b on b.code = p.code
    union all select 'declared', room || ' ' || during, 1 from heat_declared where during <> '{}'
    union all select 'base', b::text, houses from heat_base b where houses <> 0
  ), counted as (
    select 'hour' as which, concat_ws(' ', measure, extract(epoch from at)::bigint, class, code, x, y) as key, count(*) as n
    from heat_raw_event group by 2
    union all select 'state', concat_ws(' ', 'undeclared', '', left(room, 14)), sum(n) from heat_raw_undeclared group by 2
    union all select 'state', concat_ws(' ', 'grade', class, left(code, 14)), sum(n) from heat_raw_grade group by 2
    union all select 'change', concat_ws(' ', 'undeclared', extract(epoch from at)::bigint, '', left(room, 19)), sum(n)
    from heat_raw_undeclared where at is not null group by 2
    union all select 'change', concat_ws(' ', 'grade', extract(epoch from at)::bigint, class, code), sum(n) from heat_raw_grade group by 2
    union all select 'undeclared', left(room, 19), sum(n) from heat_raw_undeclared group by 2
    union all select 'place', concat_ws(' ', code, x, y), 1 from heat_raw_place
    union all select 'declared', room || ' ' || during, 1 from heat_raw_declared where during <> '{}'
    union all select 'base', b::text, houses from heat_raw_base b
  )
  select which, key, coalesce(k.n, 0), coalesce(c.n, 0)
  from (select * from kept where n <> 0) k full join (select * from counted where n <> 0) c using (which, key)
  where k.n is distinct from c.n
$$;
-- +goose StatementEnd

delete from heat_base;
insert into heat_base select * from heat_raw_base order by 1;

-- How long a case was in a state: from a step that the ledger has to the next one. While it is over (closed, rejected,
-- merged) it has none. due_at: the deadline that ran then; told: whether the ledger says so. Stretches that ended long
-- ago, which no wall looks back to, are deleted by the servers.
create table incident_stretch (
  step        bigint primary key,
  incident_id bigint not null,
  code        text collate "C" not null,
  status      text not null,
  due_at      timestamptz,
  told        boolean not null,
  since       timestamptz not null,
  until       timestamptz not null default 'infinity'
);
create unique index incident_stretch_runs_idx on incident_stretch (incident_id) where until = 'infinity';
create index incident_stretch_until_idx on incident_stretch (until, since) include (incident_id, code, status, due_at);
create index incident_stretch_late_idx on incident_stretch (until, since) include (code, due_at) where due_at < until;
create index incident_stretch_untold_idx on incident_stretch (until) include (code) where not told;
alter table incident_stretch enable row level security;
create policy scope on incident_stretch to gridweave_app using (code >= scope_lo() and code < scope_hi());
grant select on incident_stretch to gridweave_app;

create function incident_over(status text) returns boolean
  language sql immutable parallel safe
  return status in ('closed', 'rejected', 'merged');

-- +goose StatementBegin
create function incident_stretched() returns trigger
  language plpgsql security definer set search_path = public, pg_temp
as $$
begin
  update incident_stretch s set until = greatest(s.since, c.at)
  from (select distinct on (subject) subject::bigint as incident_id, at from came where noun = 'incident' order by subject, id) c
  where s.incident_id = c.incident_id and s.until = 'infinity';
  insert into incident_stretch (step, incident_id, code, status, due_at, told, since, until)
  select id, subject::bigint, code, after ->> 'status', (after ->> 'due_at')::timestamptz, after ? 'due_at', at,
         greatest(at, coalesce(next_at, 'infinity'))
  from (select *, lead(at) over (partition by subject order by id) as next_at from came where noun = 'incident') s
  where not incident_over(after ->> 'status');
  return null;
end
$$;
-- +goose StatementEnd
create trigger stretched after insert on evidence referencing new table as came
  for each statement execute function incident_stretched();

-- What the ledger says of those that ran at a time or later.
-- +goose StatementBegin
create function incident_stretches_told(since timestamptz) returns setof incident_stretch
  language sql stable
as $$
  select e.id, e.subject::bigint, e.code, e.after ->> 'status', (e.after ->> 'due_at')::timestamptz, e.after ? 'due_at', e.at,
         greatest(e.at, coalesce(s.next_at, 'infinity'))
  from (select id, lead(at) over (partition by subject order by id) as next_at from evidence where noun = 'incident') s
  join evidence e on e.id = s.id
  where (s.next_at is null or s.next_at >= since) and not incident_over(e.after ->> 'status')
$$;
-- +goose StatementEnd

-- Makes them anew, those of the last three days.
-- +goose StatementBegin
create function incident_stretch_rebuild() returns void
  language plpgsql set work_mem = '256MB'
as $$
begin
  lock table evidence in share mode;
  delete from incident_stretch;
  insert into incident_stretch select * from incident_stretches_told(now() - interval '3 days') order by until, since;
end
$$;
-- +goose StatementEnd
select incident_stretch_rebuild();
-- Of a case that is open the deadline is known, also where the ledger does not say it.
update incident_stretch s set due_at = i.due_at, told = true
from incident i where i.id = s.incident_id and i.status = s.status and s.until = 'infinity' and not s.told;

revoke execute on function incident_stretched(), incident_stretches_told(timestamptz), incident_stretch_rebuild() from public;

-- What happened within two days is read from indexes alone.
create index evidence_ended_idx on evidence (at) include (code, action)
  where noun = 'incident' and action in ('close', 'reject', 'merge', 'reopen');
drop index grade_event_time_idx;
create index grade_event_time_idx on grade_event (at, id) include (building_id, code, old_grade, new_grade);
drop index declaration_submitted_idx;
create index declaration_submitted_idx on declaration (submitted_at desc, id desc) include (code, source);
drop index incident_reported_idx;
create index incident_reported_idx on incident (reported_at desc, id desc) include (code);
