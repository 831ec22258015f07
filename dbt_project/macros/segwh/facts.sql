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
  {%- do return(segwh__number(meaning ~ ' ' ~ read | join(' ') ~ ' ' ~ shapes | join(', '))) -%}
{%- endmacro -%}

{#- Who makes the facts and by what rules they are concluded from, as a number. -#}
{%- macro segwh__made_by(invocation, meaning) -%}
  {%- do return(segwh__number(invocation ~ ' ' ~ meaning)) -%}
{%- endmacro -%}

{#- A number that is another one for another text. -#}
{%- macro segwh__number(text) -%}
  {%- do return(local_md5(text)[:15] | int(base=16)) -%}
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
    {%- if left[0] != left[1] or left[4] != 1 or left[5] != left[6] -%}
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
        {%- set found.is_in_line = segwh__is_of_facts(grain, left[5], left[7], newest, meaning) -%}
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
    'as_of': found.as_of, 'entity': entity, 'is_in_line': 'true' if found.is_in_line else 'false', 'made_by': left[5],
    'rows_seen': left[8].split(' ')
  }) -%}
{%- endmacro -%}

{#- The same run, or none where rows that it read are gone, or some came that it should have seen. `asked`: [relation, query of
    what there is now of the rows that it could see]. Rows that come late are more than it saw, and those that are loaded again
    have a later loaded_at: fewer of the first number and more of the second are neither. -#}
{%- macro segwh__unless_lost(before, asked) -%}
  {%- if before -%}
    {%- for relation, query in asked -%}
      {%- set seen = before.rows_seen[2 * loop.index0] | int, before.rows_seen[2 * loop.index0 + 1] | int -%}
      {%- set there = run_query(query).rows[0][0].split(' ') -%}
      {%- set lost, missed = seen[0] - there[0] | int, there[1] | int - seen[1] -%}
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
  {%- set sizes = segwh__logged_sizes(grain, 'marks') -%}
  {%- set others = run_query(
    'with marks as materialized (select segment, computed_hash, status, changed_at, sequence from ' ~ standing
    ~ " where kind = 'segment'), sizes as (" ~ sizes ~ ')'
    ~ ' select count(*), min(rules.segment), (select count(*) from marks left join sizes on sizes.segment = marks.segment'
    ~ " where marks.status <> 'removed' and sizes.members is null) from " ~ rules
    ~ " as rules left join marks on marks.segment = rules.segment where rules.grain = '" ~ grain ~ "' and " ~ is_wanted
    ~ " and rules.status = 'active' and (rules.expires_at is null or rules.expires_at > " ~ now ~ ')'
    ~ " and not coalesce(marks.computed_hash = rules.rule_hash and case when rules.type = 'static' then marks.status <> 'removed'"
    ~ " else marks.status = 'live' and marks.changed_at = (select max(newest.changed_at) from marks as newest) end, false)"
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
    'known': 'counted' if others[2] else '(' ~ segwh__logged_sizes(grain, 'recorded_segments') ~ ')',
    'name': as_of ~ ' by ' ~ there[1],
    'is_overtaken': '(base.sequence <> ' ~ there[3] ~ ' or exists (select 1 from ' ~ facts
      ~ ' as others where others.segwh_made_by <> ' ~ there[1] ~ '))',
  }) -%}
{%- endmacro -%}

