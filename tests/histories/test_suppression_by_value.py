"""Suppression lists of another kind of member: phones that may not be called guard customers, and the other way round."""

from __future__ import annotations

from datetime import UTC, datetime

import pytest

from tests.histories.runner import Call, Runner, compiled

COLUMNS = {"customer_id": "bigint", "phone": "varchar", "subscribed": "boolean", "listed": "boolean"}
ENTITY = """\
entities:
  - name: customer
    relation: ref('customers')
    key: {column: customer_id, type: integer}
    attributes: {phone: string, subscribed: boolean, listed: boolean}
segments:
  - {name: all_customers, label: C, entity: customer, include: everyone}
  - {name: all_phones, label: P, entity: customer, aggregate_on: phone, include: everyone}
  - {name: do_not_call, label: D, entity: customer, aggregate_on: phone, include: [{attribute: listed, is: true}]}
  - {name: unsubscribed, label: U, entity: customer, include: [{attribute: subscribed, is: false}]}
exclusions:
"""
BY_PHONE = "  - {entity: customer, segment: do_not_call, reason: law}\n"
BY_CUSTOMER = "  - {entity: customer, segment: unsubscribed, reason: consent}\n"


def day(number: int) -> datetime:
    return datetime(2026, 5, number, tzinfo=UTC)


def fill(runner: Runner, listed: range, subscribed: range, more: int = 0) -> None:
    runner.fill("customers", COLUMNS, [(key, f"p{key}", key in subscribed, key in listed) for key in range(300 + more)])


def members(runner: Runner, segment: str) -> int:
    grain = "customer_by_phone" if segment in ("all_phones", "do_not_call") else "customer"
    return int(runner.rows(f"select count(*) from segwh_{grain}_membership where segment = '{segment}'")[0][0])


def test_a_list_of_values_guards_entities() -> None:
    runner = Runner()
    fill(runner, range(120), range(300))
    assert runner.run(compiled(ENTITY + BY_PHONE), Call(day(1)))
    assert (members(runner, "do_not_call"), members(runner, "all_customers"), members(runner, "all_phones")) == (120, 180, 180)


def test_lists_of_both_kinds() -> None:
    runner = Runner()
    fill(runner, range(120), range(100, 290))
    project = compiled(ENTITY + BY_PHONE + BY_CUSTOMER)
    assert runner.run(project, Call(day(1)))
    assert (members(runner, "all_customers"), members(runner, "all_phones")) == (170, 170)
    # The list of phones comes half empty: its last good version stays, and nobody new comes in anywhere.
    fill(runner, range(20), range(100, 310), more=10)
    assert not runner.run(project, Call(day(2)))
    assert members(runner, "do_not_call") == 120
    assert members(runner, "all_customers") == 170
    problems = dict(runner.rows("select segment, status from segwh_customer_pending where kind = 'segment'"))
    assert problems["all_customers"] == "blocked"
    # It is right after all.
    assert runner.run(project, Call(day(2), accept=["do_not_call"]))
    assert members(runner, "do_not_call") == 20
    assert members(runner, "all_customers") == 210


@pytest.mark.parametrize(("column", "unread"), [("subscribed", "unsubscribed"), ("listed", "do_not_call")])
def test_a_list_of_either_kind_that_cannot_be_read_throws_nobody_out(column: str, unread: str) -> None:
    """Where a column has another type its list would name everybody. What the other list says holds for its own kind."""
    runner = Runner()
    lists = ENTITY.replace("listed, is: true", "listed, is_not: false")
    lists = lists.replace("subscribed, is: false", "subscribed, is_not: true")
    project = compiled(lists + BY_PHONE + BY_CUSTOMER)
    fill(runner, range(20), range(10, 300))
    assert runner.run(project, Call(day(1)))
    assert (members(runner, "all_customers"), members(runner, "all_phones")) == (280, 280)
    fill(runner, range(30), range(40, 300))
    runner.connection.execute(f"alter table customers alter {column} type varchar using 'x'")
    assert not runner.run(project, Call(day(2)))
    statuses = dict(runner.rows("select segment, status from segwh_customer_pending where kind = 'segment'"))
    statuses |= dict(runner.rows("select segment, status from segwh_customer_by_phone_pending where kind = 'segment'"))
    assert (statuses[unread], statuses["all_customers"], statuses["all_phones"]) == ("skipped", "blocked", "blocked")
    left = {"subscribed": (280, 270), "listed": (260, 280)}[column]
    assert (members(runner, "all_customers"), members(runner, "all_phones")) == left
    fill(runner, range(30), range(40, 300))
    assert runner.run(project, Call(day(3)))
    assert (members(runner, "all_customers"), members(runner, "all_phones")) == (260, 260)


