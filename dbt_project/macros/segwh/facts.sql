{#- segwh: written by `segwh compile`, which overwrites it.

Whether the facts of an entity can be brought up to date from what the run before left of them, or are worked out in full. In
doubt they are worked out in full, and the log of the run says why. -#}

{#- What the facts are measured by, as a number: the plan, and the relations as they are read. Equal numbers mean that only rows
    can differ. 0 is never taken over: facts of a part of the data, or of an as-of that lies ahead, when rows were still to come. -#}
{%- macro segwh__measured_as(meaning, read, run) -%}
  {%- if not execute or segwh__reads_part() or run.as_of > run_started_at.astimezone(modules.pytz.utc).replace(tzinfo=none) -%}
    {%- do return(0) -%}
  {%- endif -%}
  {%- do return(local_md5(meaning ~ ' ' ~ read | join(' '))[:15] | int(base=16)) -%}
{%- endmacro -%}

{#- The run whose facts are brought up to date, {'as_of' (naive UTC)}, or none. `exact`: [relation, columns] that have to be exact
    numbers, or sums cannot be told off. -#}
{%- macro segwh__facts_before(entity, key, measured_as, run, exact) -%}
  {%- if not execute or segwh__reads_part() -%}
    {%- do return(none) -%}
  {%- endif -%}
  {%- set facts = segwh__existing('segwh_' ~ entity ~ '_facts') -%}
  {%- set found = namespace(as_of=none, why='') -%}
  {%- if facts is none -%}
    {%- set found.why = 'for the first time' -%}
  {%- elif var('segwh_full', false) or flags.FULL_REFRESH -%}
    {%- set found.why = 'as asked' -%}
  {%- elif 'segwh_measured_as' not in segwh__columns(facts) -%}
    {%- set found.why = 'an older segwh left no word of how it measured' -%}
  {%- elif segwh__inexact(exact) -%}
    {%- set found.why = segwh__inexact(exact) -%}
  {%- else -%}
    {%- set left = run_query(
      'select count(*), count(distinct ' ~ key ~ '), min(segwh_measured_as), max(segwh_measured_as), count(distinct evaluated_at) from ' ~ facts
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
      {%- endif -%}
    {%- endif -%}
  {%- endif -%}
  {%- if found.as_of is none -%}
    {%- do log('segwh: ' ~ entity ~ ': all looked at: ' ~ found.why, info=true) -%}
    {%- do return(none) -%}
  {%- endif -%}
  {%- do return({'as_of': found.as_of, 'entity': entity}) -%}
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

{#- Says of how many keys the rows were read again, once the facts stand; where all were, that was said. -#}
{%- macro segwh__tell_facts(entity, whole) -%}
  {%- if execute and not segwh__reads_part() -%}
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
