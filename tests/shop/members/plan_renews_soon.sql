-- Only the version of the plan that stands at the as-of counts.
select distinct customer_id
from subscriptions, instant
where valid_from <= as_of and (valid_to is null or valid_to > as_of)
  and status = 'active' and renews_on >= date '2026-11-01' and renews_on < date '2026-12-01'
  and customer_id in (select customer_id from people)
  and customer_id not in (from never_contact) and customer_id not in (from left_the_list)
