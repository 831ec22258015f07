WITH orders_rows AS (
  SELECT
    customer_id,
    happened_at,
    row_id,
    source,
    product_id,
    product__category,
    amount,
    ordered_at
  FROM (
    SELECT
      customer_id,
      happened_at,
      row_id,
      source,
      product_id,
      product__category,
      amount,
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
        CAST(orders.source AS TEXT) AS source,
        CAST(orders.product_id AS TEXT) AS product_id,
        CAST(product.category AS TEXT) AS product__category,
        orders.amount AS amount,
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
    COALESCE(MAKE_TIMESTAMP(EPOCH_US(carts.added_at)), CAST(carts.added_at AS TIMESTAMP)) AS happened_at,
    CAST(carts.product_id AS TEXT) AS product_id
  FROM {{ ref('carts') }} AS carts
  WHERE
    NOT carts.customer_id IS NULL
    AND COALESCE(MAKE_TIMESTAMP(EPOCH_US(carts.added_at)), CAST(carts.added_at AS TIMESTAMP)) < {{ as_of }}
    AND COALESCE(MAKE_TIMESTAMP(EPOCH_US(carts.added_at)), CAST(carts.added_at AS TIMESTAMP)) >= {{ days_30_ago }}
), carts_then_no_orders_step_1 AS (
  SELECT
    step.customer_id AS step_key,
    step.happened_at AS step_at
  FROM carts_rows AS step
  WHERE
    step.happened_at >= {{ days_30_ago }}
    AND (
      step.happened_at + INTERVAL '86400' SECOND
    ) <= {{ as_of }}
    AND NOT EXISTS(
      SELECT
        1
      FROM orders_rows AS missed
      WHERE
        missed.customer_id = step.customer_id
        AND missed.happened_at > step.happened_at
        AND missed.happened_at <= (
          step.happened_at + INTERVAL '86400' SECOND
        )
        AND missed.happened_at >= {{ days_30_ago }}
        AND missed.product_id = step.product_id
    )
), orders_per_customer AS (
  SELECT
    customer_id,
    MIN(happened_at) AS orders_first_at
  FROM orders_rows
  GROUP BY
    customer_id
), orders_last AS (
  SELECT
    customer_id,
    last_source,
    orders_last_source_is_web
  FROM (
    SELECT
      customer_id,
      source AS last_source,
      COALESCE(source = 'web', FALSE) AS orders_last_source_is_web,
      ROW_NUMBER() OVER (
        PARTITION BY customer_id
        ORDER BY happened_at DESC, row_id DESC, amount DESC, source DESC, product_id DESC, ordered_at DESC
      ) AS place
    FROM orders_rows
  ) AS placed
  WHERE
    place = 1
), favourite AS (
  SELECT
    customer_id,
    grouped_value AS favourite
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
      FROM orders_rows
      WHERE
        NOT product__category IS NULL
      GROUP BY
        customer_id,
        product__category
    ) AS groups_by_value
  ) AS placed
  WHERE
    value_place = 1
), carts_then_no_orders AS (
  SELECT DISTINCT
    step_key,
    TRUE AS carts_then_no_orders
  FROM carts_then_no_orders_step_1
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
    orders_per_customer.orders_first_at AS orders_first_at,
    orders_last.last_source AS last_source,
    COALESCE(orders_last.orders_last_source_is_web, FALSE) AS orders_last_source_is_web,
    favourite.favourite AS favourite,
    COALESCE(carts_then_no_orders.carts_then_no_orders, FALSE) AS carts_then_no_orders
  FROM customer_rows
  LEFT JOIN orders_per_customer
    ON orders_per_customer.customer_id = customer_rows.customer_id
  LEFT JOIN orders_last
    ON orders_last.customer_id = customer_rows.customer_id
  LEFT JOIN favourite
    ON favourite.customer_id = customer_rows.customer_id
  LEFT JOIN carts_then_no_orders
    ON carts_then_no_orders.step_key = customer_rows.customer_id
)
SELECT
  customer_id,
  created_at,
  favourite,
  last_source,
  carts_then_no_orders,
  orders_last_source_is_web,
  orders_first_at
FROM customer_measured

/* segments/rows_in_order.yml:2 */
SELECT
  'abandoned' AS segment,
  customer_id AS customer_id
FROM {{ facts }} AS facts
WHERE
  carts_then_no_orders AND orders_last_source_is_web AND orders_first_at < {{ years_1_ago }}
