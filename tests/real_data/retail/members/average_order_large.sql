select customer_id
from retail_orders
where not is_cancel and order_ts < $as_of
group by customer_id
having count(*) >= 2 and sum(amount) > 500 * count(*)
