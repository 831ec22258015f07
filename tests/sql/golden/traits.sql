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
    COUNT(CASE WHEN happened_at >= {{ days_90_ago }} THEN 1 END) AS orders_90d,
    SUM(amount) AS spent,
    MAX(happened_at) AS orders_last_at,
    COUNT(*) AS orders_count
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
    CAST(customer.birthday AS DATE) AS birthday
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
    COALESCE(orders_per_customer.orders_90d, 0) AS orders_90d,
    COALESCE(orders_per_customer.spent, 0) AS spent,
    orders_per_customer.orders_last_at AS orders_last_at,
    COALESCE(orders_per_customer.orders_count, 0) AS orders_count
  FROM customer_rows
  LEFT JOIN orders_per_customer
    ON orders_per_customer.customer_id = customer_rows.customer_id
), customer_step_1 AS (
  SELECT
    customer_measured.*,
    NULLIF(
      (
        CAST(spent AS DOUBLE) / NULLIF(CAST(orders_90d AS DOUBLE), 0)
      ),
      CAST('NaN' AS DOUBLE)
    ) AS per_order,
    CASE WHEN spent >= 50 THEN 10 ELSE 0 END + CASE
      WHEN CASE
        WHEN (
          EXTRACT(MONTH FROM {{ day_start_day }}) * 100 + EXTRACT(DAY FROM {{ day_start_day }})
        ) < (
          EXTRACT(MONTH FROM {{ day_start_7_ahead_day }}) * 100 + EXTRACT(DAY FROM {{ day_start_7_ahead_day }})
        )
        THEN (
          EXTRACT(MONTH FROM birthday) * 100 + EXTRACT(DAY FROM birthday)
        ) >= (
          EXTRACT(MONTH FROM {{ day_start_day }}) * 100 + EXTRACT(DAY FROM {{ day_start_day }})
        )
        AND (
          EXTRACT(MONTH FROM birthday) * 100 + EXTRACT(DAY FROM birthday)
        ) < (
          EXTRACT(MONTH FROM {{ day_start_7_ahead_day }}) * 100 + EXTRACT(DAY FROM {{ day_start_7_ahead_day }})
        )
        ELSE (
          EXTRACT(MONTH FROM birthday) * 100 + EXTRACT(DAY FROM birthday)
        ) >= (
          EXTRACT(MONTH FROM {{ day_start_day }}) * 100 + EXTRACT(DAY FROM {{ day_start_day }})
        )
        OR (
          EXTRACT(MONTH FROM birthday) * 100 + EXTRACT(DAY FROM birthday)
        ) < (
          EXTRACT(MONTH FROM {{ day_start_7_ahead_day }}) * 100 + EXTRACT(DAY FROM {{ day_start_7_ahead_day }})
        )
      END
      THEN 5
      ELSE 0
    END AS points,
    CASE WHEN orders_90d >= 1 THEN 'active' ELSE 'lapsed' END AS stage,
    (
      EPOCH_US({{ as_of }}) - EPOCH_US(orders_last_at)
    ) // 86400000000 AS rfm__recency,
    CASE WHEN NOT orders_last_at IS NULL THEN orders_count END AS rfm__frequency,
    CASE WHEN NOT orders_last_at IS NULL THEN spent END AS rfm__monetary
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
    MIN(CASE WHEN up_to * 3 > (
      total - 1
    ) * 1 THEN counted_value END) AS segwh_low_1,
    COALESCE(
      MIN(CASE WHEN (
        up_to - 1
      ) * 3 > (
        total - 1
      ) * 1 THEN counted_value END),
      MIN(CASE WHEN up_to * 3 > (
        total - 1
      ) * 1 THEN counted_value END)
    ) AS segwh_high_1,
    MAX((
      (
        total - 1
      ) * 1
    ) % 3) AS segwh_rest_1,
    MIN(CASE WHEN up_to * 3 > (
      total - 1
    ) * 2 THEN counted_value END) AS segwh_low_2,
    COALESCE(
      MIN(CASE WHEN (
        up_to - 1
      ) * 3 > (
        total - 1
      ) * 2 THEN counted_value END),
      MIN(CASE WHEN up_to * 3 > (
        total - 1
      ) * 2 THEN counted_value END)
    ) AS segwh_high_2,
    MAX((
      (
        total - 1
      ) * 2
    ) % 3) AS segwh_rest_2
  FROM rfm_recency_values
), customer_step_2 AS (
  SELECT
    customer_step_1.*,
    CASE
      WHEN rfm__recency IS NULL
      THEN NULL
      WHEN (
        rfm__recency - rfm_recency_edges.segwh_low_1
      ) * 3 <= (
        rfm_recency_edges.segwh_high_1 - rfm_recency_edges.segwh_low_1
      ) * rfm_recency_edges.segwh_rest_1
      THEN 3
      WHEN (
        rfm__recency - rfm_recency_edges.segwh_low_2
      ) * 3 <= (
        rfm_recency_edges.segwh_high_2 - rfm_recency_edges.segwh_low_2
      ) * rfm_recency_edges.segwh_rest_2
      THEN 2
      ELSE 1
    END AS rfm__recency_score,
    CASE
      WHEN NOT rfm__frequency IS NULL
      THEN NTILE(3) OVER (
        PARTITION BY rfm__frequency IS NULL
        ORDER BY rfm__frequency ASC NULLS FIRST, customer_id ASC NULLS FIRST
      )
    END AS rfm__frequency_score,
    CASE
      WHEN rfm__monetary IS NULL
      THEN NULL
      WHEN rfm__monetary <= 50
      THEN 1
      WHEN rfm__monetary <= 100
      THEN 2
      ELSE 3
    END AS rfm__monetary_score
  FROM customer_step_1
  CROSS JOIN rfm_recency_edges
), customer_step_3 AS (
  SELECT
    customer_step_2.*,
    CAST(rfm__recency_score AS TEXT) || CAST(rfm__frequency_score AS TEXT) || CAST(rfm__monetary_score AS TEXT) AS rfm__cell,
    CASE
      WHEN rfm__recency_score IN (3) AND rfm__frequency_score IN (3)
      THEN 'champions'
    END AS rfm__name
  FROM customer_step_2
)
SELECT
  customer_id,
  created_at,
  birthday,
  orders_90d,
  spent,
  orders_last_at,
  orders_count,
  per_order,
  points,
  stage,
  rfm__recency,
  rfm__frequency,
  rfm__monetary,
  rfm__recency_score,
  rfm__frequency_score,
  rfm__monetary_score,
  rfm__cell,
  rfm__name
FROM customer_step_3

/* segments/traits.yml:25 */
SELECT
  'champions' AS segment,
  customer_id AS customer_id
FROM {{ facts }} AS facts
WHERE
  rfm__name = 'champions' AND points >= 5
