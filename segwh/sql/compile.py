"""The front of this floor: plans in; queries of facts and members out, and whole statements to run at once."""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterable, Mapping
from dataclasses import dataclass, replace
from datetime import datetime

from sqlglot import exp

from segwh import ir
from segwh.plan.build import build, can_freeze
from segwh.plan.carry import Carry, Watched
from segwh.plan.nodes import EntityPlan, Plan
from segwh.plan.prune import pruned
from segwh.sql.dialects.base import SqlDialect
from segwh.sql.evaluation import NONE_READY, evaluation_tree, final_tree, member_name, union
from segwh.sql.facts import facts_tree
from segwh.sql.holes import BeforeEvaluated, BeforeExits, BeforeMembers, BeforeStays, Facts, Holes, ReadBy, RelationHole
from segwh.sql.measures import alias
from segwh.sql.people import Person
from segwh.sql.reasons import left_out_tree, reasons_tree, representatives_tree
from segwh.sql.refresh.lost import rows_there
from segwh.sql.render import Query, literals, render, sealed
from segwh.sql.scans import Source
from segwh.sql.waking import waking
from segwh.types import DataType, Relation

RelationNames = Callable[[Relation, str], str]
"""The text that stands for a relation in the facts of an entity, or where it is read beside them (''); a name that is qualified
by its schema cannot be mistaken for a CTE of ours."""


@dataclass(frozen=True, slots=True)
class Before:
    """Where earlier runs are read from, by grain: names of relations with the columns that the holes promise. Of a grain that
    is left out nothing was recorded.
    """

    members: Mapping[str, str]
    evaluated: Mapping[str, str]
    exits: Mapping[str, str]
    stays: Mapping[str, str] | None = None
    """Who was a member before this as-of; None: the members."""


def _source(plan: Plan, dialect: SqlDialect, holes: Holes, *, reads_utc: bool = False) -> Source:
    return Source(dialect, plan.project.settings.calendar, holes, plan.project.settings.load_delay, reads_utc)


def facts_query(plan: Plan, entity: str, dialect: SqlDialect, *, reads_utc: bool = False) -> Query:
    """The facts of an entity: one row a key with every column that traits and segments read.

    With `reads_utc` whoever fills the holes promises relations whose instants are UTC timestamps without zone.
    """
    holes = Holes()
    tree = facts_tree(plan.entity(entity), plan, _source(plan, dialect, holes, reads_utc=reads_utc))
    return sealed(tree, holes)


def updated_facts_query(
    plan: Plan,
    entity: str,
    update: Carry,
    dialect: SqlDialect,
    *,
    are_rules_others: exp.Expr,
    reads_utc: bool = False,
) -> Query:
    """What is to be put in the place of rows of the facts of the run before (hole FactsBefore), and a column more, IS_GONE.

    `are_rules_others`: whether those were made by other rules, so that memberships may be others where nothing else is.
    """
    holes = Holes()
    source = _source(plan, dialect, holes, reads_utc=reads_utc)
    return sealed(facts_tree(plan.entity(entity), plan, source, update, are_rules_others), holes)


def rows_there_query(plan: Plan, watched: Watched, dialect: SqlDialect, *, before: bool, reads_utc: bool = False) -> Query:
    """How many rows there are that facts rest on (sql.refresh.lost), at as-of or at that of the facts of the run `before`."""
    holes = Holes()
    source = _source(plan, dialect, holes.before() if before else holes, reads_utc=reads_utc)
    return sealed(rows_there(watched, source), holes)


def whole_facts_query(plan: Plan, entity: str, dialect: SqlDialect) -> Query:
    """The same as one statement that reads nothing but the catalog and the log, other entities' facts included."""
    holes = Holes()
    query = exp.select("*", copy=False).from_(exp.to_identifier(facts_name(entity)), copy=False)
    return sealed(with_facts(query, [plan.entity(entity)], plan, _source(plan, dialect, holes)), holes)


def evaluation_query(
    plan: Plan,
    grain: str,
    dialect: SqlDialect,
    told: Collection[str] = frozenset(),
    ready: Mapping[str, exp.Expr] = NONE_READY,
) -> Query:
    """The members of every active segment of a grain: rows (segment, the grain's key). Expired ones have none.

    Segments of `told` (told_by_change) may leave out rows that are as they were (holes ChangedFacts and IsChanged). What is
    `ready` of a segment stands for its query, unless it is the first.
    """
    holes = Holes()
    entity = plan.grain_entity(grain)
    plans = [one for one in entity.segments if one.segment.grain == grain]
    tree = evaluation_tree(entity, plans, plan.project, _source(plan, dialect, holes), told, ready)
    return sealed(tree, holes)


