-- segwh: compiled from the rules. Edit those and run `segwh compile`, which overwrites this file.
{{ config(
    materialized='incremental',
    tags=['segwh'],
    full_refresh=false,
    incremental_strategy='append',
    on_schema_change='append_new_columns'
) }}
-- depends_on: {{ ref('segwh_lead_log') }}
{%- set run = segwh__run('Europe/London', none) -%}
{%- set as_of = segwh__text(run.as_of) ~ '+00' -%}

{%- if segwh__reads_part() and segwh__grows() %}
select * from {{ this }} where 1 = 0
{%- else %}
WITH lead_by_phone_nothing_logged AS (
  WITH shape AS (
    SELECT
      source.phone AS phone
    FROM {{ ref('leads') }} AS source
  )
  /* A log without rows, its key typed as in the customer's own table. */
  SELECT
    CAST(NULL AS TEXT) AS change_id,
    CAST(NULL AS TEXT) AS segment,
    shape.phone,
    CAST(NULL AS TEXT) AS change,
    CAST(NULL AS TIMESTAMPTZ) AS changed_at,
    CAST(NULL AS TEXT) AS reason,
    CAST(NULL AS TEXT) AS rule_hash,
    CAST(NULL AS TEXT) AS run_id,
    CAST(NULL AS BIGINT) AS sequence,
    CAST(NULL AS TEXT) AS status,
    CAST(NULL AS TEXT) AS computed_hash,
    CAST(NULL AS BIGINT) AS correction,
    CAST(NULL AS TIMESTAMPTZ) AS first_evaluated_at,
    CAST(NULL AS BIGINT) AS members,
    CAST(NULL AS BIGINT) AS entered,
    CAST(NULL AS BIGINT) AS exited,
    CAST(NULL AS BIGINT) AS left_out,
    CAST(NULL AS BIGINT) AS population
  FROM shape
  WHERE
    1 = 0
), base AS (
  SELECT
    COALESCE(MAX(pending.base_sequence), 0) AS sequence
  FROM {{ ref('segwh_lead_by_phone_pending') }} AS pending
), newest AS (
  SELECT
    COALESCE(MAX(log.sequence), 0) AS sequence
  FROM {{ this if segwh__grows() else 'lead_by_phone_nothing_logged' }} AS log
  WHERE
    log.sequence >= (
      SELECT
        base.sequence
      FROM base
    )
)
SELECT
  MD5(
    CONCAT_WS(
      ':',
      pending.segment,
      COALESCE(CAST(pending.phone AS TEXT), ''),
      '{{ as_of }}',
      pending.change,
      CAST(pending.correction AS TEXT)
    )
  ) AS change_id,
  pending.segment,
  pending.phone,
  pending.change,
  pending.as_of AS changed_at,
  pending.reason,
  pending.rule_hash,
  '{{ run.id }}' AS run_id,
  newest.sequence + ROW_NUMBER() OVER (ORDER BY pending.kind, pending.segment, pending.phone, pending.change) AS sequence,
  pending.status,
  pending.computed_hash,
  pending.correction,
  pending.first_evaluated_at,
  pending.members,
  pending.entered,
  pending.exited,
  pending.left_out,
  pending.population
FROM {{ ref('segwh_lead_by_phone_pending') }} AS pending
INNER JOIN newest
  ON newest.sequence = pending.base_sequence
WHERE
  pending.is_news AND pending.as_of = CAST('{{ as_of }}' AS TIMESTAMPTZ) AND NOT {{ segwh__is_elsewhere_overtaken(run, 'segwh_lead_by_phone_log') }}
{%- endif %}
