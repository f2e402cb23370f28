-- What stands now in the area whose codes lie in [$1, $2), as of $3.
-- Columns: open incidents, overdue ones, houses graded orange or red, graded houses.
select
  (select count(*) from incident where code >= $1 and code < $2 and due_at is not null),
  (select count(*) from incident where code >= $1 and code < $2 and due_at < $3::timestamptz),
  (select coalesce(sum(n), 0) from heat_state
    where measure = 'grade' and class in ('orange', 'red') and code >= $1 and code < $2),
  (select coalesce(sum(n), 0) from heat_state
    where measure = 'grade' and class in ('green', 'yellow', 'orange', 'red', 'grey') and code >= $1 and code < $2)
