WITH orders_rows AS (
  SELECT
    customer_id,
    happened_at,
    row_id,
    amount,
    source,
    product_id,
    product__category,
    ordered_at
  FROM (
    SELECT
      customer_id,
      happened_at,
      row_id,
      amount,
      source,
      product_id,
      product__category,
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
        CAST(product.category AS TEXT) AS product__category,
        COALESCE(MAKE_TIMESTAMP(EPOCH_US(orders.ordered_at)), CAST(orders.ordered_at AS TIMESTAMP)) AS ordered_at
      FROM {{ ref('orders') }} AS orders
      LEFT JOIN {{ ref('products') }} AS product
        ON product.product_id = orders.product_id
      WHERE
        NOT orders.customer_id IS NULL
        AND COALESCE(MAKE_TIMESTAMP(EPOCH_US(orders.ordered_at)), CAST(orders.ordered_at AS TIMESTAMP)) < {{ as_of }}
    ) AS found
  ) AS versions
  WHERE
    version_from_latest = 1 OR row_id IS NULL
), carts_rows AS (
  SELECT
    carts.customer_id AS customer_id,
    COALESCE(MAKE_TIMESTAMP(EPOCH_US(carts.added_at)), CAST(carts.added_at AS TIMESTAMP)) AS happened_at
  FROM {{ ref('carts') }} AS carts
  WHERE
    NOT carts.customer_id IS NULL
    AND COALESCE(MAKE_TIMESTAMP(EPOCH_US(carts.added_at)), CAST(carts.added_at AS TIMESTAMP)) < {{ as_of }}
), carts_then_orders_step_1 AS (
  SELECT
    step.customer_id AS step_key,
    step.happened_at AS step_at
  FROM carts_rows AS step
), carts_then_orders_step_2 AS (
  SELECT
    step.customer_id AS step_key,
    step.happened_at AS step_at
  FROM orders_rows AS step
  WHERE
    EXISTS(
      SELECT
        1
      FROM carts_then_orders_step_1 AS before
      WHERE
        before.step_key = step.customer_id
        AND before.step_at < step.happened_at
        AND step.happened_at <= (
          before.step_at + INTERVAL '172800' SECOND
        )
    )
), orders_per_customer AS (
  SELECT
    customer_id,
    COUNT(CASE WHEN happened_at >= {{ days_180_ago }} AND happened_at < {{ days_90_ago }} THEN 1 END) AS orders_count_days_180_ago_to_days_90_ago,
    MIN(
      CASE
        WHEN happened_at >= CAST('2026-01-01 00:00:00' AS TIMESTAMP)
        AND happened_at < CAST('2026-04-01 00:00:00' AS TIMESTAMP)
        THEN amount
      END
    ) AS orders_amount_min_instant_20260101_to_instant_20260401,
    MAX(
      CASE WHEN happened_at >= CAST('2026-01-01 00:00:00' AS TIMESTAMP) THEN amount END
    ) AS orders_amount_max_since_instant_20260101,
    COUNT(
      DISTINCT CASE
        WHEN happened_at < CAST('2026-01-02 00:00:00' AS TIMESTAMP)
        THEN product__category
      END
    ) AS orders_product_category_distinct_before_instant_20260102,
    COUNT(CASE WHEN happened_at >= {{ week_start }} AND happened_at < {{ week_start_1_ahead }} THEN 1 END) AS orders_count_week_start_to_week_start_1_ahead,
    SUM(CASE WHEN happened_at >= {{ month_start_3_ago }} AND happened_at < {{ month_start }} THEN amount END) AS orders_amount_sum_month_start_3_ago_to_month_start
  FROM orders_rows
  GROUP BY
    customer_id
), orders_first AS (
  SELECT
    customer_id,
    orders_first_source_is_web
  FROM (
    SELECT
      customer_id,
      COALESCE(source = 'web', FALSE) AS orders_first_source_is_web,
      ROW_NUMBER() OVER (
        PARTITION BY customer_id
        ORDER BY happened_at ASC NULLS FIRST, row_id ASC NULLS FIRST, amount ASC NULLS FIRST, source ASC NULLS FIRST, product_id ASC NULLS FIRST, ordered_at ASC NULLS FIRST
      ) AS place
    FROM orders_rows
  ) AS placed
  WHERE
    place = 1
), orders_count_by_product_id_before_days_30_ago AS (
  SELECT
    customer_id,
    MAX(rows_count) AS orders_count_by_product_id_before_days_30_ago
  FROM (
    SELECT
      customer_id,
      product_id AS grouped_value,
      COUNT(*) AS rows_count
    FROM orders_rows
    WHERE
      NOT product_id IS NULL AND happened_at < {{ days_30_ago }}
    GROUP BY
      customer_id,
      product_id
  ) AS groups_by_value
  GROUP BY
    customer_id
), carts_then_orders AS (
  SELECT DISTINCT
    step_key,
    TRUE AS carts_then_orders
  FROM carts_then_orders_step_2
), customer_rows AS (
  SELECT
    customer.customer_id AS customer_id,
    COALESCE(
      MAKE_TIMESTAMP(EPOCH_US(customer.created_at)),
      CAST(customer.created_at AS TIMESTAMP)
    ) AS created_at
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
    COALESCE(orders_per_customer.orders_count_days_180_ago_to_days_90_ago, 0) AS orders_count_days_180_ago_to_days_90_ago,
    orders_per_customer.orders_amount_min_instant_20260101_to_instant_20260401 AS orders_amount_min_instant_20260101_to_instant_20260401,
    orders_per_customer.orders_amount_max_since_instant_20260101 AS orders_amount_max_since_instant_20260101,
    COALESCE(orders_per_customer.orders_product_category_distinct_before_instant_20260102, 0) AS orders_product_category_distinct_before_instant_20260102,
    COALESCE(orders_per_customer.orders_count_week_start_to_week_start_1_ahead, 0) AS orders_count_week_start_to_week_start_1_ahead,
    COALESCE(orders_per_customer.orders_amount_sum_month_start_3_ago_to_month_start, 0) AS orders_amount_sum_month_start_3_ago_to_month_start,
    COALESCE(orders_first.orders_first_source_is_web, FALSE) AS orders_first_source_is_web,
    COALESCE(
      orders_count_by_product_id_before_days_30_ago.orders_count_by_product_id_before_days_30_ago,
      0
    ) AS orders_count_by_product_id_before_days_30_ago,
    COALESCE(carts_then_orders.carts_then_orders, FALSE) AS carts_then_orders
  FROM customer_rows
  LEFT JOIN orders_per_customer
    ON orders_per_customer.customer_id = customer_rows.customer_id
  LEFT JOIN orders_first
    ON orders_first.customer_id = customer_rows.customer_id
  LEFT JOIN orders_count_by_product_id_before_days_30_ago
    ON orders_count_by_product_id_before_days_30_ago.customer_id = customer_rows.customer_id
  LEFT JOIN carts_then_orders
    ON carts_then_orders.step_key = customer_rows.customer_id
)
SELECT
  customer_id,
  created_at,
  orders_count_days_180_ago_to_days_90_ago,
  orders_amount_min_instant_20260101_to_instant_20260401,
  orders_amount_max_since_instant_20260101,
  orders_product_category_distinct_before_instant_20260102,
  orders_count_week_start_to_week_start_1_ahead,
  orders_amount_sum_month_start_3_ago_to_month_start,
  orders_count_by_product_id_before_days_30_ago,
  orders_first_source_is_web,
  carts_then_orders
FROM customer_measured

/* segments/windows.yml:2 */
SELECT
  'windows' AS segment,
  customer_id AS customer_id
FROM {{ facts }} AS facts
WHERE
  orders_count_days_180_ago_to_days_90_ago >= 1
  AND orders_amount_min_instant_20260101_to_instant_20260401 < 5
  AND orders_amount_max_since_instant_20260101 >= 50
  AND orders_product_category_distinct_before_instant_20260102 >= 2
  AND orders_count_week_start_to_week_start_1_ahead = 2
  AND orders_amount_sum_month_start_3_ago_to_month_start >= 100
  AND orders_count_by_product_id_before_days_30_ago >= 1
  AND orders_count_by_product_id_before_days_30_ago <= 3
  AND orders_first_source_is_web
  AND carts_then_orders
