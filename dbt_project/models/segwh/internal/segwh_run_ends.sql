-- segwh: compiled from the rules. Edit those and run `segwh compile`, which overwrites this file.
{{ config(
    materialized='incremental',
    contract={'enforced': false},
    tags=['segwh'],
    full_refresh=false,
    incremental_strategy='append',
    on_schema_change='append_new_columns'
) }}
-- depends_on: {{ ref('segwh_segments') }}
-- depends_on: {{ ref('segwh_segment_sizes') }}
{%- set run = segwh__run('Europe/London', none) -%}
{%- set as_of = segwh__text(run.as_of) ~ '+00' -%}

{%- if segwh__reads_part() and segwh__grows() %}
select * from {{ this }} where 1 = 0
{%- else %}
WITH no_ends AS (
  SELECT
    CAST(given.run_id AS TEXT) AS run_id
  FROM (VALUES
    (NULL)) AS given(run_id)
  WHERE
    1 = 0
), pending AS (
  SELECT
    kind,
    status
  FROM {{ ref('segwh_customer_pending') }} AS pending
  UNION ALL
  SELECT
    kind,
    status
  FROM {{ ref('segwh_lead_by_phone_pending') }} AS pending
  UNION ALL
  SELECT
    kind,
    status
  FROM {{ ref('segwh_lead_pending') }} AS pending
), overtaken AS (
  SELECT
    *
  FROM (
    /* One row if this run had something to write into the log of one grain, and another run wrote first. */
    WITH asked AS (
      /* another run's difference says nothing of where this run's rows would be */
      SELECT
        MAX(pending.base_sequence) AS base_sequence,
        CASE
          WHEN MAX(pending.as_of) = CAST('{{ as_of }}' AS TIMESTAMPTZ)
          THEN MAX(pending.base_sequence)
          ELSE 0
        END AS written_after
      FROM {{ ref('segwh_customer_pending') }} AS pending
      WHERE
        pending.is_news
    ), mine AS (
      SELECT
        COUNT(*) AS written
      FROM {{ ref('segwh_customer_log') }} AS log
      INNER JOIN asked
        ON log.sequence > asked.written_after
      WHERE
        log.run_id = '{{ run.id }}'
    )
    SELECT
      1 AS one
    FROM asked
    CROSS JOIN mine
    WHERE
      NOT asked.base_sequence IS NULL AND mine.written = 0
  ) AS customer_overtaken
  UNION ALL
  SELECT
    *
  FROM (
    /* One row if this run had something to write into the log of one grain, and another run wrote first. */
    WITH asked AS (
      /* another run's difference says nothing of where this run's rows would be */
      SELECT
        MAX(pending.base_sequence) AS base_sequence,
        CASE
          WHEN MAX(pending.as_of) = CAST('{{ as_of }}' AS TIMESTAMPTZ)
          THEN MAX(pending.base_sequence)
          ELSE 0
        END AS written_after
      FROM {{ ref('segwh_lead_by_phone_pending') }} AS pending
      WHERE
        pending.is_news
    ), mine AS (
      SELECT
        COUNT(*) AS written
      FROM {{ ref('segwh_lead_by_phone_log') }} AS log
      INNER JOIN asked
        ON log.sequence > asked.written_after
      WHERE
        log.run_id = '{{ run.id }}'
    )
    SELECT
      1 AS one
    FROM asked
    CROSS JOIN mine
    WHERE
      NOT asked.base_sequence IS NULL AND mine.written = 0
  ) AS lead_by_phone_overtaken
  UNION ALL
  SELECT
    *
  FROM (
    /* One row if this run had something to write into the log of one grain, and another run wrote first. */
    WITH asked AS (
      /* another run's difference says nothing of where this run's rows would be */
      SELECT
        MAX(pending.base_sequence) AS base_sequence,
        CASE
          WHEN MAX(pending.as_of) = CAST('{{ as_of }}' AS TIMESTAMPTZ)
          THEN MAX(pending.base_sequence)
          ELSE 0
        END AS written_after
      FROM {{ ref('segwh_lead_pending') }} AS pending
      WHERE
        pending.is_news
    ), mine AS (
      SELECT
        COUNT(*) AS written
      FROM {{ ref('segwh_lead_log') }} AS log
      INNER JOIN asked
        ON log.sequence > asked.written_after
      WHERE
        log.run_id = '{{ run.id }}'
    )
    SELECT
      1 AS one
    FROM asked
    CROSS JOIN mine
    WHERE
      NOT asked.base_sequence IS NULL AND mine.written = 0
  ) AS lead_overtaken
), written AS (
  SELECT
    *
  FROM (
    /* What this run wrote into the log of one grain. */
    SELECT
      log.change
    FROM {{ ref('segwh_customer_log') }} AS log
    INNER JOIN (
      SELECT
        MAX(pending.base_sequence) AS sequence
      FROM {{ ref('segwh_customer_pending') }} AS pending
    ) AS base
      ON log.sequence > base.sequence
    WHERE
      log.change IN ('entered', 'exited') AND log.run_id = '{{ run.id }}'
  ) AS customer_written
  UNION ALL
  SELECT
    *
  FROM (
    /* What this run wrote into the log of one grain. */
    SELECT
      log.change
    FROM {{ ref('segwh_lead_by_phone_log') }} AS log
    INNER JOIN (
      SELECT
        MAX(pending.base_sequence) AS sequence
      FROM {{ ref('segwh_lead_by_phone_pending') }} AS pending
    ) AS base
      ON log.sequence > base.sequence
    WHERE
      log.change IN ('entered', 'exited') AND log.run_id = '{{ run.id }}'
  ) AS lead_by_phone_written
  UNION ALL
  SELECT
    *
  FROM (
    /* What this run wrote into the log of one grain. */
    SELECT
      log.change
    FROM {{ ref('segwh_lead_log') }} AS log
    INNER JOIN (
      SELECT
        MAX(pending.base_sequence) AS sequence
      FROM {{ ref('segwh_lead_pending') }} AS pending
    ) AS base
      ON log.sequence > base.sequence
    WHERE
      log.change IN ('entered', 'exited') AND log.run_id = '{{ run.id }}'
  ) AS lead_written
), asked AS (
  SELECT
    pending.status
  FROM pending
  WHERE
    pending.kind = 'segment' AND pending.status <> 'left'
), counts AS (
  SELECT
    COUNT(*) AS segments,
    COALESCE(SUM(CASE WHEN asked.status IN {{ segwh__held_back() }} THEN 1 ELSE 0 END), 0) AS held_back
  FROM asked
), wrote AS (
  SELECT
    COALESCE(SUM(CASE WHEN written.change = 'entered' THEN 1 ELSE 0 END), 0) AS entered,
    COALESCE(SUM(CASE WHEN written.change = 'exited' THEN 1 ELSE 0 END), 0) AS exited
  FROM written
)
SELECT
  '{{ run.id }}' AS run_id,
  CASE
    WHEN EXISTS(
      SELECT
        1
      FROM overtaken
    )
    THEN 'overtaken'
    WHEN counts.held_back > 0
    THEN 'failed'
    ELSE 'finished'
  END AS status,
  CAST('{{ segwh__now() }}' AS TIMESTAMPTZ) AS finished_at,
  CAST(counts.segments AS BIGINT) AS segments,
  CAST(wrote.entered AS BIGINT) AS entered,
  CAST(wrote.exited AS BIGINT) AS exited,
  CAST(counts.held_back AS BIGINT) AS held_back,
  CAST(NULL AS TEXT) AS note
FROM counts
CROSS JOIN wrote
WHERE
  {{ not segwh__reads_part() }}
  AND NOT EXISTS(
    SELECT
      1
    FROM {{ this if segwh__grows() else 'no_ends' }} AS known
    WHERE
      known.run_id = '{{ run.id }}'
  )
{%- endif %}
