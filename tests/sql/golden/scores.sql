WITH orders_rows AS (
  SELECT
    customer_id,
    happened_at,
    happened_on,
    row_id,
    amount,
    source,
    product__category,
    product_id,
    ordered_at
  FROM (
    SELECT
      customer_id,
      happened_at,
      happened_on,
      row_id,
      amount,
      source,
      product__category,
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
        CAST(orders.source AS TEXT) AS source,
        CAST(product.category AS TEXT) AS product__category,
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
    COUNT(DISTINCT happened_on) AS active_days,
    AVG(CAST(amount AS DOUBLE)) AS mean,
    SUM(amount) AS mean__sum,
    COUNT(amount) AS mean__number,
    MIN(amount) AS least,
    MAX(amount) AS most,
    COUNT(DISTINCT product__category) AS kinds,
    MIN(happened_at) AS first_order,
    MAX(
      CASE
        WHEN happened_at >= {{ years_1_ago }} AND NOT COALESCE(source = 'test', FALSE)
        THEN happened_at
      END
    ) AS orders_last_at_1_years_where_not_source_is_test,
    COUNT(
      CASE
        WHEN happened_at >= {{ years_1_ago }} AND NOT COALESCE(source = 'test', FALSE)
        THEN 1
      END
    ) AS orders_count_1_years_where_not_source_is_test,
    SUM(
      CASE
        WHEN happened_at >= {{ years_1_ago }} AND NOT COALESCE(source = 'test', FALSE)
        THEN amount
      END
    ) AS orders_amount_sum_1_years_where_not_source_is_test
  FROM orders_rows
  GROUP BY
    customer_id
), tickets_per_customer AS (
  SELECT
    customer_id,
    COUNT(CASE WHEN status = 'open' THEN 1 END) AS open_tickets
  FROM tickets_rows
  GROUP BY
    customer_id
), same_kind AS (
  SELECT
    customer_id,
    MAX(rows_count) AS same_kind
  FROM (
    SELECT
      customer_id,
      product__category AS grouped_value,
      COUNT(*) AS rows_count
    FROM orders_rows
    WHERE
      NOT product__category IS NULL
    GROUP BY
      customer_id,
      product__category
  ) AS groups_by_value
  GROUP BY
    customer_id
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
    COALESCE(orders_per_customer.active_days, 0) AS active_days,
    orders_per_customer.mean AS mean,
    orders_per_customer.mean__sum AS mean__sum,
    COALESCE(orders_per_customer.mean__number, 0) AS mean__number,
    orders_per_customer.least AS least,
    orders_per_customer.most AS most,
    COALESCE(orders_per_customer.kinds, 0) AS kinds,
    orders_per_customer.first_order AS first_order,
    orders_per_customer.orders_last_at_1_years_where_not_source_is_test AS orders_last_at_1_years_where_not_source_is_test,
    COALESCE(orders_per_customer.orders_count_1_years_where_not_source_is_test, 0) AS orders_count_1_years_where_not_source_is_test,
    COALESCE(orders_per_customer.orders_amount_sum_1_years_where_not_source_is_test, 0) AS orders_amount_sum_1_years_where_not_source_is_test,
    COALESCE(tickets_per_customer.open_tickets, 0) AS open_tickets,
    COALESCE(same_kind.same_kind, 0) AS same_kind
  FROM customer_rows
  LEFT JOIN orders_per_customer
    ON orders_per_customer.customer_id = customer_rows.customer_id
  LEFT JOIN tickets_per_customer
    ON tickets_per_customer.customer_id = customer_rows.customer_id
  LEFT JOIN same_kind
    ON same_kind.customer_id = customer_rows.customer_id
), customer_step_1 AS (
  SELECT
    customer_measured.*,
    CASE WHEN open_tickets >= 2 THEN 'cross' ELSE 'calm' END AS mood,
    (
      EPOCH_US({{ as_of }}) - EPOCH_US(orders_last_at_1_years_where_not_source_is_test)
    ) // 86400000000 AS rfm__recency,
    CASE
      WHEN NOT orders_last_at_1_years_where_not_source_is_test IS NULL
      THEN orders_count_1_years_where_not_source_is_test
    END AS rfm__frequency,
    CASE
      WHEN NOT orders_last_at_1_years_where_not_source_is_test IS NULL
      THEN orders_amount_sum_1_years_where_not_source_is_test
    END AS rfm__monetary
  FROM customer_measured
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
), rfm_frequency_values AS (
  SELECT
    counted_value,
    SUM(entities) OVER (ORDER BY counted_value ASC NULLS FIRST) AS up_to,
    SUM(entities) OVER () AS total
  FROM (
    SELECT
      rfm__frequency AS counted_value,
      COUNT(*) AS entities
    FROM customer_step_1
    WHERE
      NOT rfm__frequency IS NULL
    GROUP BY
      rfm__frequency
  ) AS counted
), rfm_frequency_edges AS (
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
  FROM rfm_frequency_values
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
      WHEN (
        rfm__frequency - rfm_frequency_edges.segwh_low_1
      ) * 5 <= (
        rfm_frequency_edges.segwh_high_1 - rfm_frequency_edges.segwh_low_1
      ) * rfm_frequency_edges.segwh_rest_1
      THEN 1
      WHEN (
        rfm__frequency - rfm_frequency_edges.segwh_low_2
      ) * 5 <= (
        rfm_frequency_edges.segwh_high_2 - rfm_frequency_edges.segwh_low_2
      ) * rfm_frequency_edges.segwh_rest_2
      THEN 2
      WHEN (
        rfm__frequency - rfm_frequency_edges.segwh_low_3
      ) * 5 <= (
        rfm_frequency_edges.segwh_high_3 - rfm_frequency_edges.segwh_low_3
      ) * rfm_frequency_edges.segwh_rest_3
      THEN 3
      WHEN (
        rfm__frequency - rfm_frequency_edges.segwh_low_4
      ) * 5 <= (
        rfm_frequency_edges.segwh_high_4 - rfm_frequency_edges.segwh_low_4
      ) * rfm_frequency_edges.segwh_rest_4
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
    END AS rfm__monetary_score
  FROM customer_step_1
  CROSS JOIN rfm_recency_edges
  CROSS JOIN rfm_frequency_edges
  CROSS JOIN rfm_monetary_edges
), customer_step_3 AS (
  SELECT
    customer_step_2.*,
    CAST(rfm__recency_score AS TEXT) || CAST(rfm__frequency_score AS TEXT) || CAST(rfm__monetary_score AS TEXT) AS rfm__cell,
    CAST(NULL AS TEXT) AS rfm__name
  FROM customer_step_2
)
SELECT
  customer_id,
  created_at,
  open_tickets,
  active_days,
  mean,
  least,
  most,
  kinds,
  same_kind,
  first_order,
  orders_last_at_1_years_where_not_source_is_test,
  orders_count_1_years_where_not_source_is_test,
  orders_amount_sum_1_years_where_not_source_is_test,
  mean__sum,
  mean__number,
  mood,
  rfm__recency,
  rfm__frequency,
  rfm__monetary,
  rfm__recency_score,
  rfm__frequency_score,
  rfm__monetary_score,
  rfm__cell,
  rfm__name
FROM customer_step_3

/* segments/scores.yml:10 */
SELECT
  'mood__cross' AS segment,
  customer_id AS customer_id
FROM {{ facts }} AS facts
WHERE
  mood = 'cross'
UNION ALL
/* segments/scores.yml:10 */
SELECT
  'mood__calm' AS segment,
  customer_id AS customer_id
FROM {{ facts }} AS facts
WHERE
  mood = 'calm'
UNION ALL
/* segments/scores.yml:22 */
SELECT
  'scored' AS segment,
  customer_id AS customer_id
FROM {{ facts }} AS facts
WHERE
  rfm__recency <= 30
  AND rfm__frequency >= 2
  AND rfm__monetary >= 100
  AND rfm__recency_score >= 4
  AND rfm__frequency_score >= 4
  AND rfm__monetary_score >= 4
  AND STARTS_WITH(rfm__cell, '55')
  AND same_kind >= 2
