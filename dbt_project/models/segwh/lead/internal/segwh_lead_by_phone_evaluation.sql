-- segwh: compiled from the rules. Edit those and run `segwh compile`, which overwrites this file.
{{ config(
    materialized='table',
    contract={'enforced': false},
    tags=['segwh']
) }}
{%- set run = segwh__run('Europe/London', none) -%}
{%- set as_of = segwh__text(run.as_of) ~ '+00' -%}
{%- set days_90_ago = segwh__text(segwh__shifted(run.as_of, [[-90, 'days']], 'Europe/London')) -%}

{%- if segwh__reads_part() and segwh__existing('segwh_lead_by_phone_evaluation') %}
select * from {{ this }}
{%- else %}
WITH members AS (
  /* segments/leads.yml:3 */
  SELECT
    'sim_leads_90d' AS segment,
    phone AS phone
  FROM {{ ref('segwh_lead_facts') }} AS facts
  WHERE
    NOT phone IS NULL
  GROUP BY
    phone
  HAVING
    MAX(
      CASE
        WHEN created_at_53fca4 >= CAST('{{ days_90_ago }}' AS TIMESTAMP) AND product = 'SIMCARD'
        THEN 1
        ELSE 0
      END
    ) = 1
    AND MAX(CASE WHEN COALESCE(status = 'converted', FALSE) THEN 1 ELSE 0 END) = 0
)
SELECT
  members.segment,
  members.phone
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
  NULL AS phone
FROM {{ ref('segwh_lead_facts') }} AS facts
{%- endif %}