FOLLOWS = """\
entities:
  - name: customer
    relation: ref('customers')
    key: {column: customer_id, type: integer}
    attributes: {phone: string, subscribed: boolean, listed: boolean}
    events:
      - {name: orders, relation: ref('orders'), key: customer_id, time: ordered_at, loaded_at: loaded_at}
segments:
  - {name: buyers, tags: [calls], label: B, entity: customer, include: [{event: orders}]}
  - {name: unsubscribed, label: U, entity: customer, include: [{attribute: subscribed, is: false}]}
  - {name: do_not_call, label: D, entity: customer, aggregate_on: phone, include: [RULE]}
exclusions:
  - {entity: customer, segment: do_not_call, tags: [calls], reason: law}
"""


def runs_that_follow(rule: str) -> tuple[Runner, set[int]]:
    """After a third run, for which 5 unsubscribed and 7 is new: the warehouse, and the members that were asked for."""
    runner = Runner()
    project = compiled(FOLLOWS.replace("RULE", rule))
    orders = [(key, day(1), day(1)) for key in range(10)]
    runner.fill("orders", {"customer_id": "bigint", "ordered_at": "timestamptz", "loaded_at": "timestamptz"}, orders)
    for number, people, unsubscribed in ((2, 7, {0, 1}), (3, 7, {0, 1}), (4, 8, {0, 1, 5})):
        rows = [(key, f"p{key}", key not in unsubscribed, key < 2) for key in range(people)]
        runner.fill("customers", COLUMNS, rows)
        assert runner.run(project, Call(day(number)))
    asked = runner.rows("select customer_id from segwh_customer_evaluation where customer_id is not null")
    return runner, {key for (key,) in asked}


def test_where_a_list_of_values_follows_from_a_segment_of_entities_all_of_these_are_asked() -> None:
    runner, asked = runs_that_follow("{segment: unsubscribed}")
    assert asked == set(range(8))
    assert (members(runner, "do_not_call"), members(runner, "buyers")) == (3, 5)


def test_where_it_follows_from_their_own_rows_those_are_that_changed() -> None:
    runner, asked = runs_that_follow("{attribute: listed, is: true}")
    assert asked == {5, 7}
    assert (members(runner, "do_not_call"), members(runner, "buyers")) == (2, 6)


@pytest.mark.parametrize("lists", [BY_PHONE, BY_PHONE + BY_CUSTOMER], ids=["alone", "beside another list"])
def test_a_list_of_values_of_which_all_are_gone_has_lost_them(lists: str) -> None:
    """A customer who is gone comes in nowhere; one whose phone is gone is still there, and nobody knows that it is listed."""
    runner, project = Runner(), compiled(ENTITY + lists)
    fill(runner, range(5), range(5, 300))
    assert runner.run(project, Call(day(1)))
    names = ("do_not_call", "all_customers", "all_phones")
    assert [members(runner, name) for name in names] == [5, 295, 295]
    for number in (2, 3):
        runner.connection.execute("update customers set phone = null where customer_id < 5")
        assert not runner.run(project, Call(day(number)))
        statuses = dict(runner.rows("select segment, status from segwh_customer_by_phone_pending where kind = 'segment'"))
        assert statuses == {"do_not_call": "kept", "all_phones": "blocked"}
        assert [members(runner, name) for name in names] == [5, 295, 295]
    # one that is gone from a list with others left goes, as from any segment
    runner.connection.execute("update customers set phone = 'p0' where customer_id = 0")
    assert runner.run(project, Call(day(3)))
    assert members(runner, "do_not_call") == 1
    runner.connection.execute("update customers set phone = null where customer_id = 0")
    assert not runner.run(project, Call(day(4)))
    assert runner.run(project, Call(day(4), accept=["do_not_call"]))
    assert (members(runner, "do_not_call"), members(runner, "all_phones")) == (0, 295)
    assert members(runner, "all_customers") == (295 if BY_CUSTOMER in lists else 300)


def test_a_list_of_values_with_a_new_rule_whose_values_are_gone() -> None:
    """Judged ahead of its turn as in it: whose phone is gone would come in by a list that is not taken."""
    runner = Runner()
    fill(runner, range(120), range(290))
    assert runner.run(compiled(ENTITY + BY_PHONE + BY_CUSTOMER), Call(day(1)))
    assert members(runner, "all_customers") == 170
    runner.connection.execute("update customers set phone = null where customer_id < 100")
    another = ENTITY.replace("listed, is: true}", "listed, is: true}, {attribute: phone, is_not: p999}")
    assert not runner.run(compiled(another + BY_PHONE + BY_CUSTOMER), Call(day(2)))
    statuses = dict(runner.rows("select segment, status from segwh_customer_by_phone_pending where kind = 'segment'"))
    assert statuses == {"do_not_call": "kept", "all_phones": "blocked"}
    assert (members(runner, "do_not_call"), members(runner, "all_customers")) == (120, 170)
