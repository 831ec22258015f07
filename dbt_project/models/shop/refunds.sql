{# Salts 170 to 179. #}
select
    order_id + 5000000 as refund_id,
    order_id,
    customer_id,
    {{ dbt.dateadd('day', '1 + ' ~ roll('order_id', 170, 20), 'ordered_at') }} as refunded_at,
    case when {{ roll('order_id', 171, 100) }} < 70 then amount else cast(floor(amount * 50) / 100 as decimal(14, 2)) end as amount,
    {{ one_of('order_id', 172, ["'too small'", "'broken'", "'changed my mind'", "''", "'didn''t arrive'", "null"]) }} as reason
from (
    select distinct order_id, customer_id, ordered_at, amount from {{ ref('orders') }} where status = 'refunded'
) as refunded
