-- segwh: compiled from the rules. Edit those and run `segwh compile`, which overwrites this file.
{{ config(
    materialized='incremental',
    tags=['segwh'],
    full_refresh=false,
    incremental_strategy='append',
    on_schema_change='append_new_columns',
    pre_hook='{{ segwh__migrate(2) }}'
) }}
{%- set as_of = segwh__text(segwh__requested_as_of('Europe/London', none)) ~ '+00' -%}
{%- set started_at = segwh__text(run_started_at.astimezone(modules.pytz.utc)) ~ '+00' -%}

{%- if segwh__reads_part() and is_incremental() %}
select * from {{ this }} where 1 = 0
{%- else %}
/* A run begins: its as-of, from which every other model takes it. */
SELECT
  '{{ invocation_id }}' AS run_id,
  CAST('{{ as_of }}' AS TIMESTAMPTZ) AS as_of,
  '{{ as_of }}' AS as_of_text,
  CAST('{{ started_at }}' AS TIMESTAMPTZ) AS started_at,
  '0.1.0' AS package_version,
  CAST(2 AS BIGINT) AS contract_version
WHERE
  {{ not segwh__reads_part() }}
{%- endif %}
