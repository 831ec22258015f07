-- segwh: compiled from the rules. Edit those and run `segwh compile`, which overwrites this file.
{{ config(
    materialized='table',
    contract={'enforced': false},
    tags=['segwh'],
    pre_hook='{{ segwh__require_key_type(\'segwh_lead_by_phone_log\', \'segwh_lead_by_phone_evaluation\', \'phone\') }}'
) }}
{%- set run = segwh__run('Europe/London', none) -%}
{%- set as_of = segwh__text(run.as_of) ~ '+00' -%}
{%- set days_90_ago = segwh__text(segwh__shifted(run.as_of, [[-90, 'days']], 'Europe/London')) -%}

{%- if segwh__reads_part() and segwh__existing('segwh_lead_by_phone_evaluated') %}
select * from {{ this }}
{%- else %}
WITH covered AS (
  SELECT
    CAST(given.segment AS TEXT) AS segment,
    CAST(given.rule_hash AS TEXT) AS rule_hash
  FROM (VALUES
    ('sim_leads_90d', '2ae3a556081e42e2779853ba8fab7fff')) AS given(segment, rule_hash)
), facts_age AS (
  SELECT
    MIN(facts.evaluated_at) AS oldest,
    MAX(facts.evaluated_at) AS newest,
    COUNT(*) AS keys,
    COUNT(DISTINCT facts.lead_id) AS distinct_keys,
    COUNT(DISTINCT facts.phone) AS population
  FROM {{ ref('segwh_lead_facts') }} AS facts
), missing AS (
  SELECT
    'sim_leads_90d' AS segment,
    COUNT(*) AS left_out
  FROM {{ ref('segwh_lead_facts') }} AS facts
  WHERE
    phone IS NULL
    AND created_at_53fca4 >= CAST('{{ days_90_ago }}' AS TIMESTAMP)
    AND product = 'SIMCARD'
    AND NOT COALESCE(status = 'converted', FALSE)
), checks AS (
  SELECT
    subject,
    problem
  FROM {{ ref('segwh_lead_checks') }}
), needs AS (
  SELECT
    CAST(given.segment AS TEXT) AS segment,
    CAST(given.subject AS TEXT) AS subject
  FROM (VALUES
    (NULL, NULL)) AS given(segment, subject)
  WHERE
    1 = 0
  UNION ALL
  SELECT
    spoilt.segment,
    spoilt.subject
  FROM {{ segwh__spoilt('segwh_lead_checks', {'lead': ['sim_leads_90d'], 'lead: phone': ['sim_leads_90d'], 'lead: product': ['sim_leads_90d'], 'lead: status': ['sim_leads_90d']}) }} AS spoilt
)
/* One row for each segment that the evaluation covers, with the rule it stands for, and what is wrong with the data it needs */
/* if something is: then nothing is concluded from it. */
SELECT
  covered.segment,
  covered.rule_hash,
  CAST('{{ as_of }}' AS TIMESTAMPTZ) AS as_of,
  CASE
    WHEN NOT {{ not segwh__reads_part() }}
    THEN 'only a part of the data was read'
    WHEN facts_age.oldest <> CAST('{{ as_of }}' AS TIMESTAMPTZ)
    OR facts_age.newest <> CAST('{{ as_of }}' AS TIMESTAMPTZ)
    THEN 'its facts are of another as-of'
    WHEN members_age.as_of IS NULL OR members_age.as_of <> '{{ as_of }}'
    THEN 'its members are of another as-of'
    WHEN facts_age.keys <> facts_age.distinct_keys
    THEN 'ref(''leads'') has keys with more than one row'
    ELSE faults.problem
  END AS problem,
  COALESCE(missing.left_out, 0) AS left_out,
  facts_age.population
FROM covered
CROSS JOIN facts_age
CROSS JOIN (
  /* an evaluation in chunks has a row of each: one that was left out of the run is of another as-of */
  SELECT
    CASE
      WHEN MIN(evaluation.segment) = MAX(evaluation.segment)
      THEN MAX(evaluation.segment)
    END AS as_of
  FROM {{ ref('segwh_lead_by_phone_evaluation') }} AS evaluation
  WHERE
    evaluation.phone IS NULL
) AS members_age
LEFT JOIN missing
  ON missing.segment = covered.segment
LEFT JOIN (
  SELECT
    needs.segment,
    MIN(checks.problem) AS problem
  FROM needs
  INNER JOIN checks
    ON checks.subject = needs.subject
  GROUP BY
    needs.segment
) AS faults
  ON faults.segment = covered.segment
{%- endif %}
