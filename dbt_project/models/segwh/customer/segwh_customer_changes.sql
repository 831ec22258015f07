-- segwh: compiled from the rules. Edit those and run `segwh compile`, which overwrites this file.
{{ config(
    materialized='view',
    contract={'enforced': false},
    tags=['segwh']
) }}

/* Who entered and left which segment, when and why: the log as readers see it, append-only, in the order of `sequence`. */
SELECT
  log.change_id,
  log.segment,
  log.customer_id,
  log.change,
  log.changed_at,
  log.reason,
  log.rule_hash,
  log.run_id,
  log.sequence
FROM {{ ref('segwh_customer_log').render() }} AS log
WHERE
  log.change IN ('entered', 'exited')
