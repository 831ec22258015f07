-- A log without rows, its key typed as in the customer's own table.
select cast(null as text) as change_id, cast(null as text) as segment, shape.entity_key, cast(null as text) as change,
  cast(null as timestamptz) as changed_at, cast(null as text) as reason, cast(null as text) as rule_hash,
  cast(null as text) as run_id, cast(null as bigint) as sequence, cast(null as text) as status,
  cast(null as text) as computed_hash, cast(null as bigint) as correction,
  cast(null as timestamptz) as first_evaluated_at, cast(null as bigint) as members, cast(null as bigint) as entered,
  cast(null as bigint) as exited, cast(null as bigint) as left_out, cast(null as bigint) as population
from shape
where 1 = 0
