"""Every story holds in the naive evaluator and in the compiled SQL on DuckDB."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import replace
from decimal import Decimal
from pathlib import Path

import duckdb
import pytest

from segwh import ir
from segwh.project import load_texts
from segwh.reference.evaluate import Evaluation, evaluate
from segwh.reference.records import DuplicateRowsError, Expressions
from segwh.resolve.features import needs
from segwh.text.diagnostics import Code
from segwh.types import Relation
from tests.cases import compiled, duck, harness, models, tables
from tests.cases.compared import compared
from tests.cases.engine import Engine
from tests.cases.explained import explained

PATHS = harness.paths()
IDS = [path.relative_to(harness.CASES).with_suffix("").as_posix() for path in PATHS]


def expressions(case: harness.Case, project: ir.Project) -> Expressions:
    """The computed columns of a case, as DuckDB computes them from one row."""
    found = {}
    for entity in project.catalog.entities:
        owners = (entity, *entity.events, *entity.related)
        sources = [(entity.relation, entity.attributes)]
        sources += [(rows.relation, rows.properties) for rows in (*entity.events, *entity.related)]
        sources += [(lookup.relation, lookup.properties) for owner in owners for lookup in owner.lookups]
        for relation, columns in sources:
            types = harness.case_tables(case, project)[relation].columns
            found.update({column.sql: computed(column.sql, types) for column in columns if column.sql is not None})
    return found


def computed(sql: str, types: Mapping[str, str]) -> tables.Compute:
    """A function of a row."""

    def compute(row: Mapping[str, object]) -> object:
        with duckdb.connect() as connection:
            duck.Duck(connection).create("one_row", tables.Table(types, (row,)))
            return connection.execute(f"SELECT {sql} FROM one_row").fetchall()[0][0]

    return compute


def evaluated(case: harness.Case, project: ir.Project, check: harness.Check) -> Evaluation:
    """What the naive evaluator says."""
    rows = {relation: table.rows for relation, table in harness.case_tables(case, project).items()}
    return evaluate(project, rows, check.as_of, check.state, expressions(case, project))


@pytest.mark.parametrize("path", PATHS, ids=IDS)
def test_the_naive_evaluator_tells_the_story(path: Path) -> None:
    case = harness.load(path)
    project = harness.project_of(case)
    for check in case.checks:
        if check.refused is not None:
            with pytest.raises(DuplicateRowsError, match=check.refused):
                evaluated(case, project, check)
            continue
        found = evaluated(case, project, check)
        at = f"{case.name} at {check.as_of.isoformat()}"
        assert set(check.expect) <= set(found.segments), at
        for segment, expected in check.expect.items():
            assert found.members(segment) == set(expected), f"{at}: {segment}"
        for segment, reasons in check.reasons.items():
            assert found.segments[segment].reasons == reasons, f"{at}: {segment}"
        for segment, representatives in check.representatives.items():
            assert found.segments[segment].representatives == representatives, f"{at}: {segment}"
        for trait, values in check.traits.items():
            shown = trait_values(found, trait)
            wanted = {key: number(value) for key, value in values.items()}
            assert {key: shown.get(key) for key in values} == wanted, f"{at}: {trait}"


def trait_values(found: Evaluation, trait: str) -> dict[object, object]:
    """A trait's values by key; `rfm.recency` is a part."""
    name, _, part = trait.partition(".")
    values = next(values for (_, its_name), values in found.traits.items() if its_name == name)
    shown = {key: value[part] if isinstance(value, Mapping) else value for key, value in values.items()}
    return {key: number(value) for key, value in shown.items()}


def number(value: object) -> object:
    """Numbers of a YAML file and of an evaluator, made comparable: as a decimal of 12 digits."""
    if isinstance(value, bool) or not isinstance(value, int | float | Decimal):
        return value
    exact = Decimal(str(value))
    return round(exact, 12) if exact.is_finite() else exact


