-- One row a stay, `[valid_from, valid_to)`: a function of the log alone. Of several changes at one instant the last counts,
-- so a correction never leaves a stay of length zero.
with told as (
  select log.segment, log.entity_key, log.change, log.changed_at, log.reason, log.rule_hash,
    row_number() over (partition by log.segment, log.entity_key, log.changed_at order by log.sequence desc) as place
  from log
  where log.change in ('entered', 'exited')
),
turned as (
  select told.segment, told.entity_key, told.change, told.changed_at, told.reason, told.rule_hash,
    -- without LAG's own default: views that DuckDB 1 has stored lose it in DuckDB 2
    coalesce(lag(told.change) over (partition by told.segment, told.entity_key order by told.changed_at), 'exited') as previous
  from told
  where told.place = 1
),
stays as (
  select turned.segment, turned.entity_key, turned.change, turned.changed_at as valid_from, turned.reason as entered_reason,
    turned.rule_hash,
    lead(turned.changed_at) over (partition by turned.segment, turned.entity_key order by turned.changed_at) as valid_to,
    lead(turned.reason) over (partition by turned.segment, turned.entity_key order by turned.changed_at) as exited_reason
  from turned
  where turned.change <> turned.previous
)
select stays.segment, stays.entity_key, stays.valid_from, stays.valid_to, stays.entered_reason, stays.exited_reason,
  stays.rule_hash
from stays
where stays.change = 'entered'
