-- segwh: compiled from the rules. Edit those and run `segwh compile`, which overwrites this file.
{{ config(
    materialized='table',
    contract={'enforced': false},
    tags=['segwh'],
    pre_hook='{{ segwh__require_compiled() }}'
) }}
{%- set run = segwh__run('Europe/London', none) -%}
{%- set as_of = segwh__text(run.as_of) ~ '+00' -%}
{%- set days_60_ago = segwh__text(segwh__shifted(run.as_of, [[-60, 'days']], 'Europe/London')) -%}
{%- set months_6_ago = segwh__text(segwh__shifted(run.as_of, [[-6, 'months']], 'Europe/London')) -%}
{%- set lost = segwh__lost_lists(run, 'lead', [], []) -%}

{%- if segwh__reads_part() and segwh__existing('segwh_lead_pending') %}
select * from {{ this }}
{%- else %}
WITH guards AS (
  SELECT
    CAST(given.suppression AS TEXT) AS suppression,
    CAST(given.grain AS TEXT) AS grain,
    CAST(given.tag AS TEXT) AS tag
  FROM (VALUES
    (NULL, NULL, NULL)) AS given(suppression, grain, tag)
  WHERE
    1 = 0
), elsewhere AS (
  SELECT
    CAST(given.segment AS TEXT) AS segment,
    CAST(given.is_current AS BOOLEAN) AS is_current,
    CAST(given.is_read AS BOOLEAN) AS is_read
  FROM (VALUES
    (NULL, NULL, NULL)) AS given(segment, is_current, is_read)
  WHERE
    1 = 0
), recorded AS (
  SELECT
    standing.segment,
    standing.lead_id,
    standing.is_member,
    standing.entered_at,
    standing.changed_at,
    standing.computed_hash
  FROM {{ ref('segwh_lead_standing') }} AS standing
  WHERE
    standing.kind = 'member'
), recorded_segments AS (
  SELECT
    standing.segment,
    standing.computed_hash,
    standing.status,
    standing.first_evaluated_at,
    standing.changed_at,
    standing.correction,
    standing.sequence
  FROM {{ ref('segwh_lead_standing') }} AS standing
  WHERE
    standing.kind = 'segment'
), base AS (
  SELECT
    COALESCE(MAX(recorded_segments.sequence), 0) AS sequence
  FROM recorded_segments
), evaluated AS (
  SELECT
    evaluated_segments.segment,
    evaluated_segments.rule_hash,
    evaluated_segments.left_out,
    evaluated_segments.population,
    CASE
      WHEN NOT evaluated_segments.problem IS NULL
      THEN evaluated_segments.problem
      WHEN facts_age.oldest <> CAST('{{ as_of }}' AS TIMESTAMPTZ)
      OR facts_age.newest <> CAST('{{ as_of }}' AS TIMESTAMPTZ)
      THEN 'its facts are of another as-of'
      WHEN members_age.as_of IS NULL OR members_age.as_of <> '{{ as_of }}'
      THEN 'its members are of another as-of'
      WHEN FALSE
      THEN 'another run wrote its own facts or changes meanwhile'
    END AS problem
  FROM {{ ref('segwh_lead_evaluated') }} AS evaluated_segments
  CROSS JOIN base
  CROSS JOIN (
    SELECT
      CASE
        WHEN MIN(evaluation.segment) = MAX(evaluation.segment)
        THEN MAX(evaluation.segment)
      END AS as_of
    FROM {{ ref('segwh_lead_evaluation') }} AS evaluation
    WHERE
      evaluation.lead_id IS NULL
  ) AS members_age
  CROSS JOIN (
    SELECT
      MIN(facts.evaluated_at) AS oldest,
      MAX(facts.evaluated_at) AS newest
    FROM {{ ref('segwh_lead_facts') }} AS facts
  ) AS facts_age
  WHERE
    evaluated_segments.as_of = CAST('{{ as_of }}' AS TIMESTAMPTZ)
), members AS (
  SELECT
    evaluation.segment,
    evaluation.lead_id
  FROM {{ ref('segwh_lead_evaluation') }} AS evaluation
  WHERE
    NOT evaluation.lead_id IS NULL
), declared AS (
  SELECT
    rules.segment,
    rules.rule_hash,
    rules.type,
    rules.status,
    rules.expires_at,
    rules.max_exit_fraction,
    rules.max_entry_fraction,
    rules.tag_list,
    rules.is_suppression,
    rules.was,
    rules.refresh,
    rules.depends_on
  FROM {{ ref('segwh_rules') }} AS rules
  WHERE
    rules.grain = 'lead'
), held AS (
  SELECT
    recorded.segment,
    recorded.lead_id,
    recorded.entered_at
  FROM recorded
  WHERE
    recorded.is_member
), counted AS (
  SELECT
    recorded.segment,
    SUM(CASE WHEN recorded.is_member THEN 1 ELSE 0 END) AS members,
    SUM(
      CASE
        WHEN recorded.is_member AND recorded.entered_at = CAST('{{ as_of }}' AS TIMESTAMPTZ)
        THEN 1
        ELSE 0
      END
    ) AS entered,
    SUM(
      CASE
        WHEN NOT recorded.is_member
        AND recorded.changed_at = CAST('{{ as_of }}' AS TIMESTAMPTZ)
        AND recorded.entered_at < CAST('{{ as_of }}' AS TIMESTAMPTZ)
        THEN 1
        ELSE 0
      END
    ) AS exited
  FROM recorded
  GROUP BY
    recorded.segment
), sizes AS (
  SELECT
    known.segment,
    known.members,
    known.entered,
    known.exited
  FROM counted AS known
), watched AS (
  SELECT DISTINCT
    declared.segment
  FROM declared
  INNER JOIN {{ ref('segwh_rules') }} AS asked
    ON asked.watches = '*'
    OR STRPOS(asked.watches, CONCAT(',', declared.segment, ',')) > 0
  WHERE
    NOT {{ segwh__is_wanted('declared.segment', 'declared.refresh', 'declared.is_suppression') }} AND {{ segwh__is_wanted('asked.segment', 'asked.refresh', 'asked.is_suppression') }}
), courses AS (
  SELECT
    COALESCE(declared.segment, past.segment) AS segment,
    COALESCE(declared.rule_hash, past.computed_hash) AS rule_hash,
    past.computed_hash IS NULL OR past.status = 'removed' AS is_first,
    COALESCE(past.status <> 'removed' AND past.computed_hash <> declared.rule_hash, FALSE) AS is_redefined,
    COALESCE(
      declared.type = 'static'
      AND past.computed_hash = declared.rule_hash
      AND past.status <> 'removed',
      FALSE
    ) AS keeps_its_set, /* a static segment keeps the set that it was computed to: who is suppressed, outranked or gone is only hidden from it */
    past.computed_hash,
    past.changed_at AS last_evaluated_at,
    past.first_evaluated_at,
    past.status AS last_status,
    CASE
      WHEN past.segment IS NULL
      THEN base.sequence
      WHEN past.changed_at = CAST('{{ as_of }}' AS TIMESTAMPTZ)
      THEN past.correction + 1
      ELSE 0
    END AS correction, /* a name that was taken before (by a segment that is called otherwise now) gets no change_id of that time again */
    COALESCE(declared.max_exit_fraction, CAST(0.5 AS DOUBLE)) AS max_exit_fraction, /* of one that the rules name no more the project's */
    declared.max_entry_fraction,
    COALESCE(declared.is_suppression, FALSE) AS is_suppression,
    NOT watched.segment IS NULL AS is_watched,
    evaluated.left_out,
    evaluated.population,
    CASE
      WHEN past.segment IS NULL AND NOT former.segment IS NULL
      THEN 'its members are still recorded under its former name'
      WHEN evaluated.segment IS NULL OR evaluated.rule_hash <> declared.rule_hash
      THEN 'it was not evaluated in this run'
      ELSE evaluated.problem
    END AS problem,
    CASE
      WHEN declared.segment IS NULL
      AND past.segment IN {{ segwh__names('segwh_remove') }}
      AND past.status <> 'removed'
      AND past.changed_at <= CAST('{{ as_of }}' AS TIMESTAMPTZ)
      THEN 'removed'
      WHEN NOT {{ segwh__is_wanted('coalesce(declared.segment, past.segment)', 'declared.refresh', 'declared.is_suppression') }} AND watched.segment IS NULL
      THEN 'left'
      WHEN NOT declared.segment IS NULL
      AND past.segment IS NULL
      AND NOT former.segment IS NULL
      THEN 'skipped'
      WHEN NOT declared.segment IS NULL
      AND (
        evaluated.segment IS NULL
        OR evaluated.rule_hash <> declared.rule_hash
        OR NOT evaluated.problem IS NULL
      )
      THEN 'skipped'
      WHEN NOT watched.segment IS NULL
      AND COALESCE(past.changed_at > CAST('{{ as_of }}' AS TIMESTAMPTZ), TRUE)
      THEN 'left'
      WHEN past.changed_at > CAST('{{ as_of }}' AS TIMESTAMPTZ)
      THEN 'refused'
      WHEN declared.segment IS NULL AND past.status = 'removed'
      THEN 'gone'
      WHEN declared.segment IS NULL AND past.segment IN {{ segwh__names('segwh_remove') }}
      THEN 'removed'
      WHEN declared.segment IS NULL
      THEN 'orphaned'
      WHEN declared.status = 'inactive'
      THEN 'inactive'
      WHEN declared.expires_at <= CAST('{{ as_of }}' AS TIMESTAMPTZ)
      THEN 'expired'
      WHEN declared.type = 'static'
      AND past.computed_hash = declared.rule_hash
      AND past.status <> 'removed'
      THEN 'static'
      ELSE 'live'
    END AS course
  FROM declared
  FULL JOIN recorded_segments AS past
    ON past.segment = declared.segment
  LEFT JOIN evaluated
    ON evaluated.segment = declared.segment
  LEFT JOIN recorded_segments AS former
    ON former.segment = declared.was AND former.status <> 'removed'
  LEFT JOIN watched
    ON watched.segment = declared.segment
  CROSS JOIN base
), differing AS (
  SELECT
    COALESCE(members.segment, compared.segment) AS segment,
    COALESCE(members.lead_id, compared.lead_id) AS lead_id,
    compared.segment IS NULL AS is_new,
    compared.entered_at
  FROM members
  FULL JOIN held AS compared
    ON compared.lead_id = members.lead_id AND compared.segment = members.segment
  WHERE
    members.segment IS NULL OR compared.segment IS NULL
), entering AS (
  SELECT
    differing.segment,
    differing.lead_id
  FROM differing
  INNER JOIN courses
    ON courses.segment = differing.segment AND courses.course = 'live'
  WHERE
    differing.is_new
), frozen AS (
  SELECT
    courses.segment
  FROM courses
  WHERE
    courses.course IN ('static', 'inactive', 'expired', 'orphaned', 'removed')
  GROUP BY
    courses.segment
), candidates AS (
  SELECT
    held.segment,
    held.lead_id,
    TRUE AS is_in,
    held.entered_at,
    CAST(NULL AS TIMESTAMPTZ) AS changed_at
  FROM held
  INNER JOIN frozen
    ON frozen.segment = held.segment
  UNION ALL
  SELECT
    differing.segment,
    differing.lead_id,
    TRUE AS is_in,
    differing.entered_at,
    CAST(NULL AS TIMESTAMPTZ) AS changed_at
  FROM differing
  INNER JOIN courses
    ON courses.segment = differing.segment AND courses.course = 'live'
  WHERE
    NOT differing.is_new
  UNION ALL
  SELECT
    recorded.segment,
    recorded.lead_id,
    FALSE AS is_in,
    recorded.entered_at,
    recorded.changed_at
  FROM recorded
  INNER JOIN courses
    ON courses.segment = recorded.segment
    AND courses.computed_hash = recorded.computed_hash
  WHERE
    courses.keeps_its_set
    AND courses.course IN ('static', 'inactive', 'expired')
    AND NOT recorded.is_member
), unread AS (
  SELECT
    guards.suppression,
    guards.tag
  FROM guards
  LEFT JOIN courses
    ON courses.segment = guards.suppression
  LEFT JOIN elsewhere
    ON elsewhere.segment = guards.suppression
  WHERE
    CASE
      WHEN guards.grain = 'lead'
      THEN courses.segment IS NULL OR courses.course IN ('skipped', 'orphaned')
      ELSE NOT COALESCE(elsewhere.is_read, FALSE)
    END
), doubted AS (
  SELECT DISTINCT
    courses.segment,
    COALESCE(declared.tag_list, '') AS tag_list
  FROM courses
  LEFT JOIN declared
    ON declared.segment = courses.segment
  INNER JOIN unread
    ON unread.tag = '' OR STRPOS(COALESCE(declared.tag_list, ''), unread.tag) > 0
  WHERE
    NOT courses.is_suppression
), misled AS (
  SELECT DISTINCT
    rules.segment
  FROM {{ ref('segwh_rules') }} AS rules
  INNER JOIN unread
    ON unread.tag = '' OR STRPOS(rules.tag_list, unread.tag) > 0
  WHERE
    rules.entity = 'lead' AND NOT rules.is_suppression
), exit_reasons AS (
  SELECT
    candidates.segment,
    candidates.lead_id,
    CASE candidates.segment
      WHEN 'lead_nurturing'
      THEN CASE
        WHEN NOT NOT facts.lead_id IS NULL
        THEN 'gone'
        WHEN facts.in_warm_leads
        THEN 'excluded'
        WHEN NOT COALESCE(facts.created_at_53fca4 >= CAST('{{ days_60_ago }}' AS TIMESTAMP), FALSE)
        THEN 'time_to_live'
      END
      WHEN 'partner_leads'
      THEN CASE
        WHEN NOT NOT facts.lead_id IS NULL
        THEN 'gone'
        WHEN NOT COALESCE(facts.created_at_53fca4 >= CAST('{{ months_6_ago }}' AS TIMESTAMP), FALSE)
        THEN 'time_to_live'
      END
      ELSE CASE WHEN NOT NOT facts.lead_id IS NULL THEN 'gone' END
    END AS reason
  FROM candidates AS candidates
  LEFT JOIN {{ ref('segwh_lead_facts') }} AS facts
    ON facts.lead_id = candidates.lead_id
), reasons AS (
  SELECT
    exit_reasons.segment,
    exit_reasons.lead_id,
    exit_reasons.reason
  FROM exit_reasons
), leaving AS (
  SELECT
    candidates.segment,
    candidates.lead_id,
    candidates.entered_at,
    CASE
      WHEN reasons.reason = 'gone'
      THEN 'gone'
      WHEN courses.course = 'removed'
      THEN 'segment_removed'
      WHEN courses.course = 'live' AND courses.is_redefined
      THEN 'definition'
      ELSE COALESCE(reasons.reason, 'rule')
    END AS reason,
    COALESCE(reasons.reason, 'rule') AS reason_if_kept /* why it would leave a version that is kept */
  FROM candidates AS candidates
  INNER JOIN courses
    ON courses.segment = candidates.segment
  LEFT JOIN reasons
    ON reasons.segment = candidates.segment AND reasons.lead_id = candidates.lead_id
  WHERE
    candidates.is_in
    AND (
      courses.course IN ('live', 'removed')
      OR reasons.reason IN ('gone', 'suppressed', 'priority')
    )
    AND /* nobody makes room for those whom a lost list kept out, and who do not come in */ NOT (
      {{ lost.is_any }} AND COALESCE(reasons.reason, 'rule') IN ('priority', 'limit')
    )
), outside AS (
  SELECT
    recorded.segment,
    recorded.lead_id,
    recorded.entered_at,
    recorded.changed_at
  FROM recorded
  WHERE
    NOT recorded.is_member
), coming AS (
  SELECT
    entering.segment,
    entering.lead_id,
    outside.entered_at,
    outside.changed_at
  FROM entering
  LEFT JOIN outside
    ON outside.segment = entering.segment AND outside.lead_id = entering.lead_id
  UNION ALL
  SELECT
    candidates.segment,
    candidates.lead_id,
    candidates.entered_at,
    candidates.changed_at
  FROM candidates
  LEFT JOIN reasons
    ON reasons.segment = candidates.segment AND reasons.lead_id = candidates.lead_id
  WHERE
    NOT candidates.is_in AND reasons.reason IS NULL
), losses AS (
  SELECT
    leaving.segment,
    SUM(CASE WHEN leaving.reason <> 'definition' THEN 1 ELSE 0 END) AS counted,
    SUM(CASE WHEN leaving.reason = 'gone' THEN 1 ELSE 0 END) AS gone,
    COUNT(*) AS lost
  FROM leaving
  GROUP BY
    leaving.segment
), grown AS (
  SELECT
    CAST(given.segment AS TEXT) AS segment
  FROM (VALUES
    (NULL)) AS given(segment)
  WHERE
    1 = 0
), refilled AS (
  SELECT DISTINCT
    entering.segment
  FROM entering
  INNER JOIN courses
    ON courses.segment = entering.segment AND courses.is_suppression
), emptied AS (
  SELECT
    losses.segment,
    losses.gone
  FROM losses
  INNER JOIN courses
    ON courses.segment = losses.segment AND courses.is_suppression
  INNER JOIN sizes
    ON sizes.segment = losses.segment AND sizes.members = losses.lost
  LEFT JOIN refilled
    ON refilled.segment = losses.segment
  WHERE
    refilled.segment IS NULL AND (
      1 = 0 OR losses.gone < losses.lost
    )
), stubborn AS (
  SELECT
    courses.segment
  FROM courses
  WHERE
    courses.last_status = 'kept' AND NOT courses.is_suppression
), tripping AS (
  SELECT
    courses.segment,
    courses.course,
    courses.is_watched,
    courses.course = 'live'
    AND NOT courses.segment IN {{ segwh__names('segwh_accept') }}
    AND (
      (
        (
          COALESCE(sizes.members, 0) >= 100 OR NOT stubborn.segment IS NULL
        )
        AND COALESCE(losses.counted > courses.max_exit_fraction * sizes.members, FALSE)
      )
      OR NOT emptied.segment IS NULL
      OR NOT grown.segment IS NULL
    ) AS has_tripped,
    NOT grown.segment IS NULL AS has_grown,
    (
      COALESCE(sizes.members, 0) >= 100 OR NOT stubborn.segment IS NULL
    )
    AND COALESCE(losses.counted > courses.max_exit_fraction * sizes.members, FALSE) AS has_lost,
    NOT courses.segment IN {{ segwh__names('segwh_accept') }}
    AND courses.course <> 'removed'
    AND (
      (
        (
          COALESCE(sizes.members, 0) >= 100 OR NOT stubborn.segment IS NULL
        )
        AND COALESCE(losses.gone > courses.max_exit_fraction * sizes.members, FALSE)
      )
      OR (
        1 = 0 AND COALESCE(emptied.gone > 0, FALSE)
      )
    ) AS lost_keys
  FROM courses
  LEFT JOIN sizes
    ON sizes.segment = courses.segment
  LEFT JOIN losses
    ON losses.segment = courses.segment
  LEFT JOIN emptied
    ON emptied.segment = courses.segment
  LEFT JOIN stubborn
    ON stubborn.segment = courses.segment
  LEFT JOIN grown
    ON grown.segment = courses.segment
), unsettled AS (
  SELECT
    tripping.segment,
    TRUE AS is_kept
  FROM tripping
  INNER JOIN declared
    ON declared.segment = tripping.segment
  WHERE
    tripping.has_tripped OR tripping.lost_keys
  UNION ALL
  SELECT
    elsewhere.segment,
    TRUE AS is_kept
  FROM elsewhere
  WHERE
    NOT elsewhere.is_current
  UNION ALL
  SELECT
    misled.segment,
    FALSE AS is_kept
  FROM misled
), waiting AS (
  SELECT DISTINCT
    declared.segment
  FROM declared
  INNER JOIN unsettled
    ON declared.depends_on = '*'
    OR STRPOS(declared.depends_on, CONCAT(',', unsettled.segment, ',')) > 0
  LEFT JOIN doubted
    ON doubted.segment = declared.segment
  WHERE
    unsettled.is_kept OR doubted.segment IS NULL
), breakers AS (
  SELECT
    tripping.segment,
    tripping.is_watched,
    tripping.has_tripped
    OR (
      tripping.course = 'live' AND NOT waiting.segment IS NULL
    ) AS has_tripped,
    tripping.lost_keys,
    tripping.has_grown,
    tripping.has_lost,
    NOT tripping.has_tripped
    AND NOT tripping.lost_keys
    AND NOT waiting.segment IS NULL AS waits
  FROM tripping
  LEFT JOIN waiting
    ON waiting.segment = tripping.segment
), expected AS (
  SELECT DISTINCT
    rules.segment
  FROM {{ ref('segwh_rules') }} AS rules
  INNER JOIN (
    SELECT
      breakers.segment
    FROM breakers
    WHERE
      breakers.has_tripped OR breakers.lost_keys
    UNION ALL
    SELECT
      elsewhere.segment
    FROM elsewhere
    WHERE
      NOT elsewhere.is_current
    UNION ALL
    SELECT
      misled.segment
    FROM misled
  ) AS behind
    ON rules.depends_on = '*'
    OR STRPOS(rules.depends_on, CONCAT(',', behind.segment, ',')) > 0
  WHERE
    rules.is_suppression AND rules.grain <> 'lead'
), unsafe AS (
  SELECT
    guards.suppression,
    guards.tag
  FROM guards
  LEFT JOIN courses
    ON courses.segment = guards.suppression
  LEFT JOIN breakers
    ON breakers.segment = guards.suppression
  LEFT JOIN elsewhere
    ON elsewhere.segment = guards.suppression
  LEFT JOIN expected
    ON expected.segment = guards.suppression
  WHERE
    CASE
      WHEN guards.grain = 'lead'
      THEN courses.segment IS NULL
      OR courses.course IN ('skipped', 'orphaned')
      OR breakers.has_tripped
      OR breakers.lost_keys
      ELSE NOT COALESCE(elsewhere.is_current, FALSE) OR NOT expected.segment IS NULL
    END
), guarded AS (
  SELECT
    rules.segment
  FROM {{ ref('segwh_rules') }} AS rules
  INNER JOIN unsafe
    ON unsafe.tag = '' OR STRPOS(rules.tag_list, unsafe.tag) > 0
  WHERE
    rules.entity = 'lead' AND NOT rules.is_suppression
  UNION
  /* so while a list is lost, of which nobody knows any more whom it guarded; what was a list itself was guarded by none */
  SELECT
    rules.segment
  FROM {{ ref('segwh_rules') }} AS rules
  WHERE
    {{ lost.is_any }}
    AND rules.entity = 'lead'
    AND NOT rules.is_suppression
    AND NOT rules.segment IN {{ lost.names }}
), blocked AS (
  SELECT
    guarded.segment
  FROM guarded
  UNION
  SELECT
    declared.segment
  FROM declared
  INNER JOIN guarded
    ON declared.depends_on = '*'
    OR STRPOS(declared.depends_on, CONCAT(',', guarded.segment, ',')) > 0
  WHERE
    NOT declared.is_suppression AND NOT declared.segment IN {{ lost.names }}
), keeping AS (
  SELECT
    breakers.segment
  FROM breakers
  INNER JOIN courses
    ON courses.segment = breakers.segment
  LEFT JOIN blocked
    ON blocked.segment = breakers.segment
  WHERE
    breakers.has_tripped
    OR (
      courses.course = 'live' AND courses.is_redefined AND NOT blocked.segment IS NULL
    )
), takes AS (
  SELECT
    courses.segment,
    CASE
      WHEN courses.is_first
      THEN 'first_run'
      WHEN courses.is_redefined
      THEN 'definition'
      ELSE 'rule'
    END AS reason
  FROM courses
  INNER JOIN breakers
    ON breakers.segment = courses.segment
  LEFT JOIN blocked
    ON blocked.segment = courses.segment
  WHERE
    NOT courses.is_watched AND NOT breakers.has_tripped AND blocked.segment IS NULL
), changes AS (
  SELECT
    coming.segment,
    coming.lead_id,
    'entered' AS change,
    takes.reason,
    coming.entered_at AS entered_before,
    coming.changed_at AS changed_before
  FROM coming
  INNER JOIN takes
    ON takes.segment = coming.segment
  UNION ALL
  SELECT
    leaving.segment,
    leaving.lead_id,
    'exited' AS change,
    CASE
      WHEN keeping.segment IS NULL
      THEN leaving.reason
      ELSE leaving.reason_if_kept
    END AS reason,
    leaving.entered_at AS entered_before,
    CAST(NULL AS TIMESTAMPTZ) AS changed_before
  FROM leaving
  INNER JOIN breakers
    ON breakers.segment = leaving.segment
  LEFT JOIN keeping
    ON keeping.segment = leaving.segment
  WHERE
    NOT breakers.is_watched
    AND (
      keeping.segment IS NULL
      OR leaving.reason_if_kept IN ('gone', 'suppressed', 'priority')
    )
    AND NOT (
      breakers.lost_keys AND leaving.reason = 'gone'
    )
), instants AS (
  SELECT
    moves.segment,
    SUM(moves.members) AS members,
    SUM(moves.entered) AS entered,
    SUM(moves.exited) AS exited
  FROM (
    SELECT
      sizes.segment,
      sizes.members,
      sizes.entered,
      sizes.exited
    FROM sizes
    UNION ALL
    SELECT
      changes.segment,
      CASE WHEN changes.change = 'entered' THEN 1 ELSE -1 END AS members,
      CASE
        WHEN changes.change = 'entered'
        AND COALESCE(
          changes.entered_before < CAST('{{ as_of }}' AS TIMESTAMPTZ)
          AND changes.changed_before = CAST('{{ as_of }}' AS TIMESTAMPTZ),
          FALSE
        )
        THEN 0
        WHEN changes.change = 'entered'
        THEN 1
        WHEN changes.entered_before = CAST('{{ as_of }}' AS TIMESTAMPTZ)
        THEN -1
        ELSE 0
      END AS entered,
      CASE
        WHEN changes.change = 'exited'
        AND changes.entered_before < CAST('{{ as_of }}' AS TIMESTAMPTZ)
        THEN 1
        WHEN changes.change = 'entered'
        AND COALESCE(
          changes.entered_before < CAST('{{ as_of }}' AS TIMESTAMPTZ)
          AND changes.changed_before = CAST('{{ as_of }}' AS TIMESTAMPTZ),
          FALSE
        )
        THEN -1
        ELSE 0
      END AS exited
    FROM changes
  ) AS moves
  GROUP BY
    moves.segment
), changed AS (
  SELECT DISTINCT
    changes.segment
  FROM changes
), outcomes AS (
  SELECT
    courses.segment,
    courses.course,
    courses.keeps_its_set,
    courses.rule_hash,
    courses.correction,
    courses.problem,
    courses.last_status,
    courses.left_out,
    courses.population,
    COALESCE(courses.first_evaluated_at, CAST('{{ as_of }}' AS TIMESTAMPTZ)) AS first_evaluated_at,
    CASE
      WHEN breakers.has_tripped OR breakers.lost_keys
      THEN 'kept'
      WHEN courses.is_watched AND courses.course <> 'skipped'
      THEN 'left'
      WHEN NOT blocked.segment IS NULL AND courses.course = 'live'
      THEN 'blocked'
      ELSE courses.course
    END AS status,
    breakers.waits,
    breakers.has_grown,
    breakers.has_grown AND NOT breakers.has_lost AND NOT breakers.lost_keys AS has_but_grown,
    NOT blocked.segment IS NULL AND courses.course = 'live' AS is_blocked,
    CAST(COALESCE(instants.members, 0) AS BIGINT) AS members,
    CAST(COALESCE(instants.entered, 0) AS BIGINT) AS entered,
    CAST(COALESCE(instants.exited, 0) AS BIGINT) AS exited,
    CASE
      WHEN courses.course = 'removed'
      THEN CAST(NULL AS TEXT)
      WHEN courses.course = 'live' AND NOT breakers.has_tripped AND blocked.segment IS NULL
      THEN courses.rule_hash
      ELSE courses.computed_hash
    END AS computed_hash,
    NOT changed.segment IS NULL
    OR courses.course = 'removed'
    OR (
      NOT courses.is_watched
      AND NOT courses.course IN ('left', 'refused', 'skipped', 'orphaned')
      AND (
        courses.is_first
        OR courses.is_redefined
        OR COALESCE(courses.last_evaluated_at < CAST('{{ as_of }}' AS TIMESTAMPTZ), TRUE)
      )
    ) AS is_news
  FROM courses
  INNER JOIN breakers
    ON breakers.segment = courses.segment
  LEFT JOIN blocked
    ON blocked.segment = courses.segment
  LEFT JOIN instants
    ON instants.segment = courses.segment
  LEFT JOIN changed
    ON changed.segment = courses.segment
  WHERE
    courses.course <> 'gone'
)
/* A change is written by itself here, and in the log with what its segment's row says of all of them. */
SELECT
  'change' AS kind,
  changes.segment,
  changes.lead_id,
  changes.change,
  changes.reason,
  CAST(NULL AS TEXT) AS rule_hash,
  CAST(NULL AS TEXT) AS status,
  CAST(NULL AS TEXT) AS status_of_changes,
  CAST(NULL AS TEXT) AS computed_hash,
  CAST(NULL AS BIGINT) AS correction,
  TRUE AS is_news,
  CAST(NULL AS TIMESTAMPTZ) AS first_evaluated_at,
  CAST(NULL AS BIGINT) AS members,
  CAST(NULL AS BIGINT) AS entered,
  CAST(NULL AS BIGINT) AS exited,
  CAST(NULL AS BIGINT) AS left_out,
  CAST(NULL AS BIGINT) AS population,
  CAST(NULL AS TEXT) AS problem,
  CAST(NULL AS TIMESTAMPTZ) AS as_of,
  CAST(NULL AS BIGINT) AS base_sequence
