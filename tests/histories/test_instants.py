"""Instants reach the facts as UTC timestamps without zone, whatever type their columns have, and are compared as they are."""

from __future__ import annotations

from datetime import UTC, datetime

import pytest

from tests.histories.runner import Call, Runner, compiled

RULES = """\
entities:
  - name: customer
    relation: ref('customers')
    key: customer_id
    created_at: created_at
    attributes: {signed_up_at: timestamp%s}
    events:
      - name: orders
        relation: ref('orders')
        key: customer_id
        time: %s
        properties: {paid_at: timestamp}
segments:
  - {name: recent, label: R, entity: customer, include: [{event: orders, within: 1 days}]}
  - {name: paid, label: P, entity: customer, include: [{event: orders, where: {attribute: paid_at, within: 1 days}}]}
  - {name: new, label: N, entity: customer, include: [{attribute: signed_up_at, within: 1 days}]}
"""
AS_OF = datetime(2026, 3, 2, 12, tzinfo=UTC)
EDGE, BEFORE = "2026-03-01 12:00:00", "2026-03-01 11:59:59.999999"
TYPES = ("timestamp", "timestamptz", "timestamp_ns", "timestamp_s")


def shop(time_type: str, text: str) -> list[tuple[str, str]]:
    """The members where each instant lies on the edge of the window (a) or right before it (b)."""
    runner = Runner()
    runner.connection.execute("set timezone = 'America/New_York'")

    def instant(at: str) -> str:
        return f"cast('{at}+00' as {time_type})" if time_type == "timestamptz" else f"cast('{at}' as {time_type})"

    before = BEFORE if time_type != "timestamp_s" else "2026-03-01 11:59:59"
    rows = {"a": instant(EDGE), "b": instant(before)}
    for table, first in (("customers", "created_at"), ("orders", "ordered_at")):
        second = {"customers": "signed_up_at", "orders": "paid_at"}[table]
        selects = (f"select '{key}' as customer_id, {at} as {first}, {at} as {second}" for key, at in rows.items())
        runner.connection.execute(f"create table {table} as {' union all '.join(selects)}")
    runner.find_relations()
    assert runner.run(compiled(text), Call(AS_OF), raises=True)
    return runner.rows("select segment, customer_id from segwh_customer_membership order by all")


@pytest.mark.parametrize("time_type", TYPES)
def test_each_type_means_the_same_instant(time_type: str) -> None:
    assert shop(time_type, RULES % ("", "ordered_at")) == [("new", "a"), ("paid", "a"), ("recent", "a")]


def facts(text: str) -> str:
    return compiled(text).models["segwh_customer_facts"]


def test_columns_are_compared_as_they_are() -> None:
    assert "orders.ordered_at < CAST('{{ as_of_utc }}' AS TIMESTAMP)" in facts(RULES % ("", "ordered_at"))
    assert "MAKE_TIMESTAMP" not in facts(RULES % ("", "ordered_at"))


@pytest.mark.parametrize(
    ("attribute", "time"),
    [
        (", day: {type: date, sql: signed_up_at}", "ordered_at"),  # written for the column as it is
        ("", "{column: ordered_at, timezone: Europe/London}"),  # a local time, where it has no zone
    ],
    ids=["a computed column reads one", "another zone is declared"],
)
def test_where_that_is_not_known_the_type_is_asked(attribute: str, time: str) -> None:
    assert "MAKE_TIMESTAMP" in facts(RULES % (attribute, time))


@pytest.mark.parametrize("time_type", ["timestamp", "timestamptz"])
def test_a_local_time_is_one_only_without_zone(time_type: str) -> None:
    found = shop(time_type, RULES % ("", "{column: ordered_at, timezone: Asia/Tokyo}"))
    in_tokyo = [] if time_type == "timestamp" else [("recent", "a")]  # 12:00 there is 03:00 in UTC
    assert found == [("new", "a"), *([] if time_type == "timestamp" else [("paid", "a")]), *in_tokyo]
