"""Filling the past gives the log that running on those days gave, as far as the catalog says how the past can be known.

One warehouse lives day by day and holds each day only what had reached it; another is filled from the rows as they are at the
end. Versions, lookups, related rows, late events, keys that come and go: the two logs are the same, row for row.
"""

from __future__ import annotations

import random
from collections.abc import Sequence
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from tests.histories.runner import Call, Runner, compiled

CATALOG = """\
entities:
  - name: customer
    relation: ref('customers')
    key: customer_id
    validity: {from: valid_from, to: valid_to}
    created_at: created_at
    attributes: {city: string, phone: string, subscribed: boolean}
    lookups:
      home: {relation: ref('cities'), by: city, key: city, validity: {from: since, to: till}, properties: {region: string}}
    events:
      - name: orders
        relation: ref('orders')
        key: customer_id
        time: ordered_at
        id: order_id
        loaded_at: loaded_at
        properties: {amount: integer}
    related:
      - name: contracts
        relation: ref('contracts')
        key: customer_id
        validity: {from: since, to: till}
        properties: {kind: string}
traits:
  - {name: spend, entity: customer, event: orders, sum: amount}
exclusions:
  - {entity: customer, segment: unsubscribed, reason: consent}
segments:
  - {name: unsubscribed, label: U, entity: customer, include: [{attribute: subscribed, is: false}]}
  - {name: northern, label: N, entity: customer, include: [{attribute: home.region, is: north}]}
  - {name: buyers, label: B, entity: customer, include: [{event: orders, within: 3 days}]}
  - name: spenders
    label: S
    entity: customer
    include: [{attribute: spend, gte: 10}]
    exclude: [{related: contracts, where: {attribute: kind, is: gold}}]
    limit: {top: 3, by: spend}
  - {name: newcomers, label: N, entity: customer, time_to_live: 4 days, include: everyone}
  - {name: founders, label: F, entity: customer, type: static, include: [{attribute: city, is: Hull}]}
  - {name: phones, label: P, entity: customer, aggregate_on: phone, include: [{segment: buyers}]}
"""
FRESH = """\
  - {name: fresh, label: F, entity: customer, include: {any: [{segment: northern}, {event: orders, within: 2 days}]}}
"""
COLUMNS = {
    "customers": "customer_id varchar, valid_from timestamptz, valid_to timestamptz, created_at timestamptz, city varchar, "
    "phone varchar, subscribed boolean",
    "cities": "city varchar, region varchar, since timestamptz, till timestamptz",
    "orders": "order_id bigint, customer_id varchar, ordered_at timestamptz, loaded_at timestamptz, amount bigint",
    "contracts": "customer_id varchar, kind varchar, since timestamptz, till timestamptz",
}
DAYS = 8
KEYS = "abcdefghij"
Row = tuple[Any, ...]


def at(day: float) -> datetime:
    return datetime(2026, 5, 1, tzinfo=UTC) + timedelta(days=day)


class World:
    """What really happened, and what of it had reached the warehouse at an instant."""

    def __init__(self, seed: int) -> None:
        chosen = random.Random(seed)

        def moments(count: int) -> list[datetime]:
            # some on the very instants of the runs
            return sorted({at(round(chosen.uniform(-3, DAYS) * 4) / 4) for _ in range(count)})

        def stretches(rows: int) -> list[tuple[datetime, datetime | None]]:
            edges: list[datetime] = moments(rows + 1)
            ends = [*edges[1:], chosen.choice([None, at(DAYS - 1)])]
            return [(start, end) for start, end in zip(edges, ends, strict=True) if end is None or start < end]

        self.customers: list[Row] = []
        for key in KEYS:
            versions = stretches(chosen.randint(1, 4))
            for start, end in versions:
                city, phone = chosen.choice(["Hull", "Kent", None]), chosen.choice(["01", "02", None])
                self.customers.append((key, start, end, versions[0][0], city, phone, chosen.random() > 0.3))
        self.cities = [
            (city, chosen.choice(["north", "south"]), start, end) for city in ("Hull", "Kent") for start, end in stretches(3)
        ]
        self.contracts = [(key, chosen.choice(["gold", "tin"]), *one) for key in KEYS for one in stretches(1)]
        self.orders: list[Row] = []
        for order in range(60):
            happened = at(round(chosen.uniform(-2, DAYS) * 8) / 8)
            for _ in range(chosen.choice([1, 1, 2])):  # some are delivered again, changed
                loaded = happened + timedelta(days=chosen.choice([0, 0.1, 1, 3]))
                amount = chosen.randint(1, 9)
                key = chosen.choice(KEYS) if amount == 9 else KEYS[order % len(KEYS)]
                self.orders.append((order, key, happened, loaded, amount))

    def fill(self, runner: Runner, now: datetime) -> None:
        """Load what had reached the warehouse just before an instant; what ends later has no end yet."""

        def versions(rows: Sequence[Row], start: int, end: int) -> list[Row]:
            return [
                tuple(None if place == end and cell is not None and cell > now else cell for place, cell in enumerate(row))
                for row in rows
                if row[start] <= now
            ]

        orders = [row for row in self.orders if row[3] < now]
        loaded = {
            "customers": versions(self.customers, 1, 2),
            "cities": versions(self.cities, 2, 3),
            "orders": orders,
            "contracts": versions(self.contracts, 2, 3),
        }
        for name, rows in loaded.items():
            columns = dict(column.split(" ") for column in COLUMNS[name].split(", "))
            runner.fill(name, columns, rows)


