"""Measures cut into stretches of time: the same values as uncut, whatever the windows, and a cut only where it pays."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path

import duckdb
import pytest

from segwh import ir
from segwh.plan import build, stretches
from segwh.plan.nodes import Cut
from segwh.plan.text import rows_text
from segwh.project import load_texts
from segwh.sql.compile import complete, facts_query
from segwh.sql.dialects import DUCKDB
from tests.cases import duck, test_cases
from tests.engines.stories import told_sometimes
from tests.property import test_members

CATALOG = """
entities:
  - name: customer
    relation: ref('customers')
    key: {column: customer_id, type: integer}
    events:
      - name: orders
        relation: ref('orders')
        key: customer_id
        time: ordered_at
        properties: {source: string, amount: decimal}
"""


@pytest.fixture
def always() -> Iterator[None]:
    """Cuts whatever can be cut."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(stretches, "WORTHWHILE", float("-inf"))
        yield


def cut_of(*conditions: str) -> Cut:
    """How the measures of one segment with these conditions on orders are cut."""
    return next(iter(build(project(*conditions), {}).entities[0].cuts.values()))


def project(*conditions: str) -> ir.Project:
    include = "\n".join(f"      - {{event: orders, {condition}}}" for condition in conditions)
    segment = f"segments:\n  - name: one\n    label: One\n    entity: customer\n    include:\n{include}\n"
    loaded = load_texts({"segments/catalog.yml": CATALOG, "segments/one.yml": segment})
    assert loaded.project is not None, loaded.text
    return loaded.project


def names(cut: Cut) -> list[str]:
    return [rows_text(stretch.rows).removeprefix("orders") for stretch in cut.stretches]


@pytest.mark.usefixtures("always")
def test_windows_within_each_other_become_stretches_that_do_not_overlap() -> None:
    cut = cut_of("within: 7 days", "within: 1 week, sum: {of: amount, gte: 5}", "within: 90 days")
    assert names(cut) == [" in [days_7_ago, )", " in [days_90_ago, days_7_ago)"]
    assert sorted(cut.parts.values()) == [(0,), (0,), (0, 1)]


@pytest.mark.usefixtures("always")
def test_a_stretch_of_earlier_days_and_all_time_share_the_bounds_of_the_others() -> None:
    cut = cut_of("within: 30 days", "within: 30 days, ending: 30 days ago", "count: {gte: 3}")
    assert names(cut) == [" in [days_30_ago, )", " in [days_60_ago, days_30_ago)", " in [, days_60_ago)"]
    assert sorted(cut.parts.values()) == [(0,), (0, 1, 2), (1,)]


@pytest.mark.usefixtures("always")
def test_bounds_that_have_no_common_order_are_kept_apart() -> None:
    cut = cut_of("within: 30 days", "within: 1 month", "calendar: {this: month}", "between: [2026-01-01, 2026-01-31]")
    assert len(cut.stretches) == 4
    assert [len(parts) for parts in cut.parts.values()] == [1, 1, 1, 1]


@pytest.mark.usefixtures("always")
def test_rows_of_another_condition_are_another_family() -> None:
    cut = cut_of("within: 30 days", "within: 30 days, where: {attribute: source, is: web}", "within: 7 days")
    assert len(cut.stretches) == 3


def test_a_few_measures_stay_in_one_grouping() -> None:
    assert not build(project("within: 7 days", "within: 90 days"), {}).entities[0].cuts


def test_many_measures_by_source_are_cut() -> None:
    conditions = [
        f"within: {days} days, where: {{attribute: source, is: {source}}}, {measure}"
        for days in (7, 30, 90)
        for source in ("web", "app", "shop")
        for measure in ("count: {gte: 2}", "sum: {of: amount, gte: 10}")
    ]
    cut = cut_of(*conditions)
    assert len(cut.stretches) == 9
    assert len(cut.parts) == 18
    without = [condition.replace("source, is:", "source, is_not:") for condition in conditions]
    # whoever is not from one source may be from neither of the others: each row would be grouped three times
    assert not build(project(*without), {}).entities[0].cuts


def facts(of: ir.Project, connection: duckdb.DuckDBPyConnection) -> list[tuple[object, ...]]:
    plan = build(of, {})
    as_of = datetime(2026, 6, 1, 12, tzinfo=UTC)
    text = complete(facts_query(plan, "customer", DUCKDB), plan, as_of, DUCKDB, lambda relation, _: relation.parts[-1], None)
    return sorted(connection.execute(text).fetchall())


ORDERS = """
create table orders as
select 1 + i % 37 as customer_id, timestamp '2026-01-01' + to_hours(i * 7 % 3700) as ordered_at,
  ['web', 'app', null][1 + i % 3] as source, case when i % 5 > 0 then cast(i % 11 - 3 as decimal(9, 2)) end as amount
from range(900) as numbers(i)
"""


def every_condition() -> list[str]:
    """Each measure of rows by each kind of window and condition."""
    windows = (
        "within: 10 days", "within: 30 days", "within: 30 days, ending: 10 days ago", "before: 30 days ago", "within: 1 month",
        "calendar: {last: 2, unit: month}", "since: 2026-03-01", "between: [2026-02-01, 2026-05-31]", "missing: fails",
    )  # fmt: skip
    measures = ("count: {gte: 2}", "first: {before: 2026-05-01}", "last: {within: 20 days}")
    measures += tuple(f"{function}: {{of: amount, gte: 1}}" for function in ("sum", "min", "max", "avg", "distinct"))
    return [
        f"{window}, {where}{measure}".replace("missing: fails, ", "")
        for window in windows
        for where in ("", "where: {attribute: source, is: web}, ", "where: {attribute: source, is_not: web}, ")
        for measure in measures
    ]


def test_every_measure_has_the_same_value_cut_or_not() -> None:
    connection = duckdb.connect()
    connection.execute("create table customers as select i as customer_id from range(40) as numbers(i)")
    connection.execute(ORDERS)
    whole = project(*every_condition())
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(stretches, "WORTHWHILE", float("inf"))
        assert not build(whole, {}).entities[0].cuts
        uncut = facts(whole, connection)
        patch.setattr(stretches, "WORTHWHILE", float("-inf"))
        assert build(whole, {}).entities[0].cuts
        assert facts(whole, connection) == uncut
    assert len(uncut) == 40


@told_sometimes(every=3)
@pytest.mark.usefixtures("always")
def test_a_story_ends_the_same_when_everything_is_cut(path: Path) -> None:
    test_cases.test_duckdb_tells_the_story(path)


@pytest.mark.usefixtures("always")
def test_random_projects_have_the_same_members_when_everything_is_cut() -> None:
    with duckdb.connect() as connection:
        assert test_members.compared(200, duck.Duck(connection)) >= 200
