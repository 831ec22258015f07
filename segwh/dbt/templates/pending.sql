-- What this run is about to write into the log: the difference between who should be in (the evaluation) and who is
-- recorded, with the reason of each change, and one row for each segment that says how its evaluation went.
with recorded as (
  select standing.segment, standing.entity_key, standing.is_member, standing.entered_at, standing.changed_at,
    standing.computed_hash
  from standing
  where standing.kind = 'member'
),
recorded_segments as (
  select standing.segment, standing.computed_hash, standing.status, standing.first_evaluated_at, standing.changed_at,
    standing.correction, standing.sequence
  from standing
  where standing.kind = 'segment'
),
-- every append ends with a segment's row, so their newest is the log's newest
base as (
  select coalesce(max(recorded_segments.sequence), 0) as sequence from recorded_segments
),
-- the ages are looked at once more, in the statement that reads the rows: since they were looked at for the first time
-- another run may have put its own in their place
evaluated as (
  select evaluated_segments.segment, evaluated_segments.rule_hash, evaluated_segments.left_out,
    evaluated_segments.population,
    case
      when evaluated_segments.problem is not null then evaluated_segments.problem
      when facts_age.oldest <> as_of_instant or facts_age.newest <> as_of_instant then 'its facts are of another as-of'
      when members_age.as_of is null or members_age.as_of <> members_name then 'its members are of another as-of'
      when is_overtaken then 'another run wrote its own facts or changes meanwhile'
    end as problem
  from evaluated_segments
  cross join base
  cross join (
    select case when min(evaluation.segment) = max(evaluation.segment) then max(evaluation.segment) end as as_of
    from evaluation where evaluation.entity_key is null
  ) as members_age
  cross join (
    select min(facts.evaluated_at) as oldest, max(facts.evaluated_at) as newest from facts
  ) as facts_age
  where evaluated_segments.as_of = as_of_instant
),
members as (
  select evaluation.segment, evaluation.entity_key from evaluation where evaluation.entity_key is not null
),
declared as (
  select rules.segment, rules.rule_hash, rules.type, rules.status, rules.expires_at, rules.max_exit_fraction, rules.max_entry_fraction,
    rules.tag_list, rules.is_suppression, rules.was, rules.refresh, rules.depends_on
  from rules
  where rules.grain = grain_name
),
held as (
  select recorded.segment, recorded.entity_key, recorded.entered_at from recorded where recorded.is_member
),
-- the same of a run that follows: those whose row of the facts changed or is gone, and those of segments of which no row tells
narrowed as (
  select held.segment, held.entity_key, held.entered_at
  from held
  where held.entity_key in (select moved.entity_key from moved)
  union all
  select held.segment, held.entity_key, held.entered_at
  from held
  where held.segment in other_names
    and not exists (select 1 from moved where moved.entity_key = held.entity_key)
),
-- how many each segment has, and how many of them came and went at this very instant
counted as (
  select recorded.segment,
    sum(case when recorded.is_member then 1 else 0 end) as members,
    sum(case when recorded.is_member and recorded.entered_at = as_of_instant then 1 else 0 end) as entered,
    sum(case when not recorded.is_member and recorded.changed_at = as_of_instant and recorded.entered_at < as_of_instant
      then 1 else 0 end) as exited
  from recorded
  group by recorded.segment
),
sizes as (
  select known.segment, known.members, known.entered, known.exited from known
),
-- segments that this run is not about, though it has to know whether they are in order: others that it is about follow from
-- them or are guarded by them. They are judged as in a run about all, and nothing is written of them
watched as (
  select distinct declared.segment
  from declared
  inner join rules as asked on asked.watches = '*' or strpos(asked.watches, concat(',', declared.segment, ',')) > 0
  where not is_declared_wanted and is_asked
),
-- what may happen to each segment in this run
courses as (
  select coalesce(declared.segment, past.segment) as segment,
    coalesce(declared.rule_hash, past.computed_hash) as rule_hash,
    past.computed_hash is null or past.status = 'removed' as is_first,
    coalesce(past.status <> 'removed' and past.computed_hash <> declared.rule_hash, false) as is_redefined,
    -- a static segment keeps the set that it was computed to: who is suppressed, outranked or gone is only hidden from it
    coalesce(declared.type = 'static' and past.computed_hash = declared.rule_hash and past.status <> 'removed', false)
      as keeps_its_set,
    past.computed_hash,
    past.changed_at as last_evaluated_at,
    past.first_evaluated_at,
    past.status as last_status,
    -- a name that was taken before (by a segment that is called otherwise now) gets no change_id of that time again
    case
      when past.segment is null then base.sequence
      when past.changed_at = as_of_instant then past.correction + 1
      else 0
    end as correction,
    -- of one that the rules name no more the project's
    coalesce(declared.max_exit_fraction, project_exit_fraction) as max_exit_fraction,
    declared.max_entry_fraction,
    coalesce(declared.is_suppression, false) as is_suppression,
    watched.segment is not null as is_watched,
    evaluated.left_out,
    evaluated.population,
    case
      when past.segment is null and former.segment is not null then 'its members are still recorded under its former name'
      when evaluated.segment is null or evaluated.rule_hash <> declared.rule_hash then 'it was not evaluated in this run'
      else evaluated.problem
    end as problem,
    case
      -- what is to be removed by name is, whatever the run is about
      when declared.segment is null and past.segment in removed_names and past.status <> 'removed'
        and past.changed_at <= as_of_instant then 'removed'
      when not is_wanted and watched.segment is null then 'left'
      -- whatever its as-of, nothing is concluded from an evaluation that is out of order; so one that is refused was in order
      when declared.segment is not null and past.segment is null and former.segment is not null then 'skipped'
      when declared.segment is not null
        and (evaluated.segment is null or evaluated.rule_hash <> declared.rule_hash or evaluated.problem is not null) then 'skipped'
      when watched.segment is not null and coalesce(past.changed_at > as_of_instant, true) then 'left'
      when past.changed_at > as_of_instant then 'refused'
      when declared.segment is null and past.status = 'removed' then 'gone'
      when declared.segment is null and past.segment in removed_names then 'removed'
      when declared.segment is null then 'orphaned'
      when declared.status = 'inactive' then 'inactive'
      when declared.expires_at <= as_of_instant then 'expired'
      when declared.type = 'static' and past.computed_hash = declared.rule_hash and past.status <> 'removed' then 'static'
      else 'live'
    end as course
  from declared
  full join recorded_segments as past on past.segment = declared.segment
  left join evaluated on evaluated.segment = declared.segment
  left join recorded_segments as former on former.segment = declared.was and former.status <> 'removed'
  left join watched on watched.segment = declared.segment
  cross join base
),
-- who is in only one of the two: one join finds those who came and those who left, whom alone the rest looks at
differing as (
  select coalesce(members.segment, compared.segment) as segment,
    coalesce(members.entity_key, compared.entity_key) as entity_key,
    compared.segment is null as is_new,
    compared.entered_at
  from members
  full join compared on compared.entity_key = members.entity_key and compared.segment = members.segment
  where members.segment is null or compared.segment is null
),
entering as (
  select differing.segment, differing.entity_key
  from differing
  inner join courses on courses.segment = differing.segment and courses.course = 'live'
  where differing.is_new
),
-- members that may have to leave: of a live segment those it no longer has, of a frozen or removed one all; and those who
-- may come back into a frozen set, since they were only hidden from it
frozen as (
  select courses.segment
  from courses
  where courses.course in ('static', 'inactive', 'expired', 'orphaned', 'removed')
  group by courses.segment
),
candidates as (
  select held.segment, held.entity_key, true as is_in, held.entered_at, cast(null as timestamptz) as changed_at
  from held
  inner join frozen on frozen.segment = held.segment
  union all
  select differing.segment, differing.entity_key, true as is_in, differing.entered_at, cast(null as timestamptz) as changed_at
  from differing
  inner join courses on courses.segment = differing.segment and courses.course = 'live'
  where not differing.is_new
  union all
  select recorded.segment, recorded.entity_key, false as is_in, recorded.entered_at, recorded.changed_at
  from recorded
  inner join courses on courses.segment = recorded.segment and courses.computed_hash = recorded.computed_hash
  where courses.keeps_its_set and courses.course in ('static', 'inactive', 'expired') and not recorded.is_member
),
-- suppression segments of which this run knows nothing: they were not evaluated in order
unread as (
  select guards.suppression, guards.tag
  from guards
  left join courses on courses.segment = guards.suppression
  left join elsewhere on elsewhere.segment = guards.suppression
  where case
    when guards.grain = grain_name then courses.segment is null or courses.course in ('skipped', 'orphaned')
    else not coalesce(elsewhere.is_read, false)
  end
),
-- what these guard
doubted as (
  select distinct courses.segment, coalesce(declared.tag_list, '') as tag_list
  from courses
  left join declared on declared.segment = courses.segment
  inner join unread on unread.tag = '' or strpos(coalesce(declared.tag_list, ''), unread.tag) > 0
  where not courses.is_suppression
),
-- and in all grains, as the rules say
misled as (
  select distinct rules.segment
  from rules
  inner join unread on unread.tag = '' or strpos(rules.tag_list, unread.tag) > 0
  where rules.entity = entity_name and not rules.is_suppression
),
reasons as (
  select exit_reasons.segment, exit_reasons.entity_key, exit_reasons.reason from exit_reasons
),
-- Nobody is thrown out by them: whom their last good version names is out already. Another one that was read may name somebody.
suppressed as (
  select distinct doubted.segment, members.entity_key
  from doubted
  inner join guards on guards.grain = grain_name and (guards.tag = '' or strpos(doubted.tag_list, guards.tag) > 0)
  inner join courses on courses.segment = guards.suppression and courses.course not in ('skipped', 'orphaned')
  inner join members on members.segment = guards.suppression
),
cleared as (
  select candidates.segment, candidates.entity_key, candidates.is_in, candidates.entered_at
  from candidates
  inner join courses on courses.segment = candidates.segment
  left join reasons on reasons.segment = candidates.segment and reasons.entity_key = candidates.entity_key
  left join doubted on doubted.segment = candidates.segment
  left join suppressed on suppressed.segment = candidates.segment and suppressed.entity_key = candidates.entity_key
  where doubted.segment is null or suppressed.segment is not null or courses.course = 'removed'
    or coalesce(reasons.reason, 'rule') <> 'suppressed'
),
leaving as (
  select candidates.segment, candidates.entity_key, candidates.entered_at,
    case
      when reasons.reason = 'gone' then 'gone'
      when courses.course = 'removed' then 'segment_removed'
      when courses.course = 'live' and courses.is_redefined then 'definition'
      else coalesce(reasons.reason, 'rule')
    end as reason,
    -- why it would leave a version that is kept
    coalesce(reasons.reason, 'rule') as reason_if_kept
  from leavers as candidates
  inner join courses on courses.segment = candidates.segment
  left join reasons on reasons.segment = candidates.segment and reasons.entity_key = candidates.entity_key
  where candidates.is_in
    and (courses.course in ('live', 'removed') or reasons.reason in ('gone', 'suppressed', 'priority'))
    -- nobody makes room for those whom a lost list kept out, and who do not come in
    and not (is_any_lost and coalesce(reasons.reason, 'rule') in ('priority', 'limit'))
),
-- who is no member and is remembered: those who left at the newest instant, and the hidden
outside as (
  select recorded.segment, recorded.entity_key, recorded.entered_at, recorded.changed_at from recorded where not recorded.is_member
),
coming as (
  select entering.segment, entering.entity_key, outside.entered_at, outside.changed_at
  from entering
  left join outside on outside.segment = entering.segment and outside.entity_key = entering.entity_key
  union all
  select candidates.segment, candidates.entity_key, candidates.entered_at, candidates.changed_at
  from candidates
  left join reasons on reasons.segment = candidates.segment and reasons.entity_key = candidates.entity_key
  where not candidates.is_in and reasons.reason is null
),
losses as (
  select leaving.segment,
    sum(case when leaving.reason <> 'definition' then 1 else 0 end) as counted,
    sum(case when leaving.reason = 'gone' then 1 else 0 end) as gone,
    count(*) as lost
  from leaving
  group by leaving.segment
),
-- how many come into each segment whose growth is limited, but for those whom a new definition brings
gains as (
  select entering.segment, count(*) as gained
  from entering
  inner join courses on courses.segment = entering.segment
  where courses.max_entry_fraction is not null and not courses.is_first and not courses.is_redefined
  group by entering.segment
),
grown as (
  select gains.segment
  from gains
  inner join courses on courses.segment = gains.segment
  left join sizes on sizes.segment = gains.segment
  where coalesce(sizes.members, 0) + gains.gained >= 100
    and gains.gained > courses.max_entry_fraction * coalesce(sizes.members, 0)
),
-- the suppression segments that somebody comes into
refilled as (
  select distinct entering.segment
  from entering
  inner join courses on courses.segment = entering.segment and courses.is_suppression
),
-- the circuit breaker: a segment of 100 members or more that would lose too many keeps its last good version, and so do one that
-- would gain too many, if its growth is limited, and a suppression segment of any size that would be left with nobody, also by a
-- new rule: a list that did not load is likelier than that all consent. A key that is gone comes in nowhere, so a list of keys may
-- lose it. Where a list has values, such as phones, those whose value is gone are still there and would come in by their keys
emptied as (
  select losses.segment, losses.gone
  from losses
  inner join courses on courses.segment = losses.segment and courses.is_suppression
  inner join sizes on sizes.segment = losses.segment and sizes.members = losses.lost
  left join refilled on refilled.segment = losses.segment
  where refilled.segment is null and (counts_values or losses.gone < losses.lost)
),
-- what was kept for its own losses stays under the breaker, though those whom suppression took, or who are gone, left fewer than
-- 100: a day gone by is no reason to let go what was held back. One that waited for another or grew too much has another status
-- in the books (recorded), and is judged by its size
stubborn as (
  select courses.segment
  from courses
  where courses.last_status = 'kept' and not courses.is_suppression
),
tripping as (
  select courses.segment, courses.course, courses.is_watched,
    courses.course = 'live'
      and courses.segment not in accepted_names
      and (
        ((coalesce(sizes.members, 0) >= 100 or stubborn.segment is not null)
          and coalesce(losses.counted > courses.max_exit_fraction * sizes.members, false))
        or emptied.segment is not null
        or grown.segment is not null
      ) as has_tripped,
    grown.segment is not null as has_grown,
    (coalesce(sizes.members, 0) >= 100 or stubborn.segment is not null)
      and coalesce(losses.counted > courses.max_exit_fraction * sizes.members, false) as has_lost,
    courses.segment not in accepted_names
      and courses.course <> 'removed'
      and (
        ((coalesce(sizes.members, 0) >= 100 or stubborn.segment is not null)
          and coalesce(losses.gone > courses.max_exit_fraction * sizes.members, false))
        or (counts_values and coalesce(emptied.gone > 0, false))
      ) as lost_keys
  from courses
  left join sizes on sizes.segment = courses.segment
  left join losses on losses.segment = courses.segment
  left join emptied on emptied.segment = courses.segment
  left join stubborn on stubborn.segment = courses.segment
  left join grown on grown.segment = courses.segment
),
-- what follows from a segment that keeps its last version would be worked out from the one that was not taken: it waits
unsettled as (
  select tripping.segment, true as is_kept
  from tripping
  inner join declared on declared.segment = tripping.segment
  where tripping.has_tripped or tripping.lost_keys
  union all
  select elsewhere.segment, true as is_kept from elsewhere where not elsewhere.is_current
  union all
  select misled.segment, false as is_kept from misled
),
-- so does what follows from one that is in doubt; if it is so itself, it takes nobody and lets nobody go for that already
waiting as (
  select distinct declared.segment
  from declared
  inner join unsettled on declared.depends_on = '*' or strpos(declared.depends_on, concat(',', unsettled.segment, ',')) > 0
  left join doubted on doubted.segment = declared.segment
  where unsettled.is_kept or doubted.segment is null
),
breakers as (
  select tripping.segment, tripping.is_watched,
    tripping.has_tripped or (tripping.course = 'live' and waiting.segment is not null) as has_tripped,
    tripping.lost_keys,
    tripping.has_grown,
    tripping.has_lost,
    not tripping.has_tripped and not tripping.lost_keys and waiting.segment is not null as waits
  from tripping
  left join waiting on waiting.segment = tripping.segment
),
-- suppression segments of other grains that will wait, too, since they follow from what is kept or in doubt
expected as (
  select distinct rules.segment
  from rules
  inner join (
    select breakers.segment from breakers where breakers.has_tripped or breakers.lost_keys
    union all
    select elsewhere.segment from elsewhere where not elsewhere.is_current
    union all
    select misled.segment from misled
  ) as behind on rules.depends_on = '*' or strpos(rules.depends_on, concat(',', behind.segment, ',')) > 0
  where rules.is_suppression and rules.grain <> grain_name
),
-- consent fails closed: while a suppression segment is not up to date, what it guards takes no new members, in whatever grain
unsafe as (
  select guards.suppression, guards.tag
  from guards
  left join courses on courses.segment = guards.suppression
  left join breakers on breakers.segment = guards.suppression
  left join elsewhere on elsewhere.segment = guards.suppression
  left join expected on expected.segment = guards.suppression
  where case
    when guards.grain = grain_name then courses.segment is null
      or courses.course in ('skipped', 'orphaned') or breakers.has_tripped or breakers.lost_keys
    else not coalesce(elsewhere.is_current, false) or expected.segment is not null
  end
),
guarded as (
  select rules.segment
  from rules
  inner join unsafe on unsafe.tag = '' or strpos(rules.tag_list, unsafe.tag) > 0
  where rules.entity = entity_name and not rules.is_suppression
  union
  -- so while a list is lost, of which nobody knows any more whom it guarded; what was a list itself was guarded by none
  select rules.segment
  from rules
  where is_any_lost and rules.entity = entity_name and not rules.is_suppression and rules.segment not in lost_names
),
-- and so does what follows from the members that these would have
blocked as (
  select guarded.segment from guarded
  union
  select declared.segment
  from declared
  inner join guarded on declared.depends_on = '*' or strpos(declared.depends_on, concat(',', guarded.segment, ',')) > 0
  where not declared.is_suppression and declared.segment not in lost_names
),
-- what keeps the version that it has: a new definition that may take nobody yet is not half taken either
keeping as (
  select breakers.segment
  from breakers
  inner join courses on courses.segment = breakers.segment
  left join blocked on blocked.segment = breakers.segment
  where breakers.has_tripped or (courses.course = 'live' and courses.is_redefined and blocked.segment is not null)
),
-- which segments take new members, and why they come
takes as (
  select courses.segment,
    case
      when courses.is_first then 'first_run'
      when courses.is_redefined then 'definition'
      else 'rule'
    end as reason
  from courses
  inner join breakers on breakers.segment = courses.segment
  left join blocked on blocked.segment = courses.segment
  where not courses.is_watched and not breakers.has_tripped and blocked.segment is null
),
changes as (
  select coming.segment, coming.entity_key, 'entered' as change, takes.reason,
    coming.entered_at as entered_before, coming.changed_at as changed_before
  from coming
  inner join takes on takes.segment = coming.segment
  union all
  select leaving.segment, leaving.entity_key, 'exited' as change,
    case when keeping.segment is null then leaving.reason else leaving.reason_if_kept end as reason,
    leaving.entered_at as entered_before, cast(null as timestamptz) as changed_before
  from leaving
  inner join breakers on breakers.segment = leaving.segment
  left join keeping on keeping.segment = leaving.segment
  where not breakers.is_watched
    and (keeping.segment is null or leaving.reason_if_kept in ('gone', 'suppressed', 'priority'))
    and not (breakers.lost_keys and leaving.reason = 'gone')
),
-- net of the whole instant: what earlier runs at this as-of wrote is counted in
instants as (
  select moves.segment, sum(moves.members) as members, sum(moves.entered) as entered, sum(moves.exited) as exited
  from (
    select sizes.segment, sizes.members, sizes.entered, sizes.exited from sizes
    union all
    select changes.segment,
      case when changes.change = 'entered' then 1 else -1 end as members,
      case
        when changes.change = 'entered' and coalesce(changes.entered_before < as_of_instant
          and changes.changed_before = as_of_instant, false) then 0
        when changes.change = 'entered' then 1
        when changes.entered_before = as_of_instant then -1
        else 0
      end as entered,
      case
        when changes.change = 'exited' and changes.entered_before < as_of_instant then 1
        when changes.change = 'entered' and coalesce(changes.entered_before < as_of_instant
          and changes.changed_before = as_of_instant, false) then -1
        else 0
      end as exited
    from changes
  ) as moves
  group by moves.segment
),
-- a segment's row is written when there is something to say: a new instant, a new definition, or a change
changed as (
  select distinct changes.segment from changes
),
outcomes as (
  select courses.segment, courses.course, courses.keeps_its_set, courses.rule_hash, courses.correction, courses.problem,
    courses.last_status, courses.left_out, courses.population,
    coalesce(courses.first_evaluated_at, as_of_instant) as first_evaluated_at,
    case
      when breakers.has_tripped or breakers.lost_keys then 'kept'
      when courses.is_watched and courses.course <> 'skipped' then 'left'
      when blocked.segment is not null and courses.course = 'live' then 'blocked'
      else courses.course
    end as status,
    breakers.waits,
    breakers.has_grown,
    breakers.has_grown and not breakers.has_lost and not breakers.lost_keys as has_but_grown,
    blocked.segment is not null and courses.course = 'live' as is_blocked,
    cast(coalesce(instants.members, 0) as bigint) as members,
    cast(coalesce(instants.entered, 0) as bigint) as entered,
    cast(coalesce(instants.exited, 0) as bigint) as exited,
    case
      when courses.course = 'removed' then cast(null as text)
      when courses.course = 'live' and not breakers.has_tripped and blocked.segment is null then courses.rule_hash
      else courses.computed_hash
    end as computed_hash,
    changed.segment is not null or courses.course = 'removed' or (
      not courses.is_watched and courses.course not in ('left', 'refused', 'skipped', 'orphaned')
      and (courses.is_first or courses.is_redefined or coalesce(courses.last_evaluated_at < as_of_instant, true))
    ) as is_news
  from courses
  inner join breakers on breakers.segment = courses.segment
  left join blocked on blocked.segment = courses.segment
  left join instants on instants.segment = courses.segment
  left join changed on changed.segment = courses.segment
  where courses.course <> 'gone'
)
-- A change is written by itself here, and in the log with what its segment's row says of all of them.
select 'change' as kind, changes.segment, changes.entity_key, changes.change, changes.reason,
  cast(null as text) as rule_hash, cast(null as text) as status, cast(null as text) as status_of_changes,
  cast(null as text) as computed_hash, cast(null as bigint) as correction, true as is_news,
  cast(null as timestamptz) as first_evaluated_at, cast(null as bigint) as members, cast(null as bigint) as entered,
  cast(null as bigint) as exited, cast(null as bigint) as left_out, cast(null as bigint) as population,
  cast(null as text) as problem, cast(null as timestamptz) as as_of, cast(null as bigint) as base_sequence
