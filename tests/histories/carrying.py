"""A shop whose facts are brought up to date, and what stories about it have in common."""

from __future__ import annotations

import re
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from tests.histories.runner import Call, Compiled, Runner, compiled
from tests.macro_calls import CompilerError

CATALOG = """\
entities:
  - name: customer
    relation: ref('customers')
    key: customer_id
    created_at: created_at
    attributes: {city: string}
    events:
      - name: orders
        relation: ref('orders')
        key: customer_id
        time: ordered_at
        %s
        properties: {amount: decimal, kind: string}
segments:
"""
SEGMENTS = {
    "busy": "{event: orders, within: 7 days, count: {gte: 2}}",
    "big": "{event: orders, within: 1 month, sum: {of: amount, gte: 100}}",
    "asleep": "{event: orders, last: {more_than_ago: 3 days}}",
    "mixed": "{event: orders, within: 7 days, distinct: {of: kind, gte: 2}}",
    "today": "{event: orders, calendar: {this: day}}",
    "dropped": "{sequence: [{event: orders, where: {attribute: kind, is: cart}}, {without: orders, within: 2 days}]}",
    "in_leeds": "{attribute: city, is: Leeds}",
}
LIFELONG = {
    "ever": "{event: orders}",
    "twice": "{event: orders, count: {gte: 2}}",
    "mixed": "{event: orders, distinct: {of: kind, gte: 2}}",
}
LOADED = "loaded_at: loaded_at"
DAY, HOUR = timedelta(days=1), timedelta(hours=1)
START = datetime(2026, 3, 1, tzinfo=UTC)
Order = tuple[str, datetime, datetime, object, str]


def rules(segments: dict[str, str] = SEGMENTS, event: str = LOADED) -> str:
    told = (f"  - {{name: {name}, label: {name}, entity: customer, include: [{text}]}}\n" for name, text in segments.items())
    return CATALOG % event + "".join(told)


def order(key: str, at: datetime, amount: float = 10, kind: str = "order", late: timedelta = timedelta(minutes=5)) -> Order:
    return key, at, at + late, amount, kind


class Shop:
    """A warehouse with customers and orders."""

    def __init__(
        self, text: str | None = None, settings: str = "version: 1\n", runner: Runner | None = None, dialect: str = "duckdb"
    ) -> None:
        self.text, self.settings, self.dialect = text or rules(), settings, dialect
        self.customers = dict.fromkeys("abcde", "York")
        self.twice: tuple[str, ...] = ()
        self.orders: list[Order] = []
        self.type, self.key_type = "decimal(12, 2)", "varchar"
        self.runner = runner or Runner()

    @property
    def project(self) -> Compiled:
        return compiled(self.text, self.settings, self.dialect)

    def fill(self) -> None:
        columns = {"customer_id": self.key_type, "ordered_at": "timestamptz", "loaded_at": "timestamptz", "amount": self.type}
        people = [(key, START - DAY, self.customers[key]) for key in (*self.customers, *self.twice)]
        self.runner.fill("customers", {"customer_id": self.key_type, "created_at": "timestamptz", "city": "varchar"}, people)
        self.runner.fill("orders", {**columns, "kind": "varchar"}, self.orders)

    def run(self, at: datetime, *, compared: bool = True, **options: Any) -> str:
        """One run; what it says of the facts, which are as if all had been worked out."""
        self.fill()
        self.runner.run(self.project, Call(at, **options))
        told = "; ".join(self.runner.told)
        if compared:
            name = "segwh_customer_facts"
            whole = self.runner.query(self.project, name, Call(at, variables={"segwh_full": True}))
            assert self.rows(name) == self.rows(f"({whole})")
        return told

    def rows(self, place: str) -> list[str]:
        left_out = " exclude (segwh_looked_at, segwh_made_by, segwh_base)" if LOADED in self.text else ""
        return sorted(map(repr, self.runner.rows(f"select *{left_out} from {place}")))

    def members(self, segment: str) -> set[str]:
        found = self.runner.rows(f"select customer_id from segwh_customer_membership where segment = '{segment}'")
        return {key for (key,) in found}


class Meddling:
    """A connection over which, once and before facts are staged, somebody else changes what stands there."""

    def __init__(self, connection: Any, meddle: str) -> None:
        self._connection, self._meddle = connection, meddle

    def __getattr__(self, name: str) -> Any:
        return getattr(self._connection, name)

    def execute(self, sql: str, *given: Any) -> Any:
        if self._meddle and re.match(r"create .*table segwh_customer_facts__(new|staged) as", sql):
            meddle, self._meddle = self._meddle, ""
            self._connection.execute(meddle)
        return self._connection.execute(sql, *given)


def facts(name: str) -> bool:
    """Of the models those that facts are made with."""
    return name in ("segwh_rules", "segwh_run_starts") or name.endswith(("_checks", "_state", "_standing", "_facts"))


AGAIN = "segwh: customer: {} of 5 looked at again"
GONE = "segwh: customer: all looked at: rows of orders that are there no more: {}"
CAME_LATE = "segwh: customer: all looked at: rows of orders that came later than load_delay after their loaded_at: {}"
ALL_COMPARED = (
    "segwh: customer: all members compared: the rules are others, or the log is not that of the facts of the run before"
)


def assert_left_alone(shop: Shop, stamp: str) -> None:
    """A run that finds other facts than those it began with changes nothing, and the next one is as if it had not been."""
    shop.orders = [order("a", START, 200)]
    shop.run(START + DAY, compared=False)
    shop.orders += [order("b", START + 1.5 * DAY, 200)]
    shop.fill()
    there = shop.runner.connection
    shop.runner.connection = Meddling(there, f"update segwh_customer_facts set {stamp}")  # type: ignore[assignment]
    looked_at = "select count(*), max(segwh_looked_at) from segwh_customer_facts where customer_id is not null"
    with pytest.raises(CompilerError, match=r"another run of segwh, or an erasure, wrote to \S+ while .*: nothing is changed"):
        shop.runner.run(shop.project, Call(START + 2 * DAY), raises=True)
    shop.runner.connection = there
    assert shop.runner.rows(looked_at) == [(5, START + DAY)]
    assert shop.members("big") == {"a"}
    shop.run(START + 2 * DAY, compared=False)
    assert shop.members("big") == {"a", "b"}


def assert_found_again(shop: Shop) -> None:
    """Rows that a run missed are found by the next one."""
    shop.orders = [order(key, START, 200) for key in "abc"]
    shop.fill()
    there = shop.runner.connection
    shop.runner.connection = Meddling(there, "delete from orders where customer_id <> 'c'")  # type: ignore[assignment]
    assert shop.runner.run(shop.project, Call(START + DAY), raises=True)
    shop.runner.connection = there
    assert shop.members("ever") == {"c"}
    assert shop.run(START + 2 * DAY, compared=False) == CAME_LATE.format(2)
    assert shop.members("ever") == set("abc")
