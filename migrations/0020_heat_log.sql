-- The server keeps a copy of the cube in memory, so that a question about a whole city is a pass over an array. Here is
-- what it needs for that: counts by house, and a log of what changed in the cube, from which a copy made in one snapshot
-- becomes that of a later one. Sums that only made reading faster are dropped.
-- Counting by house begins with counting everything anew: a minute for a city of 640,000 buildings.

-- +goose Up

-- code: of the house where it is known, else of the grid. What is there by grid is counted anew below.
delete from heat_change;
alter table heat_hour drop constraint heat_hour_code_check, add constraint heat_hour_code check (length(code) in (14, 19));
alter table heat_change drop constraint heat_change_code_check, add constraint heat_change_code check (length(code) = 19);
drop table heat_day;
drop function heat_day_of(timestamptz);

-- What was counted, change by change. cube: h for heat_hour, c for heat_change, p for heat_place, whose x and y are the
-- house's new ones. Ids of one house's changes ascend in the order of their commits, since they lock its row.
create table heat_log (
  id      bigint generated always as identity primary key,
  xid     xid8 not null default pg_current_xact_id(),
  cube    "char" not null check (cube in ('h', 'c', 'p')),
  measure text not null,
  at      timestamptz,
  class   text not null,
  code    text collate "C" not null,
  x       integer not null,
  y       integer not null,
  n       integer not null
);
create index heat_log_xid_idx on heat_log (xid);
alter table heat_log enable row level security;

-- epoch: raised when everything is counted anew. floor: changes of older transactions are no longer in the log.
create table heat_epoch (
  one   boolean primary key default true check (one),
  epoch bigint not null default 1,
  floor xid8 not null default '0'
);
insert into heat_epoch default values;

-- The log is written by whatever changes the cube. Counting anew is told by the epoch instead.
-- +goose StatementBegin
create function heat_logged() returns trigger
  language plpgsql security definer set search_path = public, pg_temp
as $$
begin
  if tg_table_name = 'heat_hour' then
    if tg_op = 'UPDATE' then
      insert into heat_log (cube, measure, at, class, code, x, y, n) select 'h', measure, at, class, code, x, y, -n from was;
    end if;
    insert into heat_log (cube, measure, at, class, code, x, y, n) select 'h', measure, at, class, code, x, y, n from now;
  else
    if tg_op = 'UPDATE' then
      insert into heat_log (cube, measure, at, class, code, x, y, n) select 'c', measure, at, class, code, 0, 0, -n from was;
    end if;
    insert into heat_log (cube, measure, at, class, code, x, y, n) select 'c', measure, at, class, code, 0, 0, n from now;
  end if;
  return null;
end
$$;
-- +goose StatementEnd
-- +goose StatementBegin
create function heat_place_logged() returns trigger
  language plpgsql security definer set search_path = public, pg_temp
as $$
begin
  if tg_op = 'DELETE' then
    insert into heat_log (cube, measure, class, code, x, y, n) select 'p', '', '', code, 0, 0, -undeclared from was order by code;
    return null;
  end if;
  if tg_op = 'UPDATE' then
    insert into heat_log (cube, measure, class, code, x, y, n) select 'p', '', '', code, x, y, -undeclared from was order by code;
  end if;
  insert into heat_log (cube, measure, class, code, x, y, n) select 'p', '', '', code, x, y, undeclared from now order by code;
  return null;
end
$$;
-- +goose StatementEnd
create trigger logged_insert after insert on heat_hour referencing new table as now for each statement
  when (current_setting('gridweave.counting', true) is distinct from 'anew') execute function heat_logged();
create trigger logged_update after update on heat_hour referencing old table as was new table as now for each statement
  when (current_setting('gridweave.counting', true) is distinct from 'anew') execute function heat_logged();
create trigger logged_insert after insert on heat_change referencing new table as now for each statement
  when (current_setting('gridweave.counting', true) is distinct from 'anew') execute function heat_logged();
create trigger logged_update after update on heat_change referencing old table as was new table as now for each statement
  when (current_setting('gridweave.counting', true) is distinct from 'anew') execute function heat_logged();
create trigger logged_insert after insert on heat_place referencing new table as now for each statement
  when (current_setting('gridweave.counting', true) is distinct from 'anew') execute function heat_place_logged();
create trigger logged_update after update on heat_place referencing old table as was new table as now for each statement
  when (current_setting('gridweave.counting', true) is distinct from 'anew') execute function heat_place_logged();
create trigger logged_delete after delete on heat_place referencing old table as was for each statement
  when (current_setting('gridweave.counting', true) is distinct from 'anew') execute function heat_place_logged();

