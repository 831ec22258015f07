-- The last chance of a cart to be followed by an order is 24 hours before the as-of.
select distinct c.customer_id
from cart_events c, instant
where c.action = 'added'
  and c.happened_at >= as_of - interval 192 hours and c.happened_at <= as_of - interval 24 hours
  and not exists (
        from bought b
        where b.customer_id = c.customer_id
          and b.ordered_at > c.happened_at and b.ordered_at <= c.happened_at + interval 24 hours)
  and c.customer_id in (select customer_id from people)
  and c.customer_id not in (from never_contact) and c.customer_id not in (from left_the_list)
