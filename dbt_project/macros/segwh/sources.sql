{#- segwh: written by `segwh compile`, which overwrites it.

Sources that are out of order: columns of another type than the catalog declares, lookups with two rows for one key. What
depends on them keeps its last good version; here they are kept from spoiling anything else. -#}

{#- The family of a warehouse's type: one of the types of the rule language; 'list' of a list of whatever else, 'other' if it is
    known to be none of them; none if nothing is known of it. -#}
{%- macro segwh__family(spelling) -%}
  {%- set wrapped = modules.re.sub('\\s+', ' ', spelling | string | lower | trim) -%}
  {%- set wrapper = '^(?:nullable|lowcardinality)\\((.*)\\)$' -%}
  {%- set bare = modules.re.sub(wrapper, '\\1', modules.re.sub(wrapper, '\\1', wrapped)) -%}
  {%- set families = [
    ['list<string>', '^(varchar|text|string|char\\S*|character varying)(\\(\\d+\\))?\\[\\]$|^_(text|varchar|bpchar)$'],
    ['list<string>', '^(array|list)\\s*[<(]\\s*(string|varchar|text)'],
    ['timestamp', '^(timestamp|datetime|smalldatetime)(?!.*\\[\\])'],
    ['date', '^date(32)?$'],
    ['boolean', '^(bool|boolean|bit)$'],
    ['integer', '^u?(tiny|small|medium|big|huge)?int(eger)?\\d*$|^(big|small)?serial$|^(long|short|byteint)$'],
    ['integer', '^(number|numeric|decimal|fixed)\\(\\d+, ?0\\)$'],
    ['number', '^(double|float|real)( precision|\\d+)?(\\(\\d+\\))?$'],
    ['decimal', '^(big)?(decimal|numeric)(\\d+)?(\\(.*\\))?$|^(number|fixed|money)(\\(.*\\))?$'],
    ['string', '^(character varying|character|n?varchar|n?char|n?text|string|bpchar|citext|uuid|uniqueidentifier)(\\(.*\\))?$'],
    ['string', '^(enum|fixedstring)\\b(?!.*\\[\\])|^(tiny|medium|long)text$'],
    ['list', '\\[\\]$|^(array|list)\\s*[<(]|^_'],
    ['other', '^(jsonb?|variant|object|super|hstore|xml|struct|map|tuple|nested|row|record|interval|time|timetz)\\b'],
    ['other', '^(blob|bytea|bytes|binary|varbinary|geometry|geography)\\b'],
  ] -%}
  {#- Amounts of PostgreSQL are compared with no number, and its bits are no truths. -#}
  {%- if target.type == 'postgres' and modules.re.search('^(money|bit)\\b', bare) -%}{%- do return('other') -%}{%- endif -%}
  {%- for family in families -%}
    {%- if modules.re.search(family[1], bare) -%}{%- do return(family[0]) -%}{%- endif -%}
  {%- endfor -%}
  {%- do return(none) -%}
{%- endmacro -%}

{#- What is wrong with a column of that type where another is declared, none if nothing is. Numbers fit each other, but for
    those that have decimals by their type where whole ones are declared. 'other' fits nothing: of JSON, say, engines make texts that
    equal no value of a rule. Types of which nothing is known are not judged; on PostgreSQL they have a text, and are else refused
    by the engine, in the query that asks for all segments. -#}
{%- macro segwh__misfit(declared, spelling) -%}
  {%- set family = segwh__family(spelling) -%}
  {%- set numbers = ['integer', 'number', 'decimal'] -%}
  {%- if declared == 'integer' and family == 'decimal' and modules.re.search('money|, *0*[1-9]\\d*\\)', spelling | string | lower) -%}
    {%- do return('is declared integer and is ' ~ (spelling | string | lower)) -%}
  {%- endif -%}
  {%- if family is none and target.type == 'postgres' and declared != 'string' -%}
    {%- do return('is declared ' ~ declared ~ ' and is ' ~ (spelling | string | lower)) -%}
  {%- endif -%}
  {%- if family is none or family == declared or (family in numbers and declared in numbers) or (family == 'list' and declared == 'list<string>') -%}
    {%- do return(none) -%}
  {%- endif -%}
  {%- do return('is declared ' ~ declared ~ ' and is ' ~ (spelling | string | lower)) -%}
{%- endmacro -%}

{#- The columns of a relation as the warehouse has them: name in lower case -> [name, type]. -#}
{%- macro segwh__columns(relation) -%}
  {%- set found = {} -%}
  {%- if target.type == 'postgres' -%}
    {%- for column in run_query(segwh__types_of(relation)).rows -%}{%- do found.update({column[0] | lower: [column[0], column[1]]}) -%}{%- endfor -%}
    {%- do return(found) -%}
  {%- endif -%}
  {%- for column in adapter.get_columns_in_relation(relation) -%}
    {%- do found.update({column.name | lower: [column.name, column.data_type]}) -%}
  {%- endfor -%}
  {%- do return(found) -%}
{%- endmacro -%}

{#- A column's name as SQL has it, whatever is in it. -#}
{%- macro segwh__column_name(name) -%}
  {%- set mark = adapter.quote('')[0] -%}
  {%- do return(adapter.quote(name.replace(mark, mark ~ mark))) -%}
{%- endmacro -%}

{#- Rows of (subject, problem). `sources`: [relation, how the catalog calls it, [[column, declared type, subject]], the column of
    its partitions or none]. Where whole numbers are declared and the type of the column may hold others (a double), the rows
    tell whether it does. Of a column with a fourth part nothing but that is judged: it is the key of the entity, without which
    there is none. -#}
{%- macro segwh__misfit_rows(sources) -%}
  {%- set rows = [] -%}
  {%- set asked = [] -%}
  {%- if execute -%}
    {%- for source in sources -%}
      {%- set there = segwh__columns(source[0]) -%}
      {%- if target.type == 'postgres' -%}{%- do segwh__warn_of_policies(source[0], source[1]) -%}{%- endif -%}
      {%- for wanted in source[2] if there -%}
        {%- set column = there.get(wanted[0] | lower) -%}
        {%- set problem = segwh__misfit(wanted[1], column[1]) if column else 'is not there' -%}
        {%- set named = 'column ' ~ wanted[0] ~ ' of ' ~ source[1] ~ ' ' -%}
        {%- if problem is not none -%}
          {%- do rows.append([wanted[2], named ~ problem]) if wanted | length == 3 or (column and segwh__family(column[1]) == 'decimal') -%}
        {%- elif wanted[1] == 'integer' and (segwh__family(column[1]) in ['number', 'decimal'] or (segwh__is_long(column[1]) and ': ' in wanted[2])) -%}
          {%- set number = segwh__column_name(column[0]) -%}
          {%- set is_broken = '1 = 0' if segwh__is_long(column[1]) else number ~ ' <> floor(' ~ number ~ ')' -%}
          {%- set is_beyond = 'not (' ~ segwh__fits_bigint(number) ~ ')' if segwh__refuses_long_numbers() else '1 = 0' -%}
          {%- do asked.append('select distinct ' ~ segwh__quoted(wanted[2]) ~ ' as subject, case when ' ~ is_broken ~ ' then '
            ~ segwh__quoted(named ~ 'is declared integer and holds numbers that are not whole') ~ ' else '
            ~ segwh__quoted(named ~ 'is declared integer and holds numbers that are none: infinite ones, NaN, or beyond 64 bits')
            ~ ' end as problem from ' ~ segwh__plain_rows(source[0]) ~ ' as every_row where (' ~ is_broken ~ ' or ' ~ is_beyond ~ ')'
            ~ segwh__every_partition(there.get((source[3] or '') | lower))) -%}
        {%- endif -%}
      {%- endfor -%}
    {%- endfor -%}
  {%- endif -%}
  {%- set told = segwh__text_rows(['subject', 'problem'], rows) -%}
  {%- if asked -%}
    {%- do return('(select told.subject, told.problem from ' ~ told ~ ' as told union all ' ~ asked | join(' union all ') ~ ')') -%}
  {%- endif -%}
  {%- do return(told) -%}
{%- endmacro -%}

{#- Whether the engine ends a query in which a number becomes an integer that does not hold it: then one row would end a run. -#}
{%- macro segwh__refuses_long_numbers() -%}
  {%- do return(target.type in ('duckdb', 'postgres')) -%}
{%- endmacro -%}

{#- Whether a type of whole numbers has some that are no integers of the warehouse, where that ends a query. Keys of such a type are
    compared as they are. -#}
{%- macro segwh__is_long(spelling) -%}
  {%- set long = '^(u?hugeint|ubigint|uint64|u?int128)$|^(numeric|decimal)\\((19|[2-9]\\d|\\d{3,}), ?0\\)$' -%}
  {%- do return(segwh__refuses_long_numbers() and modules.re.search(long, spelling | string | lower | trim) is not none) -%}
{%- endmacro -%}

{#- Whether a number can be an integer of the warehouse, as SQL. What is no number exceeds all, there. -#}
{%- macro segwh__fits_bigint(number) -%}
  {%- do return(number ~ ' >= -9223372036854775808 and ' ~ number ~ ' < 9223372036854775808') -%}
{%- endmacro -%}

{#- A condition on the column of a table's partitions that holds for every row: there are tables of BigQuery that accept no query
    without one. `column`: [name, type], or none. -#}
{%- macro segwh__every_partition(column) -%}
  {%- if column is none or target.type != 'bigquery' -%}
    {%- do return('') -%}
  {%- endif -%}
  {%- set name = segwh__column_name(column[0]) -%}
  {%- do return(' and (' ~ name ~ ' is null or ' ~ name ~ " <= cast('9999-12-31' as " ~ column[1] ~ '))') -%}
{%- endmacro -%}

{#- A text as a SQL literal. Where a quote is escaped by a backslash, so is a backslash. -#}
{%- macro segwh__quoted(text) -%}
  {%- set quote = escape_single_quotes("'") | trim -%}
  {%- set plain = text | replace('\\', '\\\\') if quote != "''" else text -%}
  {%- do return("'" ~ plain | replace("'", quote) ~ "'") -%}
{%- endmacro -%}

{#- A subquery of rows of two texts. -#}
{%- macro segwh__text_rows(names, rows) -%}
  {%- set selects = [] -%}
  {%- for row in rows -%}
    {%- do selects.append('select ' ~ segwh__quoted(row[0]) ~ ' as ' ~ names[0] ~ ', ' ~ segwh__quoted(row[1]) ~ ' as ' ~ names[1]) -%}
  {%- endfor -%}
  {%- if selects -%}
    {%- do return('(' ~ selects | join(' union all ') ~ ')') -%}
  {%- endif -%}
  {%- do return("(select nothing." ~ names[0] ~ ", nothing." ~ names[1] ~ " from (select '' as " ~ names[0] ~ ", '' as " ~ names[1] ~ ") as nothing where 1 = 0)") -%}
{%- endmacro -%}

{#- The subjects that the checks found out of order. -#}
{%- macro segwh__out_of_order(checks) -%}
  {%- set found = [] -%}
  {%- set place = segwh__existing(checks) if execute else none -%}
  {%- if place is not none -%}
    {%- for row in run_query('select distinct subject from ' ~ place).rows -%}{%- do found.append(row[0]) -%}{%- endfor -%}
  {%- endif -%}
  {%- do return(found) -%}
{%- endmacro -%}

{#- Rows of (segment, subject) for what is out of order. `subjects`: subject -> the segments that depend on it. -#}
{%- macro segwh__spoilt(checks, subjects) -%}
  {%- set rows = [] -%}
  {%- for subject in segwh__out_of_order(checks) if subject in subjects -%}
    {%- for segment in subjects[subject] -%}{%- do rows.append([segment, subject]) -%}{%- endfor -%}
  {%- endfor -%}
  {%- do return(segwh__text_rows(['segment', 'subject'], rows)) -%}
{%- endmacro -%}

{#- A column of that type as a UTC timestamp without zone; the column itself where it is one. -#}
{%- macro segwh__in_utc(column, spelling) -%}
  {%- set type = spelling | string | lower -%}
  {%- if target.type == 'postgres' -%}
    {%- do return(column if type == 'timestamp without time zone' else '(' ~ column ~ " at time zone 'UTC')") -%}
  {%- endif -%}
  {#- What is infinite has no microseconds, and is the same in both. -#}
  {%- do return(column if type == 'timestamp' else 'coalesce(make_timestamp(epoch_us(' ~ column ~ ')), cast(' ~ column ~ ' as timestamp))') -%}
{%- endmacro -%}

{#- Ends a run whose checks do not know what its facts find: they looked at the tables before these became what they are, or are those
    of an earlier run, of which a part is built again. Nobody would hold back what reads such columns. `found`: [column, its type or
    none, subjects]. -#}
{%- macro segwh__require_checked(relation, checks, found) -%}
  {%- if segwh__writes() and not segwh__reads_part() -%}
    {%- set known = segwh__out_of_order(checks) -%}
    {%- for column in found -%}
      {%- for subject in column[2] if subject not in known -%}
        {%- do exceptions.raise_compiler_error(
          'column ' ~ column[0] ~ ' of ' ~ relation ~ (' is not there' if column[1] is none else ' is ' ~ column[1] | string | lower)
          ~ ' now, of which ' ~ checks ~ ' does not know: run the whole project'
        ) -%}
      {%- endfor -%}
    {%- endfor -%}
  {%- endif -%}
{%- endmacro -%}

{#- A relation as it is, or if it is out of order a subquery in its place: columns of another type (`columns`: name ->
    [declared type, how the engine spells that, subjects of the checks...]) are nulls, and of several rows for a lookup's key
    (`keys`: subject -> column) there is one. Whatever reads those is held back, so it does not matter which. The columns `instants`
    are handed in as UTC timestamps without zone, so that the SQL compares them as they are and the engine skips what lies outside
    of a window. Numbers of the columns `added` are added up; those `compared` are so with columns of other relations. Whole numbers
    of the columns `loose` hold nothing back, and are nulls where an integer does not hold them. -#}
{%- macro segwh__readable(relation, checks, columns, keys, instants=[], added=[], compared=[], loose=[]) -%}
  {%- set read = segwh__plain_rows(relation) -%}
  {%- if not execute -%}
    {%- do return(read) -%}
  {%- endif -%}
  {%- set there = segwh__columns(relation) -%}
  {%- set changed, found = {}, [] -%}
  {%- for name in columns if there -%}
    {%- if name | lower not in there or segwh__misfit(columns[name][0], there[name | lower][1]) is not none -%}
      {%- do changed.update({name | lower: 'cast(null as ' ~ columns[name][1] ~ ') as ' ~ segwh__column_name(there[name | lower][0] if name | lower in there else name)}) -%}
      {%- do found.append([name, there[name | lower][1] if name | lower in there else none, columns[name][2:]]) -%}
    {%- endif -%}
  {%- endfor -%}
  {%- if found -%}{%- do segwh__require_checked(relation, checks, found) -%}{%- endif -%}
  {%- for name in columns if columns[name][0] == 'integer' and name | lower in there and name | lower not in changed and segwh__refuses_long_numbers() -%}
    {%- set others = [] -%}
    {%- for subject in columns[name][2:] if ': ' not in subject -%}{%- do others.append(subject) -%}{%- endfor -%}
    {%- set is_column = name in loose or (columns[name] | length > 2 and not others) -%}
    {%- if segwh__family(there[name | lower][1]) in ('number', 'decimal') or (segwh__is_long(there[name | lower][1]) and is_column) -%}
      {%- set number = segwh__column_name(there[name | lower][0]) -%}
      {%- do changed.update({name | lower: 'case when ' ~ segwh__fits_bigint(number) ~ ' then ' ~ number ~ ' end as ' ~ number}) -%}
    {%- endif -%}
  {%- endfor -%}
  {%- for name in columns if columns[name][0] == 'number' and name | lower in there and name | lower not in changed and target.type == 'postgres' -%}
    {%- set number = segwh__column_name(there[name | lower][0]) -%}
    {%- set double = segwh__double(number, there[name | lower][1], name in added) -%}
    {%- if double is not none -%}{%- do changed.update({name | lower: double ~ ' as ' ~ number}) -%}{%- endif -%}
  {%- endfor -%}
  {%- for name, place, other, other_stays in compared if name | lower in there and name | lower not in changed -%}
    {%- set column, theirs = there[name | lower], segwh__columns(place).get(other | lower) -%}
    {%- set alike = segwh__alike(column, theirs, other_stays) if theirs else none -%}
    {%- if alike is not none -%}{%- do changed.update({name | lower: alike ~ ' as ' ~ segwh__column_name(column[0])}) -%}{%- endif -%}
  {%- endfor -%}
  {%- for name in instants if name | lower in there and name | lower not in changed -%}
    {%- set column = segwh__column_name(there[name | lower][0]) -%}
    {%- set utc = segwh__in_utc(column, there[name | lower][1]) -%}
    {%- if utc != column -%}{%- do changed.update({name | lower: utc ~ ' as ' ~ column}) -%}{%- endif -%}
  {%- endfor -%}
  {%- set doubled = [] -%}
  {%- if keys -%}
    {%- for subject in segwh__out_of_order(checks) if subject in keys -%}{%- do doubled.append(keys[subject]) -%}{%- endfor -%}
  {%- endif -%}
  {%- if not changed and not doubled -%}
    {%- do return(read) -%}
  {%- endif -%}
  {%- set selected = [] -%}
  {%- for name in there -%}
    {%- do selected.append(changed.pop(name) if name in changed else segwh__column_name(there[name][0])) -%}
  {%- endfor -%}
  {%- do selected.extend(changed.values()) -%}
  {%- if not doubled -%}
    {%- do return('(select ' ~ selected | join(', ') ~ ' from ' ~ read ~ ' as every_row)') -%}
  {%- endif -%}
  {%- set numbers = [] -%}
  {%- for key in doubled -%}
    {%- do numbers.append('row_number() over (partition by ' ~ key ~ ' order by ' ~ key ~ ') as place_' ~ loop.index) -%}
  {%- endfor -%}
  {%- set firsts = [] -%}
  {%- for key in doubled -%}{%- do firsts.append('place_' ~ loop.index ~ ' = 1') -%}{%- endfor -%}
  {%- do return('(select * from (select ' ~ (selected + numbers) | join(', ') ~ ' from ' ~ read ~ ' as every_row) as numbered where ' ~ firsts | join(' and ') ~ ')') -%}
{%- endmacro -%}
