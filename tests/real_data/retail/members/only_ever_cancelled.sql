select customer_id
from retail_orders
where order_ts < $as_of
group by customer_id
having bool_and(is_cancel)
