-- New codes for the buildings that a redraw has moved into another grid. The redrawn grids are staged in stage_area.

-- step: find
-- Where the interior point of every building lies that is coded in a redrawn grid, or lies in one.
create temporary table recode on commit drop as
with redrawn as (
  select a.code, a.geom from stage_area s join area a on a.code = s.code where s.reason is null and length(s.code) = 14
),
candidate as (
  select b.id, b.code, b.grid, st_pointonsurface(b.geom) as at
  from building b
  where b.grid in (select code from redrawn) or exists (select from redrawn r where r.geom && b.geom)
),
placed as (
  select c.id, c.code, c.grid,
         (select a.code from area a where a.level = 'grid' and a.geom && c.at and st_covers(a.geom, c.at) order by a.code limit 1) as target
  from candidate c
)
select id, code as old, target, null::text collate "C" as new
from placed
where target <> grid and (grid in (select code from redrawn) or target in (select code from redrawn));

-- The next free numbers of each grid, after every one that was ever used there.
update recode r
set new = n.target || lpad(n.number::text, 5, '0')
from (
  select id, target, row_number() over (partition by target order by old) + greatest(
           coalesce((select max(substr(b.code, 15))::int from building b where b.grid = x.target), 0),
           coalesce((select max(substr(e.code, 15, 5))::int from code_event e
                     where e.code >= x.target and e.code < x.target || ':' and length(e.code) in (19, 25)), 0)) as number
  from recode x
) n
where n.id = r.id and n.number <= 99999;

-- step: write
-- A code that ended is never used again, so every room's is remembered with its building's.
insert into code_event (kind, code, successors, actor, reason)
select 'recoded', old, array[new], current_setting('gridweave.actor'), current_setting('gridweave.reason') from recode
union all
select 'recoded', m.code, array[r.new || right(m.code, 6)], current_setting('gridweave.actor'), current_setting('gridweave.reason')
from recode r join room m on m.code >= r.old and m.code < r.old || ':';

update building b set code = r.new from recode r where b.id = r.id;

update room m set code = r.new || right(m.code, 6) from recode r where m.code >= r.old and m.code < r.old || ':';

-- What happens at a place follows its code, or those responsible for the new grid would not see it.
update incident i set code = r.new || substr(i.code, 20), updated_at = now()
from recode r where i.code >= r.old and i.code < r.old || ':';

update declaration d set code = r.new || substr(d.code, 20), updated_at = now()
from recode r where d.code >= r.old and d.code < r.old || ':';

update task t set code = r.new || substr(t.code, 20) from recode r where t.code >= r.old and t.code < r.old || ':';

update account a set code = r.new || substr(a.code, 20) from recode r where a.code >= r.old and a.code < r.old || ':';

-- The old code still finds the house, however often it has moved.
update crosswalk c set code = r.new from recode r where c.system = 'old' and c.code = r.old;

insert into crosswalk (system, foreign_code, code) select 'old', old, new from recode
on conflict (system, foreign_code) do update set code = excluded.code;
