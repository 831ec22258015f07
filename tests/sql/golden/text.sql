WITH customer_rows AS (
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
    customer_rows.*
  FROM customer_rows
)
SELECT
  customer_id,
  created_at,
  city,
  phone
FROM customer_measured

/* segments/text.yml:2 */
SELECT
  'text' AS segment,
  customer_id AS customer_id
FROM {{ facts }} AS facts
WHERE
  city = 'London'
  AND NOT COALESCE(city = 'London', FALSE)
  AND NOT (
    city IS NULL
  )
  AND (
    city IN ('London', 'Leeds') OR city IS NULL
  )
  AND NOT COALESCE(
    city IN (
      SELECT
        listed.town
      FROM {{ ref('towns') }} AS listed
      WHERE
        NOT listed.town IS NULL
    ),
    FALSE
  )
  AND (
    city IS NULL OR city = ''
  )
  AND STRPOS(city, '%') > 0
  AND NOT COALESCE(STRPOS(city, 'don') > 0, FALSE)
  AND STRPOS(LOWER(city), 'don') > 0
  AND NOT COALESCE(STRPOS(city, 'don') > 0, FALSE)
  AND STARTS_WITH(city, 'Lon')
  AND NOT COALESCE(STARTS_WITH(city, 'Lon'), FALSE)
  AND ENDS_WITH(city, 'don')
  AND NOT COALESCE(ENDS_WITH(city, 'don'), FALSE)
  AND city = phone
