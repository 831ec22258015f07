-- July to September on the clock in London, which is one hour ahead of UTC at both ends.
select customer_id
from bought
where ordered_at >= timestamp '2026-06-30 23:00:00' and ordered_at < timestamp '2026-09-30 23:00:00'
  and customer_id in (select customer_id from people) and customer_id not in (from never_contact)
group by customer_id
having count(distinct cast(ordered_at + interval 1 hour as date)) >= 2
