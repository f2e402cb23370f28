-- Open incidents within the scope; up to zoom 13 those in the same square of 256 tile units as one, with their number.
-- Criteria: $1 z, $2 x, $3 y. Output: one bytea, the layers incident, incident_crowd.
-- Points are brought to the world of 2^30 units first, as the live picture holds them, so that squares are the same.
with shown as (
  select id, type, status, source, severity, floor(extract(epoch from due_at))::bigint as due_at,
         floor(extract(epoch from reported_at))::bigint as reported_at, nullif(escalation, 0) as escalation,
         floor((st_x(geom) + 180) / 360 * 1073741824 + 0.5)::bigint as wx,
         floor((0.5 - ln((1 + sin(radians(st_y(geom)))) / (1 - sin(radians(st_y(geom))))) / (4 * pi())) * 1073741824 + 0.5)::bigint as wy
  from incident
  where status not in ('rejected', 'closed', 'merged')
),
placed as (
  select s.*, (wx - ($2::bigint << (30 - $1)) + (1 << (18 - $1) >> 1)) >> (18 - $1) as px,
              (wy - ($3::bigint << (30 - $1)) + (1 << (18 - $1) >> 1)) >> (18 - $1) as py
  from shown s
),
squared as (
  select p.*, py / 256 * 16 + px / 256 as square,
         case when $1 <= 13 then count(*) over (partition by py / 256 * 16 + px / 256) else 1 end as together
  from placed p
  where px between 0 and 4095 and py between 0 and 4095
),
single as (
  select id, type, status, source, severity, due_at, reported_at, escalation, st_makepoint(px, 4096 - py) as geom
  from squared where together = 1
),
crowd as (
  select square + 1 as id, count(*) as n, nullif(count(*) filter (where severity = 1), 0) as n1,
         nullif(count(*) filter (where severity = 2), 0) as n2, nullif(count(*) filter (where severity = 3), 0) as n3,
         nullif(count(*) filter (where severity = 4), 0) as n4, min(due_at) as due_at,
         st_makepoint(avg(px), 4096 - avg(py)) as geom
  from squared where together > 1
  group by square
)
select coalesce((select st_asmvt(i, 'incident', 4096, 'geom', 'id') from (
         select id, type, status, source, severity, due_at, reported_at, escalation,
                st_asmvtgeom(geom, st_makeenvelope(0, 0, 4096, 4096), 4096, 0) as geom
         from single order by id) i), '')
    || coalesce((select st_asmvt(c, 'incident_crowd', 4096, 'geom', 'id') from (
         select id, n, n1, n2, n3, n4, due_at, st_asmvtgeom(geom, st_makeenvelope(0, 0, 4096, 4096), 4096, 0) as geom
         from crowd order by id) c), '')
