"""Segments of contacts that ask of which segments their account is a member: in the same run, and never of another one."""

from __future__ import annotations

from datetime import UTC, datetime

from tests.histories.runner import Call, Compiled, Runner, compiled

RULES = """\
entities:
  - name: contact
    relation: ref('contacts')
    key: contact_id
    attributes: {email: string}
    lookups:
      account: {relation: ref('accounts'), by: account_id, key: account_id}
  - name: account
    relation: ref('accounts')
    key: {column: account_id, type: integer}
    attributes: {plan: string}
segments:
  - {name: gold, label: G, entity: account, include: [{attribute: plan, is: gold}]}
  - {name: of_gold, label: O, entity: contact, include: [{segment: account.gold}]}
  - {name: of_new_gold, label: N, entity: contact, include: [{segment: account.gold, entered: {within: 2 days}}]}
  - {name: with_email, label: E, entity: contact, include: [{attribute: email, exists: true}]}
"""
CONTACTS = [("ann", 1, "a@x"), ("bob", 2, None), ("cid", 2, "c@x"), ("dan", None, None)]


def day(number: int) -> datetime:
    return datetime(2026, 5, number, tzinfo=UTC)


def fill(runner: Runner, plans: dict[int, str], doubled: tuple[int, ...] = ()) -> None:
    runner.fill("contacts", {"contact_id": "varchar", "account_id": "bigint", "email": "varchar"}, CONTACTS)
    rows = [*plans.items(), *((key, plans[key]) for key in doubled)]
    runner.fill("accounts", {"account_id": "bigint", "plan": "varchar"}, rows)


def members(runner: Runner, segment: str) -> list[str]:
    found = runner.rows(f"select contact_id from segwh_contact_membership where segment = '{segment}' order by 1")
    return [key for (key,) in found]


def statuses(runner: Runner) -> dict[str, tuple[str, str | None]]:
    found = runner.rows("select segment, status, problem from segwh_contact_pending where kind = 'segment'")
    return {segment: (status, problem) for segment, status, problem in found}


def reasons(runner: Runner, segment: str) -> list[tuple[str, str, str]]:
    return runner.rows(
        f"select contact_id, change, reason from segwh_contact_changes where segment = '{segment}' order by sequence, 1"
    )


def started(project: Compiled) -> Runner:
    runner = Runner()
    fill(runner, {1: "gold", 2: "free"})
    assert runner.run(project, Call(day(1)))
    return runner


def test_a_reference_means_the_same_run() -> None:
    project = compiled(RULES)
    runner = started(project)
    assert members(runner, "of_gold") == members(runner, "of_new_gold") == ["ann"]
    fill(runner, {1: "free", 2: "gold"})
    assert runner.run(project, Call(day(2)))
    assert members(runner, "of_gold") == members(runner, "of_new_gold") == ["bob", "cid"]
    assert runner.run(project, Call(day(4)))
    assert (members(runner, "of_gold"), members(runner, "of_new_gold")) == (["bob", "cid"], [])


def test_what_cannot_be_told_of_accounts_is_not_told_of_contacts() -> None:
    project = compiled(RULES)
    runner = started(project)
    fill(runner, {1: "free", 2: "gold"})
    runner.fill("accounts", {"account_id": "bigint", "plan": "bigint"}, [(1, 5), (2, 6)])
    assert not runner.run(project, Call(day(2)))
    assert members(runner, "of_gold") == ["ann"]
    found = statuses(runner)
    problem = "segment gold of account: column plan of ref('accounts') is declared string and is bigint"
    assert found["of_gold"] == ("skipped", problem)
    assert found["with_email"][0] == "live"
    fill(runner, {1: "free", 2: "gold"})
    assert runner.run(project, Call(day(3)))
    assert members(runner, "of_gold") == ["bob", "cid"]


def test_two_rows_of_one_account_do_not_make_two_contacts() -> None:
    project = compiled(RULES)
    runner = started(project)
    fill(runner, {1: "free", 2: "gold"}, doubled=(2,))
    assert not runner.run(project, Call(day(2)))
    assert runner.rows("select count(*) from segwh_contact_facts") == [(len(CONTACTS),)]
    assert {segment: status for segment, (status, _) in statuses(runner).items()} == {
        "of_gold": "skipped", "of_new_gold": "skipped", "with_email": "live"
    }  # fmt: skip
    assert members(runner, "of_gold") == ["ann"]


