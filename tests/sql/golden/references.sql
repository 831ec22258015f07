WITH orders_rows AS (
  SELECT
    customer_id,
    happened_at,
    row_id,
    amount,
    source,
    product_id,
    ordered_at
  FROM (
    SELECT
      customer_id,
      happened_at,
      row_id,
      amount,
      source,
      product_id,
      ordered_at,
      ROW_NUMBER() OVER (
        PARTITION BY row_id
        ORDER BY happened_at DESC, amount DESC, source DESC, product_id DESC, ordered_at DESC, customer_id DESC
      ) AS version_from_latest
    FROM (
      SELECT
        orders.customer_id AS customer_id,
        COALESCE(MAKE_TIMESTAMP(EPOCH_US(orders.ordered_at)), CAST(orders.ordered_at AS TIMESTAMP)) AS happened_at,
        orders.order_id AS row_id,
        orders.amount AS amount,
        CAST(orders.source AS TEXT) AS source,
        CAST(orders.product_id AS TEXT) AS product_id,
        COALESCE(MAKE_TIMESTAMP(EPOCH_US(orders.ordered_at)), CAST(orders.ordered_at AS TIMESTAMP)) AS ordered_at
      FROM {{ ref('orders') }} AS orders
      WHERE
        NOT orders.customer_id IS NULL
        AND COALESCE(MAKE_TIMESTAMP(EPOCH_US(orders.ordered_at)), CAST(orders.ordered_at AS TIMESTAMP)) < {{ as_of }}
    ) AS found
  ) AS versions
  WHERE
    version_from_latest = 1 OR row_id IS NULL
), orders_per_customer AS (
  SELECT
    customer_id,
    SUM(amount) AS spent,
    COUNT(CASE WHEN happened_at >= {{ days_30_ago }} THEN 1 END) AS orders_count_30_days
  FROM orders_rows
  GROUP BY
    customer_id
), customer_rows AS (
  SELECT
    customer.customer_id AS customer_id,
    COALESCE(
      MAKE_TIMESTAMP(EPOCH_US(customer.created_at)),
      CAST(customer.created_at AS TIMESTAMP)
    ) AS created_at,
    CAST(customer.subscribed AS BOOLEAN) AS subscribed,
    CAST(customer.city AS TEXT) AS city,
    CAST(customer.phone_number AS TEXT) AS phone
  FROM {{ ref('customers') }} AS customer
  WHERE
    NOT customer.customer_id IS NULL
    AND (
      COALESCE(
        MAKE_TIMESTAMP(EPOCH_US(customer.created_at)),
        CAST(customer.created_at AS TIMESTAMP)
      ) IS NULL
      OR COALESCE(
        MAKE_TIMESTAMP(EPOCH_US(customer.created_at)),
        CAST(customer.created_at AS TIMESTAMP)
      ) < {{ as_of }}
    )
), customer_measured AS (
  SELECT
    customer_rows.*,
    COALESCE(orders_per_customer.spent, 0) AS spent,
    COALESCE(orders_per_customer.orders_count_30_days, 0) AS orders_count_30_days
  FROM customer_rows
  LEFT JOIN orders_per_customer
    ON orders_per_customer.customer_id = customer_rows.customer_id
), customer_members_before AS (
  SELECT
    customer_id,
    MAX(CASE WHEN segment = 'campaign' THEN MAKE_TIMESTAMP(EPOCH_US(entered_at)) END) AS campaign__entered_at
  FROM {{ beforemembers }} AS before
  WHERE
    segment IN ('campaign')
  GROUP BY
    customer_id
), customer_stays_before AS (
  SELECT
    customer_id,
    MAX(CASE WHEN segment = 'best' THEN MAKE_TIMESTAMP(EPOCH_US(entered_at)) END) AS best__member_since
  FROM {{ beforestays }} AS before
  WHERE
    segment IN ('best')
  GROUP BY
    customer_id
), customer_frozen AS (
  SELECT
    COALESCE(
      MAX(
        CASE WHEN segment = 'campaign' AND rule_hash = 'hash of campaign' THEN 1 ELSE 0 END
      ) = 1,
      FALSE
    ) AS campaign__is_frozen
  FROM {{ beforeevaluated }} AS evaluated
), customer_with_log AS (
  SELECT
    customer_measured.*,
    customer_members_before.campaign__entered_at,
    customer_stays_before.best__member_since,
    customer_frozen.campaign__is_frozen
  FROM customer_measured
  LEFT JOIN customer_members_before
    ON customer_members_before.customer_id = customer_measured.customer_id
  LEFT JOIN customer_stays_before
    ON customer_stays_before.customer_id = customer_measured.customer_id
  CROSS JOIN customer_frozen
), customer_step_1 AS (
  SELECT
    customer_with_log.*,
    COALESCE(NOT subscribed, FALSE) AS in_unsubscribed,
    CAST((
      '0x' || SUBSTRING(MD5('x:' || CAST(customer_id AS TEXT)), 1, 7)
    ) AS BIGINT) % 10000 AS both__bucket
  FROM customer_with_log
), customer_step_2 AS (
  SELECT
    customer_step_1.*,
    NOT in_unsubscribed AS best__eligible,
    NOT phone IS NULL
    AND MAX(CASE WHEN orders_count_30_days >= 1 THEN 1 ELSE 0 END) OVER (PARTITION BY phone) = 1
    AND NOT (
      MAX(CASE WHEN COALESCE(city = 'Paris', FALSE) OR in_unsubscribed THEN 1 ELSE 0 END) OVER (PARTITION BY phone) = 1
    ) AS in_phones
  FROM customer_step_1
), customer_step_3 AS (
  SELECT
    customer_step_2.*,
    CASE
      WHEN best__eligible AND NOT city IS NULL
      THEN ROW_NUMBER() OVER (
        PARTITION BY best__eligible, city
        ORDER BY spent DESC, customer_id ASC NULLS FIRST
      ) <= 100
    END AS best__within_limit
  FROM customer_step_2
), customer_step_4 AS (
  SELECT
    customer_step_3.*,
    COALESCE(best__eligible AND best__within_limit, FALSE) AS in_best
  FROM customer_step_3
), customer_step_5 AS (
  SELECT
    customer_step_4.*,
    CASE
      WHEN campaign__is_frozen
      THEN NOT campaign__entered_at IS NULL AND NOT in_unsubscribed
      ELSE COALESCE(
        in_best
        AND (
          best__member_since IS NULL OR best__member_since > {{ days_7_ago }}
        )
        AND NOT in_unsubscribed,
        FALSE
      )
    END AS in_campaign
  FROM customer_step_4
), customer_step_6 AS (
  SELECT
    customer_step_5.*,
    in_campaign AND in_phones AND NOT in_unsubscribed AND NOT in_best AS in_both
  FROM customer_step_5
)
SELECT
  customer_id,
  created_at,
  subscribed,
  city,
  phone,
  spent,
  orders_count_30_days,
  campaign__entered_at,
  best__member_since,
  campaign__is_frozen,
  in_unsubscribed,
  both__bucket,
  best__eligible,
  in_phones,
  best__within_limit,
  in_best,
  in_campaign,
  in_both
