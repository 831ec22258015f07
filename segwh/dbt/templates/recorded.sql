-- Who is in which segment as the log has it: the state, folded up to its newest row, and the log's rows after that.
-- Applying rows of the log that the state already holds changes nothing, so a run that died between the two is harmless.
-- In: state, log. Out: recorded(segment, entity_key, is_member, entered_at, changed_at, computed_hash), one row a segment and
-- key that is a member, left at its newest instant, or is hidden: it belongs to the frozen set that was computed by the rule
-- of computed_hash, and comes back when what hides it ends; recorded_segments, the newest row of each segment.
with applied as (
  select coalesce(max(state.sequence), 0) as sequence from state
),
-- asked for as a value, not joined: engines that keep the log in order then read nothing but its end, however long it is
tail as (
  select log.segment, log.entity_key, log.change, log.changed_at, log.reason, log.sequence, log.status, log.computed_hash,
    log.first_evaluated_at, log.correction
  from log
  where log.sequence > (select applied.sequence from applied)
),
-- a set that is computed or removed ends the one before: who was hidden from that one is hidden from nothing any more, even if
-- the new set has the same rule
renewed as (
  select tail.segment, max(tail.sequence) as sequence
  from tail
  where tail.change = 'evaluated' and tail.status in ('live', 'removed')
  group by tail.segment
),
freed as (
  select state.segment, state.entity_key, state.entered_at, state.changed_at, state.computed_hash
  from state
  inner join renewed on renewed.segment = state.segment
  where state.kind = 'member' and not state.is_member and state.computed_hash is not null
),
touched as (
  select tail.segment, tail.entity_key from tail where tail.change in ('entered', 'exited')
  union all
  select freed.segment, freed.entity_key from freed
),
-- an evaluation changes a membership once at most
once as (
  select tail.segment from tail where tail.change = 'evaluated' group by tail.segment having count(*) = 1
),
-- each change beside what the state says of its key. It is plain if it is the only one, comes later than all that the state
-- knows, and says something new: such are nearly all, and what follows from them needs no sorting. Nobody hides behind a set
-- that is computed in the same evaluation
met as (
  select tail.segment, tail.entity_key, tail.change, tail.changed_at, tail.sequence,
    case when tail.change = 'exited' and tail.status = 'static' then tail.computed_hash end as hidden_hash,
    state.is_member, state.entered_at as entered_before, state.changed_at as changed_before, state.computed_hash,
    case
      when once.segment is not null and state.computed_hash is null and (
        (tail.change = 'entered' and (state.segment is null or not state.is_member)
          and (state.changed_at is null or state.changed_at < tail.changed_at))
        or (tail.change = 'exited' and state.is_member and state.changed_at < tail.changed_at)
      ) then true
      else false
    end as is_plain
  from tail
  left join state on state.kind = 'member' and state.segment = tail.segment and state.entity_key = tail.entity_key
  left join once on once.segment = tail.segment
  where tail.change in ('entered', 'exited')
),
plain as (
  select met.segment, met.entity_key, met.change = 'entered' as is_member,
    case when met.change = 'entered' then met.changed_at else met.entered_before end as entered_at, met.changed_at,
    met.hidden_hash as computed_hash
  from met
  where met.is_plain
),
-- the others, and what the state of before says of their keys told as changes again; the same one twice is as good as once
told as (
  select known.segment, known.entity_key, 'entered' as change, known.entered_at as changed_at, 0 as sequence,
    cast(null as text) as hidden_hash
  from (
    select met.segment, met.entity_key, met.entered_before as entered_at from met where not met.is_plain
    union all
    select freed.segment, freed.entity_key, freed.entered_at from freed
  ) as known
  where known.entered_at is not null
  union all
  select known.segment, known.entity_key, 'exited' as change, coalesce(known.changed_at, known.entered_at) as changed_at,
    1 as sequence, known.computed_hash as hidden_hash
  from (
    select met.segment, met.entity_key, met.entered_before as entered_at, met.changed_before as changed_at,
      met.computed_hash
    from met
    where not met.is_plain and not met.is_member
    union all
    select freed.segment, freed.entity_key, freed.entered_at, freed.changed_at, freed.computed_hash from freed
  ) as known
  where known.entered_at is not null
  union all
  select met.segment, met.entity_key, met.change, met.changed_at, met.sequence, met.hidden_hash from met where not met.is_plain
),
-- of several changes at one instant (corrections) the last one counts
settled as (
  select told.segment, told.entity_key, told.change, told.changed_at, told.sequence, told.hidden_hash,
    row_number() over (partition by told.segment, told.entity_key, told.changed_at order by told.sequence desc) as place
  from told
),
turned as (
  select settled.segment, settled.entity_key, settled.change, settled.changed_at, settled.sequence, settled.hidden_hash,
    coalesce(lag(settled.change) over (partition by settled.segment, settled.entity_key order by settled.changed_at), 'exited')
      as previous,
    row_number() over (partition by settled.segment, settled.entity_key order by settled.changed_at desc) as age
  from settled
  where settled.place = 1
),
-- keys whose changes cancel out were never in: no instants
folded as (
  select turned.segment, turned.entity_key,
    sum(case when turned.change = turned.previous then 0 when turned.change = 'entered' then 1 else -1 end) > 0 as is_member,
    max(case when turned.change = 'entered' and turned.previous = 'exited' then turned.changed_at end) as entered_at,
    max(case when turned.change <> turned.previous then turned.changed_at end) as changed_at,
    max(case when turned.age = 1 and coalesce(turned.sequence > renewed.sequence, true) then turned.hidden_hash end)
      as computed_hash
  from turned
  left join renewed on renewed.segment = turned.segment
  group by turned.segment, turned.entity_key
  union all
  select freed.segment, freed.entity_key, false as is_member, cast(null as timestamptz) as entered_at,
    cast(null as timestamptz) as changed_at, cast(null as text) as computed_hash
  from freed
  left join tail
    on tail.segment = freed.segment and tail.entity_key = freed.entity_key and tail.change in ('entered', 'exited')
  where freed.entered_at is null and tail.segment is null
  union all
  select plain.segment, plain.entity_key, plain.is_member, plain.entered_at, plain.changed_at, plain.computed_hash from plain
),
recorded as (
  select state.segment, state.entity_key, state.is_member, state.entered_at, state.changed_at, state.computed_hash
  from state
  left join touched on touched.segment = state.segment and touched.entity_key = state.entity_key
  where state.kind = 'member' and touched.segment is null
  union all
  select folded.segment, folded.entity_key, folded.is_member, folded.entered_at, folded.changed_at, folded.computed_hash
  from folded
),
marks as (
  select state.segment, state.computed_hash, state.status, state.first_evaluated_at, state.changed_at, state.correction,
    state.sequence
  from state
  where state.kind = 'segment'
  union all
  -- the status of one that is kept, but for no loss of its own, is why (`waits`, `grows`); the log of an older version does not
  -- tell, and those stay under the breaker. One that was kept and was not evaluated since is `kept` still
  select tail.segment, tail.computed_hash, coalesce(tail.reason, tail.status) as status, tail.first_evaluated_at,
    tail.changed_at, tail.correction, tail.sequence
  from tail
  where tail.change = 'evaluated'
),
newest_marks as (
  select marks.segment, marks.computed_hash, marks.status, marks.first_evaluated_at, marks.changed_at, marks.correction,
    marks.sequence, row_number() over (partition by marks.segment order by marks.sequence desc) as place
  from marks
),
recorded_segments as (
  select newest_marks.segment, newest_marks.computed_hash, newest_marks.status, newest_marks.first_evaluated_at,
    newest_marks.changed_at, newest_marks.correction, newest_marks.sequence
  from newest_marks
  where newest_marks.place = 1
)
select 1
