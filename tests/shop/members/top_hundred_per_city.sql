select customer_id
from people
join (select customer_id, sum(amount) filter (status = 'paid') as worth from bought group by customer_id) using (customer_id)
where city <> '' and worth >= 50 and customer_id not in (from never_contact)
qualify row_number() over (partition by city order by worth desc, customer_id) <= 100
