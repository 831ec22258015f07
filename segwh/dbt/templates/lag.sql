-- A relation whose newest row is older than the catalog allows.
select source_name as subject, concat(source_text, ' has no row of the last ', lag_text) as problem
from source
where counts
having coalesce(max(row_time) < oldest_allowed, true)
