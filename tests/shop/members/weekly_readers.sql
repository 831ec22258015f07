select customer_id
from views, instant
where viewed_at >= as_of - interval 168 hours
  and customer_id in (select customer_id from people) and customer_id not in (from never_contact)
group by customer_id
having count(*) >= 3
