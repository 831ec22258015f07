with paid as (
    select customer_id, sum(amount) as worth
    from bought
    where status = 'paid' and customer_id in (select customer_id from people) and customer_id not in (from never_contact)
    group by customer_id
    having sum(amount) > 0
)
select customer_id
from paid
qualify row_number() over (order by worth desc, customer_id) <= ceil(0.1 * (select count(*) from paid))
