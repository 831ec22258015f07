{# Salts 160 to 169. A few lines name a product that the product list no longer has. #}
select
    {{ dbt.concat(["cast(lines.order_id as " ~ dbt.type_string() ~ ")", "'-'", "cast(lines.line as " ~ dbt.type_string() ~ ")"]) }} as line_id,
    lines.order_id,
    orders.customer_id,
    orders.ordered_at,
    case when {{ roll('lines.line_seed', 160, 1000) }} < 3 then 'P999' else lines.product_id end as product_id,
    cast(lines.quantity as {{ dbt.type_int() }}) as quantity,
    {{ pounds('lines.price_pence') }} as unit_price
from {{ ref('sim_lines') }} as lines
inner join (
    select distinct order_id, customer_id, ordered_at from {{ ref('orders') }}
) as orders on orders.order_id = lines.order_id
