"""The logical plan: what is shared, what is flagged, what comes before what, and plans as text."""

from __future__ import annotations

from pathlib import Path

import pytest

from segwh.plan import build, plan_text, pruned
from segwh.plan.names import MAX_BYTES, Names, bound_name
from segwh.semantics import CalendarEdge, Duration, Relative, Shift, Unit
from tests import golden
from tests.sql import stories

GOLDEN = Path(__file__).parent / "golden"


@pytest.mark.parametrize("story", stories.STORIES)
def test_the_plan_is_as_it_was(story: str) -> None:
    golden.check(GOLDEN / f"{story}.txt", plan_text(build(stories.project(story), {})))


def test_a_measure_that_two_segments_share_is_computed_once() -> None:
    plan = build(stories.project("measures"), {}).entity("customer")
    counts = [name for name in plan.columns.values() if name.startswith("orders_count")]
    assert counts == ["orders_count_90_days_where_product_category_is_chinese_tea"]


def test_only_segments_that_others_need_become_columns() -> None:
    plan = build(stories.project("references"), {}).entity("customer")
    flags = {segment.name: segment.flag for segment in plan.segments}
    assert flags == {
        "unsubscribed": "in_unsubscribed",
        "best": "in_best",
        "phones": "in_phones",
        "campaign": "in_campaign",
        "both": "in_both",
        "both__a": None,
        "both__b": None,
    }


def test_every_derived_column_comes_after_what_it_reads() -> None:
    plan = build(stories.project("references"), {}).entity("customer")
    level = {node.column: number for number, nodes in enumerate(plan.levels) for node in nodes}
    assert level["in_unsubscribed"] < level["best__eligible"] < level["best__within_limit"] < level["in_best"]
    assert level["in_best"] < level["in_campaign"] < level["in_both"]


def test_a_pruned_project_keeps_what_decides_about_a_segment() -> None:
    project = pruned(stories.project("references"), ["both"])
    assert {segment.name for segment in project.segments} == {"unsubscribed", "best", "phones", "campaign", "both"}
    assert {trait.name for trait in project.traits} == {"spent"}
    assert [segment.name for segment in pruned(stories.project("references"), ["unsubscribed"]).segments] == ["unsubscribed"]


def test_a_scan_looks_no_further_back_than_its_measures() -> None:
    plan = build(stories.project("rows_in_order"), {}).entity("customer")
    scans = {scan.name: scan for scan in plan.scans}
    assert [bound_name(bound) for bound in scans["carts"].earliest] == ["days_30_ago"]
    assert scans["orders"].earliest == ()
    assert scans["orders"].ordered


def test_names_are_unique_short_and_always_the_same() -> None:
    long = "orders_count_" + "x" * 80
    wanted = [("city", 1), ("city", 2), (long, 3), (long, 4), ("city", 1)]
    names, again = Names(["city"]), Names(["city"])
    taken = [names.take(*one) for one in wanted]
    assert len(set(taken)) == len(taken)
    assert all(len(name.encode()) <= MAX_BYTES for name in taken)
    assert [again.take(*one) for one in wanted] == taken


@pytest.mark.parametrize(
    ("bound", "name"),
    [
        (Relative(), "as_of"),
        (Relative((Shift(-1, Duration(30, Unit.DAYS)), Shift(-1, Duration(30, Unit.DAYS)))), "days_60_ago"),
        (Relative((Shift(-1, Duration(1, Unit.DAYS)), Shift(1, Duration(24, Unit.HOURS)))), "as_of"),
        (Relative((Shift(-1, Duration(1, Unit.MONTHS)), Shift(-1, Duration(3, Unit.DAYS)))), "months_1_ago_then_days_3_ago"),
        (CalendarEdge(Unit.MONTHS, -2), "month_start_2_ago"),
        (CalendarEdge(Unit.WEEKS), "week_start"),
    ],
)
def test_bounds_have_readable_names(bound: Relative | CalendarEdge, name: str) -> None:
    assert bound_name(bound) == name
