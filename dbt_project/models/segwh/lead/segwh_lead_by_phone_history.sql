-- segwh: compiled from the rules. Edit those and run `segwh compile`, which overwrites this file.
{{ config(
    materialized='view',
    contract={'enforced': false},
    tags=['segwh']
) }}

/* One row a stay, `[valid_from, valid_to)`: a function of the log alone. Of several changes at one instant the last counts, */
/* so a correction never leaves a stay of length zero. */
WITH told AS (
  SELECT
    log.segment,
    log.phone,
    log.change,
    log.changed_at,
    log.reason,
    log.rule_hash,
    ROW_NUMBER() OVER (PARTITION BY log.segment, log.phone, log.changed_at ORDER BY log.sequence DESC) AS place
  FROM {{ ref('segwh_lead_by_phone_log').render() }} AS log
  WHERE
    log.change IN ('entered', 'exited')
), turned AS (
  SELECT
    told.segment,
    told.phone,
    told.change,
    told.changed_at,
    told.reason,
    told.rule_hash,
    COALESCE(
      LAG(told.change) OVER (PARTITION BY told.segment, told.phone ORDER BY told.changed_at),
      'exited'
    ) AS previous /* without LAG's own default: views that DuckDB 1 has stored lose it in DuckDB 2 */
  FROM told
  WHERE
    told.place = 1
), stays AS (
  SELECT
    turned.segment,
    turned.phone,
    turned.change,
    turned.changed_at AS valid_from,
    turned.reason AS entered_reason,
    turned.rule_hash,
    LEAD(turned.changed_at) OVER (PARTITION BY turned.segment, turned.phone ORDER BY turned.changed_at) AS valid_to,
    LEAD(turned.reason) OVER (PARTITION BY turned.segment, turned.phone ORDER BY turned.changed_at) AS exited_reason
  FROM turned
  WHERE
    turned.change <> turned.previous
)
SELECT
  stays.segment,
  stays.phone,
  stays.valid_from,
  stays.valid_to,
  stays.entered_reason,
  stays.exited_reason,
  stays.rule_hash
FROM stays
WHERE
  stays.change = 'entered'
