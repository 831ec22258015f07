{#- segwh: written by `segwh compile`, which overwrites it.

Tests of what the tables promise. Those that run with every build read only the rows of the newest instant.
dbt before 1.10.8, and any with `require_generic_test_arguments_property: false`, hands `arguments` over as they are. -#}

{% test segwh__new_changes_are_unique(model) %}
  select change_id
  from {{ model }}
  where changed_at = (select max(changed_at) from {{ model }})
  group by change_id
  having count(*) > 1 or max(case when change_id is null then 1 else 0 end) = 1
{% endtest %}

{#- When members came last is asked of the log: the membership is put together anew by whoever reads it, so it is read once. -#}
{% test segwh__new_members_are_unique(model, changes=none, arguments=none) %}
  {%- set changes = arguments.changes if arguments else changes %}
  select membership_id
  from {{ model }}
  where entered_at = (select max(changed_at) from {{ changes }} where change = 'entered')
  group by membership_id
  having count(*) > 1 or max(case when membership_id is null then 1 else 0 end) = 1
{% endtest %}

{% test segwh__stays_do_not_overlap(model, key=none, arguments=none) %}
  {%- set key = arguments.key if arguments else key %}
  select segment, {{ key }}, valid_from
  from (
    select segment, {{ key }}, valid_from, valid_to,
      lead(valid_from) over (partition by segment, {{ key }} order by valid_from) as next_from
    from {{ model }}
  ) as stays
  where valid_to <= valid_from or next_from < valid_to or (valid_to is null and next_from is not null)
{% endtest %}
