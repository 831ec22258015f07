-- Three months back on the clock in London, then as an instant again.
select customer_id
from buyers
where not exists (
    from retail_orders o
    where o.customer_id = buyers.customer_id and o.order_ts < $as_of
      and o.order_ts >= ((($as_of::timestamp at time zone 'UTC' at time zone 'Europe/London') - interval 3 month)
                         at time zone 'Europe/London' at time zone 'UTC')
)
