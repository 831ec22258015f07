"""Measures grouped by what they want of a field: the same values as in one GROUP BY, and parts only where they pay."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path

import duckdb
import pytest

from segwh import ir
from segwh.plan import build, shares
from segwh.plan.names import rows_words
from segwh.plan.nodes import Share
from segwh.sql.compile import complete, facts_query
from segwh.sql.dialects import DUCKDB, POSTGRES, SqlDialect
from segwh.sql.dialects.clickhouse import CLICKHOUSE
from segwh.sql.dialects.spark import SPARK
from tests.cases import duck, harness, test_cases
from tests.engines.stories import told_sometimes
from tests.property import test_members
from tests.sql.test_stretches import ORDERS, every_condition, project

PARTING = replace(DUCKDB, has_cheap_scans=False, parts_measures=True)
WHOLE = replace(DUCKDB, has_cheap_scans=False)


@pytest.fixture
def always() -> Iterator[None]:
    """Parts whatever can be parted."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(shares, "WORTHWHILE", float("-inf"))
        yield


def parts_of(*conditions: str) -> list[tuple[str, list[str]]]:
    """What the parts of the measures of one segment want, each with the rows that are asked for among those."""
    parts = build(project(*conditions), {}).entities[0].shares.get(("event", "orders"), ())
    return [(_values(part), [rows_words(rows) for rows in part.asked.values()]) for part in parts]


def _values(part: Share) -> str:
    return " ".join(str(value) for value in part.values.values)


@pytest.mark.usefixtures("always")
def test_each_value_has_a_part_and_what_wants_none_stays_out() -> None:
    found = parts_of(
        "within: 7 days, where: {attribute: source, is: web}", "where: {attribute: source, is: app}", "within: 30 days",
        "where: {attribute: source, is: web}, sum: {of: amount, gte: 5}",
    )  # fmt: skip
    assert found == [("web", ["7_days", ""]), ("app", [""])]


@pytest.mark.usefixtures("always")
def test_values_that_are_wanted_together_share_a_part_and_stay_a_condition() -> None:
    found = parts_of(
        "where: {attribute: source, is: web}", "where: {attribute: source, in: [web, app]}",
        "where: {all: [{attribute: source, is: shop}, {attribute: amount, gt: 5}]}",
    )  # fmt: skip
    assert found == [("web app", ["where_source_is_web", ""]), ("shop", ["where_amount_gt_5"])]


@pytest.mark.usefixtures("always")
def test_what_is_not_wanted_makes_no_part() -> None:
    assert parts_of("where: {attribute: source, is_not: web}", "where: {attribute: amount, gt: 5}") == []


def listed(first: int, last: int) -> str:
    return f"where: {{attribute: source, in: [{', '.join(f's{number}' for number in range(first, last))}]}}"


@pytest.mark.usefixtures("always")
def test_long_lists_that_overlap_are_not_written_once_more() -> None:
    assert parts_of(listed(0, 80), listed(60, 140)) == []
    assert len(parts_of(listed(0, 60), listed(40, 100))) == 1
    assert [asked for _, asked in parts_of(f"within: 7 days, {listed(0, 200)}", listed(0, 200))] == [["7_days", ""]]


def many(sources: int) -> list[str]:
    return [
        f"within: {days} days, where: {{attribute: source, is: s{source}}}, {measure}"
        for days in (7, 30, 90, 180)
        for source in range(sources)
        for measure in ("count: {gte: 2}", "sum: {of: amount, gte: 10}")
    ]


def test_parts_are_made_where_a_row_is_spared_many_conditions() -> None:
    assert [words for words, _ in parts_of(*many(4))] == ["s0", "s1", "s2", "s3"]
    assert parts_of(*many(1)) == []
    assert len(parts_of(*many(40))) == shares.MOST_PARTS
    assert parts_of(*(f"where: {{attribute: source, is: s{number}}}" for number in range(20))) == []


@pytest.mark.parametrize("dialect", [CLICKHOUSE, POSTGRES, SPARK], ids=lambda dialect: dialect.name)
def test_a_part_reads_no_rows_before_its_own_windows(dialect: SqlDialect) -> None:
    text = written(project(*many(4), "first: {before: 2026-05-01}"), dialect)
    parts = [query for query in text.split("GROUP BY") if "source = 's" in query]
    assert len(parts) == 4
    assert all("LEAST(" in part.rpartition("WHERE")[2] for part in parts)
    assert ("NOT MATERIALIZED" in text) is (dialect is POSTGRES)


def test_other_engines_keep_one_grouping() -> None:
    text = written(project(*many(4)), replace(POSTGRES, parts_measures=False))
    assert text.count("GROUP BY") == 1


def written(of: ir.Project, dialect: SqlDialect) -> str:
    plan = build(of, {})
    as_of = datetime(2026, 6, 1, 12, tzinfo=UTC)
    return complete(facts_query(plan, "customer", dialect), plan, as_of, dialect, lambda relation, _: relation.parts[-1], None)


@pytest.mark.usefixtures("always")
def test_every_measure_has_the_same_value_parted_or_not() -> None:
    connection = duckdb.connect()
    connection.execute("create table customers as select i as customer_id from range(40) as numbers(i)")
    connection.execute(ORDERS)
    whole = project(*every_condition())
    assert build(whole, {}).entities[0].shares
    apart, together = (sorted(connection.execute(written(whole, dialect)).fetchall()) for dialect in (PARTING, WHOLE))
    assert apart == together
    assert len(apart) == 40


@told_sometimes(every=3)
@pytest.mark.usefixtures("always")
def test_a_story_ends_the_same_when_measures_are_parted(path: Path) -> None:
    with duckdb.connect() as connection:
        test_cases.told(harness.load(path), duck.Duck(connection, PARTING))


@pytest.mark.usefixtures("always")
def test_random_projects_have_the_same_members_when_measures_are_parted() -> None:
    with duckdb.connect() as connection:
        assert test_members.compared(150, duck.Duck(connection, PARTING)) >= 150
