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

{#- The relation of one of segwh's models if it exists in the warehouse, else none. -#}
{%- macro segwh__existing(model_name) -%}
  {%- set place = segwh__place(model_name) -%}
  {%- if not execute -%}
    {%- do return(none) -%}
  {%- endif -%}
  {%- do return(adapter.get_relation(database=place.database, schema=place.schema, identifier=place.identifier)) -%}
{%- endmacro -%}

{#- Whether this invocation reads only a part of the data (--empty, --sample): then nothing may be concluded from it. -#}
{%- macro segwh__reads_part() -%}
  {%- do return((flags.EMPTY or false) or (invocation_args_dict.get('sample') or false) is not false) -%}
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
    {%- set found = run_query(
      "select run_id, as_of_text from " ~ starts ~ " order by case when run_id = '" ~ invocation_id
      ~ "' then 0 else 1 end, started_at desc, run_id limit 1"
    ) -%}
    {%- if found.rows | length -%}
      {%- do return({'id': found.rows[0][0], 'as_of': segwh__parsed(found.rows[0][1], 'UTC')}) -%}
    {%- endif -%}
  {%- endif -%}
  {%- do return({'id': invocation_id, 'as_of': segwh__requested_as_of(timezone, unit)}) -%}
{%- endmacro -%}

{#- A list variable of segment names as SQL literals in parentheses. Names are checked, so nothing else gets into the SQL. -#}
{%- macro segwh__names(variable) -%}
  {%- set given = var(variable, []) -%}
  {%- set names = [given] if given is string else given -%}
  {%- set literals = ["''"] -%}
  {%- for name in names -%}
    {%- if not modules.re.match('^[a-z][a-z0-9_]*$', name | string) -%}
      {%- do exceptions.raise_compiler_error(variable ~ ": '" ~ name ~ "' is not the name of a segment") -%}
    {%- endif -%}
    {%- do literals.append("'" ~ name ~ "'") -%}
  {%- endfor -%}
  {%- do return('(' ~ literals | join(', ') ~ ')') -%}
{%- endmacro -%}
