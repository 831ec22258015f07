"""Texts in `sql:` that an engine reads as a time of the clock where they stand beside a time, and others that are texts."""

from __future__ import annotations

import pytest

from segwh.catalog.expression import problem_of

TEXTS = frozenset({"status", "tags"})
"""Columns that are declared as texts."""
BESIDE_A_TIME = """\
d = 'today'
'today' = d
d <> ' TODAY '
d is distinct from 'now'
d in ('now', '2020-01-01')
d not in ('today')
d between 'yesterday' and 'tomorrow'
d = any(array['today'])
d = any('{today}')
(d, 1) = ('today', 1)
nullif(d, 'today')
case d when 'today' then 1 end
case 'today' when d then 1 end
case when d = 'today' then 1 end
d = case when status = 'x' then e else 'today' end
coalesce(d, 'now')
coalesce(d, 'today') = e
greatest(d, 'now')
case when a then 'today' else d end
age(d, 'today')
date_bin('1 day', 'now', 'epoch')
date_trunc('day', 'now')
d - 'today'
cast(x as date) = 'now'
d = 'today America/New_York'
d = 'today 12:00 pm'
d = 'today,'
d = E'today'
d operator(pg_catalog.=) 'today'
date_trunc('day', 'now' at time zone 'UTC')
('today ' || status)::timestamp
lower('TODAY')::date
'today 00:00 CET'::timestamptz
N'today'::date
('today')::date
cast($$today$$ as date)
'now'::text::timestamp
'{now}'::timestamp[]
'[today,)'::daterange @> d
cast('to' || 'day' as date)
('to' || 'day' || ' ' || status)::timestamp
concat('n', 'o', 'w')::timestamptz
concat_ws('', 'to', 'day')::date
lower('TO' || trim(' DAY '))::date
replace('yesteryear', 'year', 'day')::date
coalesce(status, 'to' || 'day')::date
(case when x > 1 then 'to' || 'day' else '2020-01-01' end)::date
('to' || case when x > 1 then 'morrow' else 'day' end)::date
lower(case when x > 1 then 'TO' || 'DAY' end)::date
nullif('to' || 'day', status)::date
(('to'::varchar || 'day')::text)::date
date('to' || 'day')
timestamptz('to' || 'day')
('{' || 'now}')::timestamp[]
U&'\\0074oday'::date
d = U&'t!006fday' uescape '!'
""".splitlines()
BESIDE_A_TEXT = """\
'now'
status = 'now'
STATUS < 'now'
status in ('now', 'later')
status is distinct from 'today'
nullif(status, 'now')
coalesce(status, 'now') = 'today'
case status when 'now' then d end
case when a then 'now' else 'later' end
'now' = any(tags)
d::varchar = 'today'
d = 'today'::text
lower(x) = 'today'
x like 'today'
x || 'today'
j ->> 'x' = 'now'
x = 'now or never'
replace(x, 'now', 'later')
decode(status, 'now', 1)
replace(status, 'now', '2020-01-01')::date
nullif(status, 'now')::date
tags[1] = 'now'
'now'::regclass = 1
status collate "C" = 'now'
to_char(d, 'dy') = 'now'
j #>> '{now}' = 'x'
j #>> '{x}' = 'now'
j ? 'now'
d + length('now')
cast('2020' || '-01-01' as date)
(status || '-01')::date
('to ' || status || ' day')::date
('to' || status || 'day')::date
lpad(status, 10, '0')::date
(date '2020-01-01' + 3)::timestamp
make_date(2020, 1, 1)::timestamp
to_date('2020', 'YYYY')::timestamp
to_timestamp(5)::date
date_trunc('month', d)::date
date_trunc('month', date '2020-01-01')::date
coalesce(d, date '2020-01-01')::timestamp
coalesce(status, '2020-01-01')::date
(case when x > 1 then status else '2020-01-01' end)::date
null::date
(timestamp 'epoch' + x * interval '1 second')::date
('1' || ' day')::interval
d = make_timestamptz(2020, 1, 1, 1, 1, 1)
(x + 1)::text = 'to' || 'day'
status = 'to' || 'day'
""".splitlines()


@pytest.mark.parametrize("sql", BESIDE_A_TIME)
def test_beside_what_may_be_a_time_it_is_one(sql: str) -> None:
    assert "does not depend on the row alone" in problem_of(sql, "postgres", texts=TEXTS)


@pytest.mark.parametrize("sql", BESIDE_A_TEXT)
def test_beside_a_text_it_is_a_text(sql: str) -> None:
    assert problem_of(sql, "postgres", texts=TEXTS) == ""


@pytest.mark.parametrize("sql", ["'today'", "coalesce(status, 'now')", "case when a then 'now' else 'later' end"])
def test_what_comes_out_as_a_time_is_one(sql: str) -> None:
    assert "does not depend on the row alone" in problem_of(sql, "postgres", is_time=True, texts=TEXTS)


