-- segwh: compiled from the rules. Edit those and run `segwh compile`, which overwrites this file.
{{ config(
    materialized='table',
    contract={'enforced': false},
    tags=['segwh'],
    pre_hook=['{{ segwh__require_compiled() }}', '{{ segwh__require_variables() }}', '{{ segwh__require_own_tables() }}', '{{ segwh__require_logs() }}', '{{ segwh__require_key_names({\'segwh_customer_log\': \'customer_id\', \'segwh_lead_by_phone_log\': \'phone\', \'segwh_lead_log\': \'lead_id\'}, [\'change_id\', \'segment\', \'change\', \'changed_at\', \'reason\', \'rule_hash\', \'run_id\', \'sequence\', \'status\', \'computed_hash\', \'correction\', \'first_evaluated_at\', \'members\', \'entered\', \'exited\', \'left_out\', \'population\']) }}', '{{ segwh__migrate(3) }}']
) }}

SELECT
  CAST(given.segment AS TEXT) AS segment,
  CAST(given.label AS TEXT) AS label,
  CAST(given.description AS TEXT) AS description,
  CAST(given.owner AS TEXT) AS owner,
  CAST(given.tags AS TEXT) AS tags,
  CAST(given.entity AS TEXT) AS entity,
  CAST(given.grain AS TEXT) AS grain,
  CAST(given.type AS TEXT) AS type,
  CAST(given.status AS TEXT) AS status,
  CAST(given.expires_on AS DATE) AS expires_on,
  CAST(given.expires_at AS TIMESTAMPTZ) AS expires_at,
  CAST(given.time_to_live AS TEXT) AS time_to_live,
  CAST(given.rule_hash AS TEXT) AS rule_hash,
  CAST(given.rule AS TEXT) AS rule,
  CAST(given.source_file AS TEXT) AS source_file,
  CAST(given.source_line AS BIGINT) AS source_line,
  CAST(given.max_exit_fraction AS DOUBLE) AS max_exit_fraction,
  CAST(given.max_entry_fraction AS DOUBLE) AS max_entry_fraction,
  CAST(given.tag_list AS TEXT) AS tag_list,
  CAST(given.is_suppression AS BOOLEAN) AS is_suppression,
  CAST(given.hidden AS BOOLEAN) AS hidden,
  CAST(given.was AS TEXT) AS was,
  CAST(given.refresh AS TEXT) AS refresh,
  CAST(given.depends_on AS TEXT) AS depends_on,
  CAST(given.watches AS TEXT) AS watches
FROM (VALUES
  (
    'active_customers',
    'Active',
    'Bought within 90 days, not new.',
    'crm@example.com',
    'lifecycle',
    'customer',
    'customer',
    'dynamic',
    'active',
    NULL,
    NULL,
    NULL,
    '7c9bae87a2648e71b1e74e49abf60fc5',
    'name: active_customers
label: Active
description: Bought within 90 days, not new.
owner: crm@example.com
tags: [lifecycle]
entity: customer
analytics: true
include:
  - {{ '{' }}attribute: stage, is: active}',
    'segments/lifecycle.yml',
    13,
    0.5,
    NULL,
    ',lifecycle,',
    FALSE,
    FALSE,
    NULL,
    NULL,
    '',
    ',do_not_contact,'
  ),
  (
    'at_risk_of_churn',
    'At risk of churn',
    'Three orders or more, and the spend of the last 90 days fell by half or more against the 90 days before.',
    'retention@example.com',
    'lifecycle,retention,email',
    'customer',
    'customer',
    'dynamic',
    'active',
    NULL,
    NULL,
    NULL,
    'd2430de1e62420128e822e7f26b5f346',
    'name: at_risk_of_churn
label: At risk of churn
description: Three orders or more, and the spend of the last 90 days fell by half or more against the 90 days before.
owner: retention@example.com
tags: [lifecycle, retention, email]
entity: customer
include:
  - {{ '{' }}attribute: orders_total, gte: 3}
  - {{ '{' }}attribute: spend_drop, gte: 0.5}',
    'segments/lifecycle.yml',
    33,
    0.5,
    NULL,
    ',lifecycle,,retention,,email,',
    FALSE,
    FALSE,
    NULL,
    NULL,
    ',chinese_tea_winback,,first_order_lately,,second_order_nudge,',
    ',chinese_tea_winback,,do_not_contact,,first_order_lately,,second_order_nudge,,unsubscribed,'
  ),
  (
    'autumn_pu_erh_2026',
    'Autumn pu-erh 2026',
    'Was sent the autumn pu-erh mail; the campaign ends on 1 December 2026.',
    'crm@example.com',
    'campaign,seasonal',
    'customer',
    'customer',
    'dynamic',
    'active',
    '2026-12-01',
    '2026-12-01 00:00:00+00',
    NULL,
    'f765463d690d812d89407bfd2789913c',
    'name: autumn_pu_erh_2026
label: Autumn pu-erh 2026
description: Was sent the autumn pu-erh mail; the campaign ends on 1 December 2026.
owner: crm@example.com
tags: [campaign, seasonal]
entity: customer
expires_on: 2026-12-01
include:
  - {{ '{' }}event: campaign_touches, where: [{{ '{' }}attribute: campaign_id, is: CMP-035}, {{ '{' }}attribute: kind, is: sent}]}',
    'segments/campaigns.yml',
    57,
    0.5,
    NULL,
    ',campaign,,seasonal,',
    FALSE,
    FALSE,
    NULL,
    NULL,
    '',
    ',do_not_contact,'
  ),
  (
    'big_basket',
    'Big baskets',
    'An order of ten pieces or 500 pounds within a year.',
    'crm@example.com',
    'value',
    'customer',
    'customer',
    'dynamic',
    'active',
    NULL,
    NULL,
    NULL,
    '7867674ea187fe06ab69fb0f948f1800',
    'name: big_basket
label: Big baskets
description: An order of ten pieces or 500 pounds within a year.
owner: crm@example.com
tags: [value]
entity: customer
include:
  - any:
      - {{ '{' }}event: orders, where: {{ '{' }}attribute: items, gte: 10}, within: 1 year}
      - {{ '{' }}event: orders, where: {{ '{' }}attribute: amount, gte: 500}, within: 1 year}',
    'segments/value.yml',
    45,
    0.5,
    NULL,
    ',value,',
    FALSE,
    FALSE,
    NULL,
    NULL,
    '',
    ',do_not_contact,'
  ),
  (
    'birthday_this_week',
    'Birthday within 7 days',
    'The birthday is today or on one of the six days after; 1 January 1900 is a form''s default, not a birthday.',
    'crm@example.com',
    'campaign,email',
    'customer',
    'customer',
    'dynamic',
    'active',
    NULL,
    NULL,
    NULL,
    '425ffd1adc98dd6e213c501b3ed9e8c9',
    'name: birthday_this_week
label: Birthday within 7 days
description: The birthday is today or on one of the six days after; 1 January 1900 is a form''s default, not a birthday.
owner: crm@example.com
tags: [campaign, email]
entity: customer
max_exit_fraction: 1  # most of its members change from week to week
include:
  - {{ '{' }}attribute: birthday, day_of_year: {{ '{' }}within_next: 7 days}}
  - {{ '{' }}attribute: birthday, after: 1900-01-01}',
    'segments/campaigns.yml',
    15,
    1,
    NULL,
    ',campaign,,email,',
    FALSE,
    FALSE,
    NULL,
    NULL,
    '',
    ',do_not_contact,,unsubscribed,'
  ),
  (
    'black_friday_2025_buyers',
    'Black Friday 2025 buyers',
    'Ordered in the Black Friday week of 2025; the list is frozen once made.',
    'crm@example.com',
    'campaign,seasonal',
    'customer',
    'customer',
    'static',
    'active',
    NULL,
    NULL,
    NULL,
    '8846139dbfde136e83f232d48efced03',
    'name: black_friday_2025_buyers
label: Black Friday 2025 buyers
description: Ordered in the Black Friday week of 2025; the list is frozen once made.
owner: crm@example.com
tags: [campaign, seasonal]
entity: customer
type: static
include:
  - {{ '{' }}event: orders, between: [2025-11-24, 2025-11-30]}',
    'segments/campaigns.yml',
    47,
    0.5,
    NULL,
    ',campaign,,seasonal,',
    FALSE,
    FALSE,
    NULL,
    NULL,
    '',
    ',do_not_contact,'
  ),
  (
    'bought_last_quarter',
    'Bought in the last full quarter',
    'At least two orders on different days in the last complete calendar quarter.',
    'crm@example.com',
    'lifecycle',
    'customer',
    'customer',
    'dynamic',
    'active',
    NULL,
    NULL,
    NULL,
    '4f0978b31e3f261346ff84bfa5bc57b0',
    'name: bought_last_quarter
label: Bought in the last full quarter
description: At least two orders on different days in the last complete calendar quarter.
owner: crm@example.com
tags: [lifecycle]
entity: customer
include:
  - {{ '{' }}event: orders, calendar: {{ '{' }}last: 1, unit: quarter}, days: {{ '{' }}gte: 2}}',
    'segments/lifecycle.yml',
    86,
    0.5,
    NULL,
    ',lifecycle,',
    FALSE,
    FALSE,
    NULL,
    NULL,
    '',
    ',do_not_contact,'
  ),
  (
    'cart_abandoned',
    'Cart left behind',
    'Put something in the cart within the last week and did not order within 24 hours.',
    'crm@example.com',
    'behaviour,email',
    'customer',
    'customer',
    'dynamic',
    'active',
    NULL,
    NULL,
    NULL,
    '5dcdd14a1b29217663eca8746735ff36',
    'name: cart_abandoned
label: Cart left behind
description: Put something in the cart within the last week and did not order within 24 hours.
owner: crm@example.com
tags: [behaviour, email]
entity: customer
activate: {{ '{' }}columns: [email]}
max_exit_fraction: 1  # most of its members change from week to week
include:
  - sequence:
      - {{ '{' }}event: cart_events, where: {{ '{' }}attribute: action, is: added}}
      - {{ '{' }}without: orders, within: 24 hours}
    within: 8 days',
    'segments/behaviour.yml',
    3,
    1,
    NULL,
    ',behaviour,,email,',
    FALSE,
    FALSE,
    NULL,
    NULL,
    '',
    ',do_not_contact,,unsubscribed,'
  ),
  (
    'chinese_tea_winback',
    'Chinese tea, win back',
    'Bought Chinese tea, no order for three months.',
    'crm@example.com',
    'campaign,retention,email',
    'customer',
    'customer',
    'dynamic',
    'active',
    NULL,
    NULL,
    NULL,
    'c2f47df6bc7bd28720b0b01c84f310d0',
    'name: chinese_tea_winback
label: Chinese tea, win back
description: Bought Chinese tea, no order for three months.
owner: crm@example.com
tags: [campaign, retention, email]
entity: customer
activate: {{ '{' }}columns: [email, first_name, city]}
include:
  - {{ '{' }}event: purchases, where: {{ '{' }}attribute: product.category, is: Chinese tea}, count: {{ '{' }}gte: 1}}
  - {{ '{' }}event: orders, last: {{ '{' }}more_than_ago: 3 months}}
