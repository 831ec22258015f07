"""Conditions in words: as they are said to people, and that there are words for every condition of the stories."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import UTC, date, datetime
from decimal import Decimal
from typing import get_args

import pytest

from segwh import ir
from segwh.commands.wording import Wording
from segwh.project import load_texts
from segwh.semantics import Calendar, Duration, Unit
from tests.cases import harness
from tests.sql import stories

AS_OF = datetime(2026, 3, 31, 10, 30, tzinfo=UTC)


@pytest.mark.parametrize(
    ("written", "said"),
    [
        ("{attribute: city, is: Oslo}", "city is 'Oslo'"),
        ("{attribute: city, is_not: Oslo}", "city is not 'Oslo'"),
        ("{attribute: city, in: [a, b, c, d, e, f, g]}", "city is one of 'a', 'b', 'c', 'd', 'e' and 2 more"),
        ("{attribute: city, not_in: [a, b]}", "city is not one of 'a', 'b'"),
        ("{attribute: city, matches: '^O'}", "city matches '^O'"),
        ("{attribute: city, exists: true}", "city is there and not empty"),
        ("{attribute: subscribed, is: false}", "subscribed is false"),
        ("{attribute: tags, has_any: [new, old]}", "tags has any of 'new', 'old'"),
        ("{attribute: tags, size: {gte: 2}}", "tags has at least 2 elements"),
        ("{attribute: tags, size: 0}", "tags has 0 elements"),
        ("{attribute: tags, size: {gt: 1}}", "tags has more than 1 element"),
        ("{attribute: tags, size: {lt: 3}}", "tags has fewer than 3 elements"),
        ("{attribute: tags, size: 1}", "tags has 1 element"),
        ("{attribute: birthday, before: 2000-01-01}", "birthday is before 2000-01-01"),
        (
            "{attribute: birthday, day_of_year: {within_next: 7 days}}",
            "birthday has a day that comes within 7 days, today included",
        ),
        ("{attribute: birthday, day_of_year: {between: [12-20, 01-06]}}", "birthday has a day from 20 Dec to 6 Jan"),
        # a date lies on days, and the last of them is one of them
        ("{attribute: birthday, is: 2000-01-01}", "birthday is 2000-01-01"),
        ("{attribute: birthday, between: [2000-01-01, 2000-01-31]}", "birthday is from 2000-01-01 to 2000-01-31"),
        ("{attribute: birthday, after: 2000-01-01}", "birthday is at or after 2000-01-02"),
        ("{attribute: birthday, within: 1 hour}", "birthday is on no day: none begins in that time"),
        ("{attribute: birthday, lt: {attribute: newest}}", "birthday is before newest (ordered_at of the last of orders)"),
        ("{attribute: birthday, day_of_year: {is: 02-29}}", "birthday is on 29 Feb"),
        ("{attribute: birthday, day_of_year: {within_next: 1 day}}", "birthday has its day today"),
        ("{attribute: city, contains: 'a\\nb', ignore_case: true}", "city contains 'a\\nb' (whatever the case)"),
        # no row lies after the as-of, wherever the window ends
        ("{event: orders, calendar: {this: month}}", "number of orders since 2026-03-01 00:00 is at least 1"),
        ("{event: orders, until: 2030-01-01, count: 0}", "number of orders is 0"),
        ("{event: orders, until: 2026-01-01, count: 0}", "number of orders before 2026-01-02 00:00 is 0"),
        (
            "{event: orders, last: {where: [{attribute: source, is: web}, {attribute: amount, gt: 3}]}}",
            "the last of orders is one where source is 'web' and amount is above 3",
        ),
        (
            "{sequence: [{event: orders, where: [{attribute: source, is: web}, {attribute: amount, gt: 3}]},"
            " {event: orders, within: 2 days}], within: 60 days}",
            "orders where (source is 'web' and amount is above 3), then orders within 2 days, all since 2026-01-30 11:30",
        ),
        ("{sequence: [{event: orders}, {without: orders, within: 2 days}]}", "orders, then no orders within 2 days"),
        (
            "{not: {event: orders, where: {at_least: 1, of: [{attribute: source, in: [a, b]}, {attribute: amount, gt: 3}]}}}",
            "not (number of orders where at least 1 of (source is one of 'a', 'b'; amount is above 3) is at least 1)",
        ),
        # local times: summer time has begun meanwhile
        ("{event: orders, within: 90 days}", "number of orders since 2025-12-31 11:30 is at least 1"),
        ("{event: orders, within: 3 months, count: 0}", "number of orders since 2025-12-31 12:30 is 0"),
        ("{event: orders, sum: {of: amount, gte: 10.50}}", "sum of amount of orders is at least 10.5"),
        ("{event: orders, first: {before: 2026-01-01}}", "first time of orders is before 2026-01-01 00:00"),
        (
            "{event: orders, where: {all: [{attribute: source, is: web}, {any: [{attribute: amount, gt: 3},"
            " {attribute: product.category, exists: false}]}]}}",
            "number of orders where (source is 'web' and (amount is above 3 or product.category is missing or empty))"
            " is at least 1",
        ),
        ("{attribute: spent, gte: 100}", "spent (sum of amount of orders) is at least 100"),
        ("{segment: other, for: 10 days}", "in segment other for 10 days at least"),
        ("{not: {attribute: spent, gte: 1}}", "not (spent (sum of amount of orders) is at least 1)"),
        ("everyone", "everyone"),
    ],
)
def test_what_is_said(written: str, said: str) -> None:
    rules = f"""
