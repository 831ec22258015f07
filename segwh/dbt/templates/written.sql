-- What this run wrote into the log of one grain.
select log.change
from log
inner join (select max(pending.base_sequence) as sequence from pending) as base on log.sequence > base.sequence
where log.change in ('entered', 'exited') and log.run_id = run_name