split: {{ '{' }}seed: winback_q4, variants: {{ '{' }}holdout: 10, letter: 45, voucher: 45}}',
    'segments/campaigns.yml',
    3,
    0.5,
    NULL,
    ',campaign,,retention,,email,',
    FALSE,
    FALSE,
    NULL,
    NULL,
    ',first_order_lately,,second_order_nudge,',
    ',do_not_contact,,first_order_lately,,second_order_nudge,,unsubscribed,'
  ),
  (
    'chinese_tea_winback__holdout',
    'Chinese tea, win back (holdout)',
    'Bought Chinese tea, no order for three months.',
    'crm@example.com',
    'campaign,retention,email',
    'customer',
    'customer',
    'dynamic',
    'active',
    NULL,
    NULL,
    NULL,
    '46ed0ca73cec3cfb91d0349b46c3b018',
    'name: chinese_tea_winback
label: Chinese tea, win back
description: Bought Chinese tea, no order for three months.
owner: crm@example.com
tags: [campaign, retention, email]
entity: customer
activate: {{ '{' }}columns: [email, first_name, city]}
include:
  - {{ '{' }}event: purchases, where: {{ '{' }}attribute: product.category, is: Chinese tea}, count: {{ '{' }}gte: 1}}
  - {{ '{' }}event: orders, last: {{ '{' }}more_than_ago: 3 months}}
split: {{ '{' }}seed: winback_q4, variants: {{ '{' }}holdout: 10, letter: 45, voucher: 45}}',
    'segments/campaigns.yml',
    3,
    0.5,
    NULL,
    ',campaign,,retention,,email,',
    FALSE,
    FALSE,
    NULL,
    NULL,
    ',chinese_tea_winback,,first_order_lately,,second_order_nudge,',
    ',chinese_tea_winback,,do_not_contact,,first_order_lately,,second_order_nudge,,unsubscribed,'
  ),
  (
    'chinese_tea_winback__letter',
    'Chinese tea, win back (letter)',
    'Bought Chinese tea, no order for three months.',
    'crm@example.com',
    'campaign,retention,email',
    'customer',
    'customer',
    'dynamic',
    'active',
    NULL,
    NULL,
    NULL,
    '8f67d10645ebcfe10ccb1d2610ee114b',
    'name: chinese_tea_winback
label: Chinese tea, win back
description: Bought Chinese tea, no order for three months.
owner: crm@example.com
tags: [campaign, retention, email]
entity: customer
activate: {{ '{' }}columns: [email, first_name, city]}
include:
  - {{ '{' }}event: purchases, where: {{ '{' }}attribute: product.category, is: Chinese tea}, count: {{ '{' }}gte: 1}}
  - {{ '{' }}event: orders, last: {{ '{' }}more_than_ago: 3 months}}
split: {{ '{' }}seed: winback_q4, variants: {{ '{' }}holdout: 10, letter: 45, voucher: 45}}',
    'segments/campaigns.yml',
    3,
    0.5,
    NULL,
    ',campaign,,retention,,email,',
    FALSE,
    FALSE,
    NULL,
    NULL,
    ',chinese_tea_winback,,first_order_lately,,second_order_nudge,',
    ',chinese_tea_winback,,do_not_contact,,first_order_lately,,second_order_nudge,,unsubscribed,'
  ),
  (
    'chinese_tea_winback__voucher',
    'Chinese tea, win back (voucher)',
    'Bought Chinese tea, no order for three months.',
    'crm@example.com',
    'campaign,retention,email',
    'customer',
    'customer',
    'dynamic',
    'active',
    NULL,
    NULL,
    NULL,
    'ebe804520277df94a43d4da7829a1e68',
    'name: chinese_tea_winback
label: Chinese tea, win back
description: Bought Chinese tea, no order for three months.
owner: crm@example.com
tags: [campaign, retention, email]
entity: customer
activate: {{ '{' }}columns: [email, first_name, city]}
include:
  - {{ '{' }}event: purchases, where: {{ '{' }}attribute: product.category, is: Chinese tea}, count: {{ '{' }}gte: 1}}
  - {{ '{' }}event: orders, last: {{ '{' }}more_than_ago: 3 months}}
split: {{ '{' }}seed: winback_q4, variants: {{ '{' }}holdout: 10, letter: 45, voucher: 45}}',
    'segments/campaigns.yml',
    3,
    0.5,
    NULL,
    ',campaign,,retention,,email,',
    FALSE,
    FALSE,
    NULL,
    NULL,
    ',chinese_tea_winback,,first_order_lately,,second_order_nudge,',
    ',chinese_tea_winback,,do_not_contact,,first_order_lately,,second_order_nudge,,unsubscribed,'
  ),
  (
    'christmas_gift_list',
    'Christmas gift list',
    'High value or champion, in two of three other good lists, at most 500.',
    'crm@example.com',
    'campaign,seasonal,email',
    'customer',
    'customer',
    'dynamic',
    'active',
    NULL,
    NULL,
    NULL,
    'e994b5e4a125f1b622b82bed9a70d5db',
    'name: christmas_gift_list
label: Christmas gift list
description: High value or champion, in two of three other good lists, at most 500.
owner: crm@example.com
tags: [campaign, seasonal, email]
entity: customer
include:
  - any:
      - {{ '{' }}segment: high_value}
      - {{ '{' }}segment: rfm_champions}
  - at_least: 2
    of:
      - {{ '{' }}segment: multi_category_buyers}
      - {{ '{' }}segment: bought_last_quarter}
      - {{ '{' }}segment: weekly_readers}
exclude:
  - {{ '{' }}segment: refunders}
