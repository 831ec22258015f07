-- What was paid and the discount are the lines' worth, to the penny.
select orders.order_id, orders.amount + orders.discount as worth, lines.worth as lines_worth
from (select distinct order_id, amount, discount from {{ ref('orders') }}) as orders
left join (
    select order_id, sum(quantity * unit_price) as worth from {{ ref('order_lines') }} group by order_id
) as lines on lines.order_id = orders.order_id
where lines.worth is null or lines.worth <> orders.amount + orders.discount
