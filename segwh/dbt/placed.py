"""What all models are made from, and compiled queries with their holes filled by Jinja text."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field

from sqlglot import exp

from segwh import ir
from segwh.dbt import ledger
from segwh.dbt.checks import AS_OF, bound_literal
from segwh.dbt.fixed_queries import raw, with_ctes
from segwh.dbt.jinja import ref, relation_text
from segwh.dbt.ledger import Grain
from segwh.dbt.pieces import Pieces
from segwh.plan.nodes import EntityPlan, Plan
from segwh.plan.sources import Source
from segwh.sql.dialects.base import SqlDialect
from segwh.sql.holes import (
    BeforeEvaluated,
    BeforeExits,
    BeforeMembers,
    BeforeStays,
    BoundHole,
    Candidates,
    ChangedFacts,
    Facts,
    FactsBefore,
    Hole,
    Holes,
    IsChanged,
    ReadBy,
)
from segwh.sql.render import Query
from segwh.sql.scans import Source as Place
from segwh.sql.trees import every
from segwh.types import Relation


@dataclass(frozen=True, slots=True)
class Project:
    """What all models are made from."""

    bound: ir.Project
    plan: Plan
    rule_hashes: Mapping[str, str]
    sources: Mapping[str, frozenset[Source]]
    """Segment name -> the sources it depends on."""
    dependencies: Mapping[str, frozenset[str]]
    """Segment name -> the segments that its members follow from (plan.dependencies)."""
    watches: Mapping[str, frozenset[str]]
    """Segment name -> the segments that have to be in order before anything is concluded about it (the same)."""
    dialect: SqlDialect
    tested: Mapping[str, tuple[str, ...]] = field(default_factory=dict)
    """Entity -> its segments that dbt's unit tests look at."""
    pieces: Pieces = field(kw_only=True)

    def grains(self, entity: EntityPlan) -> tuple[Grain, ...]:
        """The grains of an entity that have segments."""
        names = dict.fromkeys(segment.segment.grain for segment in entity.segments)
        return tuple(self.grain(entity, name) for name in names)

    def checked(self, entity: EntityPlan) -> frozenset[Source]:
        """What the checks of an entity look at beside the entity itself: the sources of its segments."""
        return frozenset[Source]().union(*(self.sources[segment.segment.name] for segment in entity.segments))

    def grain(self, entity: EntityPlan, name: str) -> Grain:
        """One grain: the entity's own key, or the attribute that its segments aggregate on."""
        column = entity.entity.key
        for segment in entity.segments:
            if segment.segment.grain == name and segment.segment.aggregate_on is not None:
                column = entity.entity.attribute(segment.segment.aggregate_on.name) or column
        source = exp.Table(
            this=raw(relation_text(entity.entity.relation)), alias=exp.TableAlias(this=exp.to_identifier("source"))
        )
        key = exp.to_identifier(column.name)
        value = self.dialect.key(exp.column(self.dialect.identifier(column.column), table="source"), column.type)
        if column.sql is not None:
            value = Place(self.dialect, self.bound.settings.calendar, Holes()).value(column, "source", None)
        shape = exp.select(exp.alias_(value, key)).from_(source)
        settings = self.bound.settings
        return Grain(
            name=name,
            key=column.name,
            shape=shape,
            counts_values=column is not entity.entity.key,
            entity=entity.entity.name,
            limits_growth=settings.max_entry_fraction is not None
            or any(one.segment.max_entry_fraction is not None for one in entity.segments if one.segment.grain == name),
        )


# --- filling the holes of compiled queries ------------------------------------------------------------------------------


