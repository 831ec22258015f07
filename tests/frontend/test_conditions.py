"""Conditions: what each form means once bound."""

from __future__ import annotations

from decimal import Decimal

import pytest

from segwh import ir
from segwh.semantics import Duration, Unit
from segwh.types import DataType, Relation
from tests.frontend.catalogs import complaint, load, predicate, segment_of

CITY = ir.Field("city", DataType.STRING)
SCORE = ir.Field("lead_score", DataType.INTEGER)
LONDON = ir.OneOf(CITY, ("London",))


@pytest.mark.parametrize(
    ("condition", "expected"),
    [
        ("{attribute: city, is: London}", LONDON),
        ("{attribute: city, is: no}", ir.OneOf(CITY, ("no",))),
        ("{attribute: city, in: [London, London, Paris], ignore_case: true}", ir.OneOf(CITY, ("London", "Paris"), True)),
        ("{attribute: city, is_not: London}", ir.Not(LONDON)),
        ("{attribute: city, is_not: London, missing: fails}", ir.And((ir.Not(LONDON), ir.Not(ir.IsMissing(CITY))))),
        ("{attribute: city, is: London, missing: matches}", ir.Or((LONDON, ir.IsMissing(CITY)))),
        ("{attribute: city, is: London, missing: fails}", LONDON),
        ("{attribute: city, exists: false}", ir.IsEmpty(CITY)),
        ("{attribute: city, like: 100%_off}", ir.TextMatch(CITY, "contains", "100%_off")),
        ("{attribute: lead_score, gte: 1.50}", ir.Compare(SCORE, "gte", Decimal("1.5"))),
        (
            "{attribute: lead_score, between: [5, 10]}",
            ir.And((ir.Compare(SCORE, "gte", 5), ir.Compare(SCORE, "lte", 10))),
        ),
        ("{attribute: subscribed, is: false}", ir.OneOf(ir.Field("subscribed", DataType.BOOLEAN), (False,))),
        ("{attribute: account.seats, gt: 3}", ir.Compare(ir.Field("seats", DataType.INTEGER, "account"), "gt", 3)),
        ("{attribute: customer_id, is: '7'}", ir.OneOf(ir.Field("customer_id", DataType.STRING), ("7",))),
        (
            '{attribute: sku, in: {relation: "ref(\'skus\')", column: sku}}',
            ir.OneOfRelation(ir.Field("sku", DataType.STRING), Relation("ref", ("skus",)), "sku"),
        ),
        (
            "{attribute: tags, has_none: [a, b]}",
            ir.Not(ir.ListHas(ir.Field("tags", DataType.STRING_LIST), "any", ("a", "b"))),
        ),
        ("{attribute: tags, size: 2}", ir.ListSize(ir.Field("tags", DataType.STRING_LIST), "is", 2)),
        (
            "{attribute: lead_score, gt: {attribute: account.seats}}",
            ir.CompareFields(SCORE, "gt", ir.Field("seats", DataType.INTEGER, "account")),
        ),
        ("{not: {attribute: city, is: London}}", ir.Not(LONDON)),
        ("{all: [{attribute: city, is: London}]}", LONDON),
        (
            "{none: [{attribute: city, is: London}, {attribute: lead_score, gt: 1}]}",
            ir.Not(ir.Or((LONDON, ir.Compare(SCORE, "gt", 1)))),
        ),
        (
            "{at_least: 1, of: [{attribute: city, is: London}, {attribute: lead_score, gt: 1}]}",
            ir.AtLeast(1, (LONDON, ir.Compare(SCORE, "gt", 1))),
        ),
    ],
)
def test_a_condition_on_attributes(condition: str, expected: ir.Predicate) -> None:
    assert predicate(condition) == expected


ORDERS = ir.Rows("event", "orders")
AMOUNT = ir.Field("amount", DataType.DECIMAL)
COUNT = ir.Measured(ORDERS, ir.Count(), DataType.INTEGER)
SMALLEST = ir.Measured(ORDERS, ir.Aggregate("min", AMOUNT), DataType.DECIMAL)


@pytest.mark.parametrize(
    ("condition", "expected"),
    [
        ("{event: orders}", ir.Compare(COUNT, "gte", 1)),
        ("{event: orders, count: 0}", ir.OneOf(COUNT, (0,))),
        ("{event: orders, count: {gte: 1, lte: 3}}", ir.And((ir.Compare(COUNT, "gte", 1), ir.Compare(COUNT, "lte", 3)))),
        (
            "{event: orders, count: {by: product.category, gte: 2}}",
            ir.Compare(
                ir.Measured(ORDERS, ir.Count(ir.Field("category", DataType.STRING, "product")), DataType.INTEGER), "gte", 2
            ),
        ),
        (
            "{event: orders, min: {of: amount, lt: 5}, missing: matches}",
            ir.Or((ir.Compare(SMALLEST, "lt", 5), ir.IsMissing(SMALLEST))),
        ),
        (
            "{event: orders, min: {of: amount, is_not: 5, lt: 9}, missing: fails}",
            ir.And((ir.Not(ir.OneOf(SMALLEST, (5,))), ir.Compare(SMALLEST, "lt", 9), ir.Not(ir.IsMissing(SMALLEST)))),
        ),
        (
            "{event: orders, first: {where: {attribute: source, is: web}}}",
            ir.RowHolds(ORDERS, "first", ir.OneOf(ir.Field("source", DataType.STRING), ("web",))),
        ),
        (
            "{related: tickets, where: [{attribute: status, is: open}, {attribute: priority, lte: 2}]}",
            ir.Compare(
                ir.Measured(
                    ir.Rows(
                        "related",
                        "tickets",
                        ir.And(
                            (
                                ir.OneOf(ir.Field("status", DataType.STRING), ("open",)),
                                ir.Compare(ir.Field("priority", DataType.INTEGER), "lte", 2),
                            )
                        ),
                    ),
                    ir.Count(),
                    DataType.INTEGER,
                ),
                "gte",
                1,
            ),
        ),
    ],
)
def test_a_condition_on_rows(condition: str, expected: ir.Predicate) -> None:
    assert predicate(condition) == expected


