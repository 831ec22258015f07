-- segwh: compiled from the rules. Edit those and run `segwh compile`, which overwrites this file.
{{ config(
    materialized='view',
    contract={'enforced': false},
    tags=['segwh', 'segwh_audiences']
) }}

SELECT
  membership.customer_id,
  facts.email,
  facts.city
FROM {{ ref('segwh_customer_membership').render() }} AS membership
LEFT JOIN {{ ref('segwh_customer_facts').render() }} AS facts
  ON facts.customer_id = membership.customer_id
WHERE
  membership.segment = 'high_value'
