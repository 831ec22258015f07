-- The newest exit of each key from each segment.
select log.segment, log.entity_key, max(log.changed_at) as exited_at
from log
where log.change = 'exited'
group by log.segment, log.entity_key
