select customer_id
from people
where (select sum(amount) from bought b where b.customer_id = people.customer_id and status = 'paid') > 1000
  and customer_id not in (from never_contact)
