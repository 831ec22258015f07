-- Every evaluation of the segments of one grain.
select grain_name as grain, log.segment, log.changed_at, log.sequence, log.members, log.entered, log.exited, log.population,
  log.left_out, log.status
from log
where log.change = 'evaluated'
