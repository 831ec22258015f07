"""Stories of tables of events that lose rows, or get them late: a refresh sees it, and reads everything."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest

from tests.histories.carrying import (
    AGAIN,
    CAME_LATE,
    DAY,
    GONE,
    HOUR,
    LIFELONG,
    LOADED,
    SEGMENTS,
    START,
    Shop,
    assert_found_again,
    order,
    rules,
)


def test_a_table_that_came_to_be_empty_is_not_taken_for_one_without_news() -> None:
    """As after a load that failed half-way: nobody may stay by rows that are there no more."""
    why = "segwh: customer: all looked at: the rules, or where the rows are, are not those of the run before"
    shop = Shop()
    shop.orders = [order("a", START, 200), order("b", START - DAY)]
    shop.run(START + DAY)
    assert shop.members("big") == {"a"}
    orders, shop.orders = shop.orders, []
    assert shop.run(START + 2 * DAY) == why
    assert shop.members("big") == set()
    assert shop.run(START + 3 * DAY) == AGAIN.format(0)
    shop.orders = orders
    assert shop.run(START + 4 * DAY) == why
    assert shop.members("big") == {"a"}


@pytest.mark.parametrize("event", [LOADED, f"{LOADED}, id: kind", f"{LOADED}, id: kind, id_unique: true"])
def test_a_table_that_lost_some_of_its_rows_and_got_them_back(event: str) -> None:
    """As a load that failed half-way leaves it, and the one that makes it good with the rows as they were."""
    shop = Shop(rules(LIFELONG, event.replace(", ", "\n        ")))
    shop.orders = [order(key, START + number * HOUR, 60, f"{key}{number}") for key in "abc" for number in range(2)]
    shop.run(START + DAY)
    assert shop.run(START + 1.1 * DAY) == AGAIN.format(0)
    assert shop.members("ever") == set("abc")
    lost, shop.orders = shop.orders[:3], shop.orders[3:]
    assert shop.run(START + 2 * DAY) == GONE.format(3)
    assert (shop.members("ever"), shop.members("twice")) == ({"b", "c"}, {"c"})
    assert shop.run(START + 3 * DAY) == AGAIN.format(0)
    shop.orders += lost
    assert shop.run(START + 4 * DAY) == CAME_LATE.format(3)
    assert shop.members("twice") == set("abc")
    assert shop.run(START + 5 * DAY) == AGAIN.format(0)


def test_rows_that_come_late_and_are_loaded_again_are_no_loss() -> None:
    shop = Shop(rules(LIFELONG))
    shop.orders = [order(key, START + number * HOUR) for key in "abc" for number in range(2)]
    shop.run(START + DAY)
    shop.orders[0] = order("a", START, 70, late=1.5 * DAY)
    # at the very as-of, a moment before it, and on its way then
    shop.orders += [order("d", START + DAY - late, late=late) for late in (timedelta(0), timedelta(microseconds=1), HOUR / 2)]
    assert shop.run(START + 2 * DAY) == AGAIN.format(2)
    # what was loaded again is still there, and new rows do not stand for those that are lost
    shop.orders = [one for one in shop.orders if one[0] != "a"] + [order("e", START + 2.5 * DAY) for _ in range(9)]
    assert shop.run(START + 3 * DAY) == GONE.format(2)
    assert shop.members("ever") == set("bcde")


def test_rows_that_are_gone_while_facts_are_made_and_come_back() -> None:
    """As where a loader empties a table and fills it again: what the run counts is what it measures."""
    assert_found_again(Shop(rules(LIFELONG)))


def test_rows_of_which_nobody_says_when_they_were_loaded_have_reached_no_run() -> None:
    shop = Shop(rules(LIFELONG))
    shop.orders = [order("a", START)]
    shop.run(START + DAY)
    nameless: Any = ("b", START, None, 10, "order")
    shop.orders += [nameless]
    assert shop.run(START + 2 * DAY) == AGAIN.format(0)
    assert shop.members("ever") == {"a"}


def test_rows_that_no_window_sees_any_more_may_go() -> None:
    """As in tables that are kept for some months."""
    shop = Shop(rules({"busy": SEGMENTS["busy"], "today": SEGMENTS["today"], "mixed": SEGMENTS["mixed"]}))
    shop.orders = [order("a", START + number * DAY, kind=f"k{number}") for number in range(12)]
    shop.run(START + 12 * DAY)
    # the window began at the end of the fifth day, so rows of the sixth have to leave it yet
    shop.orders = shop.orders[5:]
    assert shop.run(START + 12.5 * DAY) == AGAIN.format(1)
    shop.orders = shop.orders[1:]
    assert shop.run(START + 12.7 * DAY) == AGAIN.format(0)
    shop.orders = shop.orders[1:]
    assert shop.run(START + 12.8 * DAY) == GONE.format(1)


def test_of_events_that_are_read_from_one_table_each_is_seen_as_far_back_as_it_is_looked_at() -> None:
    text = rules({"busy": SEGMENTS["busy"]})
    visits = text[text.index("      - name: orders") : text.index("segments:")].replace("name: orders", "name: visits")
    windows = {
        "new": "{event: orders, within: 2 days, count: {gte: 1}}",
        "old": "{event: visits, within: 5 days, count: {gte: 2}}",
    }
    shop = Shop(rules(windows).replace("segments:", f"{visits}segments:"))
    shop.orders = [order("a", START + number * DAY) for number in range(9)]
    shop.run(START + 9 * DAY)
    assert " AND orders.ordered_at >= LEAST(" in " ".join(shop.project.models["segwh_customer_facts"].split())
    shop.orders = shop.orders[4:]
    assert shop.run(START + 9.1 * DAY) == AGAIN.format(1)
    shop.orders = shop.orders[2:]  # the first of which no window sees any more
    assert shop.run(START + 9.2 * DAY) == GONE.format(1)
    assert shop.members("old") == {"a"}


def test_facts_that_say_nothing_of_rows_are_made_anew() -> None:
    shop = Shop()
    shop.run(START + DAY)
    shop.runner.connection.execute("alter table segwh_customer_facts drop column segwh_rows_seen")
    assert shop.run(START + 2 * DAY) == "segwh: customer: all looked at: an older segwh left no word of how it measured"
    assert shop.run(START + 3 * DAY) == AGAIN.format(0)
