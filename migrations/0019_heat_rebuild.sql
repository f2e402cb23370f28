-- Counting everything anew in one pass over each large table: a city's twelve million rooms are read once, by all
-- processors, houses are placed once, and rows go into the cube in the order of its keys.

-- +goose Up

-- As before, but what several counts need is worked out once and kept beside them. Only what is made into a table of
-- its own can be read in parallel, and only what has been counted is planned well.
-- +goose StatementBegin
create or replace function heat_rebuild() returns void
  language plpgsql set work_mem = '256MB' set plan_cache_mode = force_custom_plan
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
    select 'incident' as measure, heat_hour_of(reported_at) as at, type as class, left(code, 14) collate "C" as code,
           heat_cell(st_x(geom)) as x, heat_cell(st_y(geom)) as y
    from incident where heat_happened(status)
    union all
    select 'declaration', heat_hour_of(d.submitted_at), d.status, left(d.code, 14), coalesce(p.x, 0), coalesce(p.y, 0)
    from declaration d left join heat_place p on p.code = left(d.code, 19)) e
  group by 1, 2, 3, 4, 5, 6 order by 1, 2, 3, 4, 5, 6;
  insert into heat_day select measure, heat_day_of(at), code, sum(n) from heat_hour group by 1, 2, 3 order by 1, 2, 3;

  create temporary table heat_new_grade on commit drop as select code, class, at, n from heat_raw_grade;
  insert into heat_state
  select 'undeclared', '', left(code, 14), sum(n) from heat_new_move group by 3
  union all select 'grade', class, code, sum(n) from heat_new_grade group by 2, 3;
  insert into heat_change
  select measure, at, class, code, n
  from (select 'undeclared' as measure, at, '' as class, left(code, 14) as code, sum(n) as n from heat_new_move where at is not null group by 2, 4
        union all select 'grade', at, class, code, sum(n) from heat_new_grade group by 2, 3, 4) c
  order by measure, at, class, code;
  insert into heat_base
  select left(code, 14), count(*), count(grade), sum(rental_rooms), sum(residents) from building_state group by 1 order by 1;
  drop table heat_new_let, heat_new_held, heat_new_move, heat_new_place, heat_new_grade;
end
$$;
-- +goose StatementEnd
revoke execute on function heat_rebuild() from public;
