-- The heatmap's cube: how much of what happened where and when, counted as it happens, in the same transaction and
-- whatever changes the rows. Events are counted by hour; states (grades, undeclared rentals) as the number now and
-- what changed it in each hour, so that the state at T is the number now less every change from T on.
-- Views named heat_raw_* count the same from the rows themselves: heat_rebuild() writes what they say, heat_check()
-- compares.

-- +goose Up

-- A cell is a five-thousandth of a degree wide and high, 20 by 22 metres here; x and y count cells from 0° E 0° N.
create function heat_cell(degrees double precision) returns integer
  language sql immutable parallel safe
  return floor(degrees * 5000)::integer;

create function heat_hour_of(at timestamptz) returns timestamptz
  language sql immutable parallel safe
  return date_bin('1 hour', at, timestamptz '2000-01-01 00:00:00+00');

-- Days begin at midnight in China.
create function heat_day_of(at timestamptz) returns timestamptz
  language sql immutable parallel safe
  return date_bin('1 day', at, timestamptz '2000-01-01 00:00:00+08');

-- What was merged into another report or rejected did not happen.
create function heat_happened(status text) returns boolean
  language sql immutable parallel safe
  return status not in ('merged', 'rejected');

-- A room that is let and lived in, and ought to be declared.
create function heat_let(use text, residents smallint) returns boolean
  language sql immutable parallel safe
  return residents > 0 and use in ('whole_let', 'shared_let', 'dormitory', 'daily_let');

-- While a declaration holds: from when it was made until it is refuted, expires or the person moves out.
create function heat_holds(status text, submitted timestamptz, moved_out date, decided timestamptz, updated timestamptz)
  returns tstzrange
  language sql immutable parallel safe
  return case
    when status in ('submitted', 'accepted', 'doubtful') then tstzrange(submitted, null)
    when status = 'moved_out' then tstzrange(submitted, greatest(submitted, moved_out::timestamp at time zone '+08'))
    when status = 'rejected' then tstzrange(submitted, greatest(submitted, decided))
    else tstzrange(submitted, greatest(submitted, updated)) end;

-- Events: measure 'incident' by type, 'declaration' by status. A case without a known place lies in cell 0, 0.
create table heat_hour (
  measure text not null check (measure in ('incident', 'declaration')),
  at      timestamptz not null,
  class   text collate "C" not null,
  code    text collate "C" not null check (length(code) = 14),
  x       integer not null,
  y       integer not null,
  n       integer not null,
  primary key (measure, at, class, code, x, y) include (n)
);

-- The same, all classes together, by day.
create table heat_day (
  measure text not null,
  at      timestamptz not null,
  code    text collate "C" not null check (length(code) = 14),
  n       integer not null,
  primary key (measure, at, code) include (n)
);

-- States: measure 'grade' by grade (houses), 'undeclared' (rooms let and lived in that nobody has declared).
create table heat_state (
  measure text not null check (measure in ('grade', 'undeclared')),
  class   text collate "C" not null,
  code    text collate "C" not null check (length(code) = 14),
  n       integer not null,
  primary key (measure, class, code) include (n)
);
create table heat_change (
  measure text not null check (measure in ('grade', 'undeclared')),
  at      timestamptz not null,
  class   text collate "C" not null,
  code    text collate "C" not null check (length(code) = 14),
  n       integer not null,
  primary key (measure, at, class, code) include (n)
);

-- Where each house stands, and how many of its rooms nobody has declared.
create table heat_place (
  code       text collate "C" primary key check (length(code) = 19),
  x          integer not null,
  y          integer not null,
  undeclared integer not null default 0
);

-- When each room was declared.
create table heat_declared (
  room   text collate "C" primary key check (length(room) = 25),
  during tstzmultirange not null
);

-- What rates are rates of.
create table heat_base (
  code         text collate "C" primary key check (length(code) = 14),
  houses       integer not null,
  graded       integer not null,
  rental_rooms integer not null,
  residents    integer not null
);

