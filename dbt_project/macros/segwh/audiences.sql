{#- segwh: written by `segwh compile`, which overwrites it.

Audience views that the rules ask for no more. dbt never drops what it has no model of, so the view of a segment that was
split, renamed or taken out, or that lost its `activate`, would go on serving whoever its last text says: a holdout, addresses
that nobody may have any more, or, after a renaming, nobody at all, upon which a tool empties the audience that it syncs. -#}

{#- Drops them as a run ends. A view goes only if all of this holds: it is a view; it lies where audiences are put and bears the
    name that an audience would; segwh's books know a segment of that name, evaluated or renamed; `names`, the audience models
    that the rules ask for now, lacks it (the graph is not asked: it does not hold disabled models); and no node or source of
    the project has its place, whatever that node is called. Not where this invocation does not end a whole run, and not where
    another has begun since, whose rules may be newer ones. -#}
{%- macro segwh__sweep_audiences(names) -%}
  {%- if execute and not segwh__reads_part() and segwh__ends_books() -%}
    {%- set living = segwh__living_places() -%}
    {%- set places = segwh__audience_places(names) -%}
    {%- set books, stale = {}, [] -%}
    {%- for place in places -%}
      {%- set listed = segwh__views_in(place) -%}
      {%- set found = {} -%}
      {%- if listed is none -%}
        {%- if 'known' not in books -%}{%- do books.update({'known': segwh__known_segments()}) -%}{%- endif -%}
        {%- for segment in books.known -%}{%- do found.update({place.before ~ segwh__spelled('aud_' ~ segment, place) ~ place.after: segment}) -%}{%- endfor -%}
      {%- else -%}
        {%- set before = place.before ~ segwh__spelled('aud_', place) -%}
        {%- for view in listed if view.startswith(before) and view.endswith(place.after) -%}
          {%- set segment = view[before | length:(view | length) - (place.after | length)] -%}
          {%- do found.update({view: segment | lower if place.is_upper else segment}) -%}
        {%- endfor -%}
      {%- endif -%}
      {%- for view, segment in found.items() if 'aud_' ~ segment not in names and (place.schema ~ '.' ~ view) | lower not in living -%}
        {#- Nothing of it in most runs: only then are the books asked. -#}
        {%- if 'known' not in books -%}{%- do books.update({'known': segwh__known_segments()}) -%}{%- endif -%}
        {%- if segment in books.known -%}
          {%- set relation = segwh__view_at(place, view, listed is not none) -%}
          {%- if relation is not none -%}{%- do stale.append(relation) -%}{%- endif -%}
        {%- endif -%}
      {%- endfor -%}
    {%- endfor -%}
    {%- if stale and not segwh__is_outrun() -%}
      {%- for relation in stale -%}
        {%- if segwh__is_dropped(relation) -%}
          {%- do log('segwh: ' ~ relation.identifier ~ ' dropped: the rules ask for no such audience any more', info=true) -%}
        {%- else -%}
          {%- do log(
            'segwh: ' ~ relation.identifier ~ ' is no audience of the rules any more and stays: others read it, or it belongs to somebody else',
            info=true
          ) -%}
        {%- endif -%}
      {%- endfor -%}
    {%- endif -%}
  {%- endif -%}
{%- endmacro -%}

{#- Whether this invocation writes the row that ends a run: then it is about the whole, and not a part picked by hand. -#}
{%- macro segwh__ends_books() -%}
  {%- for node in graph.nodes.values() if node.name == 'segwh_run_ends' and node.unique_id in selected_resources -%}
    {%- do return(true) -%}
  {%- endfor -%}
  {%- do return(false) -%}
{%- endmacro -%}

{#- Whether another run has begun since this one did. -#}
{%- macro segwh__is_outrun() -%}
  {%- set starts = segwh__existing('segwh_run_starts') -%}
  {%- if starts is none -%}
    {%- do return(true) -%}
  {%- endif -%}
  {%- set found = run_query(
    "select count(*) from " ~ starts ~ " as own inner join " ~ starts ~ " as later on later.started_at > own.started_at where own.run_id = '"
    ~ invocation_id ~ "'"
  ) -%}
  {%- do return(found.rows[0][0] | int > 0) -%}
{%- endmacro -%}

{#- The places of all nodes and sources of the project, as `schema.name` in lower case. Of whatever database: rather one too many. -#}
{%- macro segwh__living_places() -%}
  {%- set living = {} -%}
  {%- for node in graph.nodes.values() if node.alias -%}
    {%- do living.update({(node.schema ~ '.' ~ node.alias) | lower: true}) -%}
  {%- endfor -%}
  {%- for source in graph.sources.values() -%}
    {%- do living.update({(source.schema ~ '.' ~ source.identifier) | lower: true}) -%}
  {%- endfor -%}
  {%- do return(living) -%}
{%- endmacro -%}

{#- Where audiences are put, and what the project's own naming puts before and after their names, which it may spell in
    capitals. Told by the audiences that there are; without any, by the list of runs, which no schema of the audiences' own is
    known for. -#}
{%- macro segwh__audience_places(names) -%}
  {%- set places = {} -%}
  {%- for node in graph.nodes.values() if node.resource_type == 'model' and node.name in names and node.name in node.alias | lower -%}
    {%- do segwh__note_place(places, node) -%}
  {%- endfor -%}
  {%- if not places -%}
    {%- for node in graph.nodes.values() if node.resource_type == 'model' and node.name == 'segwh_runs' and node.name in node.alias | lower -%}
      {%- do segwh__note_place(places, node) -%}
    {%- endfor -%}
  {%- endif -%}
  {%- do return(places.values() | list) -%}
{%- endmacro -%}

{%- macro segwh__note_place(places, node) -%}
  {%- set is_upper = node.name | upper in node.alias -%}
  {%- if is_upper or node.name in node.alias -%}
    {%- set around = node.alias.split(node.name | upper if is_upper else node.name, 1) -%}
    {%- do places.update({(node.database, node.schema, around[0], around[1], is_upper): {
      'database': node.database, 'schema': node.schema, 'before': around[0], 'after': around[1], 'is_upper': is_upper
    }}) -%}
  {%- endif -%}
{%- endmacro -%}

{%- macro segwh__spelled(name, place) -%}
  {%- do return(name | upper if place.is_upper else name) -%}
{%- endmacro -%}

{#- The names of the views in a schema, where one cheap query tells them; none elsewhere, where dbt's memory is asked for each
    name of the books. Its memory gives no list, and looks through all it knows for every name. -#}
{%- macro segwh__views_in(place) -%}
  {%- set database, schema = (place.database or '') | replace("'", "''"), place.schema | replace("'", "''") -%}
  {%- if target.type in ('duckdb', 'postgres') -%}
    {%- set query = "select table_name from information_schema.tables where table_type = 'VIEW' and lower(table_catalog) = lower('" ~ database
      ~ "') and lower(table_schema) = lower('" ~ schema ~ "') and lower(table_name) like '%aud%'" -%}
  {%- elif target.type == 'clickhouse' -%}
    {%- set query = "select name from system.tables where engine = 'View' and database = '" ~ schema ~ "' and lower(name) like '%aud%'" -%}
  {%- else -%}
    {%- do return(none) -%}
  {%- endif -%}
  {%- set names = [] -%}
  {%- for row in run_query(query).rows -%}{%- do names.append(row[0]) -%}{%- endfor -%}
  {%- do return(names) -%}
{%- endmacro -%}

{#- The relation of a view, none if there is no view of that name. Where dbt was told to remember nothing, and the view was not
    listed, it is not asked: each name might cost a query. -#}
{%- macro segwh__view_at(place, name, is_listed) -%}
  {%- if target.type in ('duckdb', 'postgres') -%}
    {%- do return(api.Relation.create(database=place.database, schema=place.schema, identifier=name, type='view')) -%}
  {%- endif -%}
  {%- if not is_listed and not invocation_args_dict.get('populate_cache', true) -%}
    {%- do return(none) -%}
  {%- endif -%}
  {%- set relation = adapter.get_relation(database=place.database, schema=place.schema, identifier=name) -%}
  {%- do return(relation if relation is not none and relation.type == 'view' else none) -%}
{%- endmacro -%}

{#- The names of all segments that were ever evaluated, under each name that they had. A state knows those of the runs before this
    one. Of kinds of member that no segment of the rules has any more only the log knows all; where runs began logs are named,
    and there is no node to say where they are: they are looked for beside the list of ends. -#}
{%- macro segwh__known_segments() -%}
  {%- set former, asked, known = {}, [], {} -%}
  {%- set starts, ends, beside = segwh__existing('segwh_run_starts'), segwh__existing('segwh_run_ends'), segwh__place('segwh_run_ends') -%}
  {%- if starts is not none and 'log_ends' in segwh__columns(starts) -%}
    {%- for row in run_query('select distinct log_ends from ' ~ starts).rows -%}
      {%- for told in (row[0] or '').split() -%}{%- do former.update({told.split(':')[0]: true}) -%}{%- endfor -%}
    {%- endfor -%}
  {%- endif -%}
  {%- for node in graph.nodes.values() if node.resource_type == 'model' and node.name.startswith('segwh_') and node.name.endswith('_state') -%}
    {%- do former.pop(node.name[:-6] ~ '_log', none) -%}
    {%- set state = segwh__existing(node.name) -%}
    {%- if state is not none -%}{%- do asked.append('select segment from ' ~ state ~ " where kind = 'segment'") -%}{%- endif -%}
  {%- endfor -%}
  {%- for name in former -%}
    {%- set named = beside.identifier | replace('segwh_run_ends', name) | replace('SEGWH_RUN_ENDS', name | upper) -%}
    {%- set log = adapter.get_relation(database=beside.database, schema=beside.schema, identifier=named) -%}
    {%- if log is not none -%}{%- do asked.append('select distinct segment from ' ~ log ~ " where change = 'evaluated'") -%}{%- endif -%}
  {%- endfor -%}
  {%- if asked -%}
    {%- for row in run_query(asked | join(' union all ')).rows -%}{%- do known.update({row[0]: true}) -%}{%- endfor -%}
  {%- endif -%}
  {%- if ends is not none -%}
    {%- for row in run_query("select run_id from " ~ ends ~ " where status = 'renamed'").rows -%}
      {#- renamed-<old>-<new>-<run> -#}
      {%- do known.update({row[0].split('-')[1]: true}) -%}
    {%- endfor -%}
  {%- endif -%}
  {%- do return(known) -%}
{%- endmacro -%}

{#- Drops a view and nothing else, and says whether it is gone. dbt's own way takes along every view on it (CASCADE) where the
    engine knows of such. -#}
{%- macro segwh__is_dropped(relation) -%}
  {%- if target.type == 'postgres' -%}
    {#- An error would end the transaction of this model, so it is caught there. -#}
    {%- do run_query('do $segwh$ begin drop view if exists ' ~ relation ~ '; exception when others then null; end $segwh$') -%}
    {%- if segwh__kind(relation) is not none -%}
      {%- do return(false) -%}
    {%- endif -%}
  {%- elif target.type == 'redshift' -%}
    {%- set readers = run_query(
      "select count(*) from pg_depend as link join pg_rewrite as rule on rule.oid = link.objid"
      ~ " join pg_class as seen on seen.oid = link.refobjid join pg_namespace as place on place.oid = seen.relnamespace"
      ~ " where seen.relname = '" ~ relation.identifier ~ "' and place.nspname = '" ~ relation.schema ~ "' and rule.ev_class <> seen.oid"
    ) -%}
    {%- if readers.rows[0][0] | int > 0 -%}
      {%- do return(false) -%}
    {%- endif -%}
    {%- do run_query('drop view if exists ' ~ relation) -%}
  {%- elif target.type == 'duckdb' -%}
    {%- do run_query('drop view if exists ' ~ relation) -%}
  {%- else -%}
    {%- do adapter.drop_relation(relation) -%}
    {%- do return(true) -%}
  {%- endif -%}
  {%- do adapter.cache_dropped(relation) -%}
  {%- do return(true) -%}
{%- endmacro -%}
