-- Whether the segments of one grain were evaluated at a later as-of than this run's: as the state has it, and the log after that.
select grain_name as grain, evaluated.segment, max(evaluated.changed_at) > as_of_instant as is_later
from (
  select state.segment, state.changed_at from state where state.kind = 'segment'
  union all
  select log.segment, log.changed_at
  from log
  where log.change = 'evaluated' and log.sequence > (select coalesce(max(state.sequence), 0) as sequence from state)
) as evaluated
group by evaluated.segment
