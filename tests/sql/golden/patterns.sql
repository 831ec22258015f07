WITH customer_rows AS (
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
    customer_rows.*
  FROM customer_rows
)
SELECT
  customer_id,
  created_at,
  city
FROM customer_measured

/* segments/patterns.yml:2 */
SELECT
  'patterns' AS segment,
  customer_id AS customer_id
FROM {{ facts }} AS facts
WHERE
  REGEXP_MATCHES(city, '^L[a-z]+$')
  AND REGEXP_MATCHES(LOWER(city), 'a[^\n]b')
  AND NOT COALESCE(REGEXP_MATCHES(city, '[0-9]'), FALSE)
