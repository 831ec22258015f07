"""The facts of an entity: one row a key that exists at as-of, with every column that some trait or segment reads."""

from __future__ import annotations

from collections.abc import Container, Iterable, Mapping
from dataclasses import replace

from sqlglot import exp

from segwh import ir
from segwh.catalog.model import way
from segwh.plan.carry import Carry
from segwh.plan.nodes import Behind, Derived, Eligible, EntityPlan, Flag, Left, LookupKey, Plan, Since, Stored, TraitColumn
from segwh.sql.flags import derived_column
from segwh.sql.holes import BeforeEvaluated, BeforeExits, BeforeMembers, BeforeStays, Facts
from segwh.sql.measures import PerKey, alias, filtered, named
from segwh.sql.people import Person
from segwh.sql.per_key import Build, measures
from segwh.sql.predicates import either
from segwh.sql.refresh.carried import carried, changed_rows
from segwh.sql.refresh.told import Compared, told_keys
from segwh.sql.scans import Source, alias_of, used_lookups
from segwh.sql.traits import quantile_edges
from segwh.sql.waking import waking


def facts_tree(
    plan: EntityPlan, whole: Plan, source: Source, update: Carry | None = None, are_rules_others: exp.Expr | None = None
) -> exp.Select:
    """The SELECT of an entity's facts; with `update` what is to be put in the place of those of the run before
    (carried.changed_rows). `are_rules_others`: whether these were made by other rules; None where nobody knows.
    """
    build = Build(plan, whole, source)
    entity = plan.entity.name
    base, step, measured = (build.take(f"{entity}_{part}") for part in ("rows", "with_log", "measured"))
    if update is None:
        per_key = measures(build, plan)
        build.add(base, _entity_rows(build))
        build.add(measured, _joined_measures(build, base, per_key))
    else:
        compared = _compared(build, update, exp.true() if are_rules_others is None else are_rules_others)
        build.add(base, _entity_rows(build))
        per_key = measures(build, update.rest)
        rest = build.add(build.take(f"{entity}_rest"), _joined_measures(build, base, per_key))
        keys = told_keys(build, update, base, rest, compared)
        build.add(measured, carried(build, update, rest, keys, compared))
    last = measured
    if plan.stored or plan.since or plan.left or plan.frozen:
        last = build.add(step, _joined_log(build, measured))
    for number, level in enumerate(plan.levels, start=1):
        last = _level(build, level, number, last)
    if update is None:
        query = exp.select(*(named(column, source.dialect) for column in plan.fact_columns), copy=False)
        query = query.from_(exp.to_identifier(last), copy=False)
    else:
        query = changed_rows(build, keys, last, plan.fact_columns, compared)
    for name, cte in build.ctes:
        materialized = False if name in build.read_in_place and source.dialect.shares_named_queries else None
        query = query.with_(exp.to_identifier(name), as_=cte, materialized=materialized, copy=False)
    return query


def _compared(build: Build, update: Carry, if_others: exp.Expr) -> Compared:
    """The columns that are not carried, and what they are called as they were before; short, for a name has an end."""
    plan = build.plan
    apart = {plan.entity.key.name, *(column for group in update.groups for column in group.columns)}
    columns = [column for column in plan.fact_columns if column not in apart]
    return Compared(
        {column: f"segwh_was_{number}" for number, column in enumerate(columns, start=1)},
        _following(build, columns),
        if_others,
        waking(plan, build.project, build.source).conditions,
    )


def _following(build: Build, compared: Container[str]) -> frozenset[str]:
    """The memberships that are a matter of other columns of the same row, and of nothing else but the rules: where those are as
    they were, so are these. Of the columns that they read each is compared, or follows, or was carried over.
    """
    person, columns = Person(build.plan, build.project, build.source), frozenset(build.plan.fact_columns)
    return frozenset(
        node.column
        for level in build.plan.levels
        for node in level
        if isinstance(node, Flag | Eligible)
        and node.column in compared
        and _is_of_row(derived_column(node, person), columns)
    )


def _is_of_row(value: exp.Expr, columns: Container[str]) -> bool:
    """Whether a value reads nothing but columns of its own row."""
    if any(value.find_all(exp.Placeholder, exp.Query, exp.Window, exp.AggFunc)):
        return False
    return all(not one.table and one.name in columns for one in value.find_all(exp.Column))


# --- the entity's own row -----------------------------------------------------------------------------------------------


