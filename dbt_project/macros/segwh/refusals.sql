{#- segwh: written by `segwh compile`, which overwrites it.

What a run refuses before it writes anything: models that were not compiled together, variables that say nothing, tables that are
not as segwh left them, an as-of that comes too late. -#}

{#- Ends a run whose models are not those that one `segwh compile` wrote: merged by hand, edited, or left behind. Each of them might do
    its work, and together let in whom the rules keep out. How lines are indented and end does not matter. It is asked once a run: not
    where a model that comes before is built, too, for that one asked. -#}
{%- macro segwh__require_compiled() -%}
  {%- set begins = ['segwh_rules', 'segwh_run_starts'] -%}
  {%- set asked = [] -%}
  {%- for name in (begins[:begins.index(model.name)] if model.name in begins else begins)
      if 'model.' ~ model.package_name ~ '.' ~ name in selected_resources -%}
    {%- do asked.append(name) -%}
  {%- endfor -%}
  {%- if execute and not asked -%}
    {%- do segwh__require_dialect() -%}
    {%- set digests, others = segwh__digests(), [] -%}
    {%- for node in graph.nodes.values() if node.resource_type == 'model' and node.package_name == model.package_name and node.raw_code -%}
      {%- if node.name in digests -%}
        {%- do others.append(node.original_file_path) if local_md5(node.raw_code.split() | join(' '))[:12] != digests[node.name] -%}
      {%- elif node.raw_code.startswith('-- segwh: compiled') -%}
        {%- do others.append(node.original_file_path) -%}
      {%- endif -%}
    {%- endfor -%}
    {%- if others -%}
      {%- set files = others | sort -%}
      {%- set more = ' and ' ~ (files | length - 1) ~ ' other files' if files | length > 2 else ' and ' ~ files[1] if files | length == 2 else '' -%}
      {%- do exceptions.raise_compiler_error(
        files[0] ~ more ~ (' are' if more else ' is') ~ ' not as `segwh compile` wrote the project: nothing is written. Run `segwh compile`;'
        ~ ' of generated files that were merged or edited nobody knows what they do together'
      ) -%}
    {%- endif -%}
    {%- if segwh__writes() -%}{%- do segwh__require_settings(digests) -%}{%- endif -%}
  {%- endif -%}
{%- endmacro -%}

{#- Whether this invocation builds models; `dbt compile` and `dbt docs generate` look at them, and harm nothing. -#}
{%- macro segwh__writes() -%}
  {%- do return(flags.WHICH in ('run', 'build', 'retry')) -%}
{%- endmacro -%}

{#- Ends a run in which settings of the whole project (dbt_project.yml) would pass over rows of log or state, or over what makes a run
    fail that holds segments back: its audiences would stand still, and nobody would hear of it. -#}
{%- macro segwh__require_settings(names) -%}
  {%- set found = [] -%}
  {%- for node in graph.nodes.values() if node.name in names and node.resource_type == 'model' and node.package_name == model.package_name -%}
    {%- do found.append(node.name) -%}
    {%- if node.config.materialized in ('incremental', 'segwh_append') -%}
      {#- Where nothing merges, what a merge is told says nothing. -#}
      {%- set merging = ['merge_update_columns', 'merge_exclude_columns'] if node.config.get('incremental_strategy') == 'merge' else [] -%}
      {%- for option in ['incremental_predicates', 'predicates'] + merging if node.config.get(option) -%}
        {%- do exceptions.raise_compiler_error(
          'the config of the project sets ' ~ option ~ ' for ' ~ node.name ~ ', which would pass over rows of it: nothing is written. '
          ~ 'Set it for the folders of your own models only'
        ) -%}
      {%- endfor -%}
      {%- do segwh__require_table(segwh__existing(node.name)) -%}
    {%- endif -%}
  {%- endfor -%}
  {%- for name in ('segwh_run_ends', 'segwh_runs') if name not in found -%}
    {%- do exceptions.raise_compiler_error(
      'the model ' ~ name ~ ' is disabled, or its file is gone: nothing is written. It says how a run ended, and makes one fail that'
      ~ ' holds segments back; enable it, or run `segwh compile`'
    ) -%}
  {%- endfor -%}
  {#- Whoever disables an audience may mean it; who lost its file hears of it. -#}
  {%- for name in names if name not in found -%}
    {%- do exceptions.warn('segwh: the model ' ~ name ~ ' is disabled, or its file is gone: what it made stays as it is (`segwh compile` writes it again)') -%}
  {%- endfor -%}
{%- endmacro -%}

{#- Ends a run that would append to a view, as `dbt clone` makes one of a table: dbt puts a new table in its place, without the rows. -#}
{%- macro segwh__require_table(relation) -%}
  {%- if relation is not none and relation.is_view and segwh__writes() -%}
    {%- do exceptions.raise_compiler_error(
      relation ~ ' is a view, as `dbt clone` makes one, and a run adds rows to a table of that name: nothing is written. Drop the views'
      ~ ' of segwh in ' ~ relation.schema ~ ', and a log of its own begins there; for one with the past, put a table in place of each log first'
    ) -%}
  {%- endif -%}
{%- endmacro -%}

{#- Ends a run on a warehouse for which the models are not written: most of it would fail, and what does not may mean something
    else there. Adapters that reach one engine by several ways are of one kin; of adapters that segwh does not know nothing is said. -#}
{%- macro segwh__require_dialect() -%}
  {%- set kin = {'athena': 'trino', 'databricks': 'spark', 'fabric': 'tsql', 'redshift': 'postgres', 'sqlserver': 'tsql'} -%}
  {%- set engines = ['bigquery', 'clickhouse', 'databend', 'duckdb', 'postgres', 'snowflake', 'spark', 'trino', 'tsql'] -%}
  {%- set here = kin.get(target.type, target.type) -%}
  {%- if here in engines and here != kin.get(segwh__dialect(), segwh__dialect()) -%}{%- do segwh__refuse_target() -%}{%- endif -%}
{%- endmacro -%}

{%- macro segwh__refuse_target() -%}
  {%- do exceptions.raise_compiler_error(
    'the models are compiled for ' ~ segwh__dialect() ~ ', and the target ' ~ target.name ~ ' is ' ~ target.type
    ~ ': nothing is written. Run `segwh compile --target ' ~ target.name ~ '` first'
  ) -%}
{%- endmacro -%}

{#- Ends a run into the tables of another project: both would write the one log, each list of segments would take the place of the
    other, and each would drop the audiences of the other. The newest run that says so tells whose they are. -#}
{%- macro segwh__require_own_tables() -%}
  {%- set starts = segwh__existing('segwh_run_starts') -%}
  {%- if execute and starts is not none and 'project' in segwh__columns(starts) -%}
    {%- set told = run_query(
      "select project, max(started_at) as told_at from " ~ starts ~ " where project <> '' group by project order by told_at"
    ).rows -%}
    {%- set owner, own = told[told | length - 1][0] if told | length else none, segwh__project() -%}
    {%- if owner is not none and owner != own and var('segwh_adopt', none) != owner -%}
      {%- do exceptions.raise_compiler_error(
        'the tables of segwh in ' ~ starts.schema ~ ' belong to the project ' ~ owner ~ ', and this is ' ~ own
        ~ ": nothing is written. Give this one a schema of its own; or, if it is the same under another name, run it once with --vars '{segwh_adopt: "
        ~ owner ~ "}'"
      ) -%}
    {%- endif -%}
  {%- endif -%}
{%- endmacro -%}

{#- Ends a run that was called with variables of segwh's that are not what they have to be, and tells of names that segwh does not
    know: they do nothing. The as-of is looked at where it is read. -#}
{%- macro segwh__require_variables() -%}
  {%- for variable in ('segwh_accept', 'segwh_remove', 'segwh_only', 'segwh_refresh') -%}{%- do segwh__given(variable) -%}{%- endfor -%}
  {%- for variable in ('segwh_full', 'segwh_backfill') -%}{%- do segwh__is_on(variable) -%}{%- endfor -%}
  {#- What a run asks for. Tests are told the other two. -#}
  {%- set known = ['segwh_as_of', 'segwh_accept', 'segwh_remove', 'segwh_only', 'segwh_refresh', 'segwh_full', 'segwh_backfill', 'segwh_adopt'] -%}
  {%- set given = invocation_args_dict.get('vars') -%}
  {%- if execute and given is mapping and this | string == segwh__place('segwh_run_starts') | string -%}
    {%- for name in given if (name | string).startswith('segwh_') and name not in known + ['segwh_audit', 'segwh_tested'] -%}
      {%- do log('segwh: the variable ' ~ name ~ ' is none of segwh, which knows ' ~ known | join(', '), info=true) -%}
    {%- endfor -%}
  {%- endif -%}
{%- endmacro -%}

{#- Ends a run where a log has lost its newest rows or is gone, while the state still holds what followed from them. What the
    state remembers is no proof of anything: the log is the source of truth, so somebody has to say what shall become of it. -#}
{%- macro segwh__require_logs() -%}
  {%- if execute -%}
    {%- for node in graph.nodes.values() if node.resource_type == 'model' and node.name.startswith('segwh_') and node.name.endswith('_state') -%}
      {%- set log_name = node.name[:-6] ~ '_log' -%}
      {%- set state = segwh__existing(node.name) -%}
      {%- set log = segwh__existing(log_name) -%}
      {%- set applied = run_query('select max(sequence) from ' ~ state).rows[0][0] if state is not none else none -%}
      {%- if applied -%}
        {%- set known = run_query('select max(sequence) from ' ~ log ~ ' where sequence >= ' ~ (applied | int)).rows[0][0] if log is not none else none -%}
        {#- Of no rows the maximum is null, or 0 where the column cannot be null. -#}
        {%- if known is none or known | int < applied | int -%}
          {%- do exceptions.raise_compiler_error(
            'the log ' ~ log_name ~ ' ' ~ ('is gone' if log is none else 'has lost its newest rows') ~ ', while ' ~ node.name
            ~ ' remembers what followed from it: nothing is written. Restore the log from a backup; or drop ' ~ node.name
            ~ ' too, and the next run goes on from the log as it is'
            ~ (': everyone enters anew, as on the first day' if log is none else '')
          ) -%}
        {%- endif -%}
      {%- endif -%}
    {%- endfor -%}
    {%- do segwh__require_newest_changes() -%}
  {%- endif -%}
{%- endmacro -%}

{#- The same where the log lacks what the newest run wrote, of which the state does not know yet: but that run counted it as it
    ended. Not after an erasure, nor where a state is gone: somebody says by it that the log counts as it is. A run that began since
    has seen the log and let it pass: then it is enough that the log ends no earlier than it did for that run. -#}
{%- macro segwh__require_newest_changes() -%}
  {%- set starts, ends = segwh__existing('segwh_run_starts'), segwh__existing('segwh_run_ends') -%}
  {%- if starts is not none and ends is not none and 'log_ends' in segwh__columns(starts) -%}
    {%- set newest = run_query(
      'select done.run_id, case when (select max(finished_at) from ' ~ ends ~ " where status = 'erased') >= begun.started_at then 0"
      ~ ' else done.entered + done.exited end, begun.log_ends from ' ~ ends ~ ' as done inner join ' ~ starts
      ~ ' as begun on begun.run_id = done.run_id where done.finished_at = (select max(finished_at) from ' ~ ends
      ~ ') and done.finished_at >= (select max(started_at) from ' ~ starts ~ ')'
    ).rows -%}
    {%- if not newest | length -%}{%- do segwh__require_log_ends(starts) -%}{%- endif -%}
    {%- for row in newest if row[1] and row[2] -%}
      {%- set found = namespace(changes=0, are_known=true) -%}
      {%- set logs, empty = [], [] -%}
      {%- for told in row[2].split() -%}
        {%- set name, sequence = told.split(':') -%}
        {%- set log = segwh__existing(name) -%}
        {%- do logs.append(name) -%}
        {%- if segwh__existing(name[:-4] ~ '_state') is none -%}
          {%- set found.are_known = false -%}
        {%- elif log is none -%}
          {%- do empty.append(name) -%}
        {%- else -%}
          {%- set wrote = run_query(
            "select count(*), sum(case when change <> 'evaluated' then 1 else 0 end) from " ~ log ~ ' where sequence > '
            ~ (sequence | int) ~ " and run_id = '" ~ row[0] ~ "'"
          ).rows[0] -%}
          {%- do empty.append(name) if not wrote[0] -%}
          {%- set found.changes = found.changes + (wrote[1] or 0) | int -%}
        {%- endif -%}
      {%- endfor -%}
      {%- if found.are_known and found.changes < row[1] | int -%}
        {%- set lost = (empty or logs) | join(' or ') -%}
        {%- do exceptions.raise_compiler_error(
          'the log ' ~ lost ~ ' has lost its newest rows, while segwh_run_ends remembers how many there were: nothing is written. '
          ~ 'Restore the log from a backup; or drop ' ~ lost | replace('_log', '_state') ~ ' too, and the next run goes on from the log as it is'
        ) -%}
      {%- endif -%}
    {%- endfor -%}
  {%- endif -%}
{%- endmacro -%}

{#- The same where the newest run died, or the log was changed by hand since it ended: no log ends before it did as that run began. -#}
{%- macro segwh__require_log_ends(starts) -%}
  {%- set begun = run_query('select log_ends from ' ~ starts ~ ' where started_at = (select max(started_at) from ' ~ starts ~ ')').rows -%}
  {%- for told in ((begun[0][0] or '') if begun | length else '').split() -%}
    {%- set name, sequence = told.split(':') -%}
    {%- set log = segwh__existing(name) -%}
    {%- if sequence | int > 0 and segwh__existing(name[:-4] ~ '_state') is not none -%}
      {%- set end = run_query('select max(sequence) from ' ~ log ~ ' where sequence >= ' ~ sequence).rows[0][0] if log is not none else none -%}
      {%- if not end -%}
        {%- do exceptions.raise_compiler_error(
          'the log ' ~ name ~ ' has lost its newest rows, while segwh_run_starts remembers where it ended: nothing is written. '
          ~ 'Restore the log from a backup; or drop ' ~ name[:-4] ~ '_state too, and the next run goes on from the log as it is'
        ) -%}
      {%- endif -%}
    {%- endif -%}
  {%- endfor -%}
{%- endmacro -%}

{#- Ends a run whose keys are called otherwise than in the log: nobody knows then whom it tells of. `keys`: log -> name;
    `own`: the other columns of every log. -#}
{%- macro segwh__require_key_names(keys, own) -%}
  {%- for log_name in keys if execute and segwh__existing(log_name) is not none -%}
    {%- set there = segwh__columns(segwh__existing(log_name)) -%}
    {%- if keys[log_name] | lower not in there -%}
      {%- set former = there.keys() | reject('in', own) | join(' or ') -%}
      {%- do exceptions.raise_compiler_error(
        'the log ' ~ log_name ~ ' knows its members by ' ~ former ~ ', and the catalog calls that key ' ~ keys[log_name]
        ~ ' now: nothing is written. Give the key its former name beside its column (key: {column: ..., name: ' ~ former
        ~ '}); or rename the column of the log and drop ' ~ log_name[:-4] ~ '_state'
      ) -%}
    {%- endif -%}
  {%- endfor -%}
{%- endmacro -%}

{#- Ends a run whose keys cannot be compared with those of the log, since one are numbers, say, and the others texts: whether 007 is
    7 only somebody knows. -#}
{%- macro segwh__require_key_type(log_name, evaluation, key) -%}
  {%- set found = segwh__existing(evaluation) if execute else none -%}
  {%- if found is not none -%}
    {%- do segwh__require_type_of_log(log_name, key, segwh__columns(found).get(key | lower)) -%}
  {%- endif -%}
{%- endmacro -%}

{#- The same before rules that remember set rows of the log beside those of the entity's own table, which some engines refuse in
    words of their own. `keys`: [log, name of the key, its column in `relation`, declared type]. A column that is not as it is
    declared is read as nulls of the declared type, and can be compared; only the key of the entity, for which no type is given
    here, is read as it is. -#}
{%- macro segwh__require_remembered_keys(relation, keys) -%}
  {%- if execute -%}
    {%- set there = segwh__columns(relation) -%}
    {%- for log_name, key, name, declared in keys -%}
      {%- set column = there.get(name | lower) -%}
      {%- if column and (not declared or segwh__misfit(declared, column[1]) is none) -%}
        {%- do segwh__require_type_of_log(log_name, key, column) -%}
      {%- endif -%}
    {%- endfor -%}
  {%- endif -%}
{%- endmacro -%}

{#- Ends a run whose key, as it is found in a `column` ([name, type], or none), is of another kind of type than in the log. -#}
{%- macro segwh__require_type_of_log(log_name, key, column) -%}
  {%- set log = segwh__existing(log_name) -%}
  {%- set was = segwh__columns(log).get(key | lower) if log is not none else none -%}
  {%- set families = [segwh__family(was[1]), segwh__family(column[1])] if was and column else [] -%}
  {%- set others = families | reject('in', ['integer', 'number', 'decimal']) | list -%}
  {%- if none not in families and families | unique | list | length > 1 and others -%}
    {%- do exceptions.raise_compiler_error(
      'the log ' ~ log_name ~ ' holds keys of type ' ~ was[1] | string | lower ~ ', and ' ~ key ~ ' is ' ~ column[1] | string | lower
      ~ ' now: nothing is written. Convert the key in dbt to what it was; or alter the column of the log and drop '
      ~ log_name[:-4] ~ '_state'
    ) -%}
  {%- endif -%}
{%- endmacro -%}

{#- Ends a run that did not begin since every segment was evaluated at a later as-of already. -#}
{%- macro segwh__fail_if_too_late() -%}
  {%- if execute and not segwh__reads_part() -%}
    {%- set begun = run_query("select count(*) from " ~ this ~ " where run_id = '" ~ invocation_id ~ "'").rows[0][0] -%}
    {%- if begun | int == 0 -%}
      {%- do exceptions.raise_compiler_error('the as-of of this run is refused, nothing was changed: every segment was evaluated at a later one already, and the log goes forward only') -%}
    {%- endif -%}
  {%- endif -%}
{%- endmacro -%}