segments:
  - {{name: other, label: O, entity: customer, include: everyone}}
  - {{name: asked, label: S, entity: customer, include: [{written}]}}
traits:
  - {{name: spent, entity: customer, event: orders, sum: amount}}
  - {{name: newest, entity: customer, event: orders, last: ordered_at}}
"""
    texts = {"segments/catalog.yml": stories.CATALOG, "segments/rules.yml": rules}
    project = load_texts(texts, "version: 1\ntimezone: Europe/Oslo\n").project
    assert project is not None
    traits = {trait.name: trait.definition for trait in project.traits if isinstance(trait.definition, ir.Measured)}
    words = Wording(AS_OF, project.settings.calendar, traits)
    assert words.condition(project.segment("asked").include[0].predicate) == said


@pytest.mark.parametrize(
    ("asked", "said"),
    [
        ("is: 2026-02-01T10:00", "is 2026-02-01 10:00"),
        ("is: 2026-02-01", "is from 2026-02-01 00:00 until 2026-02-02 00:00"),
        ("lte: 2026-02-01T10:00:05", "is at or before 2026-02-01 10:00:05"),
        ("lt: 2026-02-01T10:00", "is before 2026-02-01 10:00"),
        ("gt: 2026-02-01T10:00", "is after 2026-02-01 10:00"),
        ("gte: 2026-02-01T10:00", "is at or after 2026-02-01 10:00"),
        ("between: [2026-02-01T10:00, 2026-02-02T10:00]", "is from 2026-02-01 10:00 through 2026-02-02 10:00"),
        # the same hour by the clock, which came twice
        ("between: [2025-10-26T02:30+02:00, 2025-10-26T02:30+01:00]", "is from 2025-10-26 02:30 through 2025-10-26 02:30"),
    ],
)
def test_times_are_said_as_they_are_written(asked: str, said: str) -> None:
    test_what_is_said(f"{{attribute: newest, {asked}}}", f"newest (ordered_at of the last of orders) {said}")


@pytest.mark.parametrize(
    ("value", "said"),
    [
        (None, "missing"),
        (True, "true"),
        ("it's", "'it's'"),
        ("", "''"),
        (Decimal("10.50"), "10.5"),
        (Decimal("100"), "100"),
        (0.1, "0.1"),
        (1e300, "1e+300"),
        ("a\nb", "'a\\nb'"),
        ("long " * 100, "'" + "long " * 40 + "…', 500 characters"),
        ([], "[]"),
        (["a", "it's", None], "['a', 'it's', missing]"),
        (["a"] * 22, "[" + ", ".join(["'a'"] * 20) + " and 2 more]"),
        (datetime(9999, 12, 31, 23, 59, 59), "9999-12-31 23:59:59 UTC"),
        (datetime(1, 1, 1), "0001-01-01 00:43"),
        (3, "3"),
        (date(2026, 3, 1), "2026-03-01"),
        (datetime(2026, 3, 31, 10, 30, 5), "2026-03-31 12:30:05"),
        (datetime(2026, 3, 31, 10, 30, tzinfo=UTC), "2026-03-31 12:30"),
    ],
)
def test_values(value: object, said: str) -> None:
    assert Wording(AS_OF, Calendar("Europe/Oslo")).value(value) == said


def test_segments_of_others_are_theirs() -> None:
    words = Wording(AS_OF, Calendar())
    through = ir.MemberOf("gold", held_for=Duration(2, Unit.DAYS), through="account")
    assert words.condition(through) == "its account is in segment gold for 2 days at least"
    assert words.condition(ir.Not(ir.MemberOf("gold", through="account"))) == "not (its account is in segment gold)"


def test_there_are_words_for_every_condition_of_the_stories() -> None:
    seen: set[type] = set()
    for path in harness.paths():
        project = harness.project_of(harness.load(path))
        words = Wording(AS_OF, project.settings.calendar)
        for segment in project.segments:
            for rule in (*segment.include, *segment.exclude):
                seen.update(type(one) for one in every(rule.predicate))
                assert words.condition(rule.predicate)
    assert seen == {*get_args(ir.Predicate)}


def every(predicate: ir.Predicate) -> Iterator[ir.Predicate]:
    yield predicate
    match predicate:
        case ir.And(items) | ir.Or(items) | ir.AtLeast(_, items):
            for item in items:
                yield from every(item)
        case ir.Not(item):
            yield from every(item)
        case _:
            for operand in ir.operands(predicate):
                if isinstance(operand, ir.Measured) and operand.rows.where is not None:
                    yield from every(operand.rows.where)
