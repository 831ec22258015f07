"""What follows from a segment that is held back waits for it: nothing is concluded from members that were not taken."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from tests.histories.runner import Call, Runner, compiled

START, DAY = datetime(2026, 5, 1, tzinfo=UTC), timedelta(days=1)
COLUMNS = {
    "customer_id": "bigint", "created_at": "timestamptz", "score": "bigint", "subscribed": "boolean", "city": "varchar",
    "phone": "varchar",
}  # fmt: skip
CUSTOMERS = """
entities:
  - name: account
    relation: ref('accounts')
    key: account_id
    attributes: {plan: string}
  - name: customer
    relation: ref('customers')
    key: {column: customer_id, type: integer}
    created_at: created_at
    attributes: {score: integer, subscribed: boolean, city: string, phone: string}
    lookups:
      account: {relation: ref('accounts'), by: city, key: account_id, properties: {plan: string}}
segments:
"""
WAITS = "a segment that it follows from keeps an earlier version"


def rules(*segments: str, more: str = "") -> str:
    return CUSTOMERS + "".join(f"  - {{entity: customer, {segment}}}\n" for segment in segments) + more


class Life:
    """A warehouse and what a day's run said of each segment."""

    def __init__(self, text: str) -> None:
        self.project, self.runner, self.days = compiled(text), Runner(), 0
        self.accounts({})

    def accounts(self, plans: Mapping[str, str | None]) -> None:
        self.runner.fill("accounts", {"account_id": "varchar", "plan": "varchar"}, list(plans.items()))

    def run(self, customers: Mapping[int, Mapping[str, Any]], **options: Any) -> bool:
        """A run a day later; each customer has a score of 0 and is subscribed unless told otherwise."""
        rows = [
            (key, START - 9 * DAY, one.get("score", 0), one.get("subscribed", True), one.get("city"), one.get("phone"))
            for key, one in customers.items()
        ]
        self.runner.fill("customers", COLUMNS, rows)
        self.days += 1
        return self.runner.run(self.project, Call(START + self.days * DAY, **options))

    def said(self, grain: str = "customer") -> dict[str, tuple[str, str | None]]:
        """Segment -> how the newest run left it, and why."""
        rows = self.runner.rows(f"select segment, status, problem from segwh_{grain}_pending where kind = 'segment'")
        return {str(segment): (str(status), problem) for segment, status, problem in rows}

    def sizes(self, grain: str = "customer") -> dict[str, int]:
        return dict(Counter(name for (name,) in self.runner.rows(f"select segment from segwh_{grain}_membership")))


def scored(score: int, number: int = 120) -> dict[int, dict[str, Any]]:
    return {key: {"score": score} for key in range(number)}


HIGH = "label: x, include: [{attribute: score, gte: 5}]"


def test_references_and_the_rest_of_a_group() -> None:
    life = Life(
        rules(
            f"name: first, {HIGH}",
            "name: others, label: o, include: everyone, exclude: [{segment: first}]",
            "name: both, label: b, include: [{segment: others}]",
            "name: second, label: s, include: everyone",
            "name: apart, label: a, include: everyone",
            more="groups:\n  - {name: one_of, exclusive: [first, second]}\n",
        )
    )
    assert life.run(scored(9))
    assert life.sizes() == {"first": 120, "apart": 120}
    assert not life.run(scored(0, 130))
    # whom `first` lost would otherwise be in it and in what is for those who are not
    assert life.sizes() == {"first": 120, "apart": 130}
    said = life.said()
    assert {name: said[name] for name in ("others", "both", "second")} == dict.fromkeys(
        ("others", "both", "second"), ("kept", WAITS)
    )
    assert said["apart"] == ("live", None)
    assert life.run(scored(0, 130), accept=["first"])
    assert life.sizes() == {"others": 130, "both": 130, "second": 130, "apart": 130}


def test_what_waited_is_let_go_though_what_it_waited_for_was_accepted_without_it() -> None:
    """A run about that one alone says nothing of the small one; it was never held back for a loss of its own."""
    few = "name: few, label: f, include: [{all: [{segment: first}, {attribute: city, is: Leeds}]}]"
    life = Life(rules(f"name: first, {HIGH}", few))
    assert life.run({key: {"score": 9, "city": "Leeds" if key < 10 else None} for key in range(120)})
    lost = {key: {"city": "Leeds"} for key in range(120)}
    assert not life.run(lost)
    assert life.said()["few"] == ("kept", WAITS)
    assert life.run(lost, accept=["first"], variables={"segwh_only": ["first"]})
    assert life.sizes() == {"few": 10}
    assert life.run(lost)
    assert life.sizes() == {}