def told_by_change(plan: Plan, entity: str, dialect: SqlDialect) -> frozenset[str]:
    """The active segments of an entity's own grain whose members stay the same as long as rows of its facts do (LOOKED_AT)."""
    return waking(plan.entity(entity), plan.project, _source(plan, dialect, Holes())).told


def reasons_query(
    plan: Plan,
    grain: str,
    dialect: SqlDialect,
    *,
    are_few: bool = False,
    asks_rules: bool = True,
    names_all: bool = True,
    ready: Mapping[str, exp.Expr] = NONE_READY,
) -> Query:
    """Why candidates (hole `Candidates(grain)`: segment, the grain's key) are no members: rows (segment, key, reason).

    The reason is the first that applies of gone, suppressed, excluded, time_to_live, priority, limit, rule, or null for a
    candidate that would be a member. Of segments that the plan does not know it says who is gone, and what suppresses all.

    With `are_few` the facts of candidates alone are read, which pays where these are few. Without `asks_rules` null is also the
    answer for members who leave by a rule that nothing comes after: whoever knows already that they leave need not have all
    rules asked again. Without `names_all` segments are passed over that say no more than what is said of those that the plan
    does not know. What is `ready` of a segment stands for its reason.
    """
    holes = Holes()
    entity = plan.grain_entity(grain)
    person = Person(entity, plan.project, _source(plan, dialect, holes), "facts")
    tree = reasons_tree(entity, grain, person, are_few=are_few, asks_rules=asks_rules, names_all=names_all, ready=ready)
    return sealed(tree, holes)


def left_out_query(plan: Plan, grain: str, dialect: SqlDialect) -> Query | None:
    """Rows (segment, left_out) of an aggregated grain: how many entities pass but miss the value. None for other grains."""
    entity = plan.grain_entity(grain)
    plans = [one for one in entity.segments if one.segment.grain == grain and one.segment.aggregate_on is not None]
    if not plans:
        return None
    holes = Holes()
    return sealed(left_out_tree(plans, Person(entity, plan.project, _source(plan, dialect, holes))), holes)


def representatives_query(plan: Plan, grain: str, dialect: SqlDialect, segments: Iterable[str] | None = None) -> Query | None:
    """Rows (segment, value, the entity's key) of an aggregated grain: the entity that stands for each value.

    For the named segments, or all of the grain. None for other grains.
    """
    entity = plan.grain_entity(grain)
    wanted = None if segments is None else set(segments)
    plans = [one for one in entity.segments if one.segment.grain == grain and one.segment.aggregate_on is not None]
    plans = [one for one in plans if wanted is None or one.name in wanted]
    if not plans:
        return None
    holes = Holes()
    return sealed(representatives_tree(plans, Person(entity, plan.project, _source(plan, dialect, holes))), holes)


def trait_columns(plan: Plan, entity: str) -> tuple[tuple[str, DataType], ...]:
    """The columns of the entity's traits in its facts, with their types; `rfm__recency` for a part."""
    columns = []
    for (name, part), column in plan.entity(entity).traits.items():
        trait = plan.project.trait(entity, name)
        columns.append((column, trait.type if part is None else _part_type(trait, part)))
    return tuple(columns)


def _part_type(trait: ir.Trait, part: str) -> DataType:
    if part == "monetary" and isinstance(trait.definition, ir.Rfm):
        return trait.definition.value.type
    return ir.RFM_PART_TYPES[part]


# --- statements to run at once ------------------------------------------------------------------------------------------


def standalone(
    project: ir.Project,
    segments: Iterable[str],
    as_of: datetime,
    dialect: SqlDialect,
    relation_names: RelationNames,
    before: Before | None = None,
    rule_hashes: Mapping[str, str] | None = None,
    in_utc: Collection[str] = (),
) -> str:
    """One SELECT of the members of the named segments (one at least) at `as_of` (aware): rows (segment, key as text).

    Frozen segments give what they keep. Without `before` nothing was ever evaluated: static segments are computed,
    inactive and expired ones are empty. `in_utc`: see with_facts. Raises KeyError for an unknown segment.
    """
    query, plan = standalone_query(project, segments, dialect, rule_hashes, in_utc)
    return complete(query, plan, as_of, dialect, relation_names, before)


