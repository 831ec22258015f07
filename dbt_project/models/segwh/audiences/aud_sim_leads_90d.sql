-- segwh: compiled from the rules. Edit those and run `segwh compile`, which overwrites this file.
{{ config(
    materialized='view',
    contract={'enforced': false},
    tags=['segwh', 'segwh_audiences']
) }}
{%- set run = segwh__run('Europe/London', none) -%}
{%- set as_of = segwh__text(run.as_of) ~ '+00' -%}
{%- set days_90_ago = segwh__text(segwh__shifted(run.as_of, [[-90, 'days']], 'Europe/London')) -%}

WITH representatives AS (
  SELECT
    'sim_leads_90d' AS segment,
    member_value AS phone,
    entity_key AS lead_id
  FROM (
    SELECT
      phone AS member_value,
      lead_id AS entity_key,
      ROW_NUMBER() OVER (
        PARTITION BY phone
        ORDER BY CASE
          WHEN created_at_53fca4 >= CAST('{{ days_90_ago }}' AS TIMESTAMP) AND product = 'SIMCARD'
          THEN 1
          ELSE 0
        END DESC, created_at_53fca4 DESC, lead_id ASC NULLS FIRST
      ) AS place
    FROM {{ ref('segwh_lead_facts').render() }} AS facts
    WHERE
      NOT phone IS NULL
  ) AS placed
  WHERE
    place = 1
)
SELECT
  membership.phone,
  representatives.lead_id,
  facts.email,
  facts.city
FROM {{ ref('segwh_lead_by_phone_membership').render() }} AS membership
LEFT JOIN representatives
  ON representatives.phone = membership.phone
LEFT JOIN {{ ref('segwh_lead_facts').render() }} AS facts
  ON facts.lead_id = representatives.lead_id
WHERE
  membership.segment = 'sim_leads_90d'
