with young as (
    select l.*, as_of from leads l, instant
    where created_at < as_of and created_at >= as_of - interval 1440 hours and status in ('new', 'contacted')
),
touched as (
    select lead_id, count(*) as touches, max(touched_at) as latest, bool_or(kind = 'demo') as saw_demo,
           bool_or(outcome = 'interested' and touched_at >= as_of - interval 720 hours) as keen
    from lead_touches, instant
    where touched_at < as_of
    group by lead_id
)
select lead_id
from young left join touched using (lead_id)
where coalesce(touches, 0) <= 1
  and case when score >= 50 then 10 else 0 end
    + case when budget >= 1000 then 10 else 0 end
    + case when keen then 15 else 0 end
    + case when saw_demo then 20 else 0 end
    - case when latest < as_of - interval 1440 hours then 10 else 0 end < 30