def _entity_rows(build: Build) -> exp.Select:
    entity, source, dialect = build.plan.entity, build.source, build.source.dialect
    table_name = alias_of(entity)
    fields = [key for key in build.plan.columns if isinstance(key, ir.Field)]
    select = [alias(source.key(entity.key.column, table_name, entity.key.type), entity.key.name, dialect)]
    created = None
    if entity.created_at is not None and build.plan.created_at is not None:
        created = source.clock(entity.created_at, table_name)
        select.append(alias(created, build.plan.created_at, dialect))
    for one in fields:
        if one.lookup is None and one.name == entity.key.name:
            continue
        column, table, zone = entity.attribute(one.name), table_name, entity.timezone
        if one.lookup is not None and (lookup := entity.lookup(one.lookup)) is not None:
            column, table, zone = lookup.property(one.name), lookup.alias, None
        assert column is not None
        select.append(alias(source.value(column, table, zone), build.plan.columns[one], dialect))
    through = [one.lookup for one in fields]
    for key in build.plan.columns:
        if isinstance(key, LookupKey):
            lookup = way(entity, key.lookup)[-1]
            through.append(lookup.via)
            start = table_name if lookup.via is None else way(entity, lookup.via)[-1].alias
            select.append(alias(source.column(lookup.by, start), build.plan.columns[key], dialect))
    query = exp.select(*select, copy=False).from_(source.holes.table(entity.relation, table_name), copy=False)
    query = source.joined(query, used_lookups(through, entity), table_name)
    query = query.where(source.column(entity.key.column, table_name).is_(exp.null()).not_(), copy=False)
    if created is not None:
        unknown = created.copy().is_(exp.null())
        query = query.where(exp.or_(unknown, source.before_as_of(created.copy()), copy=False), copy=False)
    if entity.validity is not None:
        query = query.where(source.valid(entity.validity, table_name, entity.timezone), copy=False)
    return query


# --- what is measured ----------------------------------------------------------------------------------------------------


def _joined_measures(build: Build, base: str, per_key: Iterable[PerKey]) -> exp.Select:
    """The entity's row with everything measured; what a key without rows has is filled in (law 7)."""
    dialect, key = build.source.dialect, build.plan.entity.key.name
    select: list[exp.Expr] = [_star(base)]
    joins: list[tuple[str, exp.Expr]] = []
    for one in per_key:
        select += [alias(one.filled(column, dialect), column, dialect) for column in one.columns]
        joins.append((one.name, exp.EQ(this=named(one.key, dialect, one.name), expression=named(key, dialect, base))))
    select += [alias(value, column, dialect) for column, value in build.values.items()]
    query = exp.select(*select, copy=False).from_(exp.to_identifier(base), copy=False)
    for name, on in joins:
        query = query.join(exp.to_identifier(name), on=on, join_type="left", copy=False)
    return query


def _star(table: str) -> exp.Expr:
    return exp.Column(this=exp.Star(), table=exp.to_identifier(table))


# --- what the log knows -------------------------------------------------------------------------------------------------


BeforeInstants = BeforeMembers | BeforeStays | BeforeExits


def _joined_log(build: Build, base: str) -> exp.Select:
    """The row with entries, exits and freezes of the segments that need them, one join a grain."""
    plan, source = build.plan, build.source
    select: list[exp.Expr] = [_star(base)]
    query = exp.select(copy=False).from_(exp.to_identifier(base), copy=False)
    kinds: tuple[tuple[str, type[BeforeInstants], str, tuple[Stored | Since | Left, ...]], ...] = (
        ("members_before", BeforeMembers, "entered_at", plan.stored),
        ("stays_before", BeforeStays, "entered_at", plan.since),
        ("exits_before", BeforeExits, "exited_at", plan.left),
    )
    for kind, hole, at, wanted in kinds:
        for grain in dict.fromkeys(one.grain for one in wanted):
            columns = {one.column: one.segment for one in wanted if one.grain == grain}
            member = _member(build, grain)
            name = build.take(f"{grain}_{kind}")
            build.add(name, _pivot(build, hole(grain), member.name, at, columns))
            select += [named(column, source.dialect, name) for column in columns]
            value = named(plan.columns.get(member, member.name), source.dialect, base)
            on = exp.EQ(this=named(member.name, source.dialect, name), expression=value)
            query = query.join(exp.to_identifier(name), on=on, join_type="left", copy=False)
    for grain in dict.fromkeys(one.grain for one in plan.frozen):
        name = build.take(f"{grain}_frozen")
        rules = {one.column: (one.segment, one.rule_hash) for one in plan.frozen if one.grain == grain}
        build.add(name, _frozen(build, grain, rules))
        select += [named(column, source.dialect, name) for column in rules]
        query = query.join(exp.to_identifier(name), join_type="cross", copy=False)
    return query.select(*select, copy=False)


