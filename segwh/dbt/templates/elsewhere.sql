-- How the segments of another grain that is done fared in this run. What members of that kind a segment had before it got others
-- says nothing of it. One that the run is not about has a problem where it would have been blocked.
select pending.segment,
  pending.as_of = as_of_instant and pending.status not in ('kept', 'blocked', 'skipped', 'orphaned')
    and (pending.status <> 'left' or pending.problem is null) as is_current,
  pending.as_of = as_of_instant and pending.status not in ('skipped', 'orphaned') as is_read
from pending
inner join rules on rules.segment = pending.segment and rules.grain = grain_name
where pending.kind = 'segment'
