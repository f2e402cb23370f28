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
kept as (select * from shown where geom is not null),
layers as (
  select kind, st_asmvt(k, kind, 4096, 'geom', 'id') as layer
  from (select kind as layer_kind, id, kind, class, name_zh, name_en, geom from kept order by id) k
  group by kind
)
select coalesce(string_agg(layer, ''::bytea order by kind), '') from layers
