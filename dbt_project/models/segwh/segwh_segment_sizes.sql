-- segwh: compiled from the rules. Edit those and run `segwh compile`, which overwrites this file.
{{ config(
    materialized='view',
    contract={'enforced': false},
    tags=['segwh']
) }}

WITH evaluations AS (
  /* The newest evaluation of each segment of a grain at each as-of. */
  SELECT
    'customer' AS grain,
    newest.segment,
    newest.changed_at,
    newest.run_id,
    newest.members,
    newest.entered,
    newest.exited,
    newest.population,
    newest.left_out,
    newest.status
  FROM (
    SELECT
      log.segment,
      log.changed_at,
      log.run_id,
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
  /* The newest evaluation of each segment of a grain at each as-of. */
  SELECT
    'lead_by_phone' AS grain,
    newest.segment,
    newest.changed_at,
    newest.run_id,
    newest.members,
    newest.entered,
    newest.exited,
    newest.population,
    newest.left_out,
    newest.status
  FROM (
    SELECT
      log.segment,
      log.changed_at,
      log.run_id,
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
  /* The newest evaluation of each segment of a grain at each as-of. */
  SELECT
    'lead' AS grain,
    newest.segment,
    newest.changed_at,
    newest.run_id,
    newest.members,
    newest.entered,
    newest.exited,
    newest.population,
    newest.left_out,
    newest.status
  FROM (
    SELECT
      log.segment,
      log.changed_at,
      log.run_id,
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
)
/* The size of every segment at each as-of, after the last correction. Where it changed its kind of member between two runs at one */
/* as-of, the kind that it has not been removed from counts, and of two such the one that was evaluated last. */
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
      ORDER BY CASE WHEN evaluations.status = 'removed' THEN 1 ELSE 0 END, starts.started_at DESC, evaluations.grain
    ) AS place
  FROM evaluations
  LEFT JOIN {{ ref('segwh_run_starts').render() }} AS starts
    ON starts.run_id = evaluations.run_id
) AS newest
WHERE
  newest.place = 1