FROM customer_step_6

/* segments/references.yml:2 */
SELECT
  'unsubscribed' AS segment,
  customer_id AS customer_id
FROM {{ facts }} AS facts
WHERE
  in_unsubscribed
UNION ALL
/* segments/references.yml:3 */
SELECT
  'best' AS segment,
  customer_id AS customer_id
FROM {{ facts }} AS facts
WHERE
  in_best
UNION ALL
/* segments/references.yml:14 */
SELECT
  'campaign' AS segment,
  customer_id AS customer_id
FROM {{ facts }} AS facts
WHERE
  in_campaign
UNION ALL
/* segments/references.yml:15 */
SELECT
  'both' AS segment,
  customer_id AS customer_id
FROM {{ facts }} AS facts
WHERE
  in_both
UNION ALL
/* segments/references.yml:15 */
SELECT
  'both__a' AS segment,
  customer_id AS customer_id
FROM {{ facts }} AS facts
WHERE
  in_both AND both__bucket >= 0 AND both__bucket < 5000
UNION ALL
/* segments/references.yml:15 */
SELECT
  'both__b' AS segment,
  customer_id AS customer_id
FROM {{ facts }} AS facts
WHERE
  in_both AND both__bucket >= 5000 AND both__bucket < 10000

/* segments/references.yml:8 */
SELECT DISTINCT
  'phones' AS segment,
  phone AS phone
FROM {{ facts }} AS facts
WHERE
  in_phones