def _member(build: Build, grain: str) -> ir.Field:
    """The attribute that a grain counts."""
    for plan in build.plan.segments:
        if plan.segment.grain == grain and plan.segment.aggregate_on is not None:
            return plan.segment.aggregate_on
    key = build.plan.entity.key
    return ir.Field(key.name, key.type)


def _pivot(build: Build, hole: BeforeInstants, key: str, at: str, columns: Mapping[str, str]) -> exp.Select:
    dialect = build.source.dialect
    select: list[exp.Expr] = [named(key, dialect)]
    for column, segment in columns.items():
        here = exp.EQ(this=exp.column("segment"), expression=dialect.string(segment))
        value = exp.Case(ifs=[exp.If(this=here, true=dialect.own_instant(exp.column(at)))])
        select.append(alias(exp.Max(this=value), column, dialect))
    query = exp.select(*select, copy=False).from_(build.source.holes.table(hole, "before"), copy=False)
    names = [dialect.string(segment) for segment in columns.values()]
    query = query.where(exp.In(this=exp.column("segment"), expressions=names), copy=False)
    return query.group_by(named(key, dialect), copy=False)


def _frozen(build: Build, grain: str, columns: Mapping[str, tuple[str, str]]) -> exp.Select:
    """One row: for each static segment whether its last evaluation had this very rule."""
    dialect = build.source.dialect
    select = []
    for column, (segment, rule_hash) in columns.items():
        here = exp.and_(
            exp.EQ(this=exp.column("segment"), expression=dialect.string(segment)),
            exp.EQ(this=exp.column("rule_hash"), expression=dialect.string(rule_hash)),
            copy=False,
        )
        one = exp.Max(this=exp.Case(ifs=[exp.If(this=here, true=exp.Literal.number(1))], default=exp.Literal.number(0)))
        select.append(alias(either(exp.EQ(this=one, expression=exp.Literal.number(1))), column, dialect))
    return exp.select(*select, copy=False).from_(build.source.holes.table(BeforeEvaluated(grain), "evaluated"), copy=False)


# --- levels -------------------------------------------------------------------------------------------------------------


def _level(build: Build, level: tuple[Derived, ...], number: int, below: str) -> str:
    """The row with one more level of derived columns."""
    person, dialect = Person(build.plan, build.project, build.source), build.source.dialect
    edges: list[str] = []
    behind: list[tuple[str, exp.Expr]] = []
    select: list[exp.Expr] = [_star(below)]
    for node in level:
        if isinstance(node, Behind):
            name = build.add(build.take(node.column), _members_behind(node, build, below))
            found = named(MEMBER, dialect, name)
            behind.append((name, exp.EQ(this=found, expression=named(node.key, dialect, below))))
            select.append(alias(found.copy().is_(exp.null()).not_(), node.column, dialect))
            continue
        for name, query in _edges_needed(node, person, below):
            edges.append(build.add(build.take(name), query))
        select.append(alias(derived_column(node, person), node.column, dialect))
    query = exp.select(*select, copy=False).from_(exp.to_identifier(below), copy=False)
    for name, on in behind:
        query = query.join(exp.to_identifier(name), on=on, join_type="left", copy=False)
    for name in edges:
        if name.endswith("_edges"):
            query = query.join(exp.to_identifier(name), join_type="cross", copy=False)
    return build.add(build.take(f"{build.plan.entity.name}_step_{number}"), query)


MEMBER = "segwh_member"
"""A name that no column of the facts bears: where they are joined theirs are written without a table."""


def _members_behind(node: Behind, build: Build, below: str) -> exp.Select:
    """The keys of the members of a segment that a lookup leads to, each once: the join multiplies nothing, whatever is there.

    They are read from the facts of its entity, or if that is this one from the level below.
    """
    is_own = node.entity == build.plan.entity.name
    other = Person(build.whole.entity(node.entity), build.project, build.source)
    place = exp.to_identifier(below) if is_own else build.source.holes.table(Facts(node.entity), "facts")
    query = exp.select(alias(other.key, MEMBER, build.source.dialect), copy=False).from_(place, copy=False)
    return filtered(query, other.truth(replace(node.reference, through=None))).distinct(copy=False)


def _edges_needed(node: Derived, person: Person, below: str) -> tuple[tuple[str, exp.Select], ...]:
    if not isinstance(node, TraitColumn) or node.part is None or not node.part.endswith("_score"):
        return ()
    definition = person.project.trait(person.plan.entity.name, node.trait).definition
    assert isinstance(definition, ir.Rfm)
    measure = node.part.removesuffix("_score")
    scoring: ir.Scoring = getattr(definition, measure)
    if scoring.method != "quantile":
        return ()
    return quantile_edges(node.trait, measure, scoring.scores, person, below)
