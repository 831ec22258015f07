-- segwh: compiled from the rules. Edit those and run `segwh compile`, which overwrites this file.
{{ config(
    materialized='table',
    contract={'enforced': false},
    tags=['segwh']
) }}

{%- if segwh__reads_part() and segwh__existing('segwh_customer_wide') %}
select * from {{ this }}
{%- else %}
WITH keys AS (
  SELECT DISTINCT
    facts.customer_id
  FROM {{ ref('segwh_customer_facts') }} AS facts
  WHERE
    NOT facts.customer_id IS NULL
)
SELECT
  keys.customer_id,
  MAX(CASE WHEN membership.segment = 'weekly_readers' THEN 1 ELSE 0 END) = 1 AS in_weekly_readers,
  MAX(CASE WHEN membership.segment = 'price_sensitive' THEN 1 ELSE 0 END) = 1 AS in_price_sensitive,
  MAX(CASE WHEN membership.segment = 'from_paid_social' THEN 1 ELSE 0 END) = 1 AS in_from_paid_social,
  MAX(CASE WHEN membership.segment = 'high_value' THEN 1 ELSE 0 END) = 1 AS in_high_value,
  MAX(CASE WHEN membership.segment = 'rfm_champions' THEN 1 ELSE 0 END) = 1 AS in_rfm_champions,
  MAX(CASE WHEN membership.segment = 'multi_category_buyers' THEN 1 ELSE 0 END) = 1 AS in_multi_category_buyers,
  MAX(CASE WHEN membership.segment = 'new_customers' THEN 1 ELSE 0 END) = 1 AS in_new_customers,
  MAX(CASE WHEN membership.segment = 'active_customers' THEN 1 ELSE 0 END) = 1 AS in_active_customers,
  MAX(CASE WHEN membership.segment = 'lapsed_customers' THEN 1 ELSE 0 END) = 1 AS in_lapsed_customers
FROM keys
LEFT JOIN {{ ref('segwh_customer_membership') }} AS membership
  ON membership.customer_id = keys.customer_id
GROUP BY
  keys.customer_id
{%- endif %}
