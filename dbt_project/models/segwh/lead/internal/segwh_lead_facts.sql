-- segwh: compiled from the rules. Edit those and run `segwh compile`, which overwrites this file.
{{ config(
    materialized='segwh_in_place',
    contract={'enforced': false},
    tags=['segwh'],
    unique_key='lead_id'
) }}
-- depends_on: {{ ref('segwh_run_starts') }}
-- depends_on: {{ ref('segwh_lead_by_phone_standing') }}
-- depends_on: {{ ref('segwh_lead_standing') }}
-- depends_on: {{ ref('segwh_lead_checks') }}
{%- set run = segwh__run('Europe/London', none) -%}
{%- set as_of = segwh__text(run.as_of) ~ '+00' -%}
{%- set as_of_utc = segwh__text(run.as_of) -%}
{%- set days_30_ago = segwh__text(segwh__shifted(run.as_of, [[-30, 'days']], 'Europe/London')) -%}
{%- set days_60_ago = segwh__text(segwh__shifted(run.as_of, [[-60, 'days']], 'Europe/London')) -%}
{%- set read_lead_touches = segwh__readable(ref('lead_touches'), 'segwh_lead_checks', {'lead_id': ['string', 'TEXT', 'touches'], 'touched_at': ['timestamp', 'TIMESTAMP', 'touches'], 'kind': ['string', 'TEXT', 'touches: kind'], 'outcome': ['string', 'TEXT', 'touches: outcome'], 'seconds_spent': ['integer', 'BIGINT']}, {}, ['touched_at'], loose=['seconds_spent']) -%}
{%- set read_leads = segwh__readable(ref('leads'), 'segwh_lead_checks', {'created_at': ['timestamp', 'TIMESTAMP', 'lead'], 'phone': ['string', 'TEXT', 'lead: phone'], 'email': ['string', 'TEXT'], 'city': ['string', 'TEXT'], 'product': ['string', 'TEXT', 'lead: product'], 'source': ['string', 'TEXT', 'lead: source'], 'status': ['string', 'TEXT', 'lead: status'], 'score': ['integer', 'BIGINT', 'lead: score'], 'budget': ['number', 'DOUBLE', 'lead: budget']}, {}, ['created_at']) -%}

{%- if segwh__reads_part() and segwh__is_kept('segwh_lead_facts', ['lead_points', 'email', 'city']) %}
select * from {{ this }}
{%- else %}
WITH touches_rows AS (
  SELECT
    lead_id,
    happened_at,
    row_id,
    kind,
    outcome,
    seconds_spent,
    touched_at
  FROM (
    SELECT
      lead_id,
      happened_at,
      row_id,
      kind,
      outcome,
      seconds_spent,
      touched_at,
      ROW_NUMBER() OVER (
        PARTITION BY row_id
        ORDER BY happened_at DESC, kind DESC, outcome DESC, seconds_spent DESC, touched_at DESC, lead_id DESC
      ) AS version_from_latest
    FROM (
      SELECT
        touches.lead_id AS lead_id,
        touches.touched_at AS happened_at,
        touches.touch_id AS row_id,
        CAST(touches.kind AS TEXT) AS kind,
        CAST(touches.outcome AS TEXT) AS outcome,
        CAST(touches.seconds_spent AS BIGINT) AS seconds_spent,
        touches.touched_at AS touched_at
      FROM {{ read_lead_touches }} AS touches
      WHERE
        NOT touches.lead_id IS NULL AND touches.touched_at < CAST('{{ as_of_utc }}' AS TIMESTAMP)
    ) AS found
  ) AS versions
  WHERE
    version_from_latest = 1 OR row_id IS NULL
), touches_per_lead AS (
  SELECT
    lead_id,
    COUNT(
      CASE
        WHEN happened_at >= CAST('{{ days_30_ago }}' AS TIMESTAMP) AND outcome = 'interested'
        THEN 1
      END
    ) AS touches_count_30_days_where_outcome_is_interested,
    COUNT(CASE WHEN kind = 'demo' THEN 1 END) AS touches_count_where_kind_is_demo,
    MAX(happened_at) AS touches_last_at,
    COUNT(*) AS touches_count,
    COUNT(CASE WHEN kind = 'call' AND outcome = 'no answer' THEN 1 END) AS touches_count_where_kind_is_call_and_outcome_is_no_answer
  FROM touches_rows
  GROUP BY
    lead_id
), lead_rows AS (
  SELECT
    lead.lead_id AS lead_id,
    lead.created_at AS created_at_53fca4,
    CAST(lead.score AS BIGINT) AS score,
    NULLIF(CAST(lead.budget AS DOUBLE), CAST('NaN' AS DOUBLE)) AS budget,
    CAST(lead.phone AS TEXT) AS phone,
    CAST(lead.product AS TEXT) AS product,
    CAST(lead.status AS TEXT) AS status,
    CAST(lead.source AS TEXT) AS source,
    CAST(lead.email AS TEXT) AS email,
    CAST(lead.city AS TEXT) AS city
  FROM {{ read_leads }} AS lead
  WHERE
    NOT lead.lead_id IS NULL
    AND (
      lead.created_at IS NULL OR lead.created_at < CAST('{{ as_of_utc }}' AS TIMESTAMP)
    )
), lead_measured AS (
  SELECT
    lead_rows.*,
    COALESCE(touches_per_lead.touches_count_30_days_where_outcome_is_interested, 0) AS touches_count_30_days_where_outcome_is_interested,
    COALESCE(touches_per_lead.touches_count_where_kind_is_demo, 0) AS touches_count_where_kind_is_demo,
    touches_per_lead.touches_last_at AS touches_last_at,
    COALESCE(touches_per_lead.touches_count, 0) AS touches_count,
    COALESCE(touches_per_lead.touches_count_where_kind_is_call_and_outcome_is_no_answer, 0) AS touches_count_where_kind_is_call_and_outcome_is_no_answer
  FROM lead_rows
  LEFT JOIN touches_per_lead
    ON touches_per_lead.lead_id = lead_rows.lead_id
), lead_step_1 AS (
  SELECT
    lead_measured.*,
    CASE WHEN score >= 50 THEN 10 ELSE 0 END + CASE WHEN budget >= 1000 THEN 10 ELSE 0 END + CASE WHEN touches_count_30_days_where_outcome_is_interested >= 1 THEN 15 ELSE 0 END + CASE WHEN touches_count_where_kind_is_demo >= 1 THEN 20 ELSE 0 END + CASE WHEN touches_last_at < CAST('{{ days_60_ago }}' AS TIMESTAMP) THEN -10 ELSE 0 END AS lead_points
  FROM lead_measured
), lead_step_2 AS (
  SELECT
    lead_step_1.*,
    COALESCE(lead_points >= 30 AND NOT COALESCE(status IN ('lost', 'converted'), FALSE), FALSE) AS in_warm_leads
  FROM lead_step_1
)
SELECT
  lead_id,
  created_at_53fca4,
  score,
  budget,
  phone,
  product,
  status,
  source,
  email,
  city,
  touches_count_30_days_where_outcome_is_interested,
  touches_count_where_kind_is_demo,
  touches_last_at,
  touches_count,
  touches_count_where_kind_is_call_and_outcome_is_no_answer,
  lead_points,
  in_warm_leads,
  CAST('{{ as_of }}' AS TIMESTAMPTZ) AS evaluated_at
FROM lead_step_2
{%- endif %}
