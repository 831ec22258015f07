-- segwh: compiled from the rules. Edit those and run `segwh compile`, which overwrites this file.
{{ config(
    materialized='incremental',
    contract={'enforced': false},
    tags=['segwh'],
    full_refresh=false,
    incremental_strategy='append',
    on_schema_change='append_new_columns',
    pre_hook=['{{ segwh__require_compiled() }}', '{{ segwh__require_variables() }}', '{{ segwh__require_own_tables() }}', '{{ segwh__require_logs() }}', '{{ segwh__require_key_names({\'segwh_customer_log\': \'customer_id\', \'segwh_lead_by_phone_log\': \'phone\', \'segwh_lead_log\': \'lead_id\'}, [\'change_id\', \'segment\', \'change\', \'changed_at\', \'reason\', \'rule_hash\', \'run_id\', \'sequence\', \'status\', \'computed_hash\', \'correction\', \'first_evaluated_at\', \'members\', \'entered\', \'exited\', \'left_out\', \'population\']) }}', '{{ segwh__migrate(3) }}'],
    post_hook='{{ segwh__fail_if_too_late() }}'
) }}
{%- set as_of = segwh__text(segwh__requested_as_of('Europe/London', none)) ~ '+00' -%}
{%- set started_at = segwh__text(run_started_at.astimezone(modules.pytz.utc)) ~ '+00' -%}

{%- if segwh__reads_part() and segwh__grows() %}
select * from {{ this }} where 1 = 0
{%- else %}
WITH no_evaluations AS (
  SELECT
    CAST(given.kind AS TEXT) AS kind,
    CAST(given.change AS TEXT) AS change,
    CAST(given.segment AS TEXT) AS segment,
    CAST(given.changed_at AS TIMESTAMPTZ) AS changed_at,
    CAST(given.sequence AS BIGINT) AS sequence
  FROM (VALUES
    (NULL, NULL, NULL, NULL, NULL)) AS given(kind, change, segment, changed_at, sequence)
  WHERE
    1 = 0
), logged AS (
  /* Whether the segments of one grain were evaluated at a later as-of than this run's: as the state has it, and the log after that. */
  SELECT
    'customer' AS grain,
    evaluated.segment,
    MAX(evaluated.changed_at) > CAST('{{ as_of }}' AS TIMESTAMPTZ) AS is_later
  FROM (
    SELECT
      state.segment,
      state.changed_at
    FROM {{ segwh__existing('segwh_customer_state') or 'no_evaluations' }} AS state
    WHERE
      state.kind = 'segment'
    UNION ALL
    SELECT
      log.segment,
      log.changed_at
    FROM {{ segwh__existing('segwh_customer_log') or 'no_evaluations' }} AS log
    WHERE
      log.change = 'evaluated'
      AND log.sequence > (
        SELECT
          COALESCE(MAX(state.sequence), 0) AS sequence
        FROM {{ segwh__existing('segwh_customer_state') or 'no_evaluations' }} AS state
      )
  ) AS evaluated
  GROUP BY
    evaluated.segment
  UNION ALL
  /* Whether the segments of one grain were evaluated at a later as-of than this run's: as the state has it, and the log after that. */
  SELECT
    'lead_by_phone' AS grain,
    evaluated.segment,
    MAX(evaluated.changed_at) > CAST('{{ as_of }}' AS TIMESTAMPTZ) AS is_later
  FROM (
    SELECT
      state.segment,
      state.changed_at
    FROM {{ segwh__existing('segwh_lead_by_phone_state') or 'no_evaluations' }} AS state
    WHERE
      state.kind = 'segment'
    UNION ALL
    SELECT
      log.segment,
      log.changed_at
    FROM {{ segwh__existing('segwh_lead_by_phone_log') or 'no_evaluations' }} AS log
    WHERE
      log.change = 'evaluated'
      AND log.sequence > (
        SELECT
          COALESCE(MAX(state.sequence), 0) AS sequence
        FROM {{ segwh__existing('segwh_lead_by_phone_state') or 'no_evaluations' }} AS state
      )
  ) AS evaluated
  GROUP BY
    evaluated.segment
  UNION ALL
  /* Whether the segments of one grain were evaluated at a later as-of than this run's: as the state has it, and the log after that. */
  SELECT
    'lead' AS grain,
    evaluated.segment,
    MAX(evaluated.changed_at) > CAST('{{ as_of }}' AS TIMESTAMPTZ) AS is_later
  FROM (
    SELECT
      state.segment,
      state.changed_at
    FROM {{ segwh__existing('segwh_lead_state') or 'no_evaluations' }} AS state
    WHERE
      state.kind = 'segment'
    UNION ALL
    SELECT
      log.segment,
      log.changed_at
    FROM {{ segwh__existing('segwh_lead_log') or 'no_evaluations' }} AS log
    WHERE
      log.change = 'evaluated'
      AND log.sequence > (
        SELECT
          COALESCE(MAX(state.sequence), 0) AS sequence
        FROM {{ segwh__existing('segwh_lead_state') or 'no_evaluations' }} AS state
      )
  ) AS evaluated
  GROUP BY
    evaluated.segment
), open_segments AS (
  SELECT
    COUNT(*) AS number
  FROM {{ ref('segwh_rules') }} AS rules
  LEFT JOIN logged
    ON logged.grain = rules.grain AND logged.segment = rules.segment
  LEFT JOIN logged AS former
    ON former.grain = rules.grain AND former.segment = rules.was
  WHERE
    {{ segwh__is_wanted('rules.segment', 'rules.refresh', 'rules.is_suppression') }} AND NOT COALESCE(logged.is_later, former.is_later, FALSE)
)
SELECT
  '{{ invocation_id }}' AS run_id,
  CAST('{{ as_of }}' AS TIMESTAMPTZ) AS as_of,
  '{{ as_of }}' AS as_of_text,
  CAST('{{ started_at }}' AS TIMESTAMPTZ) AS started_at,
  '0.1.0' AS package_version,
  CAST(3 AS BIGINT) AS contract_version,
  CAST('{{ segwh__log_ends(['segwh_customer_log', 'segwh_lead_by_phone_log', 'segwh_lead_log']) }}' AS TEXT) AS log_ends,
  CAST('{{ segwh__lists_begun(['customer:do_not_contact', 'customer:unsubscribed'], []) }}' AS TEXT) AS suppression_lists,
  CAST('{{ segwh__project() }}' AS TEXT) AS project
FROM open_segments
WHERE
  {{ not segwh__reads_part() }}
  AND (
    open_segments.number > 0
    OR {{ true if var('segwh_remove', []) else false }}
    OR NOT EXISTS(
      SELECT
        1
      FROM {{ ref('segwh_rules') }} AS rules
      WHERE
        {{ segwh__is_wanted('rules.segment', 'rules.refresh', 'rules.is_suppression') }}
    )
  )
{%- endif %}
