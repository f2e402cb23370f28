-- Where the children of some areas do not tile them exactly.
-- Criteria: $1 codes of the parents, $2 tolerance in metres.
-- Columns: fault, parent, codes, lon, lat, area (m²), width (m), the largest first.
-- A region counts if it is somewhere wider than the tolerance: if something is left after taking half of it off all
-- around. Two borders drawn from the same survey by different offices differ by slivers of any length.
with child as materialized (
  select code, parent, st_transform(geom, 4547) as geom from area where parent = any ($1)
),
covered as materialized (
  select parent, st_union(geom) as geom from child group by parent
),
-- A parent that is not known is taken to be what its children enclose.
whole as materialized (
  select c.parent, c.geom as covered,
         coalesce(st_transform(p.geom, 4547),
                  (select st_union(st_makepolygon(st_exteriorring(d.geom))) from st_dump(c.geom) d)) as geom
  from covered c left join area p on p.code = c.parent
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
       st_x(p.at), st_y(p.at), st_area(w.geom), coalesce(2 * r.radius, 0)
from wide w,
     lateral (select st_transform(st_pointonsurface(w.core), 4326) as at) p,
     lateral (select radius from st_maximuminscribedcircle(w.geom)) r
order by st_area(w.geom) desc, w.parent, 3;
