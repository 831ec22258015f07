"""`max_entry_fraction`: a segment that would grow too much in one run keeps its last good version until somebody accepts it."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import pytest

from tests.histories.runner import SETTINGS, compiled
from tests.histories.test_waiting import HIGH, WAITS, Life, rules, scored

GAINS = ("kept", "it would gain too many members; accept it if that is right")
BUT_THOSE_ON_HOLD = "label: m, include: everyone, exclude: [{attribute: account.plan, is: hold}]"


def some(high: int, low: int, **more: Any) -> dict[int, dict[str, Any]]:
    """So many customers of score 9, then so many of score 0."""
    return {key: {"score": 9 if key < high else 0, **more} for key in range(high + low)}


def test_what_an_exclusion_let_in_when_its_table_came_empty_is_not_published() -> None:
    """Nobody left, so no limit of exits sees it."""
    life = Life(
        rules(
            f"name: mailable, max_entry_fraction: 0.5, {BUT_THOSE_ON_HOLD}",
            f"name: without, {BUT_THOSE_ON_HOLD}",
        )
    )
    customers = {key: {"city": str(key)} for key in range(150)}
    life.accounts({str(key): "hold" for key in range(60)})
    assert life.run(customers)
    assert life.sizes() == {"mailable": 90, "without": 90}
    life.accounts({})
    for _ in range(2):
        assert not life.run(customers)
        assert life.sizes() == {"mailable": 90, "without": 150}
        assert life.said() == {"mailable": GAINS, "without": ("live", None)}
    life.accounts({str(key): "hold" for key in range(20)})
    assert life.run(customers)  # 40 of 90 come: fewer than half
    assert life.sizes() == {"mailable": 130, "without": 130}
    life.accounts({})
    assert life.run({key: {"city": str(key)} for key in range(250)}, accept=["mailable"])
    assert life.sizes()["mailable"] == 250


def test_the_limit_of_the_project_and_that_of_a_segment() -> None:
    text = rules(f"name: as_all, {HIGH}", f"name: its_own, max_entry_fraction: 5, {HIGH}")
    life = Life(text)
    life.project = compiled(text, SETTINGS + "max_entry_fraction: 0.5\n")
    assert life.run(some(100, 0))
    assert not life.run(some(300, 0))
    assert life.sizes() == {"as_all": 100, "its_own": 300}
    life.project = compiled(text, SETTINGS + "max_entry_fraction: false\n")
    assert life.run(some(300, 0))
    assert life.sizes() == {"as_all": 300, "its_own": 300}


@pytest.mark.parametrize("about", [{}, {"segwh_refresh": ["hourly"]}], ids=["all", "some"])
def test_what_follows_from_it_waits(about: Mapping[str, Any]) -> None:
    life = Life(
        rules(
            f"name: first, max_entry_fraction: 0.5, {HIGH}",
            "name: others, refresh: hourly, label: o, include: everyone, exclude: [{segment: first}]",
        )
    )
    assert life.run(some(100, 200))
    assert not life.run(some(200, 100), variables=about)
    assert life.sizes() == {"first": 100, "others": 200}
    assert life.said() == {"first": GAINS, "others": ("kept", WAITS)}


def test_a_list_of_another_grain_that_follows_from_it_waits_too() -> None:
    """That list's grain comes first, and has to know what will become of the segment."""
    life = Life(
        rules(
            f"name: risky, max_entry_fraction: 0.5, {HIGH}",
            "name: lines, aggregate_on: phone, label: l, include: [{segment: risky}]",
            "name: called, aggregate_on: phone, tags: [calls], label: c, include: everyone",
            more="exclusions:\n  - {entity: customer, segment: lines, tags: [calls]}\n",
        )
    )

    def customers(high: int) -> dict[int, dict[str, Any]]:
        return {key: {**one, "phone": str(key)} for key, one in some(high, 300 - high).items()}

    assert life.run(customers(100))
    before = life.sizes(), life.sizes("customer_by_phone")
    assert before[1] == {"lines": 100, "called": 200}
    assert not life.run(customers(200))
    assert life.said()["risky"] == GAINS
    assert life.said("customer_by_phone")["lines"] == ("kept", WAITS)
    assert life.run(customers(200), accept=["risky"])
    assert life.sizes("customer_by_phone") == {"lines": 200, "called": 100}


def test_a_suppression_list_takes_all_whom_it_names_whatever_the_project_says() -> None:
    text = rules(
        "name: never, label: n, include: [{attribute: subscribed, is: false}]",
        f"name: mail, {HIGH}",
        more="exclusions:\n  - {entity: customer, segment: never}\n",
    )
    life = Life(text)
    life.project = compiled(text, SETTINGS + "max_entry_fraction: 0.1\nmax_exit_fraction: false\n")
    assert life.run({**scored(9, 200), 200: {"score": 9, "subscribed": False}})
    assert life.sizes() == {"never": 1, "mail": 200}
    assert life.run({key: {"score": 9, "subscribed": key < 20} for key in range(201)})
    assert life.sizes() == {"never": 181, "mail": 20}
