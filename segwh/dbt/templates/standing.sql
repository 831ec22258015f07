-- What the books said before this run: who is in, who left at the newest instant or is hidden, and how each segment was last
-- evaluated.
select 'member' as kind, recorded.segment, recorded.entity_key, recorded.is_member, recorded.entered_at, recorded.changed_at,
  recorded.computed_hash, cast(null as text) as status, cast(null as timestamptz) as first_evaluated_at,
  cast(null as bigint) as correction, cast(null as bigint) as sequence
from recorded
union all
select 'segment' as kind, recorded_segments.segment, null as entity_key, false as is_member,
  cast(null as timestamptz) as entered_at, recorded_segments.changed_at, recorded_segments.computed_hash,
  recorded_segments.status, recorded_segments.first_evaluated_at, recorded_segments.correction, recorded_segments.sequence
from recorded_segments
