WITH calls_rows AS (
  SELECT
    calls.person_id AS person_id,
    CASE
      WHEN (
        CAST(CAST(calls.day AS DATE) AS TIMESTAMP) - (
          (
            CAST(CAST(calls.day AS DATE) AS TIMESTAMP) AT TIME ZONE 'Europe/London' AT TIME ZONE 'UTC' + INTERVAL '-10800 SECOND'
          ) AT TIME ZONE 'UTC' AT TIME ZONE 'Europe/London' - (
            CAST(CAST(calls.day AS DATE) AS TIMESTAMP) AT TIME ZONE 'Europe/London' AT TIME ZONE 'UTC' + INTERVAL '-10800 SECOND'
          )
        )
      ) AT TIME ZONE 'UTC' AT TIME ZONE 'Europe/London' = CAST(CAST(calls.day AS DATE) AS TIMESTAMP)
      THEN CAST(CAST(calls.day AS DATE) AS TIMESTAMP) - (
        (
          CAST(CAST(calls.day AS DATE) AS TIMESTAMP) AT TIME ZONE 'Europe/London' AT TIME ZONE 'UTC' + INTERVAL '-10800 SECOND'
        ) AT TIME ZONE 'UTC' AT TIME ZONE 'Europe/London' - (
          CAST(CAST(calls.day AS DATE) AS TIMESTAMP) AT TIME ZONE 'Europe/London' AT TIME ZONE 'UTC' + INTERVAL '-10800 SECOND'
        )
      )
      ELSE CAST(CAST(calls.day AS DATE) AS TIMESTAMP) AT TIME ZONE 'Europe/London' AT TIME ZONE 'UTC'
    END AS happened_at,
    (
      calls.minutes * calls.rate
    ) AS cost
  FROM {{ ref('calls') }} AS calls
  WHERE
    NOT calls.person_id IS NULL
    AND CASE
      WHEN (
        CAST(CAST(calls.day AS DATE) AS TIMESTAMP) - (
          (
            CAST(CAST(calls.day AS DATE) AS TIMESTAMP) AT TIME ZONE 'Europe/London' AT TIME ZONE 'UTC' + INTERVAL '-10800 SECOND'
          ) AT TIME ZONE 'UTC' AT TIME ZONE 'Europe/London' - (
            CAST(CAST(calls.day AS DATE) AS TIMESTAMP) AT TIME ZONE 'Europe/London' AT TIME ZONE 'UTC' + INTERVAL '-10800 SECOND'
          )
        )
      ) AT TIME ZONE 'UTC' AT TIME ZONE 'Europe/London' = CAST(CAST(calls.day AS DATE) AS TIMESTAMP)
      THEN CAST(CAST(calls.day AS DATE) AS TIMESTAMP) - (
        (
          CAST(CAST(calls.day AS DATE) AS TIMESTAMP) AT TIME ZONE 'Europe/London' AT TIME ZONE 'UTC' + INTERVAL '-10800 SECOND'
        ) AT TIME ZONE 'UTC' AT TIME ZONE 'Europe/London' - (
          CAST(CAST(calls.day AS DATE) AS TIMESTAMP) AT TIME ZONE 'Europe/London' AT TIME ZONE 'UTC' + INTERVAL '-10800 SECOND'
        )
      )
      ELSE CAST(CAST(calls.day AS DATE) AS TIMESTAMP) AT TIME ZONE 'Europe/London' AT TIME ZONE 'UTC'
    END < {{ as_of }}
    AND CASE
      WHEN (
        CAST(CAST(calls.day AS DATE) AS TIMESTAMP) - (
          (
            CAST(CAST(calls.day AS DATE) AS TIMESTAMP) AT TIME ZONE 'Europe/London' AT TIME ZONE 'UTC' + INTERVAL '-10800 SECOND'
          ) AT TIME ZONE 'UTC' AT TIME ZONE 'Europe/London' - (
            CAST(CAST(calls.day AS DATE) AS TIMESTAMP) AT TIME ZONE 'Europe/London' AT TIME ZONE 'UTC' + INTERVAL '-10800 SECOND'
          )
        )
      ) AT TIME ZONE 'UTC' AT TIME ZONE 'Europe/London' = CAST(CAST(calls.day AS DATE) AS TIMESTAMP)
      THEN CAST(CAST(calls.day AS DATE) AS TIMESTAMP) - (
        (
          CAST(CAST(calls.day AS DATE) AS TIMESTAMP) AT TIME ZONE 'Europe/London' AT TIME ZONE 'UTC' + INTERVAL '-10800 SECOND'
        ) AT TIME ZONE 'UTC' AT TIME ZONE 'Europe/London' - (
          CAST(CAST(calls.day AS DATE) AS TIMESTAMP) AT TIME ZONE 'Europe/London' AT TIME ZONE 'UTC' + INTERVAL '-10800 SECOND'
        )
      )
      ELSE CAST(CAST(calls.day AS DATE) AS TIMESTAMP) AT TIME ZONE 'Europe/London' AT TIME ZONE 'UTC'
    END >= {{ week_start_2_ago }}
    AND CASE
      WHEN CAST(PG_TYPEOF(calls.loaded_at) AS TEXT) = 'timestamp with time zone'
      THEN CAST(CAST(calls.loaded_at AS TEXT) AS TIMESTAMPTZ) AT TIME ZONE 'UTC'
      ELSE CASE
        WHEN (
          CAST(CAST(calls.loaded_at AS TEXT) AS TIMESTAMP) - (
            (
              CAST(CAST(calls.loaded_at AS TEXT) AS TIMESTAMP) AT TIME ZONE 'Asia/Tokyo' AT TIME ZONE 'UTC' + INTERVAL '-10800 SECOND'
            ) AT TIME ZONE 'UTC' AT TIME ZONE 'Asia/Tokyo' - (
              CAST(CAST(calls.loaded_at AS TEXT) AS TIMESTAMP) AT TIME ZONE 'Asia/Tokyo' AT TIME ZONE 'UTC' + INTERVAL '-10800 SECOND'
            )
          )
        ) AT TIME ZONE 'UTC' AT TIME ZONE 'Asia/Tokyo' = CAST(CAST(calls.loaded_at AS TEXT) AS TIMESTAMP)
        THEN CAST(CAST(calls.loaded_at AS TEXT) AS TIMESTAMP) - (
          (
            CAST(CAST(calls.loaded_at AS TEXT) AS TIMESTAMP) AT TIME ZONE 'Asia/Tokyo' AT TIME ZONE 'UTC' + INTERVAL '-10800 SECOND'
          ) AT TIME ZONE 'UTC' AT TIME ZONE 'Asia/Tokyo' - (
            CAST(CAST(calls.loaded_at AS TEXT) AS TIMESTAMP) AT TIME ZONE 'Asia/Tokyo' AT TIME ZONE 'UTC' + INTERVAL '-10800 SECOND'
          )
        )
        ELSE CAST(CAST(calls.loaded_at AS TEXT) AS TIMESTAMP) AT TIME ZONE 'Asia/Tokyo' AT TIME ZONE 'UTC'
      END
    END < {{ as_of }}
), cards_rows AS (
  SELECT
    cards.person_id AS person_id,
    CAST(bank.country AS TEXT) AS bank__country
  FROM {{ ref('cards') }} AS cards
  LEFT JOIN {{ ref('banks') }} AS bank
    ON bank.bank_id = cards.bank_id
  WHERE
    NOT cards.person_id IS NULL
    AND (
      CASE
        WHEN CAST(PG_TYPEOF(cards.valid_from) AS TEXT) = 'timestamp with time zone'
        THEN CAST(CAST(cards.valid_from AS TEXT) AS TIMESTAMPTZ) AT TIME ZONE 'UTC'
        ELSE CAST(CAST(cards.valid_from AS TEXT) AS TIMESTAMP)
      END <= {{ as_of }}
      AND (
        cards.valid_to IS NULL
        OR CASE
          WHEN CAST(PG_TYPEOF(cards.valid_to) AS TEXT) = 'timestamp with time zone'
          THEN CAST(CAST(cards.valid_to AS TEXT) AS TIMESTAMPTZ) AT TIME ZONE 'UTC'
          ELSE CAST(CAST(cards.valid_to AS TEXT) AS TIMESTAMP)
        END > {{ as_of }}
      )
    )
), calls_per_customer AS (
  SELECT
    person_id,
    SUM(CASE WHEN happened_at >= {{ week_start_2_ago }} AND happened_at < {{ week_start }} THEN cost END) AS calls_cost_sum_week_start_2_ago_to_week_start
  FROM calls_rows
  GROUP BY
    person_id
), cards_per_customer AS (
  SELECT
    person_id,
    COUNT(CASE WHEN bank__country = 'Japan' THEN 1 END) AS cards_count_where_bank_country_is_japan
  FROM cards_rows
  GROUP BY
    person_id
), customer_rows AS (
  SELECT
    customer.person_id AS person_id,
    CASE
      WHEN CAST(PG_TYPEOF(customer.born_at) AS TEXT) = 'timestamp with time zone'
      THEN CAST(CAST(customer.born_at AS TEXT) AS TIMESTAMPTZ) AT TIME ZONE 'UTC'
      ELSE CASE
        WHEN (
          CAST(CAST(customer.born_at AS TEXT) AS TIMESTAMP) - (
            (
              CAST(CAST(customer.born_at AS TEXT) AS TIMESTAMP) AT TIME ZONE 'Europe/Paris' AT TIME ZONE 'UTC' + INTERVAL '-10800 SECOND'
            ) AT TIME ZONE 'UTC' AT TIME ZONE 'Europe/Paris' - (
              CAST(CAST(customer.born_at AS TEXT) AS TIMESTAMP) AT TIME ZONE 'Europe/Paris' AT TIME ZONE 'UTC' + INTERVAL '-10800 SECOND'
            )
          )
        ) AT TIME ZONE 'UTC' AT TIME ZONE 'Europe/Paris' = CAST(CAST(customer.born_at AS TEXT) AS TIMESTAMP)
        THEN CAST(CAST(customer.born_at AS TEXT) AS TIMESTAMP) - (
          (
            CAST(CAST(customer.born_at AS TEXT) AS TIMESTAMP) AT TIME ZONE 'Europe/Paris' AT TIME ZONE 'UTC' + INTERVAL '-10800 SECOND'
          ) AT TIME ZONE 'UTC' AT TIME ZONE 'Europe/Paris' - (
            CAST(CAST(customer.born_at AS TEXT) AS TIMESTAMP) AT TIME ZONE 'Europe/Paris' AT TIME ZONE 'UTC' + INTERVAL '-10800 SECOND'
          )
        )
        ELSE CAST(CAST(customer.born_at AS TEXT) AS TIMESTAMP) AT TIME ZONE 'Europe/Paris' AT TIME ZONE 'UTC'
      END
    END AS created_at,
    CAST(home.country AS TEXT) AS home__country
  FROM {{ ref('people') }} AS customer
  LEFT JOIN {{ ref('homes') }} AS home
    ON home.home_id = customer.home_id
    AND (
      CASE
        WHEN CAST(PG_TYPEOF(home.valid_from) AS TEXT) = 'timestamp with time zone'
        THEN CAST(CAST(home.valid_from AS TEXT) AS TIMESTAMPTZ) AT TIME ZONE 'UTC'
        ELSE CAST(CAST(home.valid_from AS TEXT) AS TIMESTAMP)
      END <= {{ as_of }}
      AND (
        home.valid_to IS NULL
        OR CASE
          WHEN CAST(PG_TYPEOF(home.valid_to) AS TEXT) = 'timestamp with time zone'
          THEN CAST(CAST(home.valid_to AS TEXT) AS TIMESTAMPTZ) AT TIME ZONE 'UTC'
          ELSE CAST(CAST(home.valid_to AS TEXT) AS TIMESTAMP)
        END > {{ as_of }}
      )
    )
  WHERE
    (
      NOT customer.person_id IS NULL
      AND (
        CASE
          WHEN CAST(PG_TYPEOF(customer.born_at) AS TEXT) = 'timestamp with time zone'
          THEN CAST(CAST(customer.born_at AS TEXT) AS TIMESTAMPTZ) AT TIME ZONE 'UTC'
          ELSE CASE
            WHEN (
              CAST(CAST(customer.born_at AS TEXT) AS TIMESTAMP) - (
                (
                  CAST(CAST(customer.born_at AS TEXT) AS TIMESTAMP) AT TIME ZONE 'Europe/Paris' AT TIME ZONE 'UTC' + INTERVAL '-10800 SECOND'
                ) AT TIME ZONE 'UTC' AT TIME ZONE 'Europe/Paris' - (
                  CAST(CAST(customer.born_at AS TEXT) AS TIMESTAMP) AT TIME ZONE 'Europe/Paris' AT TIME ZONE 'UTC' + INTERVAL '-10800 SECOND'
                )
              )
            ) AT TIME ZONE 'UTC' AT TIME ZONE 'Europe/Paris' = CAST(CAST(customer.born_at AS TEXT) AS TIMESTAMP)
            THEN CAST(CAST(customer.born_at AS TEXT) AS TIMESTAMP) - (
              (
                CAST(CAST(customer.born_at AS TEXT) AS TIMESTAMP) AT TIME ZONE 'Europe/Paris' AT TIME ZONE 'UTC' + INTERVAL '-10800 SECOND'
              ) AT TIME ZONE 'UTC' AT TIME ZONE 'Europe/Paris' - (
                CAST(CAST(customer.born_at AS TEXT) AS TIMESTAMP) AT TIME ZONE 'Europe/Paris' AT TIME ZONE 'UTC' + INTERVAL '-10800 SECOND'
              )
            )
            ELSE CAST(CAST(customer.born_at AS TEXT) AS TIMESTAMP) AT TIME ZONE 'Europe/Paris' AT TIME ZONE 'UTC'
          END
        END IS NULL
        OR CASE
          WHEN CAST(PG_TYPEOF(customer.born_at) AS TEXT) = 'timestamp with time zone'
          THEN CAST(CAST(customer.born_at AS TEXT) AS TIMESTAMPTZ) AT TIME ZONE 'UTC'
          ELSE CASE
            WHEN (
              CAST(CAST(customer.born_at AS TEXT) AS TIMESTAMP) - (
                (
                  CAST(CAST(customer.born_at AS TEXT) AS TIMESTAMP) AT TIME ZONE 'Europe/Paris' AT TIME ZONE 'UTC' + INTERVAL '-10800 SECOND'
                ) AT TIME ZONE 'UTC' AT TIME ZONE 'Europe/Paris' - (
                  CAST(CAST(customer.born_at AS TEXT) AS TIMESTAMP) AT TIME ZONE 'Europe/Paris' AT TIME ZONE 'UTC' + INTERVAL '-10800 SECOND'
                )
              )
            ) AT TIME ZONE 'UTC' AT TIME ZONE 'Europe/Paris' = CAST(CAST(customer.born_at AS TEXT) AS TIMESTAMP)
            THEN CAST(CAST(customer.born_at AS TEXT) AS TIMESTAMP) - (
              (
                CAST(CAST(customer.born_at AS TEXT) AS TIMESTAMP) AT TIME ZONE 'Europe/Paris' AT TIME ZONE 'UTC' + INTERVAL '-10800 SECOND'
              ) AT TIME ZONE 'UTC' AT TIME ZONE 'Europe/Paris' - (
                CAST(CAST(customer.born_at AS TEXT) AS TIMESTAMP) AT TIME ZONE 'Europe/Paris' AT TIME ZONE 'UTC' + INTERVAL '-10800 SECOND'
              )
            )
            ELSE CAST(CAST(customer.born_at AS TEXT) AS TIMESTAMP) AT TIME ZONE 'Europe/Paris' AT TIME ZONE 'UTC'
          END
        END < {{ as_of }}
      )
    )
    AND (
      CASE
        WHEN CAST(PG_TYPEOF(customer.valid_from) AS TEXT) = 'timestamp with time zone'
        THEN CAST(CAST(customer.valid_from AS TEXT) AS TIMESTAMPTZ) AT TIME ZONE 'UTC'
        ELSE CASE
          WHEN (
            CAST(CAST(customer.valid_from AS TEXT) AS TIMESTAMP) - (
              (
                CAST(CAST(customer.valid_from AS TEXT) AS TIMESTAMP) AT TIME ZONE 'Europe/Paris' AT TIME ZONE 'UTC' + INTERVAL '-10800 SECOND'
              ) AT TIME ZONE 'UTC' AT TIME ZONE 'Europe/Paris' - (
                CAST(CAST(customer.valid_from AS TEXT) AS TIMESTAMP) AT TIME ZONE 'Europe/Paris' AT TIME ZONE 'UTC' + INTERVAL '-10800 SECOND'
              )
            )
          ) AT TIME ZONE 'UTC' AT TIME ZONE 'Europe/Paris' = CAST(CAST(customer.valid_from AS TEXT) AS TIMESTAMP)
          THEN CAST(CAST(customer.valid_from AS TEXT) AS TIMESTAMP) - (
            (
              CAST(CAST(customer.valid_from AS TEXT) AS TIMESTAMP) AT TIME ZONE 'Europe/Paris' AT TIME ZONE 'UTC' + INTERVAL '-10800 SECOND'
            ) AT TIME ZONE 'UTC' AT TIME ZONE 'Europe/Paris' - (
              CAST(CAST(customer.valid_from AS TEXT) AS TIMESTAMP) AT TIME ZONE 'Europe/Paris' AT TIME ZONE 'UTC' + INTERVAL '-10800 SECOND'
            )
          )
          ELSE CAST(CAST(customer.valid_from AS TEXT) AS TIMESTAMP) AT TIME ZONE 'Europe/Paris' AT TIME ZONE 'UTC'
        END
      END <= {{ as_of }}
      AND (
        customer.valid_to IS NULL
        OR CASE
          WHEN CAST(PG_TYPEOF(customer.valid_to) AS TEXT) = 'timestamp with time zone'
          THEN CAST(CAST(customer.valid_to AS TEXT) AS TIMESTAMPTZ) AT TIME ZONE 'UTC'
          ELSE CASE
            WHEN (
              CAST(CAST(customer.valid_to AS TEXT) AS TIMESTAMP) - (
                (
                  CAST(CAST(customer.valid_to AS TEXT) AS TIMESTAMP) AT TIME ZONE 'Europe/Paris' AT TIME ZONE 'UTC' + INTERVAL '-10800 SECOND'
                ) AT TIME ZONE 'UTC' AT TIME ZONE 'Europe/Paris' - (
                  CAST(CAST(customer.valid_to AS TEXT) AS TIMESTAMP) AT TIME ZONE 'Europe/Paris' AT TIME ZONE 'UTC' + INTERVAL '-10800 SECOND'
                )
              )
            ) AT TIME ZONE 'UTC' AT TIME ZONE 'Europe/Paris' = CAST(CAST(customer.valid_to AS TEXT) AS TIMESTAMP)
            THEN CAST(CAST(customer.valid_to AS TEXT) AS TIMESTAMP) - (
              (
                CAST(CAST(customer.valid_to AS TEXT) AS TIMESTAMP) AT TIME ZONE 'Europe/Paris' AT TIME ZONE 'UTC' + INTERVAL '-10800 SECOND'
              ) AT TIME ZONE 'UTC' AT TIME ZONE 'Europe/Paris' - (
                CAST(CAST(customer.valid_to AS TEXT) AS TIMESTAMP) AT TIME ZONE 'Europe/Paris' AT TIME ZONE 'UTC' + INTERVAL '-10800 SECOND'
              )
            )
            ELSE CAST(CAST(customer.valid_to AS TEXT) AS TIMESTAMP) AT TIME ZONE 'Europe/Paris' AT TIME ZONE 'UTC'
          END
        END > {{ as_of }}
      )
    )
), customer_measured AS (
  SELECT
    customer_rows.*,
    COALESCE(calls_per_customer.calls_cost_sum_week_start_2_ago_to_week_start, 0) AS calls_cost_sum_week_start_2_ago_to_week_start,
    COALESCE(cards_per_customer.cards_count_where_bank_country_is_japan, 0) AS cards_count_where_bank_country_is_japan
  FROM customer_rows
  LEFT JOIN calls_per_customer
    ON calls_per_customer.person_id = customer_rows.person_id
  LEFT JOIN cards_per_customer
    ON cards_per_customer.person_id = customer_rows.person_id
)
SELECT
  person_id,
  created_at,
  home__country,
  calls_cost_sum_week_start_2_ago_to_week_start,
  cards_count_where_bank_country_is_japan
FROM customer_measured

/* segments/catalog.yml:35 */
SELECT
  'abroad' AS segment,
  person_id AS person_id
FROM {{ facts }} AS facts
WHERE
  NOT COALESCE(home__country = 'France', FALSE)
  AND calls_cost_sum_week_start_2_ago_to_week_start >= 10
  AND cards_count_where_bank_country_is_japan >= 1