@pytest.mark.parametrize("path", PATHS, ids=IDS)
def test_duckdb_tells_the_story(path: Path) -> None:
    with duckdb.connect() as connection:
        told(harness.load(path), duck.Duck(connection))


def told(case: harness.Case, engine: Engine) -> None:
    """Holds an engine's members, reasons, representatives and traits against the story.

    Where the engine cannot hold the story's rows as they are, the naive evaluator says who is a member by those that it holds.
    Where it lacks what a rule asks for, compiling for it must be an error.
    """
    project = harness.project_of(case)
    if refused(project, case.texts, case.settings, engine):
        return
    given = harness.case_tables(case, project)
    held = {relation: tables.held(table, engine.dialect) for relation, table in given.items()}
    for check in case.checks if held == given else as_held(case, project, held):
        segments = harness.calculated(project, check.expect, check.as_of, check.state)
        if check.refused is not None:
            continue
        names = compiled.stored(engine, held)
        before, hashes = compiled.earlier(engine, project, check.state)
        found = compiled.members(engine, project, segments, check.as_of, names, before, hashes)
        beside(models.run(engine, project, check.as_of, names, check.state), check, case.name)
        for segment in segments:
            expected = sorted(str(key) for key in check.expect[segment])
            assert found[segment] == expected, f"{case.name} at {check.as_of.isoformat()}: {segment}"
        explained(engine, project, found, check.as_of, held, names, before, hashes)
        compared(engine, project, found, check.as_of, names, before, hashes)


def refused(project: ir.Project, texts: Mapping[str, str], settings: str, engine: Engine) -> bool:
    """Whether a project asks for what the engine lacks. Fails if compiling for it is no error then, at each rule that asks."""
    lacking = [need for need in needs(project) if need.feature in engine.dialect.lacks]
    if lacking:
        loaded = load_texts(texts, settings, engine.dialect.name)
        assert loaded.project is None
        errors = {(found.code, found.span) for found in loaded.diagnostics if found.severity == "error"}
        assert errors == {(Code.ENGINE, need.span) for need in lacking}
    return bool(lacking)


def as_held(case: harness.Case, project: ir.Project, held: Mapping[Relation, tables.Table]) -> Iterator[harness.Check]:
    """The checks of a story with the members that the naive evaluator finds in other rows."""
    rows = {relation: table.rows for relation, table in held.items()}
    for check in case.checks:
        if check.refused is not None:
            continue
        found = evaluate(project, rows, check.as_of, check.state, expressions(case, project))
        members = {segment: sorted(found.members(segment), key=str) for segment in check.expect}
        yield replace(check, expect=members, traits={}, reasons={}, representatives={})


def beside(run: models.Run, check: harness.Check, name: str) -> None:
    """Holds reasons, representatives and traits of a check against the queries of the models."""
    project = run.plan.project
    for segment, reasons in check.reasons.items():
        if not check.kept:
            found = run.reasons(project.segment(segment).grain, {segment: list(reasons)})
            assert {key: found[segment, key] for key in reasons} == reasons, f"{name}: {segment}"
    for segment, former in check.before.items():
        staying = [key for key in former if key in check.expect.get(segment, ())]
        if staying and not check.kept:
            found = run.reasons(project.segment(segment).grain, {segment: staying})
            assert not [key for key in staying if found[segment, key] is not None], f"{name}: who stays in {segment}"
    for segment, stand_ins in check.representatives.items():
        shown = run.representatives(project.segment(segment).grain)
        assert {key: shown[segment, key] for key in stand_ins} == stand_ins, f"{name}: {segment}"
    for trait, wanted in check.traits.items():
        its_name, _, part = trait.partition(".")
        entity = next(its.entity for its in project.traits if its.name == its_name)
        values = run.traits(entity)[its_name, part or None]
        assert {key: number(values.get(key)) for key in wanted} == {key: number(value) for key, value in wanted.items()}, (
            f"{name}: {trait}"
        )


def test_every_story_has_its_own_words() -> None:
    stories = [harness.load(path).story for path in PATHS]
    assert len(stories) == len(set(stories)) >= 60
