"""Whose the books are: a static set is the one that was computed last, and members are of the kind that the rules say now."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from tests.histories.runner import Call, Runner, compiled
from tests.macro_calls import CompilerError

START, DAY = datetime(2026, 5, 1, tzinfo=UTC), timedelta(days=1)
CATALOG = """
entities:
  - name: customer
    relation: ref('customers')
    key: {column: customer_id, type: integer}
    created_at: created_at
    attributes: {score: integer, subscribed: boolean, phone: string}
segments:
  - {name: silent, label: s, entity: customer, include: [{attribute: subscribed, is: false}]}
"""
EXCLUDED = "exclusions:\n  - {entity: customer, segment: silent}\n"
LIST = "  - {name: list, label: l, entity: customer, type: static, include: [{attribute: score, gte: 5}]}\n"
OTHER_LIST = LIST.replace("gte: 5", "gte: 8")
COLUMNS = {
    "customer_id": "bigint", "created_at": "timestamptz", "score": "bigint", "subscribed": "boolean", "phone": "varchar",
}  # fmt: skip


class Books:
    """A warehouse with runs whose rules and instants change; each customer is (score, subscribed)."""

    def __init__(self) -> None:
        self.runner = Runner()

    def run(self, text: str, day: int, customers: Mapping[int, tuple[int, bool]], **options: Any) -> list[int]:
        """A run by these rules at a day; who is on the list then. One who never subscribed keeps the suppression filled."""
        assert self.runs(text, day, {**customers, 99: (0, False)}, raises=True, **options)
        return self.members("segwh_customer_membership", "customer_id")

    def runs(
        self, text: str, day: int, customers: Mapping[int, tuple[int, bool]], raises: bool = False, **options: Any
    ) -> bool:
        """The same with these customers alone; whether nothing was held back."""
        self.runner.fill("customers", COLUMNS, [(key, START - DAY, *one, "1") for key, one in customers.items()])
        return self.runner.run(compiled(text), Call(START + day * DAY, **options), raises=raises)

    def said(self, grain: str = "customer") -> dict[str, str]:
        rows = self.runner.rows(f"select segment, status from segwh_{grain}_pending where kind = 'segment'")
        return {str(segment): str(status) for segment, status in rows}

    def members(self, table: str, key: str) -> list[Any]:
        return [one for (one,) in self.runner.rows(f"select {key} from {table} where segment = 'list' order by 1")]


HIDDEN: Mapping[int, tuple[int, bool]] = {1: (9, False), 2: (9, True)}
BACK_WITHOUT_POINTS: Mapping[int, tuple[int, bool]] = {1: (0, True), 2: (9, True)}


@pytest.mark.parametrize("days", [(1, 2, 3), (1, 1, 1), (0, 0, 0), (0, 1, 1)], ids=str)
def test_a_list_that_is_removed_and_made_again_forgets_who_was_hidden(days: tuple[int, int, int]) -> None:
    """Else whoever was suppressed in the first list would come back into the second, whose rule they never met."""
    books, hides, removed, again = Books(), *days
    assert books.run(CATALOG + LIST + EXCLUDED, 0, {1: (9, True), 2: (9, True)}) == [1, 2]
    assert books.run(CATALOG + LIST + EXCLUDED, hides, HIDDEN) == [2]
    assert books.run(CATALOG + EXCLUDED, removed, HIDDEN, remove=["list"]) == []
    assert books.run(CATALOG + LIST + EXCLUDED, again, BACK_WITHOUT_POINTS) == [2]
    assert books.run(CATALOG + LIST + EXCLUDED, again, BACK_WITHOUT_POINTS) == [2]
    assert books.run(CATALOG + LIST + EXCLUDED, 5, BACK_WITHOUT_POINTS) == [2]


@pytest.mark.parametrize("days", [(1, 2, 3), (1, 1, 1), (1, 1, 2), (0, 0, 0)], ids=str)
def test_so_does_one_from_which_everybody_was_hidden(days: tuple[int, int, int]) -> None:
    books, hides, removed, again = Books(), *days
    assert books.run(CATALOG + LIST + EXCLUDED, 0, {1: (9, True)}) == [1]
    assert books.run(CATALOG + LIST + EXCLUDED, hides, {1: (9, False)}) == []
    assert books.run(CATALOG + EXCLUDED, removed, {1: (9, False)}, remove=["list"]) == []
    assert books.run(CATALOG + LIST + EXCLUDED, again, {1: (0, True)}) == []
    assert books.run(CATALOG + LIST + EXCLUDED, 5, {1: (0, True)}) == []


@pytest.mark.parametrize("days", [(1, 2, 3), (1, 1, 1), (0, 0, 0), (0, 1, 1)], ids=str)
def test_a_rule_that_was_another_in_between_makes_another_list(days: tuple[int, int, int]) -> None:
    books, hides, other, again = Books(), *days
    books.run(CATALOG + LIST + EXCLUDED, 0, {1: (9, True), 2: (9, True)})
    assert books.run(CATALOG + LIST + EXCLUDED, hides, HIDDEN) == [2]
    assert books.run(CATALOG + OTHER_LIST + EXCLUDED, other, HIDDEN) == [2]
    assert books.run(CATALOG + LIST + EXCLUDED, again, BACK_WITHOUT_POINTS) == [2]
    assert books.run(CATALOG + LIST + EXCLUDED, again, BACK_WITHOUT_POINTS) == [2]
    assert books.run(CATALOG + LIST + EXCLUDED, 5, BACK_WITHOUT_POINTS) == [2]


@pytest.mark.parametrize("back", [1, 2])
def test_who_was_only_hidden_comes_back(back: int) -> None:
    books = Books()
    books.run(CATALOG + LIST + EXCLUDED, 0, {1: (9, True), 2: (9, True)})
    assert books.run(CATALOG + LIST + EXCLUDED, 1, HIDDEN) == [2]
    assert books.run(CATALOG + LIST + EXCLUDED, back, BACK_WITHOUT_POINTS) == [1, 2]


def test_what_may_take_nobody_keeps_its_set_and_not_half_of_another() -> None:
    """While the suppression list is emptied, a new definition is not taken: neither whom it lets in nor whom it lets go."""
    books, everybody = Books(), {1: (6, True), 2: (9, True), 3: (6, True)}
    assert books.run(CATALOG + LIST + EXCLUDED, 0, everybody) == [1, 2, 3]
    assert not books.runs(CATALOG + OTHER_LIST + EXCLUDED, 1, {**everybody, 99: (0, True)})
    assert books.said() == {"list": "blocked", "silent": "kept"}
    assert books.members("segwh_customer_membership", "customer_id") == [1, 2, 3]
    assert books.run(CATALOG + LIST + EXCLUDED, 2, everybody) == [1, 2, 3]
    assert books.run(CATALOG + OTHER_LIST + EXCLUDED, 3, everybody) == [2]


BIG = "  - {name: big, label: b, entity: customer, include: [{attribute: score, gte: 5}]}\n"
BEHIND = "  - {name: list, label: l, entity: customer, include: [{segment: big}]}\n"


REDEFINED = BEHIND.replace("big}", "big}, {attribute: score, gte: 1}")


@pytest.mark.parametrize("behind", [BEHIND, REDEFINED], ids=["same", "redefined"])
def test_whoever_is_suppressed_leaves_a_version_that_is_kept_whatever_its_rule_is_now(behind: str) -> None:
    books, many = Books(), range(101, 221)
    assert books.run(CATALOG + BIG + BEHIND + EXCLUDED, 0, dict.fromkeys(many, (9, True))) == list(many)
    fewer = {key: (9 if key <= 105 else 0, key != 101) for key in many}
    for day in (1, 2):
        assert not books.runs(CATALOG + BIG + behind + EXCLUDED, day, {**fewer, 99: (0, False)})
        assert books.said() == {"big": "kept", "list": "kept", "silent": "live"}
        assert books.members("segwh_customer_membership", "customer_id") == list(many)[1:]
    reasons = "select customer_id, reason from segwh_customer_changes where segment = 'list' and change = 'exited'"
    assert books.runner.rows(reasons) == [(101, "suppressed")]


def test_a_segment_that_left_the_rules_does_not_lose_its_members_with_a_table_that_came_empty() -> None:
    """They could not come back: it takes nobody."""
    books, many = Books(), range(101, 251)
    assert books.run(CATALOG + BIG + EXCLUDED, 0, dict.fromkeys(many, (9, True))) == []
    told = "select count(*) from segwh_customer_membership where segment = 'big'"
    for left in (range(0), range(230, 251)):
        assert not books.runs(CATALOG + LIST + EXCLUDED, 1, {**dict.fromkeys(left, (9, True)), 99: (0, False)})
        assert (books.said()["big"], books.runner.rows(told)) == ("kept", [(150,)])
        why = books.runner.rows("select problem from segwh_customer_pending where kind = 'segment' and segment = 'big'")
        assert "no longer in the rules, and too many of its members are gone; accept or remove it" in str(why)
    half = dict.fromkeys(range(150, 251), (9, True))
    assert books.runs(CATALOG + LIST + EXCLUDED, 2, {**half, 99: (0, False)})
    assert (books.said()["big"], books.runner.rows(told)) == ("orphaned", [(101,)])
    few = {200: (9, True), 99: (0, False)}
    assert not books.runs(CATALOG + LIST + EXCLUDED, 3, few, accept=["list"])
    assert books.runs(CATALOG + LIST + EXCLUDED, 3, few, accept=["list", "big"])
    assert (books.said()["big"], books.runner.rows(told)) == ("orphaned", [(1,)])


def test_a_segment_that_left_the_rules_is_removed_whoever_is_gone() -> None:
    books = Books()
    assert books.run(CATALOG + BIG + EXCLUDED, 0, dict.fromkeys(range(101, 251), (9, True))) == []
    books.runs(CATALOG + LIST + EXCLUDED, 1, {99: (0, False)}, remove=["big"])
    told = "select change, reason, count(*) from segwh_customer_changes where segment = 'big' group by all order by all"
    assert books.runner.rows(told) == [("entered", "first_run", 150), ("exited", "gone", 150)]


def test_a_segment_with_members_of_another_kind_lets_the_old_ones_go_when_told() -> None:
    books, customers = Books(), {1: (9, True), 2: (9, True), 3: (0, True)}
    dynamic = LIST.replace("type: static, ", "")
    by_phone = dynamic.replace("include", "aggregate_on: phone, include")
    apart = "  - {name: apart, label: a, entity: customer, aggregate_on: phone, include: everyone}\n"
    assert books.run(CATALOG + apart + dynamic, 0, customers) == [1, 2]
    assert books.run(CATALOG + apart + by_phone, 1, customers) == [1, 2]
    assert books.members("segwh_customer_by_phone_membership", "phone") == ["1"]
    told = "from segwh_customer_pending where kind = 'segment' and segment = 'list'"
    assert books.runner.rows(f"select status, members, problem {told}") == [
        ("orphaned", 2, "it has members of another kind now; those that it had stay until it is removed")
    ]
    assert books.run(CATALOG + apart + by_phone, 1, customers, remove=["list"]) == []
    assert books.members("segwh_customer_by_phone_membership", "phone") == ["1"]
    assert (
        books.runner.rows("select change, reason from segwh_customer_changes where segment = 'list' order by sequence")
        == [("entered", "first_run")] * 2 + [("exited", "segment_removed")] * 2
    )
    sizes = "select as_of, members from segwh_segment_sizes where segment = 'list' order by 1"
    assert books.runner.rows(sizes) == [(START, 2), (START + DAY, 1)]
    assert books.runner.rows("select grain, first_evaluated_at from segwh_segments where segment = 'list'") == [
        ("customer_by_phone", START + DAY)
    ]
    assert books.run(CATALOG + apart + by_phone, 2, customers) == []
    assert books.runner.rows(f"select status {told}") == []
    assert books.runner.rows(sizes)[:2] == [(START, 2), (START + DAY, 1)]
    assert books.run(CATALOG + apart, 3, customers) == []  # whatever the rules say later
    assert books.runner.rows(sizes)[:2] == [(START, 2), (START + DAY, 1)]


def test_what_follows_from_a_segment_of_another_kind_follows_from_its_new_one() -> None:
    """Its old members are orphaned: those it has now are up to date all the same, for references and for consent."""
    books, customers = Books(), {1: (9, True), 2: (9, True), 3: (0, True)}
    by_phone = "entity: customer, aggregate_on: phone, "
    follows = f"  - {{name: follows, label: f, {by_phone}include: [{{segment: list}}]}}\n"
    plain = "  - {name: plain, label: p, entity: customer, include: [{attribute: score, gte: 9}]}\n"
    dynamic = LIST.replace("type: static, ", "")
    moved = dynamic.replace("entity: customer, ", by_phone)
    excluded = EXCLUDED + "  - {entity: customer, segment: list}\n"
    everything = follows + plain + excluded
    assert books.run(CATALOG + dynamic + everything, 0, customers) == [1, 2]
    for day in (1, 2):
        # the orphans are suppressed by their own list, as all customers are whose phone is on it
        assert books.run(CATALOG + moved + everything, day, customers) == []
        assert books.said("customer_by_phone") == {"list": "live", "follows": "live"}
        assert books.said() == {"list": "orphaned", "plain": "live", "silent": "live"}


def test_the_state_of_an_older_version_is_filled_anew() -> None:
    """Version 2 kept who was hidden from a set that had been made again since."""
    books = Books()
    books.run(CATALOG + LIST + EXCLUDED, 0, {1: (9, True), 2: (9, True)})
    books.run(CATALOG + LIST + EXCLUDED, 1, HIDDEN)
    (kept,) = books.runner.rows("select computed_hash from segwh_customer_state where segment = 'list' and customer_id = 1")
    books.run(CATALOG + OTHER_LIST + EXCLUDED, 2, HIDDEN)
    books.run(CATALOG + LIST + EXCLUDED, 3, HIDDEN)
    books.runner.connection.execute(
        "update segwh_customer_state set computed_hash = ? where segment = 'list' and customer_id = 1", kept
    )
    books.runner.connection.execute("update segwh_run_starts set contract_version = 2")
    assert books.run(CATALOG + LIST + EXCLUDED, 4, BACK_WITHOUT_POINTS) == [2]


class Rekeyed(Books):
    """A warehouse after a run whose customers are told apart by a whole number; then that becomes something else."""

    def __init__(self) -> None:
        super().__init__()
        assert self.run(CATALOG + LIST + EXCLUDED, 0, {1: (9, True), 2: (9, True)}) == [1, 2]
        self.before = self.runner.rows("select change_id, segment, changed_at from segwh_customer_changes order by sequence")

    def goes_on(self, text: str, key: str, type: str) -> list[Any]:
        """A run after which the log says what it said, or the error; who is on the list then."""
        columns = {key: type, **{name: kind for name, kind in COLUMNS.items() if name != "customer_id"}}
        rows = [(one, START - DAY, score, one != 99, "1") for one, score in ((1, 9), (2, 9), (99, 0))]
        self.runner.fill("customers", columns, rows)
        self.runner.find_relations()
        self.runner.views.clear()
        assert self.runner.run(compiled(text + LIST + EXCLUDED), Call(START + DAY), raises=True)
        now = self.runner.rows("select change_id, segment, changed_at from segwh_customer_changes order by sequence")
        assert now == self.before
        return self.members("segwh_customer_membership", "customer_id" if "name:  customer_id" in text else key)


def test_a_key_of_another_type_is_named_and_goes_on_once_the_log_has_it_too() -> None:
    books, text = Rekeyed(), CATALOG.replace("type: integer}", "type: string}", 1)
    why = "segwh_customer_log holds keys of type bigint, and customer_id is varchar now: nothing is written. Convert the key"
    for _ in range(2):
        with pytest.raises(CompilerError, match=why):
            books.goes_on(text, "customer_id", "varchar")
    books.runner.connection.execute("alter table segwh_customer_log alter customer_id type varchar")
    books.runner.connection.execute("drop table segwh_customer_state")
    assert books.goes_on(text, "customer_id", "varchar") == ["1", "2"]


def test_a_wider_type_of_numbers_is_no_other_type() -> None:
    assert Rekeyed().goes_on(CATALOG, "customer_id", "integer") == [1, 2]
    assert Rekeyed().goes_on(CATALOG, "customer_id", "hugeint") == [1, 2]


@pytest.mark.parametrize("way", ["its name", "the log"])
def test_a_key_of_another_name_is_named_and_goes_on_under_its_former_one_or_with_the_log(way: str) -> None:
    books, text = Rekeyed(), CATALOG.replace("{column: customer_id,", "{column: number,")
    why = r"knows its members by customer_id, and the catalog calls that key number now.*key: {column: ..., name: customer_id}"
    with pytest.raises(CompilerError, match=why):
        books.goes_on(text, "number", "bigint")
    if way == "its name":
        text = text.replace("{column: number,", "{column: number, name:  customer_id,")
    else:
        books.runner.connection.execute("alter table segwh_customer_log rename customer_id to number")
        books.runner.connection.execute("drop table segwh_customer_state")
    assert books.goes_on(text, "number", "bigint") == [1, 2]
