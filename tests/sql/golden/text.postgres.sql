WITH customer_rows AS (
  SELECT
    customer.customer_id AS customer_id,
    CASE
      WHEN CAST(PG_TYPEOF(customer.created_at) AS TEXT) = 'timestamp with time zone'
      THEN CAST(CAST(customer.created_at AS TEXT) AS TIMESTAMPTZ) AT TIME ZONE 'UTC'
      ELSE CAST(CAST(customer.created_at AS TEXT) AS TIMESTAMP)
    END AS created_at,
    CAST(customer.city AS TEXT) AS city,
    CAST(customer.phone_number AS TEXT) AS phone,
    customer.tags AS tags
  FROM {{ ref('customers') }} AS customer
  WHERE
    NOT customer.customer_id IS NULL
    AND (
      CASE
        WHEN CAST(PG_TYPEOF(customer.created_at) AS TEXT) = 'timestamp with time zone'
        THEN CAST(CAST(customer.created_at AS TEXT) AS TIMESTAMPTZ) AT TIME ZONE 'UTC'
        ELSE CAST(CAST(customer.created_at AS TEXT) AS TIMESTAMP)
      END IS NULL
      OR CASE
        WHEN CAST(PG_TYPEOF(customer.created_at) AS TEXT) = 'timestamp with time zone'
        THEN CAST(CAST(customer.created_at AS TEXT) AS TIMESTAMPTZ) AT TIME ZONE 'UTC'
        ELSE CAST(CAST(customer.created_at AS TEXT) AS TIMESTAMP)
      END < {{ as_of }}
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
  phone,
  tags
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
  AND LEFT(city, LENGTH('Lon')) = 'Lon'
  AND NOT COALESCE(LEFT(city, LENGTH('Lon')) = 'Lon', FALSE)
  AND RIGHT(city, LENGTH('don')) = 'don'
  AND NOT COALESCE(RIGHT(city, LENGTH('don')) = 'don', FALSE)
  AND city ~ '^L[a-z]+$'
  AND NOT COALESCE(city ~ '[0-9]', FALSE)
  AND city = phone
  AND (
    'press' = ANY(
      tags
    ) OR 'staff' = ANY(
      tags
    )
  )
  AND 'press' = ANY(
    tags
  )
  AND 'staff' = ANY(
    tags
  )
  AND NOT COALESCE('press' = ANY(
    tags
  ), FALSE)
  AND CARDINALITY(tags) >= 1
  AND CARDINALITY(tags) <= 3
