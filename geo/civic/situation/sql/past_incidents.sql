-- Incidents of the area whose codes lie in [$1, $2) that were open right before $3, by the stretches that the ledger tells.
-- Columns: id, code, type, severity, status then, reported at, deadline then, longitude, latitude.
select i.id, i.code, i.type, i.severity, s.status, i.reported_at, s.due_at, st_x(i.geom), st_y(i.geom)
from incident_stretch s
-- Limited, so that each is looked up: joined, all incidents that ever were would be read.
join lateral (select * from incident where id = s.incident_id limit 1) i on true
where s.until >= $3 and s.since < $3 and s.code >= $1 and s.code < $2
