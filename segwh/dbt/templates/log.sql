-- The rows that this run adds to the log: one atomic append that is the run's commit. It happens only if nothing was
-- appended since the difference was taken, and if no other run has written into another log since this one began.
with base as (
  select coalesce(max(pending.base_sequence), 0) as sequence from pending
),
-- only the log's end is read, however long it is
newest as (
  select coalesce(max(log.sequence), 0) as sequence
  from log
  where log.sequence >= (select base.sequence from base)
)
select
  md5(concat_ws(':', pending.segment, coalesce(cast(pending.entity_key as text), ''), as_of_name, pending.change,
    cast(pending.correction as text))) as change_id,
  pending.segment, pending.entity_key, pending.change, pending.as_of as changed_at, pending.reason, pending.rule_hash,
  run_name as run_id,
  newest.sequence + row_number() over (order by pending.kind, pending.segment, pending.entity_key, pending.change) as sequence,
  pending.status, pending.computed_hash, pending.correction, pending.first_evaluated_at, pending.members, pending.entered,
  pending.exited, pending.left_out, pending.population
from pending
inner join newest on newest.sequence = pending.base_sequence
where pending.is_news and pending.as_of = as_of_instant and not is_elsewhere_overtaken
