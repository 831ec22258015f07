with spent as (
    select customer_id, sum(amount) as net from retail_orders where order_ts < $as_of group by customer_id having sum(amount) > 0
)
select customer_id
from spent join buyers using (customer_id)
qualify row_number() over (partition by country order by net desc, customer_id) <= 10
