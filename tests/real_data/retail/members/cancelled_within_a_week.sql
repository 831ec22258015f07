select distinct bought.customer_id
from retail_orders bought
join retail_orders sent_back using (customer_id)
where not bought.is_cancel and sent_back.is_cancel and sent_back.order_ts < $as_of
  and sent_back.order_ts > bought.order_ts and sent_back.order_ts <= bought.order_ts + interval 168 hours
