-- The size of the segments of one grain at each as-of, after the last correction.
select newest.segment, newest.changed_at as as_of, newest.members, newest.entered, newest.exited,
  cast(newest.members as double) / nullif(newest.population, 0) as share, newest.left_out, newest.status
from (
  select log.segment, log.changed_at, log.members, log.entered, log.exited, log.population, log.left_out, log.status,
    row_number() over (partition by log.segment, log.changed_at order by log.sequence desc) as place
  from log
  where log.change = 'evaluated'
) as newest
where newest.place = 1
