-- The segments of another entity that rules refer to, and that were not evaluated as they should have been in this run.
select referred.subject, concat(referred.subject, ': ', coalesce(evaluated_segments.problem, 'it was not evaluated in this run'))
  as problem
from referred
left join evaluated_segments on evaluated_segments.segment = referred.segment
  and evaluated_segments.rule_hash = referred.rule_hash and evaluated_segments.as_of = as_of_instant
where evaluated_segments.segment is null or evaluated_segments.problem is not null
