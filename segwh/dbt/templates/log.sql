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
),
counted as (
  select pending.segment, count(*) as changes from pending where pending.kind = 'change' group by pending.segment
),
-- a row a segment, and where in the log its rows come: all changes first, by segment and key, and after them the segments' own.
-- There are no nulls to come first; of those that came last some engines know nothing in a sum.
evaluated as (
  select pending.segment, pending.as_of, pending.reason, pending.rule_hash, pending.status, pending.status_of_changes, pending.computed_hash,
    pending.correction, pending.first_evaluated_at, pending.members, pending.entered, pending.exited, pending.left_out,
    pending.population,
    newest.sequence + sum(coalesce(counted.changes, 0))
      over (order by pending.segment nulls first rows between unbounded preceding and current row)
      - coalesce(counted.changes, 0) as changes_after,
    newest.sequence + sum(coalesce(counted.changes, 0)) over () + row_number() over (order by pending.segment) as sequence
  from pending
  inner join newest on newest.sequence = pending.base_sequence
  left join counted on counted.segment = pending.segment
  where pending.kind = 'segment' and pending.is_news and pending.as_of = as_of_instant and not is_elsewhere_overtaken
),
-- numbered segment by segment, so that an engine can share the work, and with no more columns than that takes
numbered as (
  select pending.segment, pending.entity_key, pending.change, pending.reason,
    row_number() over (partition by pending.segment order by pending.entity_key, pending.change) as place
  from pending
  where pending.kind = 'change'
)
select
  md5(concat_ws(':', numbered.segment, coalesce(cast(numbered.entity_key as text), ''), as_of_name, numbered.change,
    cast(evaluated.correction as text))) as change_id,
  numbered.segment, numbered.entity_key, numbered.change, evaluated.as_of as changed_at, numbered.reason, evaluated.rule_hash,
  run_name as run_id,
  cast(evaluated.changes_after + numbered.place as bigint) as sequence,
  evaluated.status_of_changes as status, evaluated.computed_hash, evaluated.correction,
  cast(null as timestamptz) as first_evaluated_at, cast(null as bigint) as members, cast(null as bigint) as entered,
  cast(null as bigint) as exited, cast(null as bigint) as left_out, cast(null as bigint) as population
from numbered
inner join evaluated on evaluated.segment = numbered.segment
union all
select
  md5(concat_ws(':', evaluated.segment, '', as_of_name, 'evaluated', cast(evaluated.correction as text))) as change_id,
  evaluated.segment, null as entity_key, 'evaluated' as change, evaluated.as_of as changed_at, evaluated.reason,
  evaluated.rule_hash, run_name as run_id,
  cast(evaluated.sequence as bigint) as sequence,
  evaluated.status, evaluated.computed_hash, evaluated.correction, evaluated.first_evaluated_at, evaluated.members,
  evaluated.entered, evaluated.exited, evaluated.left_out, evaluated.population
from evaluated
