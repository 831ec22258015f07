"""A partitioned event: the partitions that windows cannot reach are not read, and the members stay what they were."""

from __future__ import annotations

import re
from datetime import UTC, date, datetime, timedelta

import duckdb
import pytest

from segwh import ir
from segwh.plan import build
from segwh.sql import DIALECTS, SqlDialect, facts_query, literals, render
from segwh.types import Relation
from tests.cases import compiled, duck
from tests.cases.tables import Table
from tests.sql import stories

RULES = """
entities:
  - name: customer
    relation: ref('customers')
    key: customer_id
    events:
      - name: orders
        relation: ref('orders')
        key: customer_id
        time: ordered_at
        properties: {amount: integer}
        PARTITION
segments:
  - {name: s, label: S, entity: customer, include: [{event: orders, WINDOW count: {gte: 1}}]}
"""
PARTITIONS = {
    "date": "partition: {column: ordered_day, lag: 2 days}",
    "timestamp": "partition: {column: ordered_hour, lag: 6 hours, type: timestamp}",
}
WINDOWS = {
    "within": "within: 7 days, ",
    "months": "within: 1 month, ",
    "ending": "within: 7 days, ending: 1 month ago, ",
    "calendar": "calendar: {last: 1, unit: week}, ",
    "between": "between: [2026-03-01, 2026-03-03], ",
    "until": "until: 2026-03-20, ",
    "all time": "",
}
AS_OF = datetime(2026, 3, 31, 12, 30, tzinfo=UTC)
ORDERS = Relation("ref", ("orders",))


def project(partition: str, window: str) -> ir.Project:
    text = RULES.replace("PARTITION", partition).replace("WINDOW ", window)
    return stories.load({"segments/rules.yml": text}, "version: 1\ntimezone: Pacific/Auckland\n")


def sql(partition: str, window: str, dialect: SqlDialect) -> str:
    plan = build(project(partition, window), {})
    fill = literals(lambda hole: "relation", AS_OF, plan.project.settings.calendar, dialect)
    return render(facts_query(plan, "customer", dialect), dialect, fill)


@pytest.mark.parametrize("dialect", DIALECTS.values(), ids=DIALECTS)
@pytest.mark.parametrize("kind", PARTITIONS)
def test_the_column_is_asked_beside_the_time(kind: str, dialect: SqlDialect) -> None:
    column = "ordered_day" if kind == "date" else "ordered_hour"
    asked = re.findall(rf"{column}\b.*?(>=|<=)", sql(PARTITIONS[kind], WINDOWS["within"], dialect).replace("\n", " "))
    assert asked == [">=", "<="]
    asked = re.findall(rf"{column}\b.*?(>=|<=)", sql(PARTITIONS[kind], WINDOWS["all time"], dialect).replace("\n", " "))
    assert asked == ["<="]
    assert column not in sql("", WINDOWS["within"], dialect)


def rows() -> tuple[dict[str, object], ...]:
    """An order every five hours for months, each by a customer of its own, in partitions as far away as they may be."""
    found: list[dict[str, object]] = []
    for number in range(400):
        at = datetime(2026, 1, 15) + timedelta(hours=5 * number)
        aside = (-1, 1, 0)[number % 3]
        found.append({
            "customer_id": f"c{number}",
            "ordered_at": at,
            "amount": 1,
            "ordered_day": (at + timedelta(days=2 * aside)).date() if number % 7 else None,
            "ordered_hour": at + timedelta(hours=6 * aside),
        })  # fmt: skip
    return tuple(found)


COLUMNS = {
    "customer_id": "string", "ordered_at": "timestamp", "amount": "integer", "ordered_day": "date", "ordered_hour": "timestamp",
}  # fmt: skip


@pytest.mark.parametrize("window", WINDOWS)
@pytest.mark.parametrize("kind", PARTITIONS)
def test_the_members_are_the_same(kind: str, window: str) -> None:
    orders = rows()
    customers = Table({"customer_id": "string"}, tuple({"customer_id": row["customer_id"]} for row in orders))
    found = []
    with duckdb.connect() as connection:
        engine = duck.Duck(connection)
        names = compiled.stored(engine, {Relation("ref", ("customers",)): customers, ORDERS: Table(COLUMNS, orders)})
        for partition in ("", PARTITIONS[kind]):
            found.append(compiled.members(engine, project(partition, WINDOWS[window]), ["s"], AS_OF, names)["s"])
    assert found[0] == found[1]
    assert found[0]


def test_partitions_out_of_reach_are_not_read() -> None:
    """A row that breaks the promise is the proof: its partition is not read."""
    lying = {"customer_id": "c", "ordered_at": datetime(2026, 3, 30), "amount": 1, "ordered_day": date(2026, 3, 1)}
    customers = Table({"customer_id": "string"}, ({"customer_id": "c"},))
    columns = {name: kind for name, kind in COLUMNS.items() if name != "ordered_hour"}
    with duckdb.connect() as connection:
        engine = duck.Duck(connection)
        names = compiled.stored(engine, {Relation("ref", ("customers",)): customers, ORDERS: Table(columns, (lying,))})
        unread = compiled.members(engine, project(PARTITIONS["date"], WINDOWS["within"]), ["s"], AS_OF, names)
        read = compiled.members(engine, project("", WINDOWS["within"]), ["s"], AS_OF, names)
    assert (unread, read) == ({"s": []}, {"s": ["c"]})
