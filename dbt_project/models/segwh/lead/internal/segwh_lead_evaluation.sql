-- segwh: compiled from the rules. Edit those and run `segwh compile`, which overwrites this file.
{{ config(
    materialized='table',
    tags=['segwh']
) }}
{%- set run = segwh__run('Europe/London', none) -%}
{%- set as_of = segwh__text(run.as_of) ~ '+00' -%}
{%- set days_60_ago = segwh__text(segwh__shifted(run.as_of, [[-60, 'days']], 'Europe/London')) -%}
{%- set months_6_ago = segwh__text(segwh__shifted(run.as_of, [[-6, 'months']], 'Europe/London')) -%}

{%- if segwh__reads_part() and segwh__existing('segwh_lead_evaluation') %}
select * from {{ this }}
{%- else %}
WITH members AS (
  /* segments/leads.yml:17 */
  SELECT
    'warm_leads' AS segment,
    lead_id AS lead_id
  FROM {{ ref('segwh_lead_facts') }} AS facts
  WHERE
    in_warm_leads
  UNION ALL
  /* segments/leads.yml:27 */
  SELECT
    'lead_nurturing' AS segment,
    lead_id AS lead_id
  FROM {{ ref('segwh_lead_facts') }} AS facts
  WHERE
    created_at_53fca4 >= CAST('{{ days_60_ago }}' AS TIMESTAMP)
    AND touches_count <= 1
    AND status IN ('new', 'contacted')
    AND NOT in_warm_leads
  UNION ALL
  /* segments/leads.yml:40 */
  SELECT
    'unreachable_leads' AS segment,
    lead_id AS lead_id
  FROM {{ ref('segwh_lead_facts') }} AS facts
  WHERE
    touches_count_where_kind_is_call_and_outcome_is_no_answer >= 2
    OR (
      phone IS NULL OR phone = ''
    )
  UNION ALL
  /* segments/leads.yml:51 */
  SELECT
    'partner_leads' AS segment,
    lead_id AS lead_id
  FROM {{ ref('segwh_lead_facts') }} AS facts
  WHERE
    created_at_53fca4 >= CAST('{{ months_6_ago }}' AS TIMESTAMP)
    AND source = 'partner: O''Reilly & Sons'
    AND budget >= 500
    AND budget <= 5000
), covered AS (
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
    CAST(given.subject AS TEXT) AS subject,
    CAST(given.problem AS TEXT) AS problem
  FROM (VALUES
    (NULL, NULL)) AS given(subject, problem)
  WHERE
    1 = 0
), needs AS (
  SELECT
    CAST(given.segment AS TEXT) AS segment,
    CAST(given.subject AS TEXT) AS subject
  FROM (VALUES
    (NULL, NULL)) AS given(segment, subject)
  WHERE
    1 = 0
)
SELECT
  'member' AS kind,
  members.segment,
  members.lead_id,
  CAST(NULL AS TEXT) AS rule_hash,
  CAST(NULL AS TIMESTAMPTZ) AS as_of,
  CAST(NULL AS TEXT) AS problem,
  CAST(NULL AS BIGINT) AS left_out,
  CAST(NULL AS BIGINT) AS population
FROM members
UNION ALL
/* One row for each segment that the evaluation covers, with the rule it stands for, and what is wrong with the data it needs */
/* if something is: then nothing is concluded from it. */
SELECT
  'segment' AS kind,
  covered.segment,
  NULL AS lead_id,
  covered.rule_hash,
  CAST('{{ as_of }}' AS TIMESTAMPTZ) AS as_of,
  CASE
    WHEN NOT {{ not segwh__reads_part() }}
    THEN 'only a part of the data was read'
    WHEN facts_age.oldest <> CAST('{{ as_of }}' AS TIMESTAMPTZ)
    OR facts_age.newest <> CAST('{{ as_of }}' AS TIMESTAMPTZ)
    THEN 'its facts are of another as-of'
    WHEN facts_age.keys <> facts_age.distinct_keys
    THEN 'ref(''leads'') has keys with more than one row'
    ELSE faults.problem
  END AS problem,
  COALESCE(missing.left_out, 0) AS left_out,
  facts_age.population
FROM covered
CROSS JOIN facts_age
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
