select customer_id
from retail_orders
where not is_cancel and order_ts < $as_of and order_ts >= $as_of - interval 2160 hours
group by customer_id
having count(*) >= 5
