"""Random projects and random series of runs: facts that are brought up to date are those that are worked out in full, and so is
everything that is concluded from them.
"""

from __future__ import annotations

import math
import os
from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta
from decimal import Decimal
from random import Random

import hypothesis
import pytest
from hypothesis import HealthCheck, Phase, given, note, settings
from hypothesis import strategies as st

from segwh.plan import shares
from segwh.project import load_texts
from segwh.resolve.features import needs
from segwh.sql.dialects.base import SqlDialect
from segwh.sql.dialects.duckdb import DUCKDB
from segwh.types import Relation
from tests.cases.tables import Table, held
from tests.histories.runner import Call, Runner, compiled
from tests.property.projects import SHAPES, Generated, projects
from tests.property.story import story

SEGMENTS = 8
RUNS = 5
LOADED = ("orders", "visits")
STEPS = tuple(timedelta(seconds=seconds) for seconds in (1, 3_600, 86_400, 7 * 86_400, 30 * 86_400, 40 * 86_400))
DELAY = timedelta(hours=1)
Row = Mapping[str, object]
KEPT = ("customer_id", "ordered_at", "ordered_day", "order_id", "visited_at", "visited_on")
"""What stays as it is of a row that is loaded again in its place."""
LAST = datetime(2029, 1, 1, tzinfo=UTC)
"""The runner's clock stands later: facts of an as-of that lies ahead are never taken over."""
TABLES = ("_facts", "_log", "_changes", "_membership", "_history", "_traits", "_wide", "_sizes")
shapes = st.builds(replace, SHAPES, has_loaded_at=st.just(True), loads_visits=st.booleans(), data_zone=st.none())


@dataclass(frozen=True)
class Place:
    """Where series are run: a dialect, and what makes an empty warehouse of it."""

    dialect: SqlDialect = DUCKDB
    updated: Callable[[], Runner] = Runner
    full: Callable[[], Runner] = Runner


@dataclass
class Counted:
    """How often facts were brought up to date, and how often some keys were passed over."""

    updates: int = 0
    spared: int = 0


def instants(generated: Generated, random: Random) -> list[datetime]:
    """As-ofs in order, many of them such that a row lies on the edge of a window."""
    zoned = [
        moment.replace(tzinfo=UTC) if moment.tzinfo is None else moment
        for relation, table in generated.tables.items()
        if relation.parts[-1] in LOADED
        for row in table.rows
        for moment in row.values()
        if isinstance(moment, datetime)
    ]
    near = [at for at in zoned if abs(at - generated.as_of) < timedelta(days=800)] or [generated.as_of]
    found = {generated.as_of}
    for _ in range(RUNS):
        aside = timedelta(microseconds=random.choice((0, 0, 0, 1, -1)))
        found.add(min(random.choice(near) + random.choice((timedelta(), *STEPS)) + aside, LAST))
    begun = random.choice(sorted(found))
    for _ in range(RUNS):
        begun += random.choice(STEPS)
        found.add(begun)
    return [at for at in sorted(random.sample(sorted(found), min(RUNS, len(found)))) if at < LAST]


def arrived(table: Table, as_of: datetime, before: datetime | None, there: dict[int, Row], random: Random) -> Table:
    """The rows that are there to be read: those loaded, but that some of the last hour are still on their way. `there` are the
    rows that were there before, by their places; some of them were loaded again since, with other properties.
    """
    for place, row in enumerate(table.rows):
        at = _loaded(there.get(place, row))
        if place not in there:
            if at is None or at < as_of - DELAY or random.random() < 0.5:
                there[place] = row
        elif before is not None and at is not None and at < before and random.random() < 0.1:
            # what is loaded again at the as-of or later a run that reads everything does not find (docs/refresh.md)
            newest = as_of - timedelta(microseconds=1)
            loaded = random.choice((before - DELAY, before, min(before + (as_of - before) * random.random(), newest)))
            naive = row["loaded_at"].tzinfo is None  # type: ignore[attr-defined]
            kept = {name: row[name] for name in KEPT if name in row}
            there[place] = {**random.choice(table.rows), **kept, "loaded_at": loaded.replace(tzinfo=None) if naive else loaded}
    return Table(table.columns, tuple(there[place] for place in sorted(there)))


def _loaded(row: Row) -> datetime | None:
    loaded = row.get("loaded_at")
    return loaded.replace(tzinfo=loaded.tzinfo or UTC) if isinstance(loaded, datetime) else None


def shuffled(table: Table, random: Random) -> Table:
    """Some rows less, and some with the cells of others beside their own first one."""
    rows = [row for row in table.rows if random.random() < 0.9]
    first = next(iter(table.columns))
    changed = [{**random.choice(rows), first: row[first]} if random.random() < 0.3 else row for row in rows]
    return Table(table.columns, tuple(changed))


def at_run(
    generated: Generated, as_of: datetime, before: datetime | None, there: dict[Relation, dict[int, Row]], random: Random
) -> Mapping[Relation, Table]:
    """What a run finds; rows of events that say when they came stay once they are there, all else changes as it likes."""
    return {
        relation: arrived(table, as_of, before, there.setdefault(relation, {}), random)
        if relation.parts[-1] in LOADED
        else shuffled(table, random)
        for relation, table in generated.tables.items()
    }


