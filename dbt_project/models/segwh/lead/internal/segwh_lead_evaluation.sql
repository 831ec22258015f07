-- segwh: compiled from the rules. Edit those and run `segwh compile`, which overwrites this file.
{{ config(
    materialized='table',
    contract={'enforced': false},
    tags=['segwh']
) }}
{%- set run = segwh__run('Europe/London', none) -%}
{%- set as_of = segwh__text(run.as_of) ~ '+00' -%}
{%- set days_60_ago = segwh__text(segwh__shifted(run.as_of, [[-60, 'days']], 'Europe/London')) -%}
{%- set months_6_ago = segwh__text(segwh__shifted(run.as_of, [[-6, 'months']], 'Europe/London')) -%}

{%- if segwh__reads_part() and segwh__existing('segwh_lead_evaluation') %}
select * from {{ this }}
{%- else %}
WITH members AS (
  /* segments/leads.yml:17 */
  SELECT
    'warm_leads' AS segment,
    lead_id AS lead_id
  FROM {{ ref('segwh_lead_facts') }} AS facts
  WHERE
    in_warm_leads
  UNION ALL
  /* segments/leads.yml:27 */
  SELECT
    'lead_nurturing' AS segment,
    lead_id AS lead_id
  FROM {{ ref('segwh_lead_facts') }} AS facts
  WHERE
    created_at_53fca4 >= CAST('{{ days_60_ago }}' AS TIMESTAMP)
    AND touches_count <= 1
    AND status IN ('new', 'contacted')
    AND NOT in_warm_leads
  UNION ALL
  /* segments/leads.yml:40 */
  SELECT
    'unreachable_leads' AS segment,
    lead_id AS lead_id
  FROM {{ ref('segwh_lead_facts') }} AS facts
  WHERE
    touches_count_where_kind_is_call_and_outcome_is_no_answer >= 2
    OR (
      phone IS NULL OR phone = ''
    )
  UNION ALL
  /* segments/leads.yml:51 */
  SELECT
    'partner_leads' AS segment,
    lead_id AS lead_id
  FROM {{ ref('segwh_lead_facts') }} AS facts
  WHERE
    created_at_53fca4 >= CAST('{{ months_6_ago }}' AS TIMESTAMP)
    AND source = 'partner: O''Reilly & Sons'
    AND budget >= 500
    AND budget <= 5000
)
SELECT
  members.segment,
  members.lead_id
FROM members
UNION ALL
/* The row of the evaluation that says of which as-of its members are, in place of a segment's name and without a key. A column */
/* for it would be written once for every member. */
SELECT DISTINCT
  CASE
    WHEN {{ not segwh__reads_part() }}
    AND COALESCE(
      MIN(facts.evaluated_at) = CAST('{{ as_of }}' AS TIMESTAMPTZ)
      AND MAX(facts.evaluated_at) = CAST('{{ as_of }}' AS TIMESTAMPTZ),
      TRUE
    )
    THEN '{{ as_of }}'
    ELSE 'of another as-of'
  END AS segment,
  NULL AS lead_id
FROM {{ ref('segwh_lead_facts') }} AS facts
{%- endif %}
