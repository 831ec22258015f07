-- The size of every segment at each as-of, after the last correction. Where one changed its kind of member at an as-of at which
-- it had been evaluated before, its new kind counts.
select newest.segment, newest.changed_at as as_of, newest.members, newest.entered, newest.exited,
  cast(newest.members as double) / nullif(newest.population, 0) as share, newest.left_out, newest.status
from (
  select evaluations.segment, evaluations.changed_at, evaluations.members, evaluations.entered, evaluations.exited,
    evaluations.population, evaluations.left_out, evaluations.status,
    row_number() over (
      partition by evaluations.segment, evaluations.changed_at
      order by case when evaluations.grain = rules.grain then 0 else 1 end, evaluations.sequence desc
    ) as place
  from evaluations
  left join rules on rules.segment = evaluations.segment
) as newest
where newest.place = 1
