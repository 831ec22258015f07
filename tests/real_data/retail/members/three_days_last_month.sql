-- Months and days of the clock in London; the as-of is the first of a month there, or an hour later in summer.
select customer_id
from (select customer_id, order_ts at time zone 'UTC' at time zone 'Europe/London' as clock from retail_orders where order_ts < $as_of)
where date_trunc('month', clock)
    = date_trunc('month', $as_of::timestamp at time zone 'UTC' at time zone 'Europe/London') - interval 1 month
group by customer_id
having count(distinct clock::date) >= 3