def test_the_variants_of_a_split() -> None:
    split = "split: {seed: q, variants: {holdout: 10, a: 45, b: 45}}"
    life = Life(rules(f"name: whole, {split}, {HIGH}"))
    assert life.run(scored(9, 150))
    before = life.sizes()
    assert not life.run(scored(0, 150))
    assert life.sizes() == before
    assert {why for name, (_, why) in life.said().items() if name != "whole"} == {WAITS}


def test_a_suppression_list_of_another_entitys_segment() -> None:
    life = Life(
        rules(
            "name: nobody, label: n, include: [{any: [{segment: account.legal}, {attribute: subscribed, is: false}]}]",
            f"name: mail, {HIGH}",
            more="  - {name: legal, entity: account, label: l, include: [{attribute: plan, is: hold}]}\n"
            "exclusions:\n  - {entity: customer, segment: nobody}\n",
        )
    )
    customers = {key: {"score": 9, "city": str(key), "subscribed": not 120 <= key < 320} for key in range(330)}
    life.accounts({str(key): "hold" for key in range(120)})
    assert life.run(customers)
    assert life.sizes() == {"nobody": 320, "mail": 10}
    life.accounts({str(key): None for key in range(120)})
    assert not life.run(customers)
    assert life.sizes() == {"nobody": 320, "mail": 10}
    assert life.said("account")["legal"][0] == "kept"
    assert life.said() == {"nobody": ("kept", WAITS), "mail": ("blocked", "a suppression segment is not up to date")}


def test_what_follows_from_a_segment_that_takes_no_new_members() -> None:
    life = Life(
        rules(
            "name: no_mail, label: n, include: [{attribute: subscribed, is: false}]",
            f"name: mail, tags: [email], {HIGH}",
            "name: mailed, label: m, include: [{segment: mail}]",
            "name: apart, label: a, include: [{attribute: score, gte: 5}]",
            more="exclusions:\n  - {entity: customer, segment: no_mail, tags: [email]}\n",
        )
    )
    assert life.run({1: {"score": 9}, 2: {"subscribed": False}})
    assert not life.run({1: {"score": 9}, 2: {"score": 9}})
    assert life.sizes() == {"no_mail": 1, "mail": 1, "mailed": 1, "apart": 2}
    assert (life.said()["mail"][0], life.said()["mailed"][0]) == ("blocked", "blocked")


@pytest.mark.parametrize("is_gone", [False, True])
def test_a_list_that_is_empty_while_one_of_it_is_gone(is_gone: bool) -> None:
    life = Life(
        rules(
            "name: never, label: n, include: [{attribute: subscribed, is: false}]",
            f"name: mail, {HIGH}",
            more="exclusions:\n  - {entity: customer, segment: never}\n",
        )
    )
    assert life.run({key: {"score": 9, "subscribed": key >= 50} for key in range(59)})
    assert life.sizes() == {"never": 50, "mail": 9}
    assert not life.run({key: {"score": 9} for key in range(int(is_gone), 59)})
    assert life.sizes() == {"never": 49 if is_gone else 50, "mail": 9}


@pytest.mark.parametrize("emptied", ["by_phone", "by_key"])
def test_small_lists_in_two_grains(emptied: str) -> None:
    life = Life(
        rules(
            f"name: people, {HIGH}",
            f"name: phones, aggregate_on: phone, {HIGH}",
            "name: by_phone, aggregate_on: phone, label: p, include: [{attribute: subscribed, is: false}]",
            "name: by_key, label: k, include: [{attribute: city, is: Nowhere}]",
            more="exclusions:\n  - {entity: customer, segment: by_phone}\n  - {entity: customer, segment: by_key}\n",
        )
    )

    def customers(lists: set[str]) -> dict[int, dict[str, Any]]:
        return {
            key: {
                "score": 9, "phone": str(key), "subscribed": not ("by_phone" in lists and key <= 5),
                "city": "Nowhere" if "by_key" in lists and 5 < key <= 10 else None,
            }
            for key in range(1, 16)
        }  # fmt: skip

    both = {"by_phone", "by_key"}
    assert life.run(customers(both))
    before = (life.sizes(), life.sizes("customer_by_phone"))
    assert before == ({"people": 5, "by_key": 5}, {"phones": 5, "by_phone": 5})
    assert not life.run(customers(both - {emptied}))
    assert (life.sizes(), life.sizes("customer_by_phone")) == before