-- What the rows say, by house.
drop view heat_raw_grade, heat_raw_event;
create view heat_raw_event as
  select 'incident' as measure, heat_hour_of(reported_at) as at, type as class, left(code, 19) collate "C" as code,
         heat_cell(st_x(geom)) as x, heat_cell(st_y(geom)) as y
  from incident where heat_happened(status)
  union all
  select 'declaration', heat_hour_of(d.submitted_at), d.status, left(d.code, 19), coalesce(p.x, 0), coalesce(p.y, 0)
  from declaration d left join heat_raw_place p on p.code = left(d.code, 19);

create view heat_raw_grade as
  with spell as (
    select e.building_id, b.code, e.new_grade, e.at, lead(e.at) over (partition by e.building_id order by e.at, e.id) as until
    from grade_event e join building b on b.id = e.building_id
  )
  select code, new_grade as class, heat_hour_of(at) as at, 1 as n from spell where new_grade is not null
  union all
  select code, new_grade, heat_hour_of(until), -1 from spell where new_grade is not null and until is not null;

-- As before, by house and without sums by day.
-- +goose StatementBegin
create or replace function heat_count(measure text, at timestamptz, class text, code text, x integer, y integer, step integer)
  returns void
  language sql
as $$
  insert into heat_hour as h values (measure, heat_hour_of(at), class, left(code, 19), x, y, step)
  on conflict on constraint heat_hour_pkey do update set n = h.n + excluded.n;
$$;
-- +goose StatementEnd

-- +goose StatementBegin
create or replace function heat_undeclared(houses text[], ats timestamptz[], ns integer[]) returns void
  language sql set enable_seqscan = off set enable_hashjoin = off set enable_mergejoin = off
as $$
  insert into heat_change as c
  select 'undeclared', m.at, '', m.house, sum(m.n)
  from unnest(houses, ats, ns) m (house, at, n) where m.at is not null group by 2, 4 having sum(m.n) <> 0 order by 2, 4
  on conflict on constraint heat_change_pkey do update set n = c.n + excluded.n;
  insert into heat_state as s
  select 'undeclared', '', left(m.house, 14), sum(m.n) from unnest(houses, ns) m (house, n) group by 3 having sum(m.n) <> 0 order by 3
  on conflict on constraint heat_state_pkey do update set n = s.n + excluded.n;
  update heat_place p set undeclared = p.undeclared + m.n
  from (select house, sum(n)::integer as n from unnest(houses, ns) m (house, n) group by 1 having sum(n) <> 0 order by 1) m
  where p.code = m.house;
$$;
-- +goose StatementEnd

-- +goose StatementBegin
create or replace function heat_incidents_came() returns trigger
  language plpgsql security definer set search_path = public, pg_temp set plan_cache_mode = force_custom_plan
as $$
declare step integer := case tg_op when 'INSERT' then 1 else -1 end;
begin
  insert into heat_hour as h
  select 'incident', heat_hour_of(reported_at), type, left(code, 19), heat_cell(st_x(geom)), heat_cell(st_y(geom)), step * count(*)
  from moved where heat_happened(status) group by 2, 3, 4, 5, 6 order by 2, 3, 4, 5, 6
  on conflict on constraint heat_hour_pkey do update set n = h.n + excluded.n;
  return null;
end
$$;
-- +goose StatementEnd

-- +goose StatementBegin
create or replace function heat_declarations_came() returns trigger
  language plpgsql security definer set search_path = public, pg_temp set plan_cache_mode = force_custom_plan
as $$
declare
  step integer := case tg_op when 'INSERT' then 1 else -1 end;
begin
  insert into heat_hour as h
  select 'declaration', heat_hour_of(m.submitted_at), m.status, left(m.code, 19), coalesce(p.x, 0), coalesce(p.y, 0), step * count(*)
  from moved m left join heat_place p on p.code = left(m.code, 19) group by 2, 3, 4, 5, 6 order by 2, 3, 4, 5, 6
  on conflict on constraint heat_hour_pkey do update set n = h.n + excluded.n;
  perform heat_declare(array_agg(code)) from moved;
  return null;
end
$$;
-- +goose StatementEnd

-- +goose StatementBegin
create or replace function heat_grades_came() returns trigger
  language plpgsql security definer set search_path = public, pg_temp set plan_cache_mode = force_custom_plan
as $$
declare
  came boolean := tg_op = 'INSERT';
