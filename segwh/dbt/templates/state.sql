-- The rows of the state that the log's newest rows change.
select 'member' as kind, folded.segment, folded.entity_key, folded.is_member, folded.entered_at, folded.changed_at,
  newest.sequence, folded.computed_hash, cast(null as text) as status, cast(null as timestamptz) as first_evaluated_at,
  cast(null as bigint) as correction
from folded
cross join (select coalesce(max(tail.sequence), 0) as sequence from tail) as newest
union all
select 'segment' as kind, recorded_segments.segment, null as entity_key, false as is_member,
  cast(null as timestamptz) as entered_at, recorded_segments.changed_at, recorded_segments.sequence,
  recorded_segments.computed_hash, recorded_segments.status, recorded_segments.first_evaluated_at, recorded_segments.correction
from recorded_segments
cross join applied
where recorded_segments.sequence > applied.sequence
