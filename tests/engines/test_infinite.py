"""Infinite dates and times, which DuckDB and PostgreSQL know: they come before or after all others, in previews as in runs, and
what cannot be counted from them is missing.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from datetime import UTC, datetime

import duckdb
import pytest

from segwh import ir
from segwh.types import Relation
from tests.cases import compiled, harness
from tests.cases.duck import Duck
from tests.cases.engine import Engine
from tests.engines.postgres_engine import PostgresEngine, postgres_engine
from tests.histories.runner import Call, Runner
from tests.histories.runner import compiled as compiled_models

__all__ = ["postgres_engine"]

AS_OF = datetime(2026, 3, 1, tzinfo=UTC)
RULES = """\
entities:
  - name: customer
    relation: ref('customers')
    key: {column: customer_id, type: integer}
    created_at: created_at
    validity: {from: valid_from, to: valid_to}
    attributes: {seen_at: timestamp, born: date}
    events:
      - name: orders
        relation: ref('orders')
        key: customer_id
        time: ordered_at
        loaded_at: loaded_at
        properties: {paid_at: timestamp, amount: decimal}
traits:
  - name: rfm
    entity: customer
    rfm:
      event: orders
      value: amount
      recency: {scores: 5, method: rank}
      frequency: {scores: 5, method: rank}
      monetary: {scores: 5, method: rank}
segments:
  - {name: there, label: x, entity: customer, include: everyone}
  - {name: young, label: x, entity: customer, time_to_live: 10 years, include: everyone}
  - {name: seen, label: x, entity: customer, include: [{attribute: seen_at, exists: true}]}
  - {name: seen_before, label: x, entity: customer, include: [{attribute: seen_at, before: 2020-01-01}]}
  - {name: seen_after, label: x, entity: customer, include: [{attribute: seen_at, after: 2020-01-01}]}
  - {name: seen_lately, label: x, entity: customer, include: [{attribute: seen_at, within: 30 days}]}
  - {name: seen_soon, label: x, entity: customer, include: [{attribute: seen_at, within_next: 9 years}]}
  - {name: seen_long_ago, label: x, entity: customer, include: [{attribute: seen_at, more_than_ago: 9 years}]}
  - {name: seen_on_monday, label: x, entity: customer, include: [{attribute: seen_at, day_of_week: {in: [monday]}}]}
  - {name: seen_at_an_hour, label: x, entity: customer, include: [{attribute: seen_at, hour: {between: [0, 23]}}]}
  - {name: born_before, label: x, entity: customer, include: [{attribute: born, before: 2000-01-01}]}
  - {name: born_after, label: x, entity: customer, include: [{attribute: born, after: 2000-01-01}]}
  - {name: birthday, label: x, entity: customer, include: [{attribute: born, day_of_year: {between: [01-01, 12-31]}}]}
  - {name: buyers, label: x, entity: customer, include: [{event: orders}]}
  - {name: bought_twice, label: x, entity: customer, include: [{event: orders, days: {gte: 2}}]}
  - {name: bought_lately, label: x, entity: customer, include: [{event: orders, within: 90 days}]}
  - {name: first_long_ago, label: x, entity: customer, include: [{event: orders, first: {more_than_ago: 9 years}}]}
  - {name: paid_ahead, label: x, entity: customer, include: [{event: orders, where: {attribute: paid_at, after: 2030-01-01}}]}
  - {name: recent, label: x, entity: customer, include: [{attribute: rfm.recency, lte: 100}]}
  - {name: recency_known, label: x, entity: customer, include: [{attribute: rfm.recency, exists: true}]}
"""
CUSTOMERS = """
  (1, '-infinity', 'infinity', '-infinity', '-infinity', '-infinity'),
  (2, '2020-01-01', 'infinity', '2020-01-01', 'infinity', 'infinity'),
  (3, '2020-01-01', '-infinity', '2020-01-01', '2026-02-16 12:00:00', '1990-05-05'),
  (4, 'infinity', null, '2020-01-01', '2026-02-16 12:00:00', '1990-05-05'),
  (5, '2020-01-01', null, 'infinity', '2026-02-16 12:00:00', '1990-05-05'),
  (6, '2020-01-01', null, null, '2026-02-16 12:00:00', '1990-05-05')