limit: {{ '{' }}top: 500, by: rfm.monetary, order: desc}',
    'segments/campaigns.yml',
    146,
    0.5,
    NULL,
    ',campaign,,seasonal,,email,',
    FALSE,
    FALSE,
    NULL,
    NULL,
    ',bought_last_quarter,,high_value,,multi_category_buyers,,refunders,,rfm_champions,,weekly_readers,',
    ',bought_last_quarter,,do_not_contact,,high_value,,multi_category_buyers,,refunders,,rfm_champions,,unsubscribed,,weekly_readers,'
  ),
  (
    'clearance_buyers',
    'Bought what has to go',
    'Bought a product of the buyers'' clearance list within half a year.',
    'merchandising@example.com',
    'behaviour',
    'customer',
    'customer',
    'dynamic',
    'active',
    NULL,
    NULL,
    NULL,
    '700ed510632f20029336ec395323999c',
    'name: clearance_buyers
label: Bought what has to go
description: Bought a product of the buyers'' clearance list within half a year.
owner: merchandising@example.com
tags: [behaviour]
entity: customer
include:
  - event: purchases
    where: {{ '{' }}attribute: product_id, in: {{ '{' }}relation: ref(''clearance_products''), column: product_id}}
    within: 6 months',
    'segments/behaviour.yml',
    121,
    0.5,
    NULL,
    ',behaviour,',
    FALSE,
    FALSE,
    NULL,
    NULL,
    '',
    ',do_not_contact,'
  ),
  (
    'consent_unknown',
    'Consent unknown',
    'Never answered whether mail is welcome, or the answer was lost.',
    'privacy@example.com',
    'consent',
    'customer',
    'customer',
    'dynamic',
    'active',
    NULL,
    NULL,
    NULL,
    '275adf98e75cf4bc2bb8ffbe1e1fd6ba',
    'name: consent_unknown
label: Consent unknown
description: Never answered whether mail is welcome, or the answer was lost.
owner: privacy@example.com
tags: [consent]
entity: customer
include:
  - none:
      - {{ '{' }}related: consents, where: [{{ '{' }}attribute: channel, is: email}, {{ '{' }}attribute: granted, exists: true}]}',
    'segments/suppression.yml',
    31,
    0.5,
    NULL,
    ',consent,',
    FALSE,
    FALSE,
    NULL,
    NULL,
    '',
    ',do_not_contact,'
  ),
  (
    'cross_sell_accessories',
    'Cross-sell: phone without accessories',
    'Bought a phone, never an accessory.',
    'merchandising@example.com',
    'behaviour,cross-sell,email',
    'customer',
    'customer',
    'dynamic',
    'active',
    NULL,
    NULL,
    NULL,
    'e43abdb2ea1c6ab410b8f9a9ff16190f',
    'name: cross_sell_accessories
label: "Cross-sell: phone without accessories"
description: Bought a phone, never an accessory.
owner: merchandising@example.com
tags: [behaviour, cross-sell, email]
entity: customer
include:
  - {{ '{' }}event: purchases, where: {{ '{' }}attribute: product.category, is: Phones}}
  - {{ '{' }}event: purchases, where: {{ '{' }}attribute: product.category, is: Accessories}, count: 0}',
    'segments/behaviour.yml',
    38,
    0.5,
    NULL,
    ',behaviour,,cross-sell,,email,',
    FALSE,
    FALSE,
    NULL,
    NULL,
    '',
    ',do_not_contact,,unsubscribed,'
  ),
  (
    'cross_sell_teaware',
    'Cross-sell: tea without teaware',
    'Bought tea of any kind three times or more, never a pot, cup or kettle.',
    'merchandising@example.com',
    'behaviour,cross-sell,email',
    'customer',
    'customer',
    'dynamic',
    'active',
    NULL,
    NULL,
    NULL,
    '433b5fd67479c189391698092a4a169f',
    'name: cross_sell_teaware
label: "Cross-sell: tea without teaware"
description: Bought tea of any kind three times or more, never a pot, cup or kettle.
owner: merchandising@example.com
tags: [behaviour, cross-sell, email]
entity: customer
include:
  - {{ '{' }}event: purchases, where: {{ '{' }}attribute: product.category, in: [Tea, Chinese tea]}, count: {{ '{' }}gte: 3}}
  - not: {{ '{' }}event: purchases, where: {{ '{' }}attribute: product.category, is: Teaware}}',
    'segments/behaviour.yml',
    48,
    0.5,
    NULL,
    ',behaviour,,cross-sell,,email,',
    FALSE,
    FALSE,
    NULL,
    NULL,
    '',
    ',do_not_contact,,unsubscribed,'
  ),
  (
    'do_not_contact',
    'Do not contact',
    'On the list of those who wrote in, or a colleague.',
    'privacy@example.com',
    'suppression',
    'customer',
    'customer',
    'dynamic',
    'active',
    NULL,
    NULL,
    NULL,
    '7e6eadabcd0e832fd9dd5721fd66cfe5',
    'name: do_not_contact
label: Do not contact
description: On the list of those who wrote in, or a colleague.
owner: privacy@example.com
tags: [suppression]
entity: customer
include:
  - any:
      - {{ '{' }}related: do_not_contact}
      - {{ '{' }}attribute: tags, has_any: [staff]}',
    'segments/suppression.yml',
    9,
    0.5,
    NULL,
    ',suppression,',
    TRUE,
    FALSE,
    NULL,
    NULL,
    '',
    ''
  ),
  (
    'engaged_not_bought',
    'Clicked, did not buy',
    'Clicked in a campaign and did not order within a week of it, in the last 90 days.',
    'crm@example.com',
    'campaign,email',
    'customer',
    'customer',
    'dynamic',
    'active',
    NULL,
    NULL,
    NULL,
    'c79cb79909f3fcccc28e4898901c1c2d',
    'name: engaged_not_bought
label: Clicked, did not buy
description: Clicked in a campaign and did not order within a week of it, in the last 90 days.
owner: crm@example.com
tags: [campaign, email]
entity: customer
include:
  - sequence:
      - {{ '{' }}event: campaign_touches, where: {{ '{' }}attribute: kind, is: clicked}}
      - {{ '{' }}without: orders, within: 7 days}
    within: 90 days',
    'segments/campaigns.yml',
    77,
    0.5,
    NULL,
    ',campaign,,email,',
    FALSE,
    FALSE,
    NULL,
    NULL,
    '',
    ',do_not_contact,,unsubscribed,'
  ),
  (
    'first_order_lately',
    'First order within 14 days',
    'The very first order is not older than two weeks.',
    'crm@example.com',
    'lifecycle,email',
    'customer',
    'customer',
    'dynamic',
    'active',
    NULL,
    NULL,
    NULL,
    '22172cd7eb25f98fa38b4f47c7a33703',
    'name: first_order_lately
label: First order within 14 days
description: The very first order is not older than two weeks.
owner: crm@example.com
tags: [lifecycle, email]
entity: customer
max_exit_fraction: 1  # half of its members leave in a week
include:
  - {{ '{' }}event: orders, first: {{ '{' }}within: 14 days}}',
    'segments/lifecycle.yml',
    53,
    1,
    NULL,
    ',lifecycle,,email,',
    FALSE,
    FALSE,
    NULL,
    NULL,
    '',
    ',do_not_contact,,unsubscribed,'
  ),
  (
    'from_google',
    'Came from Google',
    'The account''s source is Google in any spelling.',
    'acquisition@example.com',
    'campaign,acquisition',
    'customer',
    'customer',
    'dynamic',
    'active',
    NULL,
    NULL,
    NULL,
    '3030ea6aafd8a31216d27eef15b1dd24',
    'name: from_google
label: Came from Google
description: The account''s source is Google in any spelling.
owner: acquisition@example.com
tags: [campaign, acquisition]
entity: customer
include:
  - {{ '{' }}attribute: source, is: google, ignore_case: true}',
    'segments/campaigns.yml',
    38,
    0.5,
    NULL,
    ',campaign,,acquisition,',
    FALSE,
    FALSE,
    NULL,
    NULL,
    '',
    ',do_not_contact,'
  ),
  (
    'from_paid_social',
    'Came from paid social',
    'Signed up through Facebook or Instagram, or the last known source of a visit is one of them.',
    'acquisition@example.com',
    'campaign,acquisition',
    'customer',
    'customer',
    'dynamic',
    'active',
    NULL,
    NULL,
    NULL,
    '624a3ec6040d83f803c369ad9700fab0',
    'name: from_paid_social
label: Came from paid social
description: Signed up through Facebook or Instagram, or the last known source of a visit is one of them.
owner: acquisition@example.com
tags: [campaign, acquisition]
entity: customer
analytics: true
include:
  - any:
      - {{ '{' }}attribute: source, in: [facebook, instagram]}
      - {{ '{' }}attribute: last_utm_source, in: [facebook, instagram]}',
    'segments/campaigns.yml',
    26,
    0.5,
    NULL,
    ',campaign,,acquisition,',
    FALSE,
    FALSE,
    NULL,
    NULL,
    '',
    ',do_not_contact,'
  ),
  (
    'high_value',
    'High value',
    'Paid more than 1,000 pounds in all.',
    'crm@example.com',
    'value',
    'customer',
    'customer',
    'dynamic',
    'active',
    NULL,
    NULL,
    NULL,
    '8d3e45278975bfd5932b2efd76c9e6f1',
    'name: high_value
label: High value
description: Paid more than 1,000 pounds in all.
owner: crm@example.com
tags: [value]
entity: customer
activate: {{ '{' }}columns: [email, city]}
analytics: true
include:
  - {{ '{' }}attribute: lifetime_value, gt: 1000}',
    'segments/value.yml',
    3,
    0.5,
    NULL,
    ',value,',
    FALSE,
    FALSE,
    NULL,
    NULL,
    '',
    ',do_not_contact,'
  ),
  (
    'high_value_newcomers',
    'Newcomers to high value',
    'Became high value within the last 7 days.',
    'crm@example.com',
    'value',
    'customer',
    'customer',
    'dynamic',
    'active',
    NULL,
    NULL,
    NULL,
    '28a269adc30ee4f72c1efda834c79be9',
    'name: high_value_newcomers
label: Newcomers to high value
description: Became high value within the last 7 days.
owner: crm@example.com
tags: [value]
entity: customer
max_exit_fraction: 1  # most of its members change from week to week
include:
  - {{ '{' }}segment: high_value, entered: {{ '{' }}within: 7 days}}',
    'segments/value.yml',
    75,
    1,
    NULL,
    ',value,',
    FALSE,
    FALSE,
    NULL,
    NULL,
    ',high_value,',
    ',do_not_contact,,high_value,'
  ),
  (
    'interest__bags__heavy',
    'interest: bags, heavy',
    NULL,
    NULL,
    NULL,
    'customer',
    'customer',
    'dynamic',
    'active',
    NULL,
    NULL,
    NULL,
    '9700996860522006f89ff161c5604f54',
    'name: interest
entity: customer
event: page_views
rows:
  shoes: {{ '{' }}attribute: url, contains: /shoes/}
  bags: {{ '{' }}attribute: url, contains: /bags/}
  chinese_tea: {{ '{' }}attribute: url, contains: /chinese-tea/}
columns:
  light: {{ '{' }}count: {{ '{' }}between: [1, 4]}, within: 90 days}
  heavy: {{ '{' }}count: {{ '{' }}gte: 5}, within: 90 days}',
    'segments/behaviour.yml',
    142,
    0.5,
    NULL,
    '',
    FALSE,
    FALSE,
    NULL,
    NULL,
    '',
    ',do_not_contact,'
  ),
  (
    'interest__bags__light',
    'interest: bags, light',
    NULL,
    NULL,
    NULL,
    'customer',
    'customer',
    'dynamic',
    'active',
    NULL,
    NULL,
    NULL,
    '48d9e44411f402d2857b5074ab95de7d',
    'name: interest
entity: customer
event: page_views
rows:
  shoes: {{ '{' }}attribute: url, contains: /shoes/}
  bags: {{ '{' }}attribute: url, contains: /bags/}
  chinese_tea: {{ '{' }}attribute: url, contains: /chinese-tea/}
columns:
  light: {{ '{' }}count: {{ '{' }}between: [1, 4]}, within: 90 days}
  heavy: {{ '{' }}count: {{ '{' }}gte: 5}, within: 90 days}',
    'segments/behaviour.yml',
    141,
    0.5,
    NULL,
    '',
    FALSE,
    FALSE,
    NULL,
    NULL,
    '',
    ',do_not_contact,'
  ),
  (
    'interest__chinese_tea__heavy',
    'interest: chinese_tea, heavy',
    NULL,
    NULL,
    NULL,
    'customer',
    'customer',
    'dynamic',
    'active',
    NULL,
    NULL,
    NULL,
    'e1ae0b11ddac5ae8c2167182267776b0',
    'name: interest
entity: customer
event: page_views
rows:
  shoes: {{ '{' }}attribute: url, contains: /shoes/}
  bags: {{ '{' }}attribute: url, contains: /bags/}
  chinese_tea: {{ '{' }}attribute: url, contains: /chinese-tea/}
columns:
  light: {{ '{' }}count: {{ '{' }}between: [1, 4]}, within: 90 days}
  heavy: {{ '{' }}count: {{ '{' }}gte: 5}, within: 90 days}',
    'segments/behaviour.yml',
    142,
    0.5,
    NULL,
    '',
    FALSE,
    FALSE,
    NULL,
    NULL,
    '',
    ',do_not_contact,'
  ),
  (
    'interest__chinese_tea__light',
    'interest: chinese_tea, light',
    NULL,
    NULL,
    NULL,
    'customer',
    'customer',
    'dynamic',
    'active',
    NULL,
    NULL,
    NULL,
    '536e7ab7525f583711ca6959900b8f80',
    'name: interest
entity: customer
event: page_views
rows:
  shoes: {{ '{' }}attribute: url, contains: /shoes/}
  bags: {{ '{' }}attribute: url, contains: /bags/}
  chinese_tea: {{ '{' }}attribute: url, contains: /chinese-tea/}