def test_a_removal_by_name_whatever_the_run_is_about() -> None:
    hourly = f"name: hourly, refresh: hourly, {HIGH}"
    life = Life(rules(hourly, "name: old, label: o, include: everyone"))
    assert life.run(scored(9, 3))
    assert life.sizes() == {"hourly": 3, "old": 3}
    life.project = compiled(rules(hourly))
    assert life.run(scored(9, 3), remove=["old"], variables={"segwh_refresh": ["hourly"]})
    assert life.sizes() == {"hourly": 3}


ONLY_SOME = [{"segwh_refresh": ["hourly"]}, {"segwh_only": ["others", "second", "mail"]}]


@pytest.mark.parametrize("about", ONLY_SOME, ids=["a refresh", "a backfill of segments"])
def test_a_run_that_is_about_others_looks_at_what_these_follow_from(about: Mapping[str, Any]) -> None:
    """Else whom a half loaded table took out of a daily segment would be in the hourly one that excludes it."""
    life = Life(
        rules(
            f"name: first, {HIGH}",
            "name: others, refresh: hourly, label: o, include: everyone, exclude: [{segment: first}]",
            f"name: apart, {HIGH}",
        )
    )
    assert life.run(scored(9))
    assert life.sizes() == {"first": 120, "apart": 120}
    log = "select count(*) from segwh_customer_log where segment in ('first', 'apart')"
    written = life.runner.rows(log)
    for _ in range(2):
        assert not life.run(scored(0, 130), variables=about)
        assert life.sizes() == {"first": 120, "apart": 120}
        assert life.said() == {
            "first": ("kept", "it would lose too many members; accept it if that is right"),
            "others": ("kept", WAITS),
            "apart": ("left", None),  # nobody asks, nobody follows from it
        }
    assert life.run({**scored(9), 125: {"score": 0}}, variables=about)
    assert life.sizes() == {"first": 120, "others": 1, "apart": 120}
    assert life.run(scored(0, 130), variables=about, accept=["first"])
    assert life.sizes() == {"first": 120, "others": 130, "apart": 120}
    assert {name: status for name, (status, _) in life.said().items()} == {"first": "left", "others": "live", "apart": "left"}
    assert life.runner.rows(log) == written  # of those it is not about a run writes nothing, whatever it finds


def test_of_these_it_knows_how_many_left_since_they_were_evaluated() -> None:
    """Also where it follows from the run before, and asks only of whom something changed since."""
    orders = "{name: orders, relation: ref('orders'), key: customer_id, time: ordered_at, loaded_at: loaded_at}"
    text = rules(
        f"name: first, {HIGH}",
        "name: others, refresh: hourly, label: o, include: everyone, exclude: [{segment: first}]",
        "name: buyers, refresh: hourly, label: b, include: [{event: orders, within: 9 days}]",
    )
    life = Life(text.replace("segments:\n", f"    events: [{orders}]\nsegments:\n", 1))
    times = {"customer_id": "bigint", "ordered_at": "timestamptz", "loaded_at": "timestamptz"}
    life.runner.fill("orders", times, [(key, START, START) for key in range(3)])
    assert life.run(scored(9))
    for lost, is_right in ((40, True), (80, False), (118, False)):
        assert life.run({**scored(9), **scored(0, lost)}, variables={"segwh_refresh": ["hourly"]}) is is_right
        assert life.sizes() == {"first": 120, "others": 40, "buyers": 3}


def test_so_it_does_with_a_group_of_which_it_is_about_a_part() -> None:
    group = "groups:\n  - {name: one_of, exclusive: [first, second]}\n"
    life = Life(rules(f"name: first, {HIGH}", "name: second, label: s, include: everyone", more=group))
    assert life.run(scored(9))
    assert not life.run(scored(0), variables={"segwh_only": ["second"]})
    assert life.sizes() == {"first": 120}


def test_so_it_does_with_a_suppression_list_whatever_the_run_is_about() -> None:
    life = Life(
        rules(
            "name: never, label: n, include: [{attribute: subscribed, is: false}]",
            "name: mail, label: m, include: everyone",
            more="exclusions:\n  - {entity: customer, segment: never}\n",
        )
    )
    assert life.run({key: {"subscribed": key >= 3} for key in range(9)})
    assert life.sizes() == {"never": 3, "mail": 6}
    for _ in range(2):
        assert not life.run(scored(0, 9), variables={"segwh_only": ["mail"]})
        assert life.sizes() == {"never": 3, "mail": 6}
        assert {name: status for name, (status, _) in life.said().items()} == {"never": "kept", "mail": "blocked"}


