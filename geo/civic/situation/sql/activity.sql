-- How much happened in the area whose codes lie in [$1, $2) in each slot of width $5 from $3 on and before $4.
-- Columns: the slot's beginning; entries of the ledger on incidents, on declarations; changes of grade.
with slot as (
  select at from generate_series($3::timestamptz, $4::timestamptz - interval '1 microsecond', $5::interval) as s (at)
), happened (at, incidents, declarations, grades) as (
  select date_bin($5::interval, at, $3::timestamptz), (noun = 'incident')::int, (noun = 'declaration')::int, 0
  from evidence
  where code >= $1 and code < $2 and at >= $3 and at < $4 and noun in ('incident', 'declaration')
  union all
  select date_bin($5::interval, at, $3::timestamptz), 0, 0, 1
  from grade_event where code >= $1 and code < $2 and at >= $3 and at < $4
)
select s.at, coalesce(sum(h.incidents), 0), coalesce(sum(h.declarations), 0), coalesce(sum(h.grades), 0)
from slot s left join happened h on h.at = s.at
group by s.at order by s.at
