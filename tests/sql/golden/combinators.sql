WITH customer_rows AS (
  SELECT
    customer.customer_id AS customer_id,
    COALESCE(
      MAKE_TIMESTAMP(EPOCH_US(customer.created_at)),
      CAST(customer.created_at AS TIMESTAMP)
    ) AS created_at,
    CAST(customer.city AS TEXT) AS city,
    CAST(customer.subscribed AS BOOLEAN) AS subscribed,
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
    customer_rows.*
  FROM customer_rows
)
SELECT
  customer_id,
  created_at,
  city,
  subscribed,
  phone
FROM customer_measured

/* segments/combinators.yml:4 */
SELECT
  'combined' AS segment,
  customer_id AS customer_id
FROM {{ facts }} AS facts
WHERE
  (
    city = 'London' OR (
      subscribed AND city = 'Leeds'
    )
  )
  AND NOT COALESCE(city = 'Paris' OR city = 'Rome', FALSE)
  AND NOT COALESCE(city = 'Bonn', FALSE)
  AND (
    CASE WHEN subscribed THEN 1 ELSE 0 END + CASE WHEN NOT COALESCE((
      phone IS NULL OR phone = ''
    ), FALSE) THEN 1 ELSE 0 END + CASE WHEN city = 'Leeds' THEN 1 ELSE 0 END
  ) >= 2
