-- segwh: compiled from the rules. Edit those and run `segwh compile`, which overwrites this file.
{{ config(
    materialized='table',
    tags=['segwh']
) }}
{%- set run = segwh__run('Europe/London', none) -%}
{%- set as_of = segwh__text(run.as_of) ~ '+00' -%}
{%- set as_of_utc = segwh__text(run.as_of) -%}
{%- set day_start_7_ahead_day = segwh__day_text(segwh__day_from(segwh__edge(run.as_of, 'days', 7, 'Europe/London', 0), 'Europe/London')) -%}
{%- set day_start_day = segwh__day_text(segwh__day_from(segwh__edge(run.as_of, 'days', 0, 'Europe/London', 0), 'Europe/London')) -%}
{%- set days_14_ago = segwh__text(segwh__shifted(run.as_of, [[-14, 'days']], 'Europe/London')) -%}
{%- set days_30_ago = segwh__text(segwh__shifted(run.as_of, [[-30, 'days']], 'Europe/London')) -%}
{%- set days_60_ago = segwh__text(segwh__shifted(run.as_of, [[-60, 'days']], 'Europe/London')) -%}
{%- set days_7_ago = segwh__text(segwh__shifted(run.as_of, [[-7, 'days']], 'Europe/London')) -%}
{%- set days_90_ago = segwh__text(segwh__shifted(run.as_of, [[-90, 'days']], 'Europe/London')) -%}

