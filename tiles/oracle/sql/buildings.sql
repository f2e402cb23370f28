-- Buildings within the scope with their grade, and from zoom 16 their names.
-- Criteria: $1 z, $2 x, $3 y. Output: one bytea, the layers building, building_label.
with frame as (
  select st_tileenvelope($1, $2, $3) as tile, st_transform(st_tileenvelope($1, $2, $3, margin => 0.015625), 4326) as wide
),
shown as (
  select b.id, b.name_zh, b.name_en, b.height_m, b.geom, s.grade, s.use
  from frame f
  join building b on b.geom && f.wide
  left join building_state s on s.building_id = b.id
),
footprints as (
  select id,
         array_position(array['green', 'yellow', 'orange', 'red', 'grey'], grade) as g,
         array_position(array['self_occupied', 'whole_let', 'shared_let', 'dormitory', 'daily_let', 'vacant',
                              'non_residential'], use) as u,
         round(height_m)::integer as h,
         st_asmvtgeom(st_transform(geom, 3857), f.tile, 4096, 64) as geom
  from shown, frame f
),
labels as (
  select id, name_zh, name_en, st_asmvtgeom(st_transform(st_pointonsurface(geom), 3857), f.tile, 4096, 0) as geom
  from shown, frame f
  where $1 >= 16 and (name_zh <> '' or name_en <> '')
)
select coalesce((select st_asmvt(p, 'building', 4096, 'geom', 'id') from (select * from footprints where geom is not null order by id) p), '')
    || coalesce((select st_asmvt(n, 'building_label', 4096, 'geom', 'id') from (select * from labels where geom is not null order by id) n), '')
