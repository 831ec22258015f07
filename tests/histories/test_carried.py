"""Stories of facts that are brought up to date: each ends as if all had been worked out, and the run says what it did."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime, timedelta
from decimal import Decimal

import pytest

from segwh.plan import shares
from tests.histories.carrying import (
    AGAIN,
    ALL_COMPARED,
    CAME_LATE,
    CATALOG,
    DAY,
    HOUR,
    LOADED,
    SEGMENTS,
    START,
    Shop,
    assert_left_alone,
    facts,
    order,
    rules,
)
from tests.histories.erasing import erase
from tests.histories.runner import Call
from tests.macro_calls import CompilerError


def test_only_keys_whose_rows_came_or_crossed_an_edge_are_looked_at() -> None:
    shop = Shop()
    shop.orders = [order("a", START), order("b", START + 3 * HOUR), order("b", START + 4 * HOUR)]
    assert shop.run(START + DAY) == "segwh: customer: all looked at: for the first time"
    assert shop.members("busy") == {"b"}
    assert shop.run(START + 1.5 * DAY) == AGAIN.format(0)
    shop.orders += [order("c", START + 1.9 * DAY)]
    # a row of c came, and no order followed that of a for two days
    assert shop.run(START + 2 * DAY) == AGAIN.format(2)
    assert shop.run(START + 3 * DAY - HOUR) == AGAIN.format(1)
    assert shop.run(START + 3 * DAY - HOUR / 2) == AGAIN.format(0)


def test_what_came_and_left_is_told_off_by_what_measures_want(monkeypatch: pytest.MonkeyPatch) -> None:
    """A GROUP BY for each kind of order, and one for measures of all kinds."""
    monkeypatch.setattr(shares, "WORTHWHILE", float("-inf"))
    wanted = {
        f"{kind}_{days}_{number}": f"{{event: orders, where: {{attribute: kind, is: {kind}}}, within: {days} days, {measure}}}"
        for kind in ("cart", "order")
        for days in (1, 3)
        for number, measure in enumerate(("count: {gte: 2}", "sum: {of: amount, gte: 15}"))
    }
    either = "{event: orders, where: {attribute: kind, in: [cart, wish]}, within: 2 days, count: {gte: 2}}"
    shop = Shop(rules(wanted | {"either": either, "all_kinds": SEGMENTS["busy"]}))
    kinds = ("cart", "order", "wish", "none")
    for step in range(14):
        at = START + step * DAY / 2
        shop.orders += [order("abcde"[n % 5], at - n * HOUR, 7, kinds[(n + step) % 4]) for n in range(1, 7)]
        told = shop.run(at)
    assert "all looked at" not in told
    assert any("_moved_where_kind_is_order" in text for text in shop.project.models.values())


def test_a_row_on_the_edge_of_a_window() -> None:
    shop = Shop(rules({"busy": "{event: orders, within: 7 days}"}))
    moment = timedelta(microseconds=1)
    shop.orders = [order("a", START), order("b", START - moment), order("c", START + moment)]
    shop.run(START + DAY)
    assert shop.members("busy") == {"a", "b", "c"}
    assert shop.run(START + 7 * DAY) == AGAIN.format(1)
    assert shop.members("busy") == {"a", "c"}
    assert shop.run(START + 7 * DAY + timedelta(microseconds=1)) == AGAIN.format(1)
    assert shop.members("busy") == {"c"}
    assert shop.run(START + 7 * DAY + timedelta(microseconds=2)) == AGAIN.format(1)
    assert shop.members("busy") == set()


def test_a_row_at_as_of_counts_at_the_next_one() -> None:
    shop = Shop(rules({"busy": "{event: orders, within: 7 days}"}))
    shop.orders = [order("a", START + DAY, late=timedelta())]
    shop.run(START + DAY)
    assert shop.members("busy") == set()
    shop.run(START + DAY + timedelta(microseconds=1))
    assert shop.members("busy") == {"a"}


def test_a_late_row() -> None:
    shop = Shop()
    shop.orders = [order("e", START - 60 * DAY)]
    shop.run(START + 4 * DAY)
    shop.orders += [order("a", START + DAY, 200, late=4.5 * DAY), order("b", START - 20 * DAY, 200, late=25.5 * DAY)]
    assert shop.run(START + 5 * DAY) == AGAIN.format(0)
    assert shop.run(START + 6 * DAY) == AGAIN.format(2)
    assert shop.members("big") == {"a", "b"}


def test_a_row_that_came_to_be_seen_after_it_was_loaded() -> None:
    shop = Shop(rules({"once": "{event: orders, count: 1}"}))
    shop.run(START + DAY)
    shop.orders = [order("a", START + 0.98 * DAY)]
    shop.run(START + 2 * DAY)
    assert shop.members("once") == {"a"}
    assert shop.run(START + 3 * DAY) == AGAIN.format(0)
    assert shop.members("once") == {"a"}


@pytest.mark.parametrize("ident", ["", "\n        id: kind\n        id_unique: true"], ids=["no id", "an id that is unique"])
def test_a_row_that_is_loaded_again_in_its_place_counts_once(ident: str) -> None:
    told_off = {
        "twice": "{event: orders, count: {gte: 2}}",
        "big": SEGMENTS["big"],
        "dear": "{event: orders, max: {of: amount, gte: 100}}",
    }
    shop = Shop(rules(told_off, LOADED + ident))
    shop.orders = [order("a", START, 60, "one"), order("b", START, 60, "two")]
    shop.run(START + DAY)
    shop.orders[0] = order("a", START, 60, "one", late=1.5 * DAY)
    assert shop.run(START + 2 * DAY) == AGAIN.format(1)
    assert [shop.members(name) for name in told_off] == [set()] * 3
    shop.orders[0] = order("a", START, 120, "one", late=2.5 * DAY)
    shop.orders.append(order("b", START + 2.6 * DAY, 60, "three"))
    shop.run(START + 3 * DAY)
    assert [shop.members(name) for name in told_off] == [{"b"}, {"a", "b"}, {"a"}]
    shop.orders[0] = order("a", START, 70, "one", late=3.5 * DAY)
    shop.run(START + 4 * DAY)
    assert [shop.members(name) for name in told_off] == [{"b"}, {"b"}, set()]


def test_a_delay_of_ones_own() -> None:
    shop = Shop(rules({"once": "{event: orders, count: 1}"}), "version: 1\nload_delay: 12 hours\n")
    shop.run(START + DAY)
    shop.orders = [order("a", START + 0.6 * DAY)]
    shop.run(START + 2 * DAY)
    assert shop.members("once") == {"a"}
    short = Shop(rules({"once": "{event: orders, count: 1}"}), "version: 1\nload_delay: 1 minute\n")
    short.orders = [order("e", START - DAY)]
    short.run(START + DAY)
    short.orders += [order("a", START + 0.6 * DAY)]
    assert short.run(START + 2 * DAY) == CAME_LATE.format(1)
    assert short.members("once") == {"a", "e"}


OTHER_ZONES = [pytest.param(zone, marks=pytest.mark.slow) for zone in ("Europe/London", "Australia/Lord_Howe")]


@pytest.mark.parametrize("zone", ["America/New_York", *OTHER_ZONES])
def test_days_on_which_clocks_change(zone: str) -> None:
    shop = Shop(settings=f"version: 1\ntimezone: {zone}\n")
    begun = datetime(2026, 3, 6, tzinfo=UTC)
    shop.orders = [order("abcde"[hour % 5], begun + hour * HOUR, hour % 60) for hour in range(0, 31 * 24, 7)]
    changes = {"Europe/London": 23, "America/New_York": 2, "Australia/Lord_Howe": 29}
    for step in range(12):
        told = shop.run(begun + changes[zone] * DAY - DAY + step * 5 * HOUR, select=facts)
    assert told == ALL_COMPARED  # there is no log, but the facts were brought up to date


def test_a_month_ago_goes_back_with_the_clocks() -> None:
    shop = Shop(rules({"big": SEGMENTS["big"]}), "version: 1\ntimezone: America/New_York\n")
    # at 05:50 it is 1:50 for the first time, at 06:10 1:10 for the second
    first = datetime(2026, 11, 1, 5, 50, tzinfo=UTC)
    a_month_before = datetime(2026, 10, 1, 5, 30, tzinfo=UTC)
    shop.orders = [order("a", a_month_before, 500)]
    shop.run(first)
    assert shop.members("big") == set()
    assert shop.run(first + timedelta(minutes=20)) == "segwh: customer: all looked at: an edge of a window went back"
    assert shop.members("big") == {"a"}


def test_a_month_ago_goes_back_at_the_end_of_a_month() -> None:
    shop = Shop(rules({"big": SEGMENTS["big"]}))
    shop.orders = [order("a", datetime(2026, 2, 28, 6, tzinfo=UTC), 500)]
    shop.run(datetime(2026, 3, 30, 12, tzinfo=UTC))
    assert shop.members("big") == set()
    assert shop.run(datetime(2026, 3, 31, tzinfo=UTC)) == "segwh: customer: all looked at: an edge of a window went back"
    assert shop.members("big") == {"a"}


def test_customers_who_change_go_and_come_back() -> None:
    shop = Shop()
    shop.orders = [order("a", START, 200), order("b", START, 200)]
    shop.run(START + DAY)
    shop.customers["a"] = "Leeds"
    assert shop.run(START + 2 * DAY) == AGAIN.format(2)
    assert shop.members("in_leeds") == {"a"}
    del shop.customers["a"]
    shop.run(START + 3 * DAY)
    shop.orders += [order("a", START + 3.5 * DAY, 1), order("f", START + 1.5 * DAY, 300)]
    shop.run(START + 4 * DAY)
    shop.customers |= {"a": "Leeds", "f": "York"}
    shop.run(START + 5 * DAY)
    assert shop.members("big") == {"a", "b", "f"}


FORMULA = """\
traits:
  - {name: spent, entity: customer, event: orders, sum: amount}
  - {name: doubled, entity: customer, formula: spent * 2}