create index grade_event_building_idx on grade_event (building_id, at, id);
-- The houses and cases behind a number are read from the rows: by time, and only as far as asked for.
create index incident_code_time_idx on incident (code, reported_at) include (type, status);

alter table heat_hour     enable row level security;
alter table heat_day      enable row level security;
alter table heat_state    enable row level security;
alter table heat_change   enable row level security;
alter table heat_place    enable row level security;
alter table heat_declared enable row level security;
alter table heat_base     enable row level security;
create policy scope on heat_hour     to gridweave_app using (code >= scope_lo() and code < scope_hi());
create policy scope on heat_day      to gridweave_app using (code >= scope_lo() and code < scope_hi());
create policy scope on heat_state    to gridweave_app using (code >= scope_lo() and code < scope_hi());
create policy scope on heat_change   to gridweave_app using (code >= scope_lo() and code < scope_hi());
create policy scope on heat_place    to gridweave_app using (code >= scope_lo() and code < scope_hi());
create policy scope on heat_declared to gridweave_app using (room >= scope_lo() and room < scope_hi());
create policy scope on heat_base     to gridweave_app using (code >= scope_lo() and code < scope_hi());
grant select on heat_hour, heat_day, heat_state, heat_change, heat_place, heat_declared, heat_base to gridweave_app;

-- What the rows say.
create view heat_raw_place as
  select b.code, heat_cell(st_x(p)) as x, heat_cell(st_y(p)) as y
  from building b, lateral st_pointonsurface(b.geom) p;

create view heat_raw_event as
  select 'incident' as measure, heat_hour_of(reported_at) as at, type as class, left(code, 14) collate "C" as code,
         heat_cell(st_x(geom)) as x, heat_cell(st_y(geom)) as y
  from incident where heat_happened(status)
  union all
  select 'declaration', heat_hour_of(d.submitted_at), d.status, left(d.code, 14), coalesce(p.x, 0), coalesce(p.y, 0)
  from declaration d left join heat_raw_place p on p.code = left(d.code, 19);

create view heat_raw_declared as
  select code as room, range_agg(heat_holds(status, submitted_at, moved_out_on, decided_at, updated_at)) as during
  from declaration group by code;

-- From no known beginning on a room is undeclared; each declaration ends that, and its own end begins it again.
create view heat_raw_undeclared as
  with room as (select code from room where heat_let(use, residents)),
  held as (select d.room, unnest(d.during) as span from heat_raw_declared d join room r on r.code = d.room)
  select code as room, null::timestamptz as at, 1 as n from room
  union all select room, heat_hour_of(lower(span)), -1 from held
  union all select room, heat_hour_of(upper(span)), 1 from held where not upper_inf(span);

create view heat_raw_grade as
  with spell as (
    select e.building_id, b.code, e.new_grade, e.at, lead(e.at) over (partition by e.building_id order by e.at, e.id) as until
    from grade_event e join building b on b.id = e.building_id
  )
  select left(code, 14) collate "C" as code, new_grade as class, heat_hour_of(at) as at, 1 as n from spell where new_grade is not null
  union all
  select left(code, 14), new_grade, heat_hour_of(until), -1 from spell where new_grade is not null and until is not null;

-- Counting. Each step touches few rows of large tables; a plan made while those were empty would read them whole, so
-- functions either rule such plans out or have theirs made anew.

-- +goose StatementBegin
create function heat_count(measure text, at timestamptz, class text, code text, x integer, y integer, step integer)
  returns void
  language sql
as $$
  insert into heat_hour as h values (measure, heat_hour_of(at), class, left(code, 14), x, y, step)
  on conflict on constraint heat_hour_pkey do update set n = h.n + excluded.n;
  insert into heat_day as d values (measure, heat_day_of(at), left(code, 14), step)
  on conflict on constraint heat_day_pkey do update set n = d.n + excluded.n;
$$;
-- +goose StatementEnd