columns:
  light: {{ '{' }}count: {{ '{' }}between: [1, 4]}, within: 90 days}
  heavy: {{ '{' }}count: {{ '{' }}gte: 5}, within: 90 days}',
    'segments/behaviour.yml',
    141,
    0.5,
    NULL,
    '',
    FALSE,
    FALSE,
    NULL,
    NULL,
    '',
    ',do_not_contact,'
  ),
  (
    'interest__shoes__heavy',
    'interest: shoes, heavy',
    NULL,
    NULL,
    NULL,
    'customer',
    'customer',
    'dynamic',
    'active',
    NULL,
    NULL,
    NULL,
    '6697f538090fe3dbc89f4584cf4f5a98',
    'name: interest
entity: customer
event: page_views
rows:
  shoes: {{ '{' }}attribute: url, contains: /shoes/}
  bags: {{ '{' }}attribute: url, contains: /bags/}
  chinese_tea: {{ '{' }}attribute: url, contains: /chinese-tea/}
columns:
  light: {{ '{' }}count: {{ '{' }}between: [1, 4]}, within: 90 days}
  heavy: {{ '{' }}count: {{ '{' }}gte: 5}, within: 90 days}',
    'segments/behaviour.yml',
    142,
    0.5,
    NULL,
    '',
    FALSE,
    FALSE,
    NULL,
    NULL,
    '',
    ',do_not_contact,'
  ),
  (
    'interest__shoes__light',
    'interest: shoes, light',
    NULL,
    NULL,
    NULL,
    'customer',
    'customer',
    'dynamic',
    'active',
    NULL,
    NULL,
    NULL,
    'bd62f5b105ede38ec7a8086e07ceae31',
    'name: interest
entity: customer
event: page_views
rows:
  shoes: {{ '{' }}attribute: url, contains: /shoes/}
  bags: {{ '{' }}attribute: url, contains: /bags/}
  chinese_tea: {{ '{' }}attribute: url, contains: /chinese-tea/}
columns:
  light: {{ '{' }}count: {{ '{' }}between: [1, 4]}, within: 90 days}
  heavy: {{ '{' }}count: {{ '{' }}gte: 5}, within: 90 days}',
    'segments/behaviour.yml',
    141,
    0.5,
    NULL,
    '',
    FALSE,
    FALSE,
    NULL,
    NULL,
    '',
    ',do_not_contact,'
  ),
  (
    'lapsed_customers',
    'Lapsed',
    'Bought once or more, nothing for 180 days.',
    'crm@example.com',
    'lifecycle',
    'customer',
    'customer',
    'dynamic',
    'active',
    NULL,
    NULL,
    NULL,
    '80aafa053ed589739997bb9e148a1e15',
    'name: lapsed_customers
label: Lapsed
description: Bought once or more, nothing for 180 days.
owner: crm@example.com
tags: [lifecycle]
entity: customer
analytics: true
include:
  - {{ '{' }}attribute: stage, is: lapsed}',
    'segments/lifecycle.yml',
    23,
    0.5,
    NULL,
    ',lifecycle,',
    FALSE,
    FALSE,
    NULL,
    NULL,
    '',
    ',do_not_contact,'
  ),
  (
    'lead_nurturing',
    'Lead nurturing',
    'Came in within 60 days, was touched at most once, not warm yet.',
    'sales@example.com',
    'leads',
    'lead',
    'lead',
    'dynamic',
    'active',
    NULL,
    NULL,
    '60 days',
    '8881b9e1d109685ebb2cbbc2489df0a6',
    'name: lead_nurturing
label: Lead nurturing
description: Came in within 60 days, was touched at most once, not warm yet.
owner: sales@example.com
tags: [leads]
entity: lead
time_to_live: 60 days
include:
  - {{ '{' }}event: touches, count: {{ '{' }}lte: 1}}
  - {{ '{' }}attribute: status, in: [new, contacted]}
exclude:
  - {{ '{' }}segment: warm_leads}',
    'segments/leads.yml',
    27,
    0.5,
    NULL,
    ',leads,',
    FALSE,
    FALSE,
    NULL,
    NULL,
    ',warm_leads,',
    ',warm_leads,'
  ),
  (
    'looked_then_bought',
    'From guide to order',
    'Read a blog guide, put something in the cart within a week, ordered within two days of that, all in 90 days.',
    'content@example.com',
    'behaviour',
    'customer',
    'customer',
    'dynamic',
    'active',
    NULL,
    NULL,
    NULL,
    'cf6da6f5197094a9c6f37d3741bbc27a',
    'name: looked_then_bought
label: From guide to order
description: Read a blog guide, put something in the cart within a week, ordered within two days of that, all in 90 days.
owner: content@example.com
tags: [behaviour]
entity: customer
include:
  - sequence:
      - {{ '{' }}event: page_views, where: {{ '{' }}attribute: url, matches: "^/blog/[a-z-]+-guide$"}}
      - {{ '{' }}event: cart_events, where: {{ '{' }}attribute: action, is: added}, within: 7 days}
      - {{ '{' }}event: orders, within: 2 days}
    within: 90 days',
    'segments/behaviour.yml',
    108,
    0.5,
    NULL,
    ',behaviour,',
    FALSE,
    FALSE,
    NULL,
    NULL,
    '',
    ',do_not_contact,'
  ),
  (
    'loyal_high_value',
    'High value for a month',
    'High value for at least 30 days, with the plan of the month still running.',
    'crm@example.com',
    'value',
    'customer',
    'customer',
    'dynamic',
    'active',
    NULL,
    NULL,
    NULL,
    '8cf59a01ff45fdbed364a3cbf68fc364',
    'name: loyal_high_value
label: High value for a month
description: High value for at least 30 days, with the plan of the month still running.
owner: crm@example.com
tags: [value]
entity: customer
include:
  - {{ '{' }}segment: high_value, for: 30 days}
  - {{ '{' }}related: subscriptions, where: {{ '{' }}attribute: status, is: active}}',
    'segments/value.yml',
    85,
    0.5,
    NULL,
    ',value,',
    FALSE,
    FALSE,
    NULL,
    NULL,
    ',high_value,',
    ',do_not_contact,,high_value,'
  ),
  (
    'mail_fatigue',
    'Never opens',
    'Sent three mails or more within half a year, opened none.',
    'crm@example.com',
    'campaign',
    'customer',
    'customer',
    'dynamic',
    'active',
    NULL,
    NULL,
    NULL,
    '3fa1be69e606b57e71a47a8899f8fedd',
    'name: mail_fatigue
label: Never opens
description: Sent three mails or more within half a year, opened none.
owner: crm@example.com
tags: [campaign]
entity: customer
include:
  - event: campaign_touches
    where: [{{ '{' }}attribute: kind, is: sent}, {{ '{' }}attribute: campaign.channel, is: email}]
    within: 6 months
    count: {{ '{' }}gte: 3}
  - {{ '{' }}event: campaign_touches, where: {{ '{' }}attribute: kind, is: opened}, within: 6 months, count: 0}',
    'segments/campaigns.yml',
    101,
    0.5,
    NULL,
    ',campaign,',
    FALSE,
    FALSE,
    NULL,
    NULL,
    '',
    ',do_not_contact,'
  ),
  (
    'mailable',
    'May be mailed',
    'Has a mail address and said yes to mail; nothing open at support.',
    'privacy@example.com',
    'consent,email',
    'customer',
    'customer',
    'dynamic',
    'active',
    NULL,
    NULL,
    NULL,
    '268df969a0beb58c6cef801747d5627e',
    'name: mailable
label: May be mailed
description: Has a mail address and said yes to mail; nothing open at support.
owner: privacy@example.com
tags: [consent, email]
entity: customer
include:
  - {{ '{' }}attribute: email, matches: "^[^@ ]+@[^@ ]+[.][a-z]+$", ignore_case: true}
  - {{ '{' }}condition: said_yes_to_mail}
