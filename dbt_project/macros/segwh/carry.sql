{#- segwh: written by `segwh compile`, which overwrites it.

What a run does to the tables that it finds before anything else: tables of an older layout are brought along, and the rows
of a renamed segment get its new name. -#}

{#- Brings tables of an older contract version to `known`, without losing a row; tables of a newer one are refused.
    Each step may be done twice: a run that dies in between is made good by the next. It is done whatever part of the data is
    read: nothing is concluded from any. -#}
{%- macro segwh__migrate(known) -%}
  {%- set starts = segwh__existing('segwh_run_starts') -%}
  {%- if execute and starts is not none -%}
    {%- set found = run_query('select max(contract_version) from ' ~ starts) -%}
    {%- set version = (found.rows[0][0] or known) | int -%}
    {%- if version > known -%}
      {%- do exceptions.raise_compiler_error(
        'the tables of segwh in this warehouse have contract version ' ~ version ~ ', and this project was compiled for version '
        ~ known ~ ': nothing is written. Compile it with the segwh that wrote them, or a newer one'
      ) -%}
    {%- endif -%}
    {%- if version < known -%}
      {%- for node in graph.nodes.values() if node.resource_type == 'model' and node.name.startswith('segwh_') -%}
        {%- set place = segwh__existing(node.name) -%}
        {%- if place is not none and node.name == 'segwh_run_ends' and version < 2 -%}
          {%- do segwh__add_column(place, 'note', type_string()) -%}
        {%- elif place is not none and node.name.endswith('_state') -%}
          {#- Version 2 remembers who is hidden from a static set, version 3 from the one that was computed last and no other. The
              log knows, and fills the empty state again. -#}
          {%- do run_query('delete from ' ~ place ~ ' where 1 = 1') -%}
        {%- endif -%}
      {%- endfor -%}
    {%- endif -%}
  {%- endif -%}
{%- endmacro -%}

{#- Adds a column to a table that lacks it. -#}
{%- macro segwh__add_column(relation, name, type) -%}
  {%- set there = [] -%}
  {%- for column in adapter.get_columns_in_relation(relation) -%}
    {%- do there.append(column.name | lower) -%}
  {%- endfor -%}
  {%- if name not in there -%}
    {%- do run_query('alter table ' ~ relation ~ (' add ' if segwh__has_bits() else ' add column ') ~ name ~ ' ' ~ type) -%}
  {%- endif -%}
{%- endmacro -%}

{#- Gives the rows of renamed segments their new names in one of three tables: 'runs' (where it is noted), 'state' and 'log'.
    `names` holds [old, new] pairs. The log decides: it is done where the log knows the old name and not the new one, so a
    second time changes nothing. The log comes last, and all three are written in the state's transaction. -#}
{%- macro segwh__rename(what, log_name, names) -%}
  {%- set log = segwh__existing(log_name) -%}
  {%- set ends = segwh__existing('segwh_run_ends') -%}
  {%- if execute and log is not none and not segwh__reads_part() -%}
    {%- for old, new in names -%}
      {%- set is_due -%}
        exists (select 1 from {{ log }} where segment = '{{ old }}') and not exists (select 1 from {{ log }} where segment = '{{ new }}')
      {%- endset -%}
      {%- if what == 'runs' and ends is not none %}
insert into {{ ends }} (run_id, status, finished_at, segments, entered, exited, held_back, note)
select 'renamed-{{ old }}-{{ new }}-{{ invocation_id }}', 'renamed', {{ segwh__instant(segwh__now()) }},
  1, 0, 0, 0, '{{ old }} is called {{ new }} now'
where {{ is_due }};
      {%- elif what == 'log' %}
{{ segwh__update(log, "segment = '" ~ new ~ "'", "segment = '" ~ old ~ "'", is_due) }};
      {%- elif what == 'state' and segwh__existing(this.identifier) is not none %}
{{ segwh__update(this, "segment = '" ~ new ~ "'", "segment = '" ~ old ~ "'", is_due) }};
      {%- endif -%}
    {%- endfor -%}
  {%- endif -%}
{%- endmacro -%}

{#- Changes rows of a table, if `is_due` holds. ClickHouse cannot change the columns that it orders a table by, of which the
    log's are never changed; the state is emptied instead, for the log knows it all. -#}
{%- macro segwh__update(relation, change, rows, is_due) -%}
  {%- if target.type != 'clickhouse' -%}
    update {{ relation }} set {{ change }} where {{ rows }} and {{ is_due }}
  {%- elif not run_query('select ' ~ is_due).rows[0][0] -%}
    select 1
  {%- elif relation == this -%}
    truncate table {{ relation }}
  {%- else -%}
    alter table {{ relation }} update {{ change }} where {{ rows }} settings mutations_sync = 2
  {%- endif -%}
{%- endmacro -%}

{#- The text of an instant in UTC, such as ours are (with +00 at the end), as an instant. -#}
{%- macro segwh__instant(text) -%}
  {%- set ways = {
    'snowflake': ['timestamp_tz', ' +00:00'],
    'trino': ['timestamp(6) with time zone', ' UTC'],
    'athena': ['timestamp(6)', ''],
    'sqlserver': ['datetimeoffset(6)', ' +00:00'],
    'fabric': ['datetime2(6)', ''],
    'clickhouse': ["DateTime64(6, 'UTC')", '+00'],
  } -%}
  {%- set plain = 'timestamptz' if target.type in ('duckdb', 'postgres', 'redshift') else type_timestamp() -%}
  {%- set way = ways.get(target.type, [plain, '+00']) -%}
  {%- do return("cast('" ~ text | replace('+00', way[1]) ~ "' as " ~ way[0] ~ ")") -%}
{%- endmacro -%}