-- Rooms of houses that became undeclared (n above 0) or declared in some hour, or (at NULL) always were.
-- +goose StatementBegin
create function heat_undeclared(houses text[], ats timestamptz[], ns integer[]) returns void
  language sql set enable_seqscan = off set enable_hashjoin = off set enable_mergejoin = off
as $$
  insert into heat_change as c
  select 'undeclared', m.at, '', left(m.house, 14), sum(m.n)
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

-- Rooms that came (step 1) or went (step -1), with their declarations.
-- +goose StatementBegin
create function heat_rooms(rooms text[], step integer) returns void
  language sql set enable_seqscan = off set enable_hashjoin = off set enable_mergejoin = off
as $$
  with room as (select unnest(rooms) as code),
  held as (select d.room, unnest(d.during) as span from heat_declared d join room r on r.code = d.room),
  move as (
    select left(code, 19) as house, null::timestamptz as at, step as n from room
    union all select left(room, 19), heat_hour_of(lower(span)), -step from held
    union all select left(room, 19), heat_hour_of(upper(span)), step from held where not upper_inf(span)),
  summed as (select house, at, sum(n)::integer as n from move group by 1, 2)
  select heat_undeclared(array_agg(house), array_agg(at), array_agg(n)) from summed
$$;
-- +goose StatementEnd

-- Rooms whose declarations changed. Locks order those who change a room or its declarations at once.
-- +goose StatementBegin
create function heat_declare(rooms text[]) returns void
  language plpgsql set enable_seqscan = off set enable_hashjoin = off set enable_mergejoin = off
as $$
declare
  houses text[];
  ats timestamptz[];
  ns integer[];
begin
  perform from room where code = any (rooms) order by code for share;
  insert into heat_declared (room, during) select distinct w, '{}'::tstzmultirange from unnest(rooms) w order by 1
  on conflict do nothing;
  perform from heat_declared where room = any (rooms) order by room for update;
  with said as (
    select h.room, h.during as before, coalesce(d.during, '{}') as after
    from heat_declared h left join lateral (
      select range_agg(heat_holds(d.status, d.submitted_at, d.moved_out_on, d.decided_at, d.updated_at)) as during
      from declaration d where d.code = h.room) d on true
    where h.room = any (rooms)
  ), kept as (
    update heat_declared h set during = s.after from said s where h.room = s.room and s.before <> s.after
  ), span as (
    select s.room, e.during, e.n
    from said s join room r on r.code = s.room and heat_let(r.use, r.residents),
         lateral (select unnest(s.after) as during, -1 as n union all select unnest(s.before), 1) e
    where s.before <> s.after
  ), summed as (
    select house, at, sum(n)::integer as n
    from (select left(room, 19) as house, heat_hour_of(lower(during)) as at, n from span
          union all select left(room, 19), heat_hour_of(upper(during)), -n from span where not upper_inf(during)) m
    group by 1, 2 having sum(n) <> 0
  )
  select array_agg(house), array_agg(at), array_agg(n) into houses, ats, ns from summed;
  if houses is not null then
    perform heat_undeclared(houses, ats, ns);
  end if;
end
$$;
-- +goose StatementEnd

-- Triggers. Statement by statement where rows arrive in masses, row by row where a change must first be seen to matter.

-- +goose StatementBegin
create function heat_incidents_came() returns trigger
  language plpgsql security definer set search_path = public, pg_temp set plan_cache_mode = force_custom_plan
as $$
declare step integer := case tg_op when 'INSERT' then 1 else -1 end;
begin
  insert into heat_hour as h
  select 'incident', heat_hour_of(reported_at), type, left(code, 14), heat_cell(st_x(geom)), heat_cell(st_y(geom)), step * count(*)
  from moved where heat_happened(status) group by 2, 3, 4, 5, 6 order by 2, 3, 4, 5, 6
  on conflict on constraint heat_hour_pkey do update set n = h.n + excluded.n;
  insert into heat_day as d
  select 'incident', heat_day_of(reported_at), left(code, 14), step * count(*)
  from moved where heat_happened(status) group by 2, 3 order by 2, 3
  on conflict on constraint heat_day_pkey do update set n = d.n + excluded.n;
  return null;
