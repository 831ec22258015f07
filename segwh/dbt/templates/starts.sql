-- A run begins: its as-of, from which every other model takes it.
select run_name as run_id, as_of_instant as as_of, as_of_name as as_of_text, started_instant as started_at,
  package_version as package_version, contract_version as contract_version
where reads_everything
