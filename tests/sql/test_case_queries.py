"""The stories of tests/cases through the queries that dbt runs: facts, evaluation, reasons, representatives, left out."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path

import duckdb
import pytest

from segwh import ir
from segwh.plan import Plan, build
from segwh.project import load_texts
from segwh.reference.evaluate import Before, evaluate
from segwh.sql import (
    DIALECTS,
    Query,
    evaluation_query,
    facts_query,
    left_out_query,
    literals,
    reasons_query,
    render,
    representatives_query,
)
from segwh.sql.evaluation import member_name
from segwh.sql.holes import BeforeEvaluated, BeforeExits, BeforeMembers, BeforeStays, Candidates, Facts, RelationHole
from segwh.types import Relation
from tests.cases import compiled, duck, harness
from tests.cases.test_cases import expressions

DUCKDB = DIALECTS["duckdb"]
TYPES = {"string": "VARCHAR", "integer": "BIGINT"}


class Run:
    """One check of a story in a DuckDB of its own: sources, what earlier runs left, facts."""

    def __init__(self, case: harness.Case, project: ir.Project, check: harness.Check) -> None:
        self.connection = duckdb.connect()
        self.connection.execute("set timezone = 'America/New_York'")
        self.project, self.check = project, check
        self.plan: Plan = build(project, {segment.name: "hash" for segment in project.segments})
        self.names = compiled.stored(duck.Duck(self.connection), harness.case_tables(case, project))
        for grain in self.plan.grains:
            self._remember(grain)
        for entity in self.plan.with_all_read(self.plan.entities):
            self._create(f"facts_{entity.entity.name}", facts_query(self.plan, entity.entity.name, DUCKDB))

    def rows(self, query: Query) -> list[tuple[object, ...]]:
        """The rows of a query."""
        return self.connection.execute(self._text(query)).fetchall()

    def members(self, grain: str) -> set[tuple[object, ...]]:
        """Who is in, as the log would have it: evaluated, or kept by the frozen."""
        return set(self.rows(evaluation_query(self.plan, grain, DUCKDB)))

    def _text(self, query: Query) -> str:
        return render(query, DUCKDB, literals(self._relation, self.check.as_of, self.project.settings.calendar, DUCKDB))

    def _create(self, name: str, query: Query) -> None:
        self.connection.execute(f"create table {name} as {self._text(query)}")

    def _relation(self, hole: RelationHole) -> str:
        match hole:
            case Relation():
                return self.names[hole]
            case Facts(entity):
                return f"facts_{entity}"
            case BeforeMembers(grain) | BeforeStays(grain) | Candidates(grain):
                return f"members_{grain}"
            case BeforeExits(grain):
                return f"exits_{grain}"
            case BeforeEvaluated(grain):
                return f"evaluated_{grain}"

    def _remember(self, grain: str) -> None:
        """What earlier runs left: a frozen set is what the log holds of the segment."""
        entity = self.plan.grain_entity(grain)
        plans = [plan for plan in entity.segments if plan.segment.grain == grain]
        key, on = member_name(plans[0], entity), plans[0].segment.aggregate_on
        key_type = TYPES[str(entity.entity.key.type if on is None else on.type)]
        for table, at in (("members", "entered_at"), ("exits", "exited_at")):
            self.connection.execute(f'create table {table}_{grain} (segment varchar, "{key}" {key_type}, {at} timestamp)')
        self.connection.execute(
            f"create table evaluated_{grain} (segment varchar, rule_hash varchar, first_evaluated_at timestamp)"
        )
        for plan in plans:
            entered = self.check.before.get(plan.name, {})
            kept = self.check.frozen.get(plan.name, list(entered))
            for who in kept:
                self._insert(f"members_{grain}", plan.name, who, entered.get(who, self.check.as_of))
            for who, at in self.check.exited.get(plan.name, {}).items():
                self._insert(f"exits_{grain}", plan.name, who, at)
            if plan.name in self.check.frozen:
                self._insert(f"evaluated_{grain}", plan.name, "hash", self.check.as_of)

    def _insert(self, table: str, segment: str, value: object, at: datetime) -> None:
        self.connection.execute(
            f"insert into {table} values (?, ?, ?)", [segment, value, at.astimezone(UTC).replace(tzinfo=None)]
        )


def runs(path: Path) -> Iterator[Run]:
    """The checks of a story."""
    case = harness.load(path)
    project = load_texts(case.texts, case.settings).project
    assert project is not None
    for check in case.checks:
        if check.refused is None and not check.kept:
            yield Run(case, project, check)


def named(path: Path) -> str:
    return path.relative_to(harness.CASES).with_suffix("").as_posix()


@pytest.mark.parametrize("path", harness.paths(), ids=named)
def test_reasons_agree_with_the_story_and_with_who_is_in(path: Path) -> None:
    for run in runs(path):
        for grain in run.plan.grains:
            reasons = {(segment, key): reason for segment, key, reason in run.rows(reasons_query(run.plan, grain, DUCKDB))}
            expected = {
                (segment, key): reason
                for segment, of in run.check.reasons.items()
                if run.project.segment(segment).grain == grain
                for key, reason in of.items()
            }
            assert expected.items() <= reasons.items()
            evaluated = run.members(grain)
            for (segment, key), reason in reasons.items():
                one = run.project.segment(str(segment))
                if one.type == "dynamic" and one.status == "active" and one.expires_at is None:
                    assert (reason is None) == ((segment, key) in evaluated), (segment, key, reason)


@pytest.mark.parametrize("path", [path for path in harness.paths() if "aggregate" in path.name], ids=named)
def test_aggregated_segments_show_who_stands_for_a_member_and_how_many_are_left_out(path: Path) -> None:
    for run in runs(path):
        case = harness.load(path)
        tables = harness.case_tables(case, run.project)
        rows = {relation: table.rows for relation, table in tables.items()}
        before = Before(run.check.before, run.check.exited)
        told = evaluate(run.project, rows, run.check.as_of, before, expressions(case, run.project))
        for grain in run.plan.grains:
            representatives = representatives_query(run.plan, grain, DUCKDB)
            left_out = left_out_query(run.plan, grain, DUCKDB)
            if representatives is None or left_out is None:
                continue
            shown = {(segment, value): key for segment, value, key in run.rows(representatives)}
            for segment, of in run.check.representatives.items():
                for value, key in of.items():
                    assert shown[segment, value] == key
            assert dict(run.rows(left_out)) == {
                segment: told.segments[str(segment)].left_out for segment, _ in run.rows(left_out)
            }


@pytest.mark.parametrize("path", [path for path in harness.paths() if path.parent.name == "traits"], ids=named)
def test_traits_of_the_stories(path: Path) -> None:
    checked = 0
    for run in runs(path):
        for name, values in run.check.traits.items():
            trait = next(trait for trait in run.project.traits if trait.name == name.partition(".")[0])
            entity = run.plan.entity(trait.entity)
            parts = [part for trait_name, part in entity.traits if trait_name == trait.name]
            columns = ", ".join(entity.traits[trait.name, part] for part in parts)
            query = f"select {entity.entity.key.name}, {columns} from facts_{trait.entity}"
            found = {row[0]: dict(zip(parts, row[1:], strict=True)) for row in run.connection.execute(query).fetchall()}
            for key, value in values.items():
                wanted = value if isinstance(value, dict) else {name.partition(".")[2] or None: value}
                got = {part: found[key][part] for part in wanted}
                assert shown_values(got) == shown_values(wanted), (name, key)
                checked += 1
    assert checked


def shown_values(values: dict[object, object]) -> dict[object, object]:
    """Numbers as doubles, anything else as text, so that 3 equals 3.0 and a time its ISO form."""
    return {part: None if value is None else as_shown(value) for part, value in values.items()}


def as_shown(value: object) -> object:
    try:
        return float(str(value))
    except ValueError:
        return str(value)
