-- One row a run. A run without `finished_at` is under way or died; the next run brings the tables in order.
-- Beside the runs: what was done to the log itself, a segment renamed or a key erased.
select starts.run_id, starts.as_of, coalesce(ends.status, 'started') as status, starts.started_at, ends.finished_at,
  ends.segments, ends.entered, ends.exited, ends.held_back, starts.package_version, starts.contract_version, ends.note
from starts
left join ends on ends.run_id = starts.run_id
union all
select ends.run_id, cast(null as timestamptz) as as_of, ends.status, ends.finished_at as started_at, ends.finished_at,
  ends.segments, ends.entered, ends.exited, ends.held_back, cast(null as text) as package_version,
  cast(null as bigint) as contract_version, ends.note
from ends
where ends.status in ('erased', 'renamed')