end
$$;
-- +goose StatementEnd

-- +goose StatementBegin
create function heat_incident_changed() returns trigger
  language plpgsql security definer set search_path = public, pg_temp
as $$
begin
  if heat_happened(old.status) then
    perform heat_count('incident', old.reported_at, old.type, old.code, heat_cell(st_x(old.geom)), heat_cell(st_y(old.geom)), -1);
  end if;
  if heat_happened(new.status) then
    perform heat_count('incident', new.reported_at, new.type, new.code, heat_cell(st_x(new.geom)), heat_cell(st_y(new.geom)), 1);
  end if;
  return null;
end
$$;
-- +goose StatementEnd

create trigger heat_new after insert on incident referencing new table as moved
  for each statement execute function heat_incidents_came();
create trigger heat_gone after delete on incident referencing old table as moved
  for each statement execute function heat_incidents_came();
create trigger heat_changed after update of status, type, code, geom, reported_at on incident for each row
  when (heat_happened(old.status) <> heat_happened(new.status) or old.type <> new.type or old.code <> new.code
        or old.reported_at <> new.reported_at or not (old.geom = new.geom))
  execute function heat_incident_changed();

-- +goose StatementBegin
create function heat_declarations_came() returns trigger
  language plpgsql security definer set search_path = public, pg_temp set plan_cache_mode = force_custom_plan
as $$
declare
  step integer := case tg_op when 'INSERT' then 1 else -1 end;
begin
  insert into heat_hour as h
  select 'declaration', heat_hour_of(m.submitted_at), m.status, left(m.code, 14), coalesce(p.x, 0), coalesce(p.y, 0), step * count(*)
  from moved m left join heat_place p on p.code = left(m.code, 19) group by 2, 3, 4, 5, 6 order by 2, 3, 4, 5, 6
  on conflict on constraint heat_hour_pkey do update set n = h.n + excluded.n;
  insert into heat_day as d
  select 'declaration', heat_day_of(submitted_at), left(code, 14), step * count(*) from moved group by 2, 3 order by 2, 3
  on conflict on constraint heat_day_pkey do update set n = d.n + excluded.n;
  perform heat_declare(array_agg(code)) from moved;
  return null;
end
$$;
-- +goose StatementEnd

-- +goose StatementBegin
create function heat_declaration_changed() returns trigger
  language plpgsql security definer set search_path = public, pg_temp
as $$
declare place heat_place;
begin
  select * into place from heat_place where code = left(old.code, 19);
  perform heat_count('declaration', old.submitted_at, old.status, old.code, coalesce(place.x, 0), coalesce(place.y, 0), -1);
  select * into place from heat_place where code = left(new.code, 19);
  perform heat_count('declaration', new.submitted_at, new.status, new.code, coalesce(place.x, 0), coalesce(place.y, 0), 1);
  perform heat_declare(array[old.code, new.code]);
  return null;
end
$$;
-- +goose StatementEnd

create trigger heat_new after insert on declaration referencing new table as moved
  for each statement execute function heat_declarations_came();
create trigger heat_gone after delete on declaration referencing old table as moved
  for each statement execute function heat_declarations_came();
create trigger heat_changed after update of status, code, submitted_at, moved_out_on, decided_at, updated_at on declaration
  for each row
  when (old.status <> new.status or old.code <> new.code or old.submitted_at <> new.submitted_at
        or heat_holds(old.status, old.submitted_at, old.moved_out_on, old.decided_at, old.updated_at)
           <> heat_holds(new.status, new.submitted_at, new.moved_out_on, new.decided_at, new.updated_at))
  execute function heat_declaration_changed();

-- +goose StatementBegin
create function heat_rooms_came() returns trigger
  language plpgsql security definer set search_path = public, pg_temp set plan_cache_mode = force_custom_plan
as $$
begin
  perform heat_rooms(array_agg(code), case tg_op when 'INSERT' then 1 else -1 end) from moved where heat_let(use, residents)
  having count(*) > 0;
  return null;
