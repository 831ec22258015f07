{# Salts 220 to 239. What was ordered was mostly put in the cart before; every eighth visit leaves something in it. #}
with added_and_bought as (
    select
        line_seed * 4 as seed,
        n,
        order_second - 300 - {{ roll('line_seed', 220, 5000) }} as event_second,
        product_id,
        quantity
    from {{ ref('sim_lines') }}
    where {{ roll('line_seed', 221, 100) }} < 55
),
added_and_left as (
    select
        visits.seed * 40 + 1 as seed,
        visits.n,
        visits.visit_second + 90 + {{ roll('visits.seed', 222, 200) }} as event_second,
        products.product_id,
        1 as quantity
    from {{ ref('sim_visits') }} as visits
    inner join {{ ref('products') }} as products
        on products.category_rank = visits.favourite_rank and products.position = {{ roll('visits.seed', 223, 5) }}
    where {{ roll('visits.seed', 224, 100) }} < 13
),
moves as (
    select added_and_bought.*, 'added' as action from added_and_bought
    union all
    select added_and_left.*, 'added' as action from added_and_left
    union all
    select seed + 2, n, event_second + 60 + {{ roll('seed', 225, 600) }}, product_id, quantity, 'removed'
    from added_and_left
    where {{ roll('seed', 226, 100) }} < 25
)
select
    seed as cart_event_id,
    n as customer_id,
    {{ moment('event_second') }} as happened_at,
    action,
    product_id,
    cast(quantity as {{ dbt.type_int() }}) as quantity
from moves
where event_second < {{ shop_days() }} * 86400
