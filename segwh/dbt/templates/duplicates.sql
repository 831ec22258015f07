-- A relation that should hold one row a key, but does not.
select source_name as subject, concat(source_text, ' has ', cast(count(*) as text), ' keys with more than one row') as problem
from (
  select source.entity_key from source where source.entity_key is not null and is_valid group by source.entity_key
  having count(*) > 1
) as repeated
having count(*) > 0
