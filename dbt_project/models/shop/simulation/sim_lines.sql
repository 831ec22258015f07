{# What is in each order: mostly the customer's favourite category, popular products first. Salts 60 to 79. #}
with shelves as (
    select category_rank, count(*) as products from {{ ref('products') }} group by category_rank
),
baskets as (
    select
        orders.order_id,
        orders.n,
        orders.order_second,
        orders.seed,
        who.favourite_rank,
        who.buys_for_business,
        1 + case when {{ roll('seed', 60, 100) }} < 38 then 1 else 0 end
          + case when {{ roll('seed', 61, 100) }} < 15 then 1 else 0 end
          + case when {{ roll('seed', 62, 100) }} < 5 then {{ roll('seed', 63, 5) }} else 0 end as lines
    from {{ ref('sim_orders') }} as orders
    inner join {{ ref('sim_customers') }} as who on who.n = orders.n
),
lines as (
    select
        baskets.*,
        count.n as line,
        baskets.seed * 10 + count.n as line_seed
    from baskets
    inner join {{ numbers(9) }} as count on count.n <= baskets.lines
),
chosen as (
    select
        lines.*,
        case when {{ roll('line_seed', 64, 100) }} < 62 then favourite_rank
             when {{ roll('line_seed', 65, 100) }} < 30 then 0
             else {{ roll('line_seed', 66, 8) }} end as category_rank
    from lines
),
placed as (
    select
        chosen.*,
        case when {{ roll('line_seed', 67, 'shelves.products') }} < {{ roll('line_seed', 68, 'shelves.products') }}
             then {{ roll('line_seed', 67, 'shelves.products') }} else {{ roll('line_seed', 68, 'shelves.products') }} end as position
    from chosen
    inner join shelves on shelves.category_rank = chosen.category_rank
)
select
    placed.order_id,
    placed.n,
    placed.order_second,
    placed.line,
    placed.line_seed,
    products.product_id,
    products.price_pence,
    case when placed.buys_for_business and {{ roll('line_seed', 69, 100) }} < 60 then 5 + {{ roll('line_seed', 70, 36) }}
         when {{ roll('line_seed', 71, 100) }} < 18 then 2
         when {{ roll('line_seed', 71, 100) }} < 24 then 3
         else 1 end as quantity
from placed
inner join {{ ref('products') }} as products
    on products.category_rank = placed.category_rank and products.position = placed.position
