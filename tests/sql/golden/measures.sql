WITH orders_rows AS (
  SELECT
    customer_id,
    happened_at,
    happened_on,
    row_id,
    amount,
    product__category,
    source,
    product_id,
    ordered_at
  FROM (
    SELECT
      customer_id,
      happened_at,
      happened_on,
      row_id,
      amount,
      product__category,
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
        CAST(COALESCE(MAKE_TIMESTAMP(EPOCH_US(orders.ordered_at)), CAST(orders.ordered_at AS TIMESTAMP)) AS DATE) AS happened_on,
        orders.order_id AS row_id,
        orders.amount AS amount,
        CAST(product.category AS TEXT) AS product__category,
        CAST(orders.source AS TEXT) AS source,
        CAST(orders.product_id AS TEXT) AS product_id,
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
), tickets_rows AS (
  SELECT
    tickets.customer_id AS customer_id,
    CAST(tickets.status AS TEXT) AS status
  FROM {{ ref('tickets') }} AS tickets
  WHERE
    NOT tickets.customer_id IS NULL
), orders_per_customer AS (
  SELECT
    customer_id,
    COUNT(
      CASE WHEN happened_at >= {{ days_90_ago }} AND product__category = 'Chinese tea' THEN 1 END
    ) AS orders_count_90_days_where_product_category_is_chinese_tea,
    AVG(CAST(amount AS DOUBLE)) AS orders_amount_avg,
    SUM(amount) AS orders_amount_avg__sum,
    COUNT(amount) AS orders_amount_avg__number,
    COUNT(
      DISTINCT CASE
        WHEN happened_at >= {{ days_90_ago }} AND product__category = 'Chinese tea'
        THEN happened_on
      END
    ) AS orders_days_90_days_where_product_category_is_chinese_tea
  FROM orders_rows
  GROUP BY
    customer_id
), tickets_per_customer AS (
  SELECT
    customer_id,
    COUNT(CASE WHEN status = 'open' THEN 1 END) AS tickets_count_where_status_is_open
  FROM tickets_rows
  GROUP BY
    customer_id
), customer_rows AS (
  SELECT
    customer.customer_id AS customer_id,
    COALESCE(
      MAKE_TIMESTAMP(EPOCH_US(customer.created_at)),
      CAST(customer.created_at AS TIMESTAMP)
    ) AS created_at,
    CAST(customer.city AS TEXT) AS city
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
    COALESCE(orders_per_customer.orders_count_90_days_where_product_category_is_chinese_tea, 0) AS orders_count_90_days_where_product_category_is_chinese_tea,
    orders_per_customer.orders_amount_avg AS orders_amount_avg,
    orders_per_customer.orders_amount_avg__sum AS orders_amount_avg__sum,
    COALESCE(orders_per_customer.orders_amount_avg__number, 0) AS orders_amount_avg__number,
    COALESCE(orders_per_customer.orders_days_90_days_where_product_category_is_chinese_tea, 0) AS orders_days_90_days_where_product_category_is_chinese_tea,
    COALESCE(tickets_per_customer.tickets_count_where_status_is_open, 0) AS tickets_count_where_status_is_open
  FROM customer_rows
  LEFT JOIN orders_per_customer
    ON orders_per_customer.customer_id = customer_rows.customer_id
  LEFT JOIN tickets_per_customer
    ON tickets_per_customer.customer_id = customer_rows.customer_id
)
SELECT
  customer_id,
  created_at,
  city,
  orders_count_90_days_where_product_category_is_chinese_tea,
  orders_amount_avg,
  orders_days_90_days_where_product_category_is_chinese_tea,
  tickets_count_where_status_is_open,
  orders_amount_avg__sum,
  orders_amount_avg__number
FROM customer_measured

/* segments/measures.yml:2 */
SELECT
  'tea_buyers' AS segment,
  customer_id AS customer_id
FROM {{ facts }} AS facts
WHERE
  created_at >= {{ years_2_ago }}
  AND orders_count_90_days_where_product_category_is_chinese_tea >= 1
  AND orders_amount_avg__sum >= orders_amount_avg__number * 20
  AND orders_days_90_days_where_product_category_is_chinese_tea >= 2
  AND NOT (
    tickets_count_where_status_is_open >= 1 OR COALESCE(city = 'Paris', FALSE)
  )
UNION ALL
/* segments/measures.yml:13 */
SELECT
  'same_measure_again' AS segment,
  customer_id AS customer_id
FROM {{ facts }} AS facts
WHERE
  orders_count_90_days_where_product_category_is_chinese_tea <= 3
  AND NOT COALESCE(STRPOS(city, '%') > 0, FALSE)