exclude:
  - {{ '{' }}segment: open_ticket}',
    'segments/suppression.yml',
    62,
    0.5,
    NULL,
    ',consent,,email,',
    FALSE,
    FALSE,
    NULL,
    NULL,
    ',open_ticket,',
    ',do_not_contact,,open_ticket,,unsubscribed,'
  ),
  (
    'multi_category_buyers',
    'Bought from four categories',
    'Bought from at least four categories within a year.',
    'merchandising@example.com',
    'value',
    'customer',
    'customer',
    'dynamic',
    'active',
    NULL,
    NULL,
    NULL,
    '7d8e297dc414cb025d4f6cec3ed4d822',
    'name: multi_category_buyers
label: Bought from four categories
description: Bought from at least four categories within a year.
owner: merchandising@example.com
tags: [value]
entity: customer
analytics: true
include:
  - {{ '{' }}event: purchases, within: 1 year, distinct: {{ '{' }}of: product.category, gte: 4}}',
    'segments/value.yml',
    56,
    0.5,
    NULL,
    ',value,',
    FALSE,
    FALSE,
    NULL,
    NULL,
    '',
    ',do_not_contact,'
  ),
  (
    'new_customers',
    'New',
    'Signed up within 30 days.',
    'crm@example.com',
    'lifecycle',
    'customer',
    'customer',
    'dynamic',
    'active',
    NULL,
    NULL,
    NULL,
    'd18d24cc8c6f9f25318d3074418f2f2d',
    'name: new_customers
label: New
description: Signed up within 30 days.
owner: crm@example.com
tags: [lifecycle]
entity: customer
analytics: true
include:
  - {{ '{' }}attribute: stage, is: new}',
    'segments/lifecycle.yml',
    3,
    0.5,
    NULL,
    ',lifecycle,',
    FALSE,
    FALSE,
    NULL,
    NULL,
    '',
    ',do_not_contact,'
  ),
  (
    'night_owls',
    'Night owls',
    'An order between 22:00 and 4:59 local time within 90 days.',
    'content@example.com',
    'behaviour',
    'customer',
    'customer',
    'dynamic',
    'active',
    NULL,
    NULL,
    NULL,
    '6ce0732d99142da4212ee2639ab6bdb3',
    'name: night_owls
label: Night owls
description: An order between 22:00 and 4:59 local time within 90 days.
owner: content@example.com
tags: [behaviour]
entity: customer
include:
  - {{ '{' }}event: orders, where: {{ '{' }}attribute: ordered_at, hour: {{ '{' }}between: [22, 4]}}, within: 90 days}',
    'segments/behaviour.yml',
    79,
    0.5,
    NULL,
    ',behaviour,',
    FALSE,
    FALSE,
    NULL,
    NULL,
    '',
    ',do_not_contact,'
  ),
  (
    'northern_readers',
    'Readers in the north',
    'Lives in the North West, the North East or Yorkshire and reads the site weekly.',
    'events@example.com',
    'campaign,local',
    'customer',
    'customer',
    'dynamic',
    'active',
    NULL,
    NULL,
    NULL,
    '6f482911b05f79a09ad42fb263113211',
    'name: northern_readers
label: Readers in the north
description: Lives in the North West, the North East or Yorkshire and reads the site weekly.
owner: events@example.com
tags: [campaign, local]
entity: customer
max_exit_fraction: 1  # most of its members change from week to week
include:
  - {{ '{' }}attribute: home.region, in: [North West, North East, Yorkshire]}
  - {{ '{' }}segment: weekly_readers}',
    'segments/campaigns.yml',
    114,
    1,
    NULL,
    ',campaign,,local,',
    FALSE,
    FALSE,
    NULL,
    NULL,
    ',weekly_readers,',
    ',do_not_contact,,weekly_readers,'
  ),
  (
    'open_ticket',
    'Open ticket',
    'A ticket is open, in any spelling, of priority 1 or 2 or unknown.',
    'support@example.com',
    'service',
    'customer',
    'customer',
    'dynamic',
    'active',
    NULL,
    NULL,
    NULL,
    'c5d7661fd9c6682df8a178898b501192',
    'name: open_ticket
label: Open ticket
description: A ticket is open, in any spelling, of priority 1 or 2 or unknown.
owner: support@example.com
tags: [service]
entity: customer
include:
  - related: tickets
    where:
      - {{ '{' }}attribute: status, is: open, ignore_case: true}
      - {{ '{' }}attribute: priority, lte: 2, missing: matches}',
    'segments/suppression.yml',
    41,
    0.5,
    NULL,
    ',service,',
    FALSE,
    FALSE,
    NULL,
    NULL,
    '',
    ',do_not_contact,'
  ),
  (
    'opened_and_clicked_same_mail',
    'Opened and clicked the same mail',
    'A click in the same campaign within a day of opening it, in the last half year.',
    'content@example.com',
    'campaign',
    'customer',
    'customer',
    'dynamic',
    'active',
    NULL,
    NULL,
    NULL,
    'e1a05444fec6d52ccb56f977eee9d9f3',
    'name: opened_and_clicked_same_mail
label: Opened and clicked the same mail
description: A click in the same campaign within a day of opening it, in the last half year.
owner: content@example.com
tags: [campaign]
entity: customer
include:
  - sequence:
      - {{ '{' }}event: campaign_touches, where: {{ '{' }}attribute: kind, is: opened}}
      - {{ '{' }}event: campaign_touches, where: {{ '{' }}attribute: kind, is: clicked}, within: 1 day, same: [campaign_id]}
    within: 6 months',
    'segments/campaigns.yml',
    89,
    0.5,
    NULL,
    ',campaign,',
    FALSE,
    FALSE,
    NULL,
    NULL,
    '',
    ',do_not_contact,'
  ),
  (
    'partner_leads',
    'Leads of O''Reilly & Sons',
    'Sent by a partner within half a year, with a budget.',
    'partners@example.com',
    'leads,acquisition',
    'lead',
    'lead',
    'dynamic',
    'active',
    NULL,
    NULL,
    '6 months',
    'ab87f413370051a0b45985a6b0ff78c7',
    'name: partner_leads
label: Leads of O''Reilly & Sons
description: Sent by a partner within half a year, with a budget.
owner: partners@example.com
tags: [leads, acquisition]
entity: lead
time_to_live: 6 months
include:
  - {{ '{' }}attribute: source, is: "partner: O''Reilly & Sons"}
  - {{ '{' }}attribute: budget, between: [500, 5000]}',
    'segments/leads.yml',
    51,
    0.5,
    NULL,
    ',leads,,acquisition,',
    FALSE,
    FALSE,
    NULL,
    NULL,
    '',
    ''
  ),
  (
    'plan_renews_soon',
    'Plan renews within 30 days',
    'An active plan comes up for renewal.',
    'support@example.com',
    'service,email',
    'customer',
    'customer',
    'dynamic',
    'active',
    NULL,
    NULL,
    NULL,
    '6b1fb94191f075d1b41a180e7b2e0d64',
    'name: plan_renews_soon
label: Plan renews within 30 days
description: An active plan comes up for renewal.
owner: support@example.com
tags: [service, email]
entity: customer
include:
  - {{ '{' }}related: subscriptions, where: [{{ '{' }}attribute: status, is: active}, {{ '{' }}attribute: renews_on, within_next: 30 days}]}',
    'segments/suppression.yml',
    53,
    0.5,
    NULL,
    ',service,,email,',
    FALSE,
    FALSE,
    NULL,
    NULL,
    '',
    ',do_not_contact,,unsubscribed,'
  ),
  (
    'press_and_students',
    'Press and students',
    'Tagged press or student, and not in London.',
    'press@example.com',
    'campaign',
    'customer',
    'customer',
    'dynamic',
    'active',
    NULL,
    NULL,
    NULL,
    '7696089578339e7b90ae567015811a37',
    'name: press_and_students
label: Press and students
description: Tagged press or student, and not in London.
owner: press@example.com
tags: [campaign]
entity: customer
include:
  - {{ '{' }}attribute: tags, has_any: [press, student]}
  - {{ '{' }}attribute: city, is_not: London}',
    'segments/campaigns.yml',
    125,
    0.5,
    NULL,
    ',campaign,',
    FALSE,
    FALSE,
    NULL,
    NULL,
    '',
    ',do_not_contact,'
  ),
  (
    'price_sensitive',
    'Price-sensitive',
    'Three orders or more, at least 60 % of them with a discount.',
    'pricing@example.com',
    'behaviour',
    'customer',
    'customer',
    'dynamic',
    'active',
    NULL,
    NULL,
    NULL,
    'b1b5b2804e3111c3ec6037ec77fdc700',
    'name: price_sensitive
label: Price-sensitive
description: Three orders or more, at least 60 % of them with a discount.
owner: pricing@example.com
tags: [behaviour]
entity: customer
analytics: true
include:
  - {{ '{' }}attribute: orders_total, gte: 3}
  - {{ '{' }}attribute: discounted_share, gte: 0.6}',
    'segments/behaviour.yml',
    58,
    0.5,
    NULL,
    ',behaviour,',
    FALSE,
    FALSE,
    NULL,
    NULL,
    '',
    ',do_not_contact,'
  ),
  (
    'reads_but_does_not_buy',
    'Reads, does not buy',
    'Visits on at least three days within 60 days, no order in that time.',
    'content@example.com',
    'behaviour',
    'customer',
    'customer',
    'dynamic',
    'active',
    NULL,
    NULL,
    NULL,
    'dd4da1969e7660b6fc78853f6527e973',
    'name: reads_but_does_not_buy
label: Reads, does not buy
description: Visits on at least three days within 60 days, no order in that time.
owner: content@example.com
tags: [behaviour]
entity: customer
include:
  - {{ '{' }}event: page_views, within: 60 days, days: {{ '{' }}gte: 3}}
  - {{ '{' }}event: orders, within: 60 days, count: 0}',
    'segments/behaviour.yml',
    28,
    0.5,
    NULL,
    ',behaviour,',
    FALSE,
    FALSE,
    NULL,
    NULL,
    '',
    ',do_not_contact,'
  ),
  (
    'refunders',
    'Money back twice',
    'At least two refunds within a year, or more than 200 pounds back.',
    'fraud@example.com',
    'behaviour',
    'customer',
    'customer',
    'dynamic',
    'active',
    NULL,
    NULL,
    NULL,
    '5928d551400b0f62c69751693154e92b',
    'name: refunders
label: Money back twice
description: At least two refunds within a year, or more than 200 pounds back.
owner: fraud@example.com
tags: [behaviour]
entity: customer
include:
  - any:
      - {{ '{' }}event: refunds, within: 1 year, count: {{ '{' }}gte: 2}}
      - {{ '{' }}event: refunds, within: 1 year, sum: {{ '{' }}of: amount, gt: 200}}',
    'segments/behaviour.yml',
    88,
    0.5,
    NULL,
    ',behaviour,',
    FALSE,
    FALSE,
    NULL,
    NULL,
    '',
    ',do_not_contact,'
  ),
  (
    'rfm_champions',
    'RFM champions',
    'Bought lately, often and for much.',
    'crm@example.com',
    'value,rfm',
    'customer',
    'customer',
    'dynamic',
    'active',
    NULL,
    NULL,
    NULL,
    'b28423748231e34ba6c10a7a09dbb6fd',
    'name: rfm_champions
label: RFM champions
description: Bought lately, often and for much.
owner: crm@example.com
tags: [value, rfm]
entity: customer
analytics: true
include:
  - {{ '{' }}attribute: rfm.name, is: champions}',
    'segments/value.yml',
    35,
    0.5,
    NULL,
    ',value,,rfm,',
    FALSE,
    FALSE,
    NULL,
    NULL,
    '',
    ',do_not_contact,'
  ),
  (
    'sale_hunters',
    'Looked at the 100 % off page',
    'Saw the page whose address holds 100%_off: percent and underscore are ordinary characters.',
    'pricing@example.com',
    'behaviour',
    'customer',
    'customer',
    'dynamic',
    'active',
    NULL,
    NULL,
    NULL,
    '3d1e301ca06d8cc1364e3420268bd3ef',
    'name: sale_hunters
label: Looked at the 100 % off page
description: "Saw the page whose address holds 100%_off: percent and underscore are ordinary characters."
owner: pricing@example.com
tags: [behaviour]
entity: customer
include:
  - {{ '{' }}event: page_views, where: {{ '{' }}attribute: url, like: "100%_off"}, within: 90 days}',
    'segments/behaviour.yml',
    99,
    0.5,
    NULL,
    ',behaviour,',
    FALSE,
    FALSE,
    NULL,
    NULL,
    '',
    ',do_not_contact,'
  ),
  (
    'same_title_again',
    'Stocking up',
    'Bought one product at least three times in half a year.',
    'merchandising@example.com',
    'value',
    'customer',
    'customer',
    'dynamic',
    'active',
    NULL,
    NULL,
    NULL,
    'ca41fbe4993b07614a5e848775d45d72',
    'name: same_title_again
label: Stocking up
description: Bought one product at least three times in half a year.
owner: merchandising@example.com
tags: [value]
entity: customer
include:
  - {{ '{' }}event: purchases, within: 6 months, count: {{ '{' }}by: product_id, gte: 3}}',
    'segments/value.yml',
    66,
    0.5,
    NULL,
    ',value,',
    FALSE,
    FALSE,
    NULL,
    NULL,
    '',
    ',do_not_contact,'
  ),
  (
    'second_order_nudge',
    'Second-order nudge',
    'Exactly one order, three to eight weeks ago, and no ticket about it.',
    'crm@example.com',
    'lifecycle,email',
    'customer',
    'customer',
    'dynamic',
    'active',
    NULL,
    NULL,
    NULL,
    '58e68a1ffa07e3b1c74a4c392197f953',
    'name: second_order_nudge
label: Second-order nudge
description: Exactly one order, three to eight weeks ago, and no ticket about it.
owner: crm@example.com
tags: [lifecycle, email]
entity: customer
include:
  - {{ '{' }}event: orders, count: 1}
  - {{ '{' }}event: orders, last: {{ '{' }}more_than_ago: 3 weeks}}
  - {{ '{' }}event: orders, last: {{ '{' }}within: 8 weeks}}
