-- One row for each segment that the evaluation covers, with the rule it stands for, and what is wrong with the data it needs
-- if something is: then nothing is concluded from it.
select covered.segment, covered.rule_hash, as_of_instant as as_of,
  case
    when not reads_everything then 'only a part of the data was read'
    when facts_age.oldest <> as_of_instant or facts_age.newest <> as_of_instant then 'its facts are of another as-of'
    when members_age.as_of is null or members_age.as_of <> members_name then 'its members are of another as-of'
    when facts_age.keys <> facts_age.distinct_keys then duplicate_keys
    else faults.problem
  end as problem,
  coalesce(missing.left_out, 0) as left_out, facts_age.population
from covered
cross join facts_age
cross join (
  -- an evaluation in chunks has a row of each: one that was left out of the run is of another as-of
  select case when min(evaluation.segment) = max(evaluation.segment) then max(evaluation.segment) end as as_of
  from evaluation where evaluation.entity_key is null
) as members_age
left join missing on missing.segment = covered.segment
left join (
  select needs.segment, min(checks.problem) as problem
  from needs
  inner join checks on checks.subject = needs.subject
  group by needs.segment
) as faults on faults.segment = covered.segment
