select orders.order_id
from {{ ref('orders') }} as orders
inner join {{ ref('customers') }} as customers on customers.customer_id = orders.customer_id
where orders.ordered_at < customers.signed_up_at
