-- What this run wrote into the log of one grain.
select tail.change
from tail
where tail.change in ('entered', 'exited') and tail.run_id = run_name
