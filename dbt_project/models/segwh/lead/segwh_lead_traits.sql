-- segwh: compiled from the rules. Edit those and run `segwh compile`, which overwrites this file.
{{ config(
    materialized='view',
    contract={'enforced': false},
    tags=['segwh']
) }}

SELECT
  facts.lead_id,
  facts.lead_points
FROM {{ ref('segwh_lead_facts').render() }} AS facts
