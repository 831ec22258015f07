{#- segwh: written by `segwh compile`, which overwrites it.

ClickHouse: how tables are brought up to date there. There are no transactions, so each change of a table is one statement
that happens whole or not at all: a table made anew is exchanged for the one that readers see, and rows are added in one
block. Names of tables in the making bear the run's id, so that two runs at once never write into each other's. -#}

{#- What a relation is: 'table', 'view', or none if it is not there. Asked of the warehouse and not of dbt's memory, which does
    not know what another run has made meanwhile. -#}
{%- macro segwh__engine_kind(relation) -%}
  {%- set found = run_query(
    "select if(engine like '%View', 'view', 'table') from system.tables where database = '" ~ relation.schema
    ~ "' and name = '" ~ relation.identifier ~ "'"
  ) -%}
  {%- do return(found.rows[0][0] if found.rows | length else none) -%}
{%- endmacro -%}

{#- The columns of a query, as [name, type]. Every type can be null but those of lists and of the columns in `ordered`: what
    LEFT JOIN does not find is then null for every reader, whatever their settings are. -#}
{%- macro segwh__query_columns(sql, ordered) -%}
  {%- set columns = [] -%}
  {%- for row in run_query('describe table (' ~ sql ~ '\n)').rows -%}
    {%- set type = row[1] -%}
    {%- if row[0] in ordered -%}
      {%- do columns.append([row[0], modules.re.sub('^Nullable\\((.*)\\)$', '\\1', type)]) -%}
    {%- elif modules.re.match('Nullable|Array|Map|Tuple|LowCardinality\\(Nullable', type) -%}
      {%- do columns.append([row[0], type]) -%}
    {%- elif type.startswith('LowCardinality(') -%}
      {%- do columns.append([row[0], 'LowCardinality(Nullable(' ~ type[15:] ~ ')']) -%}
    {%- else -%}
      {%- do columns.append([row[0], 'Nullable(' ~ type ~ ')']) -%}
    {%- endif -%}
  {%- endfor -%}
  {%- do return(columns) -%}
{%- endmacro -%}

{#- The names of columns, quoted, with commas between them. -#}
{%- macro segwh__column_list(columns) -%}
  {%- set names = [] -%}
  {%- for column in columns -%}{%- do names.append(adapter.quote(column[0])) -%}{%- endfor -%}
  {%- do return(names | join(', ')) -%}
{%- endmacro -%}

{#- Makes an empty table. It is an error if there is one of that name. -#}
{%- macro segwh__create_table(relation, columns, ordered, settings) -%}
  {%- set told = [] -%}
  {%- for column in columns -%}{%- do told.append(adapter.quote(column[0]) ~ ' ' ~ column[1]) -%}{%- endfor -%}
  {%- do run_query(
    'create table ' ~ relation ~ ' ' ~ on_cluster_clause(relation) ~ ' (' ~ told | join(', ') ~ ') '
    ~ engine_clause() ~ ' order by (' ~ (ordered | join(', ') if ordered else 'tuple()') ~ ') ' ~ settings
  ) -%}
{%- endmacro -%}

{#- The columns that a table is kept in the order of. -#}
{%- macro segwh__ordered() -%}
  {%- set ordered = config.get('order_by', []) -%}
  {%- do return([ordered] if ordered is string else ordered) -%}
{%- endmacro -%}

{% materialization segwh_exchange, adapter='clickhouse' %}
  {%- set target = this.incorporate(type='table') -%}
  {%- set staged = target.incorporate(path={'identifier': target.identifier ~ '__segwh_' ~ invocation_id.replace('-', '')}) -%}
  {{ run_hooks(pre_hooks, inside_transaction=False) }}
  {{ run_hooks(pre_hooks, inside_transaction=True) }}
  {%- set ordered = segwh__ordered() -%}
  {%- set columns = segwh__query_columns(sql, ordered) -%}
  {%- do run_query('drop table if exists ' ~ staged ~ ' ' ~ on_cluster_clause(staged)) -%}
  {%- do segwh__create_table(staged, columns, ordered, '') -%}
  {%- call statement('main') -%}
    insert into {{ staged }} ({{ segwh__column_list(columns) }})
    {{ sql }}
  {%- endcall -%}
  {%- set kind = segwh__engine_kind(target) -%}
  {%- if kind == 'view' -%}
    {%- do run_query('drop view ' ~ target ~ ' ' ~ on_cluster_clause(target)) -%}
  {%- endif -%}
  {%- if kind == 'table' and adapter.can_exchange(target.schema, 'table') -%}
    {%- do run_query('exchange tables ' ~ staged ~ ' and ' ~ target ~ ' ' ~ on_cluster_clause(target)) -%}
    {%- do run_query('drop table if exists ' ~ staged ~ ' ' ~ on_cluster_clause(staged)) -%}
  {%- elif kind == 'table' -%}
    {%- set former = staged.incorporate(path={'identifier': staged.identifier ~ '_old'}) -%}
    {%- do run_query('rename table ' ~ target ~ ' to ' ~ former ~ ', ' ~ staged ~ ' to ' ~ target ~ ' ' ~ on_cluster_clause(target)) -%}
    {%- do run_query('drop table if exists ' ~ former ~ ' ' ~ on_cluster_clause(former)) -%}
  {%- else -%}
    {%- do run_query('rename table ' ~ staged ~ ' to ' ~ target ~ ' ' ~ on_cluster_clause(target)) -%}
  {%- endif -%}
  {%- do apply_grants(target, config.get('grants'), should_revoke=should_revoke(target, full_refresh_mode=True)) -%}
  {%- do persist_docs(target, model) -%}
  {{ run_hooks(post_hooks, inside_transaction=True) }}
  {{ run_hooks(post_hooks, inside_transaction=False) }}
  {{ return({'relations': [target]}) }}
{% endmaterialization %}

{#- On a warehouse of another kind, which dbt would only tell that it has no such way. -#}
{% materialization segwh_exchange, default %}
  {%- do segwh__refuse_target() -%}
{% endmaterialization %}

{#- A table that only grows. Rows come in one block, which is written whole or not at all. Where they are numbered (a column
    `sequence`), the block bears the number that it follows as its token, and of two blocks with one token ClickHouse takes the
    first: https://clickhouse.com/docs/guides/developer/deduplicating-inserts-on-retries. -#}
{% materialization segwh_append, adapter='clickhouse' %}
  {%- set target = this.incorporate(type='table') -%}
  {{ run_hooks(pre_hooks, inside_transaction=False) }}
  {{ run_hooks(pre_hooks, inside_transaction=True) }}
  {%- set ordered = segwh__ordered() -%}
  {%- set columns = segwh__query_columns(sql, ordered) -%}
  {%- set kind = segwh__engine_kind(target) -%}
  {%- if kind is none -%}
    {%- set window = config.get('deduplication_window', 1000) -%}
    {%- set settings = 'settings non_replicated_deduplication_window = ' ~ window ~ ', replicated_deduplication_window = ' ~ window -%}
    {%- do segwh__create_table(target, columns, ordered, settings) -%}
  {%- elif segwh__existing(target.identifier) is none -%}
    {%- do exceptions.raise_compiler_error('another run of segwh made ' ~ target ~ ' while this one was under way: nothing is lost or doubled, run it again') -%}
  {%- else -%}
    {%- set there = [] -%}
    {%- for column in adapter.get_columns_in_relation(target) -%}{%- do there.append(column.name) -%}{%- endfor -%}
    {%- for column in columns if column[0] not in there -%}
      {%- do run_query('alter table ' ~ target ~ ' ' ~ on_cluster_clause(target) ~ ' add column if not exists ' ~ adapter.quote(column[0]) ~ ' ' ~ column[1]) -%}
    {%- endfor -%}
  {%- endif -%}
  {%- set names = segwh__column_list(columns) -%}
  {%- set one_block = 'min_insert_block_size_rows = 1000000000000, min_insert_block_size_bytes = 0, max_block_size = 1000000000, prefer_external_sort_block_bytes = 0, max_insert_threads = 1' -%}
  {%- if 'sequence' not in ordered -%}
    {%- call statement('main') -%}
      insert into {{ target }} ({{ names }}) settings {{ one_block }}
      {{ sql }}
    {%- endcall -%}
  {%- else -%}
    {%- set is_done = namespace(value=false) -%}
    {#- A token may have been used before if rows were taken out of the table since (an erasure): then the next one is tried. -#}
    {%- for attempt in range(1, 10) if not is_done.value -%}
      {%- set last = 'select max(sequence) from ' ~ target -%}
      {%- set before = run_query(last).rows[0][0] -%}
      {%- call statement('main') -%}
        insert into {{ target }} ({{ names }}) settings {{ one_block }}, insert_deduplicate = 1, insert_deduplication_token = '{{ before }}/{{ attempt }}'
        select {{ names }} from (
        {{ sql }}
        ) as appended order by sequence
      {%- endcall -%}
      {%- if run_query(last).rows[0][0] != before or not run_query('select 1 from (' ~ sql ~ '\n) as appended limit 1').rows | length -%}
        {%- set is_done.value = true -%}
      {%- endif -%}
    {%- endfor -%}
  {%- endif -%}
  {%- do apply_grants(target, config.get('grants'), should_revoke=should_revoke(target, full_refresh_mode=False)) -%}
  {%- do persist_docs(target, model) -%}
  {{ run_hooks(post_hooks, inside_transaction=True) }}
  {{ run_hooks(post_hooks, inside_transaction=False) }}
  {{ return({'relations': [target]}) }}
{% endmaterialization %}

{#- Drops tables in the making that a killed run left behind, a day later: until then its run may still be under way. -#}
{%- macro segwh__sweep_staged() -%}
  {%- for node in graph.nodes.values() if node.resource_type == 'model' and node.config.materialized == 'segwh_exchange' -%}
    {%- set found = run_query(
      "select name from system.tables where database = '" ~ node.schema ~ "' and match(name, '^" ~ node.alias
      ~ "__segwh_[0-9a-f]{32}') and metadata_modification_time < now() - interval 1 day"
    ) -%}
    {%- for row in found.rows -%}
      {%- do run_query('drop table if exists ' ~ api.Relation.create(schema=node.schema, identifier=row[0])) -%}
    {%- endfor -%}
  {%- endfor -%}
{%- endmacro -%}
