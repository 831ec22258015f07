-- segwh: compiled from the rules. Edit those and run `segwh compile`, which overwrites this file.
{{ config(
    materialized='table',
    tags=['segwh']
) }}
-- depends_on: {{ ref('segwh_run_starts') }}
{%- set run = segwh__run('Europe/London', none) -%}
{%- set as_of = segwh__text(run.as_of) ~ '+00' -%}

{%- if segwh__reads_part() and segwh__existing('segwh_customer_checks') %}
select * from {{ this }}
{%- else %}
/* A relation that should hold one row a key, but does not. */
SELECT
  'campaign_touches.campaign' AS subject,
  CONCAT(
    'campaign_touches.campaign (ref(''campaigns''))',
    ' has ',
    CAST(COUNT(*) AS TEXT),
    ' keys with more than one row'
  ) AS problem
FROM (
  SELECT
    source.campaign_id
  FROM {{ ref('campaigns') }} AS source
  WHERE
    NOT source.campaign_id IS NULL AND TRUE
  GROUP BY
    source.campaign_id
  HAVING
    COUNT(*) > 1
) AS repeated
HAVING
  COUNT(*) > 0
UNION ALL
/* A relation that should hold one row a key, but does not. */
SELECT
  'customer.home' AS subject,
  CONCAT(
    'customer.home (ref(''cities''))',
    ' has ',
    CAST(COUNT(*) AS TEXT),
    ' keys with more than one row'
  ) AS problem
FROM (
  SELECT
    source.name
  FROM {{ ref('cities') }} AS source
  WHERE
    NOT source.name IS NULL AND TRUE
  GROUP BY
    source.name
  HAVING
    COUNT(*) > 1
) AS repeated
HAVING
  COUNT(*) > 0
UNION ALL
/* A relation that should hold one row a key, but does not. */
SELECT
  'purchases.product' AS subject,
  CONCAT(
    'purchases.product (ref(''products''))',
    ' has ',
    CAST(COUNT(*) AS TEXT),
    ' keys with more than one row'
  ) AS problem
FROM (
  SELECT
    source.product_id
  FROM {{ ref('products') }} AS source
  WHERE
    NOT source.product_id IS NULL AND TRUE
  GROUP BY
    source.product_id
  HAVING
    COUNT(*) > 1
) AS repeated
HAVING
  COUNT(*) > 0
{%- endif %}
