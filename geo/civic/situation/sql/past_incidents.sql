-- Incidents of the area whose codes lie in [$1, $2) that were open at $3: reported before, and by the ledger's last entry
-- before then neither closed nor rejected nor merged. Those that are open now or were stepped on since then are all there
-- can be.
-- Columns: id, code, type, severity, status then, reported at, deadline then, longitude, latitude.
with candidate as (
  select id from incident where code >= $1 and code < $2 and due_at is not null and reported_at < $3
  union
  select subject::bigint from evidence
  where code >= $1 and code < $2 and at >= $3 and noun = 'incident'
), stood as (
  -- Not the last entry for each candidate one by one: with a limit the planner walks the index of all entries back to
  -- whenever that incident was last stepped on.
  select distinct on (e.subject) c.id, e.after ->> 'status' as status, (e.after ->> 'due_at')::timestamptz as due_at
  from candidate c join evidence e on e.noun = 'incident' and e.subject = c.id::text and e.at < $3
  order by e.subject, e.at desc, e.id desc
)
select i.id, i.code, i.type, i.severity, s.status, i.reported_at, s.due_at, st_x(i.geom), st_y(i.geom)
from stood s join incident i on i.id = s.id
where i.reported_at < $3 and s.status not in ('closed', 'rejected', 'merged')
order by i.id
