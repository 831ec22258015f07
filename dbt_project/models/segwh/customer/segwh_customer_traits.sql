-- segwh: compiled from the rules. Edit those and run `segwh compile`, which overwrites this file.
{{ config(
    materialized='view',
    contract={'enforced': false},
    tags=['segwh']
) }}

SELECT
  facts.customer_id,
  facts.lifetime_value,
  facts.orders_total,
  facts.spend_90d,
  facts.spend_previous_90d,
  facts.spend_drop,
  facts.discounted_orders,
  facts.discounted_share,
  facts.weekend_orders,
  facts.weekend_share,
  facts.favourite_category,
  facts.last_utm_source,
  facts.stage,
  facts.rfm__recency,
  facts.rfm__frequency,
  facts.rfm__monetary,
  facts.rfm__recency_score,
  facts.rfm__frequency_score,
  facts.rfm__monetary_score,
  facts.rfm__cell,
  facts.rfm__name
FROM {{ ref('segwh_customer_facts').render() }} AS facts
