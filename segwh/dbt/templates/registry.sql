-- Every segment of the rules: what it is called, means and belongs to, and when it was evaluated.
select rules.segment, rules.label, rules.description, rules.owner, rules.tags, rules.entity, rules.grain, rules.type,
  rules.status, rules.expires_on is null as evergreen, rules.expires_on, rules.time_to_live, rules.rule_hash, rules.rule,
  rules.source_file, rules.source_line, marks.first_evaluated_at, marks.last_evaluated_at
from rules
left join marks on marks.segment = rules.segment and marks.grain = rules.grain
where not rules.hidden
