-- Where the children of some areas do not tile them exactly.
-- Criteria: $1 codes of the parents, $2 tolerance in metres.
-- Columns: fault, parent, codes, lon, lat, area (m²), width (m), the largest first.
-- A region counts if it is somewhere wider than the tolerance: if something is left after taking half of it off all
-- around. Two borders drawn from the same survey by different offices differ by slivers of any length.
-- Degrees are stretched to metres by the scale at the middle of each parent, and not projected: a border drawn straight
-- between two corners passes through the corners that a neighbour has on it only as long as straight stays straight
-- (in EPSG:4547 a border of 10 km bends by 0.7 m, which would be a gap).
with part as materialized (
  select a.code, a.parent, a.geom from area a where a.parent = any ($1)
),
-- Metres in a degree of longitude (kx) and latitude (ky): the series of the WGS-84 ellipsoid to the third term.
scale as materialized (
  select parent,
         111412.84 * cos(lat) - 93.5 * cos(3 * lat) + 0.118 * cos(5 * lat) as kx,
         111132.954 - 559.822 * cos(2 * lat) + 1.175 * cos(4 * lat) as ky
  from (select parent, radians((st_ymin(st_extent(geom)) + st_ymax(st_extent(geom))) / 2) as lat from part group by parent) m
),
child as materialized (
  select p.code, p.parent, st_scale(p.geom, s.kx, s.ky) as geom from part p join scale s using (parent)
),
covered as materialized (
  select parent, st_union(geom) as geom from child group by parent
),
-- A parent that is not known is taken to be what its children enclose.
whole as materialized (
  select c.parent, c.geom as covered,
         coalesce(st_scale(p.geom, s.kx, s.ky),
                  (select st_union(st_makepolygon(st_exteriorring(d.geom))) from st_dump(c.geom) d)) as geom
  from covered c join scale s using (parent) left join area p on p.code = c.parent
),
region as (
  select 'gap' as fault, w.parent, null::text[] as codes, d.geom
  from whole w, st_dump(st_collectionextract(st_difference(w.geom, w.covered), 3)) d
  union all
  select 'outside', w.parent, null, d.geom
  from whole w, st_dump(st_collectionextract(st_difference(w.covered, w.geom), 3)) d
  union all
  select 'overlap', a.parent, array[a.code, b.code], d.geom
  from child a join child b on a.parent = b.parent and a.code < b.code and a.geom && b.geom,
       st_dump(st_collectionextract(st_intersection(a.geom, b.geom), 3)) d
  where st_relate(a.geom, b.geom, 'T********')
),
-- What is left of a region is its core: slivers that lead away from it along a border are no part of the finding.
wide as (
  select r.*, c.core from region r, lateral (select st_buffer(r.geom, -$2::float8 / 2) as core) c where not st_isempty(c.core)
)
select w.fault, w.parent,
       coalesce(w.codes, (select array_agg(c.code order by c.code) from child c
                          where c.parent = w.parent and c.geom && st_expand(w.core, $2)
                            and st_dwithin(c.geom, w.core, case w.fault when 'gap' then $2 else 0 end)), '{}'),
       st_x(p.at) / s.kx, st_y(p.at) / s.ky, st_area(w.geom), coalesce(2 * r.radius, 0)
from wide w join scale s using (parent),
     lateral (select st_pointonsurface(w.core) as at) p,
     lateral (select radius from st_maximuminscribedcircle(w.geom)) r
order by st_area(w.geom) desc, w.parent, 3;
