WITH payments_rows AS (
  SELECT
    payments.account_id AS account_id,
    COALESCE(MAKE_TIMESTAMP(EPOCH_US(payments.paid_at)), CAST(payments.paid_at AS TIMESTAMP)) AS happened_at
  FROM {{ ref('payments') }} AS payments
  WHERE
    NOT payments.account_id IS NULL
    AND COALESCE(MAKE_TIMESTAMP(EPOCH_US(payments.paid_at)), CAST(payments.paid_at AS TIMESTAMP)) < {{ as_of }}
    AND COALESCE(MAKE_TIMESTAMP(EPOCH_US(payments.paid_at)), CAST(payments.paid_at AS TIMESTAMP)) >= {{ days_30_ago }}
), payments_per_account AS (
  SELECT
    account_id,
    COUNT(CASE WHEN happened_at >= {{ days_30_ago }} THEN 1 END) AS payments_count_30_days
  FROM payments_rows
  GROUP BY
    account_id
), account_rows AS (
  SELECT
    account.account_id AS account_id,
    CAST(account.domain AS TEXT) AS domain
  FROM {{ ref('accounts') }} AS account
  WHERE
    NOT account.account_id IS NULL
), account_measured AS (
  SELECT
    account_rows.*,
    COALESCE(payments_per_account.payments_count_30_days, 0) AS payments_count_30_days
  FROM account_rows
  LEFT JOIN payments_per_account
    ON payments_per_account.account_id = account_rows.account_id
), account_stays_before AS (
  SELECT
    account_id,
    MAX(CASE WHEN segment = 'payers' THEN MAKE_TIMESTAMP(EPOCH_US(entered_at)) END) AS payers__member_since
  FROM {{ beforestays }} AS before
  WHERE
    segment IN ('payers')
  GROUP BY
    account_id
), account_with_log AS (
  SELECT
    account_measured.*,
    account_stays_before.payers__member_since
  FROM account_measured
  LEFT JOIN account_stays_before
    ON account_stays_before.account_id = account_measured.account_id
), account_step_1 AS (
  SELECT
    account_with_log.*,
    payments_count_30_days >= 1 AS in_payers
  FROM account_with_log
), account_step_2 AS (
  SELECT
    account_step_1.*,
    NOT domain IS NULL
    AND MAX(
      CASE
        WHEN in_payers
        AND (
          NOT payers__member_since IS NULL AND payers__member_since <= {{ days_30_ago }}
        )
        THEN 1
        ELSE 0
      END
    ) OVER (PARTITION BY domain) = 1 AS in_domains
  FROM account_step_1
)
SELECT
  account_id,
  domain,
  payments_count_30_days,
  payers__member_since,
  in_payers,
  in_domains
FROM account_step_2

WITH contract_rows AS (
  SELECT
    contract.contract_id AS contract_id,
    CAST(contract.seats AS BIGINT) AS seats
  FROM {{ ref('contracts') }} AS contract
  WHERE
    NOT contract.contract_id IS NULL
), contract_measured AS (
  SELECT
    contract_rows.*
  FROM contract_rows
), contract_step_1 AS (
  SELECT
    contract_measured.*,
    COALESCE(seats >= 100, FALSE) AS in_big
  FROM contract_measured
)
SELECT
  contract_id,
  seats,
  in_big
FROM contract_step_1

WITH contact_rows AS (
  SELECT
    contact.contact_id AS contact_id,
    CAST(account.plan AS TEXT) AS account__plan,
    CAST(account__contract.status AS TEXT) AS account__contract__status,
    contact.account_id AS account__key,
    account.contract_id AS account__contract__key,
    contact.boss_id AS boss__key
  FROM {{ ref('contacts') }} AS contact
  LEFT JOIN {{ ref('accounts') }} AS account
    ON account.account_id = contact.account_id
  LEFT JOIN {{ ref('contracts') }} AS account__contract
    ON account__contract.contract_id = account.contract_id
  WHERE
    NOT contact.contact_id IS NULL
), contact_measured AS (
  SELECT
    contact_rows.*
  FROM contact_rows
), account__in_payers AS (
  SELECT DISTINCT
    account_id AS segwh_member
  FROM {{ account_facts }} AS facts
  WHERE
    in_payers
    AND (
      payers__member_since IS NULL OR payers__member_since > {{ days_7_ago }}
    )
), account__in_domains AS (
  SELECT DISTINCT
    account_id AS segwh_member
  FROM {{ account_facts }} AS facts
  WHERE
    in_domains
), account__contract__in_big AS (
  SELECT DISTINCT
    contract_id AS segwh_member
  FROM {{ contract_facts }} AS facts
  WHERE
    in_big
), contact_step_1 AS (
  SELECT
    contact_measured.*,
    NOT account__in_payers.segwh_member IS NULL AS account__in_payers,
    NOT account__in_domains.segwh_member IS NULL AS account__in_domains,
    NOT account__contract__in_big.segwh_member IS NULL AS account__contract__in_big
  FROM contact_measured
  LEFT JOIN account__in_payers
    ON account__in_payers.segwh_member = contact_measured.account__key
  LEFT JOIN account__in_domains
    ON account__in_domains.segwh_member = contact_measured.account__key
  LEFT JOIN account__contract__in_big
    ON account__contract__in_big.segwh_member = contact_measured.account__contract__key
), contact_step_2 AS (
  SELECT
    contact_step_1.*,
    COALESCE(
      account__plan = 'pro'
      AND account__contract__status = 'signed'
      AND account__in_payers
      AND account__in_domains
      AND NOT account__contract__in_big,
      FALSE
    ) AS in_contacts
  FROM contact_step_1
), boss__in_contacts AS (
  SELECT DISTINCT
    contact_id AS segwh_member
  FROM contact_step_2
  WHERE
    in_contacts
), contact_step_3 AS (
  SELECT
    contact_step_2.*,
    NOT boss__in_contacts.segwh_member IS NULL AS boss__in_contacts
  FROM contact_step_2
  LEFT JOIN boss__in_contacts
    ON boss__in_contacts.segwh_member = contact_step_2.boss__key
)
SELECT
  contact_id,
  account__plan,
  account__contract__status,
  account__key,
  account__contract__key,
  boss__key,
  account__in_payers,
  account__in_domains,
  account__contract__in_big,
  in_contacts,
  boss__in_contacts
FROM contact_step_3

/* segments/lookups.yml:27 */
SELECT
  'contacts' AS segment,
  contact_id AS contact_id
FROM {{ contact_facts }} AS facts
WHERE
  in_contacts
UNION ALL
/* segments/lookups.yml:36 */
SELECT
  'staff' AS segment,
  contact_id AS contact_id
FROM {{ contact_facts }} AS facts
WHERE
  boss__in_contacts

/* segments/lookups.yml:26 */
SELECT
  'big' AS segment,
  contract_id AS contract_id
FROM {{ contract_facts }} AS facts
WHERE
  in_big

/* segments/lookups.yml:24 */
SELECT
  'payers' AS segment,
  account_id AS account_id
FROM {{ account_facts }} AS facts
WHERE
  in_payers

/* segments/lookups.yml:25 */
SELECT DISTINCT
  'domains' AS segment,
  domain AS domain
FROM {{ account_facts }} AS facts
WHERE
  in_domains
