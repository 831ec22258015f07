-- A state without rows.
select cast(null as text) as kind, cast(null as text) as segment, shape.entity_key, cast(null as boolean) as is_member,
  cast(null as timestamptz) as entered_at, cast(null as timestamptz) as changed_at, cast(null as bigint) as sequence,
  cast(null as text) as computed_hash, cast(null as text) as status, cast(null as timestamptz) as first_evaluated_at,
  cast(null as bigint) as correction
from shape
where 1 = 0