FROM changes
UNION ALL
/* status_of_changes is what the log says of each change: by the `static` of an exit the books know who is only hidden from a */
/* frozen set */
SELECT
  'segment' AS kind,
  outcomes.segment,
  NULL AS lead_id,
  'evaluated' AS change,
  CASE
    WHEN outcomes.last_status = 'kept'
    AND outcomes.status IN ('inactive', 'expired', 'orphaned')
    THEN 'kept'
    WHEN outcomes.status = 'kept' AND outcomes.waits
    THEN 'waits'
    WHEN outcomes.status = 'kept' AND outcomes.has_but_grown
    THEN 'grows'
  END AS reason, /* why it is kept, where that is no loss of its own; and of one that was kept for such a loss, and is not evaluated now, that it */ /* was. The log remembers it */
  outcomes.rule_hash,
  outcomes.status,
  CASE WHEN outcomes.keeps_its_set THEN 'static' ELSE outcomes.course END AS status_of_changes,
  outcomes.computed_hash,
  outcomes.correction,
  outcomes.is_news,
  outcomes.first_evaluated_at,
  outcomes.members,
  outcomes.entered,
  outcomes.exited,
  outcomes.left_out,
  outcomes.population,
  CASE
    WHEN outcomes.status = 'skipped'
    THEN outcomes.problem
    WHEN outcomes.status = 'orphaned'
    AND EXISTS(
      SELECT
        1
      FROM {{ ref('segwh_rules') }} AS rules
      WHERE
        rules.segment = outcomes.segment
    )
    THEN 'it has members of another kind now; those that it had stay until it is removed'
    WHEN outcomes.status = 'orphaned'
    THEN 'it is no longer in the rules; its members stay until it is removed'
    WHEN outcomes.status = 'refused'
    THEN 'it was evaluated at a later as-of already'
    WHEN outcomes.status = 'kept' AND outcomes.waits
    THEN 'a segment that it follows from keeps an earlier version'
    WHEN outcomes.status = 'kept' AND outcomes.course = 'orphaned'
    THEN 'it is no longer in the rules, and too many of its members are gone; accept or remove it if that is right'
    WHEN outcomes.status = 'kept' AND outcomes.has_grown
    THEN 'it would gain too many members; accept it if that is right'
    WHEN outcomes.status = 'kept'
    THEN 'it would lose too many members; accept it if that is right'
    WHEN outcomes.status IN ('blocked', 'left') AND outcomes.is_blocked AND {{ lost.is_any }}
    THEN '{{ lost.problem }}'
    WHEN outcomes.status IN ('blocked', 'left') AND outcomes.is_blocked
    THEN 'a suppression segment is not up to date'
  END AS problem,
  CAST('{{ as_of }}' AS TIMESTAMPTZ) AS as_of,
  base.sequence AS base_sequence
FROM outcomes
CROSS JOIN base
{%- endif %}
