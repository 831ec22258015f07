-- Saturday and Sunday of the clock in London.
select customer_id
from bought
where customer_id in (select customer_id from people) and customer_id not in (from never_contact)
group by customer_id
having count(*) >= 3
   and 4 * count(*) filter (isodow(ordered_at at time zone 'UTC' at time zone 'Europe/London') >= 6) >= 3 * count(*)
