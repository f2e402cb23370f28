-- Fills a tile up to a number of buildings by copies of those that it has, moved by up to 30 m, so that every server
-- draws a tile as dense as an urban village's. A tile that lacks less than a twentieth is left alone: copies near its
-- edge lie in the next one, and the same tile filled twice has to stay the same.
-- Criteria: $1 z, $2 x, $3 y, $4 how many buildings the tile is to have. Output: how many were added.
with tile as (
  select st_transform(st_tileenvelope($1, $2, $3), 4326) as box
),
present as (
  select b.*, s.use, s.grade, s.grade_score, row_number() over (order by b.id) as n, count(*) over () as total
  from tile, building b join building_state s on s.building_id = b.id
  where b.geom && tile.box
),
place as (
  select grid, (select coalesce(max(right(code, 5)::integer), 0) from building where building.grid = p.grid) as last
  from present p group by grid order by count(*) desc, grid limit 1
),
copies as (
  select p.*, k, place.grid || lpad((place.last + k)::text, 5, '0') as new_code, row_number() over () as nth
  from place, generate_series(1, (select case when count(*) < $4 * 0.95 then $4 - count(*) else 0 end from present)::integer) k
  join present p on p.n = (k - 1) % p.total + 1
),
added as (
  insert into building (code, kind, levels, height_m, geom)
  select new_code, kind, levels, height_m,
         st_translate(geom, ((k * 7919) % 601 - 300) / 1e6, ((k * 104729) % 601 - 300) / 1e6)
  from copies
  returning id, code
),
states as (
  insert into building_state (building_id, code, use, grade, grade_score)
  select a.id, a.code, c.use, c.grade, c.grade_score
  from added a join copies c on c.new_code = a.code
  returning 1
)
select count(*)::integer from states
