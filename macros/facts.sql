{#- segwh: written by `segwh compile`, which overwrites it.

Whether the facts of an entity can be brought up to date from what the run before left of them, or are worked out in full. In
doubt they are worked out in full, and the log of the run says why. -#}

{#- What the facts are measured by, as a number: the plan, the relations as they are read, and the columns that they have. Equal
    numbers mean that only rows can differ. 0 is never taken over: facts of a part of the data, or of an as-of that lies ahead, when rows were still to come.
    `told_off`: the relations of which a refresh reads what is new. One that has no row any more keeps its promise that none goes no
    longer, and would count as it was for ever. Of an ephemeral model nobody can ask, so it is read whole. -#}
{%- macro segwh__measured_as(meaning, read, relations, told_off, run) -%}
  {%- if not execute or segwh__reads_part() or run.as_of > run_started_at.astimezone(modules.pytz.utc).replace(tzinfo=none) -%}
    {%- do return(0) -%}
  {%- endif -%}
  {%- set shapes = [] -%}
  {%- for relation in relations -%}
    {%- for name, column in segwh__columns(relation).items() -%}{%- do shapes.append(name ~ ' ' ~ column[1]) -%}{%- endfor -%}
  {%- endfor -%}
  {%- if told_off | selectattr('is_cte') | list -%}
    {%- do return(0) -%}
  {%- endif -%}
  {%- for relation in told_off if not run_query('select 1 from ' ~ relation ~ ' limit 1').rows | length -%}
    {%- do shapes.append(relation ~ ' is empty') -%}
  {%- endfor -%}
  {%- do return(local_md5(meaning ~ ' ' ~ read | join(' ') ~ ' ' ~ shapes | join(', '))[:15] | int(base=16)) -%}
{%- endmacro -%}

{#- Who makes the facts and by what rules they are concluded from, as a number. -#}
{%- macro segwh__made_by(invocation, meaning) -%}
  {%- do return(local_md5(invocation ~ ' ' ~ meaning)[:15] | int(base=16)) -%}
{%- endmacro -%}

{#- The newest sequence of a grain's log, 0 where there is none. -#}
{%- macro segwh__log_end(grain) -%}
  {%- set place = segwh__existing('segwh_' ~ grain ~ '_log') if execute and grain else none -%}
  {%- do return(run_query('select coalesce(max(sequence), 0) from ' ~ place).rows[0][0] | int if place is not none else 0) -%}
{%- endmacro -%}

{#- Whether the newest rows of a grain's log were concluded from the facts that an invocation made for an as-of when the log
    ended at `base`, and from no others; whether the log knows of no later as-of, as it does after a backfill; and whether no
    segment stands as an earlier run at that as-of left it, which had facts of its own. -#}
{%- macro segwh__is_of_facts(grain, made_by, base, as_of, meaning) -%}
  {%- set place = segwh__existing('segwh_' ~ grain ~ '_log') if grain else none -%}
  {%- set standing = segwh__existing('segwh_' ~ grain ~ '_standing') if grain else none -%}
  {%- if place is none or standing is none -%}
    {%- do return(false) -%}
  {%- endif -%}
  {%- set latest = run_query(
    'select max(changed_at) = ' ~ as_of ~ ' and min(case when changed_at = ' ~ as_of ~ ' then sequence end) > ' ~ base
    ~ ' from ' ~ standing ~ " as standing where kind = 'segment'"
  ).rows[0][0] -%}
  {%- set newest = run_query(
    'select min(run_id), max(run_id), min(sequence), min(changed_at) = ' ~ as_of ~ ' and max(changed_at) = ' ~ as_of
    ~ ' from ' ~ place ~ ' where sequence > ' ~ base
  ).rows[0] -%}
  {%- do return(
    latest and newest[0] is not none and newest[0] == newest[1] and newest[2] == base + 1 and newest[3]
    and segwh__made_by(newest[0], meaning) == made_by
  ) -%}
{%- endmacro -%}

{#- The run whose facts are brought up to date, {'as_of' (naive UTC), 'is_in_line': whether the log says what follows from them,
    as SQL}, or none. `exact`: [relation, columns] that have to be exact numbers, or sums cannot be told off. -#}
{%- macro segwh__facts_before(entity, key, measured_as, run, exact, grain, meaning) -%}
  {%- if not execute or segwh__reads_part() -%}
    {%- do return(none) -%}
  {%- endif -%}
  {%- set facts = segwh__existing('segwh_' ~ entity ~ '_facts') -%}
  {%- set found = namespace(as_of=none, why='', is_in_line=false) -%}
  {%- if facts is none -%}
    {%- set found.why = 'for the first time' -%}
  {%- elif segwh__is_on('segwh_full') or flags.FULL_REFRESH -%}
    {%- set found.why = 'as asked' -%}
  {%- elif 'segwh_rows_seen' not in segwh__columns(facts) -%}
    {%- set found.why = 'an older segwh left no word of how it measured' -%}
  {%- elif segwh__inexact(exact) -%}
    {%- set found.why = segwh__inexact(exact) -%}
  {%- else -%}
    {%- set left = run_query(
      'select count(*), count(distinct ' ~ key ~ '), min(segwh_measured_as), max(segwh_measured_as), count(distinct evaluated_at),'
      ~ ' min(segwh_made_by), max(segwh_made_by), min(segwh_base), min(segwh_rows_seen) from ' ~ facts
    ).rows[0] -%}
    {%- if left[0] != left[1] or left[4] != 1 -%}
      {%- set found.why = 'what the run before left is not in order' -%}
    {%- elif left[2] != measured_as or left[3] != measured_as or measured_as == 0 -%}
      {%- set found.why = 'the rules, or where the rows are, are not those of the run before' -%}
    {%- else -%}
      {%- set told = run_query(
        'select as_of_text from ' ~ segwh__place('segwh_run_starts') ~ ' where as_of = (select max(evaluated_at) from ' ~ facts ~ ')'
      ).rows -%}
      {%- set found.as_of = segwh__parsed(told[0][0], 'UTC') if told | length else none -%}
      {%- if found.as_of is none or found.as_of >= run.as_of -%}
        {%- set found.as_of = none -%}
        {%- set found.why = 'its as-of is not later than that of the run before' -%}
      {%- else -%}
        {%- set newest = segwh__instant(segwh__text(found.as_of) ~ '+00') -%}
        {%- set found.is_in_line = left[5] == left[6] and segwh__is_of_facts(grain, left[5], left[7], newest, meaning) -%}
        {%- if grain and not found.is_in_line -%}
          {%- do log('segwh: ' ~ entity ~ ': all members compared: the rules are others, or the log is not that of the facts of the run before', info=true) -%}
        {%- endif -%}
      {%- endif -%}
    {%- endif -%}
  {%- endif -%}
  {%- if found.as_of is none -%}
    {%- do log('segwh: ' ~ entity ~ ': all looked at: ' ~ found.why, info=true) -%}
    {%- do return(none) -%}
  {%- endif -%}
  {%- do return({
    'as_of': found.as_of, 'entity': entity, 'is_in_line': 'true' if found.is_in_line else 'false', 'rows_seen': left[8].split(' '),
  }) -%}
{%- endmacro -%}

{#- The numbers that queries of how many rows there are give, two each: those that happened before an as-of, and those of them
    that were loaded so long before it that none is still on its way. Asked before the facts are made: of a row that goes
    meanwhile the next run sees that it is gone. -#}
{%- macro segwh__rows_there(queries) -%}
  {%- set numbers = [] -%}
  {%- for query in queries -%}
    {%- for number in run_query(query).rows[0] -%}{%- do numbers.append(number | int) -%}{%- endfor -%}
  {%- endfor -%}
  {%- do return(numbers) -%}
{%- endmacro -%}

{#- The same run, or none where rows that it read are gone, or some came that it should have seen. `asked`: [relation, query of
    what there is now of the rows that it could see]. Rows that come late are more than it saw, and those that are loaded again
    have a later loaded_at: fewer of the first number and more of the second are neither. -#}
{%- macro segwh__unless_lost(before, asked) -%}
  {%- if before -%}
    {%- for relation, query in asked -%}
      {%- set seen = before.rows_seen[2 * loop.index0] | int, before.rows_seen[2 * loop.index0 + 1] | int -%}
      {%- set there = segwh__rows_there([query]) -%}
      {%- set lost, missed = seen[0] - there[0], there[1] - seen[1] -%}
      {%- if lost > 0 or missed > 0 -%}
        {%- do log('segwh: ' ~ before.entity ~ ': all looked at: rows of ' ~ relation ~ (
          ' that are there no more: ' if lost > 0 else ' that came later than load_delay after their loaded_at: '
        ) ~ '{:,}'.format(lost if lost > 0 else missed), info=true) -%}
        {%- do return(none) -%}
      {%- endif -%}
    {%- endfor -%}
  {%- endif -%}
  {%- do return(before) -%}
{%- endmacro -%}

{#- The same run, or none where one of the [before, now] texts goes back, as local time does when clocks are changed, and months
    that are counted back from the last days of a month. -#}
{%- macro segwh__in_order(before, pairs) -%}
  {%- for pair in pairs if pair[0] > pair[1] -%}
    {%- do log('segwh: ' ~ before.entity ~ ': all looked at: an edge of a window went back', info=true) -%}
    {%- do return(none) -%}
  {%- endfor -%}
  {%- do return(before) -%}
{%- endmacro -%}

{#- Which of the columns is no exact number, as a sentence; none where all are. -#}
{%- macro segwh__inexact(exact) -%}
  {%- for relation, names in exact -%}
    {%- set there = segwh__columns(relation) -%}
    {%- for name in names if there and segwh__family(there.get(name | lower, ['', ''])[1]) not in ('integer', 'decimal') -%}
      {%- do return(name ~ ' of ' ~ relation ~ ' holds no exact numbers') -%}
    {%- endfor -%}
  {%- endfor -%}
  {%- do return(none) -%}
{%- endmacro -%}

{#- What a grain looks at in this run: {'facts': the facts that its segments are asked of, 'only': which rows of them, 'moved':
    keys that changed or are gone, 'held': the members that are compared with the answers, 'known': where the sizes of segments
    are known from, 'name': what the answers are known by, 'is_overtaken': whether the facts or the log are no longer what they
    were when this was found out, as SQL}. Everything, unless it is known which rows of the facts are others than they were, and
    every segment was evaluated from those of before by the rule of today. -#}
{%- macro segwh__looked_at(grain, key_name, facts, standing, rules, as_of) -%}
  {%- set everything = {'facts': facts, 'only': 'true', 'moved': facts, 'held': 'held', 'known': 'counted', 'name': as_of, 'is_overtaken': 'false'} -%}
  {%- if not execute or segwh__reads_part() or not segwh__are_changed_known(facts) -%}
    {%- do return(everything) -%}
  {%- endif -%}
  {%- set now = segwh__instant(as_of) -%}
  {%- set there = run_query(
    'select count(*), min(segwh_made_by), max(segwh_made_by), min(segwh_base) from ' ~ facts
  ).rows[0] -%}
  {%- if not there[0] or there[1] != there[2] or segwh__log_end(grain) != there[3] -%}
    {%- do return(everything) -%}
  {%- endif -%}
  {%- set is_wanted = segwh__is_wanted('rules.segment', 'rules.refresh', 'rules.is_suppression') -%}
  {%- if var('segwh_only', []) or var('segwh_refresh', []) -%}
    {#- It watches others (`watched` of the difference), of which it has to know how many they lost since they were evaluated. -#}
    {%- set is_wanted = '(' ~ is_wanted ~ ' or exists (select 1 from ' ~ rules ~ ' as asked where '
      ~ segwh__is_wanted('asked.segment', 'asked.refresh', 'asked.is_suppression')
      ~ " and (asked.watches = '*' or strpos(asked.watches, concat(',', rules.segment, ',')) > 0)))" -%}
  {%- endif -%}
  {%- set others = run_query(
    'select count(*), min(rules.segment) from ' ~ rules ~ ' as rules left join ' ~ standing
    ~ " as past on past.kind = 'segment' and past.segment = rules.segment where rules.grain = '" ~ grain ~ "' and " ~ is_wanted
    ~ " and rules.status = 'active' and (rules.expires_at is null or rules.expires_at > " ~ now ~ ')'
    ~ " and not coalesce(past.computed_hash = rules.rule_hash and case when rules.type = 'static' then past.status <> 'removed'"
    ~ " else past.status = 'live' and past.changed_at = (select max(marks.changed_at) from " ~ standing
    ~ " as marks where marks.kind = 'segment') end, false)"
  ).rows[0] -%}
  {%- if others[0] -%}
    {%- do log('segwh: ' ~ grain ~ ': all members compared: ' ~ others[1] ~ (' and ' ~ (others[0] - 1) ~ ' other segments were'
      if others[0] > 1 else ' was') ~ ' not up to date in the run before', info=true) -%}
    {%- do return(everything) -%}
  {%- endif -%}
  {%- set key = segwh__column_name(key_name) -%}
  {%- set changed, gone = segwh__changed_facts(facts), segwh__gone_facts(facts) -%}
  {%- do return({
    'facts': facts,
    'only': 'segwh_looked_at = ' ~ now,
    'moved': '(select ' ~ key ~ ' from ' ~ changed ~ ' union all select ' ~ key ~ ' from ' ~ gone ~ ')',
    'held': 'narrowed',
    'known': segwh__logged_sizes(grain, standing) or 'counted',
    'name': as_of ~ ' by ' ~ there[1],
    'is_overtaken': '(base.sequence <> ' ~ there[3] ~ ' or exists (select 1 from ' ~ facts
      ~ ' as others where others.segwh_made_by <> ' ~ there[1] ~ '))',
  }) -%}
{%- endmacro -%}

{#- The sizes of a grain's segments as the newest evaluation of all of them left them, as SQL; none where some segment was not
    evaluated then. It was at an earlier as-of than the run's, so nobody came or went at this one. -#}
{%- macro segwh__logged_sizes(grain, standing) -%}
  {%- set log = segwh__existing('segwh_' ~ grain ~ '_log') -%}
  {%- set rows = "select segment, sequence, changed_at, members from " ~ log ~ " where change = 'evaluated' and changed_at ="
    ~ ' (select max(changed_at) from ' ~ standing ~ " where kind = 'segment')" -%}
  {%- set newest = 'select sized.segment, sized.members, 0 as entered, 0 as exited from (' ~ rows ~ ') as sized inner join '
    ~ standing ~ " as past on past.kind = 'segment' and past.segment = sized.segment and past.sequence = sized.sequence" -%}
  {%- set missing = run_query(
    'select count(*) from ' ~ standing ~ ' as past left join (' ~ newest ~ ') as sized on sized.segment = past.segment'
    ~ " where past.kind = 'segment' and past.status <> 'removed' and sized.members is null"
  ).rows[0][0] -%}
  {%- do return('(' ~ newest ~ ')' if not missing else none) -%}
{%- endmacro -%}

{#- Says how many rows are others than they were, once the facts stand; where all count as that, it was said. -#}
{%- macro segwh__tell_facts(entity, whole) -%}
  {%- if execute and not segwh__reads_part() and segwh__are_changed_known(this) -%}
    {%- set told = run_query(
      'select count(*), sum(case when segwh_looked_at = evaluated_at then 1 else 0 end) from ' ~ this
    ).rows[0] -%}
    {%- if told[0] != told[1] -%}
      {%- do log(
        'segwh: ' ~ entity ~ ': ' ~ '{:,}'.format(told[1] | int) ~ ' of ' ~ '{:,}'.format(told[0] | int) ~ ' looked at again'
        ~ ('; ' ~ whole if whole else ''), info=true
      ) -%}
    {%- endif -%}
  {%- endif -%}
{%- endmacro -%}