{#- The sizes of a grain's segments as the newest evaluation of all of them left them, as SQL over what the standing says of segments.
    It was at an earlier as-of than the run's, so nobody came or went at this one. -#}
{%- macro segwh__logged_sizes(grain, marks) -%}
  {%- set log = segwh__existing('segwh_' ~ grain ~ '_log') -%}
  {#- materialized: a planner that expects few segments reads the log once for each of them -#}
  {%- do return(
    'with sized as materialized (select segment, sequence, members from ' ~ log ~ " where change = 'evaluated' and changed_at ="
    ~ ' (select max(newest.changed_at) from ' ~ marks ~ ' as newest))'
    ~ ' select sized.segment, sized.members, 0 as entered, 0 as exited from sized inner join ' ~ marks
    ~ ' as past on past.segment = sized.segment and past.sequence = sized.sequence'
  ) -%}
{%- endmacro -%}

{#- Says how many rows are others than they were, once the facts stand; where all count as that, it was said. -#}
{%- macro segwh__tell_facts(entity, whole, follows) -%}
  {%- if execute and not segwh__reads_part() and (not follows or segwh__are_changed_known(this)) -%}
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

{#- Beside facts that were brought up to date, so that whoever follows them need not look for keys: <facts>_changed has those whose row is
    another one, <facts>_gone those that are there no more. Both stand only where they say all that became other since the log was
    written. -#}
{%- macro segwh__changed_facts(facts) -%}
  {%- do return(facts.incorporate(path={'identifier': facts.identifier ~ '_changed'})) -%}
{%- endmacro -%}

{%- macro segwh__gone_facts(facts) -%}
  {%- do return(facts.incorporate(path={'identifier': facts.identifier ~ '_gone'})) -%}
{%- endmacro -%}

{#- Whether it is known which rows of the facts are others than those from which the log was written. Asked of the warehouse and
    not of dbt's memory, which knows of models only. -#}
{%- macro segwh__are_changed_known(facts) -%}
  {%- set changed = segwh__changed_facts(facts) -%}
  {%- set found = run_query(
    "select count(*) from information_schema.tables where lower(table_name) = '" ~ changed.identifier | lower
    ~ "' and lower(table_schema) = '" ~ changed.schema | lower ~ "'"
    ~ (" and lower(table_catalog) = '" ~ changed.database | lower ~ "'" if changed.database else '')
  ).rows[0][0] -%}
  {%- do return(found > 0) -%}
{%- endmacro -%}

{#- Of facts that are about to be others nobody knows yet what changed. -#}
{%- macro segwh__forget_changed(facts) -%}
  {%- do run_query('drop table if exists ' ~ segwh__changed_facts(facts)) -%}
  {%- do run_query('drop table if exists ' ~ segwh__gone_facts(facts)) -%}
{%- endmacro -%}

{#- The columns of facts that say the same in all rows, anew in each run. -#}
{%- macro segwh__stamps() -%}
  {%- do return(['evaluated_at', 'segwh_measured_as', 'segwh_made_by', 'segwh_base', 'segwh_compiled_as', 'segwh_rows_seen']) -%}
{%- endmacro -%}

{#- Puts rows that changed in the place of those that were, takes out those of keys that are gone, and says in all the others what one
    row without a key says. Part of a transaction. `there` and `wanted` are [name, type] of the columns of the facts and of what
    was staged: a value is never cast to what the column of the run before could hold. `follows`: whether somebody asks for the keys
    that changed (segwh__changed_facts). -#}
{%- macro segwh__put_changed(target, staged, key, there, wanted, follows) -%}
  {%- if run_query('select count(*) from ' ~ staged ~ ' where ' ~ key ~ ' is null and evaluated_at <> segwh_looked_at').rows[0][0] -%}
    {#- facts that another run made of the same for the same as-of are as good as one's own -#}
    {%- set others = run_query(
      'select count(*) from ' ~ target ~ ' as there inner join ' ~ staged ~ ' as told on told.' ~ key ~ ' is null'
      ~ ' where there.evaluated_at <> told.segwh_looked_at or there.segwh_measured_as <> told.segwh_measured_as'
      ~ ' or there.segwh_compiled_as <> told.segwh_compiled_as or there.segwh_made_by = 0'
    ).rows[0][0] -%}
    {%- if not others -%}
      {%- do return(none) -%}
    {%- endif -%}
    {%- do exceptions.raise_compiler_error('another run of segwh, or an erasure, wrote to ' ~ target ~ ' while this one was under way: nothing is changed. Run it again') -%}
  {%- endif -%}
  {%- for column in there if column not in wanted -%}
    {%- do exceptions.raise_compiler_error('the column ' ~ column[0] | replace('"', '') ~ ' of ' ~ target ~ ' is of another type than it was: nothing is changed. Run it once with `segwh run --full` (the variable segwh_full)') -%}
  {%- endfor -%}
  {%- set own = there | map('first') | join(', ') -%}
  {%- if follows -%}{%- do segwh__forget_changed(target) -%}{%- endif -%}
  {%- if follows and run_query('select bool_and(segwh_is_in_line) from ' ~ staged).rows[0][0] -%}
    {%- do run_query('create table ' ~ segwh__changed_facts(target) ~ ' as select ' ~ key ~ ' from ' ~ staged ~ ' where not segwh_is_gone') -%}
    {%- do run_query('create table ' ~ segwh__gone_facts(target) ~ ' as select ' ~ key ~ ' from ' ~ staged ~ ' where segwh_is_gone and ' ~ key ~ ' is not null') -%}
  {%- endif -%}
  {%- do run_query('delete from ' ~ target ~ ' where ' ~ key ~ ' in (select ' ~ key ~ ' from ' ~ staged ~ ' where ' ~ key ~ ' is not null)') -%}
  {%- set stamps = [] -%}
  {%- for stamp in segwh__stamps() -%}{%- do stamps.append(stamp ~ ' = told.' ~ stamp) -%}{%- endfor -%}
  {%- do run_query('update ' ~ target ~ ' set ' ~ stamps | join(', ') ~ ' from ' ~ staged ~ ' as told where told.' ~ key ~ ' is null') -%}
  {%- do run_query('insert into ' ~ target ~ ' (' ~ own ~ ') select ' ~ own ~ ' from ' ~ staged ~ ' where not segwh_is_gone') -%}
{%- endmacro -%}