def contents(runner: Runner, place: str) -> list[str]:
    """The rows of a relation in an order of their own, doubles rounded, and without what says when they were worked out."""
    found = runner.connection.execute(f"select * from {place}")
    names = [column[0] for column in found.description]
    kept = [place for place, name in enumerate(names) if name not in ("segwh_looked_at", "segwh_made_by", "segwh_base")]
    return sorted(repr([_told(row[place]) for place in kept]) for row in found.fetchall())


def _told(cell: object) -> object:
    if isinstance(cell, float):
        return "nan" if math.isnan(cell) else float(f"{cell:.11g}")
    return cell.normalize() if isinstance(cell, Decimal) else cell


def types(runner: Runner, place: str) -> list[tuple[object, ...]]:
    return runner.columns(place)


def fill(runner: Runner, found: Mapping[Relation, Table], place: Place) -> None:
    for relation, table in found.items():
        runner.create(relation.parts[-1], held(table, place.dialect))


def lacks(generated: Generated, place: Place) -> bool:
    """Whether the engine cannot do what some rule asks for."""
    loaded = load_texts({"segments/rules.yml": generated.text}, generated.settings)
    assert loaded.project is not None
    return any(need.feature in place.dialect.lacks for need in needs(loaded.project))


def counting(counted: Counted, runner: Runner) -> None:
    counted.updates += not any("customer: all looked at" in line for line in runner.told)
    facts = "segwh_customer_facts"
    if any(name == "segwh_looked_at" for name, _ in runner.columns(facts)):
        counted.spared += runner.rows(f"select count(*) > 0 from {facts} where segwh_looked_at < evaluated_at")[0][0]


def makes_facts(name: str) -> bool:
    return name in ("segwh_rules", "segwh_run_starts") or name.endswith(("_checks", "_state", "_standing", "_facts"))


def compare_facts(generated: Generated, seed: int, counted: Counted, place: Place) -> None:
    """A series of runs, each from the facts of the one before, and beside each what it is when worked out in full."""
    random, runner = Random(seed), place.updated()
    project = compiled.__wrapped__(generated.text, generated.settings, place.dialect.name)
    facts, there = [name for name in project.models if name.endswith("_facts")], dict[Relation, dict[int, Row]]()
    moments = instants(generated, random)
    for before, as_of in zip([None, *moments], moments, strict=False):
        fill(runner, at_run(generated, as_of, before, there, random), place)
        assert runner.run(project, Call(as_of, select=makes_facts), raises=True)
        counting(counted, runner)
        for name in facts:
            full = f"({runner.query(project, name, Call(as_of, variables={'segwh_full': True}))})"
            assert contents(runner, name) == contents(runner, full), f"{name} at {as_of}"
            assert types(runner, name) == types(runner, full)
    runner.connection.close()


def compare_all(generated: Generated, seed: int, counted: Counted, place: Place) -> None:
    """A series of runs beside the same series worked out in full: every table that readers see is the same."""
    random, project = Random(seed), compiled.__wrapped__(generated.text, generated.settings, place.dialect.name)
    updated, full, there = place.updated(), place.full(), dict[Relation, dict[int, Row]]()
    moments = instants(generated, random)
    for before, as_of in zip([None, *moments], moments, strict=False):
        found = at_run(generated, as_of, before, there, random)
        for runner in (updated, full):
            fill(runner, found, place)
        ended = updated.run(project, Call(as_of)), full.run(project, Call(as_of, variables={"segwh_full": True}))
        assert ended[0] == ended[1]
        counting(counted, updated)
        for name in project.models:
            if name.endswith(TABLES) and updated.relation(name) is not None:
                assert contents(updated, name) == contents(full, name), f"{name} at {as_of}"
    updated.connection.close()
    full.connection.close()


def run_series(
    examples: int,
    *,
    fixed: bool,
    number: int | None = None,
    compare: Callable[[Generated, int, Counted, Place], None] = compare_facts,
    place: Place = Place(),
) -> Counted:
    """Compare so many series: always the same, new ones, or those of a number."""
    counted = Counted()

    @settings(
        max_examples=examples,
        deadline=None,
        derandomize=fixed,
        database=None,
        suppress_health_check=list(HealthCheck),
        phases=(Phase.explicit, Phase.generate),
    )
    @given(projects(SEGMENTS, shapes), st.integers(0, 2**32))
    def run(generated: Generated, seed: int) -> None:
        note(story(generated))
        if not (place.dialect.lacks and lacks(generated, place)):
            compare(generated, seed, counted, place)

    (run if number is None else hypothesis.seed(number)(run))()
    return counted


ROUNDS = 12
"""Handfuls of series in one of which a refresh must have spared something: few of them declare all that it takes."""


@pytest.fixture(autouse=True)
def parted(monkeypatch: pytest.MonkeyPatch) -> None:
    """Few measures are as good as many for what is told off by parts (plan.shares)."""
    monkeypatch.setattr(shares, "WORTHWHILE", float("-inf"))


def test_a_few_series() -> None:
    counted = Counted()
    for number in range(ROUNDS):
        found = run_series(4, fixed=False, number=number)
        counted.updates += found.updates
        counted.spared += found.spared
        if counted.updates and counted.spared:
            return
    pytest.fail(f"{ROUNDS} rounds, and no more than {counted}")


@pytest.mark.slow
def test_a_few_series_to_the_end() -> None:
    assert run_series(5, fixed=True, compare=compare_all).updates


@pytest.mark.slow
def test_many_series() -> None:
    run_series(int(os.environ.get("SEGWH_CARRIED", "1000")), fixed=False)
    run_series(int(os.environ.get("SEGWH_CARRIED", "1000")) // 10, fixed=False, compare=compare_all)
