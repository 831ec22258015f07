WITH calls_rows AS (
  SELECT
    calls.person_id AS person_id,
    COALESCE(
      CASE
        WHEN (
          MAKE_TIMESTAMP(EPOCH_US(CAST(calls.day AS DATE))) - (
            (
              MAKE_TIMESTAMP(EPOCH_US(CAST(calls.day AS DATE))) AT TIME ZONE 'Europe/London' AT TIME ZONE 'UTC' + INTERVAL '-10800' SECOND
            ) AT TIME ZONE 'UTC' AT TIME ZONE 'Europe/London' - (
              MAKE_TIMESTAMP(EPOCH_US(CAST(calls.day AS DATE))) AT TIME ZONE 'Europe/London' AT TIME ZONE 'UTC' + INTERVAL '-10800' SECOND
            )
          )
        ) AT TIME ZONE 'UTC' AT TIME ZONE 'Europe/London' = MAKE_TIMESTAMP(EPOCH_US(CAST(calls.day AS DATE)))
        THEN MAKE_TIMESTAMP(EPOCH_US(CAST(calls.day AS DATE))) - (
          (
            MAKE_TIMESTAMP(EPOCH_US(CAST(calls.day AS DATE))) AT TIME ZONE 'Europe/London' AT TIME ZONE 'UTC' + INTERVAL '-10800' SECOND
          ) AT TIME ZONE 'UTC' AT TIME ZONE 'Europe/London' - (
            MAKE_TIMESTAMP(EPOCH_US(CAST(calls.day AS DATE))) AT TIME ZONE 'Europe/London' AT TIME ZONE 'UTC' + INTERVAL '-10800' SECOND
          )
        )
        ELSE MAKE_TIMESTAMP(EPOCH_US(CAST(calls.day AS DATE))) AT TIME ZONE 'Europe/London' AT TIME ZONE 'UTC'
      END,
      CAST(CAST(calls.day AS DATE) AS TIMESTAMP)
    ) AS happened_at,
    (
      calls.minutes * calls.rate
    ) AS cost
  FROM {{ ref('calls') }} AS calls
  WHERE
    NOT calls.person_id IS NULL
    AND COALESCE(
      CASE
        WHEN (
          MAKE_TIMESTAMP(EPOCH_US(CAST(calls.day AS DATE))) - (
            (
              MAKE_TIMESTAMP(EPOCH_US(CAST(calls.day AS DATE))) AT TIME ZONE 'Europe/London' AT TIME ZONE 'UTC' + INTERVAL '-10800' SECOND
            ) AT TIME ZONE 'UTC' AT TIME ZONE 'Europe/London' - (
              MAKE_TIMESTAMP(EPOCH_US(CAST(calls.day AS DATE))) AT TIME ZONE 'Europe/London' AT TIME ZONE 'UTC' + INTERVAL '-10800' SECOND
            )
          )
        ) AT TIME ZONE 'UTC' AT TIME ZONE 'Europe/London' = MAKE_TIMESTAMP(EPOCH_US(CAST(calls.day AS DATE)))
        THEN MAKE_TIMESTAMP(EPOCH_US(CAST(calls.day AS DATE))) - (
          (
            MAKE_TIMESTAMP(EPOCH_US(CAST(calls.day AS DATE))) AT TIME ZONE 'Europe/London' AT TIME ZONE 'UTC' + INTERVAL '-10800' SECOND
          ) AT TIME ZONE 'UTC' AT TIME ZONE 'Europe/London' - (
            MAKE_TIMESTAMP(EPOCH_US(CAST(calls.day AS DATE))) AT TIME ZONE 'Europe/London' AT TIME ZONE 'UTC' + INTERVAL '-10800' SECOND
          )
        )
        ELSE MAKE_TIMESTAMP(EPOCH_US(CAST(calls.day AS DATE))) AT TIME ZONE 'Europe/London' AT TIME ZONE 'UTC'
      END,
      CAST(CAST(calls.day AS DATE) AS TIMESTAMP)
    ) < {{ as_of }}
    AND COALESCE(
      CASE
        WHEN (
          MAKE_TIMESTAMP(EPOCH_US(CAST(calls.day AS DATE))) - (
            (
              MAKE_TIMESTAMP(EPOCH_US(CAST(calls.day AS DATE))) AT TIME ZONE 'Europe/London' AT TIME ZONE 'UTC' + INTERVAL '-10800' SECOND
            ) AT TIME ZONE 'UTC' AT TIME ZONE 'Europe/London' - (
              MAKE_TIMESTAMP(EPOCH_US(CAST(calls.day AS DATE))) AT TIME ZONE 'Europe/London' AT TIME ZONE 'UTC' + INTERVAL '-10800' SECOND
            )
          )
        ) AT TIME ZONE 'UTC' AT TIME ZONE 'Europe/London' = MAKE_TIMESTAMP(EPOCH_US(CAST(calls.day AS DATE)))
        THEN MAKE_TIMESTAMP(EPOCH_US(CAST(calls.day AS DATE))) - (
          (
            MAKE_TIMESTAMP(EPOCH_US(CAST(calls.day AS DATE))) AT TIME ZONE 'Europe/London' AT TIME ZONE 'UTC' + INTERVAL '-10800' SECOND
          ) AT TIME ZONE 'UTC' AT TIME ZONE 'Europe/London' - (
            MAKE_TIMESTAMP(EPOCH_US(CAST(calls.day AS DATE))) AT TIME ZONE 'Europe/London' AT TIME ZONE 'UTC' + INTERVAL '-10800' SECOND
          )
        )
        ELSE MAKE_TIMESTAMP(EPOCH_US(CAST(calls.day AS DATE))) AT TIME ZONE 'Europe/London' AT TIME ZONE 'UTC'
      END,
      CAST(CAST(calls.day AS DATE) AS TIMESTAMP)
    ) >= {{ week_start_2_ago }}
    AND COALESCE(
      CASE
        WHEN TYPEOF(calls.loaded_at) = 'TIMESTAMP WITH TIME ZONE'
        THEN MAKE_TIMESTAMP(EPOCH_US(calls.loaded_at))
        ELSE CASE
          WHEN (
            MAKE_TIMESTAMP(EPOCH_US(calls.loaded_at)) - (
              (
                MAKE_TIMESTAMP(EPOCH_US(calls.loaded_at)) AT TIME ZONE 'Asia/Tokyo' AT TIME ZONE 'UTC' + INTERVAL '-10800' SECOND
              ) AT TIME ZONE 'UTC' AT TIME ZONE 'Asia/Tokyo' - (
                MAKE_TIMESTAMP(EPOCH_US(calls.loaded_at)) AT TIME ZONE 'Asia/Tokyo' AT TIME ZONE 'UTC' + INTERVAL '-10800' SECOND
              )
            )
          ) AT TIME ZONE 'UTC' AT TIME ZONE 'Asia/Tokyo' = MAKE_TIMESTAMP(EPOCH_US(calls.loaded_at))
          THEN MAKE_TIMESTAMP(EPOCH_US(calls.loaded_at)) - (
            (
              MAKE_TIMESTAMP(EPOCH_US(calls.loaded_at)) AT TIME ZONE 'Asia/Tokyo' AT TIME ZONE 'UTC' + INTERVAL '-10800' SECOND
            ) AT TIME ZONE 'UTC' AT TIME ZONE 'Asia/Tokyo' - (
              MAKE_TIMESTAMP(EPOCH_US(calls.loaded_at)) AT TIME ZONE 'Asia/Tokyo' AT TIME ZONE 'UTC' + INTERVAL '-10800' SECOND
            )
          )
          ELSE MAKE_TIMESTAMP(EPOCH_US(calls.loaded_at)) AT TIME ZONE 'Asia/Tokyo' AT TIME ZONE 'UTC'
        END
      END,
      CAST(calls.loaded_at AS TIMESTAMP)
    ) < {{ as_of }}
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
      COALESCE(
        CASE
          WHEN TYPEOF(cards.valid_from) = 'DATE'
          THEN CASE
            WHEN (
              MAKE_TIMESTAMP(EPOCH_US(cards.valid_from)) - (
                (
                  MAKE_TIMESTAMP(EPOCH_US(cards.valid_from)) AT TIME ZONE 'Europe/London' AT TIME ZONE 'UTC' + INTERVAL '-10800' SECOND
                ) AT TIME ZONE 'UTC' AT TIME ZONE 'Europe/London' - (
                  MAKE_TIMESTAMP(EPOCH_US(cards.valid_from)) AT TIME ZONE 'Europe/London' AT TIME ZONE 'UTC' + INTERVAL '-10800' SECOND
                )
              )
            ) AT TIME ZONE 'UTC' AT TIME ZONE 'Europe/London' = MAKE_TIMESTAMP(EPOCH_US(cards.valid_from))
            THEN MAKE_TIMESTAMP(EPOCH_US(cards.valid_from)) - (
              (
                MAKE_TIMESTAMP(EPOCH_US(cards.valid_from)) AT TIME ZONE 'Europe/London' AT TIME ZONE 'UTC' + INTERVAL '-10800' SECOND
              ) AT TIME ZONE 'UTC' AT TIME ZONE 'Europe/London' - (
                MAKE_TIMESTAMP(EPOCH_US(cards.valid_from)) AT TIME ZONE 'Europe/London' AT TIME ZONE 'UTC' + INTERVAL '-10800' SECOND
              )
            )
            ELSE MAKE_TIMESTAMP(EPOCH_US(cards.valid_from)) AT TIME ZONE 'Europe/London' AT TIME ZONE 'UTC'
          END
          ELSE MAKE_TIMESTAMP(EPOCH_US(cards.valid_from))
        END,
        CAST(cards.valid_from AS TIMESTAMP)
      ) <= {{ as_of }}
      AND (
        cards.valid_to IS NULL
        OR COALESCE(
          CASE
            WHEN TYPEOF(cards.valid_to) = 'DATE'
            THEN CASE
              WHEN (
                MAKE_TIMESTAMP(EPOCH_US(cards.valid_to)) - (
                  (
                    MAKE_TIMESTAMP(EPOCH_US(cards.valid_to)) AT TIME ZONE 'Europe/London' AT TIME ZONE 'UTC' + INTERVAL '-10800' SECOND
                  ) AT TIME ZONE 'UTC' AT TIME ZONE 'Europe/London' - (
                    MAKE_TIMESTAMP(EPOCH_US(cards.valid_to)) AT TIME ZONE 'Europe/London' AT TIME ZONE 'UTC' + INTERVAL '-10800' SECOND
                  )
                )
              ) AT TIME ZONE 'UTC' AT TIME ZONE 'Europe/London' = MAKE_TIMESTAMP(EPOCH_US(cards.valid_to))
              THEN MAKE_TIMESTAMP(EPOCH_US(cards.valid_to)) - (
                (
                  MAKE_TIMESTAMP(EPOCH_US(cards.valid_to)) AT TIME ZONE 'Europe/London' AT TIME ZONE 'UTC' + INTERVAL '-10800' SECOND
                ) AT TIME ZONE 'UTC' AT TIME ZONE 'Europe/London' - (
                  MAKE_TIMESTAMP(EPOCH_US(cards.valid_to)) AT TIME ZONE 'Europe/London' AT TIME ZONE 'UTC' + INTERVAL '-10800' SECOND
                )
              )
              ELSE MAKE_TIMESTAMP(EPOCH_US(cards.valid_to)) AT TIME ZONE 'Europe/London' AT TIME ZONE 'UTC'
            END
            ELSE MAKE_TIMESTAMP(EPOCH_US(cards.valid_to))
          END,
          CAST(cards.valid_to AS TIMESTAMP)
        ) > {{ as_of }}
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
    COALESCE(
      CASE
        WHEN TYPEOF(customer.born_at) = 'TIMESTAMP WITH TIME ZONE'
        THEN MAKE_TIMESTAMP(EPOCH_US(customer.born_at))
        ELSE CASE
          WHEN (
            MAKE_TIMESTAMP(EPOCH_US(customer.born_at)) - (
              (
                MAKE_TIMESTAMP(EPOCH_US(customer.born_at)) AT TIME ZONE 'Europe/Paris' AT TIME ZONE 'UTC' + INTERVAL '-10800' SECOND
              ) AT TIME ZONE 'UTC' AT TIME ZONE 'Europe/Paris' - (
                MAKE_TIMESTAMP(EPOCH_US(customer.born_at)) AT TIME ZONE 'Europe/Paris' AT TIME ZONE 'UTC' + INTERVAL '-10800' SECOND
              )
            )
          ) AT TIME ZONE 'UTC' AT TIME ZONE 'Europe/Paris' = MAKE_TIMESTAMP(EPOCH_US(customer.born_at))
          THEN MAKE_TIMESTAMP(EPOCH_US(customer.born_at)) - (
            (
              MAKE_TIMESTAMP(EPOCH_US(customer.born_at)) AT TIME ZONE 'Europe/Paris' AT TIME ZONE 'UTC' + INTERVAL '-10800' SECOND
            ) AT TIME ZONE 'UTC' AT TIME ZONE 'Europe/Paris' - (
              MAKE_TIMESTAMP(EPOCH_US(customer.born_at)) AT TIME ZONE 'Europe/Paris' AT TIME ZONE 'UTC' + INTERVAL '-10800' SECOND
            )
          )
          ELSE MAKE_TIMESTAMP(EPOCH_US(customer.born_at)) AT TIME ZONE 'Europe/Paris' AT TIME ZONE 'UTC'
        END
      END,
      CAST(customer.born_at AS TIMESTAMP)
    ) AS created_at,
    CAST(home.country AS TEXT) AS home__country
  FROM {{ ref('people') }} AS customer
  LEFT JOIN {{ ref('homes') }} AS home
    ON home.home_id = customer.home_id
    AND (
      COALESCE(
        CASE
          WHEN TYPEOF(home.valid_from) = 'DATE'
          THEN CASE
            WHEN (
              MAKE_TIMESTAMP(EPOCH_US(home.valid_from)) - (
                (
                  MAKE_TIMESTAMP(EPOCH_US(home.valid_from)) AT TIME ZONE 'Europe/London' AT TIME ZONE 'UTC' + INTERVAL '-10800' SECOND
                ) AT TIME ZONE 'UTC' AT TIME ZONE 'Europe/London' - (
                  MAKE_TIMESTAMP(EPOCH_US(home.valid_from)) AT TIME ZONE 'Europe/London' AT TIME ZONE 'UTC' + INTERVAL '-10800' SECOND
                )
              )
            ) AT TIME ZONE 'UTC' AT TIME ZONE 'Europe/London' = MAKE_TIMESTAMP(EPOCH_US(home.valid_from))
            THEN MAKE_TIMESTAMP(EPOCH_US(home.valid_from)) - (
              (
                MAKE_TIMESTAMP(EPOCH_US(home.valid_from)) AT TIME ZONE 'Europe/London' AT TIME ZONE 'UTC' + INTERVAL '-10800' SECOND
              ) AT TIME ZONE 'UTC' AT TIME ZONE 'Europe/London' - (
                MAKE_TIMESTAMP(EPOCH_US(home.valid_from)) AT TIME ZONE 'Europe/London' AT TIME ZONE 'UTC' + INTERVAL '-10800' SECOND
              )
            )
            ELSE MAKE_TIMESTAMP(EPOCH_US(home.valid_from)) AT TIME ZONE 'Europe/London' AT TIME ZONE 'UTC'
          END
          ELSE MAKE_TIMESTAMP(EPOCH_US(home.valid_from))
        END,
        CAST(home.valid_from AS TIMESTAMP)
      ) <= {{ as_of }}
      AND (
        home.valid_to IS NULL
        OR COALESCE(
          CASE
            WHEN TYPEOF(home.valid_to) = 'DATE'
            THEN CASE
              WHEN (
                MAKE_TIMESTAMP(EPOCH_US(home.valid_to)) - (
                  (
                    MAKE_TIMESTAMP(EPOCH_US(home.valid_to)) AT TIME ZONE 'Europe/London' AT TIME ZONE 'UTC' + INTERVAL '-10800' SECOND
                  ) AT TIME ZONE 'UTC' AT TIME ZONE 'Europe/London' - (
                    MAKE_TIMESTAMP(EPOCH_US(home.valid_to)) AT TIME ZONE 'Europe/London' AT TIME ZONE 'UTC' + INTERVAL '-10800' SECOND
                  )
                )
              ) AT TIME ZONE 'UTC' AT TIME ZONE 'Europe/London' = MAKE_TIMESTAMP(EPOCH_US(home.valid_to))
              THEN MAKE_TIMESTAMP(EPOCH_US(home.valid_to)) - (
                (
                  MAKE_TIMESTAMP(EPOCH_US(home.valid_to)) AT TIME ZONE 'Europe/London' AT TIME ZONE 'UTC' + INTERVAL '-10800' SECOND
                ) AT TIME ZONE 'UTC' AT TIME ZONE 'Europe/London' - (
                  MAKE_TIMESTAMP(EPOCH_US(home.valid_to)) AT TIME ZONE 'Europe/London' AT TIME ZONE 'UTC' + INTERVAL '-10800' SECOND
                )
              )
              ELSE MAKE_TIMESTAMP(EPOCH_US(home.valid_to)) AT TIME ZONE 'Europe/London' AT TIME ZONE 'UTC'
            END
            ELSE MAKE_TIMESTAMP(EPOCH_US(home.valid_to))
          END,
          CAST(home.valid_to AS TIMESTAMP)
        ) > {{ as_of }}
      )
    )
  WHERE
    (
      NOT customer.person_id IS NULL
      AND (
        COALESCE(
          CASE
            WHEN TYPEOF(customer.born_at) = 'TIMESTAMP WITH TIME ZONE'
            THEN MAKE_TIMESTAMP(EPOCH_US(customer.born_at))
            ELSE CASE
              WHEN (
                MAKE_TIMESTAMP(EPOCH_US(customer.born_at)) - (
                  (
                    MAKE_TIMESTAMP(EPOCH_US(customer.born_at)) AT TIME ZONE 'Europe/Paris' AT TIME ZONE 'UTC' + INTERVAL '-10800' SECOND
                  ) AT TIME ZONE 'UTC' AT TIME ZONE 'Europe/Paris' - (
                    MAKE_TIMESTAMP(EPOCH_US(customer.born_at)) AT TIME ZONE 'Europe/Paris' AT TIME ZONE 'UTC' + INTERVAL '-10800' SECOND
                  )
                )
              ) AT TIME ZONE 'UTC' AT TIME ZONE 'Europe/Paris' = MAKE_TIMESTAMP(EPOCH_US(customer.born_at))
              THEN MAKE_TIMESTAMP(EPOCH_US(customer.born_at)) - (
                (
                  MAKE_TIMESTAMP(EPOCH_US(customer.born_at)) AT TIME ZONE 'Europe/Paris' AT TIME ZONE 'UTC' + INTERVAL '-10800' SECOND
                ) AT TIME ZONE 'UTC' AT TIME ZONE 'Europe/Paris' - (
                  MAKE_TIMESTAMP(EPOCH_US(customer.born_at)) AT TIME ZONE 'Europe/Paris' AT TIME ZONE 'UTC' + INTERVAL '-10800' SECOND
                )
              )
              ELSE MAKE_TIMESTAMP(EPOCH_US(customer.born_at)) AT TIME ZONE 'Europe/Paris' AT TIME ZONE 'UTC'
            END
          END,
          CAST(customer.born_at AS TIMESTAMP)
        ) IS NULL
        OR COALESCE(
          CASE
            WHEN TYPEOF(customer.born_at) = 'TIMESTAMP WITH TIME ZONE'
            THEN MAKE_TIMESTAMP(EPOCH_US(customer.born_at))
            ELSE CASE
              WHEN (
                MAKE_TIMESTAMP(EPOCH_US(customer.born_at)) - (
                  (
                    MAKE_TIMESTAMP(EPOCH_US(customer.born_at)) AT TIME ZONE 'Europe/Paris' AT TIME ZONE 'UTC' + INTERVAL '-10800' SECOND
                  ) AT TIME ZONE 'UTC' AT TIME ZONE 'Europe/Paris' - (
                    MAKE_TIMESTAMP(EPOCH_US(customer.born_at)) AT TIME ZONE 'Europe/Paris' AT TIME ZONE 'UTC' + INTERVAL '-10800' SECOND
                  )
                )
              ) AT TIME ZONE 'UTC' AT TIME ZONE 'Europe/Paris' = MAKE_TIMESTAMP(EPOCH_US(customer.born_at))
              THEN MAKE_TIMESTAMP(EPOCH_US(customer.born_at)) - (
                (
                  MAKE_TIMESTAMP(EPOCH_US(customer.born_at)) AT TIME ZONE 'Europe/Paris' AT TIME ZONE 'UTC' + INTERVAL '-10800' SECOND
                ) AT TIME ZONE 'UTC' AT TIME ZONE 'Europe/Paris' - (
                  MAKE_TIMESTAMP(EPOCH_US(customer.born_at)) AT TIME ZONE 'Europe/Paris' AT TIME ZONE 'UTC' + INTERVAL '-10800' SECOND
                )
              )
              ELSE MAKE_TIMESTAMP(EPOCH_US(customer.born_at)) AT TIME ZONE 'Europe/Paris' AT TIME ZONE 'UTC'
            END
          END,
          CAST(customer.born_at AS TIMESTAMP)
        ) < {{ as_of }}
      )
    )
    AND (
      COALESCE(
        CASE
          WHEN TYPEOF(customer.valid_from) = 'DATE'
          THEN CASE
            WHEN (
              MAKE_TIMESTAMP(EPOCH_US(customer.valid_from)) - (
                (
                  MAKE_TIMESTAMP(EPOCH_US(customer.valid_from)) AT TIME ZONE 'Europe/London' AT TIME ZONE 'UTC' + INTERVAL '-10800' SECOND
                ) AT TIME ZONE 'UTC' AT TIME ZONE 'Europe/London' - (
                  MAKE_TIMESTAMP(EPOCH_US(customer.valid_from)) AT TIME ZONE 'Europe/London' AT TIME ZONE 'UTC' + INTERVAL '-10800' SECOND
                )
              )
            ) AT TIME ZONE 'UTC' AT TIME ZONE 'Europe/London' = MAKE_TIMESTAMP(EPOCH_US(customer.valid_from))
            THEN MAKE_TIMESTAMP(EPOCH_US(customer.valid_from)) - (
              (
                MAKE_TIMESTAMP(EPOCH_US(customer.valid_from)) AT TIME ZONE 'Europe/London' AT TIME ZONE 'UTC' + INTERVAL '-10800' SECOND
              ) AT TIME ZONE 'UTC' AT TIME ZONE 'Europe/London' - (
                MAKE_TIMESTAMP(EPOCH_US(customer.valid_from)) AT TIME ZONE 'Europe/London' AT TIME ZONE 'UTC' + INTERVAL '-10800' SECOND
              )
            )
            ELSE MAKE_TIMESTAMP(EPOCH_US(customer.valid_from)) AT TIME ZONE 'Europe/London' AT TIME ZONE 'UTC'
          END
          ELSE CASE
            WHEN TYPEOF(customer.valid_from) = 'TIMESTAMP WITH TIME ZONE'
            THEN MAKE_TIMESTAMP(EPOCH_US(customer.valid_from))
            ELSE CASE
              WHEN (
                MAKE_TIMESTAMP(EPOCH_US(customer.valid_from)) - (
                  (
                    MAKE_TIMESTAMP(EPOCH_US(customer.valid_from)) AT TIME ZONE 'Europe/Paris' AT TIME ZONE 'UTC' + INTERVAL '-10800' SECOND
                  ) AT TIME ZONE 'UTC' AT TIME ZONE 'Europe/Paris' - (
                    MAKE_TIMESTAMP(EPOCH_US(customer.valid_from)) AT TIME ZONE 'Europe/Paris' AT TIME ZONE 'UTC' + INTERVAL '-10800' SECOND
                  )
                )
              ) AT TIME ZONE 'UTC' AT TIME ZONE 'Europe/Paris' = MAKE_TIMESTAMP(EPOCH_US(customer.valid_from))
              THEN MAKE_TIMESTAMP(EPOCH_US(customer.valid_from)) - (
                (
                  MAKE_TIMESTAMP(EPOCH_US(customer.valid_from)) AT TIME ZONE 'Europe/Paris' AT TIME ZONE 'UTC' + INTERVAL '-10800' SECOND
                ) AT TIME ZONE 'UTC' AT TIME ZONE 'Europe/Paris' - (
                  MAKE_TIMESTAMP(EPOCH_US(customer.valid_from)) AT TIME ZONE 'Europe/Paris' AT TIME ZONE 'UTC' + INTERVAL '-10800' SECOND
                )
              )
              ELSE MAKE_TIMESTAMP(EPOCH_US(customer.valid_from)) AT TIME ZONE 'Europe/Paris' AT TIME ZONE 'UTC'
            END
          END
        END,
        CAST(customer.valid_from AS TIMESTAMP)
      ) <= {{ as_of }}
      AND (
        customer.valid_to IS NULL
        OR COALESCE(
          CASE
            WHEN TYPEOF(customer.valid_to) = 'DATE'
            THEN CASE
              WHEN (
                MAKE_TIMESTAMP(EPOCH_US(customer.valid_to)) - (
                  (
                    MAKE_TIMESTAMP(EPOCH_US(customer.valid_to)) AT TIME ZONE 'Europe/London' AT TIME ZONE 'UTC' + INTERVAL '-10800' SECOND
                  ) AT TIME ZONE 'UTC' AT TIME ZONE 'Europe/London' - (
                    MAKE_TIMESTAMP(EPOCH_US(customer.valid_to)) AT TIME ZONE 'Europe/London' AT TIME ZONE 'UTC' + INTERVAL '-10800' SECOND
                  )
                )
              ) AT TIME ZONE 'UTC' AT TIME ZONE 'Europe/London' = MAKE_TIMESTAMP(EPOCH_US(customer.valid_to))
              THEN MAKE_TIMESTAMP(EPOCH_US(customer.valid_to)) - (
                (
                  MAKE_TIMESTAMP(EPOCH_US(customer.valid_to)) AT TIME ZONE 'Europe/London' AT TIME ZONE 'UTC' + INTERVAL '-10800' SECOND
                ) AT TIME ZONE 'UTC' AT TIME ZONE 'Europe/London' - (
                  MAKE_TIMESTAMP(EPOCH_US(customer.valid_to)) AT TIME ZONE 'Europe/London' AT TIME ZONE 'UTC' + INTERVAL '-10800' SECOND
                )
              )
              ELSE MAKE_TIMESTAMP(EPOCH_US(customer.valid_to)) AT TIME ZONE 'Europe/London' AT TIME ZONE 'UTC'
            END
            ELSE CASE
              WHEN TYPEOF(customer.valid_to) = 'TIMESTAMP WITH TIME ZONE'
              THEN MAKE_TIMESTAMP(EPOCH_US(customer.valid_to))
              ELSE CASE
                WHEN (
                  MAKE_TIMESTAMP(EPOCH_US(customer.valid_to)) - (
                    (
                      MAKE_TIMESTAMP(EPOCH_US(customer.valid_to)) AT TIME ZONE 'Europe/Paris' AT TIME ZONE 'UTC' + INTERVAL '-10800' SECOND
                    ) AT TIME ZONE 'UTC' AT TIME ZONE 'Europe/Paris' - (
                      MAKE_TIMESTAMP(EPOCH_US(customer.valid_to)) AT TIME ZONE 'Europe/Paris' AT TIME ZONE 'UTC' + INTERVAL '-10800' SECOND
                    )
                  )
                ) AT TIME ZONE 'UTC' AT TIME ZONE 'Europe/Paris' = MAKE_TIMESTAMP(EPOCH_US(customer.valid_to))
                THEN MAKE_TIMESTAMP(EPOCH_US(customer.valid_to)) - (
                  (
                    MAKE_TIMESTAMP(EPOCH_US(customer.valid_to)) AT TIME ZONE 'Europe/Paris' AT TIME ZONE 'UTC' + INTERVAL '-10800' SECOND
                  ) AT TIME ZONE 'UTC' AT TIME ZONE 'Europe/Paris' - (
                    MAKE_TIMESTAMP(EPOCH_US(customer.valid_to)) AT TIME ZONE 'Europe/Paris' AT TIME ZONE 'UTC' + INTERVAL '-10800' SECOND
                  )
                )
                ELSE MAKE_TIMESTAMP(EPOCH_US(customer.valid_to)) AT TIME ZONE 'Europe/Paris' AT TIME ZONE 'UTC'
              END
            END
          END,
          CAST(customer.valid_to AS TIMESTAMP)
        ) > {{ as_of }}
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
