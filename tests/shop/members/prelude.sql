-- What exists at the as-of, and who is suppressed; the queries beside this file start from here.
create temp table instant as select timestamp '2026-11-01 00:00:00' as as_of;

create temp view people as
select c.* from customers c, instant where signed_up_at is null or signed_up_at < as_of;

create temp view bought as
select distinct o.* exclude (loaded_at)
from orders o, instant
where ordered_at < as_of and loaded_at < as_of and customer_id is not null;

create temp view lines as
select l.*, p.category
from order_lines l left join products p using (product_id), instant
where ordered_at < as_of and customer_id is not null;

create temp view views as
select distinct v.* exclude (loaded_at)
from page_views v, instant
where viewed_at < as_of and loaded_at < as_of and customer_id is not null;

create temp view never_contact as
select customer_id from people
where customer_id in (select customer_id from do_not_contact) or list_contains(tags, 'staff');

create temp view left_the_list as
select customer_id from people
where customer_id in (
        select customer_id from campaign_engagement, instant where kind = 'unsubscribed' and happened_at < as_of)
   or customer_id in (select customer_id from consents where channel = 'email' and granted = false);