@pytest.mark.parametrize("sql", ["'to' || 'day'", "coalesce(status, 'no' || 'w')", "lower(case when a then 'NO' || 'W' end)"])
def test_so_is_what_is_put_together(sql: str) -> None:
    assert "does not depend on the row alone" in problem_of(sql, "postgres", is_time=True, texts=TEXTS)
    assert problem_of(sql, "postgres", texts=TEXTS) == ""


@pytest.mark.parametrize(
    "sql",
    ["reverse('yadot')::date", "(array['now'])[1]::date", "(chr(110) || 'ow')::date", "('[\"now\"]'::json ->> 0)::date",
     "substring('today' from 1)::date", "textcat('to', 'day')::date"],
)  # fmt: skip
def test_a_time_of_a_text_that_is_not_worked_out_is_refused(sql: str) -> None:
    assert "which may come to a word of the clock such as `today`" in problem_of(sql, "postgres", texts=TEXTS)
    assert problem_of(sql, "duckdb", texts=TEXTS) == ""


@pytest.mark.parametrize("dialect", ["duckdb", "clickhouse", "bigquery", "snowflake"])
def test_where_no_text_is_read_as_the_clock_it_is_a_text_beside_whatever(dialect: str) -> None:
    for sql in ("d = 'today'", "f(x, 'now')", "coalesce(d, 'now') = 'now'", "m['way'] = 'now'", "f(x, y -> y = 'now')"):
        assert problem_of(sql, dialect) == "", sql
    assert "does not depend on the row alone" in problem_of("cast('today' as date)", dialect)


@pytest.mark.parametrize("dialect", ["spark", "databricks", "redshift"])
def test_other_engines_read_them_as_postgres_does(dialect: str) -> None:
    for sql in ("d = 'today'", "coalesce(d, 'now') = e", "datediff(day, d, 'today')", "d = 'to' || 'day'"):
        assert "does not depend on the row alone" in problem_of(sql, dialect), sql


def test_sql_that_the_parser_itself_trips_over_is_no_sql() -> None:
    assert problem_of("map('a')", "clickhouse") == "is not SQL of clickhouse"


@pytest.mark.parametrize(
    ("dialect", "sql"),
    [("duckdb", "d at time zone 'Europe/Berlin'"), ("postgres", "d at time zone 'UTC' at time zone 'Europe/Berlin'"),
     ("redshift", "d::timestamptz at time zone 'UTC'"), ("spark", "from_utc_timestamp(d, 'Europe/Berlin')"),
     ("spark", "to_utc_timestamp(d, 'Europe/Berlin')")],
)  # fmt: skip
def test_a_time_in_another_zone_is_a_scalar(dialect: str, sql: str) -> None:
    assert problem_of(sql, dialect, is_time=True) == ""
    assert "does not depend on the row alone" in problem_of(sql.replace("d", "current_timestamp", 1), dialect, is_time=True)


@pytest.mark.parametrize(
    ("dialect", "sql"),
    [("spark", "timestamp_seconds(0)"), ("spark", "date_from_unix_date(0)"), ("spark", "timestampadd(day, 1, date '2020-1-1')"),
     ("databricks", "dateadd(day, 1, '2020-01-01')"), ("redshift", "convert_timezone('CET', timestamp '2020-01-01')"),
     ("postgres", "timezone('UTC', timestamp '2020-01-01')")],
)  # fmt: skip
def test_what_comes_to_a_time_is_no_word(dialect: str, sql: str) -> None:
    assert problem_of(sql, dialect, is_time=True) == problem_of(f"cast({sql} as date)", dialect) == ""


@pytest.mark.parametrize("sql", ["concat_ws('today')", "concat_ws(status)", "lower(concat_ws(N'now'))"])
def test_what_cannot_be_written_again_is_no_sql(sql: str) -> None:
    """It is written into the models, and into the message of what else is wrong."""
    assert problem_of(sql, "redshift") == "is not SQL of redshift"


@pytest.mark.parametrize("dialect", ["snowflake", "spark", "databricks", "bigquery"])
def test_a_zone_by_an_operator_that_the_engine_has_not_is_refused(dialect: str) -> None:
    """What would be made of it follows the zone of the session, on Snowflake."""
    assert problem_of("d at time zone 'Europe/Berlin'", dialect, is_time=True) != ""
    if dialect != "bigquery":  # which has it within extract()
        problem = problem_of("cast((d AT  TIME zone 'Europe/Berlin') as date)", dialect)
        assert problem == f"holds AT TIME ZONE, which {dialect} does not have"
    assert problem_of("d = 'at time zone'", dialect) == ""