begin
  perform from building_state where building_id in (select building_id from moved) order by building_id for no key update;
  with event as (
    select e.id, e.building_id, e.at, e.new_grade, came and e.id in (select id from moved) as fresh, false as gone
    from grade_event e where e.building_id in (select building_id from moved)
    union all
    select m.id, m.building_id, m.at, m.new_grade, false, true from moved m where not came
  ), spell as (
    select building_id, new_grade, at, lead(at) over (partition by building_id order by at, id) as until, -1 as n
    from event where not fresh
    union all
    select building_id, new_grade, at, lead(at) over (partition by building_id order by at, id), 1
    from event where not gone
  ), change as (
    select b.code, s.new_grade as grade, e.at, e.n
    from spell s join building b on b.id = s.building_id,
         lateral (values (s.at, s.n), (s.until, -s.n)) e (at, n)
    where s.new_grade is not null and e.at is not null
  ), summed as (
    select code, grade, heat_hour_of(at) as at, sum(n)::integer as n from change group by 1, 2, 3 having sum(n) <> 0
  ), changed as (
    insert into heat_change as c select 'grade', at, grade, code, n from summed order by at, grade, code
    on conflict on constraint heat_change_pkey do update set n = c.n + excluded.n
  )
  insert into heat_state as s
  select 'grade', grade, left(code, 14), sum(n) from summed group by 2, 3 having sum(n) <> 0 order by 2, 3
  on conflict on constraint heat_state_pkey do update set n = s.n + excluded.n;
  return null;
end
$$;
-- +goose StatementEnd

drop function heat_grades_move(integer, text, integer);
-- +goose StatementBegin
create function heat_grades_move(house integer, place text, step integer) returns void
  language sql set enable_seqscan = off set enable_hashjoin = off set enable_mergejoin = off
as $$
  with change as (
    select new_grade as grade, heat_hour_of(e.at) as at, e.n * step as n
    from (select new_grade, at, lead(at) over (order by at, id) as until from grade_event where building_id = house) s,
         lateral (values (s.at, 1), (s.until, -1)) e (at, n)
    where s.new_grade is not null and e.at is not null
  ), changed as (
    insert into heat_change as c select 'grade', at, grade, place, sum(n) from change group by 2, 3 order by 2, 3
    on conflict on constraint heat_change_pkey do update set n = c.n + excluded.n
  )
  insert into heat_state as s select 'grade', grade, left(place, 14), sum(n) from change group by 2 order by 2
  on conflict on constraint heat_state_pkey do update set n = s.n + excluded.n
$$;
-- +goose StatementEnd

-- +goose StatementBegin
create or replace function heat_building_changed() returns trigger
  language plpgsql security definer set search_path = public, pg_temp
as $$
declare
  p geometry := st_pointonsurface(new.geom);
  here heat_place;
begin
  if old.code <> new.code then
    perform heat_grades_move(old.id, old.code, -1);
    perform heat_grades_move(new.id, new.code, 1);
  end if;
  select * into here from heat_place where code = new.code;
  insert into heat_place (code, x, y) values (new.code, heat_cell(st_x(p)), heat_cell(st_y(p)))
  on conflict (code) do update set x = excluded.x, y = excluded.y;
  perform heat_count('declaration', d.submitted_at, d.status, d.code, e.x, e.y, e.n)
  from declaration d,
       lateral (values (coalesce(here.x, 0), coalesce(here.y, 0), -1), (heat_cell(st_x(p)), heat_cell(st_y(p)), 1)) e (x, y, n)
  where d.code >= new.code and d.code < new.code || ':'
    and (here.x, here.y) is distinct from (heat_cell(st_x(p)), heat_cell(st_y(p)));
  return null;
end
$$;
-- +goose StatementEnd

-- +goose StatementBegin
create or replace function heat_building_goes() returns trigger
  language plpgsql security definer set search_path = public, pg_temp
as $$
begin
  perform heat_grades_move(old.id, old.code, -1);
  perform heat_leave(old.code);
  return old;
end
$$;
-- +goose StatementEnd

-- Counting everything anew is one pass over each large table: a city's twelve million rooms are read once, by all
-- processors, and rows go into the cube in the order of its keys. What several counts need is worked out once and kept
-- beside them: only what is made into a table of its own can be read in parallel, and only what has been counted is
-- planned well.
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
  insert into heat_base
  select left(code, 14), count(*), count(grade), sum(rental_rooms), sum(residents) from building_state group by 1 order by 1;
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
    union all select 'base', concat_ws(' ', code, graded, rental_rooms, residents), houses from heat_base where houses <> 0
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
    union all select 'base', concat_ws(' ', left(code, 14), count(grade), sum(rental_rooms), sum(residents)), count(*)
    from building_state group by left(code, 14)
  )
  select which, key, coalesce(k.n, 0), coalesce(c.n, 0)
  from (select * from kept where n <> 0) k full join (select * from counted where n <> 0) c using (which, key)
  where k.n is distinct from c.n
$$;
-- +goose StatementEnd

-- The first houses of a list are found without reading all.
create index building_state_points_idx on building_state ((100 - coalesce(grade_score, 0)) desc, code) include (grade)
  where grade is not null;

revoke execute on function heat_logged(), heat_place_logged(), heat_grades_move(integer, text, integer) from public;

select heat_rebuild();