{%- if segwh__reads_part() and segwh__existing('segwh_customer_evaluation') %}
select * from {{ this }}
{%- else %}
WITH members AS (
  /* segments/suppression.yml:9 */
  SELECT
    'do_not_contact' AS segment,
    customer_id AS customer_id
  FROM {{ ref('segwh_customer_facts') }} AS facts
  WHERE
    in_do_not_contact
  UNION ALL
  /* segments/traits.yml:26 */
  SELECT
    'stage__new' AS segment,
    customer_id AS customer_id
  FROM {{ ref('segwh_customer_facts') }} AS facts
  WHERE
    stage = 'new' AND NOT in_do_not_contact
  UNION ALL
  /* segments/traits.yml:26 */
  SELECT
    'stage__active' AS segment,
    customer_id AS customer_id
  FROM {{ ref('segwh_customer_facts') }} AS facts
  WHERE
    stage = 'active' AND NOT in_do_not_contact
  UNION ALL
  /* segments/traits.yml:26 */
  SELECT
    'stage__lapsing' AS segment,
    customer_id AS customer_id
  FROM {{ ref('segwh_customer_facts') }} AS facts
  WHERE
    stage = 'lapsing' AND NOT in_do_not_contact
  UNION ALL
  /* segments/traits.yml:26 */
  SELECT
    'stage__lapsed' AS segment,
    customer_id AS customer_id
  FROM {{ ref('segwh_customer_facts') }} AS facts
  WHERE
    stage = 'lapsed' AND NOT in_do_not_contact
  UNION ALL
  /* segments/traits.yml:26 */
  SELECT
    'stage__never_bought' AS segment,
    customer_id AS customer_id
  FROM {{ ref('segwh_customer_facts') }} AS facts
  WHERE
    stage = 'never_bought' AND NOT in_do_not_contact
  UNION ALL
  /* segments/suppression.yml:20 */
  SELECT
    'unsubscribed' AS segment,
    customer_id AS customer_id
  FROM {{ ref('segwh_customer_facts') }} AS facts
  WHERE
    in_unsubscribed
  UNION ALL
  /* segments/behaviour.yml:3 */
  SELECT
    'cart_abandoned' AS segment,
    customer_id AS customer_id
  FROM {{ ref('segwh_customer_facts') }} AS facts
  WHERE
    cart_events_then_no_orders AND NOT (
      in_do_not_contact OR in_unsubscribed
    )
  UNION ALL
  /* segments/behaviour.yml:17 */
  SELECT
    'weekly_readers' AS segment,
    customer_id AS customer_id
  FROM {{ ref('segwh_customer_facts') }} AS facts
  WHERE
    in_weekly_readers
  UNION ALL
  /* segments/behaviour.yml:28 */
  SELECT
    'reads_but_does_not_buy' AS segment,
    customer_id AS customer_id
  FROM {{ ref('segwh_customer_facts') }} AS facts
  WHERE
    page_views_days_60_days >= 3
    AND orders_count_60_days = 0
    AND NOT in_do_not_contact
  UNION ALL
  /* segments/behaviour.yml:38 */
  SELECT
    'cross_sell_accessories' AS segment,
    customer_id AS customer_id
  FROM {{ ref('segwh_customer_facts') }} AS facts
  WHERE
    purchases_count_where_product_category_is_phones >= 1
    AND purchases_count_where_product_category_is_accessories = 0
    AND NOT (
      in_do_not_contact OR in_unsubscribed
    )
  UNION ALL
  /* segments/behaviour.yml:48 */
  SELECT
    'cross_sell_teaware' AS segment,
    customer_id AS customer_id
  FROM {{ ref('segwh_customer_facts') }} AS facts
  WHERE
    purchases_count_where_product_category_in_tea_chinese_tea >= 3
    AND NOT (
      purchases_count_where_product_category_is_teaware >= 1
    )
    AND NOT (
      in_do_not_contact OR in_unsubscribed
    )
  UNION ALL
  /* segments/behaviour.yml:58 */
  SELECT
    'price_sensitive' AS segment,
    customer_id AS customer_id
  FROM {{ ref('segwh_customer_facts') }} AS facts
  WHERE
    orders_total >= 3 AND discounted_share >= 0.6 AND NOT in_do_not_contact
  UNION ALL
  /* segments/behaviour.yml:69 */
  SELECT
    'weekend_shoppers' AS segment,
    customer_id AS customer_id
  FROM {{ ref('segwh_customer_facts') }} AS facts
  WHERE
    orders_total >= 3 AND weekend_share >= 0.75 AND NOT in_do_not_contact
  UNION ALL
  /* segments/behaviour.yml:79 */
  SELECT
    'night_owls' AS segment,
    customer_id AS customer_id
  FROM {{ ref('segwh_customer_facts') }} AS facts
  WHERE
    orders_count_90_days_where_ordered_at_hourbetween_90660d >= 1
    AND NOT in_do_not_contact
  UNION ALL
  /* segments/behaviour.yml:88 */
  SELECT
    'refunders' AS segment,
    customer_id AS customer_id
  FROM {{ ref('segwh_customer_facts') }} AS facts
  WHERE
    in_refunders
  UNION ALL
  /* segments/behaviour.yml:99 */
  SELECT
    'sale_hunters' AS segment,
    customer_id AS customer_id
  FROM {{ ref('segwh_customer_facts') }} AS facts
  WHERE
    page_views_count_90_days_where_url_contains_100_off >= 1
    AND NOT in_do_not_contact
  UNION ALL
  /* segments/behaviour.yml:108 */
  SELECT
    'looked_then_bought' AS segment,
    customer_id AS customer_id
  FROM {{ ref('segwh_customer_facts') }} AS facts
  WHERE
    page_views_then_cart_events_then_orders AND NOT in_do_not_contact
  UNION ALL
  /* segments/behaviour.yml:121 */
  SELECT
    'clearance_buyers' AS segment,
    customer_id AS customer_id
  FROM {{ ref('segwh_customer_facts') }} AS facts
  WHERE
    purchases_count_6_months_where_product_id_in_clearanc_3951bb >= 1
    AND NOT in_do_not_contact
  UNION ALL
  /* segments/lifecycle.yml:53 */
  SELECT
    'first_order_lately' AS segment,
    customer_id AS customer_id
  FROM {{ ref('segwh_customer_facts') }} AS facts
  WHERE
    in_first_order_lately
  UNION ALL
  /* segments/lifecycle.yml:63 */
  SELECT
    'second_order_nudge' AS segment,
    customer_id AS customer_id
  FROM {{ ref('segwh_customer_facts') }} AS facts
  WHERE
    in_second_order_nudge
  UNION ALL
  /* segments/campaigns.yml:3 */
  SELECT
    'chinese_tea_winback' AS segment,
    customer_id AS customer_id
  FROM {{ ref('segwh_customer_facts') }} AS facts
  WHERE
    in_chinese_tea_winback
  UNION ALL
  /* segments/campaigns.yml:3 */
  SELECT
    'chinese_tea_winback__holdout' AS segment,
    customer_id AS customer_id
  FROM {{ ref('segwh_customer_facts') }} AS facts
  WHERE
    in_chinese_tea_winback
    AND chinese_tea_winback__bucket >= 0
    AND chinese_tea_winback__bucket < 1000
  UNION ALL
  /* segments/campaigns.yml:3 */
  SELECT
    'chinese_tea_winback__letter' AS segment,
    customer_id AS customer_id
  FROM {{ ref('segwh_customer_facts') }} AS facts
  WHERE
    in_chinese_tea_winback
    AND chinese_tea_winback__bucket >= 1000
    AND chinese_tea_winback__bucket < 5500
  UNION ALL
  /* segments/campaigns.yml:3 */
  SELECT
    'chinese_tea_winback__voucher' AS segment,
    customer_id AS customer_id
  FROM {{ ref('segwh_customer_facts') }} AS facts
  WHERE
    in_chinese_tea_winback
    AND chinese_tea_winback__bucket >= 5500
    AND chinese_tea_winback__bucket < 10000
  UNION ALL
  /* segments/campaigns.yml:15 */
  SELECT
    'birthday_this_week' AS segment,
    customer_id AS customer_id
  FROM {{ ref('segwh_customer_facts') }} AS facts
  WHERE
    CASE
      WHEN (
        EXTRACT(MONTH FROM CAST('{{ day_start_day }}' AS DATE)) * 100 + EXTRACT(DAY FROM CAST('{{ day_start_day }}' AS DATE))
      ) < (
        EXTRACT(MONTH FROM CAST('{{ day_start_7_ahead_day }}' AS DATE)) * 100 + EXTRACT(DAY FROM CAST('{{ day_start_7_ahead_day }}' AS DATE))
      )
      THEN (
        EXTRACT(MONTH FROM birthday) * 100 + EXTRACT(DAY FROM birthday)
      ) >= (
        EXTRACT(MONTH FROM CAST('{{ day_start_day }}' AS DATE)) * 100 + EXTRACT(DAY FROM CAST('{{ day_start_day }}' AS DATE))
      )
      AND (
        EXTRACT(MONTH FROM birthday) * 100 + EXTRACT(DAY FROM birthday)
      ) < (
        EXTRACT(MONTH FROM CAST('{{ day_start_7_ahead_day }}' AS DATE)) * 100 + EXTRACT(DAY FROM CAST('{{ day_start_7_ahead_day }}' AS DATE))
      )
      ELSE (
        EXTRACT(MONTH FROM birthday) * 100 + EXTRACT(DAY FROM birthday)
      ) >= (
        EXTRACT(MONTH FROM CAST('{{ day_start_day }}' AS DATE)) * 100 + EXTRACT(DAY FROM CAST('{{ day_start_day }}' AS DATE))
      )
      OR (
        EXTRACT(MONTH FROM birthday) * 100 + EXTRACT(DAY FROM birthday)
      ) < (
        EXTRACT(MONTH FROM CAST('{{ day_start_7_ahead_day }}' AS DATE)) * 100 + EXTRACT(DAY FROM CAST('{{ day_start_7_ahead_day }}' AS DATE))
      )
    END
    AND birthday >= CAST('1900-01-02' AS DATE)
    AND NOT (
      in_do_not_contact OR in_unsubscribed
    )
  UNION ALL
  /* segments/campaigns.yml:26 */
  SELECT
    'from_paid_social' AS segment,
    customer_id AS customer_id
  FROM {{ ref('segwh_customer_facts') }} AS facts
  WHERE
    (
      source IN ('facebook', 'instagram')
      OR last_utm_source IN ('facebook', 'instagram')
    )
    AND NOT in_do_not_contact
  UNION ALL
  /* segments/campaigns.yml:38 */
  SELECT
    'from_google' AS segment,
    customer_id AS customer_id
  FROM {{ ref('segwh_customer_facts') }} AS facts
  WHERE
    LOWER(source) = 'google' AND NOT in_do_not_contact
  UNION ALL
  /* segments/campaigns.yml:47 */
  SELECT
    'black_friday_2025_buyers' AS segment,
    customer_id AS customer_id
  FROM {{ ref('segwh_customer_facts') }} AS facts
  WHERE
    orders_count_instant_20251124_to_instant_20251201 >= 1 AND NOT in_do_not_contact
  UNION ALL
  /* segments/campaigns.yml:57 */
  SELECT
    'autumn_pu_erh_2026' AS segment,
    customer_id AS customer_id
  FROM {{ ref('segwh_customer_facts') }} AS facts
  WHERE
    campaign_touches_count_where_campaign_id_is_cmp_035_a_058ef4 >= 1
    AND NOT in_do_not_contact
    AND NOT (
      CAST('{{ as_of_utc }}' AS TIMESTAMP) >= CAST('2026-12-01 00:00:00' AS TIMESTAMP)
    )
  UNION ALL
  /* segments/campaigns.yml:77 */
  SELECT
    'engaged_not_bought' AS segment,
    customer_id AS customer_id
  FROM {{ ref('segwh_customer_facts') }} AS facts
  WHERE
    campaign_touches_then_no_orders
    AND NOT (
      in_do_not_contact OR in_unsubscribed
    )
  UNION ALL
  /* segments/campaigns.yml:89 */
  SELECT
    'opened_and_clicked_same_mail' AS segment,
    customer_id AS customer_id
  FROM {{ ref('segwh_customer_facts') }} AS facts
  WHERE
    campaign_touches_then_campaign_touches AND NOT in_do_not_contact
  UNION ALL
  /* segments/campaigns.yml:101 */
  SELECT
    'mail_fatigue' AS segment,
    customer_id AS customer_id
  FROM {{ ref('segwh_customer_facts') }} AS facts
  WHERE
    campaign_touches_count_6_months_where_kind_is_sent_an_f3565a >= 3
    AND campaign_touches_count_6_months_where_kind_is_opened = 0
    AND NOT in_do_not_contact
  UNION ALL
  /* segments/campaigns.yml:114 */
  SELECT
    'northern_readers' AS segment,
    customer_id AS customer_id
  FROM {{ ref('segwh_customer_facts') }} AS facts
  WHERE
    home__region IN ('North West', 'North East', 'Yorkshire')
    AND in_weekly_readers
    AND NOT in_do_not_contact
  UNION ALL
  /* segments/campaigns.yml:125 */
  SELECT
    'press_and_students' AS segment,
    customer_id AS customer_id
  FROM {{ ref('segwh_customer_facts') }} AS facts
  WHERE
    (
      ARRAY_CONTAINS(tags, 'press') OR ARRAY_CONTAINS(tags, 'student')
    )
    AND NOT COALESCE(city = 'London', FALSE)
    AND NOT in_do_not_contact
  UNION ALL
  /* segments/campaigns.yml:135 */
  SELECT
    'wish_list_asia' AS segment,
    customer_id AS customer_id
  FROM {{ ref('segwh_customer_facts') }} AS facts
  WHERE
    (
      purchases_count_where_product_title_contains_714702_o_dc84d1 >= 1
      OR city IN ('北京', 'Αθήνα')
    )
    AND NOT in_do_not_contact
  UNION ALL
  /* segments/value.yml:3 */
  SELECT
    'high_value' AS segment,
    customer_id AS customer_id
  FROM {{ ref('segwh_customer_facts') }} AS facts
  WHERE
    in_high_value
  UNION ALL
  /* segments/value.yml:35 */
  SELECT
    'rfm_champions' AS segment,
    customer_id AS customer_id
  FROM {{ ref('segwh_customer_facts') }} AS facts
  WHERE
    in_rfm_champions
  UNION ALL
  /* segments/value.yml:56 */
  SELECT
    'multi_category_buyers' AS segment,
    customer_id AS customer_id
  FROM {{ ref('segwh_customer_facts') }} AS facts
  WHERE
    in_multi_category_buyers
  UNION ALL
  /* segments/lifecycle.yml:86 */
  SELECT
    'bought_last_quarter' AS segment,
    customer_id AS customer_id
  FROM {{ ref('segwh_customer_facts') }} AS facts
  WHERE
    in_bought_last_quarter
  UNION ALL
  /* segments/campaigns.yml:146 */
  SELECT
    'christmas_gift_list' AS segment,
    customer_id AS customer_id
  FROM {{ ref('segwh_customer_facts') }} AS facts
  WHERE
    in_christmas_gift_list
  UNION ALL
  /* segments/campaigns.yml:165 */
  SELECT
    'welcome_series' AS segment,
    customer_id AS customer_id
  FROM {{ ref('segwh_customer_facts') }} AS facts
  WHERE
    COALESCE(
      (
        signed_up_at >= CAST('{{ days_30_ago }}' AS TIMESTAMP)
        AND signed_up_at < CAST('{{ as_of_utc }}' AS TIMESTAMP)
        AND consents_count_where_channel_is_email_and_granted_is_true >= 1
        AND NOT (
          in_do_not_contact OR in_unsubscribed
        )
        AND NOT (
          (
            NOT welcome_series__entered_at IS NULL
            AND welcome_series__entered_at <= CAST('{{ days_14_ago }}' AS TIMESTAMP)
          )
          OR (
            welcome_series__entered_at IS NULL
            AND NOT welcome_series__left_at IS NULL
            AND welcome_series__left_at > CAST('{{ days_90_ago }}' AS TIMESTAMP)
          )
        )
      )
      OR customer_id IN (
        SELECT
          always.customer_id
        FROM {{ ref('test_addresses') }} AS always
        WHERE
          NOT always.customer_id IS NULL
      ),
      FALSE
    )
  UNION ALL
  /* segments/lifecycle.yml:3 */
  SELECT
    'new_customers' AS segment,
    customer_id AS customer_id
  FROM {{ ref('segwh_customer_facts') }} AS facts
  WHERE
    stage = 'new' AND NOT in_do_not_contact
  UNION ALL
  /* segments/lifecycle.yml:13 */
  SELECT
    'active_customers' AS segment,
    customer_id AS customer_id
  FROM {{ ref('segwh_customer_facts') }} AS facts
  WHERE
    stage = 'active' AND NOT in_do_not_contact
  UNION ALL
  /* segments/lifecycle.yml:23 */
  SELECT
    'lapsed_customers' AS segment,
    customer_id AS customer_id
  FROM {{ ref('segwh_customer_facts') }} AS facts
  WHERE
    stage = 'lapsed' AND NOT in_do_not_contact
  UNION ALL
  /* segments/lifecycle.yml:33 */
  SELECT
    'at_risk_of_churn' AS segment,
    customer_id AS customer_id
  FROM {{ ref('segwh_customer_facts') }} AS facts
  WHERE
    orders_total >= 3
    AND spend_drop >= 0.5
    AND NOT (
      in_do_not_contact OR in_unsubscribed
    )
    AND NOT (
      in_first_order_lately OR in_second_order_nudge OR in_chinese_tea_winback
    )
  UNION ALL
  /* segments/lifecycle.yml:43 */
  SELECT
    'silent_high_spenders' AS segment,
    customer_id AS customer_id
  FROM {{ ref('segwh_customer_facts') }} AS facts
  WHERE
    orders_amount_sum > 1000
    AND orders_last_at < CAST('{{ days_60_ago }}' AS TIMESTAMP)
    AND NOT in_do_not_contact
  UNION ALL
  /* segments/lifecycle.yml:76 */
  SELECT
    'yearly_regulars' AS segment,
    customer_id AS customer_id
  FROM {{ ref('segwh_customer_facts') }} AS facts
  WHERE
    orders_count_instant_20241201_to_instant_20250101 >= 1
    AND orders_count_instant_20251201_to_instant_20260101 >= 1
    AND NOT in_do_not_contact
  UNION ALL
  /* segments/suppression.yml:31 */
  SELECT
    'consent_unknown' AS segment,
    customer_id AS customer_id
  FROM {{ ref('segwh_customer_facts') }} AS facts
  WHERE
    NOT (
      consents_count_where_channel_is_email_and_not_granted_empty >= 1
    )
    AND NOT in_do_not_contact
  UNION ALL
  /* segments/suppression.yml:41 */
  SELECT
    'open_ticket' AS segment,
    customer_id AS customer_id
  FROM {{ ref('segwh_customer_facts') }} AS facts
  WHERE
    in_open_ticket
  UNION ALL
  /* segments/suppression.yml:53 */
  SELECT
    'plan_renews_soon' AS segment,
    customer_id AS customer_id
  FROM {{ ref('segwh_customer_facts') }} AS facts
  WHERE
    subscriptions_count_where_status_is_active_and_renews_61a605 >= 1
    AND NOT (
      in_do_not_contact OR in_unsubscribed
    )
  UNION ALL
  /* segments/suppression.yml:62 */
  SELECT
    'mailable' AS segment,
    customer_id AS customer_id
  FROM {{ ref('segwh_customer_facts') }} AS facts
  WHERE
    REGEXP_MATCHES(email, '^[^\n@ ]+@[^\n@ ]+[.][a-z]+$', 'i')
    AND consents_count_where_channel_is_email_and_granted_is_true >= 1
    AND NOT (
      in_open_ticket OR in_do_not_contact OR in_unsubscribed
    )
  UNION ALL
  /* segments/value.yml:14 */
  SELECT
    'top_spenders' AS segment,
    customer_id AS customer_id
  FROM {{ ref('segwh_customer_facts') }} AS facts
  WHERE
    in_top_spenders
  UNION ALL
  /* segments/value.yml:24 */
  SELECT
    'top_hundred_per_city' AS segment,
    customer_id AS customer_id
  FROM {{ ref('segwh_customer_facts') }} AS facts
  WHERE
    in_top_hundred_per_city
  UNION ALL
  /* segments/value.yml:45 */
  SELECT
    'big_basket' AS segment,
    customer_id AS customer_id
  FROM {{ ref('segwh_customer_facts') }} AS facts
  WHERE
    (
      orders_count_1_years_where_items_gte_10 >= 1
      OR orders_count_1_years_where_amount_gte_500 >= 1
    )
    AND NOT in_do_not_contact
  UNION ALL
  /* segments/value.yml:66 */
  SELECT
    'same_title_again' AS segment,
    customer_id AS customer_id
  FROM {{ ref('segwh_customer_facts') }} AS facts
  WHERE
    purchases_count_by_product_id_6_months >= 3 AND NOT in_do_not_contact
  UNION ALL
  /* segments/value.yml:75 */
  SELECT
    'high_value_newcomers' AS segment,
    customer_id AS customer_id
  FROM {{ ref('segwh_customer_facts') }} AS facts
  WHERE
    in_high_value
    AND (
      high_value__entered_at IS NULL
      OR high_value__entered_at > CAST('{{ days_7_ago }}' AS TIMESTAMP)
    )
    AND NOT in_do_not_contact
  UNION ALL
  /* segments/value.yml:85 */
  SELECT
    'loyal_high_value' AS segment,
    customer_id AS customer_id
  FROM {{ ref('segwh_customer_facts') }} AS facts
  WHERE
    in_high_value
    AND (
      NOT high_value__entered_at IS NULL
      AND high_value__entered_at <= CAST('{{ days_30_ago }}' AS TIMESTAMP)
    )
    AND subscriptions_count_where_status_is_active >= 1
    AND NOT in_do_not_contact
  UNION ALL
  /* segments/behaviour.yml:141 */
  SELECT
    'interest__shoes__light' AS segment,
    customer_id AS customer_id
  FROM {{ ref('segwh_customer_facts') }} AS facts
  WHERE
    page_views_count_90_days_where_url_contains_shoes >= 1
    AND page_views_count_90_days_where_url_contains_shoes <= 4
    AND NOT in_do_not_contact
  UNION ALL
  /* segments/behaviour.yml:142 */
  SELECT
    'interest__shoes__heavy' AS segment,
    customer_id AS customer_id
  FROM {{ ref('segwh_customer_facts') }} AS facts
  WHERE
    page_views_count_90_days_where_url_contains_shoes >= 5 AND NOT in_do_not_contact
  UNION ALL
  /* segments/behaviour.yml:141 */
  SELECT
    'interest__bags__light' AS segment,
    customer_id AS customer_id
  FROM {{ ref('segwh_customer_facts') }} AS facts
  WHERE
    page_views_count_90_days_where_url_contains_bags >= 1
    AND page_views_count_90_days_where_url_contains_bags <= 4
    AND NOT in_do_not_contact
  UNION ALL
  /* segments/behaviour.yml:142 */
  SELECT
    'interest__bags__heavy' AS segment,
    customer_id AS customer_id
  FROM {{ ref('segwh_customer_facts') }} AS facts
  WHERE
    page_views_count_90_days_where_url_contains_bags >= 5 AND NOT in_do_not_contact
  UNION ALL
  /* segments/behaviour.yml:141 */
  SELECT
    'interest__chinese_tea__light' AS segment,
    customer_id AS customer_id
  FROM {{ ref('segwh_customer_facts') }} AS facts
  WHERE
    page_views_count_90_days_where_url_contains_chinese_tea >= 1
    AND page_views_count_90_days_where_url_contains_chinese_tea <= 4
    AND NOT in_do_not_contact
  UNION ALL
  /* segments/behaviour.yml:142 */
  SELECT
    'interest__chinese_tea__heavy' AS segment,
    customer_id AS customer_id
  FROM {{ ref('segwh_customer_facts') }} AS facts
  WHERE
    page_views_count_90_days_where_url_contains_chinese_tea >= 5
    AND NOT in_do_not_contact
  UNION ALL
  /* segments/lifecycle.yml:104 */
  SELECT
    'stage_by_channel__new__email' AS segment,
    customer_id AS customer_id
  FROM {{ ref('segwh_customer_facts') }} AS facts
  WHERE
    stage = 'new' AND preferred_channel = 'email' AND NOT in_do_not_contact
  UNION ALL
  /* segments/lifecycle.yml:105 */
  SELECT
    'stage_by_channel__new__sms' AS segment,
    customer_id AS customer_id
  FROM {{ ref('segwh_customer_facts') }} AS facts
  WHERE
    stage = 'new' AND preferred_channel = 'sms' AND NOT in_do_not_contact
  UNION ALL
  /* segments/lifecycle.yml:106 */
  SELECT
    'stage_by_channel__new__whatsapp' AS segment,
    customer_id AS customer_id
  FROM {{ ref('segwh_customer_facts') }} AS facts
  WHERE
    stage = 'new' AND LOWER(preferred_channel) = 'whatsapp' AND NOT in_do_not_contact
  UNION ALL
  /* segments/lifecycle.yml:104 */
  SELECT
    'stage_by_channel__active__email' AS segment,
    customer_id AS customer_id
  FROM {{ ref('segwh_customer_facts') }} AS facts
  WHERE
    stage = 'active' AND preferred_channel = 'email' AND NOT in_do_not_contact
  UNION ALL
  /* segments/lifecycle.yml:105 */
  SELECT
    'stage_by_channel__active__sms' AS segment,
    customer_id AS customer_id
  FROM {{ ref('segwh_customer_facts') }} AS facts
  WHERE
    stage = 'active' AND preferred_channel = 'sms' AND NOT in_do_not_contact
  UNION ALL
  /* segments/lifecycle.yml:106 */
  SELECT
    'stage_by_channel__active__whatsapp' AS segment,
    customer_id AS customer_id
  FROM {{ ref('segwh_customer_facts') }} AS facts
  WHERE
    stage = 'active'
    AND LOWER(preferred_channel) = 'whatsapp'
    AND NOT in_do_not_contact
  UNION ALL
  /* segments/lifecycle.yml:104 */
  SELECT
    'stage_by_channel__lapsing__email' AS segment,
    customer_id AS customer_id
  FROM {{ ref('segwh_customer_facts') }} AS facts
  WHERE
    stage = 'lapsing' AND preferred_channel = 'email' AND NOT in_do_not_contact
  UNION ALL
  /* segments/lifecycle.yml:105 */
  SELECT
    'stage_by_channel__lapsing__sms' AS segment,
    customer_id AS customer_id
  FROM {{ ref('segwh_customer_facts') }} AS facts
  WHERE
    stage = 'lapsing' AND preferred_channel = 'sms' AND NOT in_do_not_contact
  UNION ALL
  /* segments/lifecycle.yml:106 */
  SELECT
    'stage_by_channel__lapsing__whatsapp' AS segment,
    customer_id AS customer_id
  FROM {{ ref('segwh_customer_facts') }} AS facts
  WHERE
    stage = 'lapsing'
    AND LOWER(preferred_channel) = 'whatsapp'
    AND NOT in_do_not_contact
  UNION ALL
  /* segments/lifecycle.yml:104 */
  SELECT
    'stage_by_channel__lapsed__email' AS segment,
    customer_id AS customer_id
  FROM {{ ref('segwh_customer_facts') }} AS facts
  WHERE
    stage = 'lapsed' AND preferred_channel = 'email' AND NOT in_do_not_contact
  UNION ALL
  /* segments/lifecycle.yml:105 */
  SELECT
    'stage_by_channel__lapsed__sms' AS segment,
    customer_id AS customer_id
  FROM {{ ref('segwh_customer_facts') }} AS facts
  WHERE
    stage = 'lapsed' AND preferred_channel = 'sms' AND NOT in_do_not_contact
  UNION ALL
  /* segments/lifecycle.yml:106 */
  SELECT
    'stage_by_channel__lapsed__whatsapp' AS segment,
    customer_id AS customer_id
  FROM {{ ref('segwh_customer_facts') }} AS facts
  WHERE
    stage = 'lapsed'
    AND LOWER(preferred_channel) = 'whatsapp'
    AND NOT in_do_not_contact
), covered AS (
  SELECT
    CAST(given.segment AS TEXT) AS segment,
    CAST(given.rule_hash AS TEXT) AS rule_hash
  FROM (VALUES
    ('active_customers', '7c9bae87a2648e71b1e74e49abf60fc5'),
    ('at_risk_of_churn', 'd2430de1e62420128e822e7f26b5f346'),
    ('autumn_pu_erh_2026', 'f765463d690d812d89407bfd2789913c'),
    ('big_basket', '7867674ea187fe06ab69fb0f948f1800'),
    ('birthday_this_week', '425ffd1adc98dd6e213c501b3ed9e8c9'),
    ('black_friday_2025_buyers', '8846139dbfde136e83f232d48efced03'),
    ('bought_last_quarter', '4f0978b31e3f261346ff84bfa5bc57b0'),
    ('cart_abandoned', '5dcdd14a1b29217663eca8746735ff36'),
    ('chinese_tea_winback', 'c2f47df6bc7bd28720b0b01c84f310d0'),
    ('chinese_tea_winback__holdout', '46ed0ca73cec3cfb91d0349b46c3b018'),
    ('chinese_tea_winback__letter', '8f67d10645ebcfe10ccb1d2610ee114b'),
    ('chinese_tea_winback__voucher', 'ebe804520277df94a43d4da7829a1e68'),
    ('christmas_gift_list', 'e994b5e4a125f1b622b82bed9a70d5db'),
    ('clearance_buyers', '700ed510632f20029336ec395323999c'),
    ('consent_unknown', '275adf98e75cf4bc2bb8ffbe1e1fd6ba'),
    ('cross_sell_accessories', 'e43abdb2ea1c6ab410b8f9a9ff16190f'),
    ('cross_sell_teaware', '433b5fd67479c189391698092a4a169f'),
    ('do_not_contact', '7e6eadabcd0e832fd9dd5721fd66cfe5'),
    ('engaged_not_bought', 'c79cb79909f3fcccc28e4898901c1c2d'),
    ('first_order_lately', '22172cd7eb25f98fa38b4f47c7a33703'),
    ('from_google', '3030ea6aafd8a31216d27eef15b1dd24'),
    ('from_paid_social', '624a3ec6040d83f803c369ad9700fab0'),
    ('high_value', '8d3e45278975bfd5932b2efd76c9e6f1'),
    ('high_value_newcomers', '28a269adc30ee4f72c1efda834c79be9'),
    ('interest__bags__heavy', '9700996860522006f89ff161c5604f54'),
    ('interest__bags__light', '48d9e44411f402d2857b5074ab95de7d'),
    ('interest__chinese_tea__heavy', 'e1ae0b11ddac5ae8c2167182267776b0'),
    ('interest__chinese_tea__light', '536e7ab7525f583711ca6959900b8f80'),
    ('interest__shoes__heavy', '6697f538090fe3dbc89f4584cf4f5a98'),
    ('interest__shoes__light', 'bd62f5b105ede38ec7a8086e07ceae31'),
    ('lapsed_customers', '80aafa053ed589739997bb9e148a1e15'),
    ('looked_then_bought', 'cf6da6f5197094a9c6f37d3741bbc27a'),
    ('loyal_high_value', '8cf59a01ff45fdbed364a3cbf68fc364'),
    ('mail_fatigue', '3fa1be69e606b57e71a47a8899f8fedd'),
    ('mailable', '268df969a0beb58c6cef801747d5627e'),
    ('multi_category_buyers', '7d8e297dc414cb025d4f6cec3ed4d822'),
    ('new_customers', 'd18d24cc8c6f9f25318d3074418f2f2d'),
    ('night_owls', '6ce0732d99142da4212ee2639ab6bdb3'),
    ('northern_readers', '6f482911b05f79a09ad42fb263113211'),
    ('open_ticket', 'c5d7661fd9c6682df8a178898b501192'),
    ('opened_and_clicked_same_mail', 'e1a05444fec6d52ccb56f977eee9d9f3'),
    ('plan_renews_soon', '6b1fb94191f075d1b41a180e7b2e0d64'),
    ('press_and_students', '7696089578339e7b90ae567015811a37'),
    ('price_sensitive', 'b1b5b2804e3111c3ec6037ec77fdc700'),
    ('reads_but_does_not_buy', 'dd4da1969e7660b6fc78853f6527e973'),
    ('refunders', '5928d551400b0f62c69751693154e92b'),
    ('rfm_champions', 'b28423748231e34ba6c10a7a09dbb6fd'),
    ('sale_hunters', '3d1e301ca06d8cc1364e3420268bd3ef'),
    ('same_title_again', 'ca41fbe4993b07614a5e848775d45d72'),
    ('second_order_nudge', '58e68a1ffa07e3b1c74a4c392197f953'),
    ('silent_high_spenders', '87f48c32c9d308b9a0469acf8b20e187'),
    ('spring_shoes_2026', '49af9ae502ba2bd9ba0fb23d75725bd0'),
    ('stage__active', '7c9bae87a2648e71b1e74e49abf60fc5'),
    ('stage__lapsed', '80aafa053ed589739997bb9e148a1e15'),
    ('stage__lapsing', '60d367a76109a7528e110c11526873f4'),
    ('stage__never_bought', 'c4a3bbe6c8de478458f95b2d944e15f9'),
    ('stage__new', 'd18d24cc8c6f9f25318d3074418f2f2d'),
    ('stage_by_channel__active__email', '346d980f222ce6dbc073a8539dc68e73'),
    ('stage_by_channel__active__sms', 'a09ac52ff02937fc82efc420b1215954'),
    ('stage_by_channel__active__whatsapp', 'a6596d403c0a21cad55caa9f21f169be'),
    ('stage_by_channel__lapsed__email', '6c5f8c1e5a5679ff9448d78f34c3c816'),
    ('stage_by_channel__lapsed__sms', '54f42e8de30c21918b3d2616469a527e'),
    ('stage_by_channel__lapsed__whatsapp', '898e9b8b06321c24c2f98f9638d72474'),
    ('stage_by_channel__lapsing__email', 'b7457251247cac555d57d73af4e7617f'),
    ('stage_by_channel__lapsing__sms', 'd8a9535f26fd0229161ef121f0ecddd1'),
    ('stage_by_channel__lapsing__whatsapp', '9998909e37e6d547fdb93271570ef0d3'),
    ('stage_by_channel__new__email', 'b0e82834f1010749a2dc9b7d0a0a0e8a'),
    ('stage_by_channel__new__sms', '7c90dfd4d0ad70b00c24ef992b1cb864'),
    ('stage_by_channel__new__whatsapp', '6f9dd3641210e059b8eaae9147c08199'),
    ('top_hundred_per_city', '3e7340b3879ce1e5457f1cd1ddb6f118'),
    ('top_spenders', '4ea7f714478fabf8afeefa97519f903e'),
    ('unsubscribed', '8c3fefaf455a51051e644bdf4f03669e'),
    ('weekend_shoppers', 'fa33d65397003d2af2a4aac5dd5f6fec'),
    ('weekly_readers', 'e0ce3554e9a7fcb5427d1a20823fdbdd'),
    ('welcome_series', 'e0e4a825e7c7ef4f3ef811510af52dba'),
    ('wish_list_asia', 'c6d9140c5b0029f5d1aed97d7d35675a'),
    ('yearly_regulars', 'f316cff7be4a3ca30a8b63449aec242c')) AS given(segment, rule_hash)
), facts_age AS (
  SELECT
    MIN(facts.evaluated_at) AS oldest,
    MAX(facts.evaluated_at) AS newest,
    COUNT(*) AS keys,
    COUNT(DISTINCT facts.customer_id) AS distinct_keys,
    COUNT(DISTINCT facts.customer_id) AS population
  FROM {{ ref('segwh_customer_facts') }} AS facts
), missing AS (
  SELECT
    CAST(given.segment AS TEXT) AS segment,
    CAST(given.left_out AS BIGINT) AS left_out
  FROM (VALUES
    (NULL, NULL)) AS given(segment, left_out)
  WHERE
    1 = 0
), checks AS (
  SELECT
    subject,
    problem
  FROM {{ ref('segwh_customer_checks') }}
), needs AS (
  SELECT
    CAST(given.segment AS TEXT) AS segment,
    CAST(given.subject AS TEXT) AS subject
  FROM (VALUES
    ('at_risk_of_churn', 'purchases.product'),
    ('chinese_tea_winback', 'purchases.product'),
    ('chinese_tea_winback__holdout', 'purchases.product'),
    ('chinese_tea_winback__letter', 'purchases.product'),
    ('chinese_tea_winback__voucher', 'purchases.product'),
    ('christmas_gift_list', 'purchases.product'),
    ('cross_sell_accessories', 'purchases.product'),
    ('cross_sell_teaware', 'purchases.product'),
    ('mail_fatigue', 'campaign_touches.campaign'),
    ('multi_category_buyers', 'purchases.product'),
    ('northern_readers', 'customer.home'),
    ('wish_list_asia', 'purchases.product')) AS given(segment, subject)
)
SELECT
  'member' AS kind,
  members.segment,
  members.customer_id,
  CAST(NULL AS TEXT) AS rule_hash,
  CAST(NULL AS TIMESTAMPTZ) AS as_of,
  CAST(NULL AS TEXT) AS problem,
  CAST(NULL AS BIGINT) AS left_out,
  CAST(NULL AS BIGINT) AS population
