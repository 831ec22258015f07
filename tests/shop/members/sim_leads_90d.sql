select phone
from leads, instant
where created_at < as_of and phone is not null
group by phone
having bool_or(product = 'SIMCARD' and created_at >= as_of - interval 2160 hours)
   and not bool_or(status = 'converted')
