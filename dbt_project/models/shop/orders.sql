{# Salts 140 to 159. A refunded order keeps its row; a changed one is delivered again under the same number. #}
with totals as (
    select order_id, sum(price_pence * quantity) as goods_pence, sum(quantity) as items
    from {{ ref('sim_lines') }}
    group by order_id
),
priced as (
    select
        orders.order_id as order_id,
        orders.n as n,
        orders.order_second as order_second,
        totals.items as items,
        totals.goods_pence as goods_pence,
        case when {{ roll('orders.order_id', 140, 100) }} < case when who.hunts_bargains then 80 else 15 end
             then 10 + 10 * {{ roll('orders.order_id', 141, 3) }} else 0 end as percent_off,
        {{ roll('orders.order_id', 142, 1000) }} as fate,
        {{ roll('orders.order_id', 143, 1000) }} as dirt
    from {{ ref('sim_orders') }} as orders
    inner join totals on totals.order_id = orders.order_id
    inner join {{ ref('sim_customers') }} as who on who.n = orders.n
),
delivered as (
    select priced.*, 0 as again from priced
    union all
    -- the queue delivers some orders twice
    select priced.*, 1 as again from priced where dirt between 100 and 105
)
select
    order_id,
    case when dirt < 10 then null
         when dirt < 12 then 900000000 + n
         else n end as customer_id,
    case when dirt = 12 then null else {{ moment('order_second') }} end as ordered_at,
    {{ pounds('goods_pence - ' ~ whole('goods_pence * percent_off', 100)) }} as amount,
    {{ pounds(whole('goods_pence * percent_off', 100)) }} as discount,
    case when percent_off = 0 then null else {{ dbt.concat(["'SAVE'", "cast(percent_off as " ~ dbt.type_string() ~ ")"]) }} end as voucher,
    cast(items as {{ dbt.type_int() }}) as items,
    case when fate < 40 then 'refunded' when fate < 65 then 'cancelled' when fate < 68 then null else 'paid' end as status,
    {{ one_of('order_id', 144, ["'web'", "'web'", "'web'", "'app'", "'app'", "'shop'", "'Phone'"]) }} as channel,
    {{ moment('order_second + 120 + 86400 * again + case when ' ~ roll('order_id', 145, 100) ~ ' < 3 then 86400 + ' ~ roll('order_id', 146, 1000000) ~ ' else ' ~ roll('order_id', 147, 3000) ~ ' end') }} as loaded_at
from delivered
