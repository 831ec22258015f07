-- A run is done: what it wrote and what it held back.
with asked as (
  select pending.status from pending where pending.kind = 'segment' and pending.status <> 'left'
),
counts as (
  select count(*) as segments,
    coalesce(sum(case when asked.status in held_back_statuses then 1 else 0 end), 0) as held_back
  from asked
),
wrote as (
  select coalesce(sum(case when written.change = 'entered' then 1 else 0 end), 0) as entered,
    coalesce(sum(case when written.change = 'exited' then 1 else 0 end), 0) as exited
  from written
)
select run_name as run_id,
  case
    when exists (select 1 from overtaken) then 'overtaken'
    when counts.held_back > 0 then 'failed'
    else 'finished'
  end as status,
  finished_instant as finished_at, cast(counts.segments as bigint) as segments, cast(wrote.entered as bigint) as entered,
  cast(wrote.exited as bigint) as exited, cast(counts.held_back as bigint) as held_back,
  cast(null as text) as note
from counts
cross join wrote
where reads_everything and not exists (select 1 from known where known.run_id = run_name)
