{# Visits to the site: bursts of one to six pages. One tireless robot is among the customers. Salts 80 to 99. #}
with visits as (
    select
        who.n,
        count.n as nth,
        who.n * 1000 + count.n as seed,
        who.favourite_rank,
        who.first_second + mod({{ mixed('who.n * 1000 + count.n', 80) }}, who.last_second + 20 * 86400 - who.first_second) as spread_second
    from {{ ref('sim_customers') }} as who
    inner join {{ numbers(600) }} as count on count.n <= case when who.n = 7 then 600 else who.visits end
)
select
    n,
    nth,
    seed,
    favourite_rank,
    {{ whole('spread_second', 86400) }} * 86400 + {{ shopping_hour('seed', 81) }} as visit_second,
    case when {{ roll('seed', 86, 100) }} < 35 then 1 when {{ roll('seed', 86, 100) }} < 80 then 2 + {{ roll('seed', 87, 2) }}
         else 4 + {{ roll('seed', 88, 3) }} end as pages
from visits
where spread_second < {{ shop_days() }} * 86400
