{# Salts 360 to 379. Calls, mails and demonstrations in the weeks after a lead came in. #}
select
    leads.lead_number * 10 + count.n as touch_id,
    leads.lead_id,
    {{ dbt.dateadd('second', roll('leads.lead_number * 10 + count.n', 360, 3000000), 'leads.created_at') }} as touched_at,
    {{ one_of('leads.lead_number * 10 + count.n', 361, ["'call'", "'call'", "'email'", "'email'", "'demo'", "'whatsapp'"]) }} as kind,
    {{ one_of('leads.lead_number * 10 + count.n', 362, ["'no answer'", "'interested'", "'interested'", "'not now'", "null"]) }} as outcome,
    case when {{ roll('leads.lead_number * 10 + count.n', 363, 100) }} < 20 then null else {{ roll('leads.lead_number * 10 + count.n', 364, 1800) }} end as seconds_spent
from {{ ref('leads') }} as leads
inner join {{ numbers(6) }} as count on count.n <= {{ roll('leads.lead_number', 365, 7) }}
