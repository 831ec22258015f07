-- segwh: compiled from the rules. Edit those and run `segwh compile`, which overwrites this file.
{{ config(
    materialized='segwh_in_place',
    contract={'enforced': false},
    tags=['segwh'],
    unique_key='customer_id',
    post_hook='{{ segwh__tell_facts(\'customer\', \'purchases, refunds, cart_events, campaign_touches in full (no loaded_at); orders, page_views in full (some rules\\\' answers can change though no row does)\', true) }}'
) }}
-- depends_on: {{ ref('segwh_run_starts') }}
-- depends_on: {{ ref('segwh_customer_standing') }}
-- depends_on: {{ ref('segwh_customer_checks') }}
{%- set run = segwh__run('Europe/London', none) -%}
{%- set as_of = segwh__text(run.as_of) ~ '+00' -%}
{%- set as_of_utc = segwh__text(run.as_of) -%}
{%- set as_of_day = segwh__day_text(segwh__day_from(run.as_of, 'Europe/London')) -%}
{%- set days_14_ago = segwh__text(segwh__shifted(run.as_of, [[-14, 'days']], 'Europe/London')) -%}
{%- set days_180_ago = segwh__text(segwh__shifted(run.as_of, [[-180, 'days']], 'Europe/London')) -%}
{%- set days_30_ago = segwh__text(segwh__shifted(run.as_of, [[-30, 'days']], 'Europe/London')) -%}
{%- set days_30_ahead_day = segwh__day_text(segwh__day_from(segwh__shifted(run.as_of, [[30, 'days']], 'Europe/London'), 'Europe/London')) -%}
{%- set days_365_ago = segwh__text(segwh__shifted(run.as_of, [[-365, 'days']], 'Europe/London')) -%}
{%- set days_60_ago = segwh__text(segwh__shifted(run.as_of, [[-60, 'days']], 'Europe/London')) -%}
{%- set days_7_ago = segwh__text(segwh__shifted(run.as_of, [[-7, 'days']], 'Europe/London')) -%}
{%- set days_8_ago = segwh__text(segwh__shifted(run.as_of, [[-8, 'days']], 'Europe/London')) -%}
{%- set days_90_ago = segwh__text(segwh__shifted(run.as_of, [[-90, 'days']], 'Europe/London')) -%}
{%- set hours_1_ago = segwh__text(segwh__shifted(run.as_of, [[-1, 'hours']], 'Europe/London')) -%}
{%- set months_3_ago = segwh__text(segwh__shifted(run.as_of, [[-3, 'months']], 'Europe/London')) -%}
{%- set months_6_ago = segwh__text(segwh__shifted(run.as_of, [[-6, 'months']], 'Europe/London')) -%}
{%- set quarter_start = segwh__text(segwh__edge(run.as_of, 'quarters', 0, 'Europe/London', 0)) -%}
{%- set quarter_start_1_ago = segwh__text(segwh__edge(run.as_of, 'quarters', -1, 'Europe/London', 0)) -%}
{%- set weeks_3_ago = segwh__text(segwh__shifted(run.as_of, [[-3, 'weeks']], 'Europe/London')) -%}
{%- set weeks_8_ago = segwh__text(segwh__shifted(run.as_of, [[-8, 'weeks']], 'Europe/London')) -%}
{%- set years_1_ago = segwh__text(segwh__shifted(run.as_of, [[-1, 'years']], 'Europe/London')) -%}
{%- set read_orders = segwh__readable(ref('orders'), 'segwh_customer_checks', {'customer_id': ['integer', 'BIGINT', 'orders'], 'ordered_at': ['timestamp', 'TIMESTAMP', 'orders', 'orders: ordered_at'], 'loaded_at': ['timestamp', 'TIMESTAMP', 'orders'], 'amount': ['decimal', 'DECIMAL', 'orders: amount'], 'discount': ['decimal', 'DECIMAL', 'orders: discount'], 'voucher': ['string', 'TEXT'], 'items': ['integer', 'BIGINT', 'orders: items'], 'status': ['string', 'TEXT', 'orders: status'], 'channel': ['string', 'TEXT']}, {}, ['ordered_at', 'loaded_at']) -%}
{%- set read_order_lines = segwh__readable(ref('order_lines'), 'segwh_customer_checks', {'customer_id': ['integer', 'BIGINT', 'purchases'], 'ordered_at': ['timestamp', 'TIMESTAMP', 'purchases'], 'product_id': ['string', 'TEXT', 'purchases: product_id'], 'quantity': ['integer', 'BIGINT']}, {}, ['ordered_at'], loose=['quantity']) -%}
{%- set read_products = segwh__readable(ref('products'), 'segwh_customer_checks', {'category': ['string', 'TEXT', 'purchases.product: category'], 'title': ['string', 'TEXT', 'purchases.product: title'], 'brand': ['string', 'TEXT']}, {}) -%}
{%- set read_refunds = segwh__readable(ref('refunds'), 'segwh_customer_checks', {'customer_id': ['integer', 'BIGINT', 'refunds'], 'refunded_at': ['timestamp', 'TIMESTAMP', 'refunds'], 'amount': ['decimal', 'DECIMAL', 'refunds: amount'], 'reason': ['string', 'TEXT']}, {}, ['refunded_at']) -%}
{%- set read_page_views = segwh__readable(ref('page_views'), 'segwh_customer_checks', {'customer_id': ['integer', 'BIGINT', 'page_views'], 'viewed_at': ['timestamp', 'TIMESTAMP', 'page_views'], 'loaded_at': ['timestamp', 'TIMESTAMP', 'page_views'], 'url': ['string', 'TEXT', 'page_views: url'], 'utm_source': ['string', 'TEXT', 'page_views: utm_source'], 'referrer': ['string', 'TEXT'], 'device': ['string', 'TEXT']}, {}, ['viewed_at', 'loaded_at']) -%}
{%- set read_cart_events = segwh__readable(ref('cart_events'), 'segwh_customer_checks', {'customer_id': ['integer', 'BIGINT', 'cart_events'], 'happened_at': ['timestamp', 'TIMESTAMP', 'cart_events'], 'action': ['string', 'TEXT', 'cart_events: action'], 'product_id': ['string', 'TEXT'], 'quantity': ['integer', 'BIGINT']}, {}, ['happened_at'], loose=['quantity']) -%}
{%- set read_campaign_engagement = segwh__readable(ref('campaign_engagement'), 'segwh_customer_checks', {'customer_id': ['integer', 'BIGINT', 'campaign_touches'], 'happened_at': ['timestamp', 'TIMESTAMP', 'campaign_touches'], 'kind': ['string', 'TEXT', 'campaign_touches: kind'], 'campaign_id': ['string', 'TEXT', 'campaign_touches: campaign_id']}, {}, ['happened_at']) -%}
{%- set read_campaigns = segwh__readable(ref('campaigns'), 'segwh_customer_checks', {'name': ['string', 'TEXT'], 'channel': ['string', 'TEXT', 'campaign_touches.campaign: channel'], 'category': ['string', 'TEXT']}, {}) -%}
{%- set read_tickets = segwh__readable(ref('tickets'), 'segwh_customer_checks', {'customer_id': ['integer', 'BIGINT', 'tickets'], 'status': ['string', 'TEXT', 'tickets: status'], 'priority': ['integer', 'BIGINT', 'tickets: priority'], 'topic': ['string', 'TEXT'], 'opened_at': ['timestamp', 'TIMESTAMP']}, {}, ['opened_at']) -%}
{%- set read_subscriptions = segwh__readable(ref('subscriptions'), 'segwh_customer_checks', {'customer_id': ['integer', 'BIGINT', 'subscriptions'], 'plan': ['string', 'TEXT'], 'status': ['string', 'TEXT', 'subscriptions: status'], 'monthly_fee': ['decimal', 'DECIMAL'], 'renews_on': ['date', 'DATE', 'subscriptions: renews_on']}, {}) -%}
{%- set read_consents = segwh__readable(ref('consents'), 'segwh_customer_checks', {'customer_id': ['integer', 'BIGINT', 'consents'], 'channel': ['string', 'TEXT', 'consents: channel'], 'granted': ['boolean', 'BOOLEAN', 'consents: granted'], 'recorded_at': ['timestamp', 'TIMESTAMP']}, {}, ['recorded_at']) -%}
{%- set read_do_not_contact = segwh__readable(ref('do_not_contact'), 'segwh_customer_checks', {'customer_id': ['integer', 'BIGINT', 'do_not_contact'], 'note': ['string', 'TEXT']}, {}) -%}
{%- set read_clearance_products = ref('clearance_products') -%}
{%- set read_customers = segwh__readable(ref('customers'), 'segwh_customer_checks', {'signed_up_at': ['timestamp', 'TIMESTAMP', 'customer', 'customer: signed_up_at'], 'first_name': ['string', 'TEXT'], 'last_name': ['string', 'TEXT'], 'email': ['string', 'TEXT', 'customer: email'], 'phone': ['string', 'TEXT'], 'city': ['string', 'TEXT', 'customer: city'], 'birthday': ['date', 'DATE', 'customer: birthday'], 'source': ['string', 'TEXT', 'customer: source'], 'lead_score': ['integer', 'BIGINT'], 'newsletter': ['boolean', 'BOOLEAN'], 'preferred_channel': ['string', 'TEXT', 'customer: preferred_channel'], 'tags': ['list<string>', 'TEXT[]', 'customer: tags']}, {}, ['signed_up_at'], loose=['lead_score']) -%}
{%- set read_cities = segwh__readable(ref('cities'), 'segwh_customer_checks', {'region': ['string', 'TEXT', 'customer.home: region'], 'population': ['integer', 'BIGINT']}, {'customer.home': 'name'}, loose=['population']) -%}
{%- do segwh__require_remembered_keys(ref('customers'), [['segwh_customer_log', 'customer_id', 'customer_id', '']]) -%}
{%- set made_by = segwh__made_by(invocation_id, 'a4da78d00d86899e7f0f1fe5fb19b07ccb22c78bb79e55739c2b5060a4a2c2db') -%}
{%- set base = segwh__log_end('customer') -%}
{%- set compiled_as = segwh__number(model.raw_code) -%}
{%- set measured_as = segwh__measured_as('7529023b98feb6ad30225159a2f625dcf5eaff35f782d6c628a10820fb2fb203 [(\'lifetime_value\', \'decimal\'), (\'orders_total\', \'integer\'), (\'spend_90d\', \'decimal\'), (\'spend_previous_90d\', \'decimal\'), (\'spend_drop\', \'number\'), (\'discounted_orders\', \'integer\'), (\'discounted_share\', \'number\'), (\'weekend_orders\', \'integer\'), (\'weekend_share\', \'number\'), (\'favourite_category\', \'string\'), (\'last_utm_source\', \'string\'), (\'stage\', \'string\'), (\'rfm__recency\', \'integer\'), (\'rfm__frequency\', \'integer\'), (\'rfm__monetary\', \'decimal\'), (\'rfm__recency_score\', \'integer\'), (\'rfm__frequency_score\', \'integer\'), (\'rfm__monetary_score\', \'integer\'), (\'rfm__cell\', \'string\'), (\'rfm__name\', \'string\')]', [read_orders, read_order_lines, read_products, read_refunds, read_page_views, read_cart_events, read_campaign_engagement, read_campaigns, read_tickets, read_subscriptions, read_consents, read_do_not_contact, read_clearance_products, read_customers, read_cities], [ref('orders'), ref('order_lines'), ref('products'), ref('refunds'), ref('page_views'), ref('cart_events'), ref('campaign_engagement'), ref('campaigns'), ref('tickets'), ref('subscriptions'), ref('consents'), ref('do_not_contact'), ref('clearance_products'), ref('customers'), ref('cities')], [ref('orders'), ref('page_views')], run) -%}
{%- set before = segwh__facts_before('customer', 'customer_id', measured_as, run, [], 'customer', 'a4da78d00d86899e7f0f1fe5fb19b07ccb22c78bb79e55739c2b5060a4a2c2db') -%}
{%- if before -%}
{%- set as_of_utc = segwh__text(run.as_of) -%}
{%- set as_of_before_utc = segwh__text(before.as_of) -%}
{%- set as_of_day = segwh__day_text(segwh__day_from(run.as_of, 'Europe/London')) -%}
{%- set days_14_ago = segwh__text(segwh__shifted(run.as_of, [[-14, 'days']], 'Europe/London')) -%}
{%- set days_180_ago = segwh__text(segwh__shifted(run.as_of, [[-180, 'days']], 'Europe/London')) -%}
{%- set days_180_ago_before = segwh__text(segwh__shifted(before.as_of, [[-180, 'days']], 'Europe/London')) -%}
{%- set days_30_ago = segwh__text(segwh__shifted(run.as_of, [[-30, 'days']], 'Europe/London')) -%}
{%- set days_30_ago_before = segwh__text(segwh__shifted(before.as_of, [[-30, 'days']], 'Europe/London')) -%}
{%- set days_30_ahead_day = segwh__day_text(segwh__day_from(segwh__shifted(run.as_of, [[30, 'days']], 'Europe/London'), 'Europe/London')) -%}
{%- set days_365_ago = segwh__text(segwh__shifted(run.as_of, [[-365, 'days']], 'Europe/London')) -%}
{%- set days_365_ago_before = segwh__text(segwh__shifted(before.as_of, [[-365, 'days']], 'Europe/London')) -%}
{%- set days_60_ago = segwh__text(segwh__shifted(run.as_of, [[-60, 'days']], 'Europe/London')) -%}
{%- set days_60_ago_before = segwh__text(segwh__shifted(before.as_of, [[-60, 'days']], 'Europe/London')) -%}
{%- set days_7_ago = segwh__text(segwh__shifted(run.as_of, [[-7, 'days']], 'Europe/London')) -%}
{%- set days_7_ago_before = segwh__text(segwh__shifted(before.as_of, [[-7, 'days']], 'Europe/London')) -%}
{%- set days_8_ago = segwh__text(segwh__shifted(run.as_of, [[-8, 'days']], 'Europe/London')) -%}
{%- set days_90_ago = segwh__text(segwh__shifted(run.as_of, [[-90, 'days']], 'Europe/London')) -%}
{%- set days_90_ago_before = segwh__text(segwh__shifted(before.as_of, [[-90, 'days']], 'Europe/London')) -%}
{%- set hours_1_ago = segwh__text(segwh__shifted(run.as_of, [[-1, 'hours']], 'Europe/London')) -%}
{%- set hours_1_ago_before = segwh__text(segwh__shifted(before.as_of, [[-1, 'hours']], 'Europe/London')) -%}
{%- set months_3_ago = segwh__text(segwh__shifted(run.as_of, [[-3, 'months']], 'Europe/London')) -%}
{%- set months_6_ago = segwh__text(segwh__shifted(run.as_of, [[-6, 'months']], 'Europe/London')) -%}
{%- set quarter_start = segwh__text(segwh__edge(run.as_of, 'quarters', 0, 'Europe/London', 0)) -%}
{%- set quarter_start_1_ago = segwh__text(segwh__edge(run.as_of, 'quarters', -1, 'Europe/London', 0)) -%}
{%- set quarter_start_1_ago_before = segwh__text(segwh__edge(before.as_of, 'quarters', -1, 'Europe/London', 0)) -%}
{%- set quarter_start_before = segwh__text(segwh__edge(before.as_of, 'quarters', 0, 'Europe/London', 0)) -%}
{%- set weeks_3_ago = segwh__text(segwh__shifted(run.as_of, [[-3, 'weeks']], 'Europe/London')) -%}
{%- set weeks_8_ago = segwh__text(segwh__shifted(run.as_of, [[-8, 'weeks']], 'Europe/London')) -%}
{%- set years_1_ago = segwh__text(segwh__shifted(run.as_of, [[-1, 'years']], 'Europe/London')) -%}
{%- set years_1_ago_before = segwh__text(segwh__shifted(before.as_of, [[-1, 'years']], 'Europe/London')) -%}
{%- set before = segwh__in_order(before, [[quarter_start_1_ago_before, quarter_start_1_ago], [quarter_start_before, quarter_start], [years_1_ago_before, years_1_ago]]) -%}
{%- set rows_of_orders -%}
SELECT
  CAST(COUNT(*) AS TEXT) || ' ' || CAST(COUNT(CASE WHEN orders.loaded_at < CAST('{{ hours_1_ago_before }}' AS TIMESTAMP) THEN 1 END) AS TEXT) AS rows_there
FROM {{ read_orders }} AS orders
WHERE
  orders.ordered_at < CAST('{{ as_of_before_utc }}' AS TIMESTAMP)
{%- endset -%}
{%- set rows_of_page_views -%}
SELECT
  CAST(COUNT(*) AS TEXT) || ' ' || CAST(COUNT(CASE WHEN page_views.loaded_at < CAST('{{ hours_1_ago_before }}' AS TIMESTAMP) THEN 1 END) AS TEXT) AS rows_there
FROM {{ read_page_views }} AS page_views
WHERE
  page_views.viewed_at < CAST('{{ as_of_before_utc }}' AS TIMESTAMP)
{%- endset -%}
{%- set before = segwh__unless_lost(before, [[ref('orders'), rows_of_orders], [ref('page_views'), rows_of_page_views]]) -%}
{%- endif -%}

