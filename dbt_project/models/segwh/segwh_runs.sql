-- segwh: compiled from the rules. Edit those and run `segwh compile`, which overwrites this file.
{{ config(
    materialized='view',
    contract={'enforced': false},
    tags=['segwh'],
    post_hook=[{'sql': '{{ segwh__sweep_audiences([\'aud_cart_abandoned\', \'aud_chinese_tea_winback__letter\', \'aud_chinese_tea_winback__voucher\', \'aud_high_value\', \'aud_sim_leads_90d\']) }}', 'transaction': true}, {'sql': '{{ segwh__sweep() }}', 'transaction': true}, {'sql': '{{ segwh__fail_if_held_back([\'customer\', \'lead\'], [\'customer:do_not_contact\', \'customer:unsubscribed\'], []) }}', 'transaction': false}]
) }}

/* One row a run. A run without `finished_at` is under way or died; the next run brings the tables in order. */
/* Beside the runs: what was done to the log itself, a segment renamed or a key erased. */
SELECT
  starts.run_id,
  starts.as_of,
  COALESCE(ends.status, 'started') AS status,
  starts.started_at,
  ends.finished_at,
  ends.segments,
  ends.entered,
  ends.exited,
  ends.held_back,
  starts.package_version,
  starts.contract_version,
  ends.note
FROM {{ ref('segwh_run_starts').render() }} AS starts
LEFT JOIN {{ ref('segwh_run_ends').render() }} AS ends
  ON ends.run_id = starts.run_id
UNION ALL
SELECT
  ends.run_id,
  CAST(NULL AS TIMESTAMPTZ) AS as_of,
  ends.status,
  ends.finished_at AS started_at,
  ends.finished_at,
  ends.segments,
  ends.entered,
  ends.exited,
  ends.held_back,
  CAST(NULL AS TEXT) AS package_version,
  CAST(NULL AS BIGINT) AS contract_version,
  ends.note
FROM {{ ref('segwh_run_ends').render() }} AS ends
WHERE
  ends.status IN ('erased', 'renamed')
