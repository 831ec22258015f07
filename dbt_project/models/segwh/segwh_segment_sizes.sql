-- segwh: compiled from the rules. Edit those and run `segwh compile`, which overwrites this file.
{{ config(
    materialized='view',
    tags=['segwh']
) }}

/* The size of the segments of one grain at each as-of, after the last correction. */
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
    log.segment,
    log.changed_at,
    log.members,
    log.entered,
    log.exited,
    log.population,
    log.left_out,
    log.status,
    ROW_NUMBER() OVER (PARTITION BY log.segment, log.changed_at ORDER BY log.sequence DESC) AS place
  FROM {{ ref('segwh_customer_log').render() }} AS log
  WHERE
    log.change = 'evaluated'
) AS newest
WHERE
  newest.place = 1
UNION ALL
/* The size of the segments of one grain at each as-of, after the last correction. */
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
    log.segment,
    log.changed_at,
    log.members,
    log.entered,
    log.exited,
    log.population,
    log.left_out,
    log.status,
    ROW_NUMBER() OVER (PARTITION BY log.segment, log.changed_at ORDER BY log.sequence DESC) AS place
  FROM {{ ref('segwh_lead_by_phone_log').render() }} AS log
  WHERE
    log.change = 'evaluated'
) AS newest
WHERE
  newest.place = 1
UNION ALL
/* The size of the segments of one grain at each as-of, after the last correction. */
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
    log.segment,
    log.changed_at,
    log.members,
    log.entered,
    log.exited,
    log.population,
    log.left_out,
    log.status,
    ROW_NUMBER() OVER (PARTITION BY log.segment, log.changed_at ORDER BY log.sequence DESC) AS place
  FROM {{ ref('segwh_lead_log').render() }} AS log
  WHERE
    log.change = 'evaluated'
) AS newest
WHERE
  newest.place = 1
