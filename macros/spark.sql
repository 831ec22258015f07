{#- segwh: written by `segwh compile`, which overwrites it.

Spark: dbt's own way is to drop a table and then to make it anew, so that while it is made there is none, and it cannot be made
from itself. Here the new one is made beside and takes the old one's place at its end. -#}

{% materialization segwh_staged, adapter='spark' %}
  {%- set target = this.incorporate(type='table') -%}
  {%- set old = load_relation(this) -%}
  {%- set grant_config = config.get('grants') -%}
  {{ run_hooks(pre_hooks) }}
  {%- if config.get('file_format') in ('delta', 'iceberg') and (old is none or not old.is_view) -%}
    {%- call statement('main') -%}{{ create_table_as(False, target, compiled_code) }}{%- endcall -%}
  {%- else -%}
    {%- set staged = target.incorporate(path={'identifier': this.identifier ~ '__segwh_new'}) -%}
    {%- do adapter.drop_relation(staged) -%}
    {%- call statement('main') -%}{{ create_table_as(False, staged, compiled_code) }}{%- endcall -%}
    {%- if old is not none -%}
      {%- do adapter.drop_relation(old) -%}
    {%- endif -%}
    {%- do run_query('alter table ' ~ staged ~ ' rename to ' ~ target) -%}
  {%- endif -%}
  {%- do apply_grants(target, grant_config, should_revoke=should_revoke(old, full_refresh_mode=True)) -%}
  {%- do persist_docs(target, model) -%}
  {{ run_hooks(post_hooks) }}
  {{ return({'relations': [target]}) }}
{% endmaterialization %}

{#- On a warehouse of another kind, which dbt would only tell that it has no such way. -#}
{% materialization segwh_staged, default %}
  {%- do segwh__refuse_target() -%}
{% endmaterialization %}
