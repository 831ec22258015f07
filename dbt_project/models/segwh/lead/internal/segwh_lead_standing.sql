-- segwh: compiled from the rules. Edit those and run `segwh compile`, which overwrites this file.
{{ config(
    materialized='view',
    contract={'enforced': false},
    tags=['segwh']
) }}

WITH lead_nothing_logged AS (
  WITH shape AS (
    SELECT
      source.lead_id AS lead_id
    FROM {{ ref('leads').render() }} AS source
  )
  /* A log without rows, its key typed as in the customer's own table. */
  SELECT
    CAST(NULL AS TEXT) AS change_id,
    CAST(NULL AS TEXT) AS segment,
    shape.lead_id,
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
), applied AS (
  SELECT
    COALESCE(MAX(state.sequence), 0) AS sequence
  FROM {{ ref('segwh_lead_state').render() }} AS state
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
  FROM {{ segwh__existing('segwh_lead_log') or 'lead_nothing_logged' }} AS log
  WHERE
    log.sequence > (
      SELECT
        applied.sequence
      FROM applied
    )
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
    state.lead_id,
    state.entered_at,
    state.changed_at,
    state.computed_hash
  FROM {{ ref('segwh_lead_state').render() }} AS state
  INNER JOIN renewed
    ON renewed.segment = state.segment
  WHERE
    state.kind = 'member' AND NOT state.is_member AND NOT state.computed_hash IS NULL
), touched AS (
  SELECT
    tail.segment,
    tail.lead_id
  FROM tail
  WHERE
    tail.change IN ('entered', 'exited')
  UNION ALL
  SELECT
    freed.segment,
    freed.lead_id
  FROM freed
), once AS (
  SELECT
    tail.segment
  FROM tail
  WHERE
    tail.change = 'evaluated'
  GROUP BY
    tail.segment
  HAVING
    COUNT(*) = 1
), met AS (
  SELECT
    tail.segment,
    tail.lead_id,
    tail.change,
    tail.changed_at,
    tail.sequence,
    CASE
      WHEN tail.change = 'exited' AND tail.status = 'static'
      THEN tail.computed_hash
    END AS hidden_hash,
    state.is_member,
    state.entered_at AS entered_before,
    state.changed_at AS changed_before,
    state.computed_hash,
    CASE
      WHEN NOT once.segment IS NULL
      AND state.computed_hash IS NULL
      AND (
        (
          tail.change = 'entered'
          AND (
            state.segment IS NULL OR NOT state.is_member
          )
          AND (
            state.changed_at IS NULL OR state.changed_at < tail.changed_at
          )
        )
        OR (
          tail.change = 'exited' AND state.is_member AND state.changed_at < tail.changed_at
        )
      )
      THEN TRUE
      ELSE FALSE
    END AS is_plain
  FROM tail
  LEFT JOIN (
    SELECT
      *
    FROM {{ ref('segwh_lead_state').render() }}
    WHERE
      lead_id IN (
        SELECT
          tail.lead_id
        FROM tail
      )
  ) AS state
    ON state.kind = 'member'
    AND state.segment = tail.segment
    AND state.lead_id = tail.lead_id
  LEFT JOIN once
    ON once.segment = tail.segment
  WHERE
    tail.change IN ('entered', 'exited')
), plain AS (
  SELECT
    met.segment,
    met.lead_id,
    met.change = 'entered' AS is_member,
    CASE WHEN met.change = 'entered' THEN met.changed_at ELSE met.entered_before END AS entered_at,
    met.changed_at,
    met.hidden_hash AS computed_hash
  FROM met
  WHERE
    met.is_plain
), told AS (
  SELECT
    known.segment,
    known.lead_id,
    'entered' AS change,
    known.entered_at AS changed_at,
    0 AS sequence,
    CAST(NULL AS TEXT) AS hidden_hash
  FROM (
    SELECT
      met.segment,
      met.lead_id,
      met.entered_before AS entered_at
    FROM met
    WHERE
      NOT met.is_plain
    UNION ALL
    SELECT
      freed.segment,
      freed.lead_id,
      freed.entered_at
    FROM freed
  ) AS known
  WHERE
    NOT known.entered_at IS NULL
  UNION ALL
  SELECT
    known.segment,
    known.lead_id,
    'exited' AS change,
    COALESCE(known.changed_at, known.entered_at) AS changed_at,
    1 AS sequence,
    known.computed_hash AS hidden_hash
  FROM (
    SELECT
      met.segment,
      met.lead_id,
      met.entered_before AS entered_at,
      met.changed_before AS changed_at,
      met.computed_hash
    FROM met
    WHERE
      NOT met.is_plain AND NOT met.is_member
    UNION ALL
    SELECT
      freed.segment,
      freed.lead_id,
      freed.entered_at,
      freed.changed_at,
      freed.computed_hash
    FROM freed
  ) AS known
  WHERE
    NOT known.entered_at IS NULL
  UNION ALL
  SELECT
    met.segment,
    met.lead_id,
    met.change,
    met.changed_at,
    met.sequence,
    met.hidden_hash
  FROM met
  WHERE
    NOT met.is_plain
), settled AS (
  SELECT
    told.segment,
    told.lead_id,
    told.change,
    told.changed_at,
    told.sequence,
    told.hidden_hash,
    ROW_NUMBER() OVER (
      PARTITION BY told.segment, told.lead_id, told.changed_at
      ORDER BY told.sequence DESC
    ) AS place
  FROM told
), turned AS (
  SELECT
    settled.segment,
    settled.lead_id,
    settled.change,
    settled.changed_at,
    settled.sequence,
    settled.hidden_hash,
    COALESCE(
      LAG(settled.change) OVER (PARTITION BY settled.segment, settled.lead_id ORDER BY settled.changed_at),
      'exited'
    ) AS previous,
    ROW_NUMBER() OVER (PARTITION BY settled.segment, settled.lead_id ORDER BY settled.changed_at DESC) AS age
  FROM settled
  WHERE
    settled.place = 1
), folded AS (
  SELECT
    turned.segment,
    turned.lead_id,
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
    turned.lead_id
  UNION ALL
  SELECT
    freed.segment,
    freed.lead_id,
    FALSE AS is_member,
    CAST(NULL AS TIMESTAMPTZ) AS entered_at,
    CAST(NULL AS TIMESTAMPTZ) AS changed_at,
    CAST(NULL AS TEXT) AS computed_hash
  FROM freed
  LEFT JOIN tail
    ON tail.segment = freed.segment
    AND tail.lead_id = freed.lead_id
    AND tail.change IN ('entered', 'exited')
  WHERE
    freed.entered_at IS NULL AND tail.segment IS NULL
  UNION ALL
  SELECT
    plain.segment,
    plain.lead_id,
    plain.is_member,
    plain.entered_at,
    plain.changed_at,
    plain.computed_hash
  FROM plain
), recorded AS (
  SELECT
    state.segment,
    state.lead_id,
    state.is_member,
    state.entered_at,
    state.changed_at,
    state.computed_hash
  FROM {{ ref('segwh_lead_state').render() }} AS state
  LEFT JOIN touched
    ON touched.segment = state.segment AND touched.lead_id = state.lead_id
  WHERE
    state.kind = 'member' AND touched.segment IS NULL
  UNION ALL
  SELECT
    folded.segment,
    folded.lead_id,
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
  FROM {{ ref('segwh_lead_state').render() }} AS state
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
/* What the books said before this run: who is in, who left at the newest instant or is hidden, and how each segment was last */
/* evaluated. */
SELECT
  'member' AS kind,
  recorded.segment,
  recorded.lead_id,
  recorded.is_member,
  recorded.entered_at,
  recorded.changed_at,
  recorded.computed_hash,
  CAST(NULL AS TEXT) AS status,
  CAST(NULL AS TIMESTAMPTZ) AS first_evaluated_at,
  CAST(NULL AS BIGINT) AS correction,
  CAST(NULL AS BIGINT) AS sequence
FROM recorded
UNION ALL
SELECT
  'segment' AS kind,
  recorded_segments.segment,
  NULL AS lead_id,
  FALSE AS is_member,
  CAST(NULL AS TIMESTAMPTZ) AS entered_at,
  recorded_segments.changed_at,
  recorded_segments.computed_hash,
  recorded_segments.status,
  recorded_segments.first_evaluated_at,
  recorded_segments.correction,
  recorded_segments.sequence
FROM recorded_segments
