-- segwh: compiled from the rules. Edit those and run `segwh compile`, which overwrites this file.
{{ config(
    materialized='table',
    contract={'enforced': false},
    tags=['segwh']
) }}

{%- if segwh__reads_part() and segwh__existing('segwh_segments') %}
select * from {{ this }}
{%- else %}
WITH marks AS (
  SELECT
    *
  FROM (
    WITH applied AS (
      SELECT
        COALESCE(MAX(state.sequence), 0) AS sequence
      FROM {{ ref('segwh_customer_state') }} AS state
    ), tail AS (
      SELECT
        log.segment,
        log.customer_id,
        log.change,
        log.changed_at,
        log.reason,
        log.sequence,
        log.status,
        log.computed_hash,
        log.first_evaluated_at,
        log.correction
      FROM {{ ref('segwh_customer_log') }} AS log
      WHERE
        log.sequence > (
          SELECT
            applied.sequence
          FROM applied
        )
    ), marks AS (
      SELECT
        state.segment,
        state.computed_hash,
        state.status,
        state.first_evaluated_at,
        state.changed_at,
        state.correction,
        state.sequence
      FROM {{ ref('segwh_customer_state') }} AS state
      WHERE
        state.kind = 'segment'
      UNION ALL
      /* the status of one that is kept, but for no loss of its own, is why (`waits`, `grows`); the log of an older version does not */
      /* tell, and those stay under the breaker. One that was kept and was not evaluated since is `kept` still */
      SELECT
        tail.segment,
        tail.computed_hash,
        COALESCE(tail.reason, tail.status) AS status,
        tail.first_evaluated_at,
        tail.changed_at,
        tail.correction,
        tail.sequence
      FROM tail
      WHERE
        tail.change = 'evaluated'
    ), newest_marks AS (
      SELECT
        marks.segment,
        marks.computed_hash,
        marks.status,
        marks.first_evaluated_at,
        marks.changed_at,
        marks.correction,
        marks.sequence,
        ROW_NUMBER() OVER (PARTITION BY marks.segment ORDER BY marks.sequence DESC) AS place
      FROM marks
    ), recorded_segments AS (
      SELECT
        newest_marks.segment,
        newest_marks.computed_hash,
        newest_marks.status,
        newest_marks.first_evaluated_at,
        newest_marks.changed_at,
        newest_marks.correction,
        newest_marks.sequence
      FROM newest_marks
      WHERE
        newest_marks.place = 1
    )
    /* When the segments of one grain were first and last evaluated. */
    SELECT
      recorded_segments.segment,
      'customer' AS grain,
      recorded_segments.first_evaluated_at,
      recorded_segments.changed_at AS last_evaluated_at
    FROM recorded_segments
  ) AS customer_marks
  UNION ALL
  SELECT
    *
  FROM (
    WITH applied AS (
      SELECT
        COALESCE(MAX(state.sequence), 0) AS sequence
      FROM {{ ref('segwh_lead_by_phone_state') }} AS state
    ), tail AS (
      SELECT
        log.segment,
        log.phone,
        log.change,
        log.changed_at,
        log.reason,
        log.sequence,
        log.status,
        log.computed_hash,
        log.first_evaluated_at,
        log.correction
      FROM {{ ref('segwh_lead_by_phone_log') }} AS log
      WHERE
        log.sequence > (
          SELECT
            applied.sequence
          FROM applied
        )
    ), marks AS (
      SELECT
        state.segment,
        state.computed_hash,
        state.status,
        state.first_evaluated_at,
        state.changed_at,
        state.correction,
        state.sequence
      FROM {{ ref('segwh_lead_by_phone_state') }} AS state
      WHERE
        state.kind = 'segment'
      UNION ALL
      /* the status of one that is kept, but for no loss of its own, is why (`waits`, `grows`); the log of an older version does not */
      /* tell, and those stay under the breaker. One that was kept and was not evaluated since is `kept` still */
      SELECT
        tail.segment,
        tail.computed_hash,
        COALESCE(tail.reason, tail.status) AS status,
        tail.first_evaluated_at,
        tail.changed_at,
        tail.correction,
        tail.sequence
      FROM tail
      WHERE
        tail.change = 'evaluated'
    ), newest_marks AS (
      SELECT
        marks.segment,
        marks.computed_hash,
        marks.status,
        marks.first_evaluated_at,
        marks.changed_at,
        marks.correction,
        marks.sequence,
        ROW_NUMBER() OVER (PARTITION BY marks.segment ORDER BY marks.sequence DESC) AS place
      FROM marks
    ), recorded_segments AS (
      SELECT
        newest_marks.segment,
        newest_marks.computed_hash,
        newest_marks.status,
        newest_marks.first_evaluated_at,
        newest_marks.changed_at,
        newest_marks.correction,
        newest_marks.sequence
      FROM newest_marks
      WHERE
        newest_marks.place = 1
    )
    /* When the segments of one grain were first and last evaluated. */
    SELECT
      recorded_segments.segment,
      'lead_by_phone' AS grain,
      recorded_segments.first_evaluated_at,
      recorded_segments.changed_at AS last_evaluated_at
    FROM recorded_segments
  ) AS lead_by_phone_marks
  UNION ALL
  SELECT
    *
  FROM (
    WITH applied AS (
      SELECT
        COALESCE(MAX(state.sequence), 0) AS sequence
      FROM {{ ref('segwh_lead_state') }} AS state
    ), tail AS (
      SELECT
        log.segment,
        log.lead_id,
        log.change,
        log.changed_at,
        log.reason,
        log.sequence,
        log.status,
        log.computed_hash,
        log.first_evaluated_at,
        log.correction
      FROM {{ ref('segwh_lead_log') }} AS log
      WHERE
        log.sequence > (
          SELECT
            applied.sequence
          FROM applied
        )
    ), marks AS (
      SELECT
        state.segment,
        state.computed_hash,
        state.status,
        state.first_evaluated_at,
        state.changed_at,
        state.correction,
        state.sequence
      FROM {{ ref('segwh_lead_state') }} AS state
      WHERE
        state.kind = 'segment'
      UNION ALL
      /* the status of one that is kept, but for no loss of its own, is why (`waits`, `grows`); the log of an older version does not */
      /* tell, and those stay under the breaker. One that was kept and was not evaluated since is `kept` still */
      SELECT
        tail.segment,
        tail.computed_hash,
        COALESCE(tail.reason, tail.status) AS status,
        tail.first_evaluated_at,
        tail.changed_at,
        tail.correction,
        tail.sequence
      FROM tail
      WHERE
        tail.change = 'evaluated'
    ), newest_marks AS (
      SELECT
        marks.segment,
        marks.computed_hash,
        marks.status,
        marks.first_evaluated_at,
        marks.changed_at,
        marks.correction,
        marks.sequence,
        ROW_NUMBER() OVER (PARTITION BY marks.segment ORDER BY marks.sequence DESC) AS place
      FROM marks
    ), recorded_segments AS (
      SELECT
        newest_marks.segment,
        newest_marks.computed_hash,
        newest_marks.status,
        newest_marks.first_evaluated_at,
        newest_marks.changed_at,
        newest_marks.correction,
        newest_marks.sequence
      FROM newest_marks
      WHERE
        newest_marks.place = 1
    )
    /* When the segments of one grain were first and last evaluated. */
    SELECT
      recorded_segments.segment,
      'lead' AS grain,
      recorded_segments.first_evaluated_at,
      recorded_segments.changed_at AS last_evaluated_at
    FROM recorded_segments
  ) AS lead_marks
)
/* Every segment of the rules: what it is called, means and belongs to, and when it was evaluated. */
SELECT
  rules.segment,
  rules.label,
  rules.description,
  rules.owner,
  rules.tags,
  rules.entity,
  rules.grain,
  rules.type,
  rules.status,
  rules.expires_on IS NULL AS evergreen,
  rules.expires_on,
  rules.time_to_live,
  rules.rule_hash,
  rules.rule,
  rules.source_file,
  rules.source_line,
  marks.first_evaluated_at,
  marks.last_evaluated_at
FROM {{ ref('segwh_rules') }} AS rules
LEFT JOIN marks
  ON marks.segment = rules.segment AND marks.grain = rules.grain
WHERE
  NOT rules.hidden
{%- endif %}
