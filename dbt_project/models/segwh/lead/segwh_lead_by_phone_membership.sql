-- segwh: compiled from the rules. Edit those and run `segwh compile`, which overwrites this file.
{{ config(
    materialized='view',
    tags=['segwh']
) }}

WITH applied AS (
  SELECT
    COALESCE(MAX(state.sequence), 0) AS sequence
  FROM {{ ref('segwh_lead_by_phone_state').render() }} AS state
), tail AS (
  SELECT
    log.*
  FROM {{ ref('segwh_lead_by_phone_log').render() }} AS log
  CROSS JOIN applied
  WHERE
    log.sequence > applied.sequence
), renewed AS (
  SELECT
    tail.segment,
    MAX(tail.sequence) AS sequence
  FROM tail
  WHERE
    tail.change = 'evaluated' AND tail.status IN ('live', 'removed')
  GROUP BY
    tail.segment
), freed AS (
  SELECT
    state.segment,
    state.phone,
    state.entered_at
  FROM {{ ref('segwh_lead_by_phone_state').render() }} AS state
  INNER JOIN renewed
    ON renewed.segment = state.segment
  WHERE
    1 = 0
), touched AS (
  SELECT
    tail.segment,
    tail.phone
  FROM tail
  WHERE
    tail.change IN ('entered', 'exited')
  UNION
  SELECT
    freed.segment,
    freed.phone
  FROM freed
), told AS (
  SELECT
    state.segment,
    state.phone,
    'entered' AS change,
    state.entered_at AS changed_at,
    0 AS sequence,
    CAST(NULL AS TEXT) AS hidden_hash
  FROM {{ ref('segwh_lead_by_phone_state').render() }} AS state
  INNER JOIN touched
    ON touched.segment = state.segment AND touched.phone = state.phone
  WHERE
    state.kind = 'member' AND NOT state.entered_at IS NULL
  UNION ALL
  SELECT
    state.segment,
    state.phone,
    'exited' AS change,
    COALESCE(state.changed_at, state.entered_at) AS changed_at,
    1 AS sequence,
    state.computed_hash AS hidden_hash
  FROM {{ ref('segwh_lead_by_phone_state').render() }} AS state
  INNER JOIN touched
    ON touched.segment = state.segment AND touched.phone = state.phone
  WHERE
    state.kind = 'member' AND NOT state.is_member AND NOT state.entered_at IS NULL
  UNION ALL
  SELECT
    tail.segment,
    tail.phone,
    tail.change,
    tail.changed_at,
    tail.sequence,
    CASE
      WHEN tail.change = 'exited' AND tail.status = 'static'
      THEN tail.computed_hash
    END AS hidden_hash
  FROM tail
  WHERE
    tail.change IN ('entered', 'exited')
), settled AS (
  SELECT
    told.segment,
    told.phone,
    told.change,
    told.changed_at,
    told.sequence,
    told.hidden_hash,
    ROW_NUMBER() OVER (
      PARTITION BY told.segment, told.phone, told.changed_at
      ORDER BY told.sequence DESC
    ) AS place
  FROM told
), turned AS (
  SELECT
    settled.segment,
    settled.phone,
    settled.change,
    settled.changed_at,
    settled.sequence,
    settled.hidden_hash,
    LAG(settled.change, 1, 'exited') OVER (PARTITION BY settled.segment, settled.phone ORDER BY settled.changed_at) AS previous,
    ROW_NUMBER() OVER (PARTITION BY settled.segment, settled.phone ORDER BY settled.changed_at DESC) AS age
  FROM settled
  WHERE
    settled.place = 1
), folded AS (
  SELECT
    turned.segment,
    turned.phone,
    SUM(
      CASE
        WHEN turned.change = turned.previous
        THEN 0
        WHEN turned.change = 'entered'
        THEN 1
        ELSE -1
      END
    ) > 0 AS is_member,
    MAX(
      CASE
        WHEN turned.change = 'entered' AND turned.previous = 'exited'
        THEN turned.changed_at
      END
    ) AS entered_at,
    MAX(CASE WHEN turned.change <> turned.previous THEN turned.changed_at END) AS changed_at,
    MAX(
      CASE
        WHEN turned.age = 1 AND COALESCE(turned.sequence > renewed.sequence, TRUE)
        THEN turned.hidden_hash
      END
    ) AS computed_hash
  FROM turned
  LEFT JOIN renewed
    ON renewed.segment = turned.segment
  GROUP BY
    turned.segment,
    turned.phone
  UNION ALL
  SELECT
    freed.segment,
    freed.phone,
    FALSE AS is_member,
    CAST(NULL AS TIMESTAMPTZ) AS entered_at,
    CAST(NULL AS TIMESTAMPTZ) AS changed_at,
    CAST(NULL AS TEXT) AS computed_hash
  FROM freed
  WHERE
    freed.entered_at IS NULL
    AND NOT EXISTS(
      SELECT
        1
      FROM tail
      WHERE
        tail.segment = freed.segment
        AND tail.phone = freed.phone
        AND tail.change IN ('entered', 'exited')
    )
), recorded AS (
  SELECT
    state.segment,
    state.phone,
    state.is_member,
    state.entered_at,
    state.changed_at,
    state.computed_hash
  FROM {{ ref('segwh_lead_by_phone_state').render() }} AS state
  WHERE
    state.kind = 'member'
    AND NOT EXISTS(
      SELECT
        1
      FROM touched
      WHERE
        touched.segment = state.segment AND touched.phone = state.phone
    )
  UNION ALL
  SELECT
    folded.segment,
    folded.phone,
    folded.is_member,
    folded.entered_at,
    folded.changed_at,
    folded.computed_hash
  FROM folded
), marks AS (
  SELECT
    state.segment,
    state.computed_hash,
    state.status,
    state.first_evaluated_at,
    state.changed_at,
    state.correction,
    state.sequence
  FROM {{ ref('segwh_lead_by_phone_state').render() }} AS state
  WHERE
    state.kind = 'segment'
  UNION ALL
  SELECT
    tail.segment,
    tail.computed_hash,
    tail.status,
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
/* Who is in which segment now. A member who stays keeps the very same row. */
SELECT
  CONCAT(recorded.segment, ':', CAST(recorded.phone AS TEXT)) AS membership_id,
  recorded.segment,
  recorded.phone,
  recorded.entered_at
FROM recorded
WHERE
  recorded.is_member
