"""Random series of runs, deaths included, against a plain-Python model of the contract."""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from datetime import UTC, datetime, timedelta

from hypothesis import HealthCheck, Phase, given, settings
from hypothesis import strategies as st

from tests.dbt.books import Books, Declared

START = datetime(2026, 3, 1, tzinfo=UTC)
KEYS = "abc"
SEGMENTS = ("one", "two")


@dataclass(frozen=True)
class Run:
    """What happens in one run, before it dies after `stop_after`. None as rules: those of the run before."""

    day: int
    rules: dict[str, Declared] | None
    members: dict[str, frozenset[str]]
    reasons: dict[tuple[str, str], str]
    remove: tuple[str, ...]
    is_fresh: bool
    stop_after: str


@dataclass
class Stay:
    """One stay as the contract's history shows it."""

    start: datetime
    end: datetime | None = None


@dataclass
class Shelf:
    """One segment in the plain-Python model."""

    stays: dict[str, list[Stay]] = field(default_factory=dict)
    computed_hash: str | None = None
    last: datetime | None = None
    is_removed: bool = False
    hidden: set[str] = field(default_factory=set)
    """Who belongs to the static set that was computed last and is hidden from it."""

    def members(self) -> set[str]:
        return {key for key, stays in self.stays.items() if stays and stays[-1].end is None}

    def enter(self, key: str, at: datetime) -> None:
        stays = self.stays.setdefault(key, [])
        self.hidden.discard(key)
        if stays and stays[-1].end == at:  # a correction: it never left
            stays[-1].end = None
        else:
            stays.append(Stay(at))

    def leave(self, key: str, at: datetime) -> None:
        stay = self.stays[key][-1]
        if stay.start == at:  # a correction: it was never in
            self.stays[key].pop()
        else:
            stay.end = at


def apply(shelves: dict[str, Shelf], run: Run) -> None:
    """What the contract says a completed run does."""
    assert run.rules is not None
    at = START + timedelta(days=run.day)
    for name in SEGMENTS:
        shelf, rule = shelves[name], run.rules.get(name)
        if shelf.last is not None and shelf.last > at:
            continue
        if rule is None and (name not in run.remove or shelf.last is None):
            lost = {key for key in shelf.members() if run.reasons.get((name, key)) in ("gone", "suppressed", "priority")}
            for key in lost:
                shelf.leave(key, at)
            if not lost:
                continue
        elif rule is None:
            if shelf.is_removed:
                continue  # there is nothing left to say of it, so it is not evaluated
            for key in shelf.members():
                shelf.leave(key, at)
            shelf.computed_hash, shelf.is_removed, shelf.hidden = None, True, set()
        elif not run.is_fresh:
            continue
        else:
            shelf.is_removed = False
            is_frozen = (
                rule.status == "inactive"
                or (rule.expires_at is not None and rule.expires_at <= at)
                or (rule.type == "static" and shelf.computed_hash == rule.rule_hash)
            )
            keeps_its_set = rule.type == "static" and shelf.computed_hash == rule.rule_hash
            if is_frozen:
                back = set(shelf.hidden) if keeps_its_set else set()
                for key in shelf.members():
                    if run.reasons.get((name, key)) in ("gone", "suppressed", "priority"):
                        shelf.leave(key, at)
                        if keeps_its_set:
                            shelf.hidden.add(key)
                for key in back:
                    if (name, key) not in run.reasons:
                        shelf.enter(key, at)
            else:
                wanted = run.members.get(name, frozenset())
                for key in shelf.members() - wanted:
                    shelf.leave(key, at)
                for key in wanted - shelf.members():
                    shelf.enter(key, at)
                shelf.computed_hash, shelf.hidden = rule.rule_hash, set()
        shelf.last = at


NO_SHRINKING = (Phase.explicit, Phase.reuse, Phase.generate)
"""A run is slow, so a failing series is shown as it was found."""

rules = st.builds(
    Declared,
    rule_hash=st.sampled_from(["h1", "h1", "h1", "h2"]),
    type=st.sampled_from(["dynamic", "static"]),
    status=st.sampled_from(["active", "active", "active", "active", "inactive"]),
    expires_at=st.sampled_from([None, None, None, START + timedelta(days=3)]),
)
some_rules = st.dictionaries(st.sampled_from(SEGMENTS), rules)
runs = st.builds(
    Run,
    day=st.sampled_from([0, 0, 0, 1, 1, 2, -1]),  # relative: the same as-of again, a later or an older one
    rules=st.one_of(*[st.none()] * 3, st.fixed_dictionaries(dict.fromkeys(SEGMENTS, rules)), some_rules),
    members=st.fixed_dictionaries(dict.fromkeys(SEGMENTS, st.frozensets(st.sampled_from(KEYS)))),
    reasons=st.dictionaries(
        st.tuples(st.sampled_from(SEGMENTS), st.sampled_from(KEYS)),
        st.sampled_from(["gone", "suppressed", "priority", "excluded"]),
        max_size=3,
    ),
    remove=st.sampled_from([(), (), (), ("one",), ("one", "two")]),
    is_fresh=st.sampled_from([True, True, True, True, False]),
    # mostly to the end, for what a correction does shows after two or three runs that did
    stop_after=st.sampled_from(["all"] * 8 + list(Books.steps)),
)


@settings(max_examples=25, deadline=None, suppress_health_check=list(HealthCheck), phases=NO_SHRINKING)
@given(st.fixed_dictionaries(dict.fromkeys(SEGMENTS, rules)), st.lists(runs, min_size=3, max_size=8))
def test_membership_and_history_are_what_the_contract_says(declared: dict[str, Declared], series: list[Run]) -> None:
    books, shelves, day = Books(), {name: Shelf() for name in SEGMENTS}, 0
    for relative in series:
        day = max(0, day + relative.day)
        declared = declared if relative.rules is None else relative.rules
        run = replace(relative, day=day, rules=declared)
        books.run(
            START + timedelta(days=day),
            declared,
            run.members,
            reasons=run.reasons,
            remove=run.remove,
            is_fresh=run.is_fresh,
            stop_after=run.stop_after,
        )
        if run.stop_after in ("log", "all"):
            apply(shelves, run)
        if not books.has("segwh_customer_log"):
            continue
        stays = {
            (name, key, stay.start, stay.end)
            for name, shelf in shelves.items()
            for key, each in shelf.stays.items()
            for stay in each
        }
        assert {row[:4] for row in books.history()} == stays
        now = {(name, key): start for name, key, start, end in stays if end is None}
        assert books.membership() == now
        assert books.repeated("segwh_customer_state", "segment, customer_id") == []
    if books.has("segwh_customer_log"):
        sequences = [row[-1] for row in books.changes()]
        assert sequences == sorted(set(sequences))
        assert books.repeated("segwh_customer_log", "segment, customer_id, run_id") == []
        for (segment, at), (members, entered, exited, _) in books.sizes().items():
            mine = [stay for key in KEYS for stay in shelves[segment].stays.get(key, [])]
            assert members == sum(stay.start <= at and (stay.end is None or stay.end > at) for stay in mine)
            assert (entered, exited) == (sum(stay.start == at for stay in mine), sum(stay.end == at for stay in mine))
        books.connection.execute("delete from segwh_customer_state")  # as a newer version does: the log knows it all
        assert books.membership() == now
