select customer_id
from retail_orders
where order_ts < $as_of
group by customer_id
having sum(amount) > 1000 and max(order_ts) < $as_of - interval 1440 hours
