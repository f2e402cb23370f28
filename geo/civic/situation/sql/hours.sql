-- What each of the $4 hours before $3 changed in the area whose codes lie in [$1, $2).
-- Columns: hour counted backwards (0 is the last sixty minutes); incidents reported, ended (less those reopened), closed,
-- closed on time; declarations, those by residents themselves; houses that became orange or red (less those that
-- ceased to be), houses graded (less those that ceased to be); incidents that became overdue (less those that ceased
-- to be), of which the ledger's stretches tell.
with happened (at, reported, ended, closed, on_time, declared, self, riskier, graded, overdue) as (
  select reported_at, 1, 0, 0, 0, 0, 0, 0, 0, 0 from incident
  where code >= $1 and code < $2 and reported_at > $3::timestamptz - make_interval(hours => $4::int) and reported_at <= $3
  union all
  select at, 0, case action when 'reopen' then -1 else 1 end, 0, 0, 0, 0, 0, 0, 0 from evidence
  where code >= $1 and code < $2 and at > $3::timestamptz - make_interval(hours => $4::int) and at <= $3
    and noun = 'incident' and action in ('close', 'reject', 'merge', 'reopen')
  union all
  select closed_at, 0, 0, 1, (closed_at <= finish_by)::int, 0, 0, 0, 0, 0 from incident
  where code >= $1 and code < $2 and closed_at > $3::timestamptz - make_interval(hours => $4::int) and closed_at <= $3
  union all
  select submitted_at, 0, 0, 0, 0, 1, (source = 'qr')::int, 0, 0, 0 from declaration
  where code >= $1 and code < $2 and submitted_at > $3::timestamptz - make_interval(hours => $4::int) and submitted_at <= $3
  union all
  select at, 0, 0, 0, 0, 0, 0,
         (coalesce(new_grade, '') in ('orange', 'red'))::int - (coalesce(old_grade, '') in ('orange', 'red'))::int,
         (new_grade is not null)::int - (old_grade is not null)::int, 0
  from grade_event
  where code >= $1 and code < $2 and at > $3::timestamptz - make_interval(hours => $4::int) and at <= $3
  union all
  -- At its deadline itself a case is not overdue yet.
  select e.at, 0, 0, 0, 0, 0, 0, 0, 0, e.step
  from incident_stretch s, lateral (values (greatest(s.since, s.due_at + interval '1 microsecond'), 1), (s.until, -1)) e (at, step)
  where s.code >= $1 and s.code < $2 and s.until > $3::timestamptz - make_interval(hours => $4::int) and s.due_at < s.until
    and e.at > $3::timestamptz - make_interval(hours => $4::int) and e.at <= $3
)
-- By the hours' beginnings, which do not belong to them: dividing each interval would take as long again as reading it.
select $4::int - width_bucket(at, array(
         select $3::timestamptz - make_interval(hours => h) + interval '1 microsecond' from generate_series($4::int, 1, -1) h)) as hour,
       sum(reported), sum(ended), sum(closed), sum(on_time), sum(declared), sum(self), sum(riskier), sum(graded), sum(overdue)
from happened group by 1