{%- if segwh__reads_part() and segwh__is_kept('segwh_customer_facts', ['lifetime_value', 'orders_total', 'spend_90d', 'spend_previous_90d', 'spend_drop', 'discounted_orders', 'discounted_share', 'weekend_orders', 'weekend_share', 'favourite_category', 'last_utm_source', 'stage', 'rfm__recency', 'rfm__frequency', 'rfm__monetary', 'rfm__recency_score', 'rfm__frequency_score', 'rfm__monetary_score', 'rfm__cell', 'rfm__name', 'email', 'first_name', 'city']) %}
select * from {{ this }}
{%- elif before %}
WITH customer_log_stays AS (
  SELECT
    standing.segment,
    standing.customer_id,
    MAKE_TIMESTAMP(EPOCH_US(standing.entered_at)) AS entered_at
  FROM {{ ref('segwh_customer_standing') }} AS standing
  WHERE
    standing.kind = 'member'
    AND MAKE_TIMESTAMP(EPOCH_US(standing.entered_at)) < CAST('{{ as_of_utc }}' AS TIMESTAMP)
    AND (
      standing.is_member
      OR MAKE_TIMESTAMP(EPOCH_US(standing.changed_at)) = CAST('{{ as_of_utc }}' AS TIMESTAMP)
    )
), customer_log_exits AS (
  SELECT
    exits.segment,
    exits.customer_id,
    MAKE_TIMESTAMP(EPOCH_US(exits.exited_at)) AS exited_at
  FROM (
    WITH customer_nothing_logged AS (
      WITH shape AS (
        SELECT
          source.customer_id AS customer_id
        FROM {{ ref('customers') }} AS source
      )
      /* A log without rows, its key typed as in the customer's own table. */
      SELECT
        CAST(NULL AS TEXT) AS change_id,
        CAST(NULL AS TEXT) AS segment,
        shape.customer_id,
        CAST(NULL AS TEXT) AS change,
        CAST(NULL AS TIMESTAMPTZ) AS changed_at,
        CAST(NULL AS TEXT) AS reason,
        CAST(NULL AS TEXT) AS rule_hash,
        CAST(NULL AS TEXT) AS run_id,
        CAST(NULL AS BIGINT) AS sequence,
        CAST(NULL AS TEXT) AS status,
        CAST(NULL AS TEXT) AS computed_hash,
        CAST(NULL AS BIGINT) AS correction,
        CAST(NULL AS TIMESTAMPTZ) AS first_evaluated_at,
        CAST(NULL AS BIGINT) AS members,
        CAST(NULL AS BIGINT) AS entered,
        CAST(NULL AS BIGINT) AS exited,
        CAST(NULL AS BIGINT) AS left_out,
        CAST(NULL AS BIGINT) AS population
      FROM shape
      WHERE
        1 = 0
    )
    /* The newest exit of each key from each segment before this as-of. At an instant where its changes cancel out (corrections) a */
    /* key did not leave. */
    SELECT
      ends.segment,
      ends.customer_id,
      MAX(ends.changed_at) AS exited_at
    FROM (
      SELECT
        log.segment,
        log.customer_id,
        log.changed_at
      FROM {{ segwh__existing('segwh_customer_log') or 'customer_nothing_logged' }} AS log
      WHERE
        log.change IN ('entered', 'exited')
        AND log.changed_at < CAST('{{ as_of }}' AS TIMESTAMPTZ)
      GROUP BY
        log.segment,
        log.customer_id,
        log.changed_at
      HAVING
        SUM(CASE WHEN log.change = 'exited' THEN 1 ELSE -1 END) = 1
    ) AS ends
    GROUP BY
      ends.segment,
      ends.customer_id
  ) AS exits
), customer_rows AS (
  SELECT
    customer.customer_id AS customer_id,
    customer.signed_up_at AS created_at,
    customer.signed_up_at AS signed_up_at,
    customer.tags AS tags,
    CAST(customer.birthday AS DATE) AS birthday,
    CAST(customer.source AS TEXT) AS source,
    CAST(home.region AS TEXT) AS home__region,
    CAST(customer.city AS TEXT) AS city,
    CAST(customer.email AS TEXT) AS email,
    CAST(customer.preferred_channel AS TEXT) AS preferred_channel,
    CAST(customer.first_name AS TEXT) AS first_name
  FROM {{ read_customers }} AS customer
  LEFT JOIN {{ read_cities }} AS home
    ON home.name = customer.city
  WHERE
    NOT customer.customer_id IS NULL
    AND (
      customer.signed_up_at IS NULL
      OR customer.signed_up_at < CAST('{{ as_of_utc }}' AS TIMESTAMP)
    )
), orders_rows AS (
  SELECT
    customer_id,
    happened_at,
    row_id,
    amount,
    discount,
    voucher,
    items,
    status,
    channel,
    ordered_at
  FROM (
    SELECT
      customer_id,
      happened_at,
      row_id,
      amount,
      discount,
      voucher,
      items,
      status,
      channel,
      ordered_at,
      ROW_NUMBER() OVER (
        PARTITION BY row_id
        ORDER BY happened_at DESC, amount DESC, discount DESC, voucher DESC, items DESC, status DESC, channel DESC, ordered_at DESC, customer_id DESC
      ) AS version_from_latest
    FROM (
      SELECT
        orders.customer_id AS customer_id,
        orders.ordered_at AS happened_at,
        orders.order_id AS row_id,
        orders.amount AS amount,
        orders.discount AS discount,
        CAST(orders.voucher AS TEXT) AS voucher,
        CAST(orders.items AS BIGINT) AS items,
        CAST(orders.status AS TEXT) AS status,
        CAST(orders.channel AS TEXT) AS channel,
        orders.ordered_at AS ordered_at
      FROM {{ read_orders }} AS orders
      WHERE
        NOT orders.customer_id IS NULL
        AND orders.ordered_at < CAST('{{ as_of_utc }}' AS TIMESTAMP)
        AND orders.ordered_at >= LEAST(CAST('{{ days_8_ago }}' AS TIMESTAMP), CAST('{{ days_90_ago }}' AS TIMESTAMP))
        AND orders.loaded_at < CAST('{{ as_of_utc }}' AS TIMESTAMP)
    ) AS found
  ) AS versions
  WHERE
    version_from_latest = 1 OR row_id IS NULL
), purchases_rows AS (
  SELECT
    customer_id,
    happened_at,
    row_id,
    product_id,
    product__category,
    product__title,
    quantity,
    spend,
    ordered_at
  FROM (
    SELECT
      customer_id,
      happened_at,
      row_id,
      product_id,
      product__category,
      product__title,
      quantity,
      spend,
      ordered_at,
      ROW_NUMBER() OVER (
        PARTITION BY row_id
        ORDER BY happened_at DESC, product_id DESC, quantity DESC, spend DESC, ordered_at DESC, customer_id DESC
      ) AS version_from_latest
    FROM (
      SELECT
        purchases.customer_id AS customer_id,
        purchases.ordered_at AS happened_at,
        purchases.line_id AS row_id,
        CAST(purchases.product_id AS TEXT) AS product_id,
        CAST(product.category AS TEXT) AS product__category,
        CAST(product.title AS TEXT) AS product__title,
        CAST(purchases.quantity AS BIGINT) AS quantity,
        (
          purchases.quantity * purchases.unit_price
        ) AS spend,
        purchases.ordered_at AS ordered_at
      FROM {{ read_order_lines }} AS purchases
      LEFT JOIN {{ read_products }} AS product
        ON product.product_id = purchases.product_id
      WHERE
        NOT purchases.customer_id IS NULL
        AND purchases.ordered_at < CAST('{{ as_of_utc }}' AS TIMESTAMP)
    ) AS found
  ) AS versions
  WHERE
    version_from_latest = 1 OR row_id IS NULL
), refunds_rows AS (
  SELECT
    customer_id,
    happened_at,
    row_id,
    amount,
    reason,
    refunded_at
  FROM (
    SELECT
      customer_id,
      happened_at,
      row_id,
      amount,
      reason,
      refunded_at,
      ROW_NUMBER() OVER (
        PARTITION BY row_id
        ORDER BY happened_at DESC, amount DESC, reason DESC, refunded_at DESC, customer_id DESC
      ) AS version_from_latest
    FROM (
      SELECT
        refunds.customer_id AS customer_id,
        refunds.refunded_at AS happened_at,
        refunds.refund_id AS row_id,
        refunds.amount AS amount,
        CAST(refunds.reason AS TEXT) AS reason,
        refunds.refunded_at AS refunded_at
      FROM {{ read_refunds }} AS refunds
      WHERE
        NOT refunds.customer_id IS NULL
        AND refunds.refunded_at < CAST('{{ as_of_utc }}' AS TIMESTAMP)
        AND refunds.refunded_at >= CAST('{{ years_1_ago }}' AS TIMESTAMP)
    ) AS found
  ) AS versions
  WHERE
    version_from_latest = 1 OR row_id IS NULL
), page_views_rows AS (
  SELECT
    customer_id,
    happened_at,
    row_id,
    url,
    utm_source,
    referrer,
    device,
    viewed_at
  FROM (
    SELECT
      customer_id,
      happened_at,
      row_id,
      url,
      utm_source,
      referrer,
      device,
      viewed_at,
      ROW_NUMBER() OVER (
        PARTITION BY row_id
        ORDER BY happened_at DESC, url DESC, utm_source DESC, referrer DESC, device DESC, viewed_at DESC, customer_id DESC
      ) AS version_from_latest
    FROM (
      SELECT
        page_views.customer_id AS customer_id,
        page_views.viewed_at AS happened_at,
        page_views.view_id AS row_id,
        CAST(page_views.url AS TEXT) AS url,
        CAST(page_views.utm_source AS TEXT) AS utm_source,
        CAST(page_views.referrer AS TEXT) AS referrer,
        CAST(page_views.device AS TEXT) AS device,
        page_views.viewed_at AS viewed_at
      FROM {{ read_page_views }} AS page_views
      WHERE
        NOT page_views.customer_id IS NULL
        AND page_views.viewed_at < CAST('{{ as_of_utc }}' AS TIMESTAMP)
        AND page_views.viewed_at >= CAST('{{ days_90_ago }}' AS TIMESTAMP)
        AND page_views.loaded_at < CAST('{{ as_of_utc }}' AS TIMESTAMP)
    ) AS found
  ) AS versions
  WHERE
    version_from_latest = 1 OR row_id IS NULL
), cart_events_rows AS (
  SELECT
    customer_id,
    happened_at_22eb1f,
    row_id,
    action,
    product_id,
    quantity,
    happened_at
  FROM (
    SELECT
      customer_id,
      happened_at_22eb1f,
      row_id,
      action,
      product_id,
      quantity,
      happened_at,
      ROW_NUMBER() OVER (
        PARTITION BY row_id
        ORDER BY happened_at_22eb1f DESC, action DESC, product_id DESC, quantity DESC, happened_at DESC, customer_id DESC
      ) AS version_from_latest
    FROM (
      SELECT
        cart_events.customer_id AS customer_id,
        cart_events.happened_at AS happened_at_22eb1f,
        cart_events.cart_event_id AS row_id,
        CAST(cart_events.action AS TEXT) AS action,
        CAST(cart_events.product_id AS TEXT) AS product_id,
        CAST(cart_events.quantity AS BIGINT) AS quantity,
        cart_events.happened_at AS happened_at
      FROM {{ read_cart_events }} AS cart_events
      WHERE
        NOT cart_events.customer_id IS NULL
        AND cart_events.happened_at < CAST('{{ as_of_utc }}' AS TIMESTAMP)
        AND cart_events.happened_at >= LEAST(CAST('{{ days_8_ago }}' AS TIMESTAMP), CAST('{{ days_90_ago }}' AS TIMESTAMP))
    ) AS found
  ) AS versions
  WHERE
    version_from_latest = 1 OR row_id IS NULL
), campaign_touches_rows AS (
  SELECT
    customer_id,
    happened_at_22eb1f,
    row_id,
    kind,
    campaign_id,
    campaign__channel,
    happened_at
  FROM (
    SELECT
      customer_id,
      happened_at_22eb1f,
      row_id,
      kind,
      campaign_id,
      campaign__channel,
      happened_at,
      ROW_NUMBER() OVER (
        PARTITION BY row_id
        ORDER BY happened_at_22eb1f DESC, kind DESC, campaign_id DESC, happened_at DESC, customer_id DESC
      ) AS version_from_latest
    FROM (
      SELECT
        campaign_touches.customer_id AS customer_id,
        campaign_touches.happened_at AS happened_at_22eb1f,
        campaign_touches.touch_id AS row_id,
        CAST(campaign_touches.kind AS TEXT) AS kind,
        CAST(campaign_touches.campaign_id AS TEXT) AS campaign_id,
        CAST(campaign.channel AS TEXT) AS campaign__channel,
        campaign_touches.happened_at AS happened_at
      FROM {{ read_campaign_engagement }} AS campaign_touches
      LEFT JOIN {{ read_campaigns }} AS campaign
        ON campaign.campaign_id = campaign_touches.campaign_id
      WHERE
        NOT campaign_touches.customer_id IS NULL
        AND campaign_touches.happened_at < CAST('{{ as_of_utc }}' AS TIMESTAMP)
    ) AS found
  ) AS versions
  WHERE
    version_from_latest = 1 OR row_id IS NULL
), tickets_rows AS (
  SELECT
    tickets.customer_id AS customer_id,
    CAST(tickets.status AS TEXT) AS status,
    CAST(tickets.priority AS BIGINT) AS priority
  FROM {{ read_tickets }} AS tickets
  WHERE
    NOT tickets.customer_id IS NULL
), subscriptions_rows AS (
  SELECT
    subscriptions.customer_id AS customer_id,
    CAST(subscriptions.status AS TEXT) AS status,
    CAST(subscriptions.renews_on AS DATE) AS renews_on
  FROM {{ read_subscriptions }} AS subscriptions
  WHERE
    NOT subscriptions.customer_id IS NULL
    AND (
      COALESCE(
        CASE
          WHEN TYPEOF(subscriptions.valid_from) = 'DATE'
          THEN CASE
            WHEN (
              MAKE_TIMESTAMP(EPOCH_US(subscriptions.valid_from)) - (
                (
                  MAKE_TIMESTAMP(EPOCH_US(subscriptions.valid_from)) AT TIME ZONE 'Europe/London' AT TIME ZONE 'UTC' + INTERVAL '-10800' SECOND
                ) AT TIME ZONE 'UTC' AT TIME ZONE 'Europe/London' - (
                  MAKE_TIMESTAMP(EPOCH_US(subscriptions.valid_from)) AT TIME ZONE 'Europe/London' AT TIME ZONE 'UTC' + INTERVAL '-10800' SECOND
                )
              )
            ) AT TIME ZONE 'UTC' AT TIME ZONE 'Europe/London' = MAKE_TIMESTAMP(EPOCH_US(subscriptions.valid_from))
            THEN MAKE_TIMESTAMP(EPOCH_US(subscriptions.valid_from)) - (
              (
                MAKE_TIMESTAMP(EPOCH_US(subscriptions.valid_from)) AT TIME ZONE 'Europe/London' AT TIME ZONE 'UTC' + INTERVAL '-10800' SECOND
              ) AT TIME ZONE 'UTC' AT TIME ZONE 'Europe/London' - (
                MAKE_TIMESTAMP(EPOCH_US(subscriptions.valid_from)) AT TIME ZONE 'Europe/London' AT TIME ZONE 'UTC' + INTERVAL '-10800' SECOND
              )
            )
            ELSE MAKE_TIMESTAMP(EPOCH_US(subscriptions.valid_from)) AT TIME ZONE 'Europe/London' AT TIME ZONE 'UTC'
          END
          ELSE MAKE_TIMESTAMP(EPOCH_US(subscriptions.valid_from))
        END,
        CAST(subscriptions.valid_from AS TIMESTAMP)
      ) <= CAST('{{ as_of_utc }}' AS TIMESTAMP)
      AND (
        subscriptions.valid_to IS NULL
        OR COALESCE(
          CASE
            WHEN TYPEOF(subscriptions.valid_to) = 'DATE'
            THEN CASE
              WHEN (
                MAKE_TIMESTAMP(EPOCH_US(subscriptions.valid_to)) - (
                  (
                    MAKE_TIMESTAMP(EPOCH_US(subscriptions.valid_to)) AT TIME ZONE 'Europe/London' AT TIME ZONE 'UTC' + INTERVAL '-10800' SECOND
                  ) AT TIME ZONE 'UTC' AT TIME ZONE 'Europe/London' - (
                    MAKE_TIMESTAMP(EPOCH_US(subscriptions.valid_to)) AT TIME ZONE 'Europe/London' AT TIME ZONE 'UTC' + INTERVAL '-10800' SECOND
                  )
                )
              ) AT TIME ZONE 'UTC' AT TIME ZONE 'Europe/London' = MAKE_TIMESTAMP(EPOCH_US(subscriptions.valid_to))
              THEN MAKE_TIMESTAMP(EPOCH_US(subscriptions.valid_to)) - (
                (
                  MAKE_TIMESTAMP(EPOCH_US(subscriptions.valid_to)) AT TIME ZONE 'Europe/London' AT TIME ZONE 'UTC' + INTERVAL '-10800' SECOND
                ) AT TIME ZONE 'UTC' AT TIME ZONE 'Europe/London' - (
                  MAKE_TIMESTAMP(EPOCH_US(subscriptions.valid_to)) AT TIME ZONE 'Europe/London' AT TIME ZONE 'UTC' + INTERVAL '-10800' SECOND
                )
              )
              ELSE MAKE_TIMESTAMP(EPOCH_US(subscriptions.valid_to)) AT TIME ZONE 'Europe/London' AT TIME ZONE 'UTC'
            END
            ELSE MAKE_TIMESTAMP(EPOCH_US(subscriptions.valid_to))
          END,
          CAST(subscriptions.valid_to AS TIMESTAMP)
        ) > CAST('{{ as_of_utc }}' AS TIMESTAMP)
      )
    )
), consents_rows AS (
  SELECT
    consents.customer_id AS customer_id,
    CAST(consents.channel AS TEXT) AS channel,
    CAST(consents.granted AS BOOLEAN) AS granted
  FROM {{ read_consents }} AS consents
  WHERE
    NOT consents.customer_id IS NULL
), do_not_contact_rows AS (
  SELECT
    do_not_contact.customer_id AS customer_id
  FROM {{ read_do_not_contact }} AS do_not_contact
  WHERE
    NOT do_not_contact.customer_id IS NULL
), cart_events_then_no_orders_step_1 AS (
  SELECT
    step.customer_id AS step_key,
    step.happened_at_22eb1f AS step_at
  FROM cart_events_rows AS step
  WHERE
    step.happened_at_22eb1f >= CAST('{{ days_8_ago }}' AS TIMESTAMP)
    AND step.action = 'added'
    AND (
      step.happened_at_22eb1f + INTERVAL '86400' SECOND
    ) <= CAST('{{ as_of_utc }}' AS TIMESTAMP)
    AND NOT EXISTS(
      SELECT
        1
      FROM orders_rows AS missed
      WHERE
        missed.customer_id = step.customer_id
        AND missed.happened_at > step.happened_at_22eb1f
        AND missed.happened_at <= (
          step.happened_at_22eb1f + INTERVAL '86400' SECOND
        )
        AND missed.happened_at >= CAST('{{ days_8_ago }}' AS TIMESTAMP)
    )
), page_views_then_cart_events_then_orders_step_1 AS (
  SELECT
    step.customer_id AS step_key,
    step.happened_at AS step_at
  FROM page_views_rows AS step
  WHERE
    step.happened_at >= CAST('{{ days_90_ago }}' AS TIMESTAMP)
    AND REGEXP_MATCHES(step.url, '^/blog/[a-z-]+-guide$')
), page_views_then_cart_events_then_orders_step_2 AS (
  SELECT
    step.customer_id AS step_key,
    step.happened_at_22eb1f AS step_at
  FROM cart_events_rows AS step
  WHERE
    step.happened_at_22eb1f >= CAST('{{ days_90_ago }}' AS TIMESTAMP)
    AND step.action = 'added'
    AND EXISTS(
      SELECT
        1
      FROM page_views_then_cart_events_then_orders_step_1 AS before
      WHERE
        before.step_key = step.customer_id
        AND before.step_at < step.happened_at_22eb1f
        AND step.happened_at_22eb1f <= (
          before.step_at + INTERVAL '604800' SECOND
        )
    )
), page_views_then_cart_events_then_orders_step_3 AS (
  SELECT
    step.customer_id AS step_key,
    step.happened_at AS step_at
  FROM orders_rows AS step
  WHERE
    step.happened_at >= CAST('{{ days_90_ago }}' AS TIMESTAMP)
    AND EXISTS(
      SELECT
        1
      FROM page_views_then_cart_events_then_orders_step_2 AS before
      WHERE
        before.step_key = step.customer_id
        AND before.step_at < step.happened_at
        AND step.happened_at <= (
          before.step_at + INTERVAL '172800' SECOND
        )
    )
), campaign_touches_then_no_orders_step_1 AS (
  SELECT
    step.customer_id AS step_key,
    step.happened_at_22eb1f AS step_at
  FROM campaign_touches_rows AS step
  WHERE
    step.happened_at_22eb1f >= CAST('{{ days_90_ago }}' AS TIMESTAMP)
    AND step.kind = 'clicked'
    AND (
      step.happened_at_22eb1f + INTERVAL '604800' SECOND
    ) <= CAST('{{ as_of_utc }}' AS TIMESTAMP)
    AND NOT EXISTS(
      SELECT
        1
      FROM orders_rows AS missed
      WHERE
        missed.customer_id = step.customer_id
        AND missed.happened_at > step.happened_at_22eb1f
        AND missed.happened_at <= (
          step.happened_at_22eb1f + INTERVAL '604800' SECOND
        )
        AND missed.happened_at >= CAST('{{ days_90_ago }}' AS TIMESTAMP)
    )
), campaign_touches_then_campaign_touches_step_1 AS (
  SELECT
    step.customer_id AS step_key,
    step.happened_at_22eb1f AS step_at,
    step.campaign_id AS same_campaign_id
  FROM campaign_touches_rows AS step
  WHERE
    step.happened_at_22eb1f >= CAST('{{ months_6_ago }}' AS TIMESTAMP) AND step.kind = 'opened'
), campaign_touches_then_campaign_touches_step_2 AS (
  SELECT
    step.customer_id AS step_key,
    step.happened_at_22eb1f AS step_at
  FROM campaign_touches_rows AS step
  WHERE
    step.happened_at_22eb1f >= CAST('{{ months_6_ago }}' AS TIMESTAMP)
    AND step.kind = 'clicked'
    AND EXISTS(
      SELECT
        1
      FROM campaign_touches_then_campaign_touches_step_1 AS before
      WHERE
        before.step_key = step.customer_id
        AND before.step_at < step.happened_at_22eb1f
        AND step.happened_at_22eb1f <= (
          before.step_at + INTERVAL '86400' SECOND
        )
        AND before.same_campaign_id = step.campaign_id
    )
), purchases_per_customer AS (
  SELECT
    customer_id,
    COUNT(CASE WHEN product__category = 'Phones' THEN 1 END) AS purchases_count_where_product_category_is_phones,
    COUNT(CASE WHEN product__category = 'Accessories' THEN 1 END) AS purchases_count_where_product_category_is_accessories,
    COUNT(CASE WHEN product__category IN ('Tea', 'Chinese tea') THEN 1 END) AS purchases_count_where_product_category_in_tea_chinese_tea,
    COUNT(CASE WHEN product__category = 'Teaware' THEN 1 END) AS purchases_count_where_product_category_is_teaware,
    COUNT(
      CASE
        WHEN happened_at >= CAST('{{ months_6_ago }}' AS TIMESTAMP)
        AND product_id IN (
          SELECT
            listed.product_id
          FROM {{ read_clearance_products }} AS listed
          WHERE
            NOT listed.product_id IS NULL
        )
        THEN 1
      END
    ) AS purchases_count_6_months_where_product_id_in_clearanc_3951bb,
    COUNT(CASE WHEN product__category = 'Chinese tea' THEN 1 END) AS purchases_count_where_product_category_is_chinese_tea,
    COUNT(
      CASE
        WHEN STRPOS(product__title, '大红袍') > 0 OR ENDS_WITH(product__title, '铁观音')
        THEN 1
      END
    ) AS purchases_count_where_product_title_contains_714702_o_dc84d1,
    COUNT(
      DISTINCT CASE WHEN happened_at >= CAST('{{ years_1_ago }}' AS TIMESTAMP) THEN product__category END
    ) AS purchases_product_category_distinct_1_years
  FROM purchases_rows
  GROUP BY
    customer_id
), refunds_per_customer AS (
  SELECT
    customer_id,
    COUNT(CASE WHEN happened_at >= CAST('{{ years_1_ago }}' AS TIMESTAMP) THEN 1 END) AS refunds_count_1_years,
    SUM(CASE WHEN happened_at >= CAST('{{ years_1_ago }}' AS TIMESTAMP) THEN amount END) AS refunds_amount_sum_1_years
  FROM refunds_rows
  GROUP BY
    customer_id
), campaign_touches_per_customer AS (
  SELECT
    customer_id,
    COUNT(CASE WHEN kind = 'unsubscribed' THEN 1 END) AS campaign_touches_count_where_kind_is_unsubscribed,
    COUNT(CASE WHEN campaign_id = 'CMP-035' AND kind = 'sent' THEN 1 END) AS campaign_touches_count_where_campaign_id_is_cmp_035_a_058ef4,
    COUNT(CASE WHEN campaign_id = 'CMP-026' THEN 1 END) AS campaign_touches_count_where_campaign_id_is_cmp_026,
    COUNT(
      CASE
        WHEN happened_at_22eb1f >= CAST('{{ months_6_ago }}' AS TIMESTAMP)
        AND kind = 'sent'
        AND campaign__channel = 'email'
        THEN 1
      END
    ) AS campaign_touches_count_6_months_where_kind_is_sent_an_f3565a,
    COUNT(
      CASE
        WHEN happened_at_22eb1f >= CAST('{{ months_6_ago }}' AS TIMESTAMP) AND kind = 'opened'
        THEN 1
      END
    ) AS campaign_touches_count_6_months_where_kind_is_opened
  FROM campaign_touches_rows
  GROUP BY
    customer_id
), tickets_per_customer AS (
  SELECT
    customer_id,
    COUNT(CASE WHEN LOWER(status) IN ('open', 'pending') THEN 1 END) AS tickets_count_where_status_in_open_pending,
    COUNT(
      CASE
        WHEN LOWER(status) = 'open' AND (
          priority <= 2 OR priority IS NULL
        )
        THEN 1
      END
    ) AS tickets_count_where_status_is_open_and_priority_lte_2_bc0e79
  FROM tickets_rows
  GROUP BY
    customer_id
), subscriptions_per_customer AS (
  SELECT
    customer_id,
    COUNT(
      CASE
        WHEN status = 'active'
        AND renews_on >= CAST('{{ as_of_day }}' AS DATE)
        AND renews_on < CAST('{{ days_30_ahead_day }}' AS DATE)
        THEN 1
      END
    ) AS subscriptions_count_where_status_is_active_and_renews_61a605,
    COUNT(CASE WHEN status = 'active' THEN 1 END) AS subscriptions_count_where_status_is_active
  FROM subscriptions_rows
  GROUP BY
    customer_id
), consents_per_customer AS (
  SELECT
    customer_id,
    COUNT(CASE WHEN channel = 'email' AND NOT granted THEN 1 END) AS consents_count_where_channel_is_email_and_granted_is_false,
    COUNT(CASE WHEN channel = 'email' AND granted THEN 1 END) AS consents_count_where_channel_is_email_and_granted_is_true,
    COUNT(CASE WHEN channel = 'email' AND NOT (
      granted IS NULL
    ) THEN 1 END) AS consents_count_where_channel_is_email_and_not_granted_empty
  FROM consents_rows
  GROUP BY
    customer_id
), do_not_contact_per_customer AS (
  SELECT
    customer_id,
    COUNT(*) AS do_not_contact_count
  FROM do_not_contact_rows
  GROUP BY
    customer_id
), favourite_category AS (
  SELECT
    customer_id,
    grouped_value AS favourite_category
  FROM (
    SELECT
      customer_id,
      grouped_value,
      ROW_NUMBER() OVER (
        PARTITION BY customer_id
        ORDER BY rows_count DESC, latest_at DESC, grouped_value ASC NULLS FIRST
      ) AS value_place
    FROM (
      SELECT
        customer_id,
        product__category AS grouped_value,
        COUNT(*) AS rows_count,
        MAX(happened_at) AS latest_at
      FROM purchases_rows
      WHERE
        NOT product__category IS NULL
      GROUP BY
        customer_id,
        product__category
    ) AS groups_by_value
  ) AS placed
  WHERE
    value_place = 1
), cart_events_then_no_orders AS (
  SELECT DISTINCT
    step_key,
    TRUE AS cart_events_then_no_orders
  FROM cart_events_then_no_orders_step_1
), page_views_then_cart_events_then_orders AS (
  SELECT DISTINCT
    step_key,
    TRUE AS page_views_then_cart_events_then_orders
  FROM page_views_then_cart_events_then_orders_step_3
), campaign_touches_then_no_orders AS (
  SELECT DISTINCT
    step_key,
    TRUE AS campaign_touches_then_no_orders
  FROM campaign_touches_then_no_orders_step_1
), campaign_touches_then_campaign_touches AS (
  SELECT DISTINCT
    step_key,
    TRUE AS campaign_touches_then_campaign_touches
  FROM campaign_touches_then_campaign_touches_step_2
), purchases_count_by_product_id_6_months AS (
  SELECT
    customer_id,
    MAX(rows_count) AS purchases_count_by_product_id_6_months
  FROM (
    SELECT
      customer_id,
      product_id AS grouped_value,
      COUNT(*) AS rows_count
    FROM purchases_rows
    WHERE
      NOT product_id IS NULL AND happened_at >= CAST('{{ months_6_ago }}' AS TIMESTAMP)
    GROUP BY
      customer_id,
      product_id
  ) AS groups_by_value
  GROUP BY
    customer_id
), customer_rest AS (
  SELECT
    customer_rows.*,
    COALESCE(purchases_per_customer.purchases_count_where_product_category_is_phones, 0) AS purchases_count_where_product_category_is_phones,
    COALESCE(purchases_per_customer.purchases_count_where_product_category_is_accessories, 0) AS purchases_count_where_product_category_is_accessories,
    COALESCE(
      purchases_per_customer.purchases_count_where_product_category_in_tea_chinese_tea,
      0
    ) AS purchases_count_where_product_category_in_tea_chinese_tea,
    COALESCE(purchases_per_customer.purchases_count_where_product_category_is_teaware, 0) AS purchases_count_where_product_category_is_teaware,
    COALESCE(
      purchases_per_customer.purchases_count_6_months_where_product_id_in_clearanc_3951bb,
      0
    ) AS purchases_count_6_months_where_product_id_in_clearanc_3951bb,
    COALESCE(purchases_per_customer.purchases_count_where_product_category_is_chinese_tea, 0) AS purchases_count_where_product_category_is_chinese_tea,
    COALESCE(
      purchases_per_customer.purchases_count_where_product_title_contains_714702_o_dc84d1,
      0
    ) AS purchases_count_where_product_title_contains_714702_o_dc84d1,
    COALESCE(purchases_per_customer.purchases_product_category_distinct_1_years, 0) AS purchases_product_category_distinct_1_years,
    COALESCE(refunds_per_customer.refunds_count_1_years, 0) AS refunds_count_1_years,
    COALESCE(refunds_per_customer.refunds_amount_sum_1_years, 0) AS refunds_amount_sum_1_years,
    COALESCE(campaign_touches_per_customer.campaign_touches_count_where_kind_is_unsubscribed, 0) AS campaign_touches_count_where_kind_is_unsubscribed,
    COALESCE(
      campaign_touches_per_customer.campaign_touches_count_where_campaign_id_is_cmp_035_a_058ef4,
      0
    ) AS campaign_touches_count_where_campaign_id_is_cmp_035_a_058ef4,
    COALESCE(
      campaign_touches_per_customer.campaign_touches_count_where_campaign_id_is_cmp_026,
      0
    ) AS campaign_touches_count_where_campaign_id_is_cmp_026,
    COALESCE(
      campaign_touches_per_customer.campaign_touches_count_6_months_where_kind_is_sent_an_f3565a,
      0
    ) AS campaign_touches_count_6_months_where_kind_is_sent_an_f3565a,
    COALESCE(
      campaign_touches_per_customer.campaign_touches_count_6_months_where_kind_is_opened,
      0
    ) AS campaign_touches_count_6_months_where_kind_is_opened,
    COALESCE(tickets_per_customer.tickets_count_where_status_in_open_pending, 0) AS tickets_count_where_status_in_open_pending,
    COALESCE(
      tickets_per_customer.tickets_count_where_status_is_open_and_priority_lte_2_bc0e79,
      0
    ) AS tickets_count_where_status_is_open_and_priority_lte_2_bc0e79,
    COALESCE(
      subscriptions_per_customer.subscriptions_count_where_status_is_active_and_renews_61a605,
      0
    ) AS subscriptions_count_where_status_is_active_and_renews_61a605,
    COALESCE(subscriptions_per_customer.subscriptions_count_where_status_is_active, 0) AS subscriptions_count_where_status_is_active,
    COALESCE(
      consents_per_customer.consents_count_where_channel_is_email_and_granted_is_false,
      0
    ) AS consents_count_where_channel_is_email_and_granted_is_false,
    COALESCE(consents_per_customer.consents_count_where_channel_is_email_and_granted_is_true, 0) AS consents_count_where_channel_is_email_and_granted_is_true,
    COALESCE(
      consents_per_customer.consents_count_where_channel_is_email_and_not_granted_empty,
      0
    ) AS consents_count_where_channel_is_email_and_not_granted_empty,
    COALESCE(do_not_contact_per_customer.do_not_contact_count, 0) AS do_not_contact_count,
    favourite_category.favourite_category AS favourite_category,
    COALESCE(cart_events_then_no_orders.cart_events_then_no_orders, FALSE) AS cart_events_then_no_orders,
    COALESCE(
      page_views_then_cart_events_then_orders.page_views_then_cart_events_then_orders,
      FALSE
    ) AS page_views_then_cart_events_then_orders,
    COALESCE(campaign_touches_then_no_orders.campaign_touches_then_no_orders, FALSE) AS campaign_touches_then_no_orders,
    COALESCE(
      campaign_touches_then_campaign_touches.campaign_touches_then_campaign_touches,
      FALSE
    ) AS campaign_touches_then_campaign_touches,
    COALESCE(purchases_count_by_product_id_6_months.purchases_count_by_product_id_6_months, 0) AS purchases_count_by_product_id_6_months
  FROM customer_rows
  LEFT JOIN purchases_per_customer
    ON purchases_per_customer.customer_id = customer_rows.customer_id
  LEFT JOIN refunds_per_customer
    ON refunds_per_customer.customer_id = customer_rows.customer_id
  LEFT JOIN campaign_touches_per_customer
    ON campaign_touches_per_customer.customer_id = customer_rows.customer_id
  LEFT JOIN tickets_per_customer
    ON tickets_per_customer.customer_id = customer_rows.customer_id
  LEFT JOIN subscriptions_per_customer
    ON subscriptions_per_customer.customer_id = customer_rows.customer_id
  LEFT JOIN consents_per_customer
    ON consents_per_customer.customer_id = customer_rows.customer_id
  LEFT JOIN do_not_contact_per_customer
    ON do_not_contact_per_customer.customer_id = customer_rows.customer_id
  LEFT JOIN favourite_category
    ON favourite_category.customer_id = customer_rows.customer_id
  LEFT JOIN cart_events_then_no_orders
    ON cart_events_then_no_orders.step_key = customer_rows.customer_id
  LEFT JOIN page_views_then_cart_events_then_orders
    ON page_views_then_cart_events_then_orders.step_key = customer_rows.customer_id
  LEFT JOIN campaign_touches_then_no_orders
    ON campaign_touches_then_no_orders.step_key = customer_rows.customer_id
  LEFT JOIN campaign_touches_then_campaign_touches
    ON campaign_touches_then_campaign_touches.step_key = customer_rows.customer_id
  LEFT JOIN purchases_count_by_product_id_6_months
    ON purchases_count_by_product_id_6_months.customer_id = customer_rows.customer_id
), customer_told AS (
  SELECT
    customer_rows.customer_id,
    before.customer_id AS segwh_key_before
  FROM customer_rows
  FULL JOIN {{ this }} AS before
    ON before.customer_id = customer_rows.customer_id
  WHERE
    customer_rows.customer_id IS NULL OR before.customer_id IS NULL
), orders_again AS (
  SELECT
    keys.customer_id
  FROM (
    SELECT
      customer_rows.customer_id
    FROM customer_rows
    WHERE
      EXISTS(
        SELECT
          1
        FROM {{ read_orders }} AS orders
        WHERE
          orders.customer_id = customer_rows.customer_id
          AND NOT orders.customer_id IS NULL
          AND orders.ordered_at < CAST('{{ as_of_utc }}' AS TIMESTAMP)
          AND orders.loaded_at < CAST('{{ as_of_utc }}' AS TIMESTAMP)
          AND (
            orders.loaded_at >= CAST('{{ hours_1_ago_before }}' AS TIMESTAMP)
            OR orders.ordered_at >= CAST('{{ as_of_before_utc }}' AS TIMESTAMP)
            OR (
              orders.ordered_at >= CAST('{{ days_90_ago_before }}' AS TIMESTAMP)
              AND orders.ordered_at < CAST('{{ days_90_ago }}' AS TIMESTAMP)
            )
            OR (
              orders.ordered_at >= CAST('{{ days_180_ago_before }}' AS TIMESTAMP)
              AND orders.ordered_at < CAST('{{ days_180_ago }}' AS TIMESTAMP)
            )
            OR (
              orders.ordered_at >= CAST('{{ days_365_ago_before }}' AS TIMESTAMP)
              AND orders.ordered_at < CAST('{{ days_365_ago }}' AS TIMESTAMP)
            )
            OR (
              orders.ordered_at >= CAST('{{ days_60_ago_before }}' AS TIMESTAMP)
              AND orders.ordered_at < CAST('{{ days_60_ago }}' AS TIMESTAMP)
            )
            OR (
              orders.ordered_at >= CAST('{{ quarter_start_1_ago_before }}' AS TIMESTAMP)
              AND orders.ordered_at < CAST('{{ quarter_start_1_ago }}' AS TIMESTAMP)
            )
            OR (
              orders.ordered_at >= CAST('{{ quarter_start_before }}' AS TIMESTAMP)
              AND orders.ordered_at < CAST('{{ quarter_start }}' AS TIMESTAMP)
            )
            OR (
              orders.ordered_at >= CAST('{{ years_1_ago_before }}' AS TIMESTAMP)
              AND orders.ordered_at < CAST('{{ years_1_ago }}' AS TIMESTAMP)
            )
          )
      )
    UNION
    SELECT
      customer_rows.customer_id
    FROM customer_rows
    WHERE
      EXISTS(
        SELECT
          1
        FROM {{ read_orders }} AS orders
        WHERE
          orders.customer_id = customer_rows.customer_id
          AND NOT orders.customer_id IS NULL
          AND orders.ordered_at < CAST('{{ as_of_utc }}' AS TIMESTAMP)
          AND orders.loaded_at < CAST('{{ as_of_utc }}' AS TIMESTAMP)
          AND orders.order_id IN (
            SELECT
              orders_newer.order_id
            FROM {{ read_orders }} AS orders_newer
            WHERE
              NOT orders_newer.customer_id IS NULL
              AND orders_newer.ordered_at < CAST('{{ as_of_utc }}' AS TIMESTAMP)
              AND orders_newer.loaded_at < CAST('{{ as_of_utc }}' AS TIMESTAMP)
              AND (
                orders_newer.loaded_at >= CAST('{{ hours_1_ago_before }}' AS TIMESTAMP)
                OR orders_newer.ordered_at >= CAST('{{ as_of_before_utc }}' AS TIMESTAMP)
              )
          )
      )
    UNION
    SELECT
      customer_told.customer_id
    FROM customer_told
    WHERE
      segwh_key_before IS NULL
  ) AS keys
), orders_ids AS (
  SELECT DISTINCT
    orders.order_id AS row_id
  FROM {{ read_orders }} AS orders
  WHERE
    EXISTS(
      SELECT
        1
      FROM orders_again
      WHERE
        orders_again.customer_id = orders.customer_id
    )
    AND NOT orders.order_id IS NULL
), orders_rows_again AS (
  SELECT
    customer_id,
    happened_at,
    happened_on,
    row_id,
    amount,
    discount,
    items,
    status,
    ordered_at,
    voucher,
    channel
  FROM (
    SELECT
      customer_id,
      happened_at,
      happened_on,
      row_id,
      amount,
      discount,
      items,
      status,
      ordered_at,
      voucher,
      channel,
      ROW_NUMBER() OVER (
        PARTITION BY row_id
        ORDER BY happened_at DESC, amount DESC, discount DESC, voucher DESC, items DESC, status DESC, channel DESC, ordered_at DESC, customer_id DESC
      ) AS version_from_latest
    FROM (
      SELECT
        orders.customer_id AS customer_id,
        orders.ordered_at AS happened_at,
        CAST(orders.ordered_at AT TIME ZONE 'UTC' AT TIME ZONE 'Europe/London' AS DATE) AS happened_on,
        orders.order_id AS row_id,
        orders.amount AS amount,
        orders.discount AS discount,
        CAST(orders.items AS BIGINT) AS items,
        CAST(orders.status AS TEXT) AS status,
        orders.ordered_at AS ordered_at,
        CAST(orders.voucher AS TEXT) AS voucher,
        CAST(orders.channel AS TEXT) AS channel
      FROM {{ read_orders }} AS orders
      LEFT JOIN orders_again
        ON orders_again.customer_id = orders.customer_id
      LEFT JOIN orders_ids
        ON orders_ids.row_id = orders.order_id
      WHERE
        (
          NOT orders.customer_id IS NULL
          AND orders.ordered_at < CAST('{{ as_of_utc }}' AS TIMESTAMP)
          AND orders.loaded_at < CAST('{{ as_of_utc }}' AS TIMESTAMP)
        )
        AND (
          NOT orders_again.customer_id IS NULL OR NOT orders_ids.row_id IS NULL
        )
    ) AS found
  ) AS versions
  WHERE
    version_from_latest = 1 OR row_id IS NULL
), orders_per_customer_again AS (
  SELECT
    customer_id,
    SUM(CASE WHEN status = 'paid' THEN amount END) AS lifetime_value,
    COUNT(*) AS orders_total,
    SUM(CASE WHEN happened_at >= CAST('{{ days_90_ago }}' AS TIMESTAMP) THEN amount END) AS spend_90d,
    SUM(
      CASE
        WHEN happened_at >= CAST('{{ days_180_ago }}' AS TIMESTAMP)
        AND happened_at < CAST('{{ days_90_ago }}' AS TIMESTAMP)
        THEN amount
      END
    ) AS spend_previous_90d,
    COUNT(CASE WHEN discount > 0 THEN 1 END) AS discounted_orders,
    COUNT(
      CASE
        WHEN (
          EXTRACT(ISODOW FROM CAST(ordered_at AT TIME ZONE 'UTC' AT TIME ZONE 'Europe/London' AS DATE)) - 1
        ) IN (5, 6)
        THEN 1
      END
    ) AS weekend_orders,
    COUNT(CASE WHEN happened_at >= CAST('{{ days_90_ago }}' AS TIMESTAMP) THEN 1 END) AS orders_count_90_days,
    COUNT(CASE WHEN happened_at >= CAST('{{ days_180_ago }}' AS TIMESTAMP) THEN 1 END) AS orders_count_180_days,
    MAX(
      CASE
        WHEN happened_at >= CAST('{{ days_365_ago }}' AS TIMESTAMP)
        AND NOT COALESCE(status = 'cancelled', FALSE)
        THEN happened_at
      END
    ) AS orders_last_at_365_days_where_not_status_is_cancelled,
    COUNT(
      CASE
        WHEN happened_at >= CAST('{{ days_365_ago }}' AS TIMESTAMP)
        AND NOT COALESCE(status = 'cancelled', FALSE)
        THEN 1
      END
    ) AS orders_count_365_days_where_not_status_is_cancelled,
    SUM(
      CASE
        WHEN happened_at >= CAST('{{ days_365_ago }}' AS TIMESTAMP)
        AND NOT COALESCE(status = 'cancelled', FALSE)
        THEN amount
      END
    ) AS orders_amount_sum_365_days_where_not_status_is_cancelled,
    COUNT(CASE WHEN happened_at >= CAST('{{ days_60_ago }}' AS TIMESTAMP) THEN 1 END) AS orders_count_60_days,
    COUNT(
      CASE
        WHEN happened_at >= CAST('{{ days_90_ago }}' AS TIMESTAMP)
        AND (
          EXTRACT(HOUR FROM ordered_at AT TIME ZONE 'UTC' AT TIME ZONE 'Europe/London') >= 22
          OR EXTRACT(HOUR FROM ordered_at AT TIME ZONE 'UTC' AT TIME ZONE 'Europe/London') <= 4
        )
        THEN 1
      END
    ) AS orders_count_90_days_where_ordered_at_hourbetween_90660d,
    MIN(happened_at) AS orders_first_at,
    MAX(happened_at) AS orders_last_at,
    COUNT(
      CASE
        WHEN happened_at >= CAST('2025-11-24 00:00:00' AS TIMESTAMP)
        AND happened_at < CAST('2025-12-01 00:00:00' AS TIMESTAMP)
        THEN 1
      END
    ) AS orders_count_instant_20251124_to_instant_20251201,
    COUNT(
      DISTINCT CASE
        WHEN happened_at >= CAST('{{ quarter_start_1_ago }}' AS TIMESTAMP)
        AND happened_at < CAST('{{ quarter_start }}' AS TIMESTAMP)
        THEN happened_on
      END
    ) AS orders_days_quarter_start_1_ago_to_quarter_start,
    SUM(amount) AS orders_amount_sum,
    COUNT(
      CASE
        WHEN happened_at >= CAST('2024-12-01 00:00:00' AS TIMESTAMP)
        AND happened_at < CAST('2025-01-01 00:00:00' AS TIMESTAMP)
        THEN 1
      END
    ) AS orders_count_instant_20241201_to_instant_20250101,
    COUNT(
      CASE
        WHEN happened_at >= CAST('2025-12-01 00:00:00' AS TIMESTAMP)
        AND happened_at < CAST('2026-01-01 00:00:00' AS TIMESTAMP)
        THEN 1
      END
    ) AS orders_count_instant_20251201_to_instant_20260101,
    COUNT(CASE WHEN happened_at >= CAST('{{ years_1_ago }}' AS TIMESTAMP) AND items >= 10 THEN 1 END) AS orders_count_1_years_where_items_gte_10,
    COUNT(
      CASE WHEN happened_at >= CAST('{{ years_1_ago }}' AS TIMESTAMP) AND amount >= 500 THEN 1 END
    ) AS orders_count_1_years_where_amount_gte_500
  FROM orders_rows_again
  GROUP BY
    customer_id
), page_views_again AS (
  SELECT
    keys.customer_id
  FROM (
    SELECT
      customer_rows.customer_id
    FROM customer_rows
    WHERE
      EXISTS(
        SELECT
          1
        FROM {{ read_page_views }} AS page_views
        WHERE
          page_views.customer_id = customer_rows.customer_id
          AND NOT page_views.customer_id IS NULL
          AND page_views.viewed_at < CAST('{{ as_of_utc }}' AS TIMESTAMP)
          AND page_views.loaded_at < CAST('{{ as_of_utc }}' AS TIMESTAMP)
          AND (
            page_views.loaded_at >= CAST('{{ hours_1_ago_before }}' AS TIMESTAMP)
            OR page_views.viewed_at >= CAST('{{ as_of_before_utc }}' AS TIMESTAMP)
            OR (
              page_views.viewed_at >= CAST('{{ days_7_ago_before }}' AS TIMESTAMP)
              AND page_views.viewed_at < CAST('{{ days_7_ago }}' AS TIMESTAMP)
            )
            OR (
              page_views.viewed_at >= CAST('{{ days_60_ago_before }}' AS TIMESTAMP)
              AND page_views.viewed_at < CAST('{{ days_60_ago }}' AS TIMESTAMP)
            )
            OR (
              page_views.viewed_at >= CAST('{{ days_90_ago_before }}' AS TIMESTAMP)
              AND page_views.viewed_at < CAST('{{ days_90_ago }}' AS TIMESTAMP)
            )
          )
      )
    UNION
    SELECT
      customer_rows.customer_id
    FROM customer_rows
    WHERE
      EXISTS(
        SELECT
          1
        FROM {{ read_page_views }} AS page_views
        WHERE
          page_views.customer_id = customer_rows.customer_id
          AND NOT page_views.customer_id IS NULL
          AND page_views.viewed_at < CAST('{{ as_of_utc }}' AS TIMESTAMP)
          AND page_views.loaded_at < CAST('{{ as_of_utc }}' AS TIMESTAMP)
          AND page_views.view_id IN (
            SELECT
              page_views_newer.view_id
            FROM {{ read_page_views }} AS page_views_newer
            WHERE
              NOT page_views_newer.customer_id IS NULL
              AND page_views_newer.viewed_at < CAST('{{ as_of_utc }}' AS TIMESTAMP)
              AND page_views_newer.loaded_at < CAST('{{ as_of_utc }}' AS TIMESTAMP)
              AND (
                page_views_newer.loaded_at >= CAST('{{ hours_1_ago_before }}' AS TIMESTAMP)
                OR page_views_newer.viewed_at >= CAST('{{ as_of_before_utc }}' AS TIMESTAMP)
              )
          )
      )
    UNION
    SELECT
      customer_told.customer_id
    FROM customer_told
    WHERE
      segwh_key_before IS NULL
  ) AS keys
), page_views_ids AS (
  SELECT DISTINCT
    page_views.view_id AS row_id
  FROM {{ read_page_views }} AS page_views
  WHERE
    EXISTS(
      SELECT
        1
      FROM page_views_again
      WHERE
        page_views_again.customer_id = page_views.customer_id
    )
    AND NOT page_views.view_id IS NULL
), page_views_rows_again AS (
  SELECT
    customer_id,
    happened_at,
    happened_on,
    row_id,
    url,
    utm_source,
    referrer,
    device,
    viewed_at
  FROM (
    SELECT
      customer_id,
      happened_at,
      happened_on,
      row_id,
      url,
      utm_source,
      referrer,
      device,
      viewed_at,
      ROW_NUMBER() OVER (
        PARTITION BY row_id
        ORDER BY happened_at DESC, url DESC, utm_source DESC, referrer DESC, device DESC, viewed_at DESC, customer_id DESC
      ) AS version_from_latest
    FROM (
      SELECT
        page_views.customer_id AS customer_id,
        page_views.viewed_at AS happened_at,
        CAST(page_views.viewed_at AT TIME ZONE 'UTC' AT TIME ZONE 'Europe/London' AS DATE) AS happened_on,
        page_views.view_id AS row_id,
        CAST(page_views.url AS TEXT) AS url,
        CAST(page_views.utm_source AS TEXT) AS utm_source,
        CAST(page_views.referrer AS TEXT) AS referrer,
        CAST(page_views.device AS TEXT) AS device,
        page_views.viewed_at AS viewed_at
      FROM {{ read_page_views }} AS page_views
      LEFT JOIN page_views_again
        ON page_views_again.customer_id = page_views.customer_id
      LEFT JOIN page_views_ids
        ON page_views_ids.row_id = page_views.view_id
      WHERE
        (
          NOT page_views.customer_id IS NULL
          AND page_views.viewed_at < CAST('{{ as_of_utc }}' AS TIMESTAMP)
          AND page_views.loaded_at < CAST('{{ as_of_utc }}' AS TIMESTAMP)
        )
        AND (
          NOT page_views_again.customer_id IS NULL OR NOT page_views_ids.row_id IS NULL
        )
    ) AS found
  ) AS versions
  WHERE
    version_from_latest = 1 OR row_id IS NULL
), page_views_per_customer_again AS (
  SELECT
    customer_id,
    COUNT(CASE WHEN happened_at >= CAST('{{ days_7_ago }}' AS TIMESTAMP) THEN 1 END) AS page_views_count_7_days,
    COUNT(
      DISTINCT CASE WHEN happened_at >= CAST('{{ days_60_ago }}' AS TIMESTAMP) THEN happened_on END
    ) AS page_views_days_60_days,
    COUNT(
      CASE
        WHEN happened_at >= CAST('{{ days_90_ago }}' AS TIMESTAMP) AND STRPOS(url, '100%_off') > 0
        THEN 1
      END
    ) AS page_views_count_90_days_where_url_contains_100_off,
    COUNT(
      CASE
        WHEN happened_at >= CAST('{{ days_90_ago }}' AS TIMESTAMP) AND STRPOS(url, '/shoes/') > 0
        THEN 1
      END
    ) AS page_views_count_90_days_where_url_contains_shoes,
    COUNT(
      CASE
        WHEN happened_at >= CAST('{{ days_90_ago }}' AS TIMESTAMP) AND STRPOS(url, '/bags/') > 0
        THEN 1
      END
    ) AS page_views_count_90_days_where_url_contains_bags,
    COUNT(
      CASE
        WHEN happened_at >= CAST('{{ days_90_ago }}' AS TIMESTAMP) AND STRPOS(url, '/chinese-tea/') > 0
        THEN 1
      END
    ) AS page_views_count_90_days_where_url_contains_chinese_tea
  FROM page_views_rows_again
  GROUP BY
    customer_id
), page_views_last_where_not_utm_source_empty AS (
  SELECT
    customer_id,
    last_utm_source
  FROM (
    SELECT
      customer_id,
      utm_source AS last_utm_source,
      ROW_NUMBER() OVER (
        PARTITION BY customer_id
        ORDER BY happened_at DESC, row_id DESC, url DESC, utm_source DESC, referrer DESC, device DESC, viewed_at DESC
      ) AS place
    FROM page_views_rows_again
    WHERE
      NOT COALESCE((
        utm_source IS NULL OR utm_source = ''
      ), FALSE)
  ) AS placed
  WHERE
    place = 1
), customer_touched AS (
  SELECT
    orders_again.customer_id AS customer_id
  FROM orders_again
  UNION
  SELECT
    page_views_again.customer_id AS customer_id
  FROM page_views_again
  UNION
  SELECT
    customer_id
  FROM customer_rows
  WHERE
    (
      SELECT
        COUNT(*)
      FROM customer_rows
    ) - (
      SELECT
        COUNT(*)
      FROM customer_told
      WHERE
        segwh_key_before IS NULL
    ) <> (
      SELECT
        COUNT(*)
      FROM {{ this }} AS before
    ) - (
      SELECT
        COUNT(*)
      FROM customer_told
      WHERE
        customer_id IS NULL
    )
  GROUP BY
    customer_id
  HAVING
    COUNT(*) > 1
), customer_measured AS (
  SELECT
    customer_rest.*,
    before.lifetime_value,
    before.orders_total,
    before.spend_90d,
    before.spend_previous_90d,
    before.discounted_orders,
    before.weekend_orders,
    before.orders_count_90_days,
    before.orders_count_180_days,
    before.orders_last_at_365_days_where_not_status_is_cancelled,
    before.orders_count_365_days_where_not_status_is_cancelled,
    before.orders_amount_sum_365_days_where_not_status_is_cancelled,
    before.orders_count_60_days,
    before.orders_count_90_days_where_ordered_at_hourbetween_90660d,
    before.orders_first_at,
    before.orders_last_at,
    before.orders_count_instant_20251124_to_instant_20251201,
    before.orders_days_quarter_start_1_ago_to_quarter_start,
    before.orders_amount_sum,
    before.orders_count_instant_20241201_to_instant_20250101,
    before.orders_count_instant_20251201_to_instant_20260101,
    before.orders_count_1_years_where_items_gte_10,
    before.orders_count_1_years_where_amount_gte_500,
    before.last_utm_source,
    before.page_views_count_7_days,
    before.page_views_days_60_days,
    before.page_views_count_90_days_where_url_contains_100_off,
    before.page_views_count_90_days_where_url_contains_shoes,
    before.page_views_count_90_days_where_url_contains_bags,
    before.page_views_count_90_days_where_url_contains_chinese_tea,
    before.created_at AS segwh_was_1,
    before.signed_up_at AS segwh_was_2,
    before.tags AS segwh_was_3,
    before.birthday AS segwh_was_4,
    before.source AS segwh_was_5,
    before.home__region AS segwh_was_6,
    before.city AS segwh_was_7,
    before.email AS segwh_was_8,
    before.preferred_channel AS segwh_was_9,
    before.first_name AS segwh_was_10,
    before.favourite_category AS segwh_was_11,
    before.do_not_contact_count AS segwh_was_12,
    before.campaign_touches_count_where_kind_is_unsubscribed AS segwh_was_13,
    before.consents_count_where_channel_is_email_and_granted_is_false AS segwh_was_14,
    before.cart_events_then_no_orders AS segwh_was_15,
    before.purchases_count_where_product_category_is_phones AS segwh_was_16,
    before.purchases_count_where_product_category_is_accessories AS segwh_was_17,
    before.purchases_count_where_product_category_in_tea_chinese_tea AS segwh_was_18,
    before.purchases_count_where_product_category_is_teaware AS segwh_was_19,
    before.refunds_count_1_years AS segwh_was_20,
    before.refunds_amount_sum_1_years AS segwh_was_21,
    before.page_views_then_cart_events_then_orders AS segwh_was_22,
    before.purchases_count_6_months_where_product_id_in_clearanc_3951bb AS segwh_was_23,
    before.tickets_count_where_status_in_open_pending AS segwh_was_24,
    before.purchases_count_where_product_category_is_chinese_tea AS segwh_was_25,
    before.campaign_touches_count_where_campaign_id_is_cmp_035_a_058ef4 AS segwh_was_26,
    before.campaign_touches_count_where_campaign_id_is_cmp_026 AS segwh_was_27,
    before.campaign_touches_then_no_orders AS segwh_was_28,
    before.campaign_touches_then_campaign_touches AS segwh_was_29,
    before.campaign_touches_count_6_months_where_kind_is_sent_an_f3565a AS segwh_was_30,
    before.campaign_touches_count_6_months_where_kind_is_opened AS segwh_was_31,
    before.purchases_count_where_product_title_contains_714702_o_dc84d1 AS segwh_was_32,
    before.purchases_product_category_distinct_1_years AS segwh_was_33,
    before.consents_count_where_channel_is_email_and_granted_is_true AS segwh_was_34,
    before.consents_count_where_channel_is_email_and_not_granted_empty AS segwh_was_35,
    before.tickets_count_where_status_is_open_and_priority_lte_2_bc0e79 AS segwh_was_36,
    before.subscriptions_count_where_status_is_active_and_renews_61a605 AS segwh_was_37,
    before.purchases_count_by_product_id_6_months AS segwh_was_38,
    before.subscriptions_count_where_status_is_active AS segwh_was_39,
    before.high_value__member_since AS segwh_was_40,
    before.welcome_series__member_since AS segwh_was_41,
    before.welcome_series__left_at AS segwh_was_42,
    before.spend_drop AS segwh_was_43,
    before.discounted_share AS segwh_was_44,
    before.weekend_share AS segwh_was_45,
    before.stage AS segwh_was_46,
    before.rfm__recency AS segwh_was_47,
    before.rfm__frequency AS segwh_was_48,
    before.rfm__monetary AS segwh_was_49,
    before.in_do_not_contact AS segwh_was_50,
    before.in_unsubscribed AS segwh_was_51,
    before.chinese_tea_winback__bucket AS segwh_was_52,
    before.rfm__recency_score AS segwh_was_53,
    before.rfm__frequency_score AS segwh_was_54,
    before.rfm__monetary_score AS segwh_was_55,
    before.in_weekly_readers AS segwh_was_56,
    before.in_refunders AS segwh_was_57,
    before.in_first_order_lately AS segwh_was_58,
    before.in_high_value AS segwh_was_59,
    before.in_multi_category_buyers AS segwh_was_60,
    before.in_bought_last_quarter AS segwh_was_61,
    before.in_open_ticket AS segwh_was_62,
    before.top_spenders__eligible AS segwh_was_63,
    before.top_hundred_per_city__eligible AS segwh_was_64,
    before.rfm__cell AS segwh_was_65,
    before.rfm__name AS segwh_was_66,
    before.in_second_order_nudge AS segwh_was_67,
    before.top_spenders__within_limit AS segwh_was_68,
    before.top_hundred_per_city__within_limit AS segwh_was_69,
    before.in_chinese_tea_winback AS segwh_was_70,
    before.in_rfm_champions AS segwh_was_71,
    before.in_top_spenders AS segwh_was_72,
    before.in_top_hundred_per_city AS segwh_was_73,
    before.christmas_gift_list__eligible AS segwh_was_74,
    before.christmas_gift_list__within_limit AS segwh_was_75,
    before.in_christmas_gift_list AS segwh_was_76,
    before.segwh_looked_at
  FROM {{ this }} AS before
  JOIN customer_rest
    ON customer_rest.customer_id = before.customer_id
  WHERE
    NOT EXISTS(
      SELECT
        1
      FROM customer_touched
      WHERE
        customer_touched.customer_id = before.customer_id
    )
  UNION ALL
  SELECT
    customer_rest.*,
    CASE
      WHEN NOT orders_again.customer_id IS NULL
      THEN COALESCE(orders_per_customer_again.lifetime_value, 0)
      ELSE before.lifetime_value
    END AS lifetime_value,
    CASE
      WHEN NOT orders_again.customer_id IS NULL
      THEN COALESCE(orders_per_customer_again.orders_total, 0)
      ELSE before.orders_total
    END AS orders_total,
    CASE
      WHEN NOT orders_again.customer_id IS NULL
      THEN COALESCE(orders_per_customer_again.spend_90d, 0)
      ELSE before.spend_90d
    END AS spend_90d,
    CASE
      WHEN NOT orders_again.customer_id IS NULL
      THEN COALESCE(orders_per_customer_again.spend_previous_90d, 0)
      ELSE before.spend_previous_90d
    END AS spend_previous_90d,
    CASE
      WHEN NOT orders_again.customer_id IS NULL
      THEN COALESCE(orders_per_customer_again.discounted_orders, 0)
      ELSE before.discounted_orders
    END AS discounted_orders,
    CASE
      WHEN NOT orders_again.customer_id IS NULL
      THEN COALESCE(orders_per_customer_again.weekend_orders, 0)
      ELSE before.weekend_orders
    END AS weekend_orders,
    CASE
      WHEN NOT orders_again.customer_id IS NULL
      THEN COALESCE(orders_per_customer_again.orders_count_90_days, 0)
      ELSE before.orders_count_90_days
    END AS orders_count_90_days,
    CASE
      WHEN NOT orders_again.customer_id IS NULL
      THEN COALESCE(orders_per_customer_again.orders_count_180_days, 0)
      ELSE before.orders_count_180_days
    END AS orders_count_180_days,
    CASE
      WHEN NOT orders_again.customer_id IS NULL
      THEN orders_per_customer_again.orders_last_at_365_days_where_not_status_is_cancelled
      ELSE before.orders_last_at_365_days_where_not_status_is_cancelled
    END AS orders_last_at_365_days_where_not_status_is_cancelled,
    CASE
      WHEN NOT orders_again.customer_id IS NULL
      THEN COALESCE(orders_per_customer_again.orders_count_365_days_where_not_status_is_cancelled, 0)
      ELSE before.orders_count_365_days_where_not_status_is_cancelled
    END AS orders_count_365_days_where_not_status_is_cancelled,
    CASE
      WHEN NOT orders_again.customer_id IS NULL
      THEN COALESCE(
        orders_per_customer_again.orders_amount_sum_365_days_where_not_status_is_cancelled,
        0
      )
      ELSE before.orders_amount_sum_365_days_where_not_status_is_cancelled
    END AS orders_amount_sum_365_days_where_not_status_is_cancelled,
    CASE
      WHEN NOT orders_again.customer_id IS NULL
      THEN COALESCE(orders_per_customer_again.orders_count_60_days, 0)
      ELSE before.orders_count_60_days
    END AS orders_count_60_days,
    CASE
      WHEN NOT orders_again.customer_id IS NULL
      THEN COALESCE(
        orders_per_customer_again.orders_count_90_days_where_ordered_at_hourbetween_90660d,
        0
      )
      ELSE before.orders_count_90_days_where_ordered_at_hourbetween_90660d
    END AS orders_count_90_days_where_ordered_at_hourbetween_90660d,
    CASE
      WHEN NOT orders_again.customer_id IS NULL
      THEN orders_per_customer_again.orders_first_at
      ELSE before.orders_first_at
    END AS orders_first_at,
    CASE
      WHEN NOT orders_again.customer_id IS NULL
      THEN orders_per_customer_again.orders_last_at
      ELSE before.orders_last_at
    END AS orders_last_at,
    CASE
      WHEN NOT orders_again.customer_id IS NULL
      THEN COALESCE(orders_per_customer_again.orders_count_instant_20251124_to_instant_20251201, 0)
      ELSE before.orders_count_instant_20251124_to_instant_20251201
    END AS orders_count_instant_20251124_to_instant_20251201,
    CASE
      WHEN NOT orders_again.customer_id IS NULL
      THEN COALESCE(orders_per_customer_again.orders_days_quarter_start_1_ago_to_quarter_start, 0)
      ELSE before.orders_days_quarter_start_1_ago_to_quarter_start
    END AS orders_days_quarter_start_1_ago_to_quarter_start,
    CASE
      WHEN NOT orders_again.customer_id IS NULL
      THEN COALESCE(orders_per_customer_again.orders_amount_sum, 0)
      ELSE before.orders_amount_sum
    END AS orders_amount_sum,
    CASE
      WHEN NOT orders_again.customer_id IS NULL
      THEN COALESCE(orders_per_customer_again.orders_count_instant_20241201_to_instant_20250101, 0)
      ELSE before.orders_count_instant_20241201_to_instant_20250101
    END AS orders_count_instant_20241201_to_instant_20250101,
    CASE
      WHEN NOT orders_again.customer_id IS NULL
      THEN COALESCE(orders_per_customer_again.orders_count_instant_20251201_to_instant_20260101, 0)
      ELSE before.orders_count_instant_20251201_to_instant_20260101
    END AS orders_count_instant_20251201_to_instant_20260101,
    CASE
      WHEN NOT orders_again.customer_id IS NULL
      THEN COALESCE(orders_per_customer_again.orders_count_1_years_where_items_gte_10, 0)
      ELSE before.orders_count_1_years_where_items_gte_10
    END AS orders_count_1_years_where_items_gte_10,
    CASE
      WHEN NOT orders_again.customer_id IS NULL
      THEN COALESCE(orders_per_customer_again.orders_count_1_years_where_amount_gte_500, 0)
      ELSE before.orders_count_1_years_where_amount_gte_500
    END AS orders_count_1_years_where_amount_gte_500,
    CASE
      WHEN NOT page_views_again.customer_id IS NULL
      THEN page_views_last_where_not_utm_source_empty.last_utm_source
      ELSE before.last_utm_source
    END AS last_utm_source,
    CASE
      WHEN NOT page_views_again.customer_id IS NULL
      THEN COALESCE(page_views_per_customer_again.page_views_count_7_days, 0)
      ELSE before.page_views_count_7_days
    END AS page_views_count_7_days,
    CASE
      WHEN NOT page_views_again.customer_id IS NULL
      THEN COALESCE(page_views_per_customer_again.page_views_days_60_days, 0)
      ELSE before.page_views_days_60_days
    END AS page_views_days_60_days,
    CASE
      WHEN NOT page_views_again.customer_id IS NULL
      THEN COALESCE(
        page_views_per_customer_again.page_views_count_90_days_where_url_contains_100_off,
        0
      )
      ELSE before.page_views_count_90_days_where_url_contains_100_off
    END AS page_views_count_90_days_where_url_contains_100_off,
    CASE
      WHEN NOT page_views_again.customer_id IS NULL
      THEN COALESCE(page_views_per_customer_again.page_views_count_90_days_where_url_contains_shoes, 0)
      ELSE before.page_views_count_90_days_where_url_contains_shoes
    END AS page_views_count_90_days_where_url_contains_shoes,
    CASE
      WHEN NOT page_views_again.customer_id IS NULL
      THEN COALESCE(page_views_per_customer_again.page_views_count_90_days_where_url_contains_bags, 0)
      ELSE before.page_views_count_90_days_where_url_contains_bags
    END AS page_views_count_90_days_where_url_contains_bags,
    CASE
      WHEN NOT page_views_again.customer_id IS NULL
      THEN COALESCE(
        page_views_per_customer_again.page_views_count_90_days_where_url_contains_chinese_tea,
        0
      )
      ELSE before.page_views_count_90_days_where_url_contains_chinese_tea
    END AS page_views_count_90_days_where_url_contains_chinese_tea,
    NULL AS segwh_was_1,
    NULL AS segwh_was_2,
    NULL AS segwh_was_3,
    NULL AS segwh_was_4,
    NULL AS segwh_was_5,
    NULL AS segwh_was_6,
    NULL AS segwh_was_7,
    NULL AS segwh_was_8,
    NULL AS segwh_was_9,
    NULL AS segwh_was_10,
    NULL AS segwh_was_11,
    NULL AS segwh_was_12,
    NULL AS segwh_was_13,
    NULL AS segwh_was_14,
    NULL AS segwh_was_15,
    NULL AS segwh_was_16,
    NULL AS segwh_was_17,
    NULL AS segwh_was_18,
    NULL AS segwh_was_19,
    NULL AS segwh_was_20,
    NULL AS segwh_was_21,
    NULL AS segwh_was_22,
    NULL AS segwh_was_23,
    NULL AS segwh_was_24,
    NULL AS segwh_was_25,
    NULL AS segwh_was_26,
    NULL AS segwh_was_27,
    NULL AS segwh_was_28,
    NULL AS segwh_was_29,
    NULL AS segwh_was_30,
    NULL AS segwh_was_31,
    NULL AS segwh_was_32,
    NULL AS segwh_was_33,
    NULL AS segwh_was_34,
    NULL AS segwh_was_35,
    NULL AS segwh_was_36,
    NULL AS segwh_was_37,
    NULL AS segwh_was_38,
    NULL AS segwh_was_39,
    NULL AS segwh_was_40,
    NULL AS segwh_was_41,
    NULL AS segwh_was_42,
    NULL AS segwh_was_43,
    NULL AS segwh_was_44,
    NULL AS segwh_was_45,
    NULL AS segwh_was_46,
    NULL AS segwh_was_47,
    NULL AS segwh_was_48,
    NULL AS segwh_was_49,
    NULL AS segwh_was_50,
    NULL AS segwh_was_51,
    NULL AS segwh_was_52,
    NULL AS segwh_was_53,
    NULL AS segwh_was_54,
    NULL AS segwh_was_55,
    NULL AS segwh_was_56,
    NULL AS segwh_was_57,
    NULL AS segwh_was_58,
    NULL AS segwh_was_59,
    NULL AS segwh_was_60,
    NULL AS segwh_was_61,
    NULL AS segwh_was_62,
    NULL AS segwh_was_63,
    NULL AS segwh_was_64,
    NULL AS segwh_was_65,
    NULL AS segwh_was_66,
    NULL AS segwh_was_67,
    NULL AS segwh_was_68,
    NULL AS segwh_was_69,
    NULL AS segwh_was_70,
    NULL AS segwh_was_71,
    NULL AS segwh_was_72,
    NULL AS segwh_was_73,
    NULL AS segwh_was_74,
    NULL AS segwh_was_75,
    NULL AS segwh_was_76,
    NULL AS segwh_looked_at
  FROM customer_touched
  JOIN customer_rest
    ON customer_rest.customer_id = customer_touched.customer_id
  LEFT JOIN {{ this }} AS before
    ON before.customer_id = customer_touched.customer_id
  LEFT JOIN orders_again
    ON orders_again.customer_id = customer_touched.customer_id
  LEFT JOIN orders_per_customer_again
    ON orders_per_customer_again.customer_id = customer_touched.customer_id
  LEFT JOIN page_views_again
    ON page_views_again.customer_id = customer_touched.customer_id
  LEFT JOIN page_views_per_customer_again
    ON page_views_per_customer_again.customer_id = customer_touched.customer_id
  LEFT JOIN page_views_last_where_not_utm_source_empty
    ON page_views_last_where_not_utm_source_empty.customer_id = customer_touched.customer_id
), customer_stays_before AS (
  SELECT
    customer_id,
    MAX(CASE WHEN segment = 'high_value' THEN MAKE_TIMESTAMP(EPOCH_US(entered_at)) END) AS high_value__member_since,
    MAX(
      CASE WHEN segment = 'welcome_series' THEN MAKE_TIMESTAMP(EPOCH_US(entered_at)) END
    ) AS welcome_series__member_since
  FROM customer_log_stays AS before
  WHERE
    segment IN ('high_value', 'welcome_series')
  GROUP BY
    customer_id
), customer_exits_before AS (
  SELECT
    customer_id,
    MAX(
      CASE WHEN segment = 'welcome_series' THEN MAKE_TIMESTAMP(EPOCH_US(exited_at)) END
    ) AS welcome_series__left_at
  FROM customer_log_exits AS before
  WHERE
    segment IN ('welcome_series')
  GROUP BY
    customer_id
), customer_with_log AS (
  SELECT
    customer_measured.*,
    customer_stays_before.high_value__member_since,
    customer_stays_before.welcome_series__member_since,
    customer_exits_before.welcome_series__left_at
  FROM customer_measured
  LEFT JOIN customer_stays_before
    ON customer_stays_before.customer_id = customer_measured.customer_id
  LEFT JOIN customer_exits_before
    ON customer_exits_before.customer_id = customer_measured.customer_id
), customer_step_1 AS (
  SELECT
    customer_with_log.*,
    NULLIF(
      (
        CAST(1 AS DOUBLE) - (
          CAST(spend_90d AS DOUBLE) / NULLIF(CAST(spend_previous_90d AS DOUBLE), 0)
        )
      ),
      CAST('NaN' AS DOUBLE)
    ) AS spend_drop,
    NULLIF(
      (
        CAST(discounted_orders AS DOUBLE) / NULLIF(CAST(orders_total AS DOUBLE), 0)
      ),
      CAST('NaN' AS DOUBLE)
    ) AS discounted_share,
    NULLIF(
      (
        CAST(weekend_orders AS DOUBLE) / NULLIF(CAST(orders_total AS DOUBLE), 0)
      ),
      CAST('NaN' AS DOUBLE)
    ) AS weekend_share,
    CASE
      WHEN signed_up_at >= CAST('{{ days_30_ago }}' AS TIMESTAMP)
      AND signed_up_at < CAST('{{ as_of_utc }}' AS TIMESTAMP)
      THEN 'new'
      WHEN orders_count_90_days >= 1
      THEN 'active'
      WHEN orders_count_180_days >= 1
      THEN 'lapsing'
      WHEN orders_total >= 1
      THEN 'lapsed'
      ELSE 'never_bought'
    END AS stage,
    (
      EPOCH_US(CAST('{{ as_of_utc }}' AS TIMESTAMP)) - EPOCH_US(orders_last_at_365_days_where_not_status_is_cancelled)
    ) // 86400000000 AS rfm__recency,
    CASE
      WHEN NOT orders_last_at_365_days_where_not_status_is_cancelled IS NULL
      THEN orders_count_365_days_where_not_status_is_cancelled
    END AS rfm__frequency,
    CASE
      WHEN NOT orders_last_at_365_days_where_not_status_is_cancelled IS NULL
      THEN orders_amount_sum_365_days_where_not_status_is_cancelled
    END AS rfm__monetary,
    COALESCE(do_not_contact_count >= 1 OR ARRAY_CONTAINS(tags, 'staff'), FALSE) AS in_do_not_contact,
    campaign_touches_count_where_kind_is_unsubscribed >= 1
    OR consents_count_where_channel_is_email_and_granted_is_false >= 1 AS in_unsubscribed,
    CAST((
      '0x' || SUBSTRING(MD5('winback_q4:' || CAST(customer_id AS TEXT)), 1, 7)
    ) AS BIGINT) % 10000 AS chinese_tea_winback__bucket
  FROM customer_with_log
), rfm_recency_values AS (
  SELECT
    counted_value,
    SUM(entities) OVER (ORDER BY counted_value ASC NULLS FIRST) AS up_to,
    SUM(entities) OVER () AS total
  FROM (
    SELECT
      rfm__recency AS counted_value,
      COUNT(*) AS entities
    FROM customer_step_1
    WHERE
      NOT rfm__recency IS NULL
    GROUP BY
      rfm__recency
  ) AS counted
), rfm_recency_edges AS (
  SELECT
    MIN(CASE WHEN up_to * 5 > (
      total - 1
    ) * 1 THEN counted_value END) AS segwh_low_1,
    COALESCE(
      MIN(CASE WHEN (
        up_to - 1
      ) * 5 > (
        total - 1
      ) * 1 THEN counted_value END),
      MIN(CASE WHEN up_to * 5 > (
        total - 1
      ) * 1 THEN counted_value END)
    ) AS segwh_high_1,
    MAX((
      (
        total - 1
      ) * 1
    ) % 5) AS segwh_rest_1,
    MIN(CASE WHEN up_to * 5 > (
      total - 1
    ) * 2 THEN counted_value END) AS segwh_low_2,
    COALESCE(
      MIN(CASE WHEN (
        up_to - 1
      ) * 5 > (
        total - 1
      ) * 2 THEN counted_value END),
      MIN(CASE WHEN up_to * 5 > (
        total - 1
      ) * 2 THEN counted_value END)
    ) AS segwh_high_2,
    MAX((
      (
        total - 1
      ) * 2
    ) % 5) AS segwh_rest_2,
    MIN(CASE WHEN up_to * 5 > (
      total - 1
    ) * 3 THEN counted_value END) AS segwh_low_3,
    COALESCE(
      MIN(CASE WHEN (
        up_to - 1
      ) * 5 > (
        total - 1
      ) * 3 THEN counted_value END),
      MIN(CASE WHEN up_to * 5 > (
        total - 1
      ) * 3 THEN counted_value END)
    ) AS segwh_high_3,
    MAX((
      (
        total - 1
      ) * 3
    ) % 5) AS segwh_rest_3,
    MIN(CASE WHEN up_to * 5 > (
      total - 1
    ) * 4 THEN counted_value END) AS segwh_low_4,
    COALESCE(
      MIN(CASE WHEN (
        up_to - 1
      ) * 5 > (
        total - 1
      ) * 4 THEN counted_value END),
      MIN(CASE WHEN up_to * 5 > (
        total - 1
      ) * 4 THEN counted_value END)
    ) AS segwh_high_4,
    MAX((
      (
        total - 1
      ) * 4
    ) % 5) AS segwh_rest_4
  FROM rfm_recency_values
), rfm_monetary_values AS (
  SELECT
    counted_value,
    SUM(entities) OVER (ORDER BY counted_value ASC NULLS FIRST) AS up_to,
    SUM(entities) OVER () AS total
  FROM (
    SELECT
      rfm__monetary AS counted_value,
      COUNT(*) AS entities
    FROM customer_step_1
    WHERE
      NOT rfm__monetary IS NULL
    GROUP BY
      rfm__monetary
  ) AS counted
), rfm_monetary_edges AS (
  SELECT
    MIN(CASE WHEN up_to * 5 > (
      total - 1
    ) * 1 THEN counted_value END) AS segwh_low_1,
    COALESCE(
      MIN(CASE WHEN (
        up_to - 1
      ) * 5 > (
        total - 1
      ) * 1 THEN counted_value END),
      MIN(CASE WHEN up_to * 5 > (
        total - 1
      ) * 1 THEN counted_value END)
    ) AS segwh_high_1,
    MAX((
      (
        total - 1
      ) * 1
    ) % 5) AS segwh_rest_1,
    MIN(CASE WHEN up_to * 5 > (
      total - 1
    ) * 2 THEN counted_value END) AS segwh_low_2,
    COALESCE(
      MIN(CASE WHEN (
        up_to - 1
      ) * 5 > (
        total - 1
      ) * 2 THEN counted_value END),
      MIN(CASE WHEN up_to * 5 > (
        total - 1
      ) * 2 THEN counted_value END)
    ) AS segwh_high_2,
    MAX((
      (
        total - 1
      ) * 2
    ) % 5) AS segwh_rest_2,
    MIN(CASE WHEN up_to * 5 > (
      total - 1
    ) * 3 THEN counted_value END) AS segwh_low_3,
    COALESCE(
      MIN(CASE WHEN (
        up_to - 1
      ) * 5 > (
        total - 1
      ) * 3 THEN counted_value END),
      MIN(CASE WHEN up_to * 5 > (
        total - 1
      ) * 3 THEN counted_value END)
    ) AS segwh_high_3,
    MAX((
      (
        total - 1
      ) * 3
    ) % 5) AS segwh_rest_3,
    MIN(CASE WHEN up_to * 5 > (
      total - 1
    ) * 4 THEN counted_value END) AS segwh_low_4,
    COALESCE(
      MIN(CASE WHEN (
        up_to - 1
      ) * 5 > (
        total - 1
      ) * 4 THEN counted_value END),
      MIN(CASE WHEN up_to * 5 > (
        total - 1
      ) * 4 THEN counted_value END)
    ) AS segwh_high_4,
    MAX((
      (
        total - 1
      ) * 4
    ) % 5) AS segwh_rest_4
  FROM rfm_monetary_values
), customer_step_2 AS (
  SELECT
    customer_step_1.*,
    CASE
      WHEN rfm__recency IS NULL
      THEN NULL
      WHEN (
        rfm__recency - rfm_recency_edges.segwh_low_1
      ) * 5 <= (
        rfm_recency_edges.segwh_high_1 - rfm_recency_edges.segwh_low_1
      ) * rfm_recency_edges.segwh_rest_1
      THEN 5
      WHEN (
        rfm__recency - rfm_recency_edges.segwh_low_2
      ) * 5 <= (
        rfm_recency_edges.segwh_high_2 - rfm_recency_edges.segwh_low_2
      ) * rfm_recency_edges.segwh_rest_2
      THEN 4
      WHEN (
        rfm__recency - rfm_recency_edges.segwh_low_3
      ) * 5 <= (
        rfm_recency_edges.segwh_high_3 - rfm_recency_edges.segwh_low_3
      ) * rfm_recency_edges.segwh_rest_3
      THEN 3
      WHEN (
        rfm__recency - rfm_recency_edges.segwh_low_4
      ) * 5 <= (
        rfm_recency_edges.segwh_high_4 - rfm_recency_edges.segwh_low_4
      ) * rfm_recency_edges.segwh_rest_4
      THEN 2
      ELSE 1
    END AS rfm__recency_score,
    CASE
      WHEN rfm__frequency IS NULL
      THEN NULL
      WHEN rfm__frequency <= 1
      THEN 1
      WHEN rfm__frequency <= 2
      THEN 2
      WHEN rfm__frequency <= 4
      THEN 3
      WHEN rfm__frequency <= 8
      THEN 4
      ELSE 5
    END AS rfm__frequency_score,
    CASE
      WHEN rfm__monetary IS NULL
      THEN NULL
      WHEN (
        rfm__monetary - rfm_monetary_edges.segwh_low_1
      ) * 5 <= (
        rfm_monetary_edges.segwh_high_1 - rfm_monetary_edges.segwh_low_1
      ) * rfm_monetary_edges.segwh_rest_1
      THEN 1
      WHEN (
        rfm__monetary - rfm_monetary_edges.segwh_low_2
      ) * 5 <= (
        rfm_monetary_edges.segwh_high_2 - rfm_monetary_edges.segwh_low_2
      ) * rfm_monetary_edges.segwh_rest_2
      THEN 2
      WHEN (
        rfm__monetary - rfm_monetary_edges.segwh_low_3
      ) * 5 <= (
        rfm_monetary_edges.segwh_high_3 - rfm_monetary_edges.segwh_low_3
      ) * rfm_monetary_edges.segwh_rest_3
      THEN 3
      WHEN (
        rfm__monetary - rfm_monetary_edges.segwh_low_4
      ) * 5 <= (
        rfm_monetary_edges.segwh_high_4 - rfm_monetary_edges.segwh_low_4
      ) * rfm_monetary_edges.segwh_rest_4
      THEN 4
      ELSE 5
    END AS rfm__monetary_score,
    page_views_count_7_days >= 3 AND NOT in_do_not_contact AS in_weekly_readers,
    (
      refunds_count_1_years >= 2 OR refunds_amount_sum_1_years > 200
    )
    AND NOT in_do_not_contact AS in_refunders,
    COALESCE(
      orders_first_at >= CAST('{{ days_14_ago }}' AS TIMESTAMP)
      AND orders_first_at < CAST('{{ as_of_utc }}' AS TIMESTAMP)
      AND NOT (
        in_do_not_contact OR in_unsubscribed
      ),
      FALSE
    ) AS in_first_order_lately,
    COALESCE(lifetime_value > 1000 AND NOT in_do_not_contact, FALSE) AS in_high_value,
    purchases_product_category_distinct_1_years >= 4 AND NOT in_do_not_contact AS in_multi_category_buyers,
    orders_days_quarter_start_1_ago_to_quarter_start >= 2 AND NOT in_do_not_contact AS in_bought_last_quarter,
    tickets_count_where_status_is_open_and_priority_lte_2_bc0e79 >= 1
    AND NOT in_do_not_contact AS in_open_ticket,
    COALESCE(lifetime_value > 0 AND NOT in_do_not_contact, FALSE) AS top_spenders__eligible,
    COALESCE(
      NOT COALESCE((
        city IS NULL OR city = ''
      ), FALSE)
      AND lifetime_value >= 50
      AND NOT in_do_not_contact,
      FALSE
    ) AS top_hundred_per_city__eligible
  FROM customer_step_1
  CROSS JOIN rfm_recency_edges
  CROSS JOIN rfm_monetary_edges
), customer_step_3 AS (
  SELECT
    customer_step_2.*,
    CAST(rfm__recency_score AS TEXT) || CAST(rfm__frequency_score AS TEXT) || CAST(rfm__monetary_score AS TEXT) AS rfm__cell,
    CASE
      WHEN rfm__recency_score IN (4, 5)
      AND rfm__frequency_score IN (4, 5)
      AND rfm__monetary_score IN (4, 5)
      THEN 'champions'
      WHEN rfm__recency_score IN (3, 4, 5)
      AND rfm__frequency_score IN (3, 4, 5)
      AND rfm__monetary_score IN (3, 4, 5)
      THEN 'loyal'
      WHEN rfm__recency_score IN (1, 2) AND rfm__frequency_score IN (3, 4, 5)
      THEN 'at_risk'
      WHEN rfm__recency_score IN (4, 5) AND rfm__frequency_score IN (1, 2)
      THEN 'promising'
      WHEN rfm__recency_score IN (1, 2) AND rfm__frequency_score IN (1, 2)
      THEN 'hibernating'
    END AS rfm__name,
    COALESCE(
      orders_total = 1
      AND orders_last_at < CAST('{{ weeks_3_ago }}' AS TIMESTAMP)
      AND orders_last_at >= CAST('{{ weeks_8_ago }}' AS TIMESTAMP)
      AND orders_last_at < CAST('{{ as_of_utc }}' AS TIMESTAMP)
      AND NOT (
        tickets_count_where_status_in_open_pending >= 1
        OR in_do_not_contact
        OR in_unsubscribed
      )
      AND NOT in_first_order_lately,
      FALSE
    ) AS in_second_order_nudge,
    CASE
      WHEN top_spenders__eligible
      THEN (
        ROW_NUMBER() OVER (
          PARTITION BY top_spenders__eligible
          ORDER BY lifetime_value DESC, customer_id ASC NULLS FIRST
        ) - 1
      ) * 100 < COUNT(*) OVER (PARTITION BY top_spenders__eligible) * 10
    END AS top_spenders__within_limit,
    CASE
      WHEN top_hundred_per_city__eligible AND NOT city IS NULL
      THEN ROW_NUMBER() OVER (
        PARTITION BY top_hundred_per_city__eligible, city
        ORDER BY lifetime_value DESC, customer_id ASC NULLS FIRST
      ) <= 100
    END AS top_hundred_per_city__within_limit
  FROM customer_step_2
), customer_step_4 AS (
  SELECT
    customer_step_3.*,
    COALESCE(
      purchases_count_where_product_category_is_chinese_tea >= 1
      AND orders_last_at < CAST('{{ months_3_ago }}' AS TIMESTAMP)
      AND NOT (
        in_do_not_contact OR in_unsubscribed
      )
      AND NOT (
        in_first_order_lately OR in_second_order_nudge
      ),
      FALSE
    ) AS in_chinese_tea_winback,
    COALESCE(rfm__name = 'champions' AND NOT in_do_not_contact, FALSE) AS in_rfm_champions,
    COALESCE(top_spenders__eligible AND top_spenders__within_limit, FALSE) AS in_top_spenders,
    COALESCE(top_hundred_per_city__eligible AND top_hundred_per_city__within_limit, FALSE) AS in_top_hundred_per_city
  FROM customer_step_3
), customer_step_5 AS (
  SELECT
    customer_step_4.*,
    (
      in_high_value OR in_rfm_champions
    )
    AND (
      CASE WHEN in_multi_category_buyers THEN 1 ELSE 0 END + CASE WHEN in_bought_last_quarter THEN 1 ELSE 0 END + CASE WHEN in_weekly_readers THEN 1 ELSE 0 END
    ) >= 2
    AND NOT (
      in_refunders OR in_do_not_contact OR in_unsubscribed
    ) AS christmas_gift_list__eligible
  FROM customer_step_4
), customer_step_6 AS (
  SELECT
    customer_step_5.*,
    CASE
      WHEN christmas_gift_list__eligible
      THEN ROW_NUMBER() OVER (
        PARTITION BY christmas_gift_list__eligible
        ORDER BY rfm__monetary DESC, customer_id ASC NULLS FIRST
      ) <= 500
    END AS christmas_gift_list__within_limit
  FROM customer_step_5
), customer_step_7 AS (
  SELECT
    customer_step_6.*,
    COALESCE(christmas_gift_list__eligible AND christmas_gift_list__within_limit, FALSE) AS in_christmas_gift_list
  FROM customer_step_6
), customer_gone AS (
  SELECT
    segwh_key_before AS customer_id
  FROM customer_told
  WHERE
    customer_told.customer_id IS NULL
  UNION ALL
  SELECT
    NULL AS customer_id
), customer_changed AS (
  SELECT
    customer_id,
    created_at,
    signed_up_at,
    tags,
    birthday,
    source,
    home__region,
    city,
    email,
    preferred_channel,
    first_name,
    lifetime_value,
    orders_total,
    spend_90d,
    spend_previous_90d,
    discounted_orders,
    weekend_orders,
    favourite_category,
    last_utm_source,
    orders_count_90_days,
    orders_count_180_days,
    orders_last_at_365_days_where_not_status_is_cancelled,
    orders_count_365_days_where_not_status_is_cancelled,
    orders_amount_sum_365_days_where_not_status_is_cancelled,
    do_not_contact_count,
    campaign_touches_count_where_kind_is_unsubscribed,
    consents_count_where_channel_is_email_and_granted_is_false,
    cart_events_then_no_orders,
    page_views_count_7_days,
    page_views_days_60_days,
    orders_count_60_days,
    purchases_count_where_product_category_is_phones,
    purchases_count_where_product_category_is_accessories,
    purchases_count_where_product_category_in_tea_chinese_tea,
    purchases_count_where_product_category_is_teaware,
    orders_count_90_days_where_ordered_at_hourbetween_90660d,
    refunds_count_1_years,
    refunds_amount_sum_1_years,
    page_views_count_90_days_where_url_contains_100_off,
    page_views_then_cart_events_then_orders,
    purchases_count_6_months_where_product_id_in_clearanc_3951bb,
    orders_first_at,
    orders_last_at,
    tickets_count_where_status_in_open_pending,
    purchases_count_where_product_category_is_chinese_tea,
    orders_count_instant_20251124_to_instant_20251201,
    campaign_touches_count_where_campaign_id_is_cmp_035_a_058ef4,
    campaign_touches_count_where_campaign_id_is_cmp_026,
    campaign_touches_then_no_orders,
    campaign_touches_then_campaign_touches,
    campaign_touches_count_6_months_where_kind_is_sent_an_f3565a,
    campaign_touches_count_6_months_where_kind_is_opened,
    purchases_count_where_product_title_contains_714702_o_dc84d1,
    purchases_product_category_distinct_1_years,
    orders_days_quarter_start_1_ago_to_quarter_start,
    consents_count_where_channel_is_email_and_granted_is_true,
    orders_amount_sum,
    orders_count_instant_20241201_to_instant_20250101,
    orders_count_instant_20251201_to_instant_20260101,
    consents_count_where_channel_is_email_and_not_granted_empty,
    tickets_count_where_status_is_open_and_priority_lte_2_bc0e79,
    subscriptions_count_where_status_is_active_and_renews_61a605,
    orders_count_1_years_where_items_gte_10,
    orders_count_1_years_where_amount_gte_500,
    purchases_count_by_product_id_6_months,
    subscriptions_count_where_status_is_active,
    page_views_count_90_days_where_url_contains_shoes,
    page_views_count_90_days_where_url_contains_bags,
    page_views_count_90_days_where_url_contains_chinese_tea,
    high_value__member_since,
    welcome_series__member_since,
    welcome_series__left_at,
    spend_drop,
    discounted_share,
    weekend_share,
    stage,
    rfm__recency,
    rfm__frequency,
    rfm__monetary,
    in_do_not_contact,
    in_unsubscribed,
    chinese_tea_winback__bucket,
    rfm__recency_score,
    rfm__frequency_score,
    rfm__monetary_score,
    in_weekly_readers,
    in_refunders,
    in_first_order_lately,
    in_high_value,
    in_multi_category_buyers,
    in_bought_last_quarter,
    in_open_ticket,
    top_spenders__eligible,
    top_hundred_per_city__eligible,
    rfm__cell,
    rfm__name,
    in_second_order_nudge,
    top_spenders__within_limit,
    top_hundred_per_city__within_limit,
    in_chinese_tea_winback,
    in_rfm_champions,
    in_top_spenders,
    in_top_hundred_per_city,
    christmas_gift_list__eligible,
    christmas_gift_list__within_limit,
    in_christmas_gift_list,
    FALSE AS segwh_is_gone
  FROM customer_step_7
  WHERE
    segwh_looked_at IS NULL
    OR created_at IS DISTINCT FROM segwh_was_1
    OR signed_up_at IS DISTINCT FROM segwh_was_2
    OR tags IS DISTINCT FROM segwh_was_3
    OR birthday IS DISTINCT FROM segwh_was_4
    OR source IS DISTINCT FROM segwh_was_5
    OR home__region IS DISTINCT FROM segwh_was_6
    OR city IS DISTINCT FROM segwh_was_7
    OR email IS DISTINCT FROM segwh_was_8
    OR preferred_channel IS DISTINCT FROM segwh_was_9
    OR first_name IS DISTINCT FROM segwh_was_10
    OR favourite_category IS DISTINCT FROM segwh_was_11
    OR do_not_contact_count IS DISTINCT FROM segwh_was_12
    OR campaign_touches_count_where_kind_is_unsubscribed IS DISTINCT FROM segwh_was_13
    OR consents_count_where_channel_is_email_and_granted_is_false IS DISTINCT FROM segwh_was_14
    OR cart_events_then_no_orders IS DISTINCT FROM segwh_was_15
    OR purchases_count_where_product_category_is_phones IS DISTINCT FROM segwh_was_16
    OR purchases_count_where_product_category_is_accessories IS DISTINCT FROM segwh_was_17
    OR purchases_count_where_product_category_in_tea_chinese_tea IS DISTINCT FROM segwh_was_18
    OR purchases_count_where_product_category_is_teaware IS DISTINCT FROM segwh_was_19
    OR refunds_count_1_years IS DISTINCT FROM segwh_was_20
    OR refunds_amount_sum_1_years IS DISTINCT FROM segwh_was_21
    OR page_views_then_cart_events_then_orders IS DISTINCT FROM segwh_was_22
    OR purchases_count_6_months_where_product_id_in_clearanc_3951bb IS DISTINCT FROM segwh_was_23
    OR tickets_count_where_status_in_open_pending IS DISTINCT FROM segwh_was_24
    OR purchases_count_where_product_category_is_chinese_tea IS DISTINCT FROM segwh_was_25
    OR campaign_touches_count_where_campaign_id_is_cmp_035_a_058ef4 IS DISTINCT FROM segwh_was_26
    OR campaign_touches_count_where_campaign_id_is_cmp_026 IS DISTINCT FROM segwh_was_27
    OR campaign_touches_then_no_orders IS DISTINCT FROM segwh_was_28
    OR campaign_touches_then_campaign_touches IS DISTINCT FROM segwh_was_29
    OR campaign_touches_count_6_months_where_kind_is_sent_an_f3565a IS DISTINCT FROM segwh_was_30
    OR campaign_touches_count_6_months_where_kind_is_opened IS DISTINCT FROM segwh_was_31
    OR purchases_count_where_product_title_contains_714702_o_dc84d1 IS DISTINCT FROM segwh_was_32
    OR purchases_product_category_distinct_1_years IS DISTINCT FROM segwh_was_33
    OR consents_count_where_channel_is_email_and_granted_is_true IS DISTINCT FROM segwh_was_34
    OR consents_count_where_channel_is_email_and_not_granted_empty IS DISTINCT FROM segwh_was_35
    OR tickets_count_where_status_is_open_and_priority_lte_2_bc0e79 IS DISTINCT FROM segwh_was_36
    OR subscriptions_count_where_status_is_active_and_renews_61a605 IS DISTINCT FROM segwh_was_37
    OR purchases_count_by_product_id_6_months IS DISTINCT FROM segwh_was_38
    OR subscriptions_count_where_status_is_active IS DISTINCT FROM segwh_was_39
    OR high_value__member_since IS DISTINCT FROM segwh_was_40
    OR welcome_series__member_since IS DISTINCT FROM segwh_was_41
    OR welcome_series__left_at IS DISTINCT FROM segwh_was_42
    OR spend_drop IS DISTINCT FROM segwh_was_43
    OR discounted_share IS DISTINCT FROM segwh_was_44
    OR weekend_share IS DISTINCT FROM segwh_was_45
    OR stage IS DISTINCT FROM segwh_was_46
    OR rfm__recency IS DISTINCT FROM segwh_was_47
    OR rfm__frequency IS DISTINCT FROM segwh_was_48
    OR rfm__monetary IS DISTINCT FROM segwh_was_49
    OR chinese_tea_winback__bucket IS DISTINCT FROM segwh_was_52
    OR rfm__recency_score IS DISTINCT FROM segwh_was_53
    OR rfm__frequency_score IS DISTINCT FROM segwh_was_54
    OR rfm__monetary_score IS DISTINCT FROM segwh_was_55
    OR in_first_order_lately IS DISTINCT FROM segwh_was_58
    OR rfm__cell IS DISTINCT FROM segwh_was_65
    OR rfm__name IS DISTINCT FROM segwh_was_66
    OR in_second_order_nudge IS DISTINCT FROM segwh_was_67
    OR top_spenders__within_limit IS DISTINCT FROM segwh_was_68
    OR top_hundred_per_city__within_limit IS DISTINCT FROM segwh_was_69
    OR in_chinese_tea_winback IS DISTINCT FROM segwh_was_70
    OR christmas_gift_list__within_limit IS DISTINCT FROM segwh_was_75
    OR (
      NOT {{ before.is_in_line }}
      AND (
        in_do_not_contact IS DISTINCT FROM segwh_was_50
        OR in_unsubscribed IS DISTINCT FROM segwh_was_51
        OR in_weekly_readers IS DISTINCT FROM segwh_was_56
        OR in_refunders IS DISTINCT FROM segwh_was_57
        OR in_high_value IS DISTINCT FROM segwh_was_59
        OR in_multi_category_buyers IS DISTINCT FROM segwh_was_60
        OR in_bought_last_quarter IS DISTINCT FROM segwh_was_61
        OR in_open_ticket IS DISTINCT FROM segwh_was_62
        OR top_spenders__eligible IS DISTINCT FROM segwh_was_63
        OR top_hundred_per_city__eligible IS DISTINCT FROM segwh_was_64
        OR in_rfm_champions IS DISTINCT FROM segwh_was_71
        OR in_top_spenders IS DISTINCT FROM segwh_was_72
        OR in_top_hundred_per_city IS DISTINCT FROM segwh_was_73
        OR christmas_gift_list__eligible IS DISTINCT FROM segwh_was_74
        OR in_christmas_gift_list IS DISTINCT FROM segwh_was_76
      )
    )
    OR (
      orders_last_at < CAST('{{ days_60_ago }}' AS TIMESTAMP)
    ) IS DISTINCT FROM (
      orders_last_at < CAST('{{ days_60_ago_before }}' AS TIMESTAMP)
    )
    OR (
      high_value__member_since > CAST('{{ days_7_ago }}' AS TIMESTAMP)
    ) IS DISTINCT FROM (
      high_value__member_since > CAST('{{ days_7_ago_before }}' AS TIMESTAMP)
    )
    OR (
      high_value__member_since <= CAST('{{ days_30_ago }}' AS TIMESTAMP)
    ) IS DISTINCT FROM (
      high_value__member_since <= CAST('{{ days_30_ago_before }}' AS TIMESTAMP)
    )
  UNION ALL
  SELECT
    customer_id,
    NULL AS created_at,
    NULL AS signed_up_at,
    NULL AS tags,
    NULL AS birthday,
    NULL AS source,
    NULL AS home__region,
    NULL AS city,
    NULL AS email,
    NULL AS preferred_channel,
    NULL AS first_name,
    NULL AS lifetime_value,
    NULL AS orders_total,
    NULL AS spend_90d,
    NULL AS spend_previous_90d,
    NULL AS discounted_orders,
    NULL AS weekend_orders,
    NULL AS favourite_category,
    NULL AS last_utm_source,
    NULL AS orders_count_90_days,
    NULL AS orders_count_180_days,
    NULL AS orders_last_at_365_days_where_not_status_is_cancelled,
    NULL AS orders_count_365_days_where_not_status_is_cancelled,
    NULL AS orders_amount_sum_365_days_where_not_status_is_cancelled,
    NULL AS do_not_contact_count,
    NULL AS campaign_touches_count_where_kind_is_unsubscribed,
    NULL AS consents_count_where_channel_is_email_and_granted_is_false,
    NULL AS cart_events_then_no_orders,
    NULL AS page_views_count_7_days,
    NULL AS page_views_days_60_days,
    NULL AS orders_count_60_days,
    NULL AS purchases_count_where_product_category_is_phones,
    NULL AS purchases_count_where_product_category_is_accessories,
    NULL AS purchases_count_where_product_category_in_tea_chinese_tea,
    NULL AS purchases_count_where_product_category_is_teaware,
    NULL AS orders_count_90_days_where_ordered_at_hourbetween_90660d,
    NULL AS refunds_count_1_years,
    NULL AS refunds_amount_sum_1_years,
    NULL AS page_views_count_90_days_where_url_contains_100_off,
    NULL AS page_views_then_cart_events_then_orders,
    NULL AS purchases_count_6_months_where_product_id_in_clearanc_3951bb,
    NULL AS orders_first_at,
    NULL AS orders_last_at,
    NULL AS tickets_count_where_status_in_open_pending,
    NULL AS purchases_count_where_product_category_is_chinese_tea,
    NULL AS orders_count_instant_20251124_to_instant_20251201,
    NULL AS campaign_touches_count_where_campaign_id_is_cmp_035_a_058ef4,
    NULL AS campaign_touches_count_where_campaign_id_is_cmp_026,
    NULL AS campaign_touches_then_no_orders,
    NULL AS campaign_touches_then_campaign_touches,
    NULL AS campaign_touches_count_6_months_where_kind_is_sent_an_f3565a,
    NULL AS campaign_touches_count_6_months_where_kind_is_opened,
    NULL AS purchases_count_where_product_title_contains_714702_o_dc84d1,
    NULL AS purchases_product_category_distinct_1_years,
    NULL AS orders_days_quarter_start_1_ago_to_quarter_start,
    NULL AS consents_count_where_channel_is_email_and_granted_is_true,
    NULL AS orders_amount_sum,
    NULL AS orders_count_instant_20241201_to_instant_20250101,
    NULL AS orders_count_instant_20251201_to_instant_20260101,
    NULL AS consents_count_where_channel_is_email_and_not_granted_empty,
    NULL AS tickets_count_where_status_is_open_and_priority_lte_2_bc0e79,
    NULL AS subscriptions_count_where_status_is_active_and_renews_61a605,
    NULL AS orders_count_1_years_where_items_gte_10,
    NULL AS orders_count_1_years_where_amount_gte_500,
    NULL AS purchases_count_by_product_id_6_months,
    NULL AS subscriptions_count_where_status_is_active,
    NULL AS page_views_count_90_days_where_url_contains_shoes,
    NULL AS page_views_count_90_days_where_url_contains_bags,
    NULL AS page_views_count_90_days_where_url_contains_chinese_tea,
    NULL AS high_value__member_since,
    NULL AS welcome_series__member_since,
    NULL AS welcome_series__left_at,
    NULL AS spend_drop,
    NULL AS discounted_share,
    NULL AS weekend_share,
    NULL AS stage,
    NULL AS rfm__recency,
    NULL AS rfm__frequency,
    NULL AS rfm__monetary,
    NULL AS in_do_not_contact,
    NULL AS in_unsubscribed,
    NULL AS chinese_tea_winback__bucket,
    NULL AS rfm__recency_score,
    NULL AS rfm__frequency_score,
    NULL AS rfm__monetary_score,
    NULL AS in_weekly_readers,
    NULL AS in_refunders,
    NULL AS in_first_order_lately,
    NULL AS in_high_value,
    NULL AS in_multi_category_buyers,
    NULL AS in_bought_last_quarter,
    NULL AS in_open_ticket,
    NULL AS top_spenders__eligible,
    NULL AS top_hundred_per_city__eligible,
    NULL AS rfm__cell,
    NULL AS rfm__name,
    NULL AS in_second_order_nudge,
    NULL AS top_spenders__within_limit,
    NULL AS top_hundred_per_city__within_limit,
    NULL AS in_chinese_tea_winback,
    NULL AS in_rfm_champions,
    NULL AS in_top_spenders,
    NULL AS in_top_hundred_per_city,
    NULL AS christmas_gift_list__eligible,
    NULL AS christmas_gift_list__within_limit,
    NULL AS in_christmas_gift_list,
    TRUE AS segwh_is_gone
  FROM customer_gone
)
SELECT
  customer_id,
  created_at,
  signed_up_at,
  tags,
  birthday,
  source,
  home__region,
  city,
  email,
  preferred_channel,
  first_name,
  lifetime_value,
  orders_total,
  spend_90d,
  spend_previous_90d,
  discounted_orders,
  weekend_orders,
  favourite_category,
  last_utm_source,
  orders_count_90_days,
  orders_count_180_days,
  orders_last_at_365_days_where_not_status_is_cancelled,
  orders_count_365_days_where_not_status_is_cancelled,
  orders_amount_sum_365_days_where_not_status_is_cancelled,
  do_not_contact_count,
  campaign_touches_count_where_kind_is_unsubscribed,
  consents_count_where_channel_is_email_and_granted_is_false,
  cart_events_then_no_orders,
  page_views_count_7_days,
  page_views_days_60_days,
  orders_count_60_days,
  purchases_count_where_product_category_is_phones,
  purchases_count_where_product_category_is_accessories,
  purchases_count_where_product_category_in_tea_chinese_tea,
  purchases_count_where_product_category_is_teaware,
  orders_count_90_days_where_ordered_at_hourbetween_90660d,
  refunds_count_1_years,
  refunds_amount_sum_1_years,
  page_views_count_90_days_where_url_contains_100_off,
  page_views_then_cart_events_then_orders,
  purchases_count_6_months_where_product_id_in_clearanc_3951bb,
  orders_first_at,
  orders_last_at,
  tickets_count_where_status_in_open_pending,
  purchases_count_where_product_category_is_chinese_tea,
  orders_count_instant_20251124_to_instant_20251201,
  campaign_touches_count_where_campaign_id_is_cmp_035_a_058ef4,
  campaign_touches_count_where_campaign_id_is_cmp_026,
  campaign_touches_then_no_orders,
  campaign_touches_then_campaign_touches,
  campaign_touches_count_6_months_where_kind_is_sent_an_f3565a,
  campaign_touches_count_6_months_where_kind_is_opened,
  purchases_count_where_product_title_contains_714702_o_dc84d1,
  purchases_product_category_distinct_1_years,
  orders_days_quarter_start_1_ago_to_quarter_start,
  consents_count_where_channel_is_email_and_granted_is_true,
  orders_amount_sum,
  orders_count_instant_20241201_to_instant_20250101,
  orders_count_instant_20251201_to_instant_20260101,
  consents_count_where_channel_is_email_and_not_granted_empty,
  tickets_count_where_status_is_open_and_priority_lte_2_bc0e79,
  subscriptions_count_where_status_is_active_and_renews_61a605,
  orders_count_1_years_where_items_gte_10,
  orders_count_1_years_where_amount_gte_500,
  purchases_count_by_product_id_6_months,
  subscriptions_count_where_status_is_active,
  page_views_count_90_days_where_url_contains_shoes,
  page_views_count_90_days_where_url_contains_bags,
  page_views_count_90_days_where_url_contains_chinese_tea,
  high_value__member_since,
  welcome_series__member_since,
  welcome_series__left_at,
  spend_drop,
  discounted_share,
  weekend_share,
  stage,
  rfm__recency,
  rfm__frequency,
  rfm__monetary,
  in_do_not_contact,
  in_unsubscribed,
  chinese_tea_winback__bucket,
  rfm__recency_score,
  rfm__frequency_score,
  rfm__monetary_score,
  in_weekly_readers,
  in_refunders,
  in_first_order_lately,
  in_high_value,
  in_multi_category_buyers,
  in_bought_last_quarter,
  in_open_ticket,
  top_spenders__eligible,
  top_hundred_per_city__eligible,
  rfm__cell,
  rfm__name,
  in_second_order_nudge,
  top_spenders__within_limit,
  top_hundred_per_city__within_limit,
  in_chinese_tea_winback,
  in_rfm_champions,
  in_top_spenders,
  in_top_hundred_per_city,
  christmas_gift_list__eligible,
  christmas_gift_list__within_limit,
  in_christmas_gift_list,
  segwh_is_gone,
  CASE
    WHEN EXISTS(
      SELECT
        1
      FROM {{ this }} AS found
      WHERE
        found.evaluated_at <> CAST('{{ segwh__text(before.as_of) ~ '+00' }}' AS TIMESTAMPTZ)
        OR found.segwh_made_by <> {{ before.made_by }}
    )
    THEN CAST('{{ segwh__text(before.as_of) ~ '+00' }}' AS TIMESTAMPTZ)
    ELSE CAST('{{ as_of }}' AS TIMESTAMPTZ)
  END AS evaluated_at,
  CAST('{{ as_of }}' AS TIMESTAMPTZ) AS segwh_looked_at,
  CAST({{ measured_as }} AS BIGINT) AS segwh_measured_as,
  CAST({{ made_by }} AS BIGINT) AS segwh_made_by,
  CAST({{ base }} AS BIGINT) AS segwh_base,
  CAST({{ compiled_as }} AS BIGINT) AS segwh_compiled_as,
  CAST((
    SELECT
      CAST(COUNT(*) AS TEXT) || ' ' || CAST(COUNT(CASE WHEN orders.loaded_at < CAST('{{ hours_1_ago }}' AS TIMESTAMP) THEN 1 END) AS TEXT) AS rows_there
    FROM {{ read_orders }} AS orders
    WHERE
      orders.ordered_at < CAST('{{ as_of_utc }}' AS TIMESTAMP)
  ) || ' ' || (
    SELECT
      CAST(COUNT(*) AS TEXT) || ' ' || CAST(COUNT(CASE WHEN page_views.loaded_at < CAST('{{ hours_1_ago }}' AS TIMESTAMP) THEN 1 END) AS TEXT) AS rows_there
    FROM {{ read_page_views }} AS page_views
    WHERE
      page_views.viewed_at < CAST('{{ as_of_utc }}' AS TIMESTAMP)
  ) AS TEXT) AS segwh_rows_seen,
  {{ before.is_in_line }} AS segwh_is_in_line
