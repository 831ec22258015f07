-- segwh: compiled from the rules. Edit those and run `segwh compile`, which overwrites this file.
{{ config(
    materialized='incremental',
    contract={'enforced': false},
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
), counted AS (
  SELECT
    pending.segment,
    COUNT(*) AS changes
  FROM {{ ref('segwh_lead_by_phone_pending') }} AS pending
  WHERE
    pending.kind = 'change'
  GROUP BY
    pending.segment
), evaluated AS (
  SELECT
    pending.segment,
    pending.as_of,
    pending.reason,
    pending.rule_hash,
    pending.status,
    pending.status_of_changes,
    pending.computed_hash,
    pending.correction,
    pending.first_evaluated_at,
    pending.members,
    pending.entered,
    pending.exited,
    pending.left_out,
    pending.population,
    newest.sequence + SUM(COALESCE(counted.changes, 0)) OVER (
      ORDER BY pending.segment NULLS FIRST
      rows BETWEEN UNBOUNDED preceding AND CURRENT ROW
    ) - COALESCE(counted.changes, 0) AS changes_after,
    newest.sequence + SUM(COALESCE(counted.changes, 0)) OVER () + ROW_NUMBER() OVER (ORDER BY pending.segment) AS sequence
  FROM {{ ref('segwh_lead_by_phone_pending') }} AS pending
  INNER JOIN newest
    ON newest.sequence = pending.base_sequence
  LEFT JOIN counted
    ON counted.segment = pending.segment
  WHERE
    pending.kind = 'segment'
    AND pending.is_news
    AND pending.as_of = CAST('{{ as_of }}' AS TIMESTAMPTZ)
    AND NOT {{ segwh__is_elsewhere_overtaken(run, 'segwh_lead_by_phone_log') }}
), numbered AS (
  SELECT
    pending.segment,
    pending.phone,
    pending.change,
    pending.reason,
    ROW_NUMBER() OVER (PARTITION BY pending.segment ORDER BY pending.phone, pending.change) AS place
  FROM {{ ref('segwh_lead_by_phone_pending') }} AS pending
  WHERE
    pending.kind = 'change'
)
SELECT
  MD5(
    CONCAT_WS(
      ':',
      numbered.segment,
      COALESCE(CAST(numbered.phone AS TEXT), ''),
      '{{ as_of }}',
      numbered.change,
      CAST(evaluated.correction AS TEXT)
    )
  ) AS change_id,
  numbered.segment,
  numbered.phone,
  numbered.change,
  evaluated.as_of AS changed_at,
  numbered.reason,
  evaluated.rule_hash,
  '{{ run.id }}' AS run_id,
  CAST(evaluated.changes_after + numbered.place AS BIGINT) AS sequence,
  evaluated.status_of_changes AS status,
  evaluated.computed_hash,
  evaluated.correction,
  CAST(NULL AS TIMESTAMPTZ) AS first_evaluated_at,
  CAST(NULL AS BIGINT) AS members,
  CAST(NULL AS BIGINT) AS entered,
  CAST(NULL AS BIGINT) AS exited,
  CAST(NULL AS BIGINT) AS left_out,
  CAST(NULL AS BIGINT) AS population
FROM numbered
INNER JOIN evaluated
  ON evaluated.segment = numbered.segment
UNION ALL
SELECT
  MD5(
    CONCAT_WS(':', evaluated.segment, '', '{{ as_of }}', 'evaluated', CAST(evaluated.correction AS TEXT))
  ) AS change_id,
  evaluated.segment,
  NULL AS phone,
  'evaluated' AS change,
  evaluated.as_of AS changed_at,
  evaluated.reason,
  evaluated.rule_hash,
  '{{ run.id }}' AS run_id,
  CAST(evaluated.sequence AS BIGINT) AS sequence,
  evaluated.status,
  evaluated.computed_hash,
  evaluated.correction,
  evaluated.first_evaluated_at,
  evaluated.members,
  evaluated.entered,
  evaluated.exited,
  evaluated.left_out,
  evaluated.population
FROM evaluated
{%- endif %}
