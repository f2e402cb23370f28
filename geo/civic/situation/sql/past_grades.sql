-- Buildings of the area whose codes lie in [$1, $2) that had another grade at $3 than now: what their first change
-- since then came from.
-- Columns: building id, grade ('' for none).
select old.building_id, old.grade
from (
  select distinct on (building_id) building_id, coalesce(old_grade, '') as grade
  from grade_event where code >= $1 and code < $2 and at >= $3
  order by building_id, at, id
) old
join building_state s on s.building_id = old.building_id
where old.grade <> coalesce(s.grade, '')
