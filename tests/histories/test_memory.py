"""Conditions that look at memory (stay, for, entered) see it as it was before the as-of, whatever earlier runs wrote at it."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from datetime import UTC, datetime, timedelta

import pytest

from tests.histories.runner import SETTINGS, Call, Runner, compiled

START = datetime(2026, 5, 1, tzinfo=UTC)
DAY, HOUR = timedelta(days=1), timedelta(hours=1)
CATALOG = """\
entities:
  - name: customer
    relation: ref('customers')
    key: customer_id
    attributes: {points: integer, phone: string, subscribed: boolean}
segments:
"""
COLUMNS = {"customer_id": "varchar", "points": "bigint", "phone": "varchar", "subscribed": "boolean"}
RICH = "{attribute: points, gte: 5}"
EXCLUSIONS = "exclusions:\n  - {entity: customer, segment: unsubscribed, reason: consent}\n"


def segment(name: str, include: str = RICH, options: str = "") -> str:
    return f"  - {{name: {name}, label: L, entity: customer, {options}include: [{include}]}}\n"


class Shop:
    """Customer a, whose points and consent change, at runs on given days."""

    def __init__(self, *segments: str, settings: str = SETTINGS, more: str = "") -> None:
        self.settings, self.more = settings, more
        self.runner = Runner()
        self.rules(*segments)

    def rules(self, *segments: str) -> None:
        self.project = compiled(CATALOG + "".join(segments) + self.more, self.settings)

    def run(self, day: float, points: int = 9, subscribed: bool = True, stop_after: str | None = None) -> int:
        """Returns how many changes the run wrote."""
        before = len(self.log())
        # z keeps the suppression list from being empty
        self.runner.fill("customers", COLUMNS, [("a", points, "01", subscribed), ("z", 0, None, False)])
        assert self.runner.run(self.project, Call(START + day * DAY, stop_after=stop_after)) is (stop_after is None)
        return len(self.log()) - before

    def log(self, grain: str = "customer") -> list[tuple[object, ...]]:
        if self.runner.relation(f"segwh_{grain}_log") is None:
            return []
        return self.runner.rows(f"from segwh_{grain}_log where change <> 'evaluated'")

    def stays(self) -> Mapping[str, list[tuple[int, int | None]]]:
        """Segment -> from which day to which a was in it."""
        found: dict[str, list[tuple[int, int | None]]] = {}
        query = "select segment, valid_from, valid_to from segwh_customer_history where customer_id = 'a' order by all"
        for name, start, end in self.runner.rows(query):
            found.setdefault(name, []).append(((start - START).days, end and (end - START).days))
        return found


def lived(segments: Iterable[str], days: Mapping[int, int]) -> Mapping[str, list[tuple[int, int | None]]]:
    """The stays where runs on these days found these points, and none was disturbed."""
    shop = Shop(*segments)
    for day, points in days.items():
        shop.run(day, points)
    return shop.stays()


AT_MOST = segment("guests", options="stay: {at_most: 2 days}, ")
AGAIN_AFTER = segment("guests", options="stay: {again_after: 3 days}, ")


def test_a_stay_that_is_over_is_over_at_every_repeat() -> None:
    shop = Shop(AT_MOST, segment("followers", "{segment: guests}"))
    for day in (0, 2):
        shop.run(day)
    assert [shop.run(2) for _ in range(3)] == [0, 0, 0]
    assert shop.stays() == {"guests": [(0, 2)], "followers": [(0, 2)]}


def test_a_stay_of_a_value_is_over_at_every_repeat() -> None:
    shop = Shop(segment("phones", options="aggregate_on: phone, stay: {at_most: 2 days}, "))
    for day in (0, 2, 2, 2):
        shop.run(day)
    assert [change[3] for change in shop.log("customer_by_phone")] == ["entered", "exited"]


@pytest.mark.parametrize("model", ["segwh_customer_log", "segwh_customer_facts"])
def test_a_stay_is_over_after_a_run_that_died(model: str) -> None:
    shop = Shop(AT_MOST)
    shop.run(0)
    shop.run(2, stop_after=model)
    shop.run(2)
    assert shop.run(2) == 0
    assert shop.stays() == {"guests": [(0, 2)]}


def test_a_stay_is_over_for_the_whole_day() -> None:
    shop = Shop(AT_MOST, settings="version: 1\nas_of_unit: day\n")
    for hours in (1, *range(48, 54)):
        shop.run(hours / 24)
    assert shop.stays() == {"guests": [(0, 2)]}
    assert len(shop.log()) == 2


def test_a_false_exit_is_mended_at_its_as_of_though_the_next_entry_must_wait() -> None:
    shop = Shop(AGAIN_AFTER)
    shop.run(0)
    shop.run(1, points=0)
    assert shop.run(1) == 1
    assert shop.run(1) == 0
    assert shop.stays() == {"guests": [(0, None)]} == lived([AGAIN_AFTER], {0: 9, 1: 9})


def test_a_false_entry_that_was_mended_is_no_exit_to_wait_after() -> None:
    shop = Shop(AGAIN_AFTER)
    shop.run(0, points=0)
    shop.run(1)
    assert shop.run(1, points=0) == 1
    assert shop.run(2) == 1
    assert shop.stays() == {"guests": [(2, None)]} == lived([AGAIN_AFTER], {0: 0, 1: 0, 2: 9})


def test_an_exit_that_stands_is_waited_after() -> None:
    shop = Shop(AGAIN_AFTER)
    shop.run(0)
    for points in (0, 9, 0):
        shop.run(1, points)
    for day in (2, 3, 4):
        shop.run(day)
        shop.run(day)
    assert shop.stays() == {"guests": [(0, 1), (4, None)]} == lived([AGAIN_AFTER], {0: 9, 1: 0, 2: 9, 3: 9, 4: 9})


def test_who_may_not_come_back_by_a_rule_of_this_as_of_does_not() -> None:
    plain = segment("guests")
    shop = Shop(plain)
    shop.run(0)
    shop.run(1, points=0)
    shop.run(2)
    shop.rules(AGAIN_AFTER)
    assert shop.run(2) == 1
    assert shop.run(2) == 0
    assert shop.stays() == {"guests": [(0, 1)]}


REFERENCES = (
    segment("rich"),
    segment("loyal", "{segment: rich, for: 2 days}"),
    segment("fresh", "{segment: rich, entered: {within: 1 days}}"),
)


def test_for_and_entered_are_right_after_one_repeat() -> None:
    shop = Shop(*REFERENCES)
    shop.run(0)
    shop.run(5)
    assert shop.run(6, points=0) == 2
    assert shop.run(6) == 2
    assert shop.run(6) == 0
    assert shop.stays() == lived(REFERENCES, {0: 9, 5: 9, 6: 9})
    assert shop.stays()["loyal"] == [(5, None)]


def test_for_and_entered_after_a_false_entry() -> None:
    shop = Shop(*REFERENCES)
    shop.run(0, points=0)
    shop.run(5)
    assert shop.run(5, points=0) == 2
    assert shop.run(5, points=0) == 0
    assert shop.stays() == {}
    shop.run(6)
    assert shop.stays() == lived(REFERENCES, {0: 0, 5: 0, 6: 9})


FROZEN = {"static": "type: static, ", "expired": "expires_on: 2026-05-05, "}


@pytest.mark.parametrize("options", FROZEN.values(), ids=FROZEN)
def test_a_frozen_set_keeps_who_entered_at_this_as_of(options: str) -> None:
    segments = (segment("set", options=options), segment("followers", "{segment: set, entered: {within: 9 days}}"))
    shop = Shop(*segments)
    shop.run(3)
    # what it was computed to at this very as-of is what it keeps
    assert [shop.run(3, points=0 if "static" in options else 9) for _ in range(2)] == [0, 0]
    assert [shop.run(4, points=0) for _ in range(2)] == [0, 0]
    assert shop.stays() == {"set": [(3, None)], "followers": [(3, None)]}


def test_a_frozen_set_hides_and_shows_at_one_as_of_and_remembers_since_when() -> None:
    consent = segment("unsubscribed", "{attribute: subscribed, is: false}")
    segments = (consent, segment("set", options="type: static, "), segment("loyal", "{segment: set, for: 2 days}"))
    shop = Shop(*segments, more=EXCLUSIONS)
    shop.run(0)
    shop.run(3)
    shop.run(4, subscribed=False)
    shop.run(4)
    assert shop.run(4) == 0
    assert shop.stays() == {"set": [(0, None)], "loyal": [(3, None)]}


def test_a_static_set_that_was_computed_anew_keeps_nobody_who_left_at_this_as_of() -> None:
    loyal = segment("loyal", "{segment: set, for: 2 days}")
    shop = Shop(segment("set", options="type: static, "), loyal)
    shop.run(0)
    shop.run(3)
    shop.rules(segment("set", "{attribute: points, gte: 10}", "type: static, "), loyal)
    assert shop.run(4) == 2
    assert [shop.run(4) for _ in range(2)] == [0, 0]
    # computed anew once more: it is as if it had been so from the start
    shop.rules(segment("set", "{attribute: points, gte: 6}", "type: static, "), loyal)
    assert shop.run(4) == 2
    assert [shop.run(4) for _ in range(2)] == [0, 0]
    assert shop.stays() == {"set": [(0, None)], "loyal": [(3, None)]}