def test_contacts_alone_are_not_evaluated_over_accounts_of_another_run() -> None:
    project = compiled(RULES)
    runner = started(project)
    fill(runner, {1: "free", 2: "gold"})
    assert not runner.run(project, Call(day(2), select=lambda name: not name.startswith("segwh_account")))
    assert statuses(runner)["of_gold"] == ("skipped", "segment gold of account: it was not evaluated in this run")
    assert members(runner, "of_gold") == ["ann"]
    assert runner.run(project, Call(day(2)))
    assert members(runner, "of_gold") == ["bob", "cid"]


def test_a_new_definition_there_is_a_new_definition_here() -> None:
    runner = started(compiled(RULES))
    assert runner.run(compiled(RULES.replace("is: gold", "is: free")), Call(day(2)))
    assert reasons(runner, "of_gold") == [
        ("ann", "entered", "first_run"),
        ("ann", "exited", "definition"),
        ("bob", "entered", "definition"),
        ("cid", "entered", "definition"),
    ]


BEFORE_THE_LOG = ("_rules", "_starts", "_checks", "_state", "_standing", "_facts", "_evaluation", "_evaluated", "_pending")


def test_of_two_runs_at_once_one_writes_of_all_entities() -> None:
    project = compiled(RULES)
    runner = started(project)
    fill(runner, {1: "free", 2: "gold"})
    logs = ("segwh_account_log", "segwh_contact_log")

    def go_on(run: int, *models: str) -> None:
        """Run some of the models as part of the run of that number."""
        runner.runs = run - 1
        runner.run(project, Call(day(2), select=lambda name: name.endswith(models)))

    def rows() -> list[int]:
        return [count for log in logs for (count,) in runner.rows(f"select count(*) from {log}")]

    def statuses() -> dict[str, str]:
        return dict(runner.rows("select run_id, status from segwh_run_ends"))

    before = rows()
    for run in (2, 3):
        go_on(run, *BEFORE_THE_LOG)
    go_on(2, logs[0])
    written = rows()
    assert (written[0] > before[0], written[1]) == (True, before[1])
    # the other would come first in the log of contacts, but not in that of accounts: it gives way in both
    go_on(3, logs[1])
    assert rows() == written
    go_on(2, logs[1], "_run_ends")
    assert rows()[1] > written[1]
    go_on(3, logs[0], "_run_ends")
    assert statuses() == {"run0001": "finished", "run0002": "finished", "run0003": "overtaken"}
    assert members(runner, "of_gold") == ["bob", "cid"]


def test_who_died_before_a_run_began_does_not_stand_in_its_way() -> None:
    project = compiled(RULES)
    runner = started(project)
    fill(runner, {1: "free", 2: "gold"})
    assert not runner.run(project, Call(day(2), stop_after="segwh_account_log"))
    assert runner.run(project, Call(day(2)))
    assert members(runner, "of_gold") == ["bob", "cid"]


def test_a_run_that_an_older_segwh_began_is_ended() -> None:
    project = compiled(RULES)
    runner = started(project)
    runner.connection.execute("alter table segwh_run_starts drop column log_ends")
    assert runner.run(project, Call(day(2), select=lambda name: name != "segwh_run_starts"))
    fill(runner, {1: "free", 2: "gold"})
    assert runner.run(project, Call(day(2)))
    assert members(runner, "of_gold") == ["bob", "cid"]


def test_a_run_that_has_ended_stands_in_nobodys_way() -> None:
    project = compiled(RULES)
    runner = started(project)
    fill(runner, {1: "free", 2: "gold"})

    def go_on(run: int, call: Call) -> None:
        runner.runs = run - 1
        runner.run(project, call)

    go_on(2, Call(day(2), select=lambda name: name.endswith(BEFORE_THE_LOG)))
    # one about accounts alone begins later and ends before
    go_on(3, Call(day(2), variables={"segwh_only": ["gold"]}, select=lambda name: "contact" not in name))
    runner.runs = 1
    runner.run(project, Call(day(2), select=lambda name: not name.endswith(BEFORE_THE_LOG)))
    assert members(runner, "of_gold") == ["bob", "cid"]
    assert runner.rows("select status from segwh_run_ends where run_id = 'run0002'") == [("overtaken",)]