BOOKS = {
    "customer": "customer_id",
    "customer_by_phone": "phone",
}


def books(runner: Runner, where: str = "true", *, order: str = "sequence") -> list[list[Row]]:
    """The logs, memberships and histories of both grains, without the ids of runs."""
    found = []
    for grain, key in BOOKS.items():
        sequence = "sequence" if order == "sequence" else "0"
        columns = f"segment, {key}, change, changed_at, reason, rule_hash, {sequence}"
        found.append(runner.rows(f"select {columns} from segwh_{grain}_changes where {where} order by {order}"))
        for what in ("membership", "history"):
            found.append(runner.rows(f"from segwh_{grain}_{what} where {where} order by all"))
    sizes = "select segment, as_of, members, entered, exited, share, status from segwh_segment_sizes"
    return [*found, runner.rows(f"{sizes} where {where} order by all")]


def lived(world: World, rules: str) -> Runner:
    """A warehouse that ran every day on what it had."""
    runner = Runner()
    for day in range(DAYS):
        world.fill(runner, at(day))
        runner.run(compiled(rules), Call(at(day), accept=("unsubscribed",)))
    return runner


def fill_in(runner: Runner, rules: str, *, only: Sequence[str] = ()) -> None:
    """The steps of `segwh backfill`: the first and the last build everything, those between the books alone."""
    variables = {"segwh_backfill": True, "segwh_only": list(only)}
    for day in range(DAYS):
        call = Call(at(day), accept=("unsubscribed",), variables=variables)
        if 0 < day < DAYS - 1:
            call.select = lambda name: not name.endswith(("_wide", "_segments", "segwh_rules"))
        assert runner.run(compiled(rules), call)


@pytest.mark.parametrize("seed", [0, pytest.param(1, marks=pytest.mark.slow)])
def test_a_past_that_is_filled_in_is_the_past_that_was(seed: int) -> None:
    world = World(seed)
    was = lived(world, CATALOG)
    filled = Runner()
    world.fill(filled, at(DAYS + 10))
    fill_in(filled, CATALOG)
    assert books(filled) == books(was)
    reasons = {reason for (reason,) in was.rows("select distinct reason from segwh_customer_changes")}
    assert reasons >= {"first_run", "rule"}
    assert len(reasons) > 3
    assert len(was.rows("from segwh_customer_changes")) > 50


@pytest.mark.parametrize("seed", [2])
def test_a_new_segment_is_filled_in_beside_old_ones_as_if_it_had_always_been_there(seed: int) -> None:
    world = World(seed)
    was = lived(world, CATALOG + FRESH)
    runner = lived(world, CATALOG)
    old = books(runner)
    world.fill(runner, at(DAYS + 10))
    fill_in(runner, CATALOG + FRESH, only=("fresh",))
    assert books(runner, "segment <> 'fresh'") == old
    assert books(runner, "segment = 'fresh'", order="all") == books(was, "segment = 'fresh'", order="all")
    assert len(runner.rows("select distinct changed_at from segwh_customer_changes where segment = 'fresh'")) > 2
