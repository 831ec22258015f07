{# Salts 310 to 329. What each customer said about being contacted; some never said anything. #}
with channels as (
    select 1 as k, 'email' as channel union all select 2, 'sms' union all select 3, 'phone'
),
gone as (
    select n, min(left_with) as left_at from {{ ref('sim_engagement') }} group by n
)
select
    who.n as customer_id,
    channels.channel,
    case when channels.channel = 'email' and gone.left_at is not null then false
         when {{ roll('who.n * 4 + channels.k', 310, 100) }} < 8 then null
         else {{ roll('who.n * 4 + channels.k', 311, 100) }} < case channels.channel when 'email' then 86 when 'sms' then 55 else 30 end end as granted,
    case when channels.channel = 'email' and gone.left_at is not null then gone.left_at
         else {{ moment('who.joined_second + ' ~ roll('who.n * 4 + channels.k', 312, 9000)) }} end as recorded_at
from {{ ref('sim_customers') }} as who
cross join channels
left join gone on gone.n = who.n
where {{ roll('who.n * 4 + channels.k', 313, 100) }} >= 6
