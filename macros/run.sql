{#- segwh: written by `segwh compile`, which overwrites it.

Which run this is, and what it may touch. Every model takes its as-of from the run's `started` row, so `dbt retry` and a
partial select never mix two instants. -#}

{#- The relation of one of segwh's models where the project's own configuration puts it, whether it exists or not.
    Read from the graph, not by ref(): the log is both read before and written after the evaluation. -#}
{%- macro segwh__place(model_name) -%}
  {%- if execute -%}
    {%- for node in graph.nodes.values() if node.name == model_name and node.resource_type == 'model' -%}
      {%- do return(api.Relation.create(database=node.database, schema=node.schema, identifier=node.alias)) -%}
    {%- endfor -%}
  {%- endif -%}
  {%- do return(this.incorporate(path={'identifier': model_name})) -%}
{%- endmacro -%}

{#- The name of the dbt project that the rules are compiled into, also where another one has that as a package. -#}
{%- macro segwh__project() -%}
  {%- if execute -%}
    {%- for node in graph.nodes.values() if node.name == 'segwh_run_starts' and node.resource_type == 'model' -%}
      {%- do return(node.package_name) -%}
    {%- endfor -%}
  {%- endif -%}
  {%- do return('') -%}
{%- endmacro -%}

{#- The relation of one of segwh's models if it exists in the warehouse, else none. -#}
{%- macro segwh__existing(model_name) -%}
  {%- set place = segwh__place(model_name) -%}
  {%- if not execute -%}
    {%- do return(none) -%}
  {%- endif -%}
  {%- do return(adapter.get_relation(database=place.database, schema=place.schema, identifier=place.identifier)) -%}
{%- endmacro -%}

{#- Whether there is a table that stays as it is while only a part of the data is read. It is an error if it lacks a column that a
    view shows since the rules have changed: the view would fail in the engine's own words. -#}
{%- macro segwh__is_kept(model_name, columns) -%}
  {%- set place = segwh__existing(model_name) -%}
  {%- if place is none -%}
    {%- do return(false) -%}
  {%- endif -%}
  {%- set there = segwh__columns(place) -%}
  {%- set lacking = [] -%}
  {%- for column in columns if column not in there -%}{%- do lacking.append(column) -%}{%- endfor -%}
  {%- if lacking -%}
    {%- do exceptions.raise_compiler_error(
      'segwh: with --empty and --sample ' ~ model_name ~ ' stays as it is, and it lacks what is to be shown now ('
      ~ lacking[:3] | join(', ') ~ (', ...' if lacking | length > 3 else '') ~ '): build it once without'
    ) -%}
  {%- endif -%}
  {%- do return(true) -%}
{%- endmacro -%}

{#- Whether a table that only grows is there already, so that rows are added to it. -#}
{%- macro segwh__grows() -%}
  {%- do segwh__require_table(segwh__existing(this.identifier)) -%}
  {%- do return(is_incremental() or (target.type == 'clickhouse' and segwh__existing(this.identifier) is not none)) -%}
{%- endmacro -%}

{#- Whether this invocation reads only a part of the data (--empty, --sample): then nothing may be concluded from it. -#}
{%- macro segwh__reads_part() -%}
  {%- do return((flags.EMPTY or false) or (invocation_args_dict.get('sample') or false) is not false) -%}
{%- endmacro -%}

{#- A relation as dbt limits it under --empty and --sample, without the alias that dbt adds there: the SQL has its own. -#}
{%- macro segwh__rows(relation) -%}
  {%- do return(relation.replace(require_alias=False)) -%}
{%- endmacro -%}

{#- The same of a relation that segwh has not made, which may hold texts that are not compared as in rules. -#}
{%- macro segwh__plain_rows(relation) -%}
  {%- set rows = segwh__rows(relation) -%}
  {%- do return(segwh__with_plain_texts(relation, rows) if execute and target.type == 'postgres' else rows) -%}
{%- endmacro -%}

{#- A relation of others as a view reads it: whole, whatever part this invocation reads. -#}
{%- macro segwh__whole(relation) -%}
  {%- do return(segwh__with_plain_texts(relation, relation.render()) if execute and target.type == 'postgres' else relation.render()) -%}
{%- endmacro -%}

{#- The as-of that was asked for (variable segwh_as_of, else the start of the invocation), rounded down to `unit` if given. -#}
{%- macro segwh__requested_as_of(timezone, unit=none) -%}
  {%- set asked = var('segwh_as_of', none) -%}
  {%- set at = segwh__parsed(asked, timezone) if asked else run_started_at.astimezone(modules.pytz.utc).replace(tzinfo=none) -%}
  {%- if unit == 'hour' -%}
    {%- do return(at.replace(minute=0, second=0, microsecond=0)) -%}
  {%- elif unit == 'day' -%}
    {%- do return(segwh__edge(at, 'days', 0, timezone, 0)) -%}
  {%- endif -%}
  {%- do return(at) -%}
{%- endmacro -%}

{#- The run in progress: {'id', 'as_of' (naive UTC)}. The row of this invocation, else the newest one (a retry, or a part of
    the models selected); before there is any row, what was asked for. -#}
{%- macro segwh__run(timezone, unit=none) -%}
  {%- set starts = segwh__existing('segwh_run_starts') -%}
  {%- if starts is not none -%}
    {%- set first = 'top 1' if segwh__has_bits() else '' -%}
    {%- set found = run_query(
      "select " ~ first ~ " run_id, as_of_text from " ~ starts ~ " order by case when run_id = '" ~ invocation_id
      ~ "' then 0 else 1 end, started_at desc, run_id" ~ ('' if first else ' limit 1')
    ) -%}
    {%- if found.rows | length -%}
      {%- do return({'id': found.rows[0][0], 'as_of': segwh__parsed(found.rows[0][1], 'UTC')}) -%}
    {%- endif -%}
  {%- endif -%}
  {%- do return({'id': invocation_id, 'as_of': segwh__requested_as_of(timezone, unit)}) -%}
{%- endmacro -%}

{#- Where logs end as a run begins, each as `name:sequence`. A log that is not there yet ends at 0. -#}
{%- macro segwh__log_ends(names) -%}
  {%- set ends, asked = {}, [] -%}
  {%- if execute -%}
    {%- for name in names -%}
      {%- do ends.update({name: 0}) -%}
      {%- set place = segwh__existing(name) -%}
      {%- if place is not none -%}
        {%- do asked.append("select '" ~ name ~ "' as name, coalesce(max(sequence), 0) as sequence from " ~ place) -%}
      {%- endif -%}
    {%- endfor -%}
    {%- if asked -%}
      {%- for row in run_query(asked | join(' union all ')).rows -%}{%- do ends.update({row[0]: row[1] | int}) -%}{%- endfor -%}
    {%- endif -%}
  {%- endif -%}
  {%- set told = [] -%}
  {%- for name in ends | sort -%}{%- do told.append(name ~ ':' ~ ends[name]) -%}{%- endfor -%}
  {%- do return(told | join(' ')) -%}
{%- endmacro -%}

{#- Whether another run that is under way has written into another log than `own` since a run began, as SQL. One that has ended
    wants nothing more of this log. Where dbt's memory is not asked, a log that another run has just made is seen too. -#}
{%- macro segwh__is_elsewhere_overtaken(run, own) -%}
  {%- set starts = segwh__existing('segwh_run_starts') -%}
  {%- set asked, done = [], segwh__existing('segwh_run_ends') -%}
  {%- set is_done = ' and not exists (select 1 from ' ~ done ~ ' as done where done.run_id = other_log.run_id)' if done is not none else '' -%}
  {%- if starts is not none and 'log_ends' in segwh__columns(starts) -%}
    {%- set ends = namespace(told='') -%}
    {%- for row in run_query("select log_ends from " ~ starts ~ " where run_id = '" ~ run.id ~ "'").rows -%}
      {%- set ends.told = row[0] or '' -%}
    {%- endfor -%}
    {%- for told in ends.told.split() -%}
      {%- set name, sequence = told.split(':') -%}
      {%- set place = segwh__place(name) -%}
      {%- set is_there = segwh__kind(place) if target.type == 'postgres' else segwh__existing(name) -%}
      {%- if name != own and is_there is not none -%}
        {%- do asked.append(
          'exists (select 1 from ' ~ place ~ ' as other_log where other_log.sequence > ' ~ (sequence | int)
          ~ " and other_log.run_id <> '" ~ run.id ~ "'" ~ is_done ~ ')'
        ) -%}
      {%- endif -%}
    {%- endfor -%}
  {%- endif -%}
  {%- do return('(' ~ (asked | join(' or ') if asked else '1 = 0') ~ ')') -%}
{%- endmacro -%}

{#- The suppression lists of earlier runs: `entity:name` -> whether the newest run that speaks of it has it as one. Every run names
    those that it knows, and once, with a dash, each that is none any more. All runs are asked, not the newest alone: of two at
    once each may know a list of which the other has not heard. -#}
{%- macro segwh__lists_before() -%}
  {%- set lists = {} -%}
  {%- set starts = segwh__existing('segwh_run_starts') -%}
  {%- if starts is not none and 'suppression_lists' in segwh__columns(starts) -%}
    {%- set told = run_query(
      'select suppression_lists, max(started_at) as told_at from ' ~ starts
      ~ ' where suppression_lists is not null group by suppression_lists order by told_at'
    ).rows -%}
    {%- for row in told -%}
      {%- do lists.update(segwh__lists_told(row[0])) -%}
    {%- endfor -%}
  {%- endif -%}
  {%- do return(lists) -%}
{%- endmacro -%}

{#- What the start of a run told of lists: word -> whether it is one. -#}
{%- macro segwh__lists_told(text) -%}
  {%- set lists = {} -%}
  {%- for word in (text or '').split() -%}{%- do lists.update({word.lstrip('-'): not word.startswith('-')}) -%}{%- endfor -%}
  {%- do return(lists) -%}
{%- endmacro -%}

{#- The same lists by their names of today. `renamed`: [former, present] words. Once a list bears its present name, the former one is
    free for another list. -#}
{%- macro segwh__lists_renamed(before, renamed) -%}
  {%- set lists = dict(before) -%}
  {%- for former, present in renamed if before.get(former) and not before.get(present) -%}
    {%- do lists.update({former: false, present: true}) -%}
  {%- endfor -%}
  {%- do return(lists) -%}
{%- endmacro -%}

{#- What the start of a run says of suppression lists: those that `declared` names, and those of earlier runs until somebody lets
    them go by name. It is said as the run begins: whoever accepts has spoken, however the run ends. -#}
{%- macro segwh__lists_begun(declared, renamed) -%}
  {%- set words = {} -%}
  {%- for word in declared -%}{%- do words.update({word: word}) -%}{%- endfor -%}
  {%- if execute -%}
    {%- set before = segwh__lists_before() -%}
    {%- set lists = segwh__lists_renamed(before, renamed) -%}
    {%- set accepted, removed = segwh__given('segwh_accept'), segwh__given('segwh_remove') -%}
    {%- for word in lists if word not in words and (lists[word] or before.get(word)) -%}
      {%- set name = word.split(':')[1] -%}
      {%- set is_let_go = name in accepted or (name in removed and not segwh__is_in_rules(name)) -%}
      {%- do words.update({word: word if lists[word] and not is_let_go else '-' ~ word}) -%}
    {%- endfor -%}
  {%- endif -%}
  {%- do return(words.values() | sort | join(' ')) -%}
{%- endmacro -%}

{#- Whether the rules of this run have a segment of that name. -#}
{%- macro segwh__is_in_rules(name) -%}
  {%- set rules = segwh__existing('segwh_rules') -%}
  {%- do return(rules is not none and run_query("select count(*) from " ~ rules ~ " where segment = '" ~ name ~ "'").rows[0][0] | int > 0) -%}
{%- endmacro -%}

{#- The suppression lists of an entity that a run knows and the rules name no more, though nobody let them go: {'names': as SQL,
    'is_any': as SQL, 'problem': what to do about it, or empty}. Whom they kept out shall not come in unnoticed. -#}
{%- macro segwh__lost_lists(run, entity, declared, renamed) -%}
  {%- set names = [] -%}
  {%- if execute -%}
    {%- set starts = segwh__existing('segwh_run_starts') -%}
    {%- set own = namespace(lists=none) -%}
    {%- if starts is not none and 'suppression_lists' in segwh__columns(starts) -%}
      {%- set told = run_query(
        'select suppression_lists from ' ~ starts ~ " where run_id = '" ~ run.id ~ "' and suppression_lists is not null"
      ).rows -%}
      {%- if told | length -%}{%- set own.lists = segwh__lists_told(told[0][0]) -%}{%- endif -%}
    {%- endif -%}
    {%- set lists = segwh__lists_renamed(segwh__lists_before() if own.lists is none else own.lists, renamed) -%}
    {%- for word in lists | sort if lists[word] and word not in declared and word.split(':')[0] == entity -%}
      {%- do names.append(word.split(':')[1]) -%}
    {%- endfor -%}
  {%- endif -%}
  {%- set problem = '' -%}
  {%- if names -%}
    {%- set problem = (
      'suppression ' ~ ('lists ' if names | length > 1 else 'list ') ~ names | join(' and ')
      ~ (' are' if names | length > 1 else ' is') ~ ' not in exclusions any more: put '
      ~ ('them' if names | length > 1 else 'it') ~ ' back, or --accept ' ~ names | join(' --accept ')
    ) -%}
  {%- endif -%}
  {%- do return({
    'names': "('" ~ ([''] + names) | join("', '") ~ "')",
    'is_any': '(1 = 1)' if names else '(1 = 0)',
    'problem': problem,
  }) -%}
{%- endmacro -%}

{#- A list variable of names. Names are checked, so nothing else gets into the SQL. -#}
{%- macro segwh__given(variable) -%}
  {%- set given = var(variable, none) -%}
  {%- set names = [] if given is none else [given] if given is string else given -%}
  {%- if names is not iterable or names is mapping -%}
    {%- do exceptions.raise_compiler_error(variable ~ ': ' ~ given ~ ' is no list of names') -%}
  {%- endif -%}
  {%- for name in names if not modules.re.match('^[a-z][a-z0-9_]*$', name | string) -%}
    {%- do exceptions.raise_compiler_error(variable ~ ": '" ~ name ~ "' is not a name") -%}
  {%- endfor -%}
  {%- do return(names) -%}
{%- endmacro -%}

{#- A variable that is true or false. What is neither is an error: a quoted 'no' would be true to Jinja. -#}
{%- macro segwh__is_on(variable) -%}
  {%- set given = var(variable, false) -%}
  {%- set word = given | string | lower -%}
  {%- if word in ('true', 'yes', 'on', '1') -%}
    {%- do return(true) -%}
  {%- elif word not in ('false', 'no', 'off', '0', 'none', '') -%}
    {%- do exceptions.raise_compiler_error(variable ~ ': ' ~ given ~ ' is neither true nor false') -%}
  {%- endif -%}
  {%- do return(false) -%}
{%- endmacro -%}

{#- A list variable of names as SQL literals in parentheses. -#}
{%- macro segwh__names(variable) -%}
  {%- do return("('" ~ ([''] + segwh__given(variable) | list) | join("', '") ~ "')") -%}
{%- endmacro -%}

{#- Whether a run is about a segment: about all, but where segwh_only names some, or segwh_refresh the words of some. The
    suppression lists go with every refresh: nobody comes in past one that was not looked at. -#}
{%- macro segwh__is_wanted(segment, refresh, is_suppression) -%}
  {%- set wanted = segment ~ ' in ' ~ segwh__names('segwh_only') if var('segwh_only', []) else '1 = 1' -%}
  {%- if var('segwh_refresh', []) -%}
    {%- set is_refreshed = refresh ~ ' in ' ~ segwh__names('segwh_refresh') ~ ' or ' ~ segwh__is_true(is_suppression) -%}
    {%- set wanted = wanted ~ ' and case when ' ~ is_refreshed ~ ' then 1 else 0 end = 1' -%}
  {%- endif -%}
  {%- do return('(' ~ wanted ~ ')') -%}
{%- endmacro -%}

{#- Whether the engine has no booleans but bits, which are values and no conditions. It knows TOP and not LIMIT, too. -#}
{%- macro segwh__has_bits() -%}
  {%- do return(target.type in ('sqlserver', 'fabric')) -%}
{%- endmacro -%}

{#- A column of truths as a condition. -#}
{%- macro segwh__is_true(column) -%}
  {%- do return(column ~ ' = 1' if segwh__has_bits() else column) -%}
{%- endmacro -%}

{#- The statuses that make a run fail. A backfill expects to be refused where the log is past its as-of. -#}
{%- macro segwh__held_back() -%}
  {%- do return("('kept', 'blocked', 'skipped')" if segwh__is_on('segwh_backfill') else "('kept', 'blocked', 'refused', 'skipped')") -%}
{%- endmacro -%}

{#- The time of day, for the bookkeeping of runs only. -#}
{%- macro segwh__now() -%}
  {%- do return(segwh__text(modules.datetime.datetime.now(modules.pytz.utc)) ~ '+00') -%}
{%- endmacro -%}

{#- Takes out of the state what nothing needs any more: older rows of a segment, leavers of instants gone by, and those who
    were hidden from a frozen set that is no more. Rows of segments bear that they are no members, so one comparison leaves out
    all members, of whom an engine with a memory of each block's values then reads nothing. -#}
{%- macro segwh__forget() -%}
  delete from {{ this }}
  where not {{ segwh__is_true('is_member') }} and exists (
    select 1 from (
      select marks.segment as newest_segment, marks.sequence as newest_sequence, marks.changed_at as newest_changed_at,
        marks.computed_hash as newest_hash, row_number() over (partition by marks.segment order by marks.sequence desc) as place
      from {{ this }} as marks
      where marks.kind = 'segment'
    ) as newest
    where newest.place = 1 and newest.newest_segment = segment
      and ((kind = 'segment' and sequence < newest.newest_sequence)
        or (kind = 'member'
          and (changed_at is null or changed_at < newest.newest_changed_at)
          and (computed_hash is null or newest.newest_hash is null or computed_hash <> newest.newest_hash)))
  )
{%- endmacro -%}

{#- Ends a run with an error if another run wrote into the log first: the books are in order then, but do not hold what this
    run found. Only where this invocation was to write into the log at all. -#}
{%- macro segwh__fail_if_overtaken() -%}
  {%- set logs = [] -%}
  {%- for node in graph.nodes.values() if node.unique_id in selected_resources and node.name.startswith('segwh_') and node.name.endswith('_log') -%}
    {%- do logs.append(node.name) -%}
  {%- endfor -%}
  {%- set ends = segwh__existing('segwh_run_ends') -%}
  {%- if logs and ends is not none -%}
    {%- set found = run_query("select status from " ~ ends ~ " where run_id = '" ~ invocation_id ~ "'") -%}
    {%- if found.rows | length and found.rows[0][0] == 'overtaken' -%}
      {%- do exceptions.raise_compiler_error('another run of segwh wrote its changes while this one was under way, so not all that this one found is recorded; nothing is lost or doubled: run it again') -%}
    {%- endif -%}
  {%- endif -%}
{%- endmacro -%}

{#- Drops what earlier runs left behind and nobody needs. -#}
{%- macro segwh__sweep() -%}
  {%- if execute and target.type == 'postgres' -%}
    {%- do segwh__sweep_former() -%}
  {%- elif execute and target.type == 'clickhouse' -%}
    {%- do segwh__sweep_staged() -%}
  {%- endif -%}
{%- endmacro -%}

{#- Ends a run with an error if it held segments back, or takes nobody new since a suppression list is lost (segwh__lost_lists); what
    it could publish is published by then. -#}
{%- macro segwh__fail_if_held_back(entities, declared, renamed) -%}
  {%- if execute and not segwh__reads_part() -%}
    {%- do segwh__fail_if_overtaken() -%}
    {%- set held = [] -%}
    {%- for node in graph.nodes.values() if node.resource_type == 'model' and node.name.startswith('segwh_') and node.name.endswith('_pending') -%}
      {%- set place = segwh__existing(node.name) -%}
      {%- if place is not none -%}
        {%- set rows = run_query("select segment, status, problem from " ~ place ~ " where kind = 'segment' and status in " ~ segwh__held_back() ~ " order by segment") -%}
        {%- for row in rows.rows -%}
          {%- do held.append(row[0] ~ ' (' ~ row[1] ~ ': ' ~ row[2] ~ ')') -%}
        {%- endfor -%}
      {%- endif -%}
    {%- endfor -%}
    {%- for entity in entities if not held -%}
      {%- set lost = segwh__lost_lists(segwh__run('UTC'), entity, declared, renamed) -%}
      {%- if lost.problem -%}
        {%- do exceptions.raise_compiler_error('segwh takes no new members of ' ~ entity ~ ': ' ~ lost.problem) -%}
      {%- endif -%}
    {%- endfor -%}
    {%- if held -%}
      {%- do exceptions.raise_compiler_error('segwh held back ' ~ (held | length) ~ (' segment' if held | length == 1 else ' segments') ~ ', the others are published: ' ~ held[:20] | join('; ')) -%}
    {%- endif -%}
  {%- elif execute -%}
    {%- do log('segwh: only a part of the data was to be read (--empty, --sample): nothing is recorded', info=true) -%}
  {%- endif -%}
  select 1
{%- endmacro -%}