def test_the_time_of_a_row_is_a_property_under_its_own_name_and_keeps_its_type() -> None:
    made = predicate("{event: visits, where: {attribute: day, day_of_week: {is: monday}}}")
    assert isinstance(made, ir.Compare)
    assert isinstance(made.subject, ir.Measured)
    assert made.subject.rows.where == ir.DayOfWeekIn(ir.Field("day", DataType.DATE), (0,))


def test_the_time_of_the_first_or_last_row_is_an_instant_also_where_rows_hold_days_only() -> None:
    made = predicate("{event: visits, last: {within: 3 days}}")
    assert isinstance(made, ir.InInterval)
    assert made.subject.type is DataType.TIMESTAMP


def test_a_sequence_keeps_its_steps() -> None:
    made = predicate(
        "{sequence: [{event: page_views}, {event: orders, within: 7 days, same: [source]},"
        " {without: orders, within: 24 hours}]}"
    )
    day = Duration(24, Unit.HOURS)
    assert made == ir.Sequence(
        (
            ir.Step("page_views"),
            ir.Step("orders", within=Duration(7, Unit.DAYS), same=(ir.Field("source", DataType.STRING),)),
            ir.Step("orders", negative=True, within=day),
        )
    )


def test_a_named_condition_is_put_in_place() -> None:
    project = load(
        """
conditions:
  - {name: londoner, entity: customer, when: {attribute: city, is: London}}
  - {name: rich_londoner, entity: customer, when: [{condition: londoner}, {attribute: lead_score, gt: 1}]}
"""
        + segment_of("{condition: rich_londoner}")
    )
    assert project.segment("s").include[0].predicate == ir.And((LONDON, ir.Compare(SCORE, "gt", 1)))


def test_a_bomb_of_named_conditions_does_not_go_off() -> None:
    bomb = "conditions:\n  - {name: c0, entity: customer, when: {attribute: city, is: London}}\n"
    for level in range(1, 30):
        twice = f"{{any: [{{condition: c{level - 1}}}, {{condition: c{level - 1}}}]}}"
        bomb += f"  - {{name: c{level}, entity: customer, when: {twice}}}\n"
    assert "stands for more than" in complaint(bomb + segment_of("{condition: c29}"))


def test_membership_asks_for_entry_or_age() -> None:
    rules = """
segments:
  - {name: a, label: A, entity: customer, include: everyone}
  - {name: b, label: B, entity: customer, include: [{segment: a, entered: {within: 7 days}}, {segment: a, for: 30 days}]}
"""
    assert [rule.predicate for rule in load(rules).segment("b").include] == [
        ir.MemberOf("a", entered_within=Duration(7, Unit.DAYS)),
        ir.MemberOf("a", held_for=Duration(30, Unit.DAYS)),
    ]


def test_a_rule_of_thirty_levels_is_read() -> None:
    nested = "{attribute: city, is: London}"
    for _ in range(30):
        nested = f"{{any: [{nested}, {{attribute: lead_score, gt: 1}}]}}"
    assert isinstance(predicate(nested), ir.Or)


def test_fifty_thousand_values_are_read() -> None:
    made = predicate(f"{{attribute: sku, in: [{', '.join(f'sku-{i}' for i in range(50_000))}]}}")
    assert isinstance(made, ir.OneOf)
    assert len(made.values) == 50_000


@pytest.mark.parametrize(
    ("when", "levels"),
    [("{condition: NEXT}", 1), ("{not: {condition: NEXT}}", 2), ("{none: [{condition: NEXT}, {event: orders}]}", 3)],
)
@pytest.mark.parametrize("is_written_backwards", [False, True])
def test_names_nest_no_deeper_than_text(when: str, levels: int, is_written_backwards: bool) -> None:

    def chain(length: int) -> str:
        names = [f"c{number}" for number in range(length + 1)]
        whens = [when.replace("NEXT", name) for name in names[1:]] + ["{attribute: subscribed, is: true}"]
        lines = [f"  - {{name: {name}, entity: customer, when: {of}}}\n" for name, of in zip(names, whens, strict=True)]
        return "conditions:\n" + "".join(reversed(lines) if is_written_backwards else lines) + segment_of("{condition: c0}")

    longest = (100 - 1) // levels
    assert load(chain(longest)).segment("s").include
    for length in (longest + 1, 1_500):
        assert "conditions, with those that they name, are nested more than 100 levels deep" in complaint(chain(length))
