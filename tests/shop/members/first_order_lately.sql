select customer_id
from bought, instant
where customer_id in (select customer_id from people)
  and customer_id not in (from never_contact) and customer_id not in (from left_the_list)
group by customer_id
having min(ordered_at) >= any_value(as_of) - interval 336 hours