FROM customer_changed
{%- else %}
WITH customer_log_stays AS (
  SELECT
    standing.segment,
    standing.customer_id,
    MAKE_TIMESTAMP(EPOCH_US(standing.entered_at)) AS entered_at
  FROM {{ ref('segwh_customer_standing') }} AS standing
  WHERE
    standing.kind = 'member'
    AND MAKE_TIMESTAMP(EPOCH_US(standing.entered_at)) < CAST('{{ as_of_utc }}' AS TIMESTAMP)
    AND (
      standing.is_member
      OR MAKE_TIMESTAMP(EPOCH_US(standing.changed_at)) = CAST('{{ as_of_utc }}' AS TIMESTAMP)
    )
), customer_log_exits AS (
  SELECT
    exits.segment,
    exits.customer_id,
    MAKE_TIMESTAMP(EPOCH_US(exits.exited_at)) AS exited_at
  FROM (
    WITH customer_nothing_logged AS (
      WITH shape AS (
        SELECT
          source.customer_id AS customer_id
        FROM {{ ref('customers') }} AS source
      )
      /* A log without rows, its key typed as in the customer's own table. */
      SELECT
        CAST(NULL AS TEXT) AS change_id,
        CAST(NULL AS TEXT) AS segment,
        shape.customer_id,
        CAST(NULL AS TEXT) AS change,
        CAST(NULL AS TIMESTAMPTZ) AS changed_at,
        CAST(NULL AS TEXT) AS reason,
        CAST(NULL AS TEXT) AS rule_hash,
        CAST(NULL AS TEXT) AS run_id,
        CAST(NULL AS BIGINT) AS sequence,
        CAST(NULL AS TEXT) AS status,
        CAST(NULL AS TEXT) AS computed_hash,
        CAST(NULL AS BIGINT) AS correction,
        CAST(NULL AS TIMESTAMPTZ) AS first_evaluated_at,
        CAST(NULL AS BIGINT) AS members,
        CAST(NULL AS BIGINT) AS entered,
        CAST(NULL AS BIGINT) AS exited,
        CAST(NULL AS BIGINT) AS left_out,
        CAST(NULL AS BIGINT) AS population
      FROM shape
      WHERE
        1 = 0
    )
    /* The newest exit of each key from each segment before this as-of. At an instant where its changes cancel out (corrections) a */
    /* key did not leave. */
    SELECT
      ends.segment,
      ends.customer_id,
      MAX(ends.changed_at) AS exited_at
    FROM (
      SELECT
        log.segment,
        log.customer_id,
        log.changed_at
      FROM {{ segwh__existing('segwh_customer_log') or 'customer_nothing_logged' }} AS log
      WHERE
        log.change IN ('entered', 'exited')
        AND log.changed_at < CAST('{{ as_of }}' AS TIMESTAMPTZ)
      GROUP BY
        log.segment,
        log.customer_id,
        log.changed_at
      HAVING
        SUM(CASE WHEN log.change = 'exited' THEN 1 ELSE -1 END) = 1
    ) AS ends
    GROUP BY
      ends.segment,
      ends.customer_id
  ) AS exits
), orders_rows AS (
  SELECT
    customer_id,
    happened_at,
    happened_on,
    row_id,
    amount,
    discount,
    items,
    status,
    ordered_at,
    voucher,
    channel
  FROM (
    SELECT
      customer_id,
      happened_at,
      happened_on,
      row_id,
      amount,
      discount,
      items,
      status,
      ordered_at,
      voucher,
      channel,
      ROW_NUMBER() OVER (
        PARTITION BY row_id
        ORDER BY happened_at DESC, amount DESC, discount DESC, voucher DESC, items DESC, status DESC, channel DESC, ordered_at DESC, customer_id DESC
      ) AS version_from_latest
    FROM (
      SELECT
        orders.customer_id AS customer_id,
        orders.ordered_at AS happened_at,
        CAST(orders.ordered_at AT TIME ZONE 'UTC' AT TIME ZONE 'Europe/London' AS DATE) AS happened_on,
        orders.order_id AS row_id,
        orders.amount AS amount,
        orders.discount AS discount,
        CAST(orders.items AS BIGINT) AS items,
        CAST(orders.status AS TEXT) AS status,
        orders.ordered_at AS ordered_at,
        CAST(orders.voucher AS TEXT) AS voucher,
        CAST(orders.channel AS TEXT) AS channel
      FROM {{ read_orders }} AS orders
      WHERE
        NOT orders.customer_id IS NULL
        AND orders.ordered_at < CAST('{{ as_of_utc }}' AS TIMESTAMP)
        AND orders.loaded_at < CAST('{{ as_of_utc }}' AS TIMESTAMP)
    ) AS found
  ) AS versions
  WHERE
    version_from_latest = 1 OR row_id IS NULL
), purchases_rows AS (
  SELECT
    customer_id,
    happened_at,
    row_id,
    product_id,
    product__category,
    product__title,
    quantity,
    spend,
    ordered_at
  FROM (
    SELECT
      customer_id,
      happened_at,
      row_id,
      product_id,
      product__category,
      product__title,
      quantity,
      spend,
      ordered_at,
      ROW_NUMBER() OVER (
        PARTITION BY row_id
        ORDER BY happened_at DESC, product_id DESC, quantity DESC, spend DESC, ordered_at DESC, customer_id DESC
      ) AS version_from_latest
    FROM (
      SELECT
        purchases.customer_id AS customer_id,
        purchases.ordered_at AS happened_at,
        purchases.line_id AS row_id,
        CAST(purchases.product_id AS TEXT) AS product_id,
        CAST(product.category AS TEXT) AS product__category,
        CAST(product.title AS TEXT) AS product__title,
        CAST(purchases.quantity AS BIGINT) AS quantity,
        (
          purchases.quantity * purchases.unit_price
        ) AS spend,
        purchases.ordered_at AS ordered_at
      FROM {{ read_order_lines }} AS purchases
      LEFT JOIN {{ read_products }} AS product
        ON product.product_id = purchases.product_id
      WHERE
        NOT purchases.customer_id IS NULL
        AND purchases.ordered_at < CAST('{{ as_of_utc }}' AS TIMESTAMP)
    ) AS found
  ) AS versions
  WHERE
    version_from_latest = 1 OR row_id IS NULL
), refunds_rows AS (
  SELECT
    customer_id,
    happened_at,
    row_id,
    amount,
    reason,
    refunded_at
  FROM (
    SELECT
      customer_id,
      happened_at,
      row_id,
      amount,
      reason,
      refunded_at,
      ROW_NUMBER() OVER (
        PARTITION BY row_id
        ORDER BY happened_at DESC, amount DESC, reason DESC, refunded_at DESC, customer_id DESC
      ) AS version_from_latest
    FROM (
      SELECT
        refunds.customer_id AS customer_id,
        refunds.refunded_at AS happened_at,
        refunds.refund_id AS row_id,
        refunds.amount AS amount,
        CAST(refunds.reason AS TEXT) AS reason,
        refunds.refunded_at AS refunded_at
      FROM {{ read_refunds }} AS refunds
      WHERE
        NOT refunds.customer_id IS NULL
        AND refunds.refunded_at < CAST('{{ as_of_utc }}' AS TIMESTAMP)
        AND refunds.refunded_at >= CAST('{{ years_1_ago }}' AS TIMESTAMP)
    ) AS found
  ) AS versions
  WHERE
    version_from_latest = 1 OR row_id IS NULL
), page_views_rows AS (
  SELECT
    customer_id,
    happened_at,
    happened_on,
    row_id,
    url,
    utm_source,
    referrer,
    device,
    viewed_at
  FROM (
    SELECT
      customer_id,
      happened_at,
      happened_on,
      row_id,
      url,
      utm_source,
      referrer,
      device,
      viewed_at,
      ROW_NUMBER() OVER (
        PARTITION BY row_id
        ORDER BY happened_at DESC, url DESC, utm_source DESC, referrer DESC, device DESC, viewed_at DESC, customer_id DESC
      ) AS version_from_latest
    FROM (
      SELECT
        page_views.customer_id AS customer_id,
        page_views.viewed_at AS happened_at,
        CAST(page_views.viewed_at AT TIME ZONE 'UTC' AT TIME ZONE 'Europe/London' AS DATE) AS happened_on,
        page_views.view_id AS row_id,
        CAST(page_views.url AS TEXT) AS url,
        CAST(page_views.utm_source AS TEXT) AS utm_source,
        CAST(page_views.referrer AS TEXT) AS referrer,
        CAST(page_views.device AS TEXT) AS device,
        page_views.viewed_at AS viewed_at
      FROM {{ read_page_views }} AS page_views
      WHERE
        NOT page_views.customer_id IS NULL
        AND page_views.viewed_at < CAST('{{ as_of_utc }}' AS TIMESTAMP)
        AND page_views.loaded_at < CAST('{{ as_of_utc }}' AS TIMESTAMP)
    ) AS found
  ) AS versions
  WHERE
    version_from_latest = 1 OR row_id IS NULL
), cart_events_rows AS (
  SELECT
    customer_id,
    happened_at_22eb1f,
    row_id,
    action,
    product_id,
    quantity,
    happened_at
  FROM (
    SELECT
      customer_id,
      happened_at_22eb1f,
      row_id,
      action,
      product_id,
      quantity,
      happened_at,
      ROW_NUMBER() OVER (
        PARTITION BY row_id
        ORDER BY happened_at_22eb1f DESC, action DESC, product_id DESC, quantity DESC, happened_at DESC, customer_id DESC
      ) AS version_from_latest
    FROM (
      SELECT
        cart_events.customer_id AS customer_id,
        cart_events.happened_at AS happened_at_22eb1f,
        cart_events.cart_event_id AS row_id,
        CAST(cart_events.action AS TEXT) AS action,
        CAST(cart_events.product_id AS TEXT) AS product_id,
        CAST(cart_events.quantity AS BIGINT) AS quantity,
        cart_events.happened_at AS happened_at
      FROM {{ read_cart_events }} AS cart_events
      WHERE
        NOT cart_events.customer_id IS NULL
        AND cart_events.happened_at < CAST('{{ as_of_utc }}' AS TIMESTAMP)
        AND cart_events.happened_at >= LEAST(CAST('{{ days_8_ago }}' AS TIMESTAMP), CAST('{{ days_90_ago }}' AS TIMESTAMP))
    ) AS found
  ) AS versions
  WHERE
    version_from_latest = 1 OR row_id IS NULL
), campaign_touches_rows AS (
  SELECT
    customer_id,
    happened_at_22eb1f,
    row_id,
    kind,
    campaign_id,
    campaign__channel,
    happened_at
  FROM (
    SELECT
      customer_id,
      happened_at_22eb1f,
      row_id,
      kind,
      campaign_id,
      campaign__channel,
      happened_at,
      ROW_NUMBER() OVER (
        PARTITION BY row_id
        ORDER BY happened_at_22eb1f DESC, kind DESC, campaign_id DESC, happened_at DESC, customer_id DESC
      ) AS version_from_latest
    FROM (
      SELECT
        campaign_touches.customer_id AS customer_id,
        campaign_touches.happened_at AS happened_at_22eb1f,
        campaign_touches.touch_id AS row_id,
        CAST(campaign_touches.kind AS TEXT) AS kind,
        CAST(campaign_touches.campaign_id AS TEXT) AS campaign_id,
        CAST(campaign.channel AS TEXT) AS campaign__channel,
        campaign_touches.happened_at AS happened_at
      FROM {{ read_campaign_engagement }} AS campaign_touches
      LEFT JOIN {{ read_campaigns }} AS campaign
        ON campaign.campaign_id = campaign_touches.campaign_id
      WHERE
        NOT campaign_touches.customer_id IS NULL
        AND campaign_touches.happened_at < CAST('{{ as_of_utc }}' AS TIMESTAMP)
    ) AS found
  ) AS versions
  WHERE
    version_from_latest = 1 OR row_id IS NULL
), tickets_rows AS (
  SELECT
    tickets.customer_id AS customer_id,
    CAST(tickets.status AS TEXT) AS status,
    CAST(tickets.priority AS BIGINT) AS priority
  FROM {{ read_tickets }} AS tickets
  WHERE
    NOT tickets.customer_id IS NULL
), subscriptions_rows AS (
  SELECT
    subscriptions.customer_id AS customer_id,
    CAST(subscriptions.status AS TEXT) AS status,
    CAST(subscriptions.renews_on AS DATE) AS renews_on
  FROM {{ read_subscriptions }} AS subscriptions
  WHERE
    NOT subscriptions.customer_id IS NULL
    AND (
      COALESCE(
        CASE
          WHEN TYPEOF(subscriptions.valid_from) = 'DATE'
          THEN CASE
            WHEN (
              MAKE_TIMESTAMP(EPOCH_US(subscriptions.valid_from)) - (
                (
                  MAKE_TIMESTAMP(EPOCH_US(subscriptions.valid_from)) AT TIME ZONE 'Europe/London' AT TIME ZONE 'UTC' + INTERVAL '-10800' SECOND
                ) AT TIME ZONE 'UTC' AT TIME ZONE 'Europe/London' - (
                  MAKE_TIMESTAMP(EPOCH_US(subscriptions.valid_from)) AT TIME ZONE 'Europe/London' AT TIME ZONE 'UTC' + INTERVAL '-10800' SECOND
                )
              )
            ) AT TIME ZONE 'UTC' AT TIME ZONE 'Europe/London' = MAKE_TIMESTAMP(EPOCH_US(subscriptions.valid_from))
            THEN MAKE_TIMESTAMP(EPOCH_US(subscriptions.valid_from)) - (
              (
                MAKE_TIMESTAMP(EPOCH_US(subscriptions.valid_from)) AT TIME ZONE 'Europe/London' AT TIME ZONE 'UTC' + INTERVAL '-10800' SECOND
              ) AT TIME ZONE 'UTC' AT TIME ZONE 'Europe/London' - (
                MAKE_TIMESTAMP(EPOCH_US(subscriptions.valid_from)) AT TIME ZONE 'Europe/London' AT TIME ZONE 'UTC' + INTERVAL '-10800' SECOND
              )
            )
            ELSE MAKE_TIMESTAMP(EPOCH_US(subscriptions.valid_from)) AT TIME ZONE 'Europe/London' AT TIME ZONE 'UTC'
          END
          ELSE MAKE_TIMESTAMP(EPOCH_US(subscriptions.valid_from))
        END,
        CAST(subscriptions.valid_from AS TIMESTAMP)
      ) <= CAST('{{ as_of_utc }}' AS TIMESTAMP)
      AND (
        subscriptions.valid_to IS NULL
        OR COALESCE(
          CASE
            WHEN TYPEOF(subscriptions.valid_to) = 'DATE'
            THEN CASE
              WHEN (
                MAKE_TIMESTAMP(EPOCH_US(subscriptions.valid_to)) - (
                  (
                    MAKE_TIMESTAMP(EPOCH_US(subscriptions.valid_to)) AT TIME ZONE 'Europe/London' AT TIME ZONE 'UTC' + INTERVAL '-10800' SECOND
                  ) AT TIME ZONE 'UTC' AT TIME ZONE 'Europe/London' - (
                    MAKE_TIMESTAMP(EPOCH_US(subscriptions.valid_to)) AT TIME ZONE 'Europe/London' AT TIME ZONE 'UTC' + INTERVAL '-10800' SECOND
                  )
                )
              ) AT TIME ZONE 'UTC' AT TIME ZONE 'Europe/London' = MAKE_TIMESTAMP(EPOCH_US(subscriptions.valid_to))
              THEN MAKE_TIMESTAMP(EPOCH_US(subscriptions.valid_to)) - (
                (
                  MAKE_TIMESTAMP(EPOCH_US(subscriptions.valid_to)) AT TIME ZONE 'Europe/London' AT TIME ZONE 'UTC' + INTERVAL '-10800' SECOND
                ) AT TIME ZONE 'UTC' AT TIME ZONE 'Europe/London' - (
                  MAKE_TIMESTAMP(EPOCH_US(subscriptions.valid_to)) AT TIME ZONE 'Europe/London' AT TIME ZONE 'UTC' + INTERVAL '-10800' SECOND
                )
              )
              ELSE MAKE_TIMESTAMP(EPOCH_US(subscriptions.valid_to)) AT TIME ZONE 'Europe/London' AT TIME ZONE 'UTC'
            END
            ELSE MAKE_TIMESTAMP(EPOCH_US(subscriptions.valid_to))
          END,
          CAST(subscriptions.valid_to AS TIMESTAMP)
        ) > CAST('{{ as_of_utc }}' AS TIMESTAMP)
      )
    )
), consents_rows AS (
  SELECT
    consents.customer_id AS customer_id,
    CAST(consents.channel AS TEXT) AS channel,
    CAST(consents.granted AS BOOLEAN) AS granted
  FROM {{ read_consents }} AS consents
  WHERE
    NOT consents.customer_id IS NULL
), do_not_contact_rows AS (
  SELECT
    do_not_contact.customer_id AS customer_id
  FROM {{ read_do_not_contact }} AS do_not_contact
  WHERE
    NOT do_not_contact.customer_id IS NULL
), cart_events_then_no_orders_step_1 AS (
  SELECT
    step.customer_id AS step_key,
    step.happened_at_22eb1f AS step_at
  FROM cart_events_rows AS step
  WHERE
    step.happened_at_22eb1f >= CAST('{{ days_8_ago }}' AS TIMESTAMP)
    AND step.action = 'added'
    AND (
      step.happened_at_22eb1f + INTERVAL '86400' SECOND
    ) <= CAST('{{ as_of_utc }}' AS TIMESTAMP)
    AND NOT EXISTS(
      SELECT
        1
      FROM orders_rows AS missed
      WHERE
        missed.customer_id = step.customer_id
        AND missed.happened_at > step.happened_at_22eb1f
        AND missed.happened_at <= (
          step.happened_at_22eb1f + INTERVAL '86400' SECOND
        )
        AND missed.happened_at >= CAST('{{ days_8_ago }}' AS TIMESTAMP)
    )
), page_views_then_cart_events_then_orders_step_1 AS (
  SELECT
    step.customer_id AS step_key,
    step.happened_at AS step_at
  FROM page_views_rows AS step
  WHERE
    step.happened_at >= CAST('{{ days_90_ago }}' AS TIMESTAMP)
    AND REGEXP_MATCHES(step.url, '^/blog/[a-z-]+-guide$')
), page_views_then_cart_events_then_orders_step_2 AS (
  SELECT
    step.customer_id AS step_key,
    step.happened_at_22eb1f AS step_at
  FROM cart_events_rows AS step
  WHERE
    step.happened_at_22eb1f >= CAST('{{ days_90_ago }}' AS TIMESTAMP)
    AND step.action = 'added'
    AND EXISTS(
      SELECT
        1
      FROM page_views_then_cart_events_then_orders_step_1 AS before
      WHERE
        before.step_key = step.customer_id
        AND before.step_at < step.happened_at_22eb1f
        AND step.happened_at_22eb1f <= (
          before.step_at + INTERVAL '604800' SECOND
        )
    )
), page_views_then_cart_events_then_orders_step_3 AS (
  SELECT
    step.customer_id AS step_key,
    step.happened_at AS step_at
  FROM orders_rows AS step
  WHERE
    step.happened_at >= CAST('{{ days_90_ago }}' AS TIMESTAMP)
    AND EXISTS(
      SELECT
        1
      FROM page_views_then_cart_events_then_orders_step_2 AS before
      WHERE
        before.step_key = step.customer_id
        AND before.step_at < step.happened_at
        AND step.happened_at <= (
          before.step_at + INTERVAL '172800' SECOND
        )
    )
), campaign_touches_then_no_orders_step_1 AS (
  SELECT
    step.customer_id AS step_key,
    step.happened_at_22eb1f AS step_at
  FROM campaign_touches_rows AS step
  WHERE
    step.happened_at_22eb1f >= CAST('{{ days_90_ago }}' AS TIMESTAMP)
    AND step.kind = 'clicked'
    AND (
      step.happened_at_22eb1f + INTERVAL '604800' SECOND
    ) <= CAST('{{ as_of_utc }}' AS TIMESTAMP)
    AND NOT EXISTS(
      SELECT
        1
      FROM orders_rows AS missed
      WHERE
        missed.customer_id = step.customer_id
        AND missed.happened_at > step.happened_at_22eb1f
        AND missed.happened_at <= (
          step.happened_at_22eb1f + INTERVAL '604800' SECOND
        )
        AND missed.happened_at >= CAST('{{ days_90_ago }}' AS TIMESTAMP)
    )
), campaign_touches_then_campaign_touches_step_1 AS (
  SELECT
    step.customer_id AS step_key,
    step.happened_at_22eb1f AS step_at,
    step.campaign_id AS same_campaign_id
  FROM campaign_touches_rows AS step
  WHERE
    step.happened_at_22eb1f >= CAST('{{ months_6_ago }}' AS TIMESTAMP) AND step.kind = 'opened'
), campaign_touches_then_campaign_touches_step_2 AS (
  SELECT
    step.customer_id AS step_key,
    step.happened_at_22eb1f AS step_at
  FROM campaign_touches_rows AS step
  WHERE
    step.happened_at_22eb1f >= CAST('{{ months_6_ago }}' AS TIMESTAMP)
    AND step.kind = 'clicked'
    AND EXISTS(
      SELECT
        1
      FROM campaign_touches_then_campaign_touches_step_1 AS before
      WHERE
        before.step_key = step.customer_id
        AND before.step_at < step.happened_at_22eb1f
        AND step.happened_at_22eb1f <= (
          before.step_at + INTERVAL '86400' SECOND
        )
        AND before.same_campaign_id = step.campaign_id
    )
), orders_per_customer AS (
  SELECT
    customer_id,
    SUM(CASE WHEN status = 'paid' THEN amount END) AS lifetime_value,
    COUNT(*) AS orders_total,
    SUM(CASE WHEN happened_at >= CAST('{{ days_90_ago }}' AS TIMESTAMP) THEN amount END) AS spend_90d,
    SUM(
      CASE
        WHEN happened_at >= CAST('{{ days_180_ago }}' AS TIMESTAMP)
        AND happened_at < CAST('{{ days_90_ago }}' AS TIMESTAMP)
        THEN amount
      END
    ) AS spend_previous_90d,
    COUNT(CASE WHEN discount > 0 THEN 1 END) AS discounted_orders,
    COUNT(
      CASE
        WHEN (
          EXTRACT(ISODOW FROM CAST(ordered_at AT TIME ZONE 'UTC' AT TIME ZONE 'Europe/London' AS DATE)) - 1
        ) IN (5, 6)
        THEN 1
      END
    ) AS weekend_orders,
    COUNT(CASE WHEN happened_at >= CAST('{{ days_90_ago }}' AS TIMESTAMP) THEN 1 END) AS orders_count_90_days,
    COUNT(CASE WHEN happened_at >= CAST('{{ days_180_ago }}' AS TIMESTAMP) THEN 1 END) AS orders_count_180_days,
    MAX(
      CASE
        WHEN happened_at >= CAST('{{ days_365_ago }}' AS TIMESTAMP)
        AND NOT COALESCE(status = 'cancelled', FALSE)
        THEN happened_at
      END
    ) AS orders_last_at_365_days_where_not_status_is_cancelled,
    COUNT(
      CASE
        WHEN happened_at >= CAST('{{ days_365_ago }}' AS TIMESTAMP)
        AND NOT COALESCE(status = 'cancelled', FALSE)
        THEN 1
      END
    ) AS orders_count_365_days_where_not_status_is_cancelled,
    SUM(
      CASE
        WHEN happened_at >= CAST('{{ days_365_ago }}' AS TIMESTAMP)
        AND NOT COALESCE(status = 'cancelled', FALSE)
        THEN amount
      END
    ) AS orders_amount_sum_365_days_where_not_status_is_cancelled,
    COUNT(CASE WHEN happened_at >= CAST('{{ days_60_ago }}' AS TIMESTAMP) THEN 1 END) AS orders_count_60_days,
    COUNT(
      CASE
        WHEN happened_at >= CAST('{{ days_90_ago }}' AS TIMESTAMP)
        AND (
          EXTRACT(HOUR FROM ordered_at AT TIME ZONE 'UTC' AT TIME ZONE 'Europe/London') >= 22
          OR EXTRACT(HOUR FROM ordered_at AT TIME ZONE 'UTC' AT TIME ZONE 'Europe/London') <= 4
        )
        THEN 1
      END
    ) AS orders_count_90_days_where_ordered_at_hourbetween_90660d,
    MIN(happened_at) AS orders_first_at,
    MAX(happened_at) AS orders_last_at,
    COUNT(
      CASE
        WHEN happened_at >= CAST('2025-11-24 00:00:00' AS TIMESTAMP)
        AND happened_at < CAST('2025-12-01 00:00:00' AS TIMESTAMP)
        THEN 1
      END
    ) AS orders_count_instant_20251124_to_instant_20251201,
    COUNT(
      DISTINCT CASE
        WHEN happened_at >= CAST('{{ quarter_start_1_ago }}' AS TIMESTAMP)
        AND happened_at < CAST('{{ quarter_start }}' AS TIMESTAMP)
        THEN happened_on
      END
    ) AS orders_days_quarter_start_1_ago_to_quarter_start,
    SUM(amount) AS orders_amount_sum,
    COUNT(
      CASE
        WHEN happened_at >= CAST('2024-12-01 00:00:00' AS TIMESTAMP)
        AND happened_at < CAST('2025-01-01 00:00:00' AS TIMESTAMP)
        THEN 1
      END
    ) AS orders_count_instant_20241201_to_instant_20250101,
    COUNT(
      CASE
        WHEN happened_at >= CAST('2025-12-01 00:00:00' AS TIMESTAMP)
        AND happened_at < CAST('2026-01-01 00:00:00' AS TIMESTAMP)
        THEN 1
      END
    ) AS orders_count_instant_20251201_to_instant_20260101,
    COUNT(CASE WHEN happened_at >= CAST('{{ years_1_ago }}' AS TIMESTAMP) AND items >= 10 THEN 1 END) AS orders_count_1_years_where_items_gte_10,
    COUNT(
      CASE WHEN happened_at >= CAST('{{ years_1_ago }}' AS TIMESTAMP) AND amount >= 500 THEN 1 END
    ) AS orders_count_1_years_where_amount_gte_500
  FROM orders_rows
  GROUP BY
    customer_id
), purchases_per_customer AS (
  SELECT
    customer_id,
    COUNT(CASE WHEN product__category = 'Phones' THEN 1 END) AS purchases_count_where_product_category_is_phones,
    COUNT(CASE WHEN product__category = 'Accessories' THEN 1 END) AS purchases_count_where_product_category_is_accessories,
    COUNT(CASE WHEN product__category IN ('Tea', 'Chinese tea') THEN 1 END) AS purchases_count_where_product_category_in_tea_chinese_tea,
    COUNT(CASE WHEN product__category = 'Teaware' THEN 1 END) AS purchases_count_where_product_category_is_teaware,
    COUNT(
      CASE
        WHEN happened_at >= CAST('{{ months_6_ago }}' AS TIMESTAMP)
        AND product_id IN (
          SELECT
            listed.product_id
          FROM {{ read_clearance_products }} AS listed
          WHERE
            NOT listed.product_id IS NULL
        )
        THEN 1
      END
    ) AS purchases_count_6_months_where_product_id_in_clearanc_3951bb,
    COUNT(CASE WHEN product__category = 'Chinese tea' THEN 1 END) AS purchases_count_where_product_category_is_chinese_tea,
    COUNT(
      CASE
        WHEN STRPOS(product__title, '大红袍') > 0 OR ENDS_WITH(product__title, '铁观音')
        THEN 1
      END
    ) AS purchases_count_where_product_title_contains_714702_o_dc84d1,
    COUNT(
      DISTINCT CASE WHEN happened_at >= CAST('{{ years_1_ago }}' AS TIMESTAMP) THEN product__category END
    ) AS purchases_product_category_distinct_1_years
  FROM purchases_rows
  GROUP BY
    customer_id
), refunds_per_customer AS (
  SELECT
    customer_id,
    COUNT(CASE WHEN happened_at >= CAST('{{ years_1_ago }}' AS TIMESTAMP) THEN 1 END) AS refunds_count_1_years,
    SUM(CASE WHEN happened_at >= CAST('{{ years_1_ago }}' AS TIMESTAMP) THEN amount END) AS refunds_amount_sum_1_years
  FROM refunds_rows
  GROUP BY
    customer_id
), page_views_per_customer AS (
  SELECT
    customer_id,
    COUNT(CASE WHEN happened_at >= CAST('{{ days_7_ago }}' AS TIMESTAMP) THEN 1 END) AS page_views_count_7_days,
    COUNT(
      DISTINCT CASE WHEN happened_at >= CAST('{{ days_60_ago }}' AS TIMESTAMP) THEN happened_on END
    ) AS page_views_days_60_days,
    COUNT(
      CASE
        WHEN happened_at >= CAST('{{ days_90_ago }}' AS TIMESTAMP) AND STRPOS(url, '100%_off') > 0
        THEN 1
      END
    ) AS page_views_count_90_days_where_url_contains_100_off,
    COUNT(
      CASE
        WHEN happened_at >= CAST('{{ days_90_ago }}' AS TIMESTAMP) AND STRPOS(url, '/shoes/') > 0
        THEN 1
      END
    ) AS page_views_count_90_days_where_url_contains_shoes,
    COUNT(
      CASE
        WHEN happened_at >= CAST('{{ days_90_ago }}' AS TIMESTAMP) AND STRPOS(url, '/bags/') > 0
        THEN 1
      END
    ) AS page_views_count_90_days_where_url_contains_bags,
    COUNT(
      CASE
        WHEN happened_at >= CAST('{{ days_90_ago }}' AS TIMESTAMP) AND STRPOS(url, '/chinese-tea/') > 0
        THEN 1
      END
    ) AS page_views_count_90_days_where_url_contains_chinese_tea
  FROM page_views_rows
  GROUP BY
    customer_id
), page_views_last_where_not_utm_source_empty AS (
  SELECT
    customer_id,
    last_utm_source
  FROM (
    SELECT
      customer_id,
      utm_source AS last_utm_source,
      ROW_NUMBER() OVER (
        PARTITION BY customer_id
        ORDER BY happened_at DESC, row_id DESC, url DESC, utm_source DESC, referrer DESC, device DESC, viewed_at DESC
      ) AS place
    FROM page_views_rows
    WHERE
      NOT COALESCE((
        utm_source IS NULL OR utm_source = ''
      ), FALSE)
  ) AS placed
  WHERE
    place = 1
), campaign_touches_per_customer AS (
  SELECT
    customer_id,
    COUNT(CASE WHEN kind = 'unsubscribed' THEN 1 END) AS campaign_touches_count_where_kind_is_unsubscribed,
    COUNT(CASE WHEN campaign_id = 'CMP-035' AND kind = 'sent' THEN 1 END) AS campaign_touches_count_where_campaign_id_is_cmp_035_a_058ef4,
    COUNT(CASE WHEN campaign_id = 'CMP-026' THEN 1 END) AS campaign_touches_count_where_campaign_id_is_cmp_026,
    COUNT(
      CASE
        WHEN happened_at_22eb1f >= CAST('{{ months_6_ago }}' AS TIMESTAMP)
        AND kind = 'sent'
        AND campaign__channel = 'email'
        THEN 1
      END
    ) AS campaign_touches_count_6_months_where_kind_is_sent_an_f3565a,
    COUNT(
      CASE
        WHEN happened_at_22eb1f >= CAST('{{ months_6_ago }}' AS TIMESTAMP) AND kind = 'opened'
        THEN 1
      END
    ) AS campaign_touches_count_6_months_where_kind_is_opened
  FROM campaign_touches_rows
  GROUP BY
    customer_id
), tickets_per_customer AS (
  SELECT
    customer_id,
    COUNT(CASE WHEN LOWER(status) IN ('open', 'pending') THEN 1 END) AS tickets_count_where_status_in_open_pending,
    COUNT(
      CASE
        WHEN LOWER(status) = 'open' AND (
          priority <= 2 OR priority IS NULL
        )
        THEN 1
      END
    ) AS tickets_count_where_status_is_open_and_priority_lte_2_bc0e79
  FROM tickets_rows
  GROUP BY
    customer_id
), subscriptions_per_customer AS (
  SELECT
    customer_id,
    COUNT(
      CASE
        WHEN status = 'active'
        AND renews_on >= CAST('{{ as_of_day }}' AS DATE)
        AND renews_on < CAST('{{ days_30_ahead_day }}' AS DATE)
        THEN 1
      END
    ) AS subscriptions_count_where_status_is_active_and_renews_61a605,
    COUNT(CASE WHEN status = 'active' THEN 1 END) AS subscriptions_count_where_status_is_active
  FROM subscriptions_rows
  GROUP BY
    customer_id
), consents_per_customer AS (
  SELECT
    customer_id,
    COUNT(CASE WHEN channel = 'email' AND NOT granted THEN 1 END) AS consents_count_where_channel_is_email_and_granted_is_false,
    COUNT(CASE WHEN channel = 'email' AND granted THEN 1 END) AS consents_count_where_channel_is_email_and_granted_is_true,
    COUNT(CASE WHEN channel = 'email' AND NOT (
      granted IS NULL
    ) THEN 1 END) AS consents_count_where_channel_is_email_and_not_granted_empty
  FROM consents_rows
  GROUP BY
    customer_id
), do_not_contact_per_customer AS (
  SELECT
    customer_id,
    COUNT(*) AS do_not_contact_count
  FROM do_not_contact_rows
  GROUP BY
    customer_id
), favourite_category AS (
  SELECT
    customer_id,
    grouped_value AS favourite_category
  FROM (
    SELECT
      customer_id,
      grouped_value,
      ROW_NUMBER() OVER (
        PARTITION BY customer_id
        ORDER BY rows_count DESC, latest_at DESC, grouped_value ASC NULLS FIRST
      ) AS value_place
    FROM (
      SELECT
        customer_id,
        product__category AS grouped_value,
        COUNT(*) AS rows_count,
        MAX(happened_at) AS latest_at
      FROM purchases_rows
      WHERE
        NOT product__category IS NULL
      GROUP BY
        customer_id,
        product__category
    ) AS groups_by_value
  ) AS placed
  WHERE
    value_place = 1
), cart_events_then_no_orders AS (
  SELECT DISTINCT
    step_key,
    TRUE AS cart_events_then_no_orders
  FROM cart_events_then_no_orders_step_1
), page_views_then_cart_events_then_orders AS (
  SELECT DISTINCT
    step_key,
    TRUE AS page_views_then_cart_events_then_orders
  FROM page_views_then_cart_events_then_orders_step_3
), campaign_touches_then_no_orders AS (
  SELECT DISTINCT
    step_key,
    TRUE AS campaign_touches_then_no_orders
  FROM campaign_touches_then_no_orders_step_1
), campaign_touches_then_campaign_touches AS (
  SELECT DISTINCT
    step_key,
    TRUE AS campaign_touches_then_campaign_touches
  FROM campaign_touches_then_campaign_touches_step_2
), purchases_count_by_product_id_6_months AS (
  SELECT
    customer_id,
    MAX(rows_count) AS purchases_count_by_product_id_6_months
  FROM (
    SELECT
      customer_id,
      product_id AS grouped_value,
      COUNT(*) AS rows_count
    FROM purchases_rows
    WHERE
      NOT product_id IS NULL AND happened_at >= CAST('{{ months_6_ago }}' AS TIMESTAMP)
    GROUP BY
      customer_id,
      product_id
  ) AS groups_by_value
  GROUP BY
    customer_id
), customer_rows AS (
  SELECT
    customer.customer_id AS customer_id,
    customer.signed_up_at AS created_at,
    customer.signed_up_at AS signed_up_at,
    customer.tags AS tags,
    CAST(customer.birthday AS DATE) AS birthday,
    CAST(customer.source AS TEXT) AS source,
    CAST(home.region AS TEXT) AS home__region,
    CAST(customer.city AS TEXT) AS city,
    CAST(customer.email AS TEXT) AS email,
    CAST(customer.preferred_channel AS TEXT) AS preferred_channel,
    CAST(customer.first_name AS TEXT) AS first_name
  FROM {{ read_customers }} AS customer
  LEFT JOIN {{ read_cities }} AS home
    ON home.name = customer.city
  WHERE
    NOT customer.customer_id IS NULL
    AND (
      customer.signed_up_at IS NULL
      OR customer.signed_up_at < CAST('{{ as_of_utc }}' AS TIMESTAMP)
    )
), customer_measured AS (
  SELECT
    customer_rows.*,
    COALESCE(orders_per_customer.lifetime_value, 0) AS lifetime_value,
    COALESCE(orders_per_customer.orders_total, 0) AS orders_total,
    COALESCE(orders_per_customer.spend_90d, 0) AS spend_90d,
    COALESCE(orders_per_customer.spend_previous_90d, 0) AS spend_previous_90d,
    COALESCE(orders_per_customer.discounted_orders, 0) AS discounted_orders,
    COALESCE(orders_per_customer.weekend_orders, 0) AS weekend_orders,
    COALESCE(orders_per_customer.orders_count_90_days, 0) AS orders_count_90_days,
    COALESCE(orders_per_customer.orders_count_180_days, 0) AS orders_count_180_days,
    orders_per_customer.orders_last_at_365_days_where_not_status_is_cancelled AS orders_last_at_365_days_where_not_status_is_cancelled,
    COALESCE(orders_per_customer.orders_count_365_days_where_not_status_is_cancelled, 0) AS orders_count_365_days_where_not_status_is_cancelled,
    COALESCE(orders_per_customer.orders_amount_sum_365_days_where_not_status_is_cancelled, 0) AS orders_amount_sum_365_days_where_not_status_is_cancelled,
    COALESCE(orders_per_customer.orders_count_60_days, 0) AS orders_count_60_days,
    COALESCE(orders_per_customer.orders_count_90_days_where_ordered_at_hourbetween_90660d, 0) AS orders_count_90_days_where_ordered_at_hourbetween_90660d,
    orders_per_customer.orders_first_at AS orders_first_at,
    orders_per_customer.orders_last_at AS orders_last_at,
    COALESCE(orders_per_customer.orders_count_instant_20251124_to_instant_20251201, 0) AS orders_count_instant_20251124_to_instant_20251201,
    COALESCE(orders_per_customer.orders_days_quarter_start_1_ago_to_quarter_start, 0) AS orders_days_quarter_start_1_ago_to_quarter_start,
    COALESCE(orders_per_customer.orders_amount_sum, 0) AS orders_amount_sum,
    COALESCE(orders_per_customer.orders_count_instant_20241201_to_instant_20250101, 0) AS orders_count_instant_20241201_to_instant_20250101,
    COALESCE(orders_per_customer.orders_count_instant_20251201_to_instant_20260101, 0) AS orders_count_instant_20251201_to_instant_20260101,
    COALESCE(orders_per_customer.orders_count_1_years_where_items_gte_10, 0) AS orders_count_1_years_where_items_gte_10,
    COALESCE(orders_per_customer.orders_count_1_years_where_amount_gte_500, 0) AS orders_count_1_years_where_amount_gte_500,
    COALESCE(purchases_per_customer.purchases_count_where_product_category_is_phones, 0) AS purchases_count_where_product_category_is_phones,
    COALESCE(purchases_per_customer.purchases_count_where_product_category_is_accessories, 0) AS purchases_count_where_product_category_is_accessories,
    COALESCE(
      purchases_per_customer.purchases_count_where_product_category_in_tea_chinese_tea,
      0
    ) AS purchases_count_where_product_category_in_tea_chinese_tea,
    COALESCE(purchases_per_customer.purchases_count_where_product_category_is_teaware, 0) AS purchases_count_where_product_category_is_teaware,
    COALESCE(
      purchases_per_customer.purchases_count_6_months_where_product_id_in_clearanc_3951bb,
      0
    ) AS purchases_count_6_months_where_product_id_in_clearanc_3951bb,
    COALESCE(purchases_per_customer.purchases_count_where_product_category_is_chinese_tea, 0) AS purchases_count_where_product_category_is_chinese_tea,
    COALESCE(
      purchases_per_customer.purchases_count_where_product_title_contains_714702_o_dc84d1,
      0
    ) AS purchases_count_where_product_title_contains_714702_o_dc84d1,
    COALESCE(purchases_per_customer.purchases_product_category_distinct_1_years, 0) AS purchases_product_category_distinct_1_years,
    COALESCE(refunds_per_customer.refunds_count_1_years, 0) AS refunds_count_1_years,
    COALESCE(refunds_per_customer.refunds_amount_sum_1_years, 0) AS refunds_amount_sum_1_years,
    COALESCE(page_views_per_customer.page_views_count_7_days, 0) AS page_views_count_7_days,
    COALESCE(page_views_per_customer.page_views_days_60_days, 0) AS page_views_days_60_days,
    COALESCE(page_views_per_customer.page_views_count_90_days_where_url_contains_100_off, 0) AS page_views_count_90_days_where_url_contains_100_off,
    COALESCE(page_views_per_customer.page_views_count_90_days_where_url_contains_shoes, 0) AS page_views_count_90_days_where_url_contains_shoes,
    COALESCE(page_views_per_customer.page_views_count_90_days_where_url_contains_bags, 0) AS page_views_count_90_days_where_url_contains_bags,
    COALESCE(page_views_per_customer.page_views_count_90_days_where_url_contains_chinese_tea, 0) AS page_views_count_90_days_where_url_contains_chinese_tea,
    page_views_last_where_not_utm_source_empty.last_utm_source AS last_utm_source,
    COALESCE(campaign_touches_per_customer.campaign_touches_count_where_kind_is_unsubscribed, 0) AS campaign_touches_count_where_kind_is_unsubscribed,
    COALESCE(
      campaign_touches_per_customer.campaign_touches_count_where_campaign_id_is_cmp_035_a_058ef4,
      0
    ) AS campaign_touches_count_where_campaign_id_is_cmp_035_a_058ef4,
    COALESCE(
      campaign_touches_per_customer.campaign_touches_count_where_campaign_id_is_cmp_026,
      0
    ) AS campaign_touches_count_where_campaign_id_is_cmp_026,
    COALESCE(
      campaign_touches_per_customer.campaign_touches_count_6_months_where_kind_is_sent_an_f3565a,
      0
    ) AS campaign_touches_count_6_months_where_kind_is_sent_an_f3565a,
    COALESCE(
      campaign_touches_per_customer.campaign_touches_count_6_months_where_kind_is_opened,
      0
    ) AS campaign_touches_count_6_months_where_kind_is_opened,
    COALESCE(tickets_per_customer.tickets_count_where_status_in_open_pending, 0) AS tickets_count_where_status_in_open_pending,
    COALESCE(
      tickets_per_customer.tickets_count_where_status_is_open_and_priority_lte_2_bc0e79,
      0
    ) AS tickets_count_where_status_is_open_and_priority_lte_2_bc0e79,
    COALESCE(
      subscriptions_per_customer.subscriptions_count_where_status_is_active_and_renews_61a605,
      0
    ) AS subscriptions_count_where_status_is_active_and_renews_61a605,
    COALESCE(subscriptions_per_customer.subscriptions_count_where_status_is_active, 0) AS subscriptions_count_where_status_is_active,
    COALESCE(
      consents_per_customer.consents_count_where_channel_is_email_and_granted_is_false,
      0
    ) AS consents_count_where_channel_is_email_and_granted_is_false,
    COALESCE(consents_per_customer.consents_count_where_channel_is_email_and_granted_is_true, 0) AS consents_count_where_channel_is_email_and_granted_is_true,
    COALESCE(
      consents_per_customer.consents_count_where_channel_is_email_and_not_granted_empty,
      0
    ) AS consents_count_where_channel_is_email_and_not_granted_empty,
    COALESCE(do_not_contact_per_customer.do_not_contact_count, 0) AS do_not_contact_count,
    favourite_category.favourite_category AS favourite_category,
    COALESCE(cart_events_then_no_orders.cart_events_then_no_orders, FALSE) AS cart_events_then_no_orders,
    COALESCE(
      page_views_then_cart_events_then_orders.page_views_then_cart_events_then_orders,
      FALSE
    ) AS page_views_then_cart_events_then_orders,
    COALESCE(campaign_touches_then_no_orders.campaign_touches_then_no_orders, FALSE) AS campaign_touches_then_no_orders,
    COALESCE(
      campaign_touches_then_campaign_touches.campaign_touches_then_campaign_touches,
      FALSE
    ) AS campaign_touches_then_campaign_touches,
    COALESCE(purchases_count_by_product_id_6_months.purchases_count_by_product_id_6_months, 0) AS purchases_count_by_product_id_6_months
  FROM customer_rows
  LEFT JOIN orders_per_customer
    ON orders_per_customer.customer_id = customer_rows.customer_id
  LEFT JOIN purchases_per_customer
    ON purchases_per_customer.customer_id = customer_rows.customer_id
  LEFT JOIN refunds_per_customer
    ON refunds_per_customer.customer_id = customer_rows.customer_id
  LEFT JOIN page_views_per_customer
    ON page_views_per_customer.customer_id = customer_rows.customer_id
  LEFT JOIN page_views_last_where_not_utm_source_empty
    ON page_views_last_where_not_utm_source_empty.customer_id = customer_rows.customer_id
  LEFT JOIN campaign_touches_per_customer
    ON campaign_touches_per_customer.customer_id = customer_rows.customer_id
  LEFT JOIN tickets_per_customer
    ON tickets_per_customer.customer_id = customer_rows.customer_id
  LEFT JOIN subscriptions_per_customer
    ON subscriptions_per_customer.customer_id = customer_rows.customer_id
  LEFT JOIN consents_per_customer
    ON consents_per_customer.customer_id = customer_rows.customer_id
  LEFT JOIN do_not_contact_per_customer
    ON do_not_contact_per_customer.customer_id = customer_rows.customer_id
  LEFT JOIN favourite_category
    ON favourite_category.customer_id = customer_rows.customer_id
  LEFT JOIN cart_events_then_no_orders
    ON cart_events_then_no_orders.step_key = customer_rows.customer_id
  LEFT JOIN page_views_then_cart_events_then_orders
    ON page_views_then_cart_events_then_orders.step_key = customer_rows.customer_id
  LEFT JOIN campaign_touches_then_no_orders
    ON campaign_touches_then_no_orders.step_key = customer_rows.customer_id
  LEFT JOIN campaign_touches_then_campaign_touches
    ON campaign_touches_then_campaign_touches.step_key = customer_rows.customer_id
  LEFT JOIN purchases_count_by_product_id_6_months
    ON purchases_count_by_product_id_6_months.customer_id = customer_rows.customer_id
), customer_stays_before AS (
  SELECT
    customer_id,
    MAX(CASE WHEN segment = 'high_value' THEN MAKE_TIMESTAMP(EPOCH_US(entered_at)) END) AS high_value__member_since,
    MAX(
      CASE WHEN segment = 'welcome_series' THEN MAKE_TIMESTAMP(EPOCH_US(entered_at)) END
    ) AS welcome_series__member_since
  FROM customer_log_stays AS before
  WHERE
    segment IN ('high_value', 'welcome_series')
  GROUP BY
    customer_id
), customer_exits_before AS (
  SELECT
    customer_id,
    MAX(
      CASE WHEN segment = 'welcome_series' THEN MAKE_TIMESTAMP(EPOCH_US(exited_at)) END
    ) AS welcome_series__left_at
  FROM customer_log_exits AS before
  WHERE
    segment IN ('welcome_series')
  GROUP BY
    customer_id
), customer_with_log AS (
  SELECT
    customer_measured.*,
    customer_stays_before.high_value__member_since,
    customer_stays_before.welcome_series__member_since,
    customer_exits_before.welcome_series__left_at
  FROM customer_measured
  LEFT JOIN customer_stays_before
    ON customer_stays_before.customer_id = customer_measured.customer_id
  LEFT JOIN customer_exits_before
    ON customer_exits_before.customer_id = customer_measured.customer_id
), customer_step_1 AS (
  SELECT
    customer_with_log.*,
    NULLIF(
      (
        CAST(1 AS DOUBLE) - (
          CAST(spend_90d AS DOUBLE) / NULLIF(CAST(spend_previous_90d AS DOUBLE), 0)
        )
      ),
      CAST('NaN' AS DOUBLE)
    ) AS spend_drop,
    NULLIF(
      (
        CAST(discounted_orders AS DOUBLE) / NULLIF(CAST(orders_total AS DOUBLE), 0)
      ),
      CAST('NaN' AS DOUBLE)
    ) AS discounted_share,
    NULLIF(
      (
        CAST(weekend_orders AS DOUBLE) / NULLIF(CAST(orders_total AS DOUBLE), 0)
      ),
      CAST('NaN' AS DOUBLE)
    ) AS weekend_share,
    CASE
      WHEN signed_up_at >= CAST('{{ days_30_ago }}' AS TIMESTAMP)
      AND signed_up_at < CAST('{{ as_of_utc }}' AS TIMESTAMP)
      THEN 'new'
      WHEN orders_count_90_days >= 1
      THEN 'active'
      WHEN orders_count_180_days >= 1
      THEN 'lapsing'
      WHEN orders_total >= 1
      THEN 'lapsed'
      ELSE 'never_bought'
    END AS stage,
    (
      EPOCH_US(CAST('{{ as_of_utc }}' AS TIMESTAMP)) - EPOCH_US(orders_last_at_365_days_where_not_status_is_cancelled)
    ) // 86400000000 AS rfm__recency,
    CASE
      WHEN NOT orders_last_at_365_days_where_not_status_is_cancelled IS NULL
      THEN orders_count_365_days_where_not_status_is_cancelled
    END AS rfm__frequency,
    CASE
      WHEN NOT orders_last_at_365_days_where_not_status_is_cancelled IS NULL
      THEN orders_amount_sum_365_days_where_not_status_is_cancelled
    END AS rfm__monetary,
    COALESCE(do_not_contact_count >= 1 OR ARRAY_CONTAINS(tags, 'staff'), FALSE) AS in_do_not_contact,
    campaign_touches_count_where_kind_is_unsubscribed >= 1
    OR consents_count_where_channel_is_email_and_granted_is_false >= 1 AS in_unsubscribed,
    CAST((
      '0x' || SUBSTRING(MD5('winback_q4:' || CAST(customer_id AS TEXT)), 1, 7)
    ) AS BIGINT) % 10000 AS chinese_tea_winback__bucket
  FROM customer_with_log
), rfm_recency_values AS (
  SELECT
    counted_value,
    SUM(entities) OVER (ORDER BY counted_value ASC NULLS FIRST) AS up_to,
    SUM(entities) OVER () AS total
  FROM (
    SELECT
      rfm__recency AS counted_value,
      COUNT(*) AS entities
    FROM customer_step_1
    WHERE
      NOT rfm__recency IS NULL
    GROUP BY
      rfm__recency
  ) AS counted
), rfm_recency_edges AS (
  SELECT
    MIN(CASE WHEN up_to * 5 > (
      total - 1
    ) * 1 THEN counted_value END) AS segwh_low_1,
    COALESCE(
      MIN(CASE WHEN (
        up_to - 1
      ) * 5 > (
        total - 1
      ) * 1 THEN counted_value END),
      MIN(CASE WHEN up_to * 5 > (
        total - 1
      ) * 1 THEN counted_value END)
    ) AS segwh_high_1,
    MAX((
      (
        total - 1
      ) * 1
    ) % 5) AS segwh_rest_1,
    MIN(CASE WHEN up_to * 5 > (
      total - 1
    ) * 2 THEN counted_value END) AS segwh_low_2,
    COALESCE(
      MIN(CASE WHEN (
        up_to - 1
      ) * 5 > (
        total - 1
      ) * 2 THEN counted_value END),
      MIN(CASE WHEN up_to * 5 > (
        total - 1
      ) * 2 THEN counted_value END)
    ) AS segwh_high_2,
    MAX((
      (
        total - 1
      ) * 2
    ) % 5) AS segwh_rest_2,
    MIN(CASE WHEN up_to * 5 > (
      total - 1
    ) * 3 THEN counted_value END) AS segwh_low_3,
    COALESCE(
      MIN(CASE WHEN (
        up_to - 1
      ) * 5 > (
        total - 1
      ) * 3 THEN counted_value END),
      MIN(CASE WHEN up_to * 5 > (
        total - 1
      ) * 3 THEN counted_value END)
    ) AS segwh_high_3,
    MAX((
      (
        total - 1
      ) * 3
    ) % 5) AS segwh_rest_3,
    MIN(CASE WHEN up_to * 5 > (
      total - 1
    ) * 4 THEN counted_value END) AS segwh_low_4,
    COALESCE(
      MIN(CASE WHEN (
        up_to - 1
      ) * 5 > (
        total - 1
      ) * 4 THEN counted_value END),
      MIN(CASE WHEN up_to * 5 > (
        total - 1
      ) * 4 THEN counted_value END)
    ) AS segwh_high_4,
    MAX((
      (
        total - 1
      ) * 4
    ) % 5) AS segwh_rest_4
  FROM rfm_recency_values
), rfm_monetary_values AS (
  SELECT
    counted_value,
    SUM(entities) OVER (ORDER BY counted_value ASC NULLS FIRST) AS up_to,
    SUM(entities) OVER () AS total
  FROM (
    SELECT
      rfm__monetary AS counted_value,
      COUNT(*) AS entities
    FROM customer_step_1
    WHERE
      NOT rfm__monetary IS NULL
    GROUP BY
      rfm__monetary
  ) AS counted
), rfm_monetary_edges AS (
  SELECT
    MIN(CASE WHEN up_to * 5 > (
      total - 1
    ) * 1 THEN counted_value END) AS segwh_low_1,
    COALESCE(
      MIN(CASE WHEN (
        up_to - 1
      ) * 5 > (
        total - 1
      ) * 1 THEN counted_value END),
      MIN(CASE WHEN up_to * 5 > (
        total - 1
      ) * 1 THEN counted_value END)
    ) AS segwh_high_1,
    MAX((
      (
        total - 1
      ) * 1
    ) % 5) AS segwh_rest_1,
    MIN(CASE WHEN up_to * 5 > (
      total - 1
    ) * 2 THEN counted_value END) AS segwh_low_2,
    COALESCE(
      MIN(CASE WHEN (
        up_to - 1
      ) * 5 > (
        total - 1
      ) * 2 THEN counted_value END),
      MIN(CASE WHEN up_to * 5 > (
        total - 1
      ) * 2 THEN counted_value END)
    ) AS segwh_high_2,
    MAX((
      (
        total - 1
      ) * 2
    ) % 5) AS segwh_rest_2,
    MIN(CASE WHEN up_to * 5 > (
      total - 1
    ) * 3 THEN counted_value END) AS segwh_low_3,
    COALESCE(
      MIN(CASE WHEN (
        up_to - 1
      ) * 5 > (
        total - 1
      ) * 3 THEN counted_value END),
      MIN(CASE WHEN up_to * 5 > (
        total - 1
      ) * 3 THEN counted_value END)
    ) AS segwh_high_3,
    MAX((
      (
        total - 1
      ) * 3
    ) % 5) AS segwh_rest_3,
    MIN(CASE WHEN up_to * 5 > (
      total - 1
    ) * 4 THEN counted_value END) AS segwh_low_4,
    COALESCE(
      MIN(CASE WHEN (
        up_to - 1
      ) * 5 > (
        total - 1
      ) * 4 THEN counted_value END),
      MIN(CASE WHEN up_to * 5 > (
        total - 1
      ) * 4 THEN counted_value END)
    ) AS segwh_high_4,
    MAX((
      (
        total - 1
      ) * 4
    ) % 5) AS segwh_rest_4
  FROM rfm_monetary_values
), customer_step_2 AS (
  SELECT
    customer_step_1.*,
    CASE
      WHEN rfm__recency IS NULL
      THEN NULL
      WHEN (
        rfm__recency - rfm_recency_edges.segwh_low_1
      ) * 5 <= (
        rfm_recency_edges.segwh_high_1 - rfm_recency_edges.segwh_low_1
      ) * rfm_recency_edges.segwh_rest_1
      THEN 5
      WHEN (
        rfm__recency - rfm_recency_edges.segwh_low_2
      ) * 5 <= (
        rfm_recency_edges.segwh_high_2 - rfm_recency_edges.segwh_low_2
      ) * rfm_recency_edges.segwh_rest_2
      THEN 4
      WHEN (
        rfm__recency - rfm_recency_edges.segwh_low_3
      ) * 5 <= (
        rfm_recency_edges.segwh_high_3 - rfm_recency_edges.segwh_low_3
      ) * rfm_recency_edges.segwh_rest_3
      THEN 3
      WHEN (
        rfm__recency - rfm_recency_edges.segwh_low_4
      ) * 5 <= (
        rfm_recency_edges.segwh_high_4 - rfm_recency_edges.segwh_low_4
      ) * rfm_recency_edges.segwh_rest_4
      THEN 2
      ELSE 1
    END AS rfm__recency_score,
    CASE
      WHEN rfm__frequency IS NULL
      THEN NULL
      WHEN rfm__frequency <= 1
      THEN 1
      WHEN rfm__frequency <= 2
      THEN 2
      WHEN rfm__frequency <= 4
      THEN 3
      WHEN rfm__frequency <= 8
      THEN 4
      ELSE 5
    END AS rfm__frequency_score,
    CASE
      WHEN rfm__monetary IS NULL
      THEN NULL
      WHEN (
        rfm__monetary - rfm_monetary_edges.segwh_low_1
      ) * 5 <= (
        rfm_monetary_edges.segwh_high_1 - rfm_monetary_edges.segwh_low_1
      ) * rfm_monetary_edges.segwh_rest_1
      THEN 1
      WHEN (
        rfm__monetary - rfm_monetary_edges.segwh_low_2
      ) * 5 <= (
        rfm_monetary_edges.segwh_high_2 - rfm_monetary_edges.segwh_low_2
      ) * rfm_monetary_edges.segwh_rest_2
      THEN 2
      WHEN (
        rfm__monetary - rfm_monetary_edges.segwh_low_3
      ) * 5 <= (
        rfm_monetary_edges.segwh_high_3 - rfm_monetary_edges.segwh_low_3
      ) * rfm_monetary_edges.segwh_rest_3
      THEN 3
      WHEN (
        rfm__monetary - rfm_monetary_edges.segwh_low_4
      ) * 5 <= (
        rfm_monetary_edges.segwh_high_4 - rfm_monetary_edges.segwh_low_4
      ) * rfm_monetary_edges.segwh_rest_4
      THEN 4
      ELSE 5
    END AS rfm__monetary_score,
    page_views_count_7_days >= 3 AND NOT in_do_not_contact AS in_weekly_readers,
    (
      refunds_count_1_years >= 2 OR refunds_amount_sum_1_years > 200
    )
    AND NOT in_do_not_contact AS in_refunders,
    COALESCE(
      orders_first_at >= CAST('{{ days_14_ago }}' AS TIMESTAMP)
      AND orders_first_at < CAST('{{ as_of_utc }}' AS TIMESTAMP)
      AND NOT (
        in_do_not_contact OR in_unsubscribed
      ),
      FALSE
    ) AS in_first_order_lately,
    COALESCE(lifetime_value > 1000 AND NOT in_do_not_contact, FALSE) AS in_high_value,
    purchases_product_category_distinct_1_years >= 4 AND NOT in_do_not_contact AS in_multi_category_buyers,
    orders_days_quarter_start_1_ago_to_quarter_start >= 2 AND NOT in_do_not_contact AS in_bought_last_quarter,
    tickets_count_where_status_is_open_and_priority_lte_2_bc0e79 >= 1
    AND NOT in_do_not_contact AS in_open_ticket,
    COALESCE(lifetime_value > 0 AND NOT in_do_not_contact, FALSE) AS top_spenders__eligible,
    COALESCE(
      NOT COALESCE((
        city IS NULL OR city = ''
      ), FALSE)
      AND lifetime_value >= 50
      AND NOT in_do_not_contact,
      FALSE
    ) AS top_hundred_per_city__eligible
  FROM customer_step_1
  CROSS JOIN rfm_recency_edges
  CROSS JOIN rfm_monetary_edges
), customer_step_3 AS (
  SELECT
    customer_step_2.*,
    CAST(rfm__recency_score AS TEXT) || CAST(rfm__frequency_score AS TEXT) || CAST(rfm__monetary_score AS TEXT) AS rfm__cell,
    CASE
      WHEN rfm__recency_score IN (4, 5)
      AND rfm__frequency_score IN (4, 5)
      AND rfm__monetary_score IN (4, 5)
      THEN 'champions'
      WHEN rfm__recency_score IN (3, 4, 5)
      AND rfm__frequency_score IN (3, 4, 5)
      AND rfm__monetary_score IN (3, 4, 5)
      THEN 'loyal'
      WHEN rfm__recency_score IN (1, 2) AND rfm__frequency_score IN (3, 4, 5)
      THEN 'at_risk'
      WHEN rfm__recency_score IN (4, 5) AND rfm__frequency_score IN (1, 2)
      THEN 'promising'
      WHEN rfm__recency_score IN (1, 2) AND rfm__frequency_score IN (1, 2)
      THEN 'hibernating'
    END AS rfm__name,
    COALESCE(
      orders_total = 1
      AND orders_last_at < CAST('{{ weeks_3_ago }}' AS TIMESTAMP)
      AND orders_last_at >= CAST('{{ weeks_8_ago }}' AS TIMESTAMP)
      AND orders_last_at < CAST('{{ as_of_utc }}' AS TIMESTAMP)
      AND NOT (
        tickets_count_where_status_in_open_pending >= 1
        OR in_do_not_contact
        OR in_unsubscribed
      )
      AND NOT in_first_order_lately,
      FALSE
    ) AS in_second_order_nudge,
    CASE
      WHEN top_spenders__eligible
      THEN (
        ROW_NUMBER() OVER (
          PARTITION BY top_spenders__eligible
          ORDER BY lifetime_value DESC, customer_id ASC NULLS FIRST
        ) - 1
      ) * 100 < COUNT(*) OVER (PARTITION BY top_spenders__eligible) * 10
    END AS top_spenders__within_limit,
    CASE
      WHEN top_hundred_per_city__eligible AND NOT city IS NULL
      THEN ROW_NUMBER() OVER (
        PARTITION BY top_hundred_per_city__eligible, city
        ORDER BY lifetime_value DESC, customer_id ASC NULLS FIRST
      ) <= 100
    END AS top_hundred_per_city__within_limit
  FROM customer_step_2
), customer_step_4 AS (
  SELECT
    customer_step_3.*,
    COALESCE(
      purchases_count_where_product_category_is_chinese_tea >= 1
      AND orders_last_at < CAST('{{ months_3_ago }}' AS TIMESTAMP)
      AND NOT (
        in_do_not_contact OR in_unsubscribed
      )
      AND NOT (
        in_first_order_lately OR in_second_order_nudge
      ),
      FALSE
    ) AS in_chinese_tea_winback,
    COALESCE(rfm__name = 'champions' AND NOT in_do_not_contact, FALSE) AS in_rfm_champions,
    COALESCE(top_spenders__eligible AND top_spenders__within_limit, FALSE) AS in_top_spenders,
    COALESCE(top_hundred_per_city__eligible AND top_hundred_per_city__within_limit, FALSE) AS in_top_hundred_per_city
  FROM customer_step_3
), customer_step_5 AS (
  SELECT
    customer_step_4.*,
    (
      in_high_value OR in_rfm_champions
    )
    AND (
      CASE WHEN in_multi_category_buyers THEN 1 ELSE 0 END + CASE WHEN in_bought_last_quarter THEN 1 ELSE 0 END + CASE WHEN in_weekly_readers THEN 1 ELSE 0 END
    ) >= 2
    AND NOT (
      in_refunders OR in_do_not_contact OR in_unsubscribed
    ) AS christmas_gift_list__eligible
  FROM customer_step_4
), customer_step_6 AS (
  SELECT
    customer_step_5.*,
    CASE
      WHEN christmas_gift_list__eligible
      THEN ROW_NUMBER() OVER (
        PARTITION BY christmas_gift_list__eligible
        ORDER BY rfm__monetary DESC, customer_id ASC NULLS FIRST
      ) <= 500
    END AS christmas_gift_list__within_limit
  FROM customer_step_5
), customer_step_7 AS (
  SELECT
    customer_step_6.*,
    COALESCE(christmas_gift_list__eligible AND christmas_gift_list__within_limit, FALSE) AS in_christmas_gift_list
  FROM customer_step_6
)
SELECT
  customer_id,
  created_at,
  signed_up_at,
  tags,
  birthday,
  source,
  home__region,
  city,
  email,
  preferred_channel,
  first_name,
  lifetime_value,
  orders_total,
  spend_90d,
  spend_previous_90d,
  discounted_orders,
  weekend_orders,
  favourite_category,
  last_utm_source,
  orders_count_90_days,
  orders_count_180_days,
  orders_last_at_365_days_where_not_status_is_cancelled,
  orders_count_365_days_where_not_status_is_cancelled,
  orders_amount_sum_365_days_where_not_status_is_cancelled,
  do_not_contact_count,
  campaign_touches_count_where_kind_is_unsubscribed,
  consents_count_where_channel_is_email_and_granted_is_false,
  cart_events_then_no_orders,
  page_views_count_7_days,
  page_views_days_60_days,
  orders_count_60_days,
  purchases_count_where_product_category_is_phones,
  purchases_count_where_product_category_is_accessories,
  purchases_count_where_product_category_in_tea_chinese_tea,
  purchases_count_where_product_category_is_teaware,
  orders_count_90_days_where_ordered_at_hourbetween_90660d,
  refunds_count_1_years,
  refunds_amount_sum_1_years,
  page_views_count_90_days_where_url_contains_100_off,
  page_views_then_cart_events_then_orders,
  purchases_count_6_months_where_product_id_in_clearanc_3951bb,
  orders_first_at,
  orders_last_at,
  tickets_count_where_status_in_open_pending,
  purchases_count_where_product_category_is_chinese_tea,
  orders_count_instant_20251124_to_instant_20251201,
  campaign_touches_count_where_campaign_id_is_cmp_035_a_058ef4,
  campaign_touches_count_where_campaign_id_is_cmp_026,
  campaign_touches_then_no_orders,
  campaign_touches_then_campaign_touches,
  campaign_touches_count_6_months_where_kind_is_sent_an_f3565a,
  campaign_touches_count_6_months_where_kind_is_opened,
  purchases_count_where_product_title_contains_714702_o_dc84d1,
  purchases_product_category_distinct_1_years,
  orders_days_quarter_start_1_ago_to_quarter_start,
  consents_count_where_channel_is_email_and_granted_is_true,
  orders_amount_sum,
  orders_count_instant_20241201_to_instant_20250101,
  orders_count_instant_20251201_to_instant_20260101,
  consents_count_where_channel_is_email_and_not_granted_empty,
  tickets_count_where_status_is_open_and_priority_lte_2_bc0e79,
  subscriptions_count_where_status_is_active_and_renews_61a605,
  orders_count_1_years_where_items_gte_10,
  orders_count_1_years_where_amount_gte_500,
  purchases_count_by_product_id_6_months,
  subscriptions_count_where_status_is_active,
  page_views_count_90_days_where_url_contains_shoes,
  page_views_count_90_days_where_url_contains_bags,
  page_views_count_90_days_where_url_contains_chinese_tea,
  high_value__member_since,
  welcome_series__member_since,
  welcome_series__left_at,
  spend_drop,
  discounted_share,
  weekend_share,
  stage,
  rfm__recency,
  rfm__frequency,
  rfm__monetary,
  in_do_not_contact,
  in_unsubscribed,
  chinese_tea_winback__bucket,
  rfm__recency_score,
  rfm__frequency_score,
  rfm__monetary_score,
  in_weekly_readers,
  in_refunders,
  in_first_order_lately,
  in_high_value,
  in_multi_category_buyers,
  in_bought_last_quarter,
  in_open_ticket,
  top_spenders__eligible,
  top_hundred_per_city__eligible,
  rfm__cell,
  rfm__name,
  in_second_order_nudge,
  top_spenders__within_limit,
  top_hundred_per_city__within_limit,
  in_chinese_tea_winback,
  in_rfm_champions,
  in_top_spenders,
  in_top_hundred_per_city,
  christmas_gift_list__eligible,
  christmas_gift_list__within_limit,
  in_christmas_gift_list,
  CAST('{{ as_of }}' AS TIMESTAMPTZ) AS evaluated_at,
  CAST('{{ as_of }}' AS TIMESTAMPTZ) AS segwh_looked_at,
  CAST({{ measured_as }} AS BIGINT) AS segwh_measured_as,
  CAST({{ made_by }} AS BIGINT) AS segwh_made_by,
  CAST({{ base }} AS BIGINT) AS segwh_base,
  CAST({{ compiled_as }} AS BIGINT) AS segwh_compiled_as,
  CAST((
    SELECT
      CAST(COUNT(*) AS TEXT) || ' ' || CAST(COUNT(CASE WHEN orders.loaded_at < CAST('{{ hours_1_ago }}' AS TIMESTAMP) THEN 1 END) AS TEXT) AS rows_there
    FROM {{ read_orders }} AS orders
    WHERE
      orders.ordered_at < CAST('{{ as_of_utc }}' AS TIMESTAMP)
  ) || ' ' || (
    SELECT
      CAST(COUNT(*) AS TEXT) || ' ' || CAST(COUNT(CASE WHEN page_views.loaded_at < CAST('{{ hours_1_ago }}' AS TIMESTAMP) THEN 1 END) AS TEXT) AS rows_there
    FROM {{ read_page_views }} AS page_views
    WHERE
      page_views.viewed_at < CAST('{{ as_of_utc }}' AS TIMESTAMP)
  ) AS TEXT) AS segwh_rows_seen
FROM customer_step_7
{%- endif %}
