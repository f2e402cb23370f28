-- A house with a past, counted by the grid until the cube counts by house.
insert into grade_event (building_id, code, at, new_grade, actor)
select id, code, now() - interval '3 days', 'red', 'seed' from building order by id limit 1;
