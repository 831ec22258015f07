"""A suppression list that is lost from `exclusions`: nobody whom it kept out comes in before somebody says that it is right."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import UTC, datetime
from functools import cache
from typing import Any

import pytest

from tests.histories.runner import Call, Compiled, Runner, compiled
from tests.macro_calls import CompilerError

COLUMNS = {"customer_id": "bigint", "score": "bigint", "subscribed": "boolean", "phone": "varchar"}
ENTITIES = """\
entities:
  - name: customer
    relation: ref('customers')
    key: {column: customer_id, type: integer}
    attributes: {score: integer, subscribed: boolean, phone: string}
  - name: lead
    relation: ref('leads')
    key: {column: lead_id, type: integer}
    attributes: {score: integer}
segments:
  - {name: leads, label: L, entity: lead, include: [{attribute: score, gte: 0}]}
"""
LIST = "  - {name: unsubscribed, label: U, entity: customer, include: [{attribute: subscribed, is: false}]}\n"
BLOCKED = "  - {name: low, label: L, entity: customer, include: [{attribute: score, lt: 0}]}\n"
MAIL = "  - {name: mail, tags: [email], label: M, entity: customer, include: [{attribute: score, gte: 5}]}\n"
PHONES = "  - {name: phones, label: P, entity: customer, aggregate_on: phone, include: [{attribute: score, gte: 5}]}\n"
NAMED = "  - {entity: customer, segment: unsubscribed}\n"
LOW = "  - {entity: customer, segment: low}\n"
EVERY = ENTITIES + LIST + MAIL + PHONES
WITH = EVERY + "exclusions:\n" + NAMED
WHY = "suppression list unsubscribed is not in exclusions any more: put it back, or --accept unsubscribed"
BEFORE = {"mail": {1}, "unsubscribed": {2, 3}, "phones": {"p1"}, "leads": {0}}
OPEN = {"mail": {1, 2, 4}, "unsubscribed": {2, 3}, "phones": {"p1", "p2", "p4"}, "leads": {0, 1}}
"""Who is in once everybody may."""
GUARDED = BEFORE | {"leads": {0, 1}}
"""Who is in after a run that takes nobody new of customers."""


Customer = tuple[int, int, bool]
"""The key, the score, whether they are subscribed."""


def fill(runner: Runner, customers: Iterable[Customer], leads: int) -> None:
    runner.fill("customers", COLUMNS, [(key, score, wants, f"p{key}") for key, score, wants in customers])
    runner.fill("leads", {"lead_id": "bigint", "score": "bigint"}, [(key, 0) for key in range(leads)])


@cache
def first_day(text: str) -> Runner:
    """A warehouse after one run."""
    runner = Runner()
    fill(runner, [(1, 9, True), (2, 9, False), (3, 0, False)], leads=1)
    assert runner.run(compiled(text), Call(datetime(2026, 5, 1, tzinfo=UTC)))
    return runner


class Life:
    """A warehouse in which 1 and 2 would get mail, of whom 2 does not want it; from the second day on 4 would get it, too."""

    def __init__(self, text: str = WITH) -> None:
        self.runner, self.days = first_day(text).copy(), 1
        self.fill([(1, 9, True), (2, 9, False), (3, 0, False), (4, 9, True)], leads=2)

    def fill(self, customers: Iterable[Customer], leads: int = 2) -> None:
        fill(self.runner, customers, leads)

    def run(self, text: str | Compiled, *, days: int = 1, **options: Any) -> bool:
        self.days += days
        project = compiled(text) if isinstance(text, str) else text
        return self.runner.run(project, Call(datetime(2026, 5, self.days, tzinfo=UTC), **options))

    def fails(self, text: str, **options: Any) -> str:
        """What a run complains of."""
        self.days += 1
        with pytest.raises(CompilerError) as complaint:
            self.runner.run(compiled(text), Call(datetime(2026, 5, self.days, tzinfo=UTC), **options), raises=True)
        return str(complaint.value)

    def members(self) -> dict[str, set[object]]:
        found: dict[str, set[object]] = {}
        for grain, key in (("customer", "customer_id"), ("customer_by_phone", "phone"), ("lead", "lead_id")):
            if self.runner.relation(f"segwh_{grain}_membership"):
                for segment, member in self.runner.rows(f"select segment, {key} from segwh_{grain}_membership"):
                    found.setdefault(segment, set()).add(member)
        return found

    def said(self) -> dict[str, tuple[str, str | None]]:
        rows = self.runner.rows(
            "select segment, status, problem from segwh_customer_pending where kind = 'segment' union all "
            "select segment, status, problem from segwh_customer_by_phone_pending where kind = 'segment'"
        )
        return {segment: (status, problem) for segment, status, problem in rows}

    def remembered(self) -> list[str]:
        return [text for (text,) in self.runner.rows("select suppression_lists from segwh_run_starts order by started_at")]


def sometimes(name: str, always: list[str], slowly: list[str]) -> pytest.MarkDecorator:
    """Parameters of which some are told by `-m slow` alone."""
    return pytest.mark.parametrize(name, [*always, *(pytest.param(value, marks=pytest.mark.slow) for value in slowly)])


@pytest.mark.parametrize("rest", [EVERY, ENTITIES + MAIL + PHONES], ids=["the segment stays", "the segment is gone as well"])
def test_nobody_comes_in_until_it_is_accepted(rest: str) -> None:
    life = Life()
    assert life.members() == BEFORE
    for _ in range(3):
        assert not life.run(rest)
        assert life.members() == GUARDED
        assert life.said()["mail"] == life.said()["phones"] == ("blocked", WHY)
    assert life.run(rest, accept=["unsubscribed"])
    assert life.members() == OPEN
    assert life.run(rest)
    assert life.remembered() == ["customer:unsubscribed"] * 4 + ["-customer:unsubscribed", ""]


@pytest.mark.parametrize("grain", ["", ", aggregate_on: phone"], ids=["of keys", "of values"])
def test_a_list_that_names_nobody_by_its_new_rule_is_asked_about_as_one_that_did_not_load(grain: str) -> None:
    """A slip in its rule, or the right rule on the day on which its table is empty."""
    text = WITH.replace("label: U", "label: U" + grain)
    life = Life(text)
    on_the_list = {"p2", "p3"} if grain else {2, 3}
    for _ in range(2):
        assert not life.run(text.replace("subscribed, is: false", "score, gt: 99"))
        assert life.members() == GUARDED | {"unsubscribed": on_the_list}
        assert life.said()["unsubscribed"] == ("kept", "it would lose too many members; accept it if that is right")
    assert life.run(text.replace("subscribed, is: false", "score, gt: 99"), accept=["unsubscribed"])
    assert life.members() == {name: keys for name, keys in OPEN.items() if name != "unsubscribed"}


def test_the_run_says_why_it_fails() -> None:
    life = Life()
    assert life.fails(EVERY) == (
        f"segwh held back 2 segments, the others are published: mail (blocked: {WHY}); phones (blocked: {WHY})"
    )


def test_what_was_a_list_goes_on_and_others_let_people_go() -> None:
    life = Life()
    life.fill([(1, 0, True), (2, 9, False), (3, 0, True), (4, 9, False)])
    assert not life.run(EVERY)
    assert life.members() == {"unsubscribed": {2, 4}, "leads": {0, 1}}
    assert life.said()["unsubscribed"] == ("live", None)


@pytest.mark.slow
def test_what_was_a_list_goes_on_where_it_follows_from_a_segment() -> None:
    complained = LIST.replace("unsubscribed", "complained")
    rest = ENTITIES + complained + MAIL + LIST.replace("{attribute: subscribed, is: false}", "{segment: complained}")
    life = Life(rest + "exclusions:\n" + NAMED.replace("}", ", tags: [email]}"))
    life.fill([(1, 9, True), (2, 9, False), (3, 0, False), (4, 9, False)])
    assert not life.run(rest)
    assert life.members() == {"complained": {2, 3}, "unsubscribed": {2, 3, 4}, "mail": {1}, "leads": {0, 1}}


@pytest.mark.slow
def test_put_back() -> None:
    life = Life()
    assert not life.run(EVERY)
    assert life.run(WITH)
    assert life.members() == {"mail": {1, 4}, "unsubscribed": {2, 3}, "phones": {"p1", "p4"}, "leads": {0, 1}}
    assert not life.run(EVERY)


@pytest.mark.slow
def test_accepted_once_and_lost_again() -> None:
    life = Life()
    assert life.run(EVERY, variables={"segwh_accept": "unsubscribed"})
    assert life.members() == OPEN
    assert life.run(WITH)
    assert not life.run(EVERY)
    assert life.run(EVERY, accept=["unsubscribed"])
    assert life.run(EVERY)


def test_removed_by_name() -> None:
    life = Life()
    rest = ENTITIES + MAIL + PHONES
    assert not life.run(rest, remove=["low"])
    assert life.run(rest, remove=["unsubscribed"])
    assert life.members() == {name: keys for name, keys in OPEN.items() if name != "unsubscribed"}
    assert life.run(rest)


def test_what_is_in_the_rules_is_not_removed_by_name() -> None:
    life = Life()
    assert not life.run(EVERY, remove=["unsubscribed"])
    assert life.members() == GUARDED


@pytest.mark.slow
def test_other_names_are_no_consent() -> None:
    life = Life()
    assert not life.run(EVERY, accept=["mail", "leads"])
    assert life.members() == GUARDED


@sometimes("which", ["middle"], ["first", "last"])
def test_one_of_several(which: str) -> None:
    life = Life(ENTITIES + LIST + BLOCKED + MAIL + PHONES + "exclusions:\n" + NAMED + LOW)
    rest = ENTITIES + LIST + BLOCKED + MAIL + PHONES
    match which:
        case "first":
            assert not life.run(rest + "exclusions:\n" + LOW)
            assert life.said()["mail"] == ("blocked", WHY)
            assert life.said()["low"] == ("live", None)
            assert life.run(rest + "exclusions:\n" + LOW, accept=["unsubscribed"])
        case "middle":
            assert not life.run(rest)
            both = "suppression lists low and unsubscribed are not in exclusions any more: put them back, or --accept low"
            assert life.said()["mail"] == ("blocked", f"{both} --accept unsubscribed")
            assert not life.run(rest, accept=["low"])
            assert life.said()["mail"] == ("blocked", WHY)
            assert life.run(rest, accept=["unsubscribed"])
        case _:
            assert not life.run(rest + "exclusions:\n" + NAMED)
            assert life.run(rest + "exclusions:\n" + NAMED, accept=["low"])
    assert life.run(ENTITIES + LIST + BLOCKED + MAIL + PHONES + "exclusions:\n" + (LOW if which == "first" else NAMED))


@pytest.mark.slow
def test_a_list_of_values_and_only_such_segments_are_left() -> None:
    by_phone = LIST.replace("label: U", "label: U, aggregate_on: phone")
    life = Life(ENTITIES + by_phone + MAIL + PHONES + "exclusions:\n" + NAMED)
    assert life.members() == BEFORE | {"unsubscribed": {"p2", "p3"}}
    assert not life.run(ENTITIES + by_phone + MAIL + PHONES)
    assert life.members() == GUARDED | {"unsubscribed": {"p2", "p3"}}
    assert not life.run(ENTITIES + MAIL)
    assert life.members()["mail"] == {1}
    assert life.run(ENTITIES + MAIL, accept=["unsubscribed"])
    assert life.members()["mail"] == {1, 2, 4}


@pytest.mark.slow
def test_a_list_of_some_tags() -> None:
    """What it did not guard waits as well: nobody remembers whom it guarded."""
    both = EVERY + MAIL.replace("mail", "letter").replace("email", "post")
    tagged = both + "exclusions:\n" + NAMED.replace("}", ", tags: [email]}")
    life = Life(tagged)
    assert life.members()["letter"] == {1, 2}
    assert not life.run(both)
    assert (life.members()["mail"], life.members()["letter"]) == ({1}, {1, 2})
    assert life.run(tagged)
    assert (life.members()["mail"], life.members()["letter"]) == ({1, 4}, {1, 2, 4})


@sometimes(
    "stop_after",
    ["segwh_run_starts", "segwh_customer_pending"],
    ["segwh_rules", "segwh_customer_state", "segwh_customer_log", "segwh_run_ends"],
)
def test_a_run_that_dies_remembers(stop_after: str) -> None:
    life = Life()
    for _ in range(2):
        assert not life.run(EVERY, stop_after=stop_after)
    assert not life.run(EVERY)
    assert life.members() == GUARDED
    assert not life.run(EVERY, days=0)
    assert life.members() == GUARDED


@sometimes("stop_after", ["segwh_run_starts"], ["segwh_rules", "segwh_customer_pending", "segwh_customer_log"])
def test_a_run_that_accepts_and_dies(stop_after: str) -> None:
    """Who accepts has spoken as the run begins, and not before."""
    life = Life()
    assert not life.run(EVERY, accept=["unsubscribed"], stop_after=stop_after)
    assert life.run(EVERY) is (stop_after != "segwh_rules")
    assert life.members() == (GUARDED if stop_after == "segwh_rules" else OPEN)


@sometimes("flag", ["empty"], ["sample"])
def test_a_part_of_the_rows_concludes_nothing(flag: str) -> None:
    life = Life()
    parts: dict[str, Any] = {flag: True}
    for text in (EVERY, WITH):
        life.run(text, accept=["unsubscribed"], **parts)
        assert life.members() == BEFORE
    assert life.remembered() == ["customer:unsubscribed"]
    assert not life.run(EVERY)
    assert life.members() == GUARDED


@pytest.mark.slow
def test_a_full_refresh_remembers() -> None:
    life = Life()
    assert not life.run(EVERY, full_refresh=True)
    assert life.members() == GUARDED


@pytest.mark.parametrize("word", ["segwh_only", "segwh_refresh"])
def test_a_run_about_a_part_of_the_segments(word: str) -> None:
    hourly = EVERY.replace("name: mail,", "name: mail, refresh: hourly,")
    life = Life(hourly + "exclusions:\n" + NAMED)
    about = {word: ["mail" if word == "segwh_only" else "hourly"]}
    for _ in range(2):
        assert not life.run(hourly, variables=about)
        assert life.members() == BEFORE
    assert not life.run(hourly)
    assert life.members() == GUARDED
    assert life.run(hourly, variables=about, accept=["unsubscribed"])
    assert life.members() == GUARDED | {"mail": {1, 2, 4}}
    assert life.run(hourly)
    assert life.members() == OPEN


@pytest.mark.slow
def test_a_run_about_other_segments_fails_as_well() -> None:
    life = Life()
    assert life.fails(EVERY, variables={"segwh_only": ["leads"]}) == f"segwh takes no new members of customer: {WHY}"
    assert life.members() == GUARDED


@pytest.mark.slow
@pytest.mark.parametrize("left_out", [("segwh_run_starts",), ("segwh_run_starts", "segwh_rules")])
def test_models_without_the_start_of_a_run(left_out: tuple[str, ...]) -> None:
    """As `dbt run --exclude` or `dbt retry` have it: the newest run goes on."""
    life = Life()
    assert not life.run(EVERY, select=lambda name: name not in left_out)
    assert life.members() == {**BEFORE, "leads": {0, 1}}
    assert life.said()["mail"] == ("blocked", WHY)
    assert life.remembered() == ["customer:unsubscribed"]
    assert life.run(EVERY, accept=["unsubscribed"], stop_after="segwh_run_starts") is False
    assert life.run(EVERY, select=lambda name: name not in left_out)
    assert life.members() == OPEN


@pytest.mark.slow
def test_frozen_segments_take_nobody_back() -> None:
    frozen = MAIL.replace("label: M", "label: M, type: static")
    life = Life(ENTITIES + LIST + frozen)
    assert life.members()["mail"] == {1, 2}
    assert life.run(ENTITIES + LIST + frozen + "exclusions:\n" + NAMED)
    assert life.members()["mail"] == {1}
    assert life.fails(ENTITIES + LIST + frozen) == f"segwh takes no new members of customer: {WHY}"
    assert life.members()["mail"] == {1}
    assert life.run(ENTITIES + LIST + frozen, accept=["unsubscribed"])
    assert life.members()["mail"] == {1, 2}


def test_nobody_makes_room_for_whom_it_kept_out() -> None:
    best = "  - {name: best, label: B, entity: customer, include: everyone, limit: {top: 1, by: score}}\n"
    group = "groups:\n  - {name: one_of, exclusive: [mail, best]}\n"
    tagged = group + "exclusions:\n" + NAMED.replace("}", ", tags: [email]}")
    rest = ENTITIES + LIST + MAIL + best
    life = Life(rest + "exclusions:\n" + NAMED)
    life.fill([(1, 9, True), (2, 99, False)])
    assert life.members()["best"] == {1}
    assert not life.run(rest)
    assert life.members()["best"] == {1}
    assert life.run(rest, accept=["unsubscribed"])
    assert life.members()["best"] == {2}
    life = Life(rest + tagged)
    assert life.members() == {"mail": {1}, "unsubscribed": {2, 3}, "best": {2}, "leads": {0}}
    assert not life.run(rest + group)
    assert life.members() == {"mail": {1}, "unsubscribed": {2, 3}, "best": {2}, "leads": {0, 1}}
    assert life.run(rest + group, accept=["unsubscribed"])
    assert life.members() == {"mail": {1, 2, 4}, "unsubscribed": {2, 3}, "best": {3}, "leads": {0, 1}}


@pytest.mark.slow
def test_a_new_segment_and_a_new_definition_wait() -> None:
    life = Life()
    changed = EVERY.replace("gte: 5", "gte: 0") + MAIL.replace("mail", "more")
    assert not life.run(changed)
    assert life.members() == GUARDED
    assert life.run(changed, accept=["unsubscribed"])
    assert (life.members()["mail"], life.members()["more"]) == ({1, 2, 3, 4}, {1, 2, 4})


def renamed(text: str, name: str, was: str = "unsubscribed") -> str:
    return text.replace("unsubscribed", name).replace(f"{{name: {name},", f"{{name: {name}, was: {was},")


def test_a_list_with_another_name_is_not_lost() -> None:
    life = Life()
    assert life.run(renamed(WITH, "quiet"))
    assert life.remembered()[-1] == "-customer:unsubscribed customer:quiet"
    assert life.run(renamed(WITH, "quiet"))
    assert life.run(WITH.replace("unsubscribed", "quiet"))
    assert life.remembered()[-1] == "customer:quiet"
    assert not life.run(EVERY.replace("unsubscribed", "quiet"))
    assert life.said()["mail"] == ("blocked", WHY.replace("unsubscribed", "quiet"))
    assert life.run(renamed(WITH, "unsubscribed", was="quiet"))
    assert life.run(WITH)


@sometimes("stop_after", ["segwh_run_starts"], ["segwh_rules", "segwh_customer_state", "segwh_customer_log"])
def test_a_rename_that_dies(stop_after: str) -> None:
    life = Life()
    assert not life.run(renamed(WITH, "quiet"), stop_after=stop_after)
    assert life.run(renamed(WITH, "quiet"))
    assert not life.run(EVERY.replace("unsubscribed", "quiet"))


@pytest.mark.slow
def test_a_list_that_is_lost_as_it_gets_another_name() -> None:
    life = Life()
    assert not life.run(renamed(EVERY, "quiet"))
    assert life.said()["mail"] == ("blocked", WHY.replace("unsubscribed", "quiet"))
    assert life.members() == {"mail": {1}, "quiet": {2, 3}, "phones": {"p1"}, "leads": {0, 1}}
    assert life.run(renamed(EVERY, "quiet"), accept=["quiet"])
    assert life.run(renamed(EVERY, "quiet"))


@pytest.mark.slow
def test_the_former_name_is_free_for_another_list() -> None:
    life = Life()
    assert life.run(renamed(WITH, "quiet"))
    two = EVERY.replace("unsubscribed", "quiet") + LIST
    assert life.run(two + "exclusions:\n" + NAMED + NAMED.replace("unsubscribed", "quiet"))
    assert not life.run(two + "exclusions:\n" + NAMED.replace("unsubscribed", "quiet"))
    assert life.said()["mail"] == ("blocked", WHY)


@pytest.mark.slow
def test_a_list_that_is_there_already_takes_no_other_ones_place() -> None:
    two = EVERY + LIST.replace("unsubscribed", "quiet")
    life = Life(two + "exclusions:\n" + NAMED + NAMED.replace("unsubscribed", "quiet"))
    one = renamed(WITH, "quiet")
    assert not life.run(one)
    assert life.said()["mail"] == ("blocked", WHY)
    assert not life.run(one.replace("was: unsubscribed, ", ""), accept=["quiet"])
    assert life.members()["mail"] == {1}


def test_an_older_run_did_not_tell() -> None:
    """The first run that tells begins to remember."""
    life = Life()
    life.runner.connection.execute("alter table segwh_run_starts drop column suppression_lists")
    assert life.run(WITH)
    assert life.runner.rows("select suppression_lists from segwh_run_starts order by started_at") == [
        (None,), ("customer:unsubscribed",),
    ]  # fmt: skip
    # an older version again, and one of its runs
    life.runner.connection.execute(
        "update segwh_run_starts set suppression_lists = null where started_at > '2030-01-01 00:02:00'"
    )
    life.runner.connection.execute(
        "insert into segwh_run_starts select * replace ('old' as run_id, started_at + interval 1 second as started_at, "
        "null as suppression_lists) from segwh_run_starts order by started_at desc limit 1"
    )
    assert not life.run(EVERY, select=lambda name: name != "segwh_run_starts")
    assert life.said()["mail"] == ("blocked", WHY)
    assert not life.run(EVERY)
    assert life.members()["mail"] == {1, 4}


def test_without_the_column_and_without_a_start() -> None:
    life = Life()
    life.runner.connection.execute("alter table segwh_run_starts drop column suppression_lists")
    assert life.run(EVERY, select=lambda name: name != "segwh_run_starts")
    assert life.members() == OPEN


def test_two_at_once_of_which_one_does_not_know_the_list() -> None:
    """The one without it began first, and its start is written last."""
    life = Life(EVERY)
    assert life.run(WITH)
    life.runner.connection.execute(
        "insert into segwh_run_starts select * replace ('other' as run_id, started_at + interval 1 second as started_at, "
        "'' as suppression_lists) from segwh_run_starts order by started_at desc limit 1"
    )
    assert not life.run(EVERY)
    assert life.said()["mail"] == ("blocked", WHY)


@pytest.mark.slow
def test_two_at_once_of_which_one_accepts() -> None:
    """Whoever did not know is not overruled for long: the newest that speaks of a list counts."""
    life = Life()
    assert life.run(EVERY, accept=["unsubscribed"])
    life.runner.connection.execute(
        "insert into segwh_run_starts select * replace ('other' as run_id, started_at + interval 1 second as started_at, "
        "'customer:unsubscribed' as suppression_lists) from segwh_run_starts order by started_at desc limit 1"
    )
    assert not life.run(EVERY)
    assert life.run(EVERY, accept=["unsubscribed"])


@pytest.mark.slow
def test_a_list_of_the_same_name_of_another_entity() -> None:
    life = Life()
    moved = ENTITIES + MAIL + PHONES + LIST.replace("customer", "lead").replace("subscribed, is: false", "score, lt: 0")
    moved += "exclusions:\n  - {entity: lead, segment: unsubscribed}\n"
    assert not life.run(moved)
    assert life.members()["mail"] == {1}
    assert life.said()["mail"] == ("blocked", WHY)
    assert life.run(moved, accept=["unsubscribed"])
    assert life.remembered()[-1] == "-customer:unsubscribed lead:unsubscribed"
    assert not life.run(EVERY)
    assert life.members()["leads"] == {0, 1}


@pytest.mark.slow
def test_an_entity_that_is_away_for_a_while() -> None:
    life = Life()
    alone = ENTITIES[: ENTITIES.index("  - name: customer")] + ENTITIES[ENTITIES.index("  - name: lead") :]
    assert life.run(alone)
    assert not life.run(EVERY)
    assert life.members()["mail"] == {1}


@pytest.mark.slow
def test_a_segment_of_another_entity_that_follows_waits() -> None:
    lookup = "    lookups:\n      customer: {relation: ref('customers'), by: score, key: customer_id}\n"
    follows = ENTITIES.replace("attributes: {score: integer}\n", "attributes: {score: integer}\n" + lookup)
    follows += LIST + MAIL + "  - {name: of_mail, label: O, entity: lead, include: [{segment: customer.mail}]}\n"
    life = Life(follows + "exclusions:\n" + NAMED)
    life.runner.fill("leads", {"lead_id": "bigint", "score": "bigint"}, [(1, 1), (2, 2), (4, 4)])
    assert not life.run(follows)
    rows = life.runner.rows("select segment, status from segwh_lead_pending where kind = 'segment' order by 1")
    assert rows == [("leads", "live"), ("of_mail", "kept")]


@pytest.mark.slow
def test_a_backfill_goes_on() -> None:
    life = Life()
    past = {"segwh_backfill": True, "segwh_only": ["more"]}
    more = EVERY + MAIL.replace("mail", "more")
    assert life.run(more + "exclusions:\n" + NAMED, days=0, variables=past)
    assert life.run(more + "exclusions:\n" + NAMED, variables=past)
    assert life.members()["more"] == {1, 4}
    assert not life.run(more, variables=past)
    assert life.members()["more"] == {1, 4}
    assert life.run(more, variables=past, accept=["unsubscribed"])
    assert life.members()["more"] == {1, 2, 4}
