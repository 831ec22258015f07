select customer_id
from bought, instant
where customer_id in (select customer_id from people) and customer_id not in (from never_contact)
group by customer_id
having sum(amount) > 1000 and max(ordered_at) < any_value(as_of) - interval 1440 hours
