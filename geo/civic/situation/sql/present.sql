-- What stands now in the area whose codes lie in [$1, $2), as of $3.
-- Columns: open incidents, overdue ones, houses graded orange or red, graded houses; whether the ledger says the deadline
-- of all that was open in the $4 hours before.
select
  (select count(*) from incident where code >= $1 and code < $2 and due_at is not null),
  (select count(*) from incident where code >= $1 and code < $2 and due_at < $3::timestamptz),
  (select coalesce(sum(orange + red), 0) from heat_base where code >= $1 and code < $2),
  (select coalesce(sum(graded), 0) from heat_base where code >= $1 and code < $2),
  (select not exists (select from incident_stretch
    where not told and code >= $1 and code < $2 and until > $3::timestamptz - make_interval(hours => $4::int)))
