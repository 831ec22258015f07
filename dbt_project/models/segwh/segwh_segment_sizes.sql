-- segwh: compiled from the rules. Edit those and run `segwh compile`, which overwrites this file.
{{ config(
    materialized='view',
    tags=['segwh']
) }}

WITH evaluations AS (
  /* Every evaluation of the segments of one grain. */
  SELECT
    'customer' AS grain,
    log.segment,
    log.changed_at,
    log.sequence,
    log.members,
    log.entered,
    log.exited,
    log.population,
    log.left_out,
    log.status
  FROM {{ ref('segwh_customer_log').render() }} AS log
  WHERE
    log.change = 'evaluated'
  UNION ALL
  /* Every evaluation of the segments of one grain. */
  SELECT
    'lead_by_phone' AS grain,
    log.segment,
    log.changed_at,
    log.sequence,
    log.members,
    log.entered,
    log.exited,
    log.population,
    log.left_out,
    log.status
  FROM {{ ref('segwh_lead_by_phone_log').render() }} AS log
  WHERE
    log.change = 'evaluated'
  UNION ALL
  /* Every evaluation of the segments of one grain. */
  SELECT
    'lead' AS grain,
    log.segment,
    log.changed_at,
    log.sequence,
    log.members,
    log.entered,
    log.exited,
    log.population,
    log.left_out,
    log.status
  FROM {{ ref('segwh_lead_log').render() }} AS log
  WHERE
    log.change = 'evaluated'
)
/* The size of every segment at each as-of, after the last correction. Where one changed its kind of member at an as-of at which */
/* it had been evaluated before, its new kind counts. */
SELECT
  newest.segment,
  newest.changed_at AS as_of,
  newest.members,
  newest.entered,
  newest.exited,
  CAST(newest.members AS DOUBLE) / NULLIF(newest.population, 0) AS share,
  newest.left_out,
  newest.status
FROM (
  SELECT
    evaluations.segment,
    evaluations.changed_at,
    evaluations.members,
    evaluations.entered,
    evaluations.exited,
    evaluations.population,
    evaluations.left_out,
    evaluations.status,
    ROW_NUMBER() OVER (
      PARTITION BY evaluations.segment, evaluations.changed_at
      ORDER BY CASE WHEN evaluations.grain = rules.grain THEN 0 ELSE 1 END, evaluations.sequence DESC
    ) AS place
  FROM evaluations
  LEFT JOIN {{ ref('segwh_rules').render() }} AS rules
    ON rules.segment = evaluations.segment
) AS newest
WHERE
  newest.place = 1
