-- segwh: compiled from the rules. Edit those and run `segwh compile`, which overwrites this file.
{{ config(
    materialized='table',
    contract={'enforced': false},
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
{%- set looked = segwh__looked_at('customer', 'customer_id', ref('segwh_customer_facts'), ref('segwh_customer_standing'), ref('segwh_rules'), as_of) -%}

{%- if segwh__reads_part() and segwh__existing('segwh_customer_evaluation') %}
select * from {{ this }}
{%- else %}
WITH members AS (
  /* segments/suppression.yml:9 */
  SELECT
    'do_not_contact' AS segment,
    customer_id AS customer_id
  FROM {{ looked.facts }} AS facts
  WHERE
    {{ looked.only }} AND in_do_not_contact
  UNION ALL
  /* segments/traits.yml:26 */
  SELECT
    'stage__new' AS segment,
    customer_id AS customer_id
  FROM {{ looked.facts }} AS facts
  WHERE
    {{ looked.only }} AND stage = 'new' AND NOT in_do_not_contact
  UNION ALL
  /* segments/traits.yml:26 */
  SELECT
    'stage__active' AS segment,
    customer_id AS customer_id
  FROM {{ looked.facts }} AS facts
  WHERE
    {{ looked.only }} AND stage = 'active' AND NOT in_do_not_contact
  UNION ALL
  /* segments/traits.yml:26 */
  SELECT
    'stage__lapsing' AS segment,
    customer_id AS customer_id
  FROM {{ looked.facts }} AS facts
  WHERE
    {{ looked.only }} AND stage = 'lapsing' AND NOT in_do_not_contact
  UNION ALL
  /* segments/traits.yml:26 */
  SELECT
    'stage__lapsed' AS segment,
    customer_id AS customer_id
  FROM {{ looked.facts }} AS facts
  WHERE
    {{ looked.only }} AND stage = 'lapsed' AND NOT in_do_not_contact
  UNION ALL
  /* segments/traits.yml:26 */
  SELECT
    'stage__never_bought' AS segment,
    customer_id AS customer_id
  FROM {{ looked.facts }} AS facts
  WHERE
    {{ looked.only }} AND stage = 'never_bought' AND NOT in_do_not_contact
  UNION ALL
  /* segments/suppression.yml:20 */
  SELECT
    'unsubscribed' AS segment,
    customer_id AS customer_id
  FROM {{ looked.facts }} AS facts
  WHERE
    {{ looked.only }} AND in_unsubscribed
  UNION ALL
  /* segments/behaviour.yml:3 */
  SELECT
    'cart_abandoned' AS segment,
    customer_id AS customer_id
  FROM {{ looked.facts }} AS facts
  WHERE
    {{ looked.only }}
    AND cart_events_then_no_orders
    AND NOT (
      in_do_not_contact OR in_unsubscribed
    )
  UNION ALL
  /* segments/behaviour.yml:17 */
  SELECT
    'weekly_readers' AS segment,
    customer_id AS customer_id
  FROM {{ looked.facts }} AS facts
  WHERE
    {{ looked.only }} AND in_weekly_readers
  UNION ALL
  /* segments/behaviour.yml:28 */
  SELECT
    'reads_but_does_not_buy' AS segment,
    customer_id AS customer_id
  FROM {{ looked.facts }} AS facts
  WHERE
    {{ looked.only }}
    AND page_views_days_60_days >= 3
    AND orders_count_60_days = 0
    AND NOT in_do_not_contact
  UNION ALL
  /* segments/behaviour.yml:38 */
  SELECT
    'cross_sell_accessories' AS segment,
    customer_id AS customer_id
  FROM {{ looked.facts }} AS facts
  WHERE
    {{ looked.only }}
    AND purchases_count_where_product_category_is_phones >= 1
    AND purchases_count_where_product_category_is_accessories = 0
    AND NOT (
      in_do_not_contact OR in_unsubscribed
    )
  UNION ALL
  /* segments/behaviour.yml:48 */
  SELECT
    'cross_sell_teaware' AS segment,
    customer_id AS customer_id
  FROM {{ looked.facts }} AS facts
  WHERE
    {{ looked.only }}
    AND purchases_count_where_product_category_in_tea_chinese_tea >= 3
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
  FROM {{ looked.facts }} AS facts
  WHERE
    {{ looked.only }}
    AND orders_total >= 3
    AND discounted_share >= 0.6
    AND NOT in_do_not_contact
  UNION ALL
  /* segments/behaviour.yml:69 */
  SELECT
    'weekend_shoppers' AS segment,
    customer_id AS customer_id
  FROM {{ looked.facts }} AS facts
  WHERE
    {{ looked.only }} AND orders_total >= 3 AND weekend_share >= 0.75 AND NOT in_do_not_contact
  UNION ALL
  /* segments/behaviour.yml:79 */
  SELECT
    'night_owls' AS segment,
    customer_id AS customer_id
  FROM {{ looked.facts }} AS facts
  WHERE
    {{ looked.only }}
    AND orders_count_90_days_where_ordered_at_hourbetween_90660d >= 1
    AND NOT in_do_not_contact
  UNION ALL
  /* segments/behaviour.yml:88 */
  SELECT
    'refunders' AS segment,
    customer_id AS customer_id
  FROM {{ looked.facts }} AS facts
  WHERE
    {{ looked.only }} AND in_refunders
  UNION ALL
  /* segments/behaviour.yml:99 */
  SELECT
    'sale_hunters' AS segment,
    customer_id AS customer_id
  FROM {{ looked.facts }} AS facts
  WHERE
    {{ looked.only }}
    AND page_views_count_90_days_where_url_contains_100_off >= 1
    AND NOT in_do_not_contact
  UNION ALL
  /* segments/behaviour.yml:108 */
  SELECT
    'looked_then_bought' AS segment,
    customer_id AS customer_id
  FROM {{ looked.facts }} AS facts
  WHERE
    {{ looked.only }} AND page_views_then_cart_events_then_orders AND NOT in_do_not_contact
  UNION ALL
  /* segments/behaviour.yml:121 */
  SELECT
    'clearance_buyers' AS segment,
    customer_id AS customer_id
  FROM {{ looked.facts }} AS facts
  WHERE
    {{ looked.only }}
    AND purchases_count_6_months_where_product_id_in_clearanc_3951bb >= 1
    AND NOT in_do_not_contact
  UNION ALL
  /* segments/lifecycle.yml:53 */
  SELECT
    'first_order_lately' AS segment,
    customer_id AS customer_id
  FROM {{ looked.facts }} AS facts
  WHERE
    {{ looked.only }} AND in_first_order_lately
  UNION ALL
  /* segments/lifecycle.yml:63 */
  SELECT
    'second_order_nudge' AS segment,
    customer_id AS customer_id
  FROM {{ looked.facts }} AS facts
  WHERE
    {{ looked.only }} AND in_second_order_nudge
  UNION ALL
  /* segments/campaigns.yml:3 */
  SELECT
    'chinese_tea_winback' AS segment,
    customer_id AS customer_id
  FROM {{ looked.facts }} AS facts
  WHERE
    {{ looked.only }} AND in_chinese_tea_winback
  UNION ALL
  /* segments/campaigns.yml:3 */
  SELECT
    'chinese_tea_winback__holdout' AS segment,
    customer_id AS customer_id
  FROM {{ looked.facts }} AS facts
  WHERE
    {{ looked.only }}
    AND in_chinese_tea_winback
    AND chinese_tea_winback__bucket >= 0
    AND chinese_tea_winback__bucket < 1000
  UNION ALL
  /* segments/campaigns.yml:3 */
  SELECT
    'chinese_tea_winback__letter' AS segment,
    customer_id AS customer_id
  FROM {{ looked.facts }} AS facts
  WHERE
    {{ looked.only }}
    AND in_chinese_tea_winback
    AND chinese_tea_winback__bucket >= 1000
    AND chinese_tea_winback__bucket < 5500
  UNION ALL
  /* segments/campaigns.yml:3 */
  SELECT
    'chinese_tea_winback__voucher' AS segment,
    customer_id AS customer_id
  FROM {{ looked.facts }} AS facts
  WHERE
    {{ looked.only }}
    AND in_chinese_tea_winback
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
  FROM {{ looked.facts }} AS facts
  WHERE
    {{ looked.only }}
    AND (
      source IN ('facebook', 'instagram')
      OR last_utm_source IN ('facebook', 'instagram')
    )
    AND NOT in_do_not_contact
  UNION ALL
  /* segments/campaigns.yml:38 */
  SELECT
    'from_google' AS segment,
    customer_id AS customer_id
  FROM {{ looked.facts }} AS facts
  WHERE
    {{ looked.only }} AND LOWER(source) = 'google' AND NOT in_do_not_contact
  UNION ALL
  /* segments/campaigns.yml:47 */
  SELECT
    'black_friday_2025_buyers' AS segment,
    customer_id AS customer_id
  FROM {{ looked.facts }} AS facts
  WHERE
    {{ looked.only }}
    AND orders_count_instant_20251124_to_instant_20251201 >= 1
    AND NOT in_do_not_contact
  UNION ALL
  /* segments/campaigns.yml:57 */
  SELECT
    'autumn_pu_erh_2026' AS segment,
    customer_id AS customer_id
  FROM {{ looked.facts }} AS facts
  WHERE
    {{ looked.only }}
    AND campaign_touches_count_where_campaign_id_is_cmp_035_a_058ef4 >= 1
    AND NOT in_do_not_contact
    AND NOT (
      CAST('{{ as_of_utc }}' AS TIMESTAMP) >= CAST('2026-12-01 00:00:00' AS TIMESTAMP)
    )
  UNION ALL
  /* segments/campaigns.yml:77 */
  SELECT
    'engaged_not_bought' AS segment,
    customer_id AS customer_id
  FROM {{ looked.facts }} AS facts
  WHERE
    {{ looked.only }}
    AND campaign_touches_then_no_orders
    AND NOT (
      in_do_not_contact OR in_unsubscribed
    )
  UNION ALL
  /* segments/campaigns.yml:89 */
  SELECT
    'opened_and_clicked_same_mail' AS segment,
    customer_id AS customer_id
  FROM {{ looked.facts }} AS facts
  WHERE
    {{ looked.only }} AND campaign_touches_then_campaign_touches AND NOT in_do_not_contact
  UNION ALL
  /* segments/campaigns.yml:101 */
  SELECT
    'mail_fatigue' AS segment,
    customer_id AS customer_id
  FROM {{ looked.facts }} AS facts
  WHERE
    {{ looked.only }}
    AND campaign_touches_count_6_months_where_kind_is_sent_an_f3565a >= 3
    AND campaign_touches_count_6_months_where_kind_is_opened = 0
    AND NOT in_do_not_contact
  UNION ALL
  /* segments/campaigns.yml:114 */
  SELECT
    'northern_readers' AS segment,
    customer_id AS customer_id
  FROM {{ looked.facts }} AS facts
  WHERE
    {{ looked.only }}
    AND home__region IN ('North West', 'North East', 'Yorkshire')
    AND in_weekly_readers
    AND NOT in_do_not_contact
  UNION ALL
  /* segments/campaigns.yml:125 */
  SELECT
    'press_and_students' AS segment,
    customer_id AS customer_id
  FROM {{ looked.facts }} AS facts
  WHERE
    {{ looked.only }}
    AND (
      ARRAY_CONTAINS(tags, 'press') OR ARRAY_CONTAINS(tags, 'student')
    )
    AND NOT COALESCE(city = 'London', FALSE)
    AND NOT in_do_not_contact
  UNION ALL
  /* segments/campaigns.yml:135 */
  SELECT
    'wish_list_asia' AS segment,
    customer_id AS customer_id
  FROM {{ looked.facts }} AS facts
  WHERE
    {{ looked.only }}
    AND (
      purchases_count_where_product_title_contains_714702_o_dc84d1 >= 1
      OR city IN ('北京', 'Αθήνα')
    )
    AND NOT in_do_not_contact
  UNION ALL
  /* segments/value.yml:3 */
  SELECT
    'high_value' AS segment,
    customer_id AS customer_id
  FROM {{ looked.facts }} AS facts
  WHERE
    {{ looked.only }} AND in_high_value
  UNION ALL
  /* segments/value.yml:35 */
  SELECT
    'rfm_champions' AS segment,
    customer_id AS customer_id
  FROM {{ looked.facts }} AS facts
  WHERE
    {{ looked.only }} AND in_rfm_champions
  UNION ALL
  /* segments/value.yml:56 */
  SELECT
    'multi_category_buyers' AS segment,
    customer_id AS customer_id
  FROM {{ looked.facts }} AS facts
  WHERE
    {{ looked.only }} AND in_multi_category_buyers
  UNION ALL
  /* segments/lifecycle.yml:86 */
  SELECT
    'bought_last_quarter' AS segment,
    customer_id AS customer_id
  FROM {{ looked.facts }} AS facts
  WHERE
    {{ looked.only }} AND in_bought_last_quarter
  UNION ALL
  /* segments/campaigns.yml:146 */
  SELECT
    'christmas_gift_list' AS segment,
    customer_id AS customer_id
  FROM {{ looked.facts }} AS facts
  WHERE
    {{ looked.only }} AND in_christmas_gift_list
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
            NOT welcome_series__member_since IS NULL
            AND welcome_series__member_since <= CAST('{{ days_14_ago }}' AS TIMESTAMP)
          )
          OR (
            welcome_series__member_since IS NULL
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
  FROM {{ looked.facts }} AS facts
  WHERE
    {{ looked.only }} AND stage = 'new' AND NOT in_do_not_contact
  UNION ALL
  /* segments/lifecycle.yml:13 */
  SELECT
    'active_customers' AS segment,
    customer_id AS customer_id
  FROM {{ looked.facts }} AS facts
  WHERE
    {{ looked.only }} AND stage = 'active' AND NOT in_do_not_contact
  UNION ALL
  /* segments/lifecycle.yml:23 */
  SELECT
    'lapsed_customers' AS segment,
    customer_id AS customer_id
  FROM {{ looked.facts }} AS facts
  WHERE
    {{ looked.only }} AND stage = 'lapsed' AND NOT in_do_not_contact
  UNION ALL
  /* segments/lifecycle.yml:33 */
  SELECT
    'at_risk_of_churn' AS segment,
    customer_id AS customer_id
  FROM {{ looked.facts }} AS facts
  WHERE
    {{ looked.only }}
    AND orders_total >= 3
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
  FROM {{ looked.facts }} AS facts
  WHERE
    {{ looked.only }}
    AND orders_amount_sum > 1000
    AND orders_last_at < CAST('{{ days_60_ago }}' AS TIMESTAMP)
    AND NOT in_do_not_contact
  UNION ALL
  /* segments/lifecycle.yml:76 */
  SELECT
    'yearly_regulars' AS segment,
    customer_id AS customer_id
  FROM {{ looked.facts }} AS facts
  WHERE
    {{ looked.only }}
    AND orders_count_instant_20241201_to_instant_20250101 >= 1
    AND orders_count_instant_20251201_to_instant_20260101 >= 1
    AND NOT in_do_not_contact
  UNION ALL
  /* segments/suppression.yml:31 */
  SELECT
    'consent_unknown' AS segment,
    customer_id AS customer_id
  FROM {{ looked.facts }} AS facts
  WHERE
    {{ looked.only }}
    AND NOT (
      consents_count_where_channel_is_email_and_not_granted_empty >= 1
    )
    AND NOT in_do_not_contact
  UNION ALL
  /* segments/suppression.yml:41 */
  SELECT
    'open_ticket' AS segment,
    customer_id AS customer_id
  FROM {{ looked.facts }} AS facts
  WHERE
    {{ looked.only }} AND in_open_ticket
  UNION ALL
  /* segments/suppression.yml:53 */
  SELECT
    'plan_renews_soon' AS segment,
    customer_id AS customer_id
  FROM {{ looked.facts }} AS facts
  WHERE
    {{ looked.only }}
    AND subscriptions_count_where_status_is_active_and_renews_61a605 >= 1
    AND NOT (
      in_do_not_contact OR in_unsubscribed
    )
  UNION ALL
  /* segments/suppression.yml:62 */
  SELECT
    'mailable' AS segment,
    customer_id AS customer_id
  FROM {{ looked.facts }} AS facts
  WHERE
    {{ looked.only }}
    AND REGEXP_MATCHES(LOWER(email), '^[^\n@ ]+@[^\n@ ]+[.][a-z]+$')
    AND consents_count_where_channel_is_email_and_granted_is_true >= 1
    AND NOT (
      in_open_ticket OR in_do_not_contact OR in_unsubscribed
    )
  UNION ALL
  /* segments/value.yml:14 */
  SELECT
    'top_spenders' AS segment,
    customer_id AS customer_id
  FROM {{ looked.facts }} AS facts
  WHERE
    {{ looked.only }} AND in_top_spenders
  UNION ALL
  /* segments/value.yml:24 */
  SELECT
    'top_hundred_per_city' AS segment,
    customer_id AS customer_id
  FROM {{ looked.facts }} AS facts
  WHERE
    {{ looked.only }} AND in_top_hundred_per_city
  UNION ALL
  /* segments/value.yml:45 */
  SELECT
    'big_basket' AS segment,
    customer_id AS customer_id
  FROM {{ looked.facts }} AS facts
  WHERE
    {{ looked.only }}
    AND (
      orders_count_1_years_where_items_gte_10 >= 1
      OR orders_count_1_years_where_amount_gte_500 >= 1
    )
    AND NOT in_do_not_contact
  UNION ALL
  /* segments/value.yml:66 */
  SELECT
    'same_title_again' AS segment,
    customer_id AS customer_id
  FROM {{ looked.facts }} AS facts
  WHERE
    {{ looked.only }} AND purchases_count_by_product_id_6_months >= 3 AND NOT in_do_not_contact
  UNION ALL
  /* segments/value.yml:75 */
  SELECT
    'high_value_newcomers' AS segment,
    customer_id AS customer_id
  FROM {{ looked.facts }} AS facts
  WHERE
    {{ looked.only }}
    AND in_high_value
    AND (
      high_value__member_since IS NULL
      OR high_value__member_since > CAST('{{ days_7_ago }}' AS TIMESTAMP)
    )
    AND NOT in_do_not_contact
  UNION ALL
  /* segments/value.yml:85 */
  SELECT
    'loyal_high_value' AS segment,
    customer_id AS customer_id
  FROM {{ looked.facts }} AS facts
  WHERE
    {{ looked.only }}
    AND in_high_value
    AND (
      NOT high_value__member_since IS NULL
      AND high_value__member_since <= CAST('{{ days_30_ago }}' AS TIMESTAMP)
    )
    AND subscriptions_count_where_status_is_active >= 1
    AND NOT in_do_not_contact
  UNION ALL
  /* segments/behaviour.yml:141 */
  SELECT
    'interest__shoes__light' AS segment,
    customer_id AS customer_id
  FROM {{ looked.facts }} AS facts
  WHERE
    {{ looked.only }}
    AND page_views_count_90_days_where_url_contains_shoes >= 1
    AND page_views_count_90_days_where_url_contains_shoes <= 4
    AND NOT in_do_not_contact
  UNION ALL
  /* segments/behaviour.yml:142 */
  SELECT
    'interest__shoes__heavy' AS segment,
    customer_id AS customer_id
  FROM {{ looked.facts }} AS facts
  WHERE
    {{ looked.only }}
    AND page_views_count_90_days_where_url_contains_shoes >= 5
    AND NOT in_do_not_contact
  UNION ALL
  /* segments/behaviour.yml:141 */
  SELECT
    'interest__bags__light' AS segment,
    customer_id AS customer_id
  FROM {{ looked.facts }} AS facts
  WHERE
    {{ looked.only }}
    AND page_views_count_90_days_where_url_contains_bags >= 1
    AND page_views_count_90_days_where_url_contains_bags <= 4
    AND NOT in_do_not_contact
  UNION ALL
  /* segments/behaviour.yml:142 */
  SELECT
    'interest__bags__heavy' AS segment,
    customer_id AS customer_id
  FROM {{ looked.facts }} AS facts
  WHERE
    {{ looked.only }}
    AND page_views_count_90_days_where_url_contains_bags >= 5
    AND NOT in_do_not_contact
  UNION ALL
  /* segments/behaviour.yml:141 */
  SELECT
    'interest__chinese_tea__light' AS segment,
    customer_id AS customer_id
  FROM {{ looked.facts }} AS facts
  WHERE
    {{ looked.only }}
    AND page_views_count_90_days_where_url_contains_chinese_tea >= 1
    AND page_views_count_90_days_where_url_contains_chinese_tea <= 4
    AND NOT in_do_not_contact
  UNION ALL
  /* segments/behaviour.yml:142 */
  SELECT
    'interest__chinese_tea__heavy' AS segment,
    customer_id AS customer_id
  FROM {{ looked.facts }} AS facts
  WHERE
    {{ looked.only }}
    AND page_views_count_90_days_where_url_contains_chinese_tea >= 5
    AND NOT in_do_not_contact
  UNION ALL
  /* segments/lifecycle.yml:104 */
  SELECT
    'stage_by_channel__new__email' AS segment,
    customer_id AS customer_id
  FROM {{ looked.facts }} AS facts
  WHERE
    {{ looked.only }}
    AND stage = 'new'
    AND preferred_channel = 'email'
    AND NOT in_do_not_contact
  UNION ALL
  /* segments/lifecycle.yml:105 */
  SELECT
    'stage_by_channel__new__sms' AS segment,
    customer_id AS customer_id
  FROM {{ looked.facts }} AS facts
  WHERE
    {{ looked.only }} AND stage = 'new' AND preferred_channel = 'sms' AND NOT in_do_not_contact
  UNION ALL
  /* segments/lifecycle.yml:106 */
  SELECT
    'stage_by_channel__new__whatsapp' AS segment,
    customer_id AS customer_id
  FROM {{ looked.facts }} AS facts
  WHERE
    {{ looked.only }}
    AND stage = 'new'
    AND LOWER(preferred_channel) = 'whatsapp'
    AND NOT in_do_not_contact
  UNION ALL
  /* segments/lifecycle.yml:104 */
  SELECT
    'stage_by_channel__active__email' AS segment,
    customer_id AS customer_id
  FROM {{ looked.facts }} AS facts
  WHERE
    {{ looked.only }}
    AND stage = 'active'
    AND preferred_channel = 'email'
    AND NOT in_do_not_contact
  UNION ALL
  /* segments/lifecycle.yml:105 */
  SELECT
    'stage_by_channel__active__sms' AS segment,
    customer_id AS customer_id
  FROM {{ looked.facts }} AS facts
  WHERE
    {{ looked.only }}
    AND stage = 'active'
    AND preferred_channel = 'sms'
    AND NOT in_do_not_contact
  UNION ALL
  /* segments/lifecycle.yml:106 */
  SELECT
    'stage_by_channel__active__whatsapp' AS segment,
    customer_id AS customer_id
  FROM {{ looked.facts }} AS facts
  WHERE
    {{ looked.only }}
    AND stage = 'active'
    AND LOWER(preferred_channel) = 'whatsapp'
    AND NOT in_do_not_contact
  UNION ALL
  /* segments/lifecycle.yml:104 */
  SELECT
    'stage_by_channel__lapsing__email' AS segment,
    customer_id AS customer_id
  FROM {{ looked.facts }} AS facts
  WHERE
    {{ looked.only }}
    AND stage = 'lapsing'
    AND preferred_channel = 'email'
    AND NOT in_do_not_contact
  UNION ALL
  /* segments/lifecycle.yml:105 */
  SELECT
    'stage_by_channel__lapsing__sms' AS segment,
    customer_id AS customer_id
  FROM {{ looked.facts }} AS facts
  WHERE
    {{ looked.only }}
    AND stage = 'lapsing'
    AND preferred_channel = 'sms'
    AND NOT in_do_not_contact
  UNION ALL
  /* segments/lifecycle.yml:106 */
  SELECT
    'stage_by_channel__lapsing__whatsapp' AS segment,
    customer_id AS customer_id
  FROM {{ looked.facts }} AS facts
  WHERE
    {{ looked.only }}
    AND stage = 'lapsing'
    AND LOWER(preferred_channel) = 'whatsapp'
    AND NOT in_do_not_contact
  UNION ALL
  /* segments/lifecycle.yml:104 */
  SELECT
    'stage_by_channel__lapsed__email' AS segment,
    customer_id AS customer_id
  FROM {{ looked.facts }} AS facts
  WHERE
    {{ looked.only }}
    AND stage = 'lapsed'
    AND preferred_channel = 'email'
    AND NOT in_do_not_contact
  UNION ALL
  /* segments/lifecycle.yml:105 */
  SELECT
    'stage_by_channel__lapsed__sms' AS segment,
    customer_id AS customer_id
  FROM {{ looked.facts }} AS facts
  WHERE
    {{ looked.only }}
    AND stage = 'lapsed'
    AND preferred_channel = 'sms'
    AND NOT in_do_not_contact
  UNION ALL
  /* segments/lifecycle.yml:106 */
  SELECT
    'stage_by_channel__lapsed__whatsapp' AS segment,
    customer_id AS customer_id
  FROM {{ looked.facts }} AS facts
  WHERE
    {{ looked.only }}
    AND stage = 'lapsed'
    AND LOWER(preferred_channel) = 'whatsapp'
    AND NOT in_do_not_contact
)
SELECT
  members.segment,
  members.customer_id
FROM members
UNION ALL
/* The row of the evaluation that says of which as-of its members are, in place of a segment's name and without a key. A column */
/* for it would be written once for every member. */
SELECT DISTINCT
  CASE
    WHEN {{ not segwh__reads_part() }}
    AND COALESCE(
      MIN(facts.evaluated_at) = CAST('{{ as_of }}' AS TIMESTAMPTZ)
      AND MAX(facts.evaluated_at) = CAST('{{ as_of }}' AS TIMESTAMPTZ),
      TRUE
    )
    THEN '{{ looked.name }}'
    ELSE 'of another as-of'
  END AS segment,
  NULL AS customer_id
FROM {{ ref('segwh_customer_facts') }} AS facts
{%- endif %}