from changes
union all
-- status_of_changes is what the log says of each change: by the `static` of an exit the books know who is only hidden from a
-- frozen set
select 'segment' as kind, outcomes.segment, null as entity_key, 'evaluated' as change,
  -- why it is kept, where that is no loss of its own; and of one that was kept for such a loss, and is not evaluated now, that it
  -- was. The log remembers it
  case
    when outcomes.last_status = 'kept' and outcomes.status in ('inactive', 'expired', 'orphaned') then 'kept'
    when outcomes.status = 'kept' and outcomes.waits then 'waits'
    when outcomes.status = 'kept' and outcomes.has_but_grown then 'grows'
  end as reason,
  outcomes.rule_hash, outcomes.status,
  case when outcomes.keeps_its_set then 'static' else outcomes.course end as status_of_changes,
  outcomes.computed_hash, outcomes.correction, outcomes.is_news,
  outcomes.first_evaluated_at, outcomes.members, outcomes.entered, outcomes.exited, outcomes.left_out, outcomes.population,
  case
    when outcomes.status = 'skipped' then outcomes.problem
    when outcomes.status = 'orphaned' and exists (select 1 from rules where rules.segment = outcomes.segment)
      then 'it has members of another kind now; those that it had stay until it is removed'
    when outcomes.status = 'orphaned' then 'it is no longer in the rules; its members stay until it is removed'
    when outcomes.status = 'refused' then 'it was evaluated at a later as-of already'
    when outcomes.status = 'kept' and outcomes.waits then 'a segment that it follows from keeps an earlier version'
    when outcomes.status = 'kept' and outcomes.course = 'orphaned'
      then 'it is no longer in the rules, and too many of its members are gone; accept or remove it if that is right'
    when outcomes.status = 'kept' and outcomes.has_grown then 'it would gain too many members; accept it if that is right'
    when outcomes.status = 'kept' then 'it would lose too many members; accept it if that is right'
    -- of a segment that is left, too: others follow from what it would have (elsewhere)
    when outcomes.status in ('blocked', 'left') and outcomes.is_blocked and is_any_lost then lost_problem
    when outcomes.status in ('blocked', 'left') and outcomes.is_blocked then 'a suppression segment is not up to date'
  end as problem,
  as_of_instant as as_of, base.sequence as base_sequence
from outcomes
cross join base
