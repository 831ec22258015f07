-- Who entered and left which segment, when and why: the log as readers see it, append-only, in the order of `sequence`.
select log.change_id, log.segment, log.entity_key, log.change, log.changed_at, log.reason, log.rule_hash, log.run_id, log.sequence
from log
where log.change in ('entered', 'exited')
