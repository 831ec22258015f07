"""A table that stopped loading: who depends on it keeps the last good version, everybody else is published."""

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
    attributes: {city: string}
    lookups:
      account:
        relation: ref('accounts')
        by: account_id
        key: account_id
        properties: {plan: string}
        updated_at: {column: synced_on, type: date}
        max_lag: 1 day
    events:
      - name: orders
        relation: ref('orders')
        key: customer_id
        time: ordered_at
        loaded_at: loaded_at
        max_lag: 6 hours
    related:
      - {name: tickets, relation: ref('tickets'), key: customer_id, updated_at: synced_at, max_lag: 6 hours}
segments:
  - {name: londoners, label: L, entity: customer, include: [{attribute: city, is: London}]}
  - {name: gold, label: G, entity: customer, include: [{attribute: account.plan, is: gold}]}
  - {name: buyers, label: B, entity: customer, include: [{event: orders}]}
  - {name: askers, label: A, entity: customer, include: [{related: tickets}]}
"""
NEW, OLD = datetime(2026, 5, 2, 9, 0, tzinfo=UTC), datetime(2026, 5, 2, 3, 0, tzinfo=UTC)
AS_OF, DAY_BEFORE = datetime(2026, 5, 2, 10, 0, tzinfo=UTC), datetime(2026, 5, 1, tzinfo=UTC)
COLUMNS = {
    "customers": {"customer_id": "varchar", "created_at": "timestamptz", "city": "varchar", "account_id": "varchar"},
    "accounts": {"account_id": "varchar", "plan": "varchar", "synced_on": "date"},
    "orders": {"customer_id": "varchar", "ordered_at": "timestamptz", "loaded_at": "timestamptz"},
    "tickets": {"customer_id": "varchar", "synced_at": "timestamptz"},
}


def fill(runner: Runner, who: str, **late: datetime | None) -> None:
    """Tables in which everything is said of `who`; `late` has the newest time of some of them, None: no rows."""
    at = {name: late.get(name, NEW) for name in COLUMNS}
    long_ago = datetime(2026, 1, 1, tzinfo=UTC)
    runner.fill("customers", COLUMNS["customers"], [("ann", long_ago, None, "a"), ("bob", at["customers"], None, "b")])
    runner.connection.execute(f"update customers set city = 'London' where customer_id = '{who}'")
    times = {name: time for name, time in at.items() if time is not None}
    synced = times.get("accounts")
    account = "a" if who == "ann" else "b"
    runner.fill("accounts", COLUMNS["accounts"], [(account, "gold", synced.date())] if synced else [])
    runner.fill("orders", COLUMNS["orders"], [(who, long_ago, times["orders"])] if "orders" in times else [])
    runner.fill("tickets", COLUMNS["tickets"], [(who, times["tickets"])] if "tickets" in times else [])


def members(runner: Runner) -> dict[str, list[str]]:
    found: dict[str, list[str]] = {}
    for segment, key in runner.rows("select segment, customer_id from segwh_customer_membership order by 1, 2"):
        found.setdefault(segment, []).append(key)
    return found


def after(rules: str, **late: datetime | None) -> tuple[dict[str, list[str]], dict[str, str]]:
    """The members after a good run that says all of ann and one that says all of bob, and what the second held back."""
    runner = Runner()
    fill(runner, "ann")
    assert runner.run(compiled(rules), Call(AS_OF))
    fill(runner, "bob", **late)
    runner.run(compiled(rules), Call(AS_OF))
    return members(runner), dict(runner.rows("select segment, problem from segwh_customer_pending where status = 'skipped'"))


@pytest.mark.parametrize(
    ("table", "newest", "segment", "problem"),
    [
        ("orders", OLD, "buyers", "orders (ref('orders')) has no row of the last 6 hours"),
        ("orders", None, "buyers", "orders (ref('orders')) has no row of the last 6 hours"),
        # What is loaded after as-of does not exist then.
        ("orders", AS_OF, "buyers", "orders (ref('orders')) has no row of the last 6 hours"),
        ("tickets", OLD, "askers", "tickets (ref('tickets')) has no row of the last 6 hours"),
        ("tickets", None, "askers", "tickets (ref('tickets')) has no row of the last 6 hours"),
        ("accounts", DAY_BEFORE, "gold", "customer.account (ref('accounts')) has no row of the last day"),
        ("accounts", None, "gold", "customer.account (ref('accounts')) has no row of the last day"),
    ],
)
def test_who_depends_on_it_keeps_the_last_good_version(
    table: str, newest: datetime | None, segment: str, problem: str
) -> None:
    found, held_back = after(RULES, **{table: newest})
    expected = {name: ["bob"] for name in ("londoners", "gold", "buyers", "askers")} | {segment: ["ann"]}
    assert (found, held_back) == (expected, {segment: problem})


@pytest.mark.parametrize("table", ["tickets", "accounts"])
def test_a_table_that_was_written_after_as_of_is_fresh(table: str) -> None:
    assert after(RULES, **{table: datetime(2026, 5, 3, 12, 0, tzinfo=UTC)})[1] == {}


def test_an_entity_that_is_too_old_holds_back_all_its_segments() -> None:
    lagging = RULES.replace("    attributes: {city", "    max_lag: 6 hours\n    attributes: {city")
    problem = "customer (ref('customers')) has no row of the last 6 hours"
    found, held_back = after(lagging, customers=OLD)
    assert found == {name: ["ann"] for name in ("londoners", "gold", "buyers", "askers")}
    assert held_back == dict.fromkeys(found, problem)
    assert after(lagging)[1] == {}


def test_of_a_partitioned_table_only_the_newest_partitions_are_asked() -> None:
    """A row that is said to be new and lies in an old partition does not make the table fresh."""
    rules = """\
entities:
  - name: customer
    relation: ref('customers')
    key: customer_id
    events:
      - name: visits
        relation: ref('visits')
        key: customer_id
        time: visited_at
        max_lag: 6 hours
        partition: {column: visited_on, lag: 1 day}
segments:
  - {name: visitors, label: V, entity: customer, include: [{event: visits}]}
"""
    runner = Runner()
    runner.fill("customers", {"customer_id": "varchar"}, [("ann",)])
    columns = {"customer_id": "varchar", "visited_at": "timestamptz", "visited_on": "date"}
    runner.fill("visits", columns, [("ann", NEW, datetime(2026, 4, 1).date())])
    assert not runner.run(compiled(rules), Call(AS_OF))
    runner.fill("visits", columns, [("ann", NEW, NEW.date())])
    assert runner.run(compiled(rules), Call(AS_OF))
    assert members(runner) == {"visitors": ["ann"]}