"""
ORDERS = """
  (1, '-infinity', '-infinity', 'infinity', 1),
  (1, '2026-02-01', '2026-02-01', '2026-02-01', 1),
  (2, '2026-02-01', 'infinity', null, 1),
  (2, 'infinity', '2026-02-01', null, 1),
  (6, '-infinity', '2026-02-01', '-infinity', 1)
"""
EXPECTED = {
    "there": [1, 2, 6],
    "young": [2],
    "seen": [1, 2, 6],
    "seen_before": [1],
    "seen_after": [2, 6],
    "seen_lately": [6],
    "seen_soon": [],
    "seen_long_ago": [1],
    "seen_on_monday": [6],
    "seen_at_an_hour": [6],
    "born_before": [1, 6],
    "born_after": [2],
    "birthday": [6],
    "buyers": [1, 6],
    "bought_twice": [1],
    "bought_lately": [1],
    "first_long_ago": [1, 6],
    "paid_ahead": [1],
    "recent": [1],
    "recency_known": [1],
}
ZONES = {
    "in UTC": (None, "UTC"),
    "a local calendar": (None, "Europe/London"),
    "local columns": ("America/New_York", "Europe/London"),
}
"""The zone that the catalog gives for columns, and that of the calendar."""
every_kind = pytest.mark.parametrize("zones", ZONES.values(), ids=ZONES)
every_type = pytest.mark.parametrize("type_", ["timestamp", "timestamptz"])


def rules(zone: str | None) -> str:
    """The rules, with columns in a zone."""
    if zone is None:
        return RULES
    local = RULES.replace("    validity:", f"    timezone: {zone}\n    validity:")
    for name in ("time: ordered_at", "loaded_at: loaded_at"):
        word, column = name.split(": ")
        local = local.replace(name, f"{word}: {{column: {column}, timezone: {zone}}}")
    return local


def settings(calendar: str) -> str:
    """A segwh.yml."""
    return f"version: 1\ntimezone: {calendar}\n"


def tables(type_: str) -> Iterator[tuple[str, str]]:
    """The names of the tables, and queries that make them."""
    for name, times, other, rows in (
        ("customers", ("valid_from", "valid_to", "created_at", "seen_at"), ("born", "date"), CUSTOMERS),
        ("orders", ("ordered_at", "loaded_at", "paid_at"), ("amount", "decimal(9, 2)"), ORDERS),
    ):
        typed = ", ".join(f"cast({column} as {its}) as {column}" for column, its in (*((one, type_) for one in times), other))
        columns = ", ".join(("customer_id", *times, other[0]))
        yield name, f"select customer_id, {typed} from (values {rows}) as t({columns})"


def asked(engine: Engine, type_: str, zones: tuple[str | None, str]) -> Mapping[str, list[int]]:
    """The members that one query over the tables finds, as a preview asks it."""
    zone, calendar = zones
    project: ir.Project = harness.bound(settings(calendar), {"segments/rules.yml": rules(zone)})
    for name, sql in tables(type_):
        engine.keep(name, sql)
    names = {Relation("ref", (name,)): name for name in ("customers", "orders")}
    found = compiled.members(engine, project, EXPECTED, AS_OF, names)
    return {segment: [int(key) for key in keys] for segment, keys in found.items()}


@every_type
@every_kind
def test_duckdb(type_: str, zones: tuple[str | None, str]) -> None:
    with duckdb.connect() as connection:
        connection.execute("set timezone = 'America/Los_Angeles'")
        assert asked(Duck(connection), type_, zones) == EXPECTED


@every_type
@every_kind
def test_postgres(type_: str, zones: tuple[str | None, str], postgres_engine: PostgresEngine) -> None:
    assert asked(postgres_engine, type_, zones) == EXPECTED


@every_type
@every_kind
def test_a_run_on_duckdb(type_: str, zones: tuple[str | None, str]) -> None:
    runner = Runner()
    for name, sql in tables(type_):
        runner.connection.execute(f"create table {name} as {sql}")
    zone, calendar = zones
    assert runner.run(compiled_models(rules(zone), settings(calendar)), Call(AS_OF), raises=True)
    found: dict[str, list[int]] = {name: [] for name in EXPECTED}
    for segment, key in runner.rows("select segment, customer_id from segwh_customer_membership order by 1, 2"):
        found[segment].append(key)
    assert found == EXPECTED
