"""Random series of up to 30 runs through a whole compiled project, against the contract as plain Python.

Rows change, rules change, segments come, go, freeze, expire, wake and are renamed; as-of moves on, stays or goes back; runs
die after any model, read nothing (--empty), rebuild everything (--full-refresh), build a part; people are erased.
"""

from __future__ import annotations

import copy
import os
from datetime import datetime, timedelta

import pytest
from hypothesis import HealthCheck, Phase, settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, initialize, invariant, rule, run_state_machine_as_test

from tests.histories.contract import Contract
from tests.histories.erasing import erase
from tests.histories.runner import Call, Compiled, Runner, compiled
from tests.histories.shop import KEYS, PHONES, START, Shop

GRAINS = {"customer": "customer_id", "customer_by_phone": "phone"}
customers = st.tuples(
    st.integers(-6, 3), st.sampled_from([5, 20, 30, 50]), st.sampled_from(PHONES), st.sampled_from([True, True, False])
)


class Series(RuleBasedStateMachine):
    """One warehouse and its model."""

    def __init__(self) -> None:
        super().__init__()
        self.runner = Runner()
        self.shop = Shop()
        self.contract = Contract()
        self.day = 0
        self.begun: tuple[datetime, str] | None = None
        """As-of and rules of the run that began last."""
        self.logged: dict[str, dict[int, tuple]] = {}
        """Grain -> sequence -> what the log was seen to say there."""

    @initialize(people=st.dictionaries(st.sampled_from(KEYS), customers, min_size=3))
    def open_shop(self, people: dict[str, tuple[int, int, str | None, bool]]) -> None:
        for key, one in people.items():
            self.change_customer(key, one)
        # The contract knows no breaker, so the suppression list is never left with nobody.
        self.change_customer("z", (-6, 20, None, False))

    def change_customer(self, key: str, one: tuple[int, int, str | None, bool]) -> None:
        created, *rest = one
        self.shop.customers[key] = (START + timedelta(days=created), *rest)

    @rule(people=st.dictionaries(st.sampled_from(KEYS), st.one_of(st.none(), customers), min_size=1, max_size=4))
    def customers_change(self, people: dict[str, tuple[int, int, str | None, bool] | None]) -> None:
        for key, one in people.items():
            if one is None:
                self.shop.customers.pop(key, None)
            else:
                self.change_customer(key, one)

    @rule(
        orders=st.lists(st.tuples(st.sampled_from(KEYS), st.integers(-1, 2), st.sampled_from([1, 9])), min_size=1, max_size=4)
    )
    def orders_come(self, orders: list[tuple[str, int, int]]) -> None:
        self.shop.orders += [(key, START + timedelta(days=self.day + days, hours=-1), amount) for key, days, amount in orders]

    @rule(
        which=st.integers(0, 10),
        what=st.sampled_from(["threshold", "active", "there", "there", "expires", "name", "group"]),
        to=st.integers(0, 2),
    )
    def rules_change(self, which: int, what: str, to: int) -> None:
        slot = self.shop.slots[which]
        if what in ("active", "expires") and slot.kind == "unsubscribed":
            return  # refused of a suppression list
        match what:
            case "threshold":
                slot.threshold = (10, 20, 40)[to]
            case "active":
                slot.is_active = not slot.is_active
            case "there":
                slot.is_there = not slot.is_there
            case "expires":
                slot.expires = (None, self.day, self.day + 2)[to]
            case "group":
                self.shop.has_group = not self.shop.has_group
            case _:
                names = [f"{slot.kind}_{letter}" for letter in "xyz"]
                if names[to] != slot.name:
                    slot.was, slot.name = slot.name, names[to]

    @rule(
        days=st.sampled_from([0, 0, 1, 1, 1, 2, 3, -1]),
        mode=st.sampled_from(["whole", "whole", "whole", "dies", "empty", "sample", "full_refresh", "views", "rest"]),
        dies=st.floats(0, 1, exclude_max=True),
        remove=st.booleans(),
        accept=st.booleans(),
    )
    def run(self, days: int, mode: str, dies: float, remove: bool, accept: bool) -> None:
        rules = self.shop.rules
        if mode == "rest":
            # `dbt run --exclude segwh_run_starts segwh_rules`, whatever as-of is asked for: the last one goes on.
            if self.begun is None or self.begun[1] != rules:
                return
            at = self.begun[0]
        else:
            self.day = max(0, self.day + days)
            at = START + timedelta(days=self.day)
        project = compiled(rules)
        names = list(project.models)
        last = names[int(dies * len(names))] if mode == "dies" else names[-1]
        removed = sorted(set(self.contract.shelves) - set(project.hashes)) if remove else []
        accepted = sorted(self.contract.lost(project)) if accept and mode != "rest" else []
        call = Call(
            START + timedelta(days=self.day),
            accept=accepted,
            remove=removed,
            stop_after=last,
            empty=mode == "empty",
            sample=mode == "sample",
            full_refresh=mode == "full_refresh",
        )
        if mode == "views":
            if self.runner.relation("segwh_runs") is None:
                return
            call.select = lambda name: name.endswith(("_changes", "_membership", "_history", "_sizes", "_segments"))
            have = {grain for grain in GRAINS if self.runner.relation(f"segwh_{grain}_log")}
            if not all(segment.grain in have for segment in project.project.segments):
                return
        if mode == "rest":
            call.select = lambda name: name not in ("segwh_run_starts", "segwh_rules")
        self.shop.fill(self.runner)
        ended_well = self.runner.run(project, call)
        built = names[: names.index(last) + 1]
        if mode not in ("views", "rest") and self.begun is not None and self.begun[1] != rules and "segwh_rules" in built:
            self.begun = None
        if mode in ("empty", "sample", "views"):
            return
        if mode != "rest" and not removed and self.contract.comes_too_late(project, at):
            assert not ended_well
            return
        if "segwh_run_starts" in built and mode != "rest":
            self.begun = at, rules
            self.contract.begin(project, accepted, removed)
        self._predict(project, at, built, removed)

    def _predict(self, project: Compiled, at: datetime, built: list[str], removed: list[str]) -> None:
        for grain in GRAINS:
            if f"segwh_{grain}_state" in built:
                self.contract.rename(project, grain)
        # The books are read before anything is appended, whichever grain comes first.
        found = copy.deepcopy(self.contract).expected(self.shop, project, at)
        for grain in GRAINS:
            if f"segwh_{grain}_log" in built:
                self.contract.append(project, found, grain, at, removed, self._existing(grain, project, found, at))

    def _existing(self, grain: str, project: Compiled, found: object, at: datetime) -> dict[str, set]:
        there = {key: row for key, row in self.shop.customers.items() if row[0] < at}
        slot = self.shop.slot("unsubscribed")
        out = found.members(slot.name) if slot.is_there else frozenset()  # type: ignore[attr-defined]
        if grain == "customer":
            return {"all": set(there), "suppressed": set(out)}
        return {
            "all": {row[2] for row in there.values() if row[2] is not None},
            "suppressed": {row[2] for key, row in there.items() if key in out and row[2] is not None},
        }

    @rule(key=st.sampled_from(KEYS))
    def erase(self, key: str) -> None:
        if self.runner.relation("segwh_customer_log") is None or self.runner.relation("segwh_run_ends") is None:
            return
        self.shop.fill(self.runner)
        project = compiled(self.shop.rules)
        phones = {row[2] for other, row in self.shop.customers.items() if other == key}
        others = {row[2] for other, row in self.shop.customers.items() if other != key}
        if "phone" in [
            name
            for (name,) in self.runner.rows(
                "select column_name from information_schema.columns where table_name = 'segwh_customer_facts'"
            )
        ]:
            phones |= {
                phone for (phone,) in self.runner.rows(f"select phone from segwh_customer_facts where customer_id = '{key}'")
            }
            others |= {
                phone for (phone,) in self.runner.rows(f"select phone from segwh_customer_facts where customer_id <> '{key}'")
            }
        erase(self.runner, project, "customer", key)
        has_phones = any(segment.grain == "customer_by_phone" for segment in project.project.segments)
        for _, shelf in self.contract.of("customer"):
            shelf.forget(key)
        for _, shelf in self.contract.of("customer_by_phone"):
            for phone in (phones - others) - {None} if has_phones else ():
                shelf.forget(phone)
        for table in ("log", "state", "facts", "evaluation", "pending"):
            if self.runner.relation(f"segwh_customer_{table}"):
                assert self.runner.rows(f"select count(*) from segwh_customer_{table} where customer_id = '{key}'") == [(0,)]

    @invariant()
    def the_books_are_right(self) -> None:
        for grain, key in GRAINS.items():
            if not all(self.runner.relation(f"segwh_{grain}_{view}") for view in ("changes", "history", "membership")):
                continue  # a first run died before what readers see was made
            membership = {
                (segment, who): at
                for segment, who, at in self.runner.rows(f"select segment, {key}, entered_at from segwh_{grain}_membership")
            }
            assert membership == self.contract.membership(grain)
            history = self.runner.rows(
                f"select segment, {key}, valid_from, valid_to, entered_reason, exited_reason from segwh_{grain}_history"
            )
            assert len(history) == len(set(history))
            assert set(history) == self.contract.history(grain)
            changes = self.runner.rows(
                f"select segment, {key}, change, changed_at, reason, sequence, change_id "
                f"from segwh_{grain}_changes order by sequence"
            )
            assert len({change[5] for change in changes}) == len(changes) == len({change[6] for change in changes})
            told: dict[str, list] = {}
            for change in changes:
                told.setdefault(change[0], []).append(change[:5])
            expected = self.contract.changes(grain)
            # Within one run the order of a segment's changes is by key; the model has no say in it.
            assert {name: sorted(rows, key=repr) for name, rows in told.items()} == {
                name: sorted(rows, key=repr) for name, rows in expected.items()
            }
            assert replayed(changes) == set(membership)
            self.nothing_is_rewritten(grain, changes)

    def nothing_is_rewritten(self, grain: str, changes: list[tuple]) -> None:
        """The log only ever grows at its end. Who was erased is out of it, and a segment's name follows a rename."""
        now = {change[5]: (change[6], *change[1:5]) for change in changes}
        before = self.logged.get(grain, {})
        assert all(before[sequence] == told for sequence, told in now.items() if sequence in before)
        assert all(sequence > max(before) for sequence in now.keys() - before.keys() if before)
        self.logged[grain] = {**before, **now}


def replayed(changes: list[tuple]) -> set[tuple[str, str]]:
    members: set[tuple[str, str]] = set()
    for segment, key, change, *_ in changes:
        if change == "entered":
            assert (segment, key) not in members
            members.add((segment, key))
        else:
            members.remove((segment, key))
    return members


HEALTH = {"deadline": None, "suppress_health_check": list(HealthCheck), "phases": (Phase.explicit, Phase.reuse, Phase.generate)}


def test_a_few_series() -> None:
    run_state_machine_as_test(Series, settings=settings(max_examples=4, stateful_step_count=30, derandomize=True, **HEALTH))


@pytest.mark.slow
def test_many_series() -> None:
    examples = int(os.environ.get("SEGWH_SERIES", "200"))
    run_state_machine_as_test(Series, settings=settings(max_examples=examples, stateful_step_count=60, **HEALTH))
