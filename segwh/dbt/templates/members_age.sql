-- The row of the evaluation that says of which as-of its members are, in place of a segment's name and without a key. A column
-- for it would be written once for every member.
select
  case
    when reads_everything
      and coalesce(min(facts.evaluated_at) = as_of_instant and max(facts.evaluated_at) = as_of_instant, true) then members_name
    else 'of another as-of'
  end as segment,
  null as entity_key
from facts