@pytest.mark.parametrize("about", ONLY_SOME, ids=["a refresh", "a backfill of segments"])
def test_so_it_does_with_a_segment_of_another_entity(about: Mapping[str, Any]) -> None:
    life = Life(
        rules(
            "name: others, refresh: hourly, label: o, include: everyone, exclude: [{segment: account.legal}]",
            more="  - {name: legal, entity: account, label: l, include: [{attribute: plan, is: hold}]}\n",
        )
    )
    customers = {key: {"city": str(key)} for key in range(122)}
    life.accounts({str(key): "hold" for key in range(120)})
    assert life.run(customers)
    assert life.sizes() == {"others": 2}
    life.accounts({str(key): None for key in range(120)})
    assert not life.run(customers, variables=about)
    assert life.sizes() == {"others": 2}
    assert (life.said("account")["legal"][0], life.said()["others"]) == ("kept", ("kept", WAITS))


@pytest.mark.parametrize("about", [{}, *ONLY_SOME], ids=["all", "a refresh", "a backfill of segments"])
def test_so_it_does_with_what_guards_that_segment_of_another_entity(about: Mapping[str, Any]) -> None:
    life = Life(
        rules(
            "name: others, refresh: hourly, label: o, include: [{segment: account.legal}]",
            more="  - {name: legal, entity: account, label: l, include: everyone}\n"
            "  - {name: stop, entity: account, label: s, include: [{attribute: plan, is: stop}]}\n"
            "exclusions:\n  - {entity: account, segment: stop}\n",
        )
    )
    customers = {1: {"city": "1"}, 2: {"city": "2"}}
    life.accounts({"1": "stop", "2": "paid"})
    assert life.run(customers)
    life.accounts({"1": None, "2": "paid"})
    assert not life.run(customers, variables=about)
    assert life.sizes() == {"others": 1}
    legal = ("left" if about else "blocked", "a suppression segment is not up to date")
    assert (life.said("account")["stop"][0], life.said("account")["legal"]) == ("kept", legal)
    assert life.said()["others"] == ("kept", WAITS)


@pytest.mark.parametrize("about", [{}, {"segwh_only": ["mail"]}], ids=["all", "a backfill of segments"])
def test_so_it_does_with_what_a_suppression_list_follows_from(about: Mapping[str, Any]) -> None:
    life = Life(
        rules(
            f"name: first, {HIGH}",
            "name: never, label: n, include: [{segment: first}, {attribute: city, is: Leeds}]",
            "name: mail, tags: [email], label: m, include: everyone",
            more="exclusions:\n  - {entity: customer, segment: never, tags: [email]}\n",
        )
    )
    towns = {key: {"city": "Leeds"} if key < 20 else {} for key in range(120)}
    assert life.run({key: {"score": 9, **one} for key, one in towns.items()})
    assert life.sizes() == {"first": 120, "never": 20, "mail": 100}
    assert not life.run({key: {"score": 9 if key < 5 else 0, **one} for key, one in towns.items()}, variables=about)
    assert life.sizes() == {"first": 120, "never": 20, "mail": 100}


def test_lists_that_guard_nothing_that_a_run_is_about_do_not_make_it_fail() -> None:
    life = Life(
        rules(
            f"name: apart, {HIGH}",
            f"name: mail, tags: [email], {HIGH}",
            "name: no_mail, label: n, include: [{attribute: subscribed, is: false}]",
            more="  - {name: legal, entity: account, label: l, include: everyone}\n"
            "  - {name: stop, entity: account, label: s, include: [{attribute: plan, is: stop}]}\n"
            "exclusions:\n  - {entity: account, segment: stop}\n"
            "  - {entity: customer, segment: no_mail, tags: [email]}\n",
        )
    )
    life.accounts({"1": "stop"})
    assert life.run({1: {"score": 9, "subscribed": False}})
    life.accounts({"1": None})
    assert life.run({1: {"score": 9}, 2: {"score": 9}}, variables={"segwh_only": ["apart"]})
    assert life.sizes() == {"apart": 2, "no_mail": 1}
    assert {status for status, _ in (life.said() | life.said("account")).values()} == {"live", "left"}


