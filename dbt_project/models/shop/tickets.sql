{# Salts 270 to 289. #}
select
    who.n * 10 + count.n as ticket_id,
    who.n as customer_id,
    case when {{ roll('who.n * 10 + count.n', 270, 100) }} < 12 then 'open' when {{ roll('who.n * 10 + count.n', 270, 100) }} < 20 then 'pending'
         when {{ roll('who.n * 10 + count.n', 270, 100) }} < 22 then 'Open' else 'solved' end as status,
    case when {{ roll('who.n * 10 + count.n', 271, 100) }} < 5 then null else 1 + {{ roll('who.n * 10 + count.n', 272, 4) }} end as priority,
    {{ one_of('who.n * 10 + count.n', 273, ["'delivery'", "'refund'", "'SIM activation'", "'order can''t be tracked'", "'praise'", "null"]) }} as topic,
    {{ moment('who.first_second + mod(' ~ mixed('who.n * 10 + count.n', 274) ~ ', who.last_second - who.first_second + 1)') }} as opened_at
from {{ ref('sim_customers') }} as who
inner join {{ numbers(3) }} as count on count.n <= 1 + {{ roll('who.n', 275, 3) }}
where {{ roll('who.n', 276, 100) }} < 9
