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
    MAX(happened_at) AS orders_last_at
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
    orders_per_customer.orders_last_at AS orders_last_at
  FROM customer_rows
  LEFT JOIN orders_per_customer
    ON orders_per_customer.customer_id = customer_rows.customer_id
)
SELECT
  customer_id,
  created_at,
  birthday,
  orders_last_at
FROM customer_measured

/* segments/dates.yml:2 */
SELECT
  'dates' AS segment,
  customer_id AS customer_id
FROM {{ facts }} AS facts
WHERE
  birthday >= CAST('2000-01-02' AS DATE)
  AND birthday >= CAST('2000-01-01' AS DATE)
  AND birthday < CAST('2000-01-01' AS DATE)
  AND birthday < CAST('2000-01-02' AS DATE)
  AND birthday >= CAST('2000-01-01' AS DATE)
  AND birthday < CAST('2001-01-01' AS DATE)
  AND NOT COALESCE(
    birthday >= CAST('2000-01-01' AS DATE) AND birthday < CAST('2001-01-01' AS DATE),
    FALSE
  )
  AND birthday < CAST('2000-01-01' AS DATE)
  AND birthday >= CAST('2000-01-02' AS DATE)
  AND birthday >= {{ days_60_ago_day }}
  AND birthday < {{ days_30_ago_day }}
  AND birthday >= {{ as_of_day }}
  AND birthday < {{ days_7_ahead_day }}
  AND birthday < {{ years_18_ago_day }}
  AND birthday >= {{ month_start_day }}
  AND birthday < {{ month_start_1_ahead_day }}
  AND birthday >= {{ quarter_start_3_ago_day }}
  AND birthday < {{ quarter_start_day }}
  AND birthday >= {{ week_start_1_ahead_day }}
  AND birthday < {{ week_start_2_ahead_day }}
  AND (
    (
      (
        EXTRACT(MONTH FROM birthday) * 100 + EXTRACT(DAY FROM birthday)
      ) >= 229
      AND (
        EXTRACT(MONTH FROM birthday) * 100 + EXTRACT(DAY FROM birthday)
      ) <= 229
    )
    OR (
      (
        EXTRACT(MONTH FROM birthday) * 100 + EXTRACT(DAY FROM birthday)
      ) = 228
      AND NOT (
        DATE_DIFF('DAY', {{ year_start_day }}, {{ year_start_1_ahead_day }}) = 366
      )
    )
  )
  AND (
    (
      EXTRACT(MONTH FROM birthday) * 100 + EXTRACT(DAY FROM birthday)
    ) >= 1202
    OR (
      EXTRACT(MONTH FROM birthday) * 100 + EXTRACT(DAY FROM birthday)
    ) <= 103
  )
  AND CASE
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
  AND (
    EXTRACT(ISODOW FROM birthday) - 1
  ) IN (0)
  AND (
    EXTRACT(ISODOW FROM birthday) - 1
  ) IN (5, 6)
  AND (
    EXTRACT(ISODOW FROM birthday) - 1
  ) IN (0, 4, 5, 6)
  AND EXTRACT(HOUR FROM orders_last_at) >= 12
  AND EXTRACT(HOUR FROM orders_last_at) <= 12
  AND (
    EXTRACT(HOUR FROM orders_last_at) >= 22 OR EXTRACT(HOUR FROM orders_last_at) <= 4
  )
