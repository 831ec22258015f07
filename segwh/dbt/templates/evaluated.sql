-- One row for each segment that the evaluation covers, with the rule it stands for. The evaluation counts only when it saw
-- all data (not a sample) and facts of this very as-of.
select 'segment' as kind, covered.segment, null as entity_key, covered.rule_hash, as_of_instant as as_of,
  reads_everything and coalesce(facts_age.oldest = as_of_instant and facts_age.newest = as_of_instant, true) as is_fresh,
  coalesce(missing.left_out, 0) as left_out, facts_age.population
from covered
cross join facts_age
left join missing on missing.segment = covered.segment
