"""Hourly and daily segments in one project: a run that is about some leaves the others as they were."""

from __future__ import annotations

from datetime import UTC, datetime

from tests.histories.runner import Call, Runner, compiled

RULES = """\
entities:
  - name: customer
    relation: ref('customers')
    key: {column: customer_id, type: integer}
    attributes: {score: integer, subscribed: boolean}
segments:
  - {name: unsubscribed, label: U, entity: customer, include: [{attribute: subscribed, is: false}]}
  - {name: daily, label: D, entity: customer, include: [{attribute: score, gte: 10}]}
  - {name: hourly, label: H, entity: customer, refresh: hourly, include: [{attribute: score, gte: 10}]}
  - {name: of_daily, label: O, entity: customer, refresh: hourly, include: [{segment: daily}]}
exclusions:
  - {entity: customer, segment: unsubscribed}
"""
COLUMNS = {"customer_id": "bigint", "score": "bigint", "subscribed": "boolean"}


def hour(number: int) -> datetime:
    return datetime(2026, 5, 1, number, tzinfo=UTC)


def refresh(at: datetime, word: str = "hourly") -> Call:
    return Call(at, variables={"segwh_refresh": [word]})


def fill(runner: Runner, scores: dict[int, int], unsubscribed: tuple[int, ...] = ()) -> None:
    runner.fill("customers", COLUMNS, [(key, score, key not in unsubscribed) for key, score in scores.items()])


def members(runner: Runner, segment: str) -> list[int]:
    found = runner.rows(f"select customer_id from segwh_customer_membership where segment = '{segment}' order by 1")
    return [key for (key,) in found]


def statuses(runner: Runner) -> dict[str, str]:
    return dict(runner.rows("select segment, status from segwh_customer_pending where kind = 'segment'"))


def test_a_run_is_about_its_segments_and_the_suppression_lists() -> None:
    runner, project = Runner(), compiled(RULES)
    fill(runner, {1: 10, 2: 0, 3: 10})
    assert runner.run(project, Call(hour(0)))
    fill(runner, {1: 0, 2: 10, 3: 10}, unsubscribed=(3,))
    assert runner.run(project, refresh(hour(1)))
    assert statuses(runner) == {"unsubscribed": "live", "daily": "left", "hourly": "live", "of_daily": "live"}
    assert (members(runner, "daily"), members(runner, "unsubscribed")) == ([1, 3], [3])
    # What an hourly segment refers to is what would be in it at the same instant.
    assert members(runner, "hourly") == members(runner, "of_daily") == [2]
    assert runner.rows("select segments from segwh_runs order by started_at desc limit 1") == [(3,)]
    fill(runner, {1: 0, 2: 0, 3: 10, 4: 10}, unsubscribed=(3,))
    assert runner.run(project, Call(hour(2)))
    assert members(runner, "daily") == members(runner, "hourly") == [4]


def test_the_history_has_the_instants_at_which_each_was_evaluated() -> None:
    runner, project = Runner(), compiled(RULES)
    for number, score in enumerate((10, 0, 10, 10, 0)):
        fill(runner, {1: score})
        assert runner.run(project, Call(hour(number)) if number in (0, 4) else refresh(hour(number)))
    stays = runner.rows("select segment, valid_from, valid_to from segwh_customer_history order by 1, 2")
    assert [(segment, start.hour, end.hour if end else None) for segment, start, end in stays] == [
        ("daily", 0, 4),
        ("hourly", 0, 1),
        ("hourly", 2, 4),
        ("of_daily", 0, 1),
        ("of_daily", 2, 4),
    ]
    sizes = runner.rows("select segment, count(*) from segwh_segment_sizes group by 1 order by 1")
    assert sizes == [("daily", 2), ("hourly", 5), ("of_daily", 5), ("unsubscribed", 5)]


def test_an_as_of_is_refused_for_each_segment_by_its_own_last_one() -> None:
    runner, project = Runner(), compiled(RULES)
    fill(runner, {1: 10})
    assert runner.run(project, Call(hour(0)))
    assert runner.run(project, refresh(hour(3)))
    assert not runner.run(project, Call(hour(2)))
    assert statuses(runner) == {"unsubscribed": "refused", "daily": "live", "hourly": "refused", "of_daily": "refused"}


def test_a_run_that_comes_too_late_for_all_that_it_is_about_does_not_begin() -> None:
    runner, project = Runner(), compiled(RULES)
    fill(runner, {1: 10})
    assert runner.run(project, Call(hour(0)))
    assert runner.run(project, refresh(hour(3)))
    before = runner.rows("from segwh_customer_facts"), runner.rows("from segwh_run_starts")
    assert not runner.run(project, refresh(hour(2)))  # the daily one could be evaluated, and is not asked for
    assert (runner.rows("from segwh_customer_facts"), runner.rows("from segwh_run_starts")) == before


def test_consent_does_not_wait_for_the_next_day() -> None:
    """A suppression list that loses all its members is kept, and the hourly segments that it guards take nobody new."""
    runner, project = Runner(), compiled(RULES)
    fill(runner, {1: 10, 2: 10}, unsubscribed=(2,))
    assert runner.run(project, Call(hour(0)))
    fill(runner, {1: 10, 2: 10, 3: 10})
    assert not runner.run(project, refresh(hour(1)))
    assert statuses(runner) == {"unsubscribed": "kept", "daily": "left", "hourly": "blocked", "of_daily": "blocked"}
    assert (members(runner, "hourly"), members(runner, "unsubscribed")) == ([1], [2])


def test_what_is_out_of_order_elsewhere_does_not_fail_a_run_that_is_not_about_it() -> None:
    rules = RULES.replace("name: daily, label: D, entity: customer, include: [{attribute: score, gte: 10}]",
                          "name: daily, label: D, entity: customer, include: [{attribute: note, is: x}]")  # fmt: skip
    rules = rules.replace("subscribed: boolean}", "subscribed: boolean, note: string}").replace(
        "[{segment: daily}]", "[{attribute: score, gte: 1}]"
    )
    runner, project = Runner(), compiled(rules)
    fill(runner, {1: 10})  # there is no column `note`
    assert runner.run(project, refresh(hour(1)))
    assert members(runner, "hourly") == [1]
    assert not runner.run(project, Call(hour(2)))
    assert statuses(runner)["daily"] == "skipped"
