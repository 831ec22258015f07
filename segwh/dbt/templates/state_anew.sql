-- The state up to the log's newest row, whole: what the rows before it say and the log's rows after that, without what
-- nothing needs any more (leavers of instants gone by, those who were hidden from a frozen set that is no more).
select 'member' as kind, recorded.segment, recorded.entity_key, recorded.is_member, recorded.entered_at, recorded.changed_at,
  applied.sequence, recorded.computed_hash, cast(null as text) as status, cast(null as timestamptz) as first_evaluated_at,
  cast(null as bigint) as correction
from recorded
left join recorded_segments on recorded_segments.segment = recorded.segment
cross join applied
where recorded.is_member
  or coalesce(recorded.changed_at >= recorded_segments.changed_at, recorded_segments.segment is null)
  or coalesce(recorded.computed_hash = recorded_segments.computed_hash, false)
union all
select 'segment' as kind, recorded_segments.segment, null as entity_key, false as is_member,
  cast(null as timestamptz) as entered_at, recorded_segments.changed_at, recorded_segments.sequence,
  recorded_segments.computed_hash, recorded_segments.status, recorded_segments.first_evaluated_at, recorded_segments.correction
from recorded_segments
