{#- segwh: written by `segwh compile`, which overwrites it.

The instants that rules speak of, worked out when dbt runs: engines disagree about local times that a DST change skips or
repeats, so SQL only ever sees UTC literals. Times here are naive datetimes in UTC. -#}

{#- A naive UTC time as naive local time. pytz knows the changes of DST up to 2037; later years take those of the year that
    has the same calendar, a multiple of 28 years (10,227 days) before: right where the rules of DST have not changed since. -#}
{%- macro segwh__local(at, timezone) -%}
  {%- set cycles = (at.year - 2037 + 27) // 28 if at.year > 2037 else 0 -%}
  {%- set days = modules.datetime.timedelta(days=10227 * cycles) -%}
  {%- set local = modules.pytz.utc.localize(at - days).astimezone(modules.pytz.timezone(timezone)).replace(tzinfo=none) -%}
  {%- do return(local + days) -%}
{%- endmacro -%}

{#- A naive local time as naive UTC time: a skipped one moves forward by the gap, a repeated one is the first.
    The offsets a day before and a day after are the only candidates around one change. -#}
{%- macro segwh__utc(wall, timezone) -%}
  {%- set day = modules.datetime.timedelta(days=1) -%}
  {%- set before = segwh__local(wall - day, timezone) - (wall - day) -%}
  {%- set after = segwh__local(wall + day, timezone) - (wall + day) -%}
  {%- if segwh__local(wall - before, timezone) == wall -%}
    {%- do return(wall - before) -%}
  {%- elif segwh__local(wall - after, timezone) == wall -%}
    {%- do return(wall - after) -%}
  {%- else -%}
    {%- do return(wall - before) -%}
  {%- endif -%}
{%- endmacro -%}

{#- A naive local time moved by calendar months, clamped to the month's last day. -#}
{%- macro segwh__add_months(wall, months) -%}
  {%- set index = wall.year * 12 + wall.month - 1 + months -%}
  {%- set year = index // 12 -%}
  {%- set month = index % 12 + 1 -%}
  {%- set is_leap = year % 4 == 0 and (year % 100 != 0 or year % 400 == 0) -%}
  {%- set last_day = [31, 29 if is_leap else 28, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31][month - 1] -%}
  {%- do return(wall.replace(year=year, month=month, day=[wall.day, last_day] | min)) -%}
{%- endmacro -%}

{#- An instant moved by signed durations from left to right. `shifts` holds [count, unit] pairs; exact units are seconds. -#}
{%- macro segwh__shifted(at, shifts, timezone) -%}
  {%- set seconds = {'seconds': 1, 'minutes': 60, 'hours': 3600, 'days': 86400, 'weeks': 604800} -%}
  {%- set months = {'months': 1, 'quarters': 3, 'years': 12} -%}
  {%- set moved = namespace(at=at) -%}
  {%- for count, unit in shifts -%}
    {%- if unit in seconds -%}
      {%- set moved.at = moved.at + modules.datetime.timedelta(seconds=count * seconds[unit]) -%}
    {%- else -%}
      {%- set wall = segwh__add_months(segwh__local(moved.at, timezone), count * months[unit]) -%}
      {%- set moved.at = segwh__utc(wall, timezone) -%}
    {%- endif -%}
  {%- endfor -%}
  {%- do return(moved.at) -%}
{%- endmacro -%}

{#- The start of the local calendar unit that holds an instant, moved by whole units. `week_start` 0 is Monday. -#}
{%- macro segwh__edge(at, unit, offset, timezone, week_start) -%}
  {%- set day = segwh__local(at, timezone).replace(hour=0, minute=0, second=0, microsecond=0) -%}
  {%- if unit == 'days' -%}
    {%- set wall = day + modules.datetime.timedelta(days=offset) -%}
  {%- elif unit == 'weeks' -%}
    {%- set into = (day.weekday() - week_start) % 7 -%}
    {%- set wall = day + modules.datetime.timedelta(days=7 * offset - into) -%}
  {%- elif unit == 'months' -%}
    {%- set wall = segwh__add_months(day.replace(day=1), offset) -%}
  {%- elif unit == 'quarters' -%}
    {%- set wall = segwh__add_months(day.replace(month=(day.month - 1) // 3 * 3 + 1, day=1), 3 * offset) -%}
  {%- else -%}
    {%- set wall = segwh__add_months(day.replace(month=1, day=1), 12 * offset) -%}
  {%- endif -%}
  {%- do return(segwh__utc(wall, timezone)) -%}
{%- endmacro -%}

{#- The first local day that begins at or after an instant: what an instant is when dates are compared with it. -#}
{%- macro segwh__day_from(at, timezone) -%}
  {%- set day = segwh__local(at, timezone).replace(hour=0, minute=0, second=0, microsecond=0) -%}
  {%- if segwh__utc(day, timezone) >= at -%}
    {%- do return(day) -%}
  {%- else -%}
    {%- do return(day + modules.datetime.timedelta(days=1)) -%}
  {%- endif -%}
{%- endmacro -%}

{#- Whether a text is a date or time by ISO 8601, and one that the calendar has. -#}
{%- macro segwh__is_time(text) -%}
  {%- set found = modules.re.match(
    '^(\\d{4})(-?)(\\d{2})\\2(\\d{2})'
    ~ '(?:[Tt ](\\d{2})(?:(:?)(\\d{2})(?:\\6(\\d{2})(?:[.,]\\d+)?)?)?(?:[+-](\\d{2})(?:(:?)(\\d{2})(?:\\10\\d{2})?)?)?)?$', text
  ) -%}
  {%- if not found -%}
    {%- do return(false) -%}
  {%- endif -%}
  {%- set year, month, day = found.group(1) | int, found.group(3) | int, found.group(4) | int -%}
  {%- if year < 1 or month < 1 or month > 12 or day < 1 -%}
    {%- do return(false) -%}
  {%- endif -%}
  {%- set is_leap = year % 4 == 0 and (year % 100 != 0 or year % 400 == 0) -%}
  {%- set last_day = [31, 29 if is_leap else 28, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31][month - 1] -%}
  {%- set hour, minute, second, zone = found.group(5) or 0, found.group(7) or 0, found.group(8) or 0, found.group(9) or 0 -%}
  {%- do return(day <= last_day and hour | int < 24 and minute | int < 60 and second | int < 60 and zone | int < 24) -%}
{%- endmacro -%}

{#- ISO 8601 text as a naive UTC time. Text without zone is local time. What is none was given by somebody: all else is written
    by segwh or read from its tables. -#}
{%- macro segwh__parsed(text, timezone) -%}
  {%- set written = (text | string | trim).replace('Z', '+00:00') -%}
  {%- if not segwh__is_time(written) -%}
    {%- do exceptions.raise_compiler_error(
      "segwh_as_of: `" ~ text ~ "` is no ISO 8601 date or time, such as '2026-11-01' or '2026-11-01T06:30:00Z' (in quotes)"
    ) -%}
  {%- endif -%}
  {%- set at = modules.datetime.datetime.fromisoformat(written) -%}
  {%- if at.tzinfo -%}
    {%- do return(at.astimezone(modules.pytz.utc).replace(tzinfo=none)) -%}
  {%- else -%}
    {%- do return(segwh__utc(at, timezone)) -%}
  {%- endif -%}
{%- endmacro -%}

{#- A UTC time as the text inside a SQL literal. Years before 1000 have four digits, too: PostgreSQL takes 9-03-01 for 2001. -#}
{%- macro segwh__text(at) -%}
  {%- do return(at.replace(tzinfo=none).isoformat(' ')) -%}
{%- endmacro -%}

{#- A day as the text inside a SQL literal. -#}
{%- macro segwh__day_text(day) -%}
  {%- do return(day.isoformat()[:10]) -%}
{%- endmacro -%}
