"""Every reason of the contract, told by a story through a whole compiled project, and which goes first where two apply."""

from __future__ import annotations

from datetime import UTC, datetime

import pytest

from tests.histories.runner import Call, Runner, compiled

COLUMNS = {
    "customer_id": "varchar",
    "created_at": "timestamptz",
    "points": "bigint",
    "city": "varchar",
    "subscribed": "boolean",
}
CATALOG = """\
entities:
  - name: customer
    relation: ref('customers')
    key: customer_id
    created_at: created_at
    attributes: {points: integer, city: string, subscribed: boolean}
segments:
  - {name: unsubscribed, label: U, entity: customer, include: [{attribute: subscribed, is: false}]}
"""
EXCLUSIONS = "exclusions:\n  - {entity: customer, segment: unsubscribed, reason: consent}\n"
VIP = """\
  - name: vip
    label: V
    entity: customer
    time_to_live: 10 days
    include: [{attribute: points, gte: 50}]
    exclude: [{attribute: city, is: Hull}]
    limit: {top: 2, by: points}
"""
FIRST = "  - {name: first, label: F, entity: customer, include: [{attribute: city, is: Leeds}]}\n"
GROUP = "groups:\n  - {name: waterfall, exclusive: [first, vip]}\n"
RULES = CATALOG + VIP + FIRST + GROUP + EXCLUSIONS
REDEFINED = RULES.replace("gte: 50", "gte: 60")
WITHOUT = CATALOG + FIRST + EXCLUSIONS


def day(number: int) -> datetime:
    return datetime(2026, 5, number, tzinfo=UTC)


GOOD = (day(1), 70, "York", True)
"""A customer who is a vip on day 2: created, points, city, subscribed."""
OTHER = (day(1), 60, "York", True)


class Story:
    """A warehouse in which b is a second vip all along."""

    def __init__(self) -> None:
        self.runner = Runner()
        self.runs(2, RULES, a=GOOD)

    def runs(
        self, number: int, rules: str, *, remove: tuple[str, ...] = (), **people: tuple[datetime, int, str, bool] | None
    ) -> None:
        there = {"b": OTHER, **people}
        self.runner.fill("customers", COLUMNS, [(key, *row) for key, row in there.items() if row is not None])
        assert self.runner.run(compiled(rules), Call(day(number), remove=remove))

    def told(self, key: str = "a", segment: str = "vip") -> list[tuple[str, str]]:
        return self.runner.rows(
            "select change, reason from segwh_customer_changes "
            f"where segment = '{segment}' and customer_id = '{key}' order by sequence"
        )


def test_whoever_is_in_at_the_first_evaluation_entered_by_first_run() -> None:
    assert Story().told() == [("entered", "first_run")]


def test_the_first_evaluation_of_a_new_segment_beside_old_ones() -> None:
    story = Story()
    story.runs(3, RULES + "", a=GOOD)
    story.runs(
        3,
        RULES.replace(
            "  - {name: first", "  - {name: second, label: S, entity: customer, include: everyone}\n  - {name: first"
        ),
        a=GOOD,
    )
    assert story.told(segment="second") == [("entered", "first_run")]
    assert story.told() == [("entered", "first_run")]


def test_whoever_comes_in_later_entered_by_rule() -> None:
    story = Story()
    story.runs(3, RULES, a=GOOD, c=(day(1), 90, "York", True))
    assert story.told("c") == [("entered", "rule")]


STORIES = {
    "gone": (RULES, None),
    "definition": (REDEFINED, (day(1), 55, "York", True)),
    "suppressed": (RULES, (day(1), 70, "York", False)),
    "excluded": (RULES, (day(1), 70, "Hull", True)),
    "time_to_live": (RULES, (datetime(2026, 4, 1, tzinfo=UTC), 70, "York", True)),
    "priority": (RULES, (day(1), 70, "Leeds", True)),
    "rule": (RULES, (day(1), 10, "York", True)),
}


@pytest.mark.parametrize("reason", STORIES)
def test_why_someone_left(reason: str) -> None:
    rules, customer = STORIES[reason]
    story = Story()
    story.runs(3, rules, a=customer)
    assert story.told() == [("entered", "first_run"), ("exited", reason)]


