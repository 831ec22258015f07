-- segwh: compiled from the rules. Edit those and run `segwh compile`, which overwrites this file.
{{ config(
    materialized='table',
    contract={'enforced': false},
    tags=['segwh']
) }}
-- depends_on: {{ ref('segwh_run_starts') }}
{%- set run = segwh__run('Europe/London', none) -%}
{%- set as_of = segwh__text(run.as_of) ~ '+00' -%}

{%- if segwh__reads_part() and segwh__existing('segwh_customer_checks') %}
select * from {{ this }}
{%- else %}
SELECT
  misfits.subject,
  misfits.problem
FROM {{ segwh__misfit_rows([[ref('customers'), 'ref(\'customers\')', [['customer_id', 'integer', 'customer', 'key'], ['signed_up_at', 'timestamp', 'customer'], ['email', 'string', 'customer: email'], ['city', 'string', 'customer: city'], ['birthday', 'date', 'customer: birthday'], ['source', 'string', 'customer: source'], ['preferred_channel', 'string', 'customer: preferred_channel'], ['tags', 'list<string>', 'customer: tags'], ['signed_up_at', 'timestamp', 'customer: signed_up_at']], ''], [ref('cities'), 'ref(\'cities\')', [['region', 'string', 'customer.home: region']], ''], [ref('orders'), 'ref(\'orders\')', [['customer_id', 'integer', 'orders'], ['ordered_at', 'timestamp', 'orders'], ['loaded_at', 'timestamp', 'orders'], ['amount', 'decimal', 'orders: amount'], ['discount', 'decimal', 'orders: discount'], ['items', 'integer', 'orders: items'], ['status', 'string', 'orders: status'], ['ordered_at', 'timestamp', 'orders: ordered_at']], ''], [ref('order_lines'), 'ref(\'order_lines\')', [['customer_id', 'integer', 'purchases'], ['ordered_at', 'timestamp', 'purchases'], ['product_id', 'string', 'purchases: product_id']], ''], [ref('products'), 'ref(\'products\')', [['category', 'string', 'purchases.product: category'], ['title', 'string', 'purchases.product: title']], ''], [ref('refunds'), 'ref(\'refunds\')', [['customer_id', 'integer', 'refunds'], ['refunded_at', 'timestamp', 'refunds'], ['amount', 'decimal', 'refunds: amount']], ''], [ref('page_views'), 'ref(\'page_views\')', [['customer_id', 'integer', 'page_views'], ['viewed_at', 'timestamp', 'page_views'], ['loaded_at', 'timestamp', 'page_views'], ['url', 'string', 'page_views: url'], ['utm_source', 'string', 'page_views: utm_source']], ''], [ref('cart_events'), 'ref(\'cart_events\')', [['customer_id', 'integer', 'cart_events'], ['happened_at', 'timestamp', 'cart_events'], ['action', 'string', 'cart_events: action']], ''], [ref('campaign_engagement'), 'ref(\'campaign_engagement\')', [['customer_id', 'integer', 'campaign_touches'], ['happened_at', 'timestamp', 'campaign_touches'], ['kind', 'string', 'campaign_touches: kind'], ['campaign_id', 'string', 'campaign_touches: campaign_id']], ''], [ref('campaigns'), 'ref(\'campaigns\')', [['channel', 'string', 'campaign_touches.campaign: channel']], ''], [ref('tickets'), 'ref(\'tickets\')', [['customer_id', 'integer', 'tickets'], ['status', 'string', 'tickets: status'], ['priority', 'integer', 'tickets: priority']], ''], [ref('subscriptions'), 'ref(\'subscriptions\')', [['customer_id', 'integer', 'subscriptions'], ['status', 'string', 'subscriptions: status'], ['renews_on', 'date', 'subscriptions: renews_on']], ''], [ref('consents'), 'ref(\'consents\')', [['customer_id', 'integer', 'consents'], ['channel', 'string', 'consents: channel'], ['granted', 'boolean', 'consents: granted']], ''], [ref('do_not_contact'), 'ref(\'do_not_contact\')', [['customer_id', 'integer', 'do_not_contact']], '']]) }} AS misfits
UNION ALL
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
