"""Preview: who is left after each step of a rule, counted by hand on visible rows."""

from __future__ import annotations

from datetime import UTC, datetime

import duckdb
import pytest

from segwh.sql import DIALECTS, Preview, preview_query
from tests.sql import stories

DUCKDB = DIALECTS["duckdb"]
AS_OF = datetime(2026, 3, 31, tzinfo=UTC)
RULES = """
segments:
  - name: winback
    label: Winback
    entity: customer
    time_to_live: 1 year
    include: [{attribute: city, is: Oslo}, {event: orders}]
    exclude: [{attribute: tags, has_any: [staff]}]
    limit: {top: 2, by: spent}
    type: static
    expires_on: 2026-01-01
  - {name: unsubscribed, label: No mail, entity: customer, include: [{attribute: subscribed, is: false}]}
  - {name: vip, label: Vip, entity: customer, include: [{attribute: city, is: Oslo}, {attribute: spent, gte: 90}]}
  - name: seeded
    label: With our own addresses
    entity: customer
    include: [{attribute: city, is: Oslo}]
    limit: {top: 2, by: spent}
    always: ref('seeds')
  - {name: phones, label: Phones, entity: customer, aggregate_on: phone, include: everyone, status: inactive}
traits: [{name: spent, entity: customer, event: orders, sum: amount}]
groups: [{name: one_of, exclusive: [vip, winback]}]
exclusions: [{entity: customer, segment: unsubscribed}]
"""
CUSTOMERS = """
    (1, '2026-01-01', 'Oslo', 'a', true, ['new']),
    (2, '2026-01-01', 'Oslo', 'a', true, null),
    (3, '2026-01-01', 'Oslo', 'b', true, []),
    (4, '2026-01-01', 'Oslo', null, false, null),
    (5, '2026-01-01', 'Oslo', 'c', true, ['staff']),
    (6, '2026-01-01', 'Oslo', 'd', null, null),
    (7, '2026-01-01', 'Rome', 'e', true, null),
    (8, '2024-01-01', 'Oslo', 'f', true, null),
    (9, '2026-04-01', 'Oslo', 'g', true, null),
    (10, '2026-01-01', 'Oslo', 'h', true, null)
"""
ORDERS = "(1, 1, 10), (2, 2, 20), (3, 3, 30), (4, 4, 40), (5, 5, 50), (6, 10, 95), (7, 7, 70), (8, 8, 80)"


@pytest.fixture
def warehouse() -> duckdb.DuckDBPyConnection:
    connection = duckdb.connect()
    connection.execute(
        f"""create table customers as select * from (values {CUSTOMERS})
        as t(customer_id, created_at, city, phone_number, subscribed, tags)"""
    )
    connection.execute("alter table customers alter created_at type timestamp")
    connection.execute(
        f"""create table orders as select *, timestamp '2026-03-01' as ordered_at, 'web' as source, 'p' as product_id
        from (values {ORDERS}) as t(order_id, customer_id, amount)"""
    )
    connection.execute("alter table customers add column birthday date")
    return connection


def preview(segment: str) -> Preview:
    project = stories.load({"segments/catalog.yml": stories.CATALOG, "segments/rules.yml": RULES})
    return preview_query(project, segment, AS_OF, DUCKDB, lambda relation, _: relation.parts[-1])


def test_each_step_says_how_many_are_left(warehouse: duckdb.DuckDBPyConnection) -> None:
    shown = preview("winback")
    result = warehouse.execute(shown.counts)
    columns = [column[0] for column in result.description or ()]
    assert [step.column for step in shown.steps] == columns
    assert dict(zip(columns, result.fetchall()[0], strict=True)) == {
        "entities": 9,
        "after_time_to_live": 8,
        "after_include_1": 7,
        "after_include_2": 6,
        "after_exclude_1": 5,
        "after_exclusions": 4,
        "after_priority": 3,
        "after_limit": 2,
        "members": 2,
    }


def test_who_is_always_in_comes_after_who_is_left(warehouse: duckdb.DuckDBPyConnection) -> None:
    warehouse.execute("create table seeds as select * from (values (4), (7), (10), (99)) as t(customer_id)")
    shown = preview("seeded")
    counts = dict(zip((step.column for step in shown.steps), warehouse.execute(shown.counts).fetchall()[0], strict=True))
    # 4 is suppressed and 7 not in Oslo; 10 is one of the best two as well, and 99 is nobody
    steps = {"entities": 9, "after_include_1": 8, "after_exclusions": 7, "after_limit": 2}
    assert counts == {**steps, "with_always": 4, "members": 4}
    assert [step.kind for step in shown.steps][-2:] == ["always", "members"]


def test_steps_carry_the_rule_as_it_was_written() -> None:
    steps = {step.column: step for step in preview("winback").steps}
    assert (steps["after_include_1"].kind, steps["after_include_1"].text) == ("include", "{attribute: city, is: Oslo}")
    span = steps["after_exclude_1"].span
    assert span is not None
    assert (span.file, span.line) == ("segments/rules.yml", 8)


def test_the_sample_shows_members_with_a_few_attributes(warehouse: duckdb.DuckDBPyConnection) -> None:
    result = warehouse.execute(preview("winback").sample)
    assert [column[0] for column in result.description or ()] == ["customer_id", "city", "phone", "birthday", "subscribed"]
    assert [row[0] for row in result.fetchall()] == [2, 3]


def test_an_aggregated_segment_counts_values_even_while_it_is_inactive(warehouse: duckdb.DuckDBPyConnection) -> None:
    shown = preview("phones")
    counts = dict(zip((step.column for step in shown.steps), warehouse.execute(shown.counts).fetchall()[0], strict=True))
    assert counts == {"entities": 9, "after_include_1": 9, "after_exclusions": 8, "members": 7}
    assert warehouse.execute(shown.sample).fetchall() == [("a", 2), ("b", 1), ("c", 1), ("d", 1), ("e", 1), ("f", 1), ("h", 1)]
