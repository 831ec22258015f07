select distinct customer_id
from tickets
where lower(status) = 'open' and coalesce(priority, 0) <= 2
  and customer_id in (select customer_id from people) and customer_id not in (from never_contact)
