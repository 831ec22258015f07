-- segwh: compiled from the rules. Edit those and run `segwh compile`, which overwrites this file.
{{ config(
    materialized='table',
    contract={'enforced': false},
    tags=['segwh'],
    pre_hook='{{ segwh__require_key_type(\'segwh_customer_log\', \'segwh_customer_evaluation\', \'customer_id\') }}'
) }}
{%- set run = segwh__run('Europe/London', none) -%}
{%- set as_of = segwh__text(run.as_of) ~ '+00' -%}
{%- set looked = segwh__looked_at('customer', 'customer_id', ref('segwh_customer_facts'), ref('segwh_customer_standing'), ref('segwh_rules'), as_of) -%}

{%- if segwh__reads_part() and segwh__existing('segwh_customer_evaluated') %}
select * from {{ this }}
{%- else %}
WITH covered AS (
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
  UNION ALL
  SELECT
    spoilt.segment,
    spoilt.subject
  FROM {{ segwh__spoilt('segwh_customer_checks', {'customer': ['active_customers', 'at_risk_of_churn', 'autumn_pu_erh_2026', 'big_basket', 'birthday_this_week', 'black_friday_2025_buyers', 'bought_last_quarter', 'cart_abandoned', 'chinese_tea_winback', 'chinese_tea_winback__holdout', 'chinese_tea_winback__letter', 'chinese_tea_winback__voucher', 'christmas_gift_list', 'clearance_buyers', 'consent_unknown', 'cross_sell_accessories', 'cross_sell_teaware', 'do_not_contact', 'engaged_not_bought', 'first_order_lately', 'from_google', 'from_paid_social', 'high_value', 'high_value_newcomers', 'interest__bags__heavy', 'interest__bags__light', 'interest__chinese_tea__heavy', 'interest__chinese_tea__light', 'interest__shoes__heavy', 'interest__shoes__light', 'lapsed_customers', 'looked_then_bought', 'loyal_high_value', 'mail_fatigue', 'mailable', 'multi_category_buyers', 'new_customers', 'night_owls', 'northern_readers', 'open_ticket', 'opened_and_clicked_same_mail', 'plan_renews_soon', 'press_and_students', 'price_sensitive', 'reads_but_does_not_buy', 'refunders', 'rfm_champions', 'sale_hunters', 'same_title_again', 'second_order_nudge', 'silent_high_spenders', 'spring_shoes_2026', 'stage__active', 'stage__lapsed', 'stage__lapsing', 'stage__never_bought', 'stage__new', 'stage_by_channel__active__email', 'stage_by_channel__active__sms', 'stage_by_channel__active__whatsapp', 'stage_by_channel__lapsed__email', 'stage_by_channel__lapsed__sms', 'stage_by_channel__lapsed__whatsapp', 'stage_by_channel__lapsing__email', 'stage_by_channel__lapsing__sms', 'stage_by_channel__lapsing__whatsapp', 'stage_by_channel__new__email', 'stage_by_channel__new__sms', 'stage_by_channel__new__whatsapp', 'top_hundred_per_city', 'top_spenders', 'unsubscribed', 'weekend_shoppers', 'weekly_readers', 'welcome_series', 'wish_list_asia', 'yearly_regulars'], 'customer: email': ['mailable'], 'customer: city': ['press_and_students', 'top_hundred_per_city', 'wish_list_asia'], 'customer: birthday': ['birthday_this_week'], 'customer: source': ['from_google', 'from_paid_social'], 'customer: preferred_channel': ['stage_by_channel__active__email', 'stage_by_channel__active__sms', 'stage_by_channel__active__whatsapp', 'stage_by_channel__lapsed__email', 'stage_by_channel__lapsed__sms', 'stage_by_channel__lapsed__whatsapp', 'stage_by_channel__lapsing__email', 'stage_by_channel__lapsing__sms', 'stage_by_channel__lapsing__whatsapp', 'stage_by_channel__new__email', 'stage_by_channel__new__sms', 'stage_by_channel__new__whatsapp'], 'customer: tags': ['do_not_contact', 'press_and_students'], 'customer: signed_up_at': ['active_customers', 'lapsed_customers', 'new_customers', 'stage__active', 'stage__lapsed', 'stage__lapsing', 'stage__never_bought', 'stage__new', 'stage_by_channel__active__email', 'stage_by_channel__active__sms', 'stage_by_channel__active__whatsapp', 'stage_by_channel__lapsed__email', 'stage_by_channel__lapsed__sms', 'stage_by_channel__lapsed__whatsapp', 'stage_by_channel__lapsing__email', 'stage_by_channel__lapsing__sms', 'stage_by_channel__lapsing__whatsapp', 'stage_by_channel__new__email', 'stage_by_channel__new__sms', 'stage_by_channel__new__whatsapp', 'welcome_series'], 'customer.home: region': ['northern_readers'], 'orders': ['active_customers', 'at_risk_of_churn', 'big_basket', 'black_friday_2025_buyers', 'bought_last_quarter', 'cart_abandoned', 'chinese_tea_winback', 'chinese_tea_winback__holdout', 'chinese_tea_winback__letter', 'chinese_tea_winback__voucher', 'christmas_gift_list', 'engaged_not_bought', 'first_order_lately', 'high_value', 'high_value_newcomers', 'lapsed_customers', 'looked_then_bought', 'loyal_high_value', 'new_customers', 'night_owls', 'price_sensitive', 'reads_but_does_not_buy', 'rfm_champions', 'second_order_nudge', 'silent_high_spenders', 'stage__active', 'stage__lapsed', 'stage__lapsing', 'stage__never_bought', 'stage__new', 'stage_by_channel__active__email', 'stage_by_channel__active__sms', 'stage_by_channel__active__whatsapp', 'stage_by_channel__lapsed__email', 'stage_by_channel__lapsed__sms', 'stage_by_channel__lapsed__whatsapp', 'stage_by_channel__lapsing__email', 'stage_by_channel__lapsing__sms', 'stage_by_channel__lapsing__whatsapp', 'stage_by_channel__new__email', 'stage_by_channel__new__sms', 'stage_by_channel__new__whatsapp', 'top_hundred_per_city', 'top_spenders', 'weekend_shoppers', 'yearly_regulars'], 'orders: amount': ['at_risk_of_churn', 'big_basket', 'christmas_gift_list', 'high_value', 'high_value_newcomers', 'loyal_high_value', 'rfm_champions', 'silent_high_spenders', 'top_hundred_per_city', 'top_spenders'], 'orders: discount': ['price_sensitive'], 'orders: items': ['big_basket'], 'orders: status': ['christmas_gift_list', 'high_value', 'high_value_newcomers', 'loyal_high_value', 'rfm_champions', 'top_hundred_per_city', 'top_spenders'], 'orders: ordered_at': ['night_owls', 'weekend_shoppers'], 'purchases': ['at_risk_of_churn', 'chinese_tea_winback', 'chinese_tea_winback__holdout', 'chinese_tea_winback__letter', 'chinese_tea_winback__voucher', 'christmas_gift_list', 'clearance_buyers', 'cross_sell_accessories', 'cross_sell_teaware', 'multi_category_buyers', 'same_title_again', 'wish_list_asia'], 'purchases: product_id': ['clearance_buyers', 'same_title_again'], 'purchases.product: category': ['at_risk_of_churn', 'chinese_tea_winback', 'chinese_tea_winback__holdout', 'chinese_tea_winback__letter', 'chinese_tea_winback__voucher', 'christmas_gift_list', 'cross_sell_accessories', 'cross_sell_teaware', 'multi_category_buyers'], 'purchases.product: title': ['wish_list_asia'], 'refunds': ['christmas_gift_list', 'refunders'], 'refunds: amount': ['christmas_gift_list', 'refunders'], 'page_views': ['christmas_gift_list', 'from_paid_social', 'interest__bags__heavy', 'interest__bags__light', 'interest__chinese_tea__heavy', 'interest__chinese_tea__light', 'interest__shoes__heavy', 'interest__shoes__light', 'looked_then_bought', 'northern_readers', 'reads_but_does_not_buy', 'sale_hunters', 'weekly_readers'], 'page_views: url': ['interest__bags__heavy', 'interest__bags__light', 'interest__chinese_tea__heavy', 'interest__chinese_tea__light', 'interest__shoes__heavy', 'interest__shoes__light', 'looked_then_bought', 'sale_hunters'], 'page_views: utm_source': ['from_paid_social'], 'cart_events': ['cart_abandoned', 'looked_then_bought'], 'cart_events: action': ['cart_abandoned', 'looked_then_bought'], 'campaign_touches': ['autumn_pu_erh_2026', 'engaged_not_bought', 'mail_fatigue', 'opened_and_clicked_same_mail', 'spring_shoes_2026', 'unsubscribed'], 'campaign_touches: kind': ['autumn_pu_erh_2026', 'engaged_not_bought', 'mail_fatigue', 'opened_and_clicked_same_mail', 'unsubscribed'], 'campaign_touches: campaign_id': ['autumn_pu_erh_2026', 'opened_and_clicked_same_mail', 'spring_shoes_2026'], 'campaign_touches.campaign: channel': ['mail_fatigue'], 'tickets': ['at_risk_of_churn', 'chinese_tea_winback', 'chinese_tea_winback__holdout', 'chinese_tea_winback__letter', 'chinese_tea_winback__voucher', 'mailable', 'open_ticket', 'second_order_nudge'], 'tickets: status': ['at_risk_of_churn', 'chinese_tea_winback', 'chinese_tea_winback__holdout', 'chinese_tea_winback__letter', 'chinese_tea_winback__voucher', 'mailable', 'open_ticket', 'second_order_nudge'], 'tickets: priority': ['mailable', 'open_ticket'], 'subscriptions': ['loyal_high_value', 'plan_renews_soon'], 'subscriptions: status': ['loyal_high_value', 'plan_renews_soon'], 'subscriptions: renews_on': ['plan_renews_soon'], 'consents': ['consent_unknown', 'mailable', 'unsubscribed', 'welcome_series'], 'consents: channel': ['consent_unknown', 'mailable', 'unsubscribed', 'welcome_series'], 'consents: granted': ['consent_unknown', 'mailable', 'unsubscribed', 'welcome_series'], 'do_not_contact': ['do_not_contact']}) }} AS spoilt
)
/* One row for each segment that the evaluation covers, with the rule it stands for, and what is wrong with the data it needs */
/* if something is: then nothing is concluded from it. */
SELECT
  covered.segment,
  covered.rule_hash,
  CAST('{{ as_of }}' AS TIMESTAMPTZ) AS as_of,
  CASE
    WHEN NOT {{ not segwh__reads_part() }}
    THEN 'only a part of the data was read'
    WHEN facts_age.oldest <> CAST('{{ as_of }}' AS TIMESTAMPTZ)
    OR facts_age.newest <> CAST('{{ as_of }}' AS TIMESTAMPTZ)
    THEN 'its facts are of another as-of'
    WHEN members_age.as_of IS NULL OR members_age.as_of <> '{{ looked.name }}'
    THEN 'its members are of another as-of'
    WHEN facts_age.keys <> facts_age.distinct_keys
    THEN 'ref(''customers'') has keys with more than one row'
    ELSE faults.problem
  END AS problem,
  COALESCE(missing.left_out, 0) AS left_out,
  facts_age.population
FROM covered
CROSS JOIN facts_age
CROSS JOIN (
  /* an evaluation in chunks has a row of each: one that was left out of the run is of another as-of */
  SELECT
    CASE
      WHEN MIN(evaluation.segment) = MAX(evaluation.segment)
      THEN MAX(evaluation.segment)
    END AS as_of
  FROM {{ ref('segwh_customer_evaluation') }} AS evaluation
  WHERE
    evaluation.customer_id IS NULL
) AS members_age
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
