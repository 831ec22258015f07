-- A run begins: its as-of, from which every other model takes it. Where every segment that it is about was evaluated at a later
-- one already, no row is added and the run ends here: facts of an older as-of would only spoil what stands.
with open_segments as (
  select count(*) as number
  from rules
  left join logged on logged.grain = rules.grain and logged.segment = rules.segment
  left join logged as former on former.grain = rules.grain and former.segment = rules.was
  where is_wanted and not coalesce(logged.is_later, former.is_later, false)
)
select run_name as run_id, as_of_instant as as_of, as_of_name as as_of_text, started_instant as started_at,
  package_version as package_version, contract_version as contract_version, cast(log_ends as text) as log_ends,
  cast(suppression_lists as text) as suppression_lists, cast(project_name as text) as project
from open_segments
where reads_everything and (open_segments.number > 0 or removes_some or not exists (select 1 from rules where is_wanted))
