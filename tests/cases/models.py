"""The compiled queries one by one, as the models of a dbt project run them: facts as a table, and what is read from them."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime

from segwh import ir
from segwh.plan.build import build
from segwh.plan.nodes import Plan
from segwh.reference import evaluate as reference
from segwh.reference.values import Key
from segwh.sql.compile import Before, evaluation_query, facts_query, left_out_query, reasons_query, representatives_query
from segwh.sql.holes import BeforeEvaluated, BeforeExits, BeforeMembers, BeforeStays, Candidates, Facts, RelationHole
from segwh.sql.render import Query, literals, render
from segwh.types import Relation
from tests.cases import compiled
from tests.cases.engine import Engine
from tests.cases.tables import Table

Traits = dict[tuple[str, str | None], dict[Key, object]]


@dataclass(frozen=True, slots=True)
class Run:
    """A run of the models at one as-of. `log` holds what earlier runs left."""

    engine: Engine
    plan: Plan
    as_of: datetime
    names: Mapping[Relation, str]
    log: Before

    def rows(self, query: Query) -> list[tuple[object, ...]]:
        """The rows of a query."""
        return self.engine.rows(self.text(query))

    def text(self, query: Query) -> str:
        """The SQL of a query with real names and literals."""
        dialect = self.engine.dialect
        return render(query, dialect, literals(self._name, self.as_of, self.plan.project.settings.calendar, dialect))

    def _name(self, hole: RelationHole) -> str:
        match hole:
            case Relation():
                return self.names[hole]
            case Facts(entity):
                return f"facts_{entity}"
            case BeforeMembers(grain) | BeforeStays(grain):
                return self.log.members[grain]
            case BeforeEvaluated(grain):
                return self.log.evaluated[grain]
            case BeforeExits(grain):
                return self.log.exits[grain]
            case Candidates(grain):
                return f"candidates_{grain}"

    def traits(self, entity: str) -> Traits:
        """The values of every trait of an entity, by (trait, part), then key."""
        columns = self.engine.columns(f"facts_{entity}")
        rows = [dict(zip(columns, row, strict=True)) for row in self.engine.rows(f"SELECT * FROM facts_{entity}")]
        key = self.plan.entity(entity).entity.key.name
        return {part: {row[key]: row[column] for row in rows} for part, column in self.plan.entity(entity).traits.items()}

    def members(self, grain: str) -> list[tuple[object, ...]]:
        """Rows (segment, key) of the members that are calculated."""
        plans = [one for one in self.plan.grain_entity(grain).segments if one.segment.grain == grain]
        if all(one.segment.status == "inactive" for one in plans):
            return []
        return self.rows(evaluation_query(self.plan, grain, self.engine.dialect))

    def reasons(self, grain: str, candidates: Mapping[str, list[Key]]) -> dict[tuple[object, object], object]:
        """Why each candidate is no member, null for one that is."""
        first = next(one for one in self.plan.grain_entity(grain).segments if one.segment.grain == grain)
        key, key_type = compiled.grain_key(self.plan.project, first.segment)
        rows = tuple({"segment": name, key: who} for name, keys in candidates.items() for who in keys)
        self.engine.create(f"candidates_{grain}", Table({"segment": "string", key: key_type}, rows))
        found = self.rows(reasons_query(self.plan, grain, self.engine.dialect))
        assert len(found) == len(rows)
        return {(segment, who): reason for segment, who, reason in found}

    def left_out(self, grain: str) -> dict[str, object]:
        """How many entities miss the value, by segment."""
        query = left_out_query(self.plan, grain, self.engine.dialect)
        return {} if query is None else {str(segment): count for segment, count in self.rows(query)}

    def representatives(self, grain: str) -> dict[tuple[object, object], object]:
        """The entity that stands for each value, by (segment, value)."""
        query = representatives_query(self.plan, grain, self.engine.dialect)
        return {} if query is None else {(segment, value): key for segment, value, key in self.rows(query)}


def run(
    engine: Engine,
    project: ir.Project,
    as_of: datetime,
    names: Mapping[Relation, str],
    state: reference.Before,
) -> Run:
    """Computes the facts of every entity."""
    plan = build(project, compiled.rule_hashes(project))
    begun = Run(engine, plan, as_of, names, compiled.logged(engine, project, state))
    for entity in plan.with_all_read(plan.entities):
        name = entity.entity.name
        engine.keep(f"facts_{name}", begun.text(facts_query(plan, name, engine.dialect)))
    return begun