@pytest.mark.parametrize("kind", ["status: inactive", "type: static", "expires_on: 2026-05-02"])
def test_of_a_frozen_segment_that_it_watches_a_run_writes_nothing(kind: str) -> None:
    def text(kind: str) -> str:
        other = "name: others, label: o, include: everyone, exclude: [{segment: first}]"
        return rules(f"name: first, {kind} {HIGH}", other)

    life = Life(text(""))
    assert life.run(scored(9))
    log = "select count(*) from segwh_customer_log where segment = 'first'"
    written = life.runner.rows(log)
    life.project = compiled(text(f"{kind},"))
    assert life.run({key: {"score": 9} for key in range(1, 130)}, variables={"segwh_only": ["others"]})
    assert life.said() == {"first": ("left", None), "others": ("live", None)}
    assert life.sizes()["first"] == 120
    assert life.runner.rows(log) == written


@pytest.mark.parametrize("kind", ["status: inactive", "type: static", "expires_on: 2026-05-02"])
def test_a_frozen_segment_of_values_holds_back_nobody_who_follows_from_it(kind: str) -> None:
    """It is evaluated no more, or otherwise; that is no loss."""

    def text(kind: str) -> str:
        return rules(
            f"name: phones, {kind} aggregate_on: phone, {HIGH}",
            "name: others, label: o, include: everyone, exclude: [{segment: phones}]",
            "name: never, label: n, include: [{attribute: subscribed, is: false}]",
            more="exclusions:\n  - {entity: customer, segment: never}\n",
        )

    def customers(score: int, never: int = 0) -> dict[int, dict[str, Any]]:
        return {key: {"score": score, "phone": str(key), "subscribed": key >= never} for key in range(130)}

    life = Life(text(""))
    assert life.run(customers(9, 1))
    life.project = compiled(text(f"{kind},"))
    for score, never in ((9, 1), (0, 1), (0, 80)):
        assert life.run(customers(score, never))
    assert life.sizes("customer_by_phone") == {"phones": 50}


@pytest.mark.parametrize("grain", ["", "aggregate_on: phone, "], ids=["of customers", "of phones"])
def test_what_a_list_of_values_guards_waits_for_what_the_list_follows_from(grain: str) -> None:
    """The list of phones is judged before its turn, and what it waits for may have its turn still later."""
    life = Life(
        rules(
            f"name: first, {grain}{HIGH}",
            "name: never, aggregate_on: phone, label: n, include: [{segment: first}, {attribute: city, is: Leeds}]",
            "name: own, label: w, include: [{attribute: subscribed, is: false}]",
            "name: mail, tags: [email], label: m, include: everyone",
            more="exclusions:\n  - {entity: customer, segment: never, tags: [email]}\n"
            "  - {entity: customer, segment: own, tags: [email]}\n",
        )
    )

    def customers(high: int) -> dict[int, dict[str, Any]]:
        return {
            key: {
                "score": 9 if key < high else 0, "phone": str(key), "city": "Leeds" if key < 20 else None,
                "subscribed": key > 0,
            }
            for key in range(120)
        }  # fmt: skip

    assert life.run(customers(120))
    assert life.sizes()["mail"] == 100
    assert not life.run(customers(5))
    assert life.sizes()["mail"] == 100
    assert life.said("customer_by_phone")["never"] == ("kept", WAITS)
    assert life.said()["mail"][0] == "blocked"


@pytest.mark.parametrize("is_read", [True, False])
def test_what_follows_from_values_that_a_list_guards_waits_for_the_list(is_read: bool) -> None:
    """The list is of customers and guards phones alone, whose turn comes after that of the customers who follow from them."""
    life = Life(
        rules(
            "name: phones, tags: [email], aggregate_on: phone, label: p, include: everyone",
            "name: no_mail, label: n, include: [{attribute: subscribed, is_not: true}]",
            "name: reached, label: r, include: [{segment: phones}]",
            more="exclusions:\n  - {entity: customer, segment: no_mail, tags: [email]}\n",
        )
    )
    customers = {key: {"phone": str(key), "subscribed": key > 2} for key in range(5)}
    assert life.run(customers)
    before = {"no_mail": 3, "reached": 2}
    assert life.sizes() == before
    if is_read:
        assert not life.run({key: {**one, "subscribed": True} for key, one in customers.items()})
    else:  # by a column of another type the list would name everybody
        life.runner.connection.execute("alter table customers alter subscribed type varchar using 'x'")
        assert not life.runner.run(life.project, Call(START + 2 * DAY))
    assert life.sizes() == before
    assert life.sizes("customer_by_phone") == {"phones": 2}
