WITH customer_rows AS (
  SELECT
    customer.customer_id AS customer_id,
    COALESCE(
      MAKE_TIMESTAMP(EPOCH_US(customer.created_at)),
      CAST(customer.created_at AS TIMESTAMP)
    ) AS created_at,
    customer.tags AS tags
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
  tags
FROM customer_measured

/* segments/lists.yml:2 */
SELECT
  'lists' AS segment,
  customer_id AS customer_id
FROM {{ facts }} AS facts
WHERE
  (
    ARRAY_CONTAINS(tags, 'press') OR ARRAY_CONTAINS(tags, 'staff')
  )
  AND ARRAY_CONTAINS(tags, 'press')
  AND ARRAY_CONTAINS(tags, 'staff')
  AND NOT COALESCE(ARRAY_CONTAINS(tags, 'press'), FALSE)
  AND ARRAY_LENGTH(tags) >= 1
  AND ARRAY_LENGTH(tags) <= 3