end
$$;
-- +goose StatementEnd

-- +goose StatementBegin
create function heat_room_changed() returns trigger
  language plpgsql security definer set search_path = public, pg_temp
as $$
begin
  perform from heat_declared where room in (old.code, new.code) order by room for share;
  if heat_let(old.use, old.residents) then
    perform heat_rooms(array[old.code], -1);
  end if;
  if heat_let(new.use, new.residents) then
    perform heat_rooms(array[new.code], 1);
  end if;
  return null;
end
$$;
-- +goose StatementEnd

create trigger heat_new after insert on room referencing new table as moved
  for each statement execute function heat_rooms_came();
create trigger heat_gone after delete on room referencing old table as moved
  for each statement execute function heat_rooms_came();
create trigger heat_changed after update of code, use, residents on room for each row
  when (old.code <> new.code or heat_let(old.use, old.residents) <> heat_let(new.use, new.residents))
  execute function heat_room_changed();

-- A grade lasts until the house's next one; an event that comes late shortens the one before it.
-- +goose StatementBegin
create function heat_grades_came() returns trigger
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
    select left(code, 14) as code, grade, heat_hour_of(at) as at, sum(n)::integer as n from change group by 1, 2, 3 having sum(n) <> 0
  ), changed as (
    insert into heat_change as c select 'grade', at, grade, code, n from summed order by at, grade, code
    on conflict on constraint heat_change_pkey do update set n = c.n + excluded.n
  )
  insert into heat_state as s
  select 'grade', grade, code, sum(n) from summed group by 2, 3 having sum(n) <> 0 order by 2, 3
  on conflict on constraint heat_state_pkey do update set n = s.n + excluded.n;
  return null;
end
$$;
-- +goose StatementEnd

create trigger heat_new after insert on grade_event referencing new table as moved
  for each statement execute function heat_grades_came();
create trigger heat_gone after delete on grade_event referencing old table as moved
  for each statement execute function heat_grades_came();

-- A house's grades move with its code, or go with it.
-- +goose StatementBegin
create function heat_grades_move(house integer, grid text, step integer) returns void
  language sql set enable_seqscan = off set enable_hashjoin = off set enable_mergejoin = off
as $$
  with change as (
    select new_grade as grade, heat_hour_of(e.at) as at, e.n * step as n
    from (select new_grade, at, lead(at) over (order by at, id) as until from grade_event where building_id = house) s,
         lateral (values (s.at, 1), (s.until, -1)) e (at, n)
    where s.new_grade is not null and e.at is not null
  ), changed as (
    insert into heat_change as c select 'grade', at, grade, grid, sum(n) from change group by 2, 3 order by 2, 3
    on conflict on constraint heat_change_pkey do update set n = c.n + excluded.n
  )
  insert into heat_state as s select 'grade', grade, grid, sum(n) from change group by 2 order by 2
  on conflict on constraint heat_state_pkey do update set n = s.n + excluded.n
$$;
-- +goose StatementEnd

-- +goose StatementBegin
create function heat_buildings_came() returns trigger
  language plpgsql security definer set search_path = public, pg_temp
as $$
begin
  insert into heat_place (code, x, y)
  select m.code, heat_cell(st_x(p)), heat_cell(st_y(p)) from moved m, lateral st_pointonsurface(m.geom) p
  on conflict (code) do update set x = excluded.x, y = excluded.y;
  return null;
end
$$;
-- +goose StatementEnd

-- A code stands nowhere any more: what was declared there lies in cell 0, 0.
-- +goose StatementBegin
create function heat_leave(house text) returns void
  language sql
as $$
  select heat_count('declaration', d.submitted_at, d.status, d.code, e.x, e.y, e.n)
  from declaration d join heat_place p on p.code = house, lateral (values (p.x, p.y, -1), (0, 0, 1)) e (x, y, n)
  where d.code >= house and d.code < house || ':';
  delete from heat_place where code = house;
