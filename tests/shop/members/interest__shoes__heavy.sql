select customer_id
from views, instant
where viewed_at >= as_of - interval 2160 hours and url like '%/shoes/%'
  and customer_id in (select customer_id from people) and customer_id not in (from never_contact)
group by customer_id
having count(*) >= 5
