-- Who is in which segment now. A member who stays keeps the very same row.
select concat(recorded.segment, ':', cast(recorded.entity_key as text)) as membership_id, recorded.segment,
  recorded.entity_key, recorded.entered_at
from recorded
where recorded.is_member
