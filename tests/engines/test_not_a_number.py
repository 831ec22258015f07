"""NaN among exact numbers, which PostgreSQL alone knows: it is no number, and exceeds none."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import UTC, datetime

import pytest

from segwh import ir
from segwh.types import Relation
from tests.cases import compiled, harness
from tests.engines.postgres_engine import PostgresEngine, postgres_engine

__all__ = ["postgres_engine"]

RULES = """\
entities:
  - name: customer
    relation: ref('customers')
    key: {column: customer_id, type: integer}
    attributes: {balance: decimal}
    events:
      - {name: orders, relation: ref('orders'), key: customer_id, time: ordered_at, properties: {amount: decimal}}
traits:
  - {name: worth, entity: customer, event: orders, sum: amount}
  - {name: twice, entity: customer, formula: balance * 2}
segments:
  - {name: rich, label: x, entity: customer, include: [{attribute: balance, gte: 10}]}
  - {name: in_debt, label: x, entity: customer, include: [{attribute: balance, lt: 10}]}
  - {name: known, label: x, entity: customer, include: [{attribute: balance, exists: true}]}
  - {name: not_ten, label: x, entity: customer, include: [{attribute: balance, is_not: 10}]}
  - {name: twice_as_rich, label: x, entity: customer, include: [{attribute: twice, gte: 10}]}
  - {name: worthy, label: x, entity: customer, include: [{attribute: worth, gte: 10}]}
  - {name: on_average, label: x, entity: customer, include: [{event: orders, avg: {of: amount, gte: 10}}]}
  - {name: at_most, label: x, entity: customer, include: [{event: orders, max: {of: amount, lte: 10}}]}
  - {name: at_least, label: x, entity: customer, include: [{event: orders, min: {of: amount, gte: 10}}]}
  - {name: several, label: x, entity: customer, include: [{event: orders, distinct: {of: amount, gte: 2}}]}
  - {name: large, label: x, entity: customer, include: [{event: orders, where: {attribute: amount, gt: 9}}]}
  - {name: first_of_all, label: x, entity: customer, include: everyone, limit: {top: 1, by: balance, order: desc}}
"""
CUSTOMERS = "(1, 'NaN'), (2, '10.00'), (3, null), (4, '-1.50')"
ORDERS = "(1, 'NaN'), (2, 'NaN'), (2, '10.00'), (4, '1.00'), (4, 'NaN'), (4, '2.00')"
EXPECTED = {
    "rich": [2],
    "in_debt": [4],
    "known": [2, 4],
    "not_ten": [1, 3, 4],
    "twice_as_rich": [2],
    "worthy": [2],
    "on_average": [2],
    "at_most": [2, 4],
    "at_least": [2],
    "several": [4],
    "large": [2],
    "first_of_all": [2],
}


def tables(type_: str) -> Iterator[tuple[str, str]]:
    """The names of the tables, and queries that make them."""
    balance = f"cast(balance as {type_}) as balance"
    yield "customers", f"select id as customer_id, {balance} from (values {CUSTOMERS}) as t(id, balance)"
    at = "timestamp '2026-02-01 12:00:00' as ordered_at"
    yield "orders", f"select id as customer_id, {at}, cast(amount as {type_}) as amount from (values {ORDERS}) as t(id, amount)"


@pytest.mark.parametrize("type_", ["numeric(9, 2)", "numeric"])
def test_no_exact_number_is_nan(type_: str, postgres_engine: PostgresEngine) -> None:
    project: ir.Project = harness.bound("version: 1\n", {"segments/rules.yml": RULES})
    for name, sql in tables(type_):
        postgres_engine.keep(name, sql)
    names = {Relation("ref", (name,)): name for name in ("customers", "orders")}
    found = compiled.members(postgres_engine, project, EXPECTED, datetime(2026, 3, 1, tzinfo=UTC), names)
    assert {segment: [int(key) for key in keys] for segment, keys in found.items()} == EXPECTED
