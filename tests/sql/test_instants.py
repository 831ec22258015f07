"""Instants of local times by the way that asks an engine for nothing but the way back, and how instants are written."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import duckdb
import pytest
from sqlglot import exp, parse_one

from segwh.errors import UserError
from segwh.project import load_texts
from segwh.semantics import Calendar
from segwh.sql.compile import standalone
from segwh.sql.dialects import DIALECTS, DUCKDB
from segwh.sql.dialects.instants import first_instant, instants_as
from segwh.sql.dialects.windows_zones import WINDOWS_ZONES
from segwh.types import DataType

ZONES = ("Europe/London", "America/New_York", "Australia/Lord_Howe", "America/St_Johns", "Asia/Kathmandu")
CHANGES = {
    "Europe/London": ("2026-03-29", "2026-10-25"),
    "America/New_York": ("2026-03-08", "2026-11-01"),
    "Australia/Lord_Howe": ("2026-04-05", "2026-10-04"),
}
"""Days on which a clock goes forward or back."""


def walls(zone: str) -> list[datetime]:
    """Local times: every ten minutes around the changes, and some of each month."""
    months = [datetime(2026, month, 15, 23, 59, 59) for month in range(1, 13)]
    days = [datetime.fromisoformat(day) - timedelta(hours=3) for day in CHANGES.get(zone, ())]
    return months + [day + timedelta(minutes=10 * step) for day in days for step in range(60)]


@pytest.mark.parametrize("zone", ZONES)
def test_the_first_instant_is_that_of_law_6(zone: str) -> None:
    def moved_back(wall: exp.Expr, at: exp.Expr) -> exp.Expr:
        offset = exp.Paren(this=exp.Sub(this=DUCKDB.local(at, zone), expression=at.copy()))
        return exp.Paren(this=exp.Sub(this=wall, expression=offset))

    value = first_instant(exp.column("wall"), lambda wall: DUCKDB.plus(wall, -1, "DAY"), moved_back).sql("duckdb")
    connection = duckdb.connect()
    connection.execute("create table walls (wall timestamp)")
    connection.executemany("insert into walls values (?)", [[wall] for wall in walls(zone)])
    found = dict(connection.execute(f"select wall, {value} from walls").fetchall())
    calendar = Calendar(zone)
    expected = {wall: calendar.instant(wall).astimezone(UTC).replace(tzinfo=None) for wall in walls(zone)}
    assert found == expected


@pytest.mark.parametrize(
    ("dialect", "expected"),
    [
        ("snowflake", "CAST('2026-01-02 03:04:05 +00:00' AS TIMESTAMP_TZ)"),
        ("trino", "CAST('2026-01-02 03:04:05 UTC' AS TIMESTAMP(6) WITH TIME ZONE)"),
        ("athena", "CAST('2026-01-02 03:04:05' AS TIMESTAMP(6))"),
        ("tsql", "CAST('2026-01-02 03:04:05 +00:00' AS DATETIMEOFFSET(6))"),
        ("fabric", "CAST('2026-01-02 03:04:05' AS DATETIME2(6))"),
        ("redshift", "CAST('2026-01-02 03:04:05+00' AS TIMESTAMP WITH TIME ZONE)"),
    ],
)
def test_an_instant_of_the_log_is_written_as_the_engine_reads_it(dialect: str, expected: str) -> None:
    literal = exp.cast(exp.Literal.string("2026-01-02 03:04:05+00"), exp.DataType.Type.TIMESTAMPTZ)
    query = DIALECTS[dialect].finished(exp.select(exp.alias_(literal, "told")))
    assert query.sql(dialect) == f"SELECT {expected} AS told"
    assert DIALECTS[dialect].finished(query).sql(dialect) == f"SELECT {expected} AS told"


def test_what_jinja_will_say_is_adapted_when_it_is_said() -> None:
    word = exp.Var(this="'{{ as_of }}'")
    query = instants_as(exp.select(exp.cast(word, exp.DataType.Type.TIMESTAMPTZ)), zoned="TIMESTAMP_TZ", utc=" +00:00")
    assert query.sql() == "SELECT CAST(REPLACE('{{ as_of }}', '+00', ' +00:00') AS TIMESTAMP_TZ)"


def test_a_zone_that_windows_does_not_know_is_an_error() -> None:
    with pytest.raises(UserError, match="SQL Server knows no time zone `Antarctica/Troll`"):
        DIALECTS["tsql"].local(exp.column("at"), "Antarctica/Troll")
    assert WINDOWS_ZONES["Europe/Berlin"] == "W. Europe Standard Time"
    assert len(WINDOWS_ZONES) > 400


def test_a_word_of_snowflake_is_quoted_as_it_is_stored() -> None:
    query = DIALECTS["snowflake"].finished(exp.select(exp.column("order"), exp.column("start"), exp.column("city")).from_("t"))
    assert query.sql("snowflake") == 'SELECT "ORDER", "START", city FROM t'


@pytest.mark.parametrize(("text", "given"), [("a ", "'a |'"), ("", "'|'")])
def test_blanks_at_the_end_count_on_sql_server(text: str, given: str) -> None:
    tsql = DIALECTS["tsql"]
    query = exp.select("1").from_("t").where(exp.EQ(this=exp.column("city"), expression=tsql.string(text)))
    assert tsql.finished(query).sql("tsql") == f"SELECT 1 FROM t WHERE city + '|' = {given}"


def test_a_bucket_is_the_same_number_of_bytes_everywhere() -> None:
    sql = {name: DIALECTS[name].bucket(exp.column("seeded")).sql(name) for name in ("snowflake", "trino", "tsql")}
    assert sql["snowflake"] == "TO_NUMBER(LEFT(MD5(seeded), 7), 'XXXXXXX') % 10000"
    assert sql["trino"] == "FROM_BASE(SUBSTR(TO_HEX(MD5(TO_UTF8(seeded))), 1, 7), 16) % 10000"
    assert "AS VARCHAR(MAX))), 1, 4) AS BIGINT) / 16 % 10000" in sql["tsql"]
    assert DIALECTS["tsql"].cast(exp.column("x"), DataType.STRING).sql("tsql").endswith("COLLATE Latin1_General_100_BIN2")


def test_what_sql_server_cannot_count_by_is_an_error() -> None:
    query = parse_one("select count(case when city in (select town from towns) then 1 end) as n from t").assert_is(exp.Query)
    with pytest.raises(UserError, match="SQL Server cannot count rows"):
        DIALECTS["tsql"].finished(query)


@pytest.mark.parametrize("dialect", ["tsql", "redshift"])
def test_no_window_is_ordered_by_a_constant(dialect: str) -> None:
    query = parse_one("select row_number() over (partition by 1, a order by case when 1 = 1 then 1 end, b) as place from t")
    told = DIALECTS[dialect].finished(query.assert_is(exp.Query)).sql(dialect)
    assert "(PARTITION BY a ORDER BY b" in told


def test_instants_of_a_list_are_read_as_those_of_columns_are() -> None:
    rules = """
entities:
  - {name: shop, relation: ref('shops'), key: shop_id, attributes: {opened_at: timestamp}}
segments:
  - {name: listed, label: L, entity: shop, include: [{attribute: opened_at, in: {relation: ref('openings'), column: at}}]}
"""
    project = load_texts({"rules.yml": rules}).project
    assert project is not None
    with duckdb.connect() as connection:
        connection.execute("SET TimeZone = 'America/New_York'")
        connection.execute("CREATE TABLE shops AS SELECT 'a' AS shop_id, TIMESTAMP '2026-03-01 12:00' AS opened_at")
        connection.execute("CREATE TABLE openings AS SELECT TIMESTAMPTZ '2026-03-01 12:00+00' AS at")
        sql = standalone(project, ["listed"], datetime(2026, 4, 1, tzinfo=UTC), DUCKDB, lambda relation, _: relation.parts[-1])
        assert connection.execute(sql).fetchall() == [("listed", "a")]
