-- The size of every segment at each as-of, after the last correction. Where it changed its kind of member between two runs at one
-- as-of, the kind that it has not been removed from counts, and of two such the one that was evaluated last.
select newest.segment, newest.changed_at as as_of, newest.members, newest.entered, newest.exited,
  cast(newest.members as double) / nullif(newest.population, 0) as share, newest.left_out, newest.status
from (
  select evaluations.segment, evaluations.changed_at, evaluations.members, evaluations.entered, evaluations.exited,
    evaluations.population, evaluations.left_out, evaluations.status,
    row_number() over (
      partition by evaluations.segment, evaluations.changed_at
      order by case when evaluations.status = 'removed' then 1 else 0 end, starts.started_at desc, evaluations.grain
    ) as place
  from evaluations
  left join starts on starts.run_id = evaluations.run_id
) as newest
where newest.place = 1
