-- The newest exit of each key from each segment before this as-of. At an instant where its changes cancel out (corrections) a
-- key did not leave.
select ends.segment, ends.entity_key, max(ends.changed_at) as exited_at
from (
  select log.segment, log.entity_key, log.changed_at
  from log
  where log.change in ('entered', 'exited') and log.changed_at < as_of_instant
  group by log.segment, log.entity_key, log.changed_at
  having sum(case when log.change = 'exited' then 1 else -1 end) = 1
) as ends
group by ends.segment, ends.entity_key
