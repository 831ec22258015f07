{#- segwh: written by `segwh compile`, which overwrites it.

What a run refuses before it writes anything: variables that say nothing, tables that are not as segwh left them, an as-of that
comes too late. -#}

{#- Ends a run that was called with variables of segwh's that are not what they have to be, and tells of names that segwh does not
    know: they do nothing. The as-of is looked at where it is read. -#}
{%- macro segwh__require_variables() -%}
  {%- for variable in ('segwh_accept', 'segwh_remove', 'segwh_only', 'segwh_refresh') -%}{%- do segwh__given(variable) -%}{%- endfor -%}
  {%- for variable in ('segwh_full', 'segwh_backfill') -%}{%- do segwh__is_on(variable) -%}{%- endfor -%}
  {%- set known = ['segwh_as_of', 'segwh_accept', 'segwh_remove', 'segwh_only', 'segwh_refresh', 'segwh_full', 'segwh_backfill', 'segwh_audit', 'segwh_tested'] -%}
  {%- set given = invocation_args_dict.get('vars') -%}
  {%- if execute and given is mapping and this | string == segwh__place('segwh_run_starts') | string -%}
    {%- for name in given if (name | string).startswith('segwh_') and name not in known -%}
      {%- do log('segwh: the variable ' ~ name ~ ' is none of segwh, which knows ' ~ known[:7] | join(', '), info=true) -%}
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