FROM members
UNION ALL
/* One row for each segment that the evaluation covers, with the rule it stands for, and what is wrong with the data it needs */
/* if something is: then nothing is concluded from it. */
SELECT
  'segment' AS kind,
  covered.segment,
  NULL AS customer_id,
  covered.rule_hash,
  CAST('{{ as_of }}' AS TIMESTAMPTZ) AS as_of,
  CASE
    WHEN NOT {{ not segwh__reads_part() }}
    THEN 'only a part of the data was read'
    WHEN facts_age.oldest <> CAST('{{ as_of }}' AS TIMESTAMPTZ)
    OR facts_age.newest <> CAST('{{ as_of }}' AS TIMESTAMPTZ)
    THEN 'its facts are of another as-of'
    WHEN facts_age.keys <> facts_age.distinct_keys
    THEN 'ref(''customers'') has keys with more than one row'
    ELSE faults.problem
  END AS problem,
  COALESCE(missing.left_out, 0) AS left_out,
  facts_age.population
FROM covered
CROSS JOIN facts_age
LEFT JOIN missing
  ON missing.segment = covered.segment
LEFT JOIN (
  SELECT
    needs.segment,
    MIN(checks.problem) AS problem
  FROM needs
  INNER JOIN checks
    ON checks.subject = needs.subject
  GROUP BY
    needs.segment
) AS faults
  ON faults.segment = covered.segment
{%- endif %}