"""


@pytest.mark.parametrize(("traits", "tells"), [("", True), (FORMULA, False)])
def test_rows_that_changed_are_found_by_what_is_compared_alone(traits: str, tells: bool) -> None:
    """Of the others nothing is read that is measured, unless something has to be worked out first to know."""
    segments = {name: SEGMENTS[name] for name in ("busy", "asleep", "in_leeds")} | {"of_busy": "{segment: busy}"}
    shop = Shop(rules(segments) + traits)
    shop.orders = [order("a", START, 200), order("b", START)]
    shop.customers["c"] = "Leeds"
    shop.run(START + DAY)
    found = " ".join(shop.project.models["segwh_customer_facts"].split())
    assert ("FROM customer_told WHERE customer_told.customer_id = before.customer_id" in found) == tells
    # c leaves Leeds and nobody knows where d lives, while a and b fall asleep
    shop.customers |= {"c": "York", "d": None}  # type: ignore[dict-item]
    assert shop.run(START + 3.5 * DAY) == AGAIN.format(4)
    assert (shop.members("asleep"), shop.members("in_leeds")) == ({"a", "b"}, set())
    # the same columns, and another bound
    shop.text = rules({**segments, "busy": segments["busy"].replace("gte: 2", "gte: 1")}) + traits
    assert shop.run(START + 3.6 * DAY) == ALL_COMPARED
    assert shop.members("of_busy") == {"a", "b"}
    assert shop.run(START + 3.7 * DAY) == AGAIN.format(0)


def test_facts_of_a_run_that_died_are_those_of_its_as_of() -> None:
    shop = Shop()
    shop.orders = [order("a", START + hour * HOUR, 30) for hour in range(0, 200, 9)]
    shop.run(START + DAY)
    shop.run(START + 4 * DAY, stop_after="segwh_customer_facts")
    assert shop.members("asleep") == set()
    assert shop.run(START + 6 * DAY) == ALL_COMPARED
    shop.run(START + 11 * DAY, stop_after="segwh_run_starts", compared=False)
    assert shop.run(START + 12 * DAY) == AGAIN.format(1)
    assert shop.members("asleep") == {"a"}


@pytest.mark.parametrize(
    ("options", "why"),
    [
        ({"full_refresh": True}, "as asked"),
        ({"variables": {"segwh_full": True}}, "as asked"),
    ],
)
def test_everything_is_looked_at_when_asked(options: dict[str, object], why: str) -> None:
    shop = Shop()
    shop.run(START + DAY)
    assert shop.run(START + 2 * DAY, **options) == f"segwh: customer: all looked at: {why}"
    assert shop.run(START + 3 * DAY) == AGAIN.format(0)


def test_facts_of_two_makers_are_made_anew() -> None:
    """As an erasure beside a run could leave them."""
    shop = Shop()
    shop.orders = [order("a", START, 200)]
    shop.run(START + DAY)
    shop.runner.connection.execute("update segwh_customer_facts set segwh_made_by = 0 where customer_id <> 'a'")
    assert shop.run(START + 2 * DAY) == "segwh: customer: all looked at: what the run before left is not in order"
    assert shop.run(START + 2.5 * DAY) == AGAIN.format(0)


def test_everything_is_looked_at_again_at_the_same_as_of_and_before_it() -> None:
    why = "segwh: customer: all looked at: its as-of is not later than that of the run before"
    shop = Shop()
    shop.orders = [order("e", START - 60 * DAY)]
    shop.run(START + DAY)
    # a correction: rows that were there all along and were not seen
    shop.orders += [order("a", START, 200)]
    assert shop.run(START + DAY) == why
    assert shop.members("big") == {"a"}
    shop.text = rules({**SEGMENTS, "newer": "{event: orders}"})
    assert "where the rows are, are not those" in shop.run(START + 0.7 * DAY, variables={"segwh_backfill": True})


def test_everything_is_looked_at_when_a_rule_asks_something_new_of_events() -> None:
    shop = Shop()
    shop.run(START + DAY)
    shop.text = rules({**SEGMENTS, "in_york": "{attribute: city, is: York}"})
    assert shop.run(START + 2 * DAY) == ALL_COMPARED
    shop.text = rules({**SEGMENTS, "two": "{event: orders, within: 2 days}"})
    assert "the rules, or where the rows are, are not those of the run before" in shop.run(START + 3 * DAY)
    shop.settings = "version: 1\ntimezone: Europe/Paris\n"
    assert "the rules, or where the rows are, are not those of the run before" in shop.run(START + 4 * DAY)


def test_memberships_that_others_refer_to_follow_what_they_are_told_by() -> None:
    """Where nothing of a row is another, they are looked at only if rules are others or time alone may change them."""
    segments = {
        "busy": SEGMENTS["busy"],
        "asleep": SEGMENTS["asleep"],
        "in_leeds": SEGMENTS["in_leeds"],
        "busy_somewhere": "{segment: busy}",
        "awake": "{not: {segment: asleep}}",
        "asleep_in_leeds": "{all: [{segment: in_leeds}, {segment: asleep}]}",
    }
    shop = Shop(rules(segments))
    shop.orders = [order("a", START), order("b", START), order("b", START + HOUR), order("c", START + 2.5 * DAY)]
    shop.run(START + 0.5 * DAY)
    shop.run(START + DAY)
    assert shop.members("busy_somewhere") == {"b"}
    shop.customers["a"] = "Leeds"
    assert shop.run(START + 2 * DAY) == AGAIN.format(1)
    assert shop.members("awake") == set("abcde")
    # a and b fall asleep, and c has ordered
    assert shop.run(START + 3.5 * DAY) == AGAIN.format(3)
    assert shop.members("awake") == {"c", "d", "e"}
    assert shop.members("asleep_in_leeds") == {"a"}
    # the same count of each, and another bound
    shop.text = rules({**segments, "busy": segments["busy"].replace("gte: 2", "gte: 1")})
    assert shop.run(START + 3.6 * DAY) == ALL_COMPARED
    assert shop.members("busy_somewhere") == {"a", "b", "c"}
    # rules that are others in a run that dies are so in the next one, too
    shop.text = rules(segments)
    shop.run(START + 3.7 * DAY, stop_after="segwh_customer_facts")
    assert shop.run(START + 3.8 * DAY) == ALL_COMPARED
    assert shop.members("busy_somewhere") == {"b"}
    assert shop.run(START + 3.9 * DAY) == AGAIN.format(0)
    assert shop.members("busy_somewhere") == {"b"}


def test_a_membership_that_another_segment_of_the_same_rule_decides_is_worked_out() -> None:
    """The rules are the same but for a name, and so are the columns; only one of those named stands behind another."""

    def text(name: str) -> str:
        told = {
            "busy": SEGMENTS["busy"],
            "second": SEGMENTS["in_leeds"],
            "first": SEGMENTS["in_leeds"],
            "inner": f"{{segment: {name}}}",
            "outer": "{segment: inner}",
            "either": "{any: [{segment: second}, {segment: first}]}",
        }
        return rules(told) + "groups:\n  - {name: turns, exclusive: [busy, second]}\n"

    shop = Shop(text("second"))
    shop.customers |= {"a": "Leeds", "b": "Leeds"}
    shop.orders = [order("a", START), order("a", START + HOUR)]
    shop.run(START + DAY)
    shop.run(START + 1.1 * DAY)
    assert shop.members("outer") == {"b"}
    shop.text = text("first")
    assert shop.run(START + 1.2 * DAY) == ALL_COMPARED
    assert shop.members("outer") == {"a", "b"}


def test_nothing_is_taken_over_from_facts_made_while_a_column_was_broken() -> None:
    shop = Shop()
    shop.orders = [order("a", START, 200)]
    shop.run(START + DAY)
    shop.type = "varchar"
    assert "all looked at" in shop.run(START + 2 * DAY)
    shop.type = "decimal(12, 2)"
    assert "all looked at" in shop.run(START + 3 * DAY)
    assert shop.members("big") == {"a"}


def test_sums_of_doubles_are_never_told_off() -> None:
    shop = Shop()
    shop.type = "double"
    shop.orders = [order("abc"[hour % 3], START + hour * HOUR, 0.1 * hour) for hour in range(0, 200, 9)]
    why = "amount of orders holds no exact numbers"
    shop.run(START + DAY)
    assert shop.run(START + 2 * DAY) == f"segwh: customer: all looked at: {why}"


@pytest.mark.parametrize("twice", ["a", "c", "f", "ac", "ace", "ff"])
def test_keys_that_come_twice_are_so_in_the_facts(twice: str) -> None:
    """Of a new one, of one whose rows moved, and of those that else are as they were; also if as many are gone or new."""
    shop = Shop()
    shop.orders = [order("a", START, 200), order("b", START, 200)]
    shop.run(START + DAY)
    shop.orders += [order("c", START + 1.5 * DAY), order("f", START + 1.5 * DAY)]
    del shop.customers["b"], shop.customers["d"]
    shop.customers |= {"f": "Leeds", "e": "Leeds"}
    shop.twice = tuple(twice)
    shop.run(START + 1.6 * DAY)
    assert shop.runner.rows("select count(*) from segwh_customer_facts")[0][0] == 4 + len(twice)
    shop.twice = ()
    assert shop.run(START + 3 * DAY) == "segwh: customer: all looked at: what the run before left is not in order"


def test_facts_with_a_key_twice_are_not_taken_over() -> None:
    shop = Shop()
    shop.orders = [order("a", START, 200)]
    shop.run(START + DAY)
    shop.fill()
    shop.runner.connection.execute("insert into customers select * from customers where customer_id = 'a'")
    shop.runner.run(shop.project, Call(START + 2 * DAY))
    assert shop.run(START + 3 * DAY) == "segwh: customer: all looked at: what the run before left is not in order"
    assert shop.members("big") == {"a"}


def test_facts_of_an_as_of_that_lies_ahead_are_not_taken_over() -> None:
    shop = Shop(rules({"once": "{event: orders, count: 1}"}))
    ahead = datetime(2031, 1, 1, tzinfo=UTC)
    shop.run(ahead)
    shop.orders = [order("a", ahead - 5 * DAY)]
    assert "all looked at" in shop.run(ahead + DAY)
    assert shop.members("once") == {"a"}


def test_ids_that_come_again_replace_rows_of_other_keys() -> None:
    text = CATALOG.replace("properties: {", "id: kind\n        properties: {") % LOADED + "".join(
        f"  - {{name: {name}, label: L, entity: customer, include: [{rule}]}}\n"
        for name, rule in {"once": "{event: orders}", "big": SEGMENTS["big"]}.items()
    )
    shop = Shop(text)
    shop.orders = [order("a", START, 200, "one"), order("b", START, 200, "two"), order("c", START, 200, "three")]
    shop.run(START + DAY)
    assert shop.members("big") == {"a", "b", "c"}
    shop.orders += [order("d", START + 1.5 * DAY, 300, "one"), order("b", START + 1.6 * DAY, 1, "two")]
    assert shop.run(START + 2 * DAY) == AGAIN.format(3)
    assert shop.members("big") == {"c", "d"}
    shop.orders += [order("e", START + 2.5 * DAY, 300, "one")]
    assert shop.run(START + 3 * DAY) == AGAIN.format(3)
    assert shop.members("big") == {"c", "e"}


def test_who_was_erased_stays_out_and_others_are_as_they_were() -> None:
    shop = Shop()
    shop.orders = [order("a", START, 200), order("b", START, 200)]
    shop.run(START + DAY)
    del shop.customers["a"]
    shop.fill()
    erase(shop.runner, shop.project, "customer", "a")
    shop.run(START + 2 * DAY)
    assert shop.members("big") == {"b"}


@pytest.mark.parametrize("stamp", ["segwh_made_by = 0", "evaluated_at = evaluated_at - interval '1 hour'"])
def test_facts_that_somebody_else_wrote_meanwhile_are_left_to_them(stamp: str) -> None:
    assert_left_alone(Shop(), stamp)


def test_a_part_of_the_data_changes_nothing_and_is_never_taken_over() -> None:
    shop = Shop()
    shop.orders = [order("a", START, 200)]
    shop.run(START + DAY)
    for options in ({"empty": True}, {"sample": True}):
        shop.run(START + 2 * DAY, compared=False, **options)
    shop.run(START + 3 * DAY)
    assert shop.members("big") == {"a"}


def test_events_that_do_not_say_when_they_came_are_read_whole() -> None:
    shop = Shop(rules(event="max_lag: 30 days"))
    assert "{{ this }}" not in shop.project.models["segwh_customer_facts"].replace("select * from {{ this }}", "")
    shop.orders = [order("a", START, 200)]
    assert shop.run(START + DAY) == ""


def test_a_backfill_goes_on_from_its_own_steps() -> None:
    shop = Shop()
    shop.orders = [order("abcd"[hour % 4], START + hour * HOUR, hour % 60) for hour in range(0, 20 * 24, 7)]
    for day in range(1, 20, 3):
        told = shop.run(START + day * DAY, variables={"segwh_backfill": True})
    assert told.endswith("looked at again")


def test_facts_that_another_run_wrote_meanwhile_are_not_told_off() -> None:
    shop = Shop()
    shop.orders = [order("a", START), order("a", START + HOUR), order("b", START + 30 * HOUR)]
    shop.run(START + DAY)
    name, later = "segwh_customer_facts", Call(START + 3 * DAY)
    shop.runner.run(shop.project, replace(later, select=lambda model: model in ("segwh_rules", "segwh_run_starts")))
    sql = shop.runner.query(shop.project, name, later)  # rendered against the facts of day 1
    shop.run(START + 2 * DAY)  # another run's are there when it comes to be run
    shop.runner.connection.execute(f"create or replace table {name} as {sql}")
    assert shop.runner.rows(f"select distinct evaluated_at from {name}") == [(START + DAY,)]
    log = shop.runner.rows("from segwh_customer_log order by all")
    assert not shop.runner.run(shop.project, Call(START + 3 * DAY, select=lambda model: model != name))
    assert shop.runner.rows("from segwh_customer_log order by all") == log
    assert "all looked at" in shop.run(START + 3 * DAY)


def test_columns_that_can_hold_more_than_they_could_are_made_anew() -> None:
    shop = Shop(rules({"big": "{event: orders, within: 1 month, sum: {of: amount, gte: 11.2}}"}))
    shop.type = "bigint"
    shop.orders = [order("a", START, 10)]
    shop.run(START + DAY)
    shop.run(START + 1.5 * DAY)
    shop.type = "decimal(18, 2)"
    for number in range(2, 5):
        shop.orders.append(order("a", START + (number - 0.25) * DAY, 0.4))
        told = shop.run(START + number * DAY)
        assert ("are not those of the run before" in told) == (number == 2)
    assert shop.members("big") == {"a"}


def test_a_property_of_another_type_is_measured_anew() -> None:
    def text(declared: str, then: int) -> str:
        asked = rules({"big": f"{{event: orders, within: 1 month, max: {{of: amount, gte: {then}}}}}"})
        return asked.replace("amount: decimal", f"amount: {declared}")

    shop = Shop(text("integer", 5))
    shop.type = "decimal(18, 2)"
    shop.orders = [order("a", START, 4.6)]
    for declared in ("integer", "decimal"):
        shop.text = text(declared, 5)
        shop.run(START + (2 if declared == "decimal" else 1) * DAY)
    assert shop.members("big") == set()


def test_a_trait_of_another_type_is_worked_out_in_a_column_of_its_own() -> None:
    def text(trait: str) -> str:
        traits = f"traits:\n  - {{name: worth, entity: customer, event: orders, {trait}}}\nsegments:\n"
        return rules({"big": "{attribute: worth, gte: 2}"}).replace("segments:\n", traits, 1)

    shop = Shop(text("distinct: kind"))
    shop.orders = [order("a", START, 1.4), order("a", START, 0.7)]
    shop.run(START + DAY)
    assert shop.members("big") == set()
    shop.text = text("sum: amount")
    shop.run(START + 2 * DAY)
    assert shop.members("big") == {"a"}
    assert shop.runner.rows("select worth from segwh_customer_traits where customer_id = 'a'") == [(Decimal("2.1"),)]


def test_a_column_of_another_type_is_never_written_into() -> None:
    shop = Shop()
    shop.orders = [order("a", START, 200)]
    shop.run(START + DAY)
    columns = shop.runner.rows("describe segwh_customer_facts")
    counted = next(name for name, kind, *_ in columns if kind == "BIGINT" and not name.startswith("segwh_"))
    shop.runner.connection.execute(f"alter table segwh_customer_facts alter {counted} type smallint")
    with pytest.raises(CompilerError, match=r"column \w+ of .* is of another type than it was: nothing is changed"):
        shop.runner.run(shop.project, Call(START + 2 * DAY), raises=True)
    shop.run(START + 3 * DAY, variables={"segwh_full": True})
    assert shop.members("big") == {"a"}
