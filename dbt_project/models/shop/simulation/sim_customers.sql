{# How each customer behaves: when they come, what they like, how often they buy, when they stop. Salts 1 to 39. #}
with born as (
    select
        n,
        {{ roll('n', 1, 1000) }} as temper,
        case when {{ roll('n', 2, 100) }} < 28 then -1 - {{ roll('n', 3, 600) }}
             when {{ roll('n', 4, 745) }} > {{ roll('n', 5, 745) }} then {{ roll('n', 4, 745) }}
             else {{ roll('n', 5, 745) }} end as joined_day,
        {{ shopping_hour('n', 6) }} as joined_clock,
        {{ roll('n', 11, 100) }} as taste,
        {{ roll('n', 12, 100) }} < 12 as hunts_bargains,
        {{ roll('n', 13, 100) }} < 14 as shops_at_weekends,
        {{ roll('n', 14, 1000) }} < 15 as buys_for_business
    from {{ numbers(var('shop_customers')) }} as everyone
),
kinds as (
    select
        born.*,
        case when temper < 220 then 'browser' when temper < 600 then 'once' when temper < 850 then 'occasional'
             when temper < 970 then 'regular' else 'devoted' end as kind,
        case when taste < 24 then 0 when taste < 36 then 1 when taste < 46 then 2 when taste < 60 then 3
             when taste < 68 then 4 when taste < 82 then 5 when taste < 91 then 6 else 7 end as favourite_rank
    from born
),
lives as (
    select
        kinds.*,
        case when joined_day >= 0 then joined_day when kind = 'once' then {{ roll('n', 15, 700) }}
             else {{ roll('n', 16, 90) }} end as first_day,
        case kind when 'browser' then 3 + {{ roll('n', 17, 200) }}
                  when 'once' then 4 + {{ roll('n', 17, 40) }}
                  when 'occasional' then 90 + {{ roll('n', 17, 520) }}
                  when 'regular' then case when {{ roll('n', 18, 100) }} < 40 then 100 + {{ roll('n', 17, 300) }} else 900 end
                  else case when {{ roll('n', 18, 100) }} < 20 then 120 + {{ roll('n', 17, 300) }} else 900 end end as days_of_life
    from kinds
),
spans as (
    select
        lives.*,
        first_day + days_of_life as last_day,
        case kind when 'browser' then 0 when 'once' then 1
                  when 'occasional' then 2 + {{ roll('n', 19, 4) }}
                  when 'regular' then 6 + {{ roll('n', 19, 22) }}
                  else 20 + {{ roll('n', 19, 30) }} + case when {{ roll('n', 20, 100) }} < 12 then {{ roll('n', 21, 48) }} else 0 end
        end as orders_wanted,
        case kind when 'browser' then 1 + {{ roll('n', 22, 4) }} when 'once' then 1 + {{ roll('n', 22, 4) }}
                  when 'occasional' then 2 + {{ roll('n', 22, 5) }} when 'regular' then 4 + {{ roll('n', 22, 20) }}
                  else 10 + {{ roll('n', 22, 50) }} end as visits_wanted
    from lives
)
select
    n,
    kind,
    favourite_rank,
    hunts_bargains,
    shops_at_weekends,
    buys_for_business,
    joined_day * 86400 + joined_clock as joined_second,
    first_day * 86400 + joined_clock + 300 as first_second,
    last_day * 86400 + 86399 as last_second,
    -- a life may reach past the shop's last day: what lies there has not happened yet; a short life has no time for many orders
    case when orders_wanted > 1 + {{ whole('last_day - first_day', 9) }} and kind <> 'devoted' then 1 + {{ whole('last_day - first_day', 9) }}
         when orders_wanted > 1 + {{ whole('last_day - first_day', 4) }} then 1 + {{ whole('last_day - first_day', 4) }}
         else orders_wanted end as orders,
    visits_wanted as visits
from spans
