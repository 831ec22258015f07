select customer_id
from bought
where customer_id in (select customer_id from people) and customer_id not in (from never_contact)
group by customer_id
having count(*) >= 3 and 10 * count(*) filter (discount > 0) >= 6 * count(*)
