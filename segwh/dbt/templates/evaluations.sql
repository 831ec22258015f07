-- The newest evaluation of each segment of a grain at each as-of.
select grain_name as grain, newest.segment, newest.changed_at, newest.run_id, newest.members, newest.entered, newest.exited,
  newest.population, newest.left_out, newest.status
from (
  select log.segment, log.changed_at, log.run_id, log.members, log.entered, log.exited, log.population, log.left_out, log.status,
    row_number() over (partition by log.segment, log.changed_at order by log.sequence desc) as place
  from log
  where log.change = 'evaluated'
) as newest
where newest.place = 1
