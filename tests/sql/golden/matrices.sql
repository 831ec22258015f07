WITH orders_rows AS (
  SELECT
    customer_id,
    happened_at,
    row_id,
    product__category,
    amount,
    source,
    product_id,
    ordered_at
  FROM (
    SELECT
      customer_id,
      happened_at,
      row_id,
      product__category,
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
        CAST(product.category AS TEXT) AS product__category,
        orders.amount AS amount,
        CAST(orders.source AS TEXT) AS source,
        CAST(orders.product_id AS TEXT) AS product_id,
        COALESCE(MAKE_TIMESTAMP(EPOCH_US(orders.ordered_at)), CAST(orders.ordered_at AS TIMESTAMP)) AS ordered_at
      FROM {{ ref('orders') }} AS orders
      LEFT JOIN {{ ref('products') }} AS product
        ON product.product_id = orders.product_id
      WHERE
        NOT orders.customer_id IS NULL
        AND COALESCE(MAKE_TIMESTAMP(EPOCH_US(orders.ordered_at)), CAST(orders.ordered_at AS TIMESTAMP)) < {{ as_of }}
        AND COALESCE(MAKE_TIMESTAMP(EPOCH_US(orders.ordered_at)), CAST(orders.ordered_at AS TIMESTAMP)) >= {{ days_30_ago }}
    ) AS found
  ) AS versions
  WHERE
    version_from_latest = 1 OR row_id IS NULL
), orders_per_customer AS (
  SELECT
    customer_id,
    COUNT(CASE WHEN happened_at >= {{ days_30_ago }} AND product__category = 'tea' THEN 1 END) AS orders_count_30_days_where_product_category_is_tea
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
    COALESCE(orders_per_customer.orders_count_30_days_where_product_category_is_tea, 0) AS orders_count_30_days_where_product_category_is_tea
  FROM customer_rows
  LEFT JOIN orders_per_customer
    ON orders_per_customer.customer_id = customer_rows.customer_id
)
SELECT
  customer_id,
  created_at,
  city,
  phone,
  orders_count_30_days_where_product_category_is_tea
FROM customer_measured

/* segments/matrices.yml:6 */
SELECT
  'who__uk__known' AS segment,
  customer_id AS customer_id
FROM {{ facts }} AS facts
WHERE
  city = 'Leeds' AND NOT COALESCE((
    phone IS NULL OR phone = ''
  ), FALSE)
UNION ALL
/* segments/matrices.yml:12 */
SELECT
  'what__tea__light' AS segment,
  customer_id AS customer_id
FROM {{ facts }} AS facts
WHERE
  orders_count_30_days_where_product_category_is_tea = 1
UNION ALL
/* segments/matrices.yml:12 */
SELECT
  'what__tea__heavy' AS segment,
  customer_id AS customer_id
FROM {{ facts }} AS facts
WHERE
  orders_count_30_days_where_product_category_is_tea >= 2
