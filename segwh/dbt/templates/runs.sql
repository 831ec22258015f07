-- One row a run. A run without `finished_at` is under way or died; the next run brings the tables in order.
select starts.run_id, starts.as_of, coalesce(ends.status, 'started') as status, starts.started_at, ends.finished_at,
  ends.segments, ends.entered, ends.exited, ends.held_back, starts.package_version, starts.contract_version
from starts
left join ends on ends.run_id = starts.run_id
