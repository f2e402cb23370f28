-- Lean tables for others' servers, in both projections, stored along a curve so that a tile's rows lie together.
drop schema if exists peer cascade;
create schema peer;
create table peer.building_4326 as
select b.id,
       array_position(array['green', 'yellow', 'orange', 'red', 'grey'], s.grade)::smallint as g,
       array_position(array['self_occupied', 'whole_let', 'shared_let', 'dormitory', 'daily_let', 'vacant',
                            'non_residential'], s.use)::smallint as u,
       round(b.height_m)::smallint as h,
       st_collectionhomogenize(b.geom)::geometry(Geometry, 4326) as geom
from building b
left join building_state s on s.building_id = b.id
order by st_geohash(st_centroid(b.geom), 10);
create table peer.building_3857 as
select id, g, u, h, st_transform(geom, 3857)::geometry(Geometry, 3857) as geom from peer.building_4326;
create index on peer.building_4326 using gist (geom);
create index on peer.building_3857 using gist (geom);
analyze peer.building_4326;
analyze peer.building_3857;
