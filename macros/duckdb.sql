{#- segwh: written by `segwh compile`, which overwrites it.

DuckDB: how facts are brought up to date. Rows that changed are put in the place of those that were: after all others, where the
engine finds them by segwh_looked_at without reading those. -#}

{#- Puts what was staged in its place, in one transaction: a whole table of facts, or (with a column segwh_is_gone) the rows that
    changed, keys that are gone, and one row without a key that says what all rows bear from now on. -#}
{%- macro segwh__put_in_place(target, staged, key_name) -%}
  {%- set key = segwh__column_name(key_name) -%}
  {%- if segwh__reads_part() and segwh__existing(target.identifier) is not none -%}
    {#- what is there stays as it is -#}
    {%- do run_query('drop table ' ~ staged) -%}
    {%- do return(none) -%}
  {%- endif -%}
  {%- set there, wanted = [], [] -%}
  {%- for row in run_query('describe ' ~ staged).rows -%}{%- do wanted.append([segwh__column_name(row[0]), row[1]]) -%}{%- endfor -%}
  {%- if segwh__column_name('segwh_is_gone') not in wanted | map('first') -%}
    {%- do segwh__forget_changed(target) -%}
    {%- do run_query('drop table if exists ' ~ target) -%}
    {%- do run_query('alter table ' ~ staged ~ ' rename to ' ~ adapter.quote(target.identifier)) -%}
  {%- else -%}
    {%- for row in run_query('describe ' ~ target).rows -%}{%- do there.append([segwh__column_name(row[0]), row[1]]) -%}{%- endfor -%}
    {%- do segwh__put_changed(target, staged, key, there, wanted, true) -%}
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
