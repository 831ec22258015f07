"""Traits: measures, formulas, points, stages and RFM."""

from __future__ import annotations

from decimal import Decimal

import pytest

from segwh import ir
from segwh.semantics import AS_OF, Duration, Interval, Relative, Shift, Unit
from segwh.types import DataType
from tests.frontend.catalogs import complaint, load

AMOUNT = ir.Field("amount", DataType.DECIMAL)
ORDERS = ir.Rows("event", "orders")


def trait(text: str) -> ir.Trait:
    return load(f"traits:\n  - {{name: t, entity: customer, {text}}}\n").trait("customer", "t")


@pytest.mark.parametrize(
    ("text", "measure", "type_"),
    [
        ("event: orders, sum: amount", ir.Aggregate("sum", AMOUNT), DataType.DECIMAL),
        ("event: orders, avg: amount", ir.Aggregate("avg", AMOUNT), DataType.NUMBER),
        ("event: orders, count: rows", ir.Count(), DataType.INTEGER),
        ("event: orders, count: {by: amount}", ir.Count(AMOUNT), DataType.INTEGER),
        ("event: orders, days: rows", ir.Days(), DataType.INTEGER),
        ("event: orders, last: time", ir.EdgeTime("last"), DataType.TIMESTAMP),
        ("event: orders, first: source", ir.EdgeValue("first", ir.Field("source", DataType.STRING)), DataType.STRING),
        (
            "event: orders, most_frequent: product.category",
            ir.MostFrequent(ir.Field("category", DataType.STRING, "product")),
            DataType.STRING,
        ),
    ],
)
def test_a_measure_has_the_type_of_what_it_measures(text: str, measure: ir.Measure, type_: DataType) -> None:
    made = trait(text)
    assert made.definition == ir.Measured(ORDERS, measure, type_)
    assert made.type is type_


def test_a_measure_takes_where_and_a_window() -> None:
    made = trait("event: orders, where: {attribute: source, is: web}, within: 90 days, count: rows")
    window = Interval(Relative((Shift(-1, Duration(90, Unit.DAYS)),)), AS_OF)
    rows = ir.Rows("event", "orders", ir.OneOf(ir.Field("source", DataType.STRING), ("web",)), window)
    assert made.definition == ir.Measured(rows, ir.Count(), DataType.INTEGER)


def test_a_formula_binds_products_before_sums_and_reads_parts_of_traits() -> None:
    project = load(
        """
traits:
  - {name: spread, entity: customer, formula: "1 - (spend + 2.5) / rfm.recency_score * -lead_score"}
  - {name: spend, entity: customer, event: orders, sum: amount}
  - {name: rfm, entity: customer, rfm: {event: orders, value: amount}}
"""
    )
    spend = ir.TraitValue("spend", DataType.DECIMAL)
    score = ir.TraitValue("rfm", DataType.INTEGER, "recency_score")
    negative = ir.Arithmetic("-", ir.Constant(Decimal(0)), ir.Field("lead_score", DataType.INTEGER))
    ratio = ir.Arithmetic("/", ir.Arithmetic("+", spend, ir.Constant(Decimal("2.5"))), score)
    assert project.trait("customer", "spread").definition == ir.Arithmetic(
        "-", ir.Constant(Decimal(1)), ir.Arithmetic("*", ratio, negative)
    )
    assert [made.name for made in project.traits] == ["spend", "rfm", "spread"]


def test_points_are_whole_only_if_all_are() -> None:
    assert trait("points: [{when: {event: orders}, add: 10}, {when: {attribute: city, exists: true}, add: -5}]").type is (
        DataType.INTEGER
    )
    assert trait("points: [{when: {event: orders}, add: 0.5}]").type is DataType.DECIMAL


def test_the_last_stage_may_have_no_condition() -> None:
    made = trait("stages: [{name: buyer, when: {event: orders}}, {name: other}]").definition
    assert isinstance(made, ir.Stages)
    assert made.entries[1] == ("other", ir.Everyone())


def test_tracked_stages_are_hidden_segments() -> None:
    project = load(
        "traits:\n"
        "  - {name: stage, entity: customer, track: true, stages: [{name: buyer, when: {event: orders}}, {name: other}]}\n"
        "segments:\n  - {name: s, label: S, entity: customer, include: [{segment: stage__buyer, for: 30 days}]}\n"
    )
    buyer = project.segment("stage__buyer")
    assert buyer.hidden
    assert buyer.include[0].predicate == ir.OneOf(ir.TraitValue("stage", DataType.STRING), ("buyer",))


def test_rfm_keeps_its_scores_and_names_in_the_order_written() -> None:
    made = trait(
        "rfm: {event: orders, value: amount, within: 365 days, recency: {scores: 4, method: rank},"
        " monetary: {scores: 3, method: fixed, cuts: [50, 99.5]},"
        " named: {champions: {r: [4, 3], m: [3]}, all_others: {r: [1, 2, 3, 4]}}}"
    ).definition
    assert isinstance(made, ir.Rfm)
    assert made.recency == ir.Scoring(4, "rank")
    assert made.frequency == ir.Scoring(5, "quantile")
    assert made.monetary == ir.Scoring(3, "fixed", (Decimal(50), Decimal("99.5")))
    assert made.named == (
        ir.RfmName("champions", r=(3, 4), m=(3,)),
        ir.RfmName("all_others", r=(1, 2, 3, 4)),
    )


def test_operations_that_follow_from_each_other_are_limited() -> None:
    assert isinstance(trait("formula: " + " + ".join(["lead_score"] * 121)).definition, ir.Arithmetic)
    wrong = "traits:\n  - {name: t, entity: customer, formula: " + " + ".join(["lead_score"] * 122) + "}\n"
    assert "more than 120 operations follow from each other" in complaint(wrong)