$$;
-- +goose StatementEnd

-- Rooms and declarations follow a new code by statements of their own, so the old place stays until the transaction ends.
-- +goose StatementBegin
create function heat_building_changed() returns trigger
  language plpgsql security definer set search_path = public, pg_temp
as $$
declare
  p geometry := st_pointonsurface(new.geom);
  here heat_place;
begin
  if left(old.code, 14) <> left(new.code, 14) then
    perform heat_grades_move(old.id, left(old.code, 14), -1);
    perform heat_grades_move(new.id, left(new.code, 14), 1);
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
create function heat_building_goes() returns trigger
  language plpgsql security definer set search_path = public, pg_temp
as $$
begin
  perform heat_grades_move(old.id, left(old.code, 14), -1);
  perform heat_leave(old.code);
  return old;
end
$$;
-- +goose StatementEnd

-- +goose StatementBegin
create function heat_building_left() returns trigger
  language plpgsql security definer set search_path = public, pg_temp
as $$
begin
  if not exists (select from building where code = old.code) then
    perform heat_leave(old.code);
  end if;
  return null;
end
$$;
-- +goose StatementEnd

create trigger heat_new after insert on building referencing new table as moved
  for each statement execute function heat_buildings_came();
create trigger heat_changed after update of code, geom on building for each row
  when (old.code <> new.code or not (old.geom = new.geom)) execute function heat_building_changed();
create constraint trigger heat_left after update of code on building deferrable initially deferred for each row
  when (old.code <> new.code) execute function heat_building_left();
create trigger heat_goes before delete on building for each row execute function heat_building_goes();

-- +goose StatementBegin
create function heat_base_moved() returns trigger
  language plpgsql security definer set search_path = public, pg_temp
as $$
declare
  step integer := case tg_op when 'INSERT' then 1 else -1 end;
begin
  insert into heat_base as b
  select left(code, 14), step * count(*), step * count(grade), step * sum(rental_rooms), step * sum(residents) from moved group by 1 order by 1
  on conflict (code) do update set houses = b.houses + excluded.houses, graded = b.graded + excluded.graded,
    rental_rooms = b.rental_rooms + excluded.rental_rooms, residents = b.residents + excluded.residents;
  return null;
end
$$;
-- +goose StatementEnd

-- +goose StatementBegin
create function heat_base_changed() returns trigger
  language plpgsql security definer set search_path = public, pg_temp
as $$
begin
  insert into heat_base as b
  select code, sum(houses), sum(graded), sum(rooms), sum(residents)
  from (values (left(old.code, 14), -1, -(old.grade is not null)::integer, -old.rental_rooms, -old.residents),
               (left(new.code, 14), 1, (new.grade is not null)::integer, new.rental_rooms, new.residents))
       m (code, houses, graded, rooms, residents)
  group by code order by code
  on conflict (code) do update set houses = b.houses + excluded.houses, graded = b.graded + excluded.graded,
    rental_rooms = b.rental_rooms + excluded.rental_rooms, residents = b.residents + excluded.residents;
  return null;
end
$$;
-- +goose StatementEnd

create trigger heat_new after insert on building_state referencing new table as moved
  for each statement execute function heat_base_moved();
create trigger heat_gone after delete on building_state referencing old table as moved
  for each statement execute function heat_base_moved();
create trigger heat_changed after update of code, grade, rental_rooms, residents on building_state for each row
  when (old.code <> new.code or (old.grade is null) <> (new.grade is null) or old.rental_rooms <> new.rental_rooms
        or old.residents <> new.residents)
  execute function heat_base_changed();

-- Counts everything anew while nobody writes.
-- +goose StatementBegin
create function heat_rebuild() returns void
  language plpgsql