def standalone_query(
    project: ir.Project,
    segments: Iterable[str],
    dialect: SqlDialect,
    rule_hashes: Mapping[str, str] | None = None,
    in_utc: Collection[str] = (),
) -> tuple[Query, Plan]:
    """The query of a standalone statement with its holes, and the plan that it carries out."""
    wanted = tuple(segments)
    can_keep = [name for name in wanted if can_freeze(project.segment(name))]
    plan = build(pruned(project, wanted), rule_hashes or {}, flagged=can_keep)
    holes = Holes()
    source = _source(plan, dialect, holes)
    queries = []
    for entity in plan.entities:
        plans = [one for one in entity.segments if one.name in wanted]
        if plans:
            queries.append((entity, final_tree(entity, plans, plan.project, source)))
    tree = union([query for _, query in queries])
    tree = with_facts(tree, [entity for entity, _ in queries], plan, source, in_utc)
    return sealed(tree, holes), plan


def with_facts(
    tree: exp.Query, entities: Iterable[EntityPlan], plan: Plan, source: Source, in_utc: Collection[str] = ()
) -> exp.Query:
    """The query with the facts of entities, and of those that they read, as CTEs of its own, each a WITH in itself.

    `in_utc`: the entities whose relations have their instants as UTC timestamps without zone.
    """
    for entity in plan.with_all_read(entities):
        name = entity.entity.name
        facts = facts_tree(entity, plan, replace(source, holes=source.holes.of(name), reads_utc=name in in_utc))
        tree = tree.with_(exp.to_identifier(facts_name(entity.entity.name)), as_=facts, copy=False)
    return tree


def facts_name(entity: str) -> str:
    """The CTE that holds an entity's facts in a standalone statement."""
    return f"{entity}_facts"


def complete(
    query: Query,
    plan: Plan,
    as_of: datetime,
    dialect: SqlDialect,
    relation_names: RelationNames,
    before: Before | None,
) -> str:
    """The text of a statement that carries its facts along; earlier runs are relations, or empty."""

    def relation(hole: RelationHole) -> str:
        return relation_of(hole, plan, dialect, relation_names, before)

    return render(query, dialect, literals(relation, as_of, plan.project.settings.calendar, dialect))


def relation_of(
    hole: RelationHole, plan: Plan, dialect: SqlDialect, relation_names: RelationNames, before: Before | None = None
) -> str:
    """What a hole of a standalone statement is read from; without `before` there is no run before this one."""
    recorded = before or Before({}, {}, {})
    match hole:
        case Relation():
            return relation_names(hole, "")
        case ReadBy(relation, entity):
            return relation_names(relation, entity)
        case Facts(entity):
            return facts_name(entity)
        case BeforeMembers(grain):
            return recorded.members.get(grain) or _empty(plan, grain, "entered_at", dialect)
        case BeforeStays(grain):
            stays = recorded.members if recorded.stays is None else recorded.stays
            return stays.get(grain) or _empty(plan, grain, "entered_at", dialect)
        case BeforeExits(grain):
            return recorded.exits.get(grain) or _empty(plan, grain, "exited_at", dialect)
        case BeforeEvaluated(grain):
            return recorded.evaluated.get(grain) or _never_evaluated(dialect)
        case _:
            raise TypeError(f"{hole} is no relation of a statement on its own")


def _empty(plan: Plan, grain: str, at: str, dialect: SqlDialect) -> str:
    entity = plan.grain_entity(grain)
    one = next((one for one in entity.segments if one.segment.grain == grain), None)
    assert one is not None
    on = one.segment.aggregate_on
    key_type = entity.entity.key.type if on is None else on.type
    return _no_rows({"segment": DataType.STRING, member_name(one, entity): key_type, at: DataType.TIMESTAMP}, dialect)


def _never_evaluated(dialect: SqlDialect) -> str:
    columns = {"segment": DataType.STRING, "rule_hash": DataType.STRING, "first_evaluated_at": DataType.TIMESTAMP}
    return _no_rows(columns, dialect)


def _no_rows(columns: Mapping[str, DataType], dialect: SqlDialect) -> str:
    select = [alias(dialect.cast(exp.null(), kind), name, dialect) for name, kind in columns.items()]
    one = exp.Subquery(this=exp.select("1 AS one"), alias=exp.TableAlias(this=exp.to_identifier("nothing")))
    query = exp.select(*select, copy=False).from_(one, copy=False).where(exp.false(), copy=False)
    return dialect.finished(query).subquery(copy=False).sql(dialect=dialect.name)


__all__ = [
    "Before",
    "complete",
    "evaluation_query",
    "facts_name",
    "facts_query",
    "left_out_query",
    "reasons_query",
    "relation_of",
    "representatives_query",
    "standalone",
    "standalone_query",
    "told_by_change",
    "trait_columns",
    "updated_facts_query",
    "whole_facts_query",
    "with_facts",
]
