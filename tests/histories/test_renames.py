"""Renames and the way back, as the guide to operations tells them."""

from __future__ import annotations

from datetime import UTC, datetime

from tests.histories.runner import Call, Runner, compiled

RULES = """
entities:
  - {name: customer, relation: ref('customers'), key: customer_id, attributes: {city: string}}
segments:
  - {name: NAME, label: L, entity: customer, include: [{attribute: city, is: Leeds}]}
"""


def days(*names: str) -> Runner:
    """A run a day under each name; `new < old` says what it was."""
    runner = Runner()
    runner.connection.execute("create table customers as from (values ('a', 'Leeds'), ('b', 'York')) as t(customer_id, city)")
    runner.find_relations()
    for day, name in enumerate(names, start=1):
        rules = RULES.replace("NAME", name.replace(" < ", ", was: "))
        assert runner.run(compiled(rules), Call(datetime(2026, 6, day, tzinfo=UTC)))
    return runner


def membership(runner: Runner) -> list[tuple[object, ...]]:
    return runner.rows("select segment, entered_at::date::text from segwh_customer_membership order by all")


def test_a_rename_back_goes_on() -> None:
    runner = days("loyal", "regulars < loyal", "loyal < regulars", "loyal")
    assert membership(runner) == [("loyal", "2026-06-01")]
    assert runner.rows("select count(*) from segwh_customer_changes") == [(1,)]


def test_an_edit_that_is_undone_is_a_new_segment() -> None:
    runner = days("loyal", "regulars < loyal", "loyal")
    assert membership(runner) == [("loyal", "2026-06-03"), ("regulars", "2026-06-01")]
    reasons = runner.rows("select segment, reason from segwh_customer_changes order by sequence")
    assert reasons == [("regulars", "first_run"), ("loyal", "first_run")]