exclude:
  - {{ '{' }}related: tickets, where: {{ '{' }}attribute: status, in: [open, pending], ignore_case: true}}',
    'segments/lifecycle.yml',
    63,
    0.5,
    NULL,
    ',lifecycle,,email,',
    FALSE,
    FALSE,
    NULL,
    NULL,
    ',first_order_lately,',
    ',do_not_contact,,first_order_lately,,unsubscribed,'
  ),
  (
    'silent_high_spenders',
    'High spenders, silent for 60 days',
    'More than 1,000 pounds in the two years, no order for 60 days.',
    'retention@example.com',
    'lifecycle,retention',
    'customer',
    'customer',
    'dynamic',
    'active',
    NULL,
    NULL,
    NULL,
    '87f48c32c9d308b9a0469acf8b20e187',
    'name: silent_high_spenders
label: High spenders, silent for 60 days
description: More than 1,000 pounds in the two years, no order for 60 days.
owner: retention@example.com
tags: [lifecycle, retention]
entity: customer
include:
  - {{ '{' }}event: orders, sum: {{ '{' }}of: amount, gt: 1000}}
  - {{ '{' }}event: orders, last: {{ '{' }}more_than_ago: 60 days}}',
    'segments/lifecycle.yml',
    43,
    0.5,
    NULL,
    ',lifecycle,,retention,',
    FALSE,
    FALSE,
    NULL,
    NULL,
    '',
    ',do_not_contact,'
  ),
  (
    'sim_leads_90d',
    'SIM card leads of 90 days',
    'Telephones that asked for a SIM card within 90 days. A telephone counts once, and not at all when one of its requests was converted.',
    'sales@example.com',
    'leads',
    'lead',
    'lead_by_phone',
    'dynamic',
    'active',
    NULL,
    NULL,
    '90 days',
    '2ae3a556081e42e2779853ba8fab7fff',
    'name: sim_leads_90d
label: SIM card leads of 90 days
description: Telephones that asked for a SIM card within 90 days. A telephone counts once, and not at all when one of its requests was converted.
owner: sales@example.com
tags: [leads]
entity: lead
aggregate_on: phone
time_to_live: 90 days
activate: {{ '{' }}columns: [email, city]}
include:
  - {{ '{' }}attribute: product, in: [SIMCARD]}
exclude:
  - {{ '{' }}attribute: status, is: converted}',
    'segments/leads.yml',
    3,
    0.5,
    NULL,
    ',leads,',
    FALSE,
    FALSE,
    NULL,
    NULL,
    '',
    ''
  ),
  (
    'spring_shoes_2026',
    'Spring shoes 2026',
    'An old campaign: switched off, keeps whom it had.',
    'crm@example.com',
    'campaign,seasonal',
    'customer',
    'customer',
    'dynamic',
    'inactive',
    NULL,
    NULL,
    NULL,
    '49af9ae502ba2bd9ba0fb23d75725bd0',
    'name: spring_shoes_2026
label: Spring shoes 2026
description: "An old campaign: switched off, keeps whom it had."
owner: crm@example.com
tags: [campaign, seasonal]
entity: customer
status: inactive
include:
  - {{ '{' }}event: campaign_touches, where: {{ '{' }}attribute: campaign_id, is: CMP-026}}',
    'segments/campaigns.yml',
    67,
    0.5,
    NULL,
    ',campaign,,seasonal,',
    FALSE,
    FALSE,
    NULL,
    NULL,
    '',
    ',do_not_contact,'
  ),
  (
    'stage__active',
    'stage: active',
    'Stage active of stage.',
    NULL,
    NULL,
    'customer',
    'customer',
    'dynamic',
    'active',
    NULL,
    NULL,
    NULL,
    '7c9bae87a2648e71b1e74e49abf60fc5',
    NULL,
    'segments/traits.yml',
    26,
    0.5,
    NULL,
    '',
    FALSE,
    TRUE,
    NULL,
    NULL,
    '',
    ',do_not_contact,'
  ),
  (
    'stage__lapsed',
    'stage: lapsed',
    'Stage lapsed of stage.',
    NULL,
    NULL,
    'customer',
    'customer',
    'dynamic',
    'active',
    NULL,
    NULL,
    NULL,
    '80aafa053ed589739997bb9e148a1e15',
    NULL,
    'segments/traits.yml',
    26,
    0.5,
    NULL,
    '',
    FALSE,
    TRUE,
    NULL,
    NULL,
    '',
    ',do_not_contact,'
  ),
  (
    'stage__lapsing',
    'stage: lapsing',
    'Stage lapsing of stage.',
    NULL,
    NULL,
    'customer',
    'customer',
    'dynamic',
    'active',
    NULL,
    NULL,
    NULL,
    '60d367a76109a7528e110c11526873f4',
    NULL,
    'segments/traits.yml',
    26,
    0.5,
    NULL,
    '',
    FALSE,
    TRUE,
    NULL,
    NULL,
    '',
    ',do_not_contact,'
  ),
  (
    'stage__never_bought',
    'stage: never_bought',
    'Stage never_bought of stage.',
    NULL,
    NULL,
    'customer',
    'customer',
    'dynamic',
    'active',
    NULL,
    NULL,
    NULL,
    'c4a3bbe6c8de478458f95b2d944e15f9',
    NULL,
    'segments/traits.yml',
    26,
    0.5,
    NULL,
    '',
    FALSE,
    TRUE,
    NULL,
    NULL,
    '',
    ',do_not_contact,'
  ),
  (
    'stage__new',
    'stage: new',
    'Stage new of stage.',
    NULL,
    NULL,
    'customer',
    'customer',
    'dynamic',
    'active',
    NULL,
    NULL,
    NULL,
    'd18d24cc8c6f9f25318d3074418f2f2d',
    NULL,
    'segments/traits.yml',
    26,
    0.5,
    NULL,
    '',
    FALSE,
    TRUE,
    NULL,
    NULL,
    '',
    ',do_not_contact,'
  ),
  (
    'stage_by_channel__active__email',
    'stage_by_channel: active, email',
    NULL,
    NULL,
    NULL,
    'customer',
    'customer',
    'dynamic',
    'active',
    NULL,
    NULL,
    NULL,
    '346d980f222ce6dbc073a8539dc68e73',
    'name: stage_by_channel
entity: customer
rows:
  new: {{ '{' }}attribute: stage, is: new}
  active: {{ '{' }}attribute: stage, is: active}
  lapsing: {{ '{' }}attribute: stage, is: lapsing}
  lapsed: {{ '{' }}attribute: stage, is: lapsed}
columns:
  email: {{ '{' }}attribute: preferred_channel, is: email}
  sms: {{ '{' }}attribute: preferred_channel, is: sms}
  whatsapp: {{ '{' }}attribute: preferred_channel, is: whatsapp, ignore_case: true}',
    'segments/lifecycle.yml',
    104,
    0.5,
    NULL,
    '',
    FALSE,
    FALSE,
    NULL,
    NULL,
    '',
    ',do_not_contact,'
  ),
  (
    'stage_by_channel__active__sms',
    'stage_by_channel: active, sms',
    NULL,
    NULL,
    NULL,
    'customer',
    'customer',
    'dynamic',
    'active',
    NULL,
    NULL,
    NULL,
    'a09ac52ff02937fc82efc420b1215954',
    'name: stage_by_channel
entity: customer
rows:
  new: {{ '{' }}attribute: stage, is: new}
  active: {{ '{' }}attribute: stage, is: active}
  lapsing: {{ '{' }}attribute: stage, is: lapsing}
  lapsed: {{ '{' }}attribute: stage, is: lapsed}
columns:
  email: {{ '{' }}attribute: preferred_channel, is: email}
  sms: {{ '{' }}attribute: preferred_channel, is: sms}
  whatsapp: {{ '{' }}attribute: preferred_channel, is: whatsapp, ignore_case: true}',
    'segments/lifecycle.yml',
    105,
    0.5,
    NULL,
    '',
    FALSE,
    FALSE,
    NULL,
    NULL,
    '',
    ',do_not_contact,'
  ),
  (
    'stage_by_channel__active__whatsapp',
    'stage_by_channel: active, whatsapp',
    NULL,
    NULL,
    NULL,
    'customer',
    'customer',
    'dynamic',
    'active',
    NULL,
    NULL,
    NULL,
    'a6596d403c0a21cad55caa9f21f169be',
    'name: stage_by_channel
entity: customer
rows:
  new: {{ '{' }}attribute: stage, is: new}
  active: {{ '{' }}attribute: stage, is: active}
  lapsing: {{ '{' }}attribute: stage, is: lapsing}
  lapsed: {{ '{' }}attribute: stage, is: lapsed}
