-- One row if this run had something to write into the log of one grain, and another run wrote first.
with asked as (
  -- another run's difference says nothing of where this run's rows would be
  select max(pending.base_sequence) as base_sequence,
    case when max(pending.as_of) = as_of_instant then max(pending.base_sequence) else 0 end as written_after
  from pending
  where pending.is_news
),
mine as (
  select count(*) as written from log inner join asked on log.sequence > asked.written_after where log.run_id = run_name
)
select 1 as one from asked cross join mine where asked.base_sequence is not null and mine.written = 0
