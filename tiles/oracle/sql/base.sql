-- The base map, the same for every reader.
-- Criteria: $1 z, $2 x, $3 y. Output: one bytea, the layers land, water, park, block, road, rail.
with frame as (
  select st_tileenvelope($1, $2, $3) as tile, st_transform(st_tileenvelope($1, $2, $3, margin => 0.015625), 4326) as wide
),
shown as (
  select b.id, b.kind, b.class, b.name_zh, b.name_en, st_asmvtgeom(st_transform(b.geom, 3857), f.tile, 4096, 64) as geom
  from frame f
  join base_feature b on b.geom && f.wide
  where b.min_zoom <= $1
),
kept as (select * from shown where geom is not null)
select coalesce(string_agg(
  (select st_asmvt(f, k.kind, 4096, 'geom', 'id')
   from (select id, nullif(class, '') as class, nullif(name_zh, '') as name_zh, nullif(name_en, '') as name_en, geom
         from kept where kept.kind = k.kind order by id) f), ''::bytea order by k.kind), '')
from (select distinct kind from kept) k
