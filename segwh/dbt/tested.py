"""The models that dbt's unit tests run: for each entity the members of its tested segments, from its sources in one query.

A unit test of dbt gives rows to one model, but from rows to members it is two here (facts, then evaluation). So there is one
model more, which puts the same compiled queries together. Outside of unit tests it is a view of no rows; the evaluation comes
after it, so that nothing is concluded from rules whose tests fail.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping

from sqlglot import exp

from segwh import ir
from segwh.dbt.checks import bound_literal
from segwh.dbt.fixed_queries import raw
from segwh.dbt.jinja import relation_text
from segwh.dbt.model import Model
from segwh.dbt.placed import Project
from segwh.sql.compile import relation_of, standalone_query
from segwh.sql.dialects.base import SqlDialect
from segwh.sql.holes import BoundHole, ReadBy
from segwh.sql.render import Query
from segwh.types import Relation


def by_entity(project: ir.Project, segments: Iterable[str]) -> Mapping[str, tuple[str, ...]]:
    """Segments by their entity, each once. Raises KeyError for an unknown one."""
    found: dict[str, tuple[str, ...]] = {}
    for name in dict.fromkeys(segments):
        entity = project.segment(name).entity
        found[entity] = (*found.get(entity, ()), name)
    return found


def model_name(entity: str) -> str:
    """The model that the unit tests of an entity's segments run."""
    return f"segwh_{entity}_tested"


def tested_models(project: Project) -> Iterator[Model]:
    """One model for each entity with tested segments: rows (segment, member as text)."""
    for entity, segments in project.tested.items():
        query, plan = standalone_query(project.bound, sorted(segments), project.dialect, project.rule_hashes)
        bounds: dict[str, BoundHole] = {}

        def fill(node: exp.Expr, query=query, plan=plan, bounds=bounds) -> exp.Expr:  # type: ignore[no-untyped-def]
            if not isinstance(node, exp.Placeholder):
                return node
            hole = query.holes[node.name]
            if isinstance(hole, BoundHole):
                bounds[hole.name] = hole
                return bound_literal(project.dialect, hole)
            return raw(relation_of(hole, plan, project.dialect, lambda relation, _: relation_text(relation)))

        members = query.tree.transform(fill, copy=True).assert_is(exp.Query)
        named = exp.TableAlias(this=exp.to_identifier("members"))
        tree = exp.select(
            exp.column("segment", table="members"), exp.alias_(exp.column("key", table="members"), "member")
        ).from_(exp.Subquery(this=members, alias=named))
        asked = exp.In(this=exp.column("segment", table="members"), field=raw("{{ segwh__names('segwh_tested') }}"))
        yield Model(
            name=model_name(entity),
            folder=f"{entity}/internal",
            materialized="view",
            query=tree.where(asked),
            bounds=tuple(bounds.values()),
            depends_on=_catalog_relations(query),
            speaks_of="fixture",
        )


def relations_read(project: ir.Project, segments: Iterable[str], dialect: SqlDialect) -> tuple[Relation, ...]:
    """The relations of the catalog that the members of some segments of one entity come from."""
    return _catalog_relations(standalone_query(project, sorted(segments), dialect)[0])


def _catalog_relations(query: Query) -> tuple[Relation, ...]:
    read = (hole.relation if isinstance(hole, ReadBy) else hole for hole in query.relations)
    return tuple(dict.fromkeys(relation for relation in read if isinstance(relation, Relation)))
