-- How the segments of an earlier grain of the entity fared in this run.
select pending.segment, pending.as_of = as_of_instant and pending.status not in ('kept', 'blocked', 'skipped', 'orphaned')
  as is_current
from pending
where pending.kind = 'segment'