def test_whoever_others_outrun_left_by_limit() -> None:
    story = Story()
    story.runs(3, RULES, a=GOOD, c=(day(1), 90, "York", True), d=(day(1), 80, "York", True))
    assert story.told() == [("entered", "first_run"), ("exited", "limit")]


def test_whoever_was_in_a_removed_segment_left_by_segment_removed() -> None:
    story = Story()
    story.runs(3, WITHOUT, a=GOOD)
    assert story.told() == [("entered", "first_run")]
    story.runs(4, WITHOUT, remove=("vip",), a=GOOD)
    assert story.told() == [("entered", "first_run"), ("exited", "segment_removed")]


PRECEDENCE = {
    "gone before segment_removed": (WITHOUT, ("vip",), None, "gone"),
    "gone before definition": (REDEFINED, (), None, "gone"),
    "segment_removed before suppressed": (WITHOUT, ("vip",), (day(1), 70, "York", False), "segment_removed"),
    "definition before suppressed": (REDEFINED, (), (day(1), 70, "York", False), "definition"),
    "suppressed before excluded": (RULES, (), (day(1), 70, "Hull", False), "suppressed"),
    "excluded before time_to_live": (RULES, (), (datetime(2026, 4, 1, tzinfo=UTC), 70, "Hull", True), "excluded"),
    "time_to_live before priority": (RULES, (), (datetime(2026, 4, 1, tzinfo=UTC), 70, "Leeds", True), "time_to_live"),
    "excluded before rule": (RULES, (), (day(1), 10, "Hull", True), "excluded"),
    "time_to_live before rule": (RULES, (), (datetime(2026, 4, 1, tzinfo=UTC), 10, "York", True), "time_to_live"),
    "whom the rule lets go has not lost to an earlier segment": (RULES, (), (day(1), 10, "Leeds", True), "rule"),
}


@pytest.mark.parametrize("which", PRECEDENCE)
def test_the_first_reason_that_applies(which: str) -> None:
    rules, remove, customer, reason = PRECEDENCE[which]
    story = Story()
    story.runs(3, rules, remove=remove, a=customer)
    assert story.told() == [("entered", "first_run"), ("exited", reason)]


def test_priority_before_limit() -> None:
    story = Story()
    story.runs(3, RULES, a=(day(1), 70, "Leeds", True), c=(day(1), 90, "York", True), d=(day(1), 80, "York", True))
    assert story.told() == [("entered", "first_run"), ("exited", "priority")]


def test_a_member_of_an_orphaned_segment_is_still_suppressed_and_goes_when_gone() -> None:
    story = Story()
    story.runs(3, RULES, a=GOOD, b=OTHER)
    story.runs(4, WITHOUT, a=(day(1), 70, "York", False), b=None)
    assert story.told("a")[-1] == ("exited", "suppressed")
    assert story.told("b")[-1] == ("exited", "gone")
    assert story.runner.rows(
        "select status, members from segwh_customer_pending where kind = 'segment' and segment = 'vip'"
    ) == [("orphaned", 0)]


def test_a_reformatted_rule_is_no_new_definition() -> None:
    story = Story()
    other_text = RULES.replace("label: V", "label: Very important\n    owner: crm@example.com\n    tags: [new]").replace(
        "include: [{attribute: points, gte: 50}]", "include:\n      all:\n        - {attribute: points, gte: 50}"
    )
    story.runs(3, other_text, a=(day(1), 10, "York", True))
    assert story.told() == [("entered", "first_run"), ("exited", "rule")]


def test_a_definition_that_changes_behind_a_reference_is_a_definition() -> None:
    chain = RULES.replace("groups:", "  - {name: fans, label: F, entity: customer, include: [{segment: vip}]}\ngroups:")
    story = Story()
    story.runs(3, chain, a=GOOD)
    story.runs(4, chain.replace("gte: 50", "gte: 65"), a=(day(1), 60, "York", True))
    assert story.told(segment="fans") == [("entered", "first_run"), ("exited", "definition")]
