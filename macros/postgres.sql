{#- segwh: written by `segwh compile`, which overwrites it.

PostgreSQL: how tables and views are brought up to date there. dbt's own way is to build beside, rename, and drop the old one
CASCADE, which takes every view on it along until somebody makes it again. Here what readers see never goes away: a table is
filled anew in one transaction, a view is replaced in its place. -#}

{#- A write waits for another run's write of the same relation, until that is committed or rolled back; a killed run's lock
    goes with its connection. Without it two runs would make the same table twice, or each add the same rows to the state. -#}
{%- macro segwh__take_turns(relation) -%}
  select pg_advisory_xact_lock(hashtextextended('{{ relation | string | replace("'", "''") }}', 0))
{%- endmacro -%}

{#- What a relation is in pg_class ('r' a table, 'v' a view), none if it is not there. Asked of the warehouse and not of dbt's
    memory, which does not know what another run has made meanwhile. -#}
{%- macro segwh__kind(relation) -%}
  {%- set found = run_query("select relkind::text from pg_class where oid = to_regclass('" ~ (relation | string | replace("'", "''")) ~ "')") -%}
  {%- do return(found.rows[0][0] if found.rows | length else none) -%}
{%- endmacro -%}

{#- Names and types of a relation's columns, in order, the names as SQL has them; `is_bare` types are without length and domain. -#}
{%- macro segwh__shape(relation, is_bare=false) -%}
  {%- set type = 'format_type(coalesce(nullif(typbasetype, 0), atttypid), null)' if is_bare else 'format_type(atttypid, atttypmod)' -%}
  {%- set found = run_query(
    "select quote_ident(attname), " ~ type ~ " from pg_attribute inner join pg_type on pg_type.oid = atttypid where attrelid = to_regclass('"
    ~ (relation | string | replace("'", "''")) ~ "') and attnum > 0 and not attisdropped order by attnum"
  ) -%}
  {%- set columns = [] -%}
  {%- for row in found.rows -%}{%- do columns.append([row[0], row[1]]) -%}{%- endfor -%}
  {%- do return(columns) -%}
{%- endmacro -%}

{#- The views that look at a relation: [name, name with its schema]. -#}
{%- macro segwh__readers(relation) -%}
  {%- do return(run_query(
    "select distinct reader.relname::text, reader.oid::regclass::text from pg_depend as link join pg_rewrite as rule on rule.oid = link.objid"
    ~ " join pg_class as reader on reader.oid = rule.ev_class where link.refobjid = to_regclass('"
    ~ (relation | string | replace("'", "''")) ~ "') and reader.oid <> link.refobjid order by 2"
  ).rows) -%}
{%- endmacro -%}

{#- Says of views of others that they go with what they look at. `own`: the names of the project's models, which are made again. -#}
{%- macro segwh__tell_of_dropped(readers, relation, own) -%}
  {%- for reader in readers if reader[0] not in own -%}
    {%- do log('segwh: ' ~ reader[1] ~ ' dropped: it read ' ~ relation ~ ', which has other columns now; make it anew', info=true) -%}
  {%- endfor -%}
{%- endmacro -%}

{#- The names that the project's models have in the warehouse. -#}
{%- macro segwh__own_names() -%}
  {%- do return(graph.nodes.values() | selectattr('resource_type', 'equalto', 'model') | map(attribute='alias') | list) -%}
{%- endmacro -%}

{#- What a view asks, as the warehouse has read it: with the tables that it looks at, whatever they are called by now. -#}
{%- macro segwh__text_of(view) -%}
  {%- do return(run_query("select pg_get_viewdef(to_regclass('" ~ (view | string | replace("'", "''")) ~ "'))").rows[0][0]) -%}
{%- endmacro -%}

{#- A query of the names of a relation's columns and of their types, of which rules know more than `information_schema`, which dbt asks:
    that has no materialised views, and of arrays and enums not what they are. A domain is what lies beneath it. How many digits a time
    has does not matter. Last comes whether texts there are equal by their bytes, and comparable with those of all columns. -#}
{%- macro segwh__types_of(relation) -%}
  with recursive columns (place, name, type, modifier, sorted) as (
    select attnum, attname::text, atttypid, atttypmod, attcollation from pg_attribute
    where attrelid = to_regclass('{{ relation.render() | replace("'", "''") }}') and attnum > 0 and not attisdropped
    union all
    select place, name, typbasetype, typtypmod, sorted from columns join pg_type as domain on domain.oid = type where typtype = 'd'
  )
  select name, case
      when base.typtype = 'e' then 'enum ' || format_type(base.oid, null)
      when base.typtype = 'c' then 'record ' || base.typname
      when base.oid >= 16384 and base.typtype in ('r', 'm') then 'range ' || base.typname
      when base.typcategory = 'A' and base.typelem >= 16384 then 'other[]'
      when base.oid >= 16384 then base.typname
      when base.typname = 'oid' then 'bigint'
      when base.typcategory in ('D', 'T') then format_type(base.oid, null)
      else format_type(base.oid, modifier)
    end as spelling,
    base.typname <> 'citext' and sorted in (0, 'pg_catalog."default"'::regcollation, 'pg_catalog."C"'::regcollation) as is_plain
  from columns join pg_type as base on base.oid = type
  where base.typtype <> 'd'
  order by place
{%- endmacro -%}

{#- The rows of a relation with texts that are equal by their bytes, as in rules: a collation may hold others to be equal, as `citext` does, and
    has no regular expressions then; and columns of two collations cannot be compared, which would end the query of all segments. -#}
{%- macro segwh__with_plain_texts(relation, rows) -%}
  {%- set selected, changed = [], [] -%}
  {%- for name, spelling, is_plain in run_query(segwh__types_of(relation)).rows -%}
    {%- set column = segwh__column_name(name) -%}
    {%- set text = 'cast(' ~ column ~ ' as text)' if spelling == 'citext' else column -%}
    {%- do changed.append(name) if not is_plain -%}
    {%- do selected.append(column if is_plain else text ~ ' collate pg_catalog."default" as ' ~ column) -%}
  {%- endfor -%}
  {%- do return('(select ' ~ selected | join(', ') ~ ' from ' ~ rows ~ ' as stored)' if changed else rows) -%}
{%- endmacro -%}

{#- A column as what can be compared with another one, none if it can be as it is, or cannot be at all: of two sides that are not
    both numbers, UUIDs or texts each becomes a text. Where the other stays a UUID or an enum, texts that are none are missing.
    Both: [name, type]. -#}
{%- macro segwh__alike(column, other, other_stays) -%}
  {%- set kinds = [] -%}
  {%- for spelling in (column[1], other[1]) -%}
    {%- set family = segwh__family(spelling) -%}
    {%- do kinds.append('text' if family == 'string' and spelling != 'uuid' and not spelling.startswith('enum ') else 'whole' if family == 'integer' else spelling) -%}
  {%- endfor -%}
  {%- set mine, theirs = kinds -%}
  {%- set text = 'cast(' ~ segwh__column_name(column[0]) ~ ' as text)' -%}
  {%- set can_be_texts = (mine in ('text', 'whole', 'uuid') or mine.startswith('enum ')) and (theirs in ('text', 'whole', 'uuid') or theirs.startswith('enum ')) -%}
  {%- if mine == theirs or not can_be_texts -%}{%- do return(none) -%}{%- endif -%}
  {%- if other_stays and theirs == 'uuid' -%}
    {%- do return('case when ' ~ text ~ " ~ '^[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$' then cast(" ~ text ~ ' as uuid) end') -%}
  {%- endif -%}
  {%- if other_stays and theirs.startswith('enum ') -%}
    {%- set words = 'cast(enum_range(cast(null as ' ~ theirs[5:] ~ ')) as text[])' -%}
    {%- do return('case when ' ~ text ~ ' = any(' ~ words ~ ') then cast(' ~ text ~ ' as ' ~ theirs[5:] ~ ') end') -%}
  {%- endif -%}
  {%- do return(text) -%}
{%- endmacro -%}

{#- Warns of a table whose policies show this user a part of its rows: who is not there is in no segment, and a suppression list with
    too few rows keeps too few out. A policy that shows all to this user is no reason to. -#}
{%- macro segwh__warn_of_policies(relation, called) -%}
  {%- set place = "to_regclass('" ~ (relation.render() | replace("'", "''")) ~ "')" -%}
  {%- set found = run_query(
    'select 1 from pg_class where oid = ' ~ place ~ " and relkind in ('r', 'p') and row_security_active(oid) and not ("
    ~ "exists (select 1 from pg_policy where polrelid = pg_class.oid and polcmd in ('r', '*') and polpermissive"
    ~ " and pg_get_expr(polqual, polrelid) = 'true' and (0 = any(polroles) or exists (select 1 from pg_roles"
    ~ " where pg_roles.oid = any(polroles) and pg_has_role(pg_roles.oid, 'usage'))))"
    ~ " and not exists (select 1 from pg_policy where polrelid = pg_class.oid and polcmd in ('r', '*') and not polpermissive))"
  ) -%}
  {%- if found.rows | length -%}
    {%- do exceptions.warn('segwh: row security shows ' ~ target.user ~ ' only a part of ' ~ called ~ ': whoever is hidden counts as not there') -%}
  {%- endif -%}
{%- endmacro -%}

{#- A number as a double, none where a column of its type is one that always fits. What no double holds is infinite or 0, as everywhere
    else; here a query ends with it. So it does where doubles add up to more than one holds, or the squares by which the engine
    takes an average: those that could are infinite already. -#}
{%- macro segwh__double(number, spelling, is_added) -%}
  {%- set digits = modules.re.match('^numeric\\((\\d+),(-?\\d+)\\)$', spelling) -%}
  {%- set is_wide = digits and (digits.group(1) | int > 150 or digits.group(2) | int | abs > 150) -%}
  {%- if spelling != 'numeric' and not is_wide and not (is_added and spelling == 'double precision') -%}{%- do return(none) -%}{%- endif -%}
  {%- set most = '1e140' if is_added else '1.7976931348623157e308' -%}
  {%- do return('case when ' ~ number ~ " = 'NaN' then null when " ~ number ~ ' > ' ~ most ~ " then double precision 'infinity' when "
    ~ number ~ ' < -' ~ most ~ " then double precision '-infinity' when abs(" ~ number ~ ') < 1e-307 then 0 else cast(' ~ number
    ~ ' as double precision) end') -%}
{%- endmacro -%}

{#- Until the transaction ends, tables are not gone through once for each row of others: that is what plans come to where a few
    segments are expected of which there are a thousand, and the planner cannot know, for one column tells of another. Where a
    plan has no other way it is taken for very dear then, before PostgreSQL 18, and would be compiled for longer than it runs. -#}
{%- macro segwh__plan_for_many() -%}
  select set_config('enable_nestloop', 'off', true), set_config('jit', 'off', true)
{%- endmacro -%}

{#- Tells the planner what is in a table that was just written, which it takes for a few rows else. Whoever holds the table (an
    autovacuum, say) is not waited for. -#}
{%- macro segwh__gather_statistics(relation, columns=[]) -%}
  analyze (skip_locked) {{ relation }} {%- if columns %} ({{ columns | join(', ') }}) {%- endif %}
{%- endmacro -%}

{#- Makes an index that a table lacks, over columns as SQL writes them; whatever an index of these is called is well. With a `key`,
    which is one of them, only where all keys fit (segwh__is_indexable): also those of rows that were taken out just now, which
    the engine puts into a new index as well. Of a table of somebody else, a log restored from a backup say, there is none: that
    costs time, and no run. Nobody is waited for, as an erasure that wrote into the table may wait for a row of this run: then the
    next run makes it. -#}
{%- macro segwh__keep_index(columns, is_unique, key=none) -%}
  {%- if execute and segwh__kind(this) == 'r' and segwh__index_over(this, columns) is none
    and (key is none or segwh__is_indexable(this, key, 'true')) -%}
    {%- set statement = 'create ' ~ ('unique ' if is_unique else '') ~ 'index on ' ~ this ~ ' (' ~ columns | join(', ') ~ ')' -%}
    {%- set passed_over = 'insufficient_privilege or lock_not_available' ~ ('' if key is none else ' or program_limit_exceeded') -%}
    {%- do run_query(
      'do $segwh$ begin lock table ' ~ this ~ ' in share mode nowait; ' ~ statement
      ~ '; exception when ' ~ passed_over ~ ' then null; end $segwh$'
    ) -%}
  {%- endif -%}
{%- endmacro -%}

{#- Takes the index of keys away where a row that the state has not taken in yet has a key too long for it: the write would fail.
    Then those who look for a key read the table. -#}
{%- macro segwh__drop_index_of_long_keys(columns, key, log) -%}
  {%- if execute and segwh__kind(this) == 'r' and log is not none -%}
    {%- set found = segwh__index_over(this, columns) -%}
    {#- with the second bound the planner looks for the log's end by its index -#}
    {%- set new = 'sequence > (select coalesce(max(sequence), 0) from ' ~ this ~ ') and sequence < 9223372036854775807' -%}
    {%- if found is not none and not segwh__is_indexable(log, key, new) -%}
      {%- do run_query('drop index ' ~ found) -%}
    {%- endif -%}
  {%- endif -%}
{%- endmacro -%}

{#- Whether an index takes all keys of some rows: an entry has 2,704 bytes, of which a segment's name takes a few
    (https://www.postgresql.org/docs/current/btree.html). -#}
{%- macro segwh__is_indexable(relation, key, which) -%}
  {%- do return(not run_query(
    'select 1 from ' ~ relation ~ ' where ' ~ which ~ ' and octet_length(cast(' ~ key ~ ' as text)) > 2000 limit 1'
  ).rows | length) -%}
{%- endmacro -%}

{#- The name of an index over exactly these columns, in this order, and all rows; none if there is none. -#}
{%- macro segwh__index_over(relation, columns) -%}
  {%- set names = [] -%}
  {%- for column in columns -%}
    {%- set name = column[1:-1].replace('""', '"') if column[0] == '"' else column | lower -%}
    {%- do names.append("'" ~ name.replace("'", "''") ~ "'") -%}
  {%- endfor -%}
  {%- set found = run_query(
    'select one.indexrelid::regclass::text from pg_index as one where one.indpred is null and one.indisvalid and one.indrelid = '
    ~ "to_regclass('" ~ (relation | string | replace("'", "''")) ~ "') and (select array_agg(attname::text order by place)"
    ~ ' from unnest(one.indkey::int2[]) with ordinality as keys (number, place) inner join pg_attribute on attrelid = one.indrelid'
    ~ ' and attnum = keys.number) = array[' ~ names | join(', ') ~ '] order by 1 limit 1'
  ).rows -%}
  {%- do return(found[0][0] if found | length else none) -%}
{%- endmacro -%}

{#- The name under which a table of another shape goes on serving the views that still look at it. -#}
{%- macro segwh__former(relation) -%}
  {%- do return(make_backup_relation(relation.incorporate(type='table'), 'table', '__segwh_old')) -%}
{%- endmacro -%}

{#- Fills a table anew from one that was staged; the text of the last statement. Readers see the one or the other. -#}
{%- macro segwh__fill(target, staged) -%}
  {%- set kind = segwh__kind(target) -%}
  {%- set there, wanted = segwh__shape(target), segwh__shape(staged) -%}
  {%- if kind == 'r' and there | reject('in', wanted) | list | length == 0 -%}
    {#- Columns that are new come last, so that views of others on the table stay. -#}
    {%- for column in wanted if column not in there -%}
      {%- do run_query('alter table ' ~ target ~ ' add column ' ~ column | join(' ')) -%}
    {%- endfor -%}
    {%- set names = wanted | map('first') | join(', ') -%}
    {#- Not TRUNCATE: a reader whose query began before would find the table empty. -#}
    {%- call statement('main') -%}
      delete from {{ target }};
      insert into {{ target }} ({{ names }}) select {{ names }} from {{ staged }}
    {%- endcall -%}
  {%- else -%}
    {%- if kind == 'r' -%}
      {%- set former = segwh__former(target) -%}
      {%- do run_query('drop table if exists ' ~ former ~ ' cascade') -%}
      {%- do run_query('alter table ' ~ target ~ ' rename to ' ~ adapter.quote(former.identifier)) -%}
    {%- elif kind is not none -%}
      {%- do run_query('drop view ' ~ target ~ ' cascade') -%}
    {%- endif -%}
    {%- call statement('main') -%}
      create table {{ target }} as select * from {{ staged }}
    {%- endcall -%}
    {%- do create_indexes(target) -%}
  {%- endif -%}
{%- endmacro -%}

{#- Writes a model as a table, in one transaction. With a `key_name` its query may say what changed alone (segwh__put_changed). -#}
{%- macro segwh__write_table(key_name=none) -%}
  {%- set target = this.incorporate(type='table') -%}
  {%- set staged = make_temp_relation(target) -%}
  {%- set grant_config = config.get('grants') -%}
  {{ run_hooks(pre_hooks, inside_transaction=False) }}
  {{ run_hooks(pre_hooks, inside_transaction=True) }}
  {%- call statement('segwh_turn') -%}{{ segwh__take_turns(target) }}{%- endcall -%}
  {%- do run_query(segwh__plan_for_many()) -%}
  {%- do run_query(get_create_table_as_sql(True, staged, sql)) -%}
  {%- set renewed = [] -%}
  {%- if key_name is none -%}
    {%- do segwh__fill(target, staged) -%}
  {%- elif segwh__reads_part() and segwh__kind(target) is not none -%}
    {#- what is there stays as it is -#}
    {%- call noop_statement('main', 'UNCHANGED') -%}{{ sql }}{%- endcall -%}
  {%- else -%}
    {%- set wanted = segwh__shape(staged) -%}
    {%- if 'segwh_is_gone' in wanted | map('first') -%}
      {#- A UNION knows no length, no scale and no domain of its columns. Those of facts follow from columns that are as they were,
          or they would be worked out in full (segwh__measured_as). -#}
      {%- do segwh__put_changed(
        target, staged, segwh__column_name(key_name), segwh__shape(target, true), segwh__shape(staged, true), false
      ) -%}
      {#- all rows have these anew, and only a few have anything else -#}
      {%- do renewed.extend(segwh__stamps() + ['segwh_looked_at']) -%}
      {%- call noop_statement('main', 'UPDATED') -%}{{ sql }}{%- endcall -%}
    {%- else -%}
      {%- do segwh__fill(target, staged) -%}
    {%- endif -%}
  {%- endif -%}
  {%- do run_query('drop table ' ~ staged) -%}
  {%- do run_query(segwh__gather_statistics(target, renewed)) -%}
  {%- do apply_grants(target, grant_config, should_revoke=should_revoke(target, full_refresh_mode=False)) -%}
  {%- do persist_docs(target, model) -%}
  {{ run_hooks(post_hooks, inside_transaction=True) }}
  {%- do adapter.commit() -%}
  {{ run_hooks(post_hooks, inside_transaction=False) }}
  {%- do return({'relations': [target]}) -%}
{%- endmacro -%}

{% materialization segwh_table, adapter='postgres' %}
  {{ return(segwh__write_table()) }}
{% endmaterialization %}

{% materialization segwh_in_place, adapter='postgres' %}
  {{ return(segwh__write_table(config.get('unique_key'))) }}
{% endmaterialization %}

{#- On a warehouse of another kind, which dbt would only tell that it has no such way. -#}
{% materialization segwh_table, default %}
  {%- do segwh__refuse_target() -%}
{% endmaterialization %}

{% materialization segwh_in_place, default %}
  {%- do segwh__refuse_target() -%}
{% endmaterialization %}

{% materialization segwh_view, adapter='postgres' %}
  {%- set target = this.incorporate(type='view') -%}
  {%- set staged = make_temp_relation(target) -%}
  {%- set grant_config = config.get('grants') -%}
  {{ run_hooks(pre_hooks, inside_transaction=False) }}
  {{ run_hooks(pre_hooks, inside_transaction=True) }}
  {%- call statement('segwh_turn') -%}{{ segwh__take_turns(target) }}{%- endcall -%}
  {%- set kind = segwh__kind(target) -%}
  {%- set found = namespace(is_same=false, sql=sql) -%}
  {%- if kind is not none -%}
    {%- do run_query('create temporary view ' ~ staged ~ ' as (' ~ sql ~ '\n)') -%}
    {#- A view may get more columns after those that it has, and views of others on it stay. -#}
    {%- set there, wanted = segwh__shape(target), segwh__shape(staged) -%}
    {%- set is_like = kind == 'v' and there | reject('in', wanted) | list | length == 0 -%}
    {%- if is_like and wanted[:there | length] != there -%}
      {%- set names = (there + wanted | reject('in', there) | list) | map('first') | join(', ') -%}
      {%- set found.sql = 'select ' ~ names ~ ' from (' ~ sql ~ '\n) as every_column' -%}
      {%- do run_query('drop view ' ~ staged) -%}
      {%- do run_query('create temporary view ' ~ staged ~ ' as (' ~ found.sql ~ '\n)') -%}
    {%- endif -%}
    {%- set found.is_same = is_like and segwh__text_of(target) == segwh__text_of(staged) -%}
    {%- do run_query('drop view ' ~ staged) -%}
    {%- if not is_like -%}
      {%- do segwh__tell_of_dropped(segwh__readers(target), target, segwh__own_names()) -%}
      {%- do run_query('drop ' ~ ('view ' if kind == 'v' else 'table ') ~ target ~ ' cascade') -%}
    {%- endif -%}
  {%- endif -%}
  {#- To replace a view waits until nobody reads it, and who begins to read it waits meanwhile: for ever, if somebody has read it and
      left the transaction open. So it is done only where it makes a difference, which is when the rules have changed. -#}
  {%- if found.is_same -%}
    {%- call noop_statement('main', 'UNCHANGED') -%}{{ found.sql }}{%- endcall -%}
  {%- else -%}
    {%- call statement('main') -%}{{ get_replace_view_sql(target, found.sql) }}{%- endcall -%}
  {%- endif -%}
  {%- do apply_grants(target, grant_config, should_revoke=should_revoke(target, full_refresh_mode=False)) -%}
  {%- do persist_docs(target, model) -%}
  {{ run_hooks(post_hooks, inside_transaction=True) }}
  {%- do adapter.commit() -%}
  {{ run_hooks(post_hooks, inside_transaction=False) }}
  {{ return({'relations': [target]}) }}
{% endmaterialization %}

{#- Drops tables of a former shape, each as soon as no view of the project looks at it any more. -#}
{%- macro segwh__sweep_former() -%}
  {%- if execute -%}
    {%- set names = segwh__own_names() -%}
    {%- for node in graph.nodes.values() if node.resource_type == 'model' and node.config.materialized in ('segwh_table', 'segwh_in_place') -%}
      {%- set former = segwh__former(api.Relation.create(database=node.database, schema=node.schema, identifier=node.alias)) -%}
      {%- if segwh__kind(former) == 'r' -%}
        {%- set readers = segwh__readers(former) -%}
        {%- set waiting = [] -%}
        {%- for reader in readers if reader[0] in names -%}{%- do waiting.append(reader[0]) -%}{%- endfor -%}
        {%- if not waiting -%}
          {%- do segwh__tell_of_dropped(readers, node.alias, names) -%}
          {%- do run_query('drop table ' ~ former ~ ' cascade') -%}
        {%- endif -%}
      {%- endif -%}
    {%- endfor -%}
  {%- endif -%}
{%- endmacro -%}
