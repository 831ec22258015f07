-- Of two orders in one minute the one with the greater number is the last: a cancellation's begins with C.
select customer_id
from retail_orders
where order_ts < $as_of
qualify row_number() over (partition by customer_id order by order_ts desc, order_id desc) = 1 and is_cancel
