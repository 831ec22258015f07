{#- segwh: written by `segwh compile`, which overwrites it.

DuckDB: how facts are brought up to date. Rows that changed are put in the place of those that were: after all others, where the
engine finds them by segwh_looked_at without reading those. So that whoever follows the facts need not look for their keys,
<facts>_changed has these, and <facts>_gone the keys that are there no more. Both stand only where they say all that became
other since the log was written. -#}

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

{#- Puts what was staged in its place, in one transaction: a whole table of facts, or (with a column segwh_is_gone) the rows that
    changed, keys that are gone, and one row without a key that says what all rows bear from now on. -#}
{%- macro segwh__put_in_place(target, staged, key_name) -%}
  {%- set key = segwh__column_name(key_name) -%}
  {%- if segwh__reads_part() and segwh__existing(target.identifier) is not none -%}
    {#- what is there stays as it is -#}
    {%- do run_query('drop table ' ~ staged) -%}
    {%- do return(none) -%}
  {%- endif -%}
  {%- set changed, gone = segwh__changed_facts(target), segwh__gone_facts(target) -%}
  {%- do run_query('drop table if exists ' ~ changed) -%}
  {%- do run_query('drop table if exists ' ~ gone) -%}
  {%- set columns = [] -%}
  {%- set types = {} -%}
  {%- for row in run_query('describe ' ~ staged).rows -%}{%- do columns.append(row[0]) -%}{%- do types.update({row[0]: row[1]}) -%}{%- endfor -%}
  {%- if 'segwh_is_gone' not in columns -%}
    {%- do run_query('drop table if exists ' ~ target) -%}
    {%- do run_query('alter table ' ~ staged ~ ' rename to ' ~ adapter.quote(target.identifier)) -%}
  {%- else -%}
    {%- set own = [] -%}
    {%- for column in columns if column not in ('segwh_is_gone', 'segwh_is_in_line') -%}{%- do own.append(segwh__column_name(column)) -%}{%- endfor -%}
    {#- a value is never cast to what the column of the run before could hold -#}
    {%- for row in run_query('describe ' ~ target).rows if types.pop(row[0], none) != row[1] -%}
      {%- do exceptions.raise_compiler_error('the column ' ~ row[0] ~ ' of ' ~ target ~ ' is of another type than it was: nothing is changed. Run it once with `segwh run --full` (the variable segwh_full)') -%}
    {%- endfor -%}
    {%- set own = own | join(', ') -%}
    {%- if run_query('select bool_and(segwh_is_in_line) from ' ~ staged).rows[0][0] -%}
      {%- do run_query('create table ' ~ changed ~ ' as select ' ~ key ~ ' from ' ~ staged ~ ' where not segwh_is_gone') -%}
      {%- do run_query('create table ' ~ gone ~ ' as select ' ~ key ~ ' from ' ~ staged ~ ' where segwh_is_gone and ' ~ key ~ ' is not null') -%}
    {%- endif -%}
    {%- do run_query('delete from ' ~ target ~ ' where ' ~ key ~ ' in (select ' ~ key ~ ' from ' ~ staged ~ ' where ' ~ key ~ ' is not null)') -%}
    {%- set stamps = [] -%}
    {%- for stamp in ('evaluated_at', 'segwh_measured_as', 'segwh_made_by', 'segwh_base', 'segwh_rows_seen') -%}{%- do stamps.append(stamp ~ ' = told.' ~ stamp) -%}{%- endfor -%}
    {%- do run_query('update ' ~ target ~ ' set ' ~ stamps | join(', ') ~ ' from ' ~ staged ~ ' as told where told.' ~ key ~ ' is null') -%}
    {%- do run_query('insert into ' ~ target ~ ' (' ~ own ~ ') select ' ~ own ~ ' from ' ~ staged ~ ' where not segwh_is_gone') -%}
    {%- do run_query('drop table ' ~ staged) -%}
  {%- endif -%}
{%- endmacro -%}

{% materialization segwh_in_place, adapter='duckdb' %}
  {%- set target = this.incorporate(type='table') -%}
  {%- set staged = make_intermediate_relation(target) -%}
  {%- set existing = load_cached_relation(this) -%}
  {{ run_hooks(pre_hooks, inside_transaction=False) }}
  {{ run_hooks(pre_hooks, inside_transaction=True) }}
  {%- do run_query('drop table if exists ' ~ staged) -%}
  {%- if existing is not none and existing.is_view -%}
    {%- do adapter.drop_relation(existing) -%}
  {%- endif -%}
  {%- call statement('main') -%}{{ create_table_as(False, staged, sql) }}{%- endcall -%}
  {%- do segwh__put_in_place(target, staged, config.get('unique_key')) -%}
  {%- do apply_grants(target, config.get('grants'), should_revoke=should_revoke(existing, full_refresh_mode=True)) -%}
  {%- do persist_docs(target, model) -%}
  {{ run_hooks(post_hooks, inside_transaction=True) }}
  {%- do adapter.commit() -%}
  {{ run_hooks(post_hooks, inside_transaction=False) }}
  {{ return({'relations': [target]}) }}
{% endmaterialization %}
