{# When each order happens: spread over the customer's life, drawn to December and, for some, to the weekend. Salts 40 to 59. #}
with paced as (
    select
        who.n,
        count.n as nth,
        who.n * 1000 + count.n as seed,
        who.shops_at_weekends,
        who.joined_second,
        who.first_second,
        {{ whole('who.last_second - who.first_second', 'who.orders') }} as pace
    from {{ ref('sim_customers') }} as who
    inner join {{ numbers(99) }} as count on count.n <= who.orders
),
spread as (
    select
        paced.*,
        {{ whole('first_second + (nth - 1) * pace + mod(' ~ mixed('seed', 40) ~ ', pace + 1)', 86400) }} as day
    from paced
),
seasoned as (
    select
        spread.*,
        case when {{ roll('seed', 41, 100) }} < 18
                  and ({{ whole('day', 365) }} * 365 + 20) * 86400 > first_second
                  and {{ whole('day', 365) }} < 2
             then {{ whole('day', 365) }} * 365 + 20 + {{ roll('seed', 42, 30) }}
             else day end as season_day
    from spread
),
weekly as (
    -- the shop's first day is a Friday: day + 4 is a Monday when it divides by seven
    select
        seasoned.*,
        case when shops_at_weekends and {{ roll('seed', 43, 100) }} < 85
             then season_day - mod(season_day + 4, 7) + 5 + {{ roll('seed', 44, 2) }}
             else season_day end as order_day
    from seasoned
),
timed as (
    select
        weekly.*,
        order_day * 86400 + {{ shopping_hour('seed', 45) }} as planned_second
    from weekly
),
settled as (
    select
        n,
        nth,
        seed,
        case when planned_second <= joined_second then joined_second + 600 + {{ roll('seed', 50, 7200) }} else planned_second end as order_second
    from timed
)
select
    1000000 + row_number() over (order by order_second, seed) as order_id,
    n,
    nth,
    seed,
    order_second
from settled
where order_second < {{ shop_days() }} * 86400
