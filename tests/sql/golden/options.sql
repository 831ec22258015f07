WITH customer_rows AS (
  SELECT
    customer.customer_id AS customer_id,
    COALESCE(
      MAKE_TIMESTAMP(EPOCH_US(customer.created_at)),
      CAST(customer.created_at AS TIMESTAMP)
    ) AS created_at,
    CAST(customer.subscribed AS BOOLEAN) AS subscribed,
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
    customer_rows.*
  FROM customer_rows
), customer_members_before AS (
  SELECT
    customer_id,
    MAX(CASE WHEN segment = 'closed' THEN MAKE_TIMESTAMP(EPOCH_US(entered_at)) END) AS closed__entered_at,
    MAX(CASE WHEN segment = 'campaign' THEN MAKE_TIMESTAMP(EPOCH_US(entered_at)) END) AS campaign__entered_at
  FROM {{ beforemembers }} AS before
  WHERE
    segment IN ('closed', 'campaign')
  GROUP BY
    customer_id
), customer_stays_before AS (
  SELECT
    customer_id,
    MAX(CASE WHEN segment = 'closed' THEN MAKE_TIMESTAMP(EPOCH_US(entered_at)) END) AS closed__member_since,
    MAX(CASE WHEN segment = 'campaign' THEN MAKE_TIMESTAMP(EPOCH_US(entered_at)) END) AS campaign__member_since
  FROM {{ beforestays }} AS before
  WHERE
    segment IN ('closed', 'campaign')
  GROUP BY
    customer_id
), customer_exits_before AS (
  SELECT
    customer_id,
    MAX(CASE WHEN segment = 'campaign' THEN MAKE_TIMESTAMP(EPOCH_US(exited_at)) END) AS campaign__left_at
  FROM {{ beforeexits }} AS before
  WHERE
    segment IN ('campaign')
  GROUP BY
    customer_id
), customer_with_log AS (
  SELECT
    customer_measured.*,
    customer_members_before.closed__entered_at,
    customer_members_before.campaign__entered_at,
    customer_stays_before.closed__member_since,
    customer_stays_before.campaign__member_since,
    customer_exits_before.campaign__left_at
  FROM customer_measured
  LEFT JOIN customer_members_before
    ON customer_members_before.customer_id = customer_measured.customer_id
  LEFT JOIN customer_stays_before
    ON customer_stays_before.customer_id = customer_measured.customer_id
  LEFT JOIN customer_exits_before
    ON customer_exits_before.customer_id = customer_measured.customer_id
), customer_step_1 AS (
  SELECT
    customer_with_log.*,
    NOT COALESCE(subscribed, FALSE) AS in_consent,
    NOT closed__entered_at IS NULL AS in_closed
  FROM customer_with_log
), customer_step_2 AS (
  SELECT
    customer_step_1.*,
    COALESCE(
      created_at >= {{ days_90_ago }}
      AND in_closed
      AND (
        NOT closed__member_since IS NULL AND closed__member_since <= {{ days_30_ago }}
      )
      AND NOT in_consent
      AND NOT (
        (
          NOT campaign__member_since IS NULL AND campaign__member_since <= {{ days_14_ago }}
        )
        OR (
          campaign__member_since IS NULL
          AND NOT campaign__left_at IS NULL
          AND campaign__left_at > {{ days_90_ago }}
        )
      ),
      FALSE
    ) AS campaign__eligible
  FROM customer_step_1
), customer_step_3 AS (
  SELECT
    customer_step_2.*,
    CASE
      WHEN campaign__eligible
      THEN (
        ROW_NUMBER() OVER (
          PARTITION BY campaign__eligible
          ORDER BY birthday ASC, customer_id ASC NULLS FIRST
        ) - 1
      ) * 100 < COUNT(*) OVER (PARTITION BY campaign__eligible) * 10
    END AS campaign__within_limit
  FROM customer_step_2
), customer_step_4 AS (
  SELECT
    customer_step_3.*,
    CASE
      WHEN {{ as_of }} >= CAST('2027-01-01 00:00:00' AS TIMESTAMP)
      THEN NOT campaign__entered_at IS NULL AND NOT in_consent
      ELSE COALESCE(
        (
          campaign__eligible AND campaign__within_limit
        )
        OR customer_id IN (
          SELECT
            always.customer_id
          FROM {{ ref('test_customers') }} AS always
          WHERE
            NOT always.customer_id IS NULL
        ),
        FALSE
      )
    END AS in_campaign
  FROM customer_step_3
)
SELECT
  customer_id,
  created_at,
  subscribed,
  birthday,
  closed__entered_at,
  campaign__entered_at,
  closed__member_since,
  campaign__member_since,
  campaign__left_at,
  in_consent,
  in_closed,
  campaign__eligible,
  campaign__within_limit,
  in_campaign
FROM customer_step_4

/* segments/options.yml:2 */
SELECT
  'consent' AS segment,
  customer_id AS customer_id
FROM {{ facts }} AS facts
WHERE
  in_consent
UNION ALL
/* segments/options.yml:4 */
SELECT
  'campaign' AS segment,
  customer_id AS customer_id
FROM {{ facts }} AS facts
WHERE
  in_campaign AND NOT (
    {{ as_of }} >= CAST('2027-01-01 00:00:00' AS TIMESTAMP)
  )
