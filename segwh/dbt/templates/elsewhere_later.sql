-- How the suppression segments of a grain that is not done yet, and others that rules look at, will fare in this run, as far as
-- its evaluation tells: whether their data was in order, and whether they lose or gain so many members that the circuit breaker
-- will keep them; of a suppression segment all, whatever its size. One that was kept before for its own losses is judged whatever
-- its size, too. A frozen one loses but those who are gone, whoever is evaluated.
select judged.segment, judged.problem is null and not judged.trips and coalesce(members_age.as_of = members_name, false) as is_current,
  judged.problem is null and coalesce(members_age.as_of = members_name, false) as is_read
from (
  select evaluated_segments.segment, evaluated_segments.problem,
    coalesce(
      (((losses.held >= 100 or (past.status = 'kept' and not rules.is_suppression)) and losses.gone > rules.max_exit_fraction * losses.held)
          or ((((losses.held >= 100 or (past.status = 'kept' and not rules.is_suppression)) and losses.lost > rules.max_exit_fraction * losses.held)
              or (coalesce(losses.held, 0) + gains.gained >= 100
                and gains.gained > rules.max_entry_fraction * coalesce(losses.held, 0)))
            and past.computed_hash = evaluated_segments.rule_hash
            and rules.type <> 'static' and rules.status = 'active' and coalesce(rules.expires_at > as_of_instant, true))
          or (rules.is_suppression and losses.lost = losses.held and (counts_values or losses.gone < losses.held)
            and arrived.segment is null))
        and evaluated_segments.segment not in accepted_names,
      false
    ) as trips
  from evaluated_segments
  inner join rules on rules.segment = evaluated_segments.segment
  left join standing as past on past.kind = 'segment' and past.segment = evaluated_segments.segment
  left join (
    select held.segment, count(*) as held,
      sum(case when evaluation.entity_key is null then 1 else 0 end) as lost,
      sum(case when existing.entity_key is null then 1 else 0 end) as gone
    from standing as held
    inner join rules as told on told.segment = held.segment and (told.is_suppression or told.segment in watched_names)
    left join evaluation on evaluation.segment = held.segment and evaluation.entity_key = held.entity_key
    left join (select distinct facts.entity_key from facts) as existing on existing.entity_key = held.entity_key
    where held.kind = 'member' and held.is_member
    group by held.segment
  ) as losses on losses.segment = evaluated_segments.segment
  left join (
    select evaluation.segment, count(*) as gained
    from evaluation
    inner join rules as told on told.segment = evaluation.segment and told.max_entry_fraction is not null
      and told.segment in watched_names
    left join standing as held on held.kind = 'member' and held.is_member
      and held.segment = evaluation.segment and held.entity_key = evaluation.entity_key
    where is_growth_limited and evaluation.entity_key is not null and held.entity_key is null
    group by evaluation.segment
  ) as gains on gains.segment = evaluated_segments.segment
  left join (select distinct evaluation.segment from evaluation where evaluation.entity_key is not null) as arrived
    on arrived.segment = evaluated_segments.segment
  where (rules.is_suppression or rules.segment in watched_names) and evaluated_segments.as_of = as_of_instant
) as judged
cross join (
  select case when min(evaluation.segment) = max(evaluation.segment) then max(evaluation.segment) end as as_of
  from evaluation where evaluation.entity_key is null
) as members_age