as $$
begin
  lock table building, building_state, room, incident, declaration, grade_event in share mode;
  delete from heat_hour;
  delete from heat_day;
  delete from heat_state;
  delete from heat_change;
  delete from heat_place;
  delete from heat_declared;
  delete from heat_base;
  insert into heat_hour select measure, at, class, code, x, y, count(*) from heat_raw_event group by 1, 2, 3, 4, 5, 6;
  insert into heat_day select measure, heat_day_of(at), code, sum(n) from heat_hour group by 1, 2, 3;
  insert into heat_declared select room, during from heat_raw_declared;
  insert into heat_place
  select p.code, p.x, p.y, coalesce(u.n, 0)
  from heat_raw_place p left join (select left(room, 19) as code, sum(n) as n from heat_raw_undeclared group by 1) u using (code);
  insert into heat_state
  select 'undeclared', '', left(room, 14), sum(n) from heat_raw_undeclared group by 3
  union all select 'grade', class, code, sum(n) from heat_raw_grade group by 2, 3;
  insert into heat_change
  select 'undeclared', at, '', left(room, 14), sum(n) from heat_raw_undeclared where at is not null group by 2, 4
  union all select 'grade', at, class, code, sum(n) from heat_raw_grade group by 2, 3, 4;
  insert into heat_base
  select left(code, 14), count(*), count(grade), sum(rental_rooms), sum(residents) from building_state group by 1;
end
$$;
-- +goose StatementEnd

-- The counts that differ from the rows': none, unless somebody switched triggers off. Columns: which, key, kept, counted.
-- +goose StatementBegin
create function heat_check() returns table (which text, key text, kept bigint, counted bigint)
  language sql stable
as $$
  with kept as (
    select 'hour' as which, concat_ws(' ', measure, extract(epoch from at)::bigint, class, code, x, y) as key, n::bigint as n from heat_hour
    union all select 'day', concat_ws(' ', measure, extract(epoch from at)::bigint, code), n from heat_day
    union all select 'state', concat_ws(' ', measure, class, code), n from heat_state
    union all select 'change', concat_ws(' ', measure, extract(epoch from at)::bigint, class, code), n from heat_change
    union all select 'undeclared', code, undeclared from heat_place
    union all select 'place', concat_ws(' ', p.code, p.x, p.y), 1 from heat_place p join building b on b.code = p.code
    union all select 'declared', room || ' ' || during, 1 from heat_declared where during <> '{}'
    union all select 'base', concat_ws(' ', code, graded, rental_rooms, residents), houses from heat_base where houses <> 0
  ), counted as (
    select 'hour' as which, concat_ws(' ', measure, extract(epoch from at)::bigint, class, code, x, y) as key, count(*) as n
    from heat_raw_event group by 2
    union all select 'day', concat_ws(' ', measure, extract(epoch from heat_day_of(at))::bigint, code), count(*)
    from heat_raw_event group by 2
    union all select 'state', concat_ws(' ', 'undeclared', '', left(room, 14)), sum(n) from heat_raw_undeclared group by 2
    union all select 'state', concat_ws(' ', 'grade', class, code), sum(n) from heat_raw_grade group by 2
    union all select 'change', concat_ws(' ', 'undeclared', extract(epoch from at)::bigint, '', left(room, 14)), sum(n)
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

-- +goose StatementBegin
create function heat_emptied() returns trigger
  language plpgsql security definer set search_path = public, pg_temp
as $$
begin
  perform heat_rebuild();
  return null;
end
$$;
-- +goose StatementEnd
create trigger heat_emptied after truncate on incident for each statement execute function heat_emptied();
create trigger heat_emptied after truncate on declaration for each statement execute function heat_emptied();
create trigger heat_emptied after truncate on room for each statement execute function heat_emptied();
create trigger heat_emptied after truncate on building for each statement execute function heat_emptied();
create trigger heat_emptied after truncate on building_state for each statement execute function heat_emptied();

revoke execute on function heat_count(text, timestamptz, text, text, integer, integer, integer),
  heat_undeclared(text[], timestamptz[], integer[]), heat_rooms(text[], integer), heat_declare(text[]),
  heat_grades_move(integer, text, integer), heat_leave(text), heat_rebuild(), heat_check() from public;

select heat_rebuild();
