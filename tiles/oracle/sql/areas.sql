-- Areas in force within the scope, with the outlines and names of the areas above it.
-- Criteria: $1 z, $2 x, $3 y. Output: one bytea, the layers area, area_line, area_label.
-- Levels by zoom: city and district always, street from 9, community from 11, grid from 13.
with frame as (
  select st_tileenvelope($1, $2, $3) as tile, st_transform(st_tileenvelope($1, $2, $3, margin => 0.015625), 4326) as wide
),
shown as (
  select a.id, a.code, a.level, a.name_zh, a.name_en, a.geom, true as own
  from area a, frame f
  where a.geom && f.wide
    and length(a.code) <= case when $1 >= 13 then 14 when $1 >= 11 then 12 when $1 >= 9 then 9 else 6 end
  union all
  select null, p.code, p.level, p.name_zh, p.name_en, p.geom, false
  from area_ancestors() p, frame f
  where p.geom && f.wide
),
polygons as (
  select id, level, code, nullif(name_zh, '') as name_zh, nullif(name_en, '') as name_en,
         st_asmvtgeom(st_transform(geom, 3857), f.tile, 4096, 64) as geom
  from shown, frame f
  where own
),
-- A border shared by two neighbours comes once: union notes and dissolves equal segments.
borders as (
  select level, length(code) as rank,
         st_union(st_clipbybox2d(st_boundary(geom), box2d(f.wide))) as geom
  from shown, frame f
  group by level, length(code)
),
lines as (
  select b.level,
         st_asmvtgeom(st_transform(st_linemerge(st_collectionextract(coalesce(
           st_difference(b.geom, (select st_union(h.geom) from borders h where h.rank < b.rank)), b.geom), 2)), 3857),
           f.tile, 4096, 64) as geom, b.rank
  from borders b, frame f
),
labels as (
  select level, code, name_zh, name_en,
         st_asmvtgeom(st_transform(st_pointonsurface(geom), 3857), f.tile, 4096, 0) as geom
  from shown, frame f
)
select coalesce((select st_asmvt(p, 'area', 4096, 'geom', 'id') from (select * from polygons where geom is not null order by code) p), '')
    || coalesce((select st_asmvt(l, 'area_line', 4096, 'geom') from (select level, geom from lines where geom is not null order by rank) l), '')
    || coalesce((select st_asmvt(n, 'area_label', 4096, 'geom') from (select * from labels where geom is not null order by code) n), '')