columns:
  email: {{ '{' }}attribute: preferred_channel, is: email}
  sms: {{ '{' }}attribute: preferred_channel, is: sms}
  whatsapp: {{ '{' }}attribute: preferred_channel, is: whatsapp, ignore_case: true}',
    'segments/lifecycle.yml',
    106,
    0.5,
    NULL,
    '',
    FALSE,
    FALSE,
    NULL,
    NULL,
    '',
    ',do_not_contact,'
  ),
  (
    'stage_by_channel__lapsed__email',
    'stage_by_channel: lapsed, email',
    NULL,
    NULL,
    NULL,
    'customer',
    'customer',
    'dynamic',
    'active',
    NULL,
    NULL,
    NULL,
    '6c5f8c1e5a5679ff9448d78f34c3c816',
    'name: stage_by_channel
entity: customer
rows:
  new: {{ '{' }}attribute: stage, is: new}
  active: {{ '{' }}attribute: stage, is: active}
  lapsing: {{ '{' }}attribute: stage, is: lapsing}
  lapsed: {{ '{' }}attribute: stage, is: lapsed}
columns:
  email: {{ '{' }}attribute: preferred_channel, is: email}
  sms: {{ '{' }}attribute: preferred_channel, is: sms}
  whatsapp: {{ '{' }}attribute: preferred_channel, is: whatsapp, ignore_case: true}',
    'segments/lifecycle.yml',
    104,
    0.5,
    NULL,
    '',
    FALSE,
    FALSE,
    NULL,
    NULL,
    '',
    ',do_not_contact,'
  ),
  (
    'stage_by_channel__lapsed__sms',
    'stage_by_channel: lapsed, sms',
    NULL,
    NULL,
    NULL,
    'customer',
    'customer',
    'dynamic',
    'active',
    NULL,
    NULL,
    NULL,
    '54f42e8de30c21918b3d2616469a527e',
    'name: stage_by_channel
entity: customer
rows:
  new: {{ '{' }}attribute: stage, is: new}
  active: {{ '{' }}attribute: stage, is: active}
  lapsing: {{ '{' }}attribute: stage, is: lapsing}
  lapsed: {{ '{' }}attribute: stage, is: lapsed}
columns:
  email: {{ '{' }}attribute: preferred_channel, is: email}
  sms: {{ '{' }}attribute: preferred_channel, is: sms}
  whatsapp: {{ '{' }}attribute: preferred_channel, is: whatsapp, ignore_case: true}',
    'segments/lifecycle.yml',
    105,
    0.5,
    NULL,
    '',
    FALSE,
    FALSE,
    NULL,
    NULL,
    '',
    ',do_not_contact,'
  ),
  (
    'stage_by_channel__lapsed__whatsapp',
    'stage_by_channel: lapsed, whatsapp',
    NULL,
    NULL,
    NULL,
    'customer',
    'customer',
    'dynamic',
    'active',
    NULL,
    NULL,
    NULL,
    '898e9b8b06321c24c2f98f9638d72474',
    'name: stage_by_channel
entity: customer
rows:
  new: {{ '{' }}attribute: stage, is: new}
  active: {{ '{' }}attribute: stage, is: active}
  lapsing: {{ '{' }}attribute: stage, is: lapsing}
  lapsed: {{ '{' }}attribute: stage, is: lapsed}
columns:
  email: {{ '{' }}attribute: preferred_channel, is: email}
  sms: {{ '{' }}attribute: preferred_channel, is: sms}
  whatsapp: {{ '{' }}attribute: preferred_channel, is: whatsapp, ignore_case: true}',
    'segments/lifecycle.yml',
    106,
    0.5,
    NULL,
    '',
    FALSE,
    FALSE,
    NULL,
    NULL,
    '',
    ',do_not_contact,'
  ),
  (
    'stage_by_channel__lapsing__email',
    'stage_by_channel: lapsing, email',
    NULL,
    NULL,
    NULL,
    'customer',
    'customer',
    'dynamic',
    'active',
    NULL,
    NULL,
    NULL,
    'b7457251247cac555d57d73af4e7617f',
    'name: stage_by_channel
entity: customer
rows:
  new: {{ '{' }}attribute: stage, is: new}
  active: {{ '{' }}attribute: stage, is: active}
  lapsing: {{ '{' }}attribute: stage, is: lapsing}
  lapsed: {{ '{' }}attribute: stage, is: lapsed}
columns:
  email: {{ '{' }}attribute: preferred_channel, is: email}
  sms: {{ '{' }}attribute: preferred_channel, is: sms}
  whatsapp: {{ '{' }}attribute: preferred_channel, is: whatsapp, ignore_case: true}',
    'segments/lifecycle.yml',
    104,
    0.5,
    NULL,
    '',
    FALSE,
    FALSE,
    NULL,
    NULL,
    '',
    ',do_not_contact,'
  ),
  (
    'stage_by_channel__lapsing__sms',
    'stage_by_channel: lapsing, sms',
    NULL,
    NULL,
    NULL,
    'customer',
    'customer',
    'dynamic',
    'active',
    NULL,
    NULL,
    NULL,
    'd8a9535f26fd0229161ef121f0ecddd1',
    'name: stage_by_channel
entity: customer
rows:
  new: {{ '{' }}attribute: stage, is: new}
  active: {{ '{' }}attribute: stage, is: active}
  lapsing: {{ '{' }}attribute: stage, is: lapsing}
  lapsed: {{ '{' }}attribute: stage, is: lapsed}
columns:
  email: {{ '{' }}attribute: preferred_channel, is: email}
  sms: {{ '{' }}attribute: preferred_channel, is: sms}
  whatsapp: {{ '{' }}attribute: preferred_channel, is: whatsapp, ignore_case: true}',
    'segments/lifecycle.yml',
    105,
    0.5,
    NULL,
    '',
    FALSE,
    FALSE,
    NULL,
    NULL,
    '',
    ',do_not_contact,'
  ),
  (
    'stage_by_channel__lapsing__whatsapp',
    'stage_by_channel: lapsing, whatsapp',
    NULL,
    NULL,
    NULL,
    'customer',
    'customer',
    'dynamic',
    'active',
    NULL,
    NULL,
    NULL,
    '9998909e37e6d547fdb93271570ef0d3',
    'name: stage_by_channel
entity: customer
rows:
  new: {{ '{' }}attribute: stage, is: new}
  active: {{ '{' }}attribute: stage, is: active}
  lapsing: {{ '{' }}attribute: stage, is: lapsing}
  lapsed: {{ '{' }}attribute: stage, is: lapsed}
columns:
  email: {{ '{' }}attribute: preferred_channel, is: email}
  sms: {{ '{' }}attribute: preferred_channel, is: sms}
  whatsapp: {{ '{' }}attribute: preferred_channel, is: whatsapp, ignore_case: true}',
    'segments/lifecycle.yml',
    106,
    0.5,
    NULL,
    '',
    FALSE,
    FALSE,
    NULL,
    NULL,
    '',
    ',do_not_contact,'
  ),
  (
    'stage_by_channel__new__email',
    'stage_by_channel: new, email',
    NULL,
    NULL,
    NULL,
    'customer',
    'customer',
    'dynamic',
    'active',
    NULL,
    NULL,
    NULL,
    'b0e82834f1010749a2dc9b7d0a0a0e8a',
    'name: stage_by_channel
entity: customer
rows:
  new: {{ '{' }}attribute: stage, is: new}
  active: {{ '{' }}attribute: stage, is: active}
  lapsing: {{ '{' }}attribute: stage, is: lapsing}
  lapsed: {{ '{' }}attribute: stage, is: lapsed}
columns:
  email: {{ '{' }}attribute: preferred_channel, is: email}
  sms: {{ '{' }}attribute: preferred_channel, is: sms}
  whatsapp: {{ '{' }}attribute: preferred_channel, is: whatsapp, ignore_case: true}',
    'segments/lifecycle.yml',
    104,
    0.5,
    NULL,
    '',
    FALSE,
    FALSE,
    NULL,
    NULL,
    '',
    ',do_not_contact,'
  ),
  (
    'stage_by_channel__new__sms',
    'stage_by_channel: new, sms',
    NULL,
    NULL,
    NULL,
    'customer',
    'customer',
    'dynamic',
    'active',
    NULL,
    NULL,
    NULL,
    '7c90dfd4d0ad70b00c24ef992b1cb864',
    'name: stage_by_channel
entity: customer
rows:
  new: {{ '{' }}attribute: stage, is: new}
  active: {{ '{' }}attribute: stage, is: active}
  lapsing: {{ '{' }}attribute: stage, is: lapsing}
  lapsed: {{ '{' }}attribute: stage, is: lapsed}
columns:
  email: {{ '{' }}attribute: preferred_channel, is: email}
  sms: {{ '{' }}attribute: preferred_channel, is: sms}
  whatsapp: {{ '{' }}attribute: preferred_channel, is: whatsapp, ignore_case: true}',
    'segments/lifecycle.yml',
    105,
    0.5,
    NULL,
    '',
    FALSE,
    FALSE,
    NULL,
    NULL,
    '',
    ',do_not_contact,'
  ),
  (
    'stage_by_channel__new__whatsapp',
    'stage_by_channel: new, whatsapp',
    NULL,
    NULL,
    NULL,
    'customer',
    'customer',
    'dynamic',
    'active',
    NULL,
    NULL,
    NULL,
    '6f9dd3641210e059b8eaae9147c08199',
    'name: stage_by_channel
entity: customer
rows:
  new: {{ '{' }}attribute: stage, is: new}
  active: {{ '{' }}attribute: stage, is: active}
  lapsing: {{ '{' }}attribute: stage, is: lapsing}
  lapsed: {{ '{' }}attribute: stage, is: lapsed}