def placed(
    query: Query, project: Project, entity: EntityPlan, words: Mapping[Relation, str] | None = None
) -> tuple[exp.Query, tuple[BoundHole, ...]]:
    """A compiled query with its holes filled by Jinja text, and the bounds that it speaks of.

    Relations of the catalog that `words` names stand in it by that variable.
    """
    bounds: dict[str, BoundHole] = {}
    past: dict[str, exp.Query] = {}

    def fill(node: exp.Placeholder) -> exp.Expr:
        hole = query.holes[node.name]
        match hole:
            case BoundHole():
                bounds[hole.name] = hole
                return bound_literal(project.dialect, hole)
            case Relation():
                return raw(f"{{{{ {words[hole]} }}}}" if words else relation_text(hole))
            case ReadBy(relation):
                return raw(relation_text(relation))
            case Facts(name):
                return raw(ref(f"segwh_{name}_facts"))
            case ChangedFacts():
                return raw("{{ looked.facts }}")
            case IsChanged():
                return raw("{{ looked.only }}")
            case FactsBefore():
                return raw("{{ this }}")
            case Candidates():
                return exp.to_identifier("candidates")
            case BeforeMembers(name) | BeforeStays(name) | BeforeEvaluated(name) | BeforeExits(name):
                if isinstance(hole, BeforeMembers | BeforeStays):
                    bounds[AS_OF.name] = AS_OF
                place, told = _past(project.grain(entity, name), hole, project.dialect)
                past[place] = told
                return exp.to_identifier(place)

    for placeholder in every(query.tree, exp.Placeholder):
        placeholder.replace(fill(placeholder))
    return with_ctes(query.tree, past), tuple(bounds.values())


def _past(grain: Grain, hole: Hole, dialect: SqlDialect) -> tuple[str, exp.Query]:
    """A named query of what the books of a grain said before this run."""
    standing = exp.Table(this=raw(ref(grain.model("standing"))), alias=exp.TableAlias(this=exp.to_identifier("standing")))

    def column(name: str, table: str = "standing") -> exp.Column:
        return exp.column(exp.to_identifier(name), table=table)

    def instant_of(name: str, table: str = "standing") -> exp.Expr:
        return dialect.own_instant(column(name, table))

    def instant(name: str, table: str = "standing") -> exp.Expr:
        return exp.alias_(instant_of(name, table), name)

    match hole:
        case BeforeMembers():
            # Who is hidden from a frozen set belongs to it.
            entered = exp.Case(ifs=[exp.If(this=column("is_member"), true=instant_of("entered_at"))])
            now = bound_literal(dialect, AS_OF)
            query = exp.select(column("segment"), column(grain.key), exp.alias_(entered.else_(now), "entered_at"))
            is_hidden = exp.Not(this=exp.Is(this=column("computed_hash"), expression=exp.null()))
            return f"{grain.name}_log_members", query.from_(standing).where(
                exp.EQ(this=column("kind"), expression=exp.Literal.string("member")), exp.or_(column("is_member"), is_hidden)
            )
        case BeforeStays():
            # Whoever left at this as-of was in before it: a repeat remembers what the first run at it did.
            left_now = exp.EQ(this=instant_of("changed_at"), expression=bound_literal(dialect, AS_OF))
            query = exp.select(column("segment"), column(grain.key), instant("entered_at"))
            return f"{grain.name}_log_stays", query.from_(standing).where(
                exp.EQ(this=column("kind"), expression=exp.Literal.string("member")),
                exp.LT(this=instant_of("entered_at"), expression=bound_literal(dialect, AS_OF)),
                exp.or_(column("is_member"), left_now),
            )
        case BeforeEvaluated():
            query = exp.select(
                column("segment"), exp.alias_(column("computed_hash"), "rule_hash"), instant("first_evaluated_at")
            )
            return f"{grain.name}_log_segments", query.from_(standing).where(
                exp.EQ(this=column("kind"), expression=exp.Literal.string("segment"))
            )
        case _:
            exits = ledger.exits_before_log(grain).subquery(exp.to_identifier("exits"))
            query = exp.select(column("segment", "exits"), column(grain.key, "exits"), instant("exited_at", "exits"))
            return f"{grain.name}_log_exits", query.from_(exits)
