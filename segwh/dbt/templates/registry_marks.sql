-- When the segments of one grain were first and last evaluated.
select recorded_segments.segment, grain_name as grain, recorded_segments.first_evaluated_at,
  recorded_segments.changed_at as last_evaluated_at
from recorded_segments
