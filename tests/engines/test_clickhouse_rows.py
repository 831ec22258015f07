"""Rows of literals on ClickHouse: each value as it was written, in the type that its column has everywhere."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import UTC, date, datetime
from decimal import Decimal

import jinja2
import pytest
import yaml
from sqlglot import exp, parse_one

from segwh.dbt import lists, rows
from segwh.dbt.fixed_queries import rendered
from segwh.fixtures import unit_tests
from segwh.sql.dialects.clickhouse import CLICKHOUSE
from segwh.types import DataType
from tests.engines.clickhouse import ClickHouse
from tests.fixtures.shop import suite

COLUMNS = {
    "said": rows.TEXT, "is_so": rows.BOOL, "fraction": rows.DOUBLE, "ends_on": rows.DAY, "ends_at": rows.INSTANT,
    "line": rows.INT,
}  # fmt: skip
TYPES = ["String", "Bool", "Float64", "Date32", "DateTime64(6, 'UTC')", "Int64"]
HOSTILE = "it's \\ `{{ a }}` {% if %} {# x #} \"\r\n\t -- /* \\n \\x41 %s ? 北京 😀\u2028"
ROWS: list[tuple[rows.Cell, ...]] = [
    (HOSTILE, True, Decimal("0.1"), "1950-01-01", "2026-10-02 00:00:00+00", -6),
    ("", False, Decimal(1), "2290-12-31", "1969-12-31 23:59:59+00", 2**63 - 1),
    (None,) * 6,
    ("NULL", None, Decimal("0.25"), None, None, 0),
]
FOUND = [
    (HOSTILE, True, 0.1, date(1950, 1, 1), datetime(2026, 10, 2, tzinfo=UTC), -6),
    ("", False, 1.0, date(2290, 12, 31), datetime(1969, 12, 31, 23, 59, 59, tzinfo=UTC), 2**63 - 1),
    (None,) * 6,
    ("NULL", None, 0.25, None, None, 0),
]


def sql_of(query: exp.Query) -> str:
    """A query as dbt hands it over."""
    return jinja2.Template(rendered(query, CLICKHOUSE), keep_trailing_newline=True).render()


def asked(clickhouse: ClickHouse, query: exp.Query) -> list[tuple[object, ...]]:
    """Its rows, times in UTC."""
    return list(clickhouse.client.query(sql_of(query), tz_mode="aware").result_rows)


@pytest.mark.parametrize("shown", [slice(0, 4), slice(0, 1), slice(2, 3), slice(0, 0)])
def test_rows_are_what_was_written_and_typed(clickhouse: ClickHouse, shown: slice) -> None:
    query = rows.table_of(COLUMNS, ROWS[shown])
    assert "UNION ALL" not in sql_of(query.copy())
    assert asked(clickhouse, query.copy()) == FOUND[shown]
    told = clickhouse.client.query(f"DESCRIBE TABLE ({sql_of(query)})").result_rows
    assert [row[:2] for row in told] == [(name, f"Nullable({kind})") for name, kind in zip(COLUMNS, TYPES, strict=True)]


@pytest.mark.parametrize("values", [["a", "b'"], ["a"], [None, "b"]])
def test_a_single_column_is_no_tuple(clickhouse: ClickHouse, values: Sequence[str | None]) -> None:
    assert asked(clickhouse, rows.table_of({"item": rows.TEXT}, ([value] for value in values))) == [(each,) for each in values]


def test_thousands_of_rows_need_no_other_limits(clickhouse: ClickHouse) -> None:
    """A statement of 256 KiB, which is as long as one may be."""
    many = [(f"segment_{at}", f"{at:032x}") for at in range(4_500)]
    query = rows.table_of({"segment": rows.TEXT, "rule_hash": rows.TEXT}, many)
    assert 230_000 < len(sql_of(query.copy())) < 262_144
    assert asked(clickhouse, query) == many


def test_what_is_no_literal_of_its_type_is_left_as_it_is() -> None:
    made = rows.table_of({"item": rows.TEXT}, [["a"], ["b"]], lambda cells: exp.Tuple(expressions=[exp.func("lower", *cells)]))
    assert "UNION ALL" in sql_of(made)
    assert "UNION ALL" in sql_of(parse_one("SELECT * FROM (VALUES (1), (2)) AS given(item)").assert_is(exp.Query))
    assert "UNION ALL" in sql_of(rows.table_of({"item": rows.TEXT}, [["a"], [1]]))


EXACT = ("0.29", "-1.15", "0.0000001", "12345678901234567.89", "9999999999999999999.25", "5")
"""Decimals of which no double is one; by a double 0.29 came to 0.28."""


def test_decimals_of_a_long_list_are_exact(clickhouse: ClickHouse) -> None:
    listed = lists.LongList("listed", DataType.DECIMAL, (*map(Decimal, EXACT), 7))
    (model,) = lists.list_models((listed,), CLICKHOUSE)
    assert asked(clickhouse, model.query) == [(Decimal(each),) for each in (*EXACT, "7")]


def test_decimals_of_unit_tests_are_exact(clickhouse: ClickHouse) -> None:
    orders = ", ".join(f"{{order_id: {at}, customer_id: 1, amount: {each}}}" for at, each in enumerate(EXACT))
    text = f"""
tests:
  - name: exact
    as_of: 2026-10-02
    given: {{customers: [{{customer_id: 1}}], orders: [{orders}]}}
    expect: {{vip: []}}
"""
    (written,) = unit_tests.unit_test_files(suite(text, dialect="clickhouse")).values()
    given = {each["input"]: each["rows"] for each in yaml.safe_load(written)["unit_tests"][0]["given"]}
    (sql,) = (rows for relation, rows in given.items() if "orders" in relation)
    found = clickhouse.rows(f"SELECT amount FROM ({sql}) AS orders ORDER BY order_id")
    assert found == [(Decimal(each),) for each in EXACT]
