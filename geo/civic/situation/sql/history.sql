-- What happened in the area whose codes lie in [$1, $2), from $3 on and before $4; where $5, only behind the event at
-- ($6, $7, $8); of the topics $9, of all where that is empty; $10 events at the most, in the order of time, topic and
-- number.
-- Columns: at, topic, number in its ledger, id, code, action, before, after, type, severity, longitude, latitude,
-- names of the building whose grade changed.
with event as (
  (select e.at, e.noun as topic, e.id as seq, e.subject::bigint as id, e.code, e.action,
          coalesce(e.before ->> 'status', '') as was, coalesce(e.after ->> 'status', '') as now,
          case e.noun when 'declaration' then left(e.code, 19) end as house
   from evidence e
   where e.code >= $1 and e.code < $2 and e.at >= $3 and e.at < $4 and e.noun in ('incident', 'declaration')
     and (cardinality($9::text[]) = 0 or e.noun = any ($9))
     and (not $5 or (e.at, e.noun, e.id) /*after*/ > ($6::timestamptz, $7::text, $8::bigint))
   order by e.at /*order*/ asc, e.noun /*order*/ asc, e.id /*order*/ asc limit $10)
  union all
  (select g.at, 'grade', g.id, g.building_id, g.code, '', coalesce(g.old_grade, ''), coalesce(g.new_grade, ''), left(g.code, 19)
   from grade_event g
   where g.code >= $1 and g.code < $2 and g.at >= $3 and g.at < $4
     and (cardinality($9::text[]) = 0 or 'grade' = any ($9))
     and (not $5 or (g.at, 'grade'::text, g.id) /*after*/ > ($6::timestamptz, $7::text, $8::bigint))
   order by g.at /*order*/ asc, g.id /*order*/ asc limit $10)
  order by 1 /*order*/ asc, 2 /*order*/ asc, 3 /*order*/ asc limit $10
)
select v.at, v.topic, v.seq, v.id, v.code, v.action, v.was, v.now,
       coalesce(i.type, ''), coalesce(i.severity, 0), st_x(place.at), st_y(place.at),
       case when v.topic = 'grade' then coalesce(b.name_zh, '') else '' end,
       case when v.topic = 'grade' then coalesce(b.name_en, '') else '' end
from event v
left join incident i on v.topic = 'incident' and i.id = v.id
-- A column of the event, since the function that makes it is not leakproof, and would keep the join from the index.
left join building b on b.code = v.house
left join lateral (select coalesce(i.geom, st_pointonsurface(b.geom)) as at) place on true
order by v.at /*order*/ asc, v.topic /*order*/ asc, v.seq /*order*/ asc