columns:
  email: {{ '{' }}attribute: preferred_channel, is: email}
  sms: {{ '{' }}attribute: preferred_channel, is: sms}
  whatsapp: {{ '{' }}attribute: preferred_channel, is: whatsapp, ignore_case: true}',
    'segments/lifecycle.yml',
    106,
    0.5,
    NULL,
    '',
    FALSE,
    FALSE,
    NULL,
    NULL,
    '',
    ',do_not_contact,'
  ),
  (
    'top_hundred_per_city',
    'Hundred best of each city',
    'For the local evenings, the hundred customers of each city who paid most.',
    'events@example.com',
    'value,local',
    'customer',
    'customer',
    'dynamic',
    'active',
    NULL,
    NULL,
    NULL,
    '3e7340b3879ce1e5457f1cd1ddb6f118',
    'name: top_hundred_per_city
label: Hundred best of each city
description: For the local evenings, the hundred customers of each city who paid most.
owner: events@example.com
tags: [value, local]
entity: customer
include:
  - {{ '{' }}attribute: city, exists: true}
  - {{ '{' }}attribute: lifetime_value, gte: 50}
limit: {{ '{' }}top: 100, by: lifetime_value, order: desc, per: city}',
    'segments/value.yml',
    24,
    0.5,
    NULL,
    ',value,,local,',
    FALSE,
    FALSE,
    NULL,
    NULL,
    '',
    ',do_not_contact,'
  ),
  (
    'top_spenders',
    'Top 10 % by lifetime value',
    'The best tenth of all paying customers.',
    'crm@example.com',
    'value',
    'customer',
    'customer',
    'dynamic',
    'active',
    NULL,
    NULL,
    NULL,
    '4ea7f714478fabf8afeefa97519f903e',
    'name: top_spenders
label: Top 10 % by lifetime value
description: The best tenth of all paying customers.
owner: crm@example.com
tags: [value]
entity: customer
include:
  - {{ '{' }}attribute: lifetime_value, gt: 0}
limit: {{ '{' }}percent: 10, by: lifetime_value, order: desc}',
    'segments/value.yml',
    14,
    0.5,
    NULL,
    ',value,',
    FALSE,
    FALSE,
    NULL,
    NULL,
    '',
    ',do_not_contact,'
  ),
  (
    'unreachable_leads',
    'Not reached by telephone',
    'Two calls or more without an answer, or no telephone at all.',
    'sales@example.com',
    'leads',
    'lead',
    'lead',
    'dynamic',
    'active',
    NULL,
    NULL,
    NULL,
    'b477c77662d6eb6bac29af02fcb27e6a',
    'name: unreachable_leads
label: Not reached by telephone
description: Two calls or more without an answer, or no telephone at all.
owner: sales@example.com
tags: [leads]
entity: lead
include:
  - any:
      - {{ '{' }}event: touches, where: [{{ '{' }}attribute: kind, is: call}, {{ '{' }}attribute: outcome, is: no answer}], count: {{ '{' }}gte: 2}}
      - {{ '{' }}attribute: phone, exists: false}',
    'segments/leads.yml',
    40,
    0.5,
    NULL,
    ',leads,',
    FALSE,
    FALSE,
    NULL,
    NULL,
    '',
    ''
  ),
  (
    'unsubscribed',
    'Unsubscribed from mail',
    'Unsubscribed in a campaign, or said no to mail.',
    'privacy@example.com',
    'suppression',
    'customer',
    'customer',
    'dynamic',
    'active',
    NULL,
    NULL,
    NULL,
    '8c3fefaf455a51051e644bdf4f03669e',
    'name: unsubscribed
label: Unsubscribed from mail
description: Unsubscribed in a campaign, or said no to mail.
owner: privacy@example.com
tags: [suppression]
entity: customer
include:
  - any:
      - {{ '{' }}event: campaign_touches, where: {{ '{' }}attribute: kind, is: unsubscribed}}
      - {{ '{' }}related: consents, where: [{{ '{' }}attribute: channel, is: email}, {{ '{' }}attribute: granted, is: false}]}',
    'segments/suppression.yml',
    20,
    0.5,
    NULL,
    ',suppression,',
    TRUE,
    FALSE,
    NULL,
    NULL,
    '',
    ''
  ),
  (
    'warm_leads',
    'Warm leads',
    '30 points or more and neither lost nor converted.',
    'sales@example.com',
    'leads',
    'lead',
    'lead',
    'dynamic',
    'active',
    NULL,
    NULL,
    NULL,
    '3f641ef00489e3633668a9cd01d135f0',
    'name: warm_leads
label: Warm leads
description: 30 points or more and neither lost nor converted.
owner: sales@example.com
tags: [leads]
entity: lead
include:
  - {{ '{' }}attribute: lead_points, gte: 30}
  - {{ '{' }}attribute: status, not_in: [lost, converted]}',
    'segments/leads.yml',
    17,
    0.5,
    NULL,
    ',leads,',
    FALSE,
    FALSE,
    NULL,
    NULL,
    '',
    ''
  ),
  (
    'weekend_shoppers',
    'Weekend shoppers',
    'Three orders or more, at least three quarters of them on a Saturday or Sunday.',
    'crm@example.com',
    'behaviour',
    'customer',
    'customer',
    'dynamic',
    'active',
    NULL,
    NULL,
    NULL,
    'fa33d65397003d2af2a4aac5dd5f6fec',
    'name: weekend_shoppers
label: Weekend shoppers
description: Three orders or more, at least three quarters of them on a Saturday or Sunday.
owner: crm@example.com
tags: [behaviour]
entity: customer
include:
  - {{ '{' }}attribute: orders_total, gte: 3}
  - {{ '{' }}attribute: weekend_share, gte: 0.75}',
    'segments/behaviour.yml',
    69,
    0.5,
    NULL,
    ',behaviour,',
    FALSE,
    FALSE,
    NULL,
    NULL,
    '',
    ',do_not_contact,'
  ),
  (
    'weekly_readers',
    'Three page views a week',
    'At least three page views within the last 7 days.',
    'content@example.com',
    'behaviour',
    'customer',
    'customer',
    'dynamic',
    'active',
    NULL,
    NULL,
    NULL,
    'e0ce3554e9a7fcb5427d1a20823fdbdd',
    'name: weekly_readers
label: Three page views a week
description: At least three page views within the last 7 days.
owner: content@example.com
tags: [behaviour]
entity: customer
analytics: true
max_exit_fraction: 1  # most of its members change from week to week
include:
  - {{ '{' }}event: page_views, within: 7 days, count: {{ '{' }}gte: 3}}',
    'segments/behaviour.yml',
    17,
    1,
    NULL,
    ',behaviour,',
    FALSE,
    FALSE,
    NULL,
    NULL,
    '',
    ',do_not_contact,'
  ),
  (
    'welcome_series',
    'Welcome series',
    'Signed up within 30 days and said yes to mail: 14 days of it, not again for 90. Our own test addresses get it too.',
    'crm@example.com',
    'campaign,email',
    'customer',
    'customer',
    'dynamic',
    'active',
    NULL,
    NULL,
    NULL,
    'e0e4a825e7c7ef4f3ef811510af52dba',
    'name: welcome_series
label: Welcome series
description: "Signed up within 30 days and said yes to mail: 14 days of it, not again for 90. Our own test addresses get it too."
owner: crm@example.com
tags: [campaign, email]
entity: customer
include:
  - {{ '{' }}attribute: signed_up_at, within: 30 days}
  - {{ '{' }}condition: said_yes_to_mail}
stay: {{ '{' }}at_most: 14 days, again_after: 90 days}
always: ref(''test_addresses'')
max_exit_fraction: 1',
    'segments/campaigns.yml',
    165,
    1,
    NULL,
    ',campaign,,email,',
    FALSE,
    FALSE,
    NULL,
    NULL,
    '',
    ',do_not_contact,,unsubscribed,'
  ),
  (
    'wish_list_asia',
    'Freunde des Tees · 茶友 · φίλοι του τσαγιού',
    'Labels may be in any script: buyers of 大红袍 or 铁观音, and whoever lives in 北京 or Αθήνα.',
    'crm@example.com',
    'campaign,茶',
    'customer',
    'customer',
    'dynamic',
    'active',
    NULL,
    NULL,
    NULL,
    'c6d9140c5b0029f5d1aed97d7d35675a',
    'name: wish_list_asia
label: "Freunde des Tees · 茶友 · φίλοι του τσαγιού"
description: "Labels may be in any script: buyers of 大红袍 or 铁观音, and whoever lives in 北京 or Αθήνα."
owner: crm@example.com
tags: [campaign, "茶"]
entity: customer
include:
  - any:
      - {{ '{' }}event: purchases, where: {{ '{' }}any: [{{ '{' }}attribute: product.title, contains: 大红袍}, {{ '{' }}attribute: product.title, ends_with: 铁观音}]}}
      - {{ '{' }}attribute: city, in: [北京, Αθήνα]}',
    'segments/campaigns.yml',
    135,
    0.5,
    NULL,
    ',campaign,,茶,',
    FALSE,
    FALSE,
    NULL,
    NULL,
    '',
    ',do_not_contact,'
  ),
  (
    'yearly_regulars',
    'Bought in both Decembers',
    'Ordered in December 2024 and again in December 2025.',
    'crm@example.com',
    'lifecycle,seasonal',
    'customer',
    'customer',
    'dynamic',
    'active',
    NULL,
    NULL,
    NULL,
    'f316cff7be4a3ca30a8b63449aec242c',
    'name: yearly_regulars
label: Bought in both Decembers
description: Ordered in December 2024 and again in December 2025.
owner: crm@example.com
tags: [lifecycle, seasonal]
entity: customer
include:
  - {{ '{' }}event: orders, between: [2024-12-01, 2024-12-31]}
  - {{ '{' }}event: orders, between: [2025-12-01, 2025-12-31]}',
    'segments/lifecycle.yml',
    76,
    0.5,
    NULL,
    ',lifecycle,,seasonal,',
    FALSE,
    FALSE,
    NULL,
    NULL,
    '',
    ',do_not_contact,'
  )) AS given(segment, label, description, owner, tags, entity, grain, type, status, expires_on, expires_at, time_to_live, rule_hash, rule, source_file, source_line, max_exit_fraction, max_entry_fraction, tag_list, is_suppression, hidden, was, refresh, depends_on, watches)
