"""Random catalogs, rules and rows: the compiled SQL on DuckDB and the naive evaluator find the same members and traits."""

from __future__ import annotations

import math
from collections.abc import Callable, Iterator, Mapping
from datetime import datetime

import duckdb
import pytest
from hypothesis import HealthCheck, Phase, given, note, settings

from segwh.reference.evaluate import Evaluation, evaluate
from segwh.reference.values import Key
from tests.cases import compiled, duck, harness, models, tables
from tests.cases.engine import Engine
from tests.cases.test_cases import refused
from tests.property.projects import EXPRESSIONS, Generated, projects
from tests.property.story import story

SEGMENTS = 20
"""Segments in one generated project: each is one example of a rule on data."""
SEGMENTS_UNSHARED = 10
"""The same for an engine that works out a named query again wherever it is named: what a statement costs there grows faster
than its length."""
FRESH = 4
"""Projects that are drawn in one go, the simplest one among them."""
CI_EXAMPLES = 1_000
LONG_EXAMPLES = 50_000
LONG_PARTS = 4


def compare(generated: Generated, engine: Engine) -> int:
    """Fails where the two differ; the number of segments compared, none if the engine lacks what one of them asks for."""
    texts = {"segments/generated.yml": generated.text}
    project = harness.bound(generated.settings, texts)
    if refused(project, texts, generated.settings, engine):
        return 0
    held = {relation: tables.held(table, engine.dialect) for relation, table in generated.tables.items()}
    rows = {relation: table.rows for relation, table in held.items()}
    expected = evaluate(project, rows, generated.as_of, generated.before, EXPRESSIONS)
    names = compiled.stored(engine, held)
    wanted = harness.calculated(project, expected.segments, generated.as_of, generated.before)
    if generated.by_models:
        compare_models(expected, models.run(engine, project, generated.as_of, names, generated.before), wanted, generated)
    else:
        before, hashes = compiled.earlier(engine, project, generated.before)
        same_members(expected, compiled.members(engine, project, wanted, generated.as_of, names, before, hashes))
    return sum(1 for name in wanted if project.segment(name).variant_of is None)


def same_members(expected: Evaluation, found: Mapping[str, list[str]]) -> None:
    """Fails where the members of a segment differ."""
    members = {name: sorted(map(str, expected.members(name))) for name in found}
    differing = {name: (members[name], found[name]) for name in found if members[name] != found[name]}
    assert not differing, f"members (reference, compiled): {differing}"


def compare_models(expected: Evaluation, run: models.Run, wanted: list[str], generated: Generated) -> None:
    """Fails where a model of the compiled project says something else."""
    compare_traits(expected, run.traits("customer"))
    for grain in run.plan.grains:
        segments = [one.name for one in run.plan.grain_entity(grain).segments if one.segment.grain == grain]
        members: dict[str, list[str]] = {name: [] for name in segments if name in wanted}
        for segment, key in run.members(grain):
            if segment in members:
                members[str(segment)].append(str(key))
        same_members(expected, {name: sorted(keys) for name, keys in members.items()})
        former = {name: list(generated.before.entered_at.get(name, {})) for name in segments}
        reasons = {(name, key): expected.segments[name].reasons.get(key) for name, keys in former.items() for key in keys}
        assert run.reasons(grain, former) == reasons, "reasons"
        stand_ins = run.representatives(grain)
        for name in segments:
            for key, one in expected.segments[name].representatives.items():
                assert stand_ins[name, key] == one, f"representatives of {name}"
        for aggregated, count in run.left_out(grain).items():
            assert count == expected.segments[aggregated].left_out, f"left out of {aggregated}"


def compare_traits(expected: Evaluation, found: Mapping[tuple[str, str | None], Mapping[Key, object]]) -> None:
    """Fails where a trait's values differ; doubles may by rounding."""
    for (trait, part), values in found.items():
        for key, value in values.items():
            naive = expected.traits["customer", trait].get(key)
            wanted = naive.get(part or "") if isinstance(naive, Mapping) else naive
            assert alike(wanted, value), f"{trait} {part or ''} of {key!r}: (reference, compiled) = ({wanted!r}, {value!r})"


def alike(wanted: object, found: object) -> bool:
    """Whether two values are the same, doubles up to rounding, instants with or without zone."""
    if isinstance(wanted, datetime):
        return wanted.replace(tzinfo=None) == found
    if isinstance(wanted, float) and isinstance(found, float):
        return math.isclose(wanted, found, rel_tol=1e-12, abs_tol=1e-12)
    return wanted == found


def compared(segments_wanted: int, engine: Engine) -> int:
    """Runs the comparison; the number of segments compared, without variants, and without those that a freeze keeps."""
    total = 0
    segments = SEGMENTS if engine.dialect.shares_named_queries else SEGMENTS_UNSHARED

    @settings(
        # Hypothesis follows up what it drew with near copies; of projects this large that shows little that is new. It
        # begins afresh after a few.
        max_examples=FRESH,
        deadline=None,
        suppress_health_check=list(HealthCheck),
        phases=(Phase.explicit, Phase.reuse, Phase.generate, Phase.shrink),
    )
    @given(projects(segments))
    def run(generated: Generated) -> None:
        nonlocal total
        note(story(generated))
        total += compare(generated, engine)

    call: Callable[[], None] = run
    while total < segments_wanted:
        call()
    return total


@pytest.fixture
def engine() -> Iterator[Engine]:
    """A DuckDB in another zone: the session's own must not matter."""
    with duckdb.connect() as connection:
        connection.execute("SET TimeZone = 'America/Los_Angeles'")
        yield duck.Duck(connection)


def test_sql_and_reference_agree_on_1000_examples(engine: Engine) -> None:
    assert compared(CI_EXAMPLES, engine) >= CI_EXAMPLES


@pytest.mark.slow
@pytest.mark.parametrize("part", range(LONG_PARTS))
def test_sql_and_reference_agree_on_50000_examples(part: int, engine: Engine) -> None:
    """In parts, so that several processes share the work."""
    assert compared(LONG_EXAMPLES // LONG_PARTS, engine) >= LONG_EXAMPLES // LONG_PARTS
