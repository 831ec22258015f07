-- segwh: compiled from the rules. Edit those and run `segwh compile`, which overwrites this file.
{{ config(
    materialized='table',
    contract={'enforced': false},
    tags=['segwh'],
    pre_hook='{{ segwh__require_key_type(\'segwh_lead_log\', \'segwh_lead_evaluation\', \'lead_id\') }}'
) }}
{%- set run = segwh__run('Europe/London', none) -%}
{%- set as_of = segwh__text(run.as_of) ~ '+00' -%}

{%- if segwh__reads_part() and segwh__existing('segwh_lead_evaluated') %}
select * from {{ this }}
{%- else %}
WITH covered AS (
  SELECT
    CAST(given.segment AS TEXT) AS segment,
    CAST(given.rule_hash AS TEXT) AS rule_hash
  FROM (VALUES
    ('lead_nurturing', '8881b9e1d109685ebb2cbbc2489df0a6'),
    ('partner_leads', 'ab87f413370051a0b45985a6b0ff78c7'),
    ('unreachable_leads', 'b477c77662d6eb6bac29af02fcb27e6a'),
    ('warm_leads', '3f641ef00489e3633668a9cd01d135f0')) AS given(segment, rule_hash)
), facts_age AS (
  SELECT
    MIN(facts.evaluated_at) AS oldest,
    MAX(facts.evaluated_at) AS newest,
    COUNT(*) AS keys,
    COUNT(DISTINCT facts.lead_id) AS distinct_keys,
    COUNT(DISTINCT facts.lead_id) AS population
  FROM {{ ref('segwh_lead_facts') }} AS facts
), missing AS (
  SELECT
    CAST(given.segment AS TEXT) AS segment,
    CAST(given.left_out AS BIGINT) AS left_out
  FROM (VALUES
    (NULL, NULL)) AS given(segment, left_out)
  WHERE
    1 = 0
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
  FROM {{ segwh__spoilt('segwh_lead_checks', {'lead': ['lead_nurturing', 'partner_leads', 'unreachable_leads', 'warm_leads'], 'lead: phone': ['unreachable_leads'], 'lead: source': ['partner_leads'], 'lead: status': ['lead_nurturing', 'warm_leads'], 'lead: score': ['lead_nurturing', 'warm_leads'], 'lead: budget': ['lead_nurturing', 'partner_leads', 'warm_leads'], 'touches': ['lead_nurturing', 'unreachable_leads', 'warm_leads'], 'touches: kind': ['lead_nurturing', 'unreachable_leads', 'warm_leads'], 'touches: outcome': ['lead_nurturing', 'unreachable_leads', 'warm_leads']}) }} AS spoilt
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
  FROM {{ ref('segwh_lead_evaluation') }} AS evaluation
  WHERE
    evaluation.lead_id IS NULL
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
