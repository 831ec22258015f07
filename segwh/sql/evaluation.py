"""Evaluation: who is in which segment, one long relation a grain: a union of filtered scans of the facts, or where a scan is
dearer than its rows one scan that asks each row for all of its segments.
"""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence

from sqlglot import exp

from segwh import ir
from segwh.plan.nodes import EntityPlan, SegmentPlan
from segwh.sql.flags import is_calculated
from segwh.sql.holes import ChangedFacts, Facts
from segwh.sql.measures import alias, filtered, named
from segwh.sql.people import Person
from segwh.sql.predicates import all_of, any_of, negated, one_if
from segwh.sql.scans import Source
from segwh.types import DataType

NONE_READY: Mapping[str, exp.Expr] = {}


def member_name(plan: SegmentPlan, entity: EntityPlan) -> str:
    """The column that holds the members of a segment's grain."""
    on = plan.segment.aggregate_on
    return entity.entity.key.name if on is None else on.name


def evaluation_tree(
    entity: EntityPlan,
    plans: Sequence[SegmentPlan],
    project: ir.Project,
    source: Source,
    told: Collection[str] = frozenset(),
    ready: Mapping[str, exp.Expr] = NONE_READY,
) -> exp.Query:
    """What the rules say now: rows (segment, the grain's key) of the active segments; none of expired ones.

    Freezing those that nobody refers to is left to the log, which knows what they keep. Segments that are `told` by what
    changed (sql.waking) read the hole ChangedFacts. What is `ready` of a segment stands for its query, but for the first,
    which tells the columns, or for its branch.
    """
    person = Person(entity, project, source)
    member = member_name(plans[0], entity)
    active = [plan for plan in plans if plan.segment.status == "active"]
    if active and not told:
        is_open = [negated(person.is_expired(plan)) for plan in active]
        shown = alias(person.member(active[0]), member, source.dialect)
        asked = _asked_together(active, is_open, person, shown, ready)
        if asked is not None:
            return asked
    queries = [
        ready[plan.name]
        if plan.name in ready and plan is not active[0]
        else _members(
            plan,
            person,
            alias(person.member(plan), member, source.dialect),
            negated(person.is_expired(plan)),
            ChangedFacts(entity.entity.name) if plan.name in told else Facts(entity.entity.name),
        )
        for plan in active
    ]
    return union(queries) if queries else nobody({member: person.member(plans[0])}, person)


def final_tree(entity: EntityPlan, plans: Sequence[SegmentPlan], project: ir.Project, source: Source) -> exp.Query:
    """Who is in, frozen segments included: rows (segment, key as text). Segments that can freeze must be flagged."""
    person, dialect = Person(entity, project, source), source.dialect

    def shown(plan: SegmentPlan) -> exp.Expr:
        return alias(dialect.cast(person.member(plan), DataType.STRING), "key", dialect)

    plain = [plan for plan in plans if plan.segment.aggregate_on is None]
    together = _asked_together(plain, [exp.true() for _ in plain], person, shown(plain[0])) if plain else None
    alone = plans if together is None else [plan for plan in plans if plan.segment.aggregate_on is not None]
    queries = [_members(plan, person, shown(plan), exp.true(), Facts(entity.entity.name)) for plan in alone]
    return union(queries if together is None else [together, *queries])


def nobody(columns: Mapping[str, exp.Expr], person: Person) -> exp.Select:
    """No rows, with the columns of an evaluation."""
    dialect = person.source.dialect
    segment = alias(dialect.cast(exp.null(), DataType.STRING), "segment", dialect)
    query = exp.select(segment, *(alias(value, name, dialect) for name, value in columns.items()), copy=False)
    query = query.from_(person.source.holes.table(Facts(person.plan.entity.name), "facts"), copy=False)
    return query.where(exp.false(), copy=False)


def union(queries: Sequence[exp.Expr]) -> exp.Query:
    """All rows of one or more queries."""
    whole = queries[0].assert_is(exp.Query)
    for query in queries[1:]:
        whole = exp.Union(this=whole, expression=query, distinct=False)
    return whole


def _asked_together(
    plans: Sequence[SegmentPlan],
    is_open: Sequence[exp.Expr],
    person: Person,
    shown: exp.Expr,
    ready: Mapping[str, exp.Expr] = NONE_READY,
) -> exp.Select | None:
    """The members of segments from one scan of the facts; None where values are members, or the engine is quicker with a scan
    each. What is `ready` of a segment stands for its branch.
    """
    dialect = person.source.dialect
    if len(plans) < 2 or any(plan.segment.aggregate_on is not None for plan in plans):
        return None
    names = dialect.rows_of(exp.column("segment"))
    if names is None:
        return None
    branches = [ready.get(plan.name) or _branch(plan, person, open) for plan, open in zip(plans, is_open, strict=True)]
    asked = exp.select(alias(exp.Array(expressions=branches), "segment", dialect), shown, copy=False)
    asked = asked.from_(person.source.holes.table(Facts(person.plan.entity.name), "facts"), copy=False)
    # two steps, since Spark looks into no other table where it makes rows
    query = exp.select(alias(names, "segment", dialect), named(shown.alias, dialect), copy=False)
    return query.from_(exp.Subquery(this=asked, alias=exp.TableAlias(this=exp.to_identifier("asked"))), copy=False)


def _branch(plan: SegmentPlan, person: Person, is_open: exp.Expr) -> exp.Case:
    """The segment's name where a row of the facts is a member, else null."""
    name = person.source.dialect.string(plan.name)
    _say_where(name, plan)  # sqlglot puts what is said of an item before or after the comma, by how lists are written
    return exp.Case(ifs=[exp.If(this=all_of([own_condition(plan, person), is_open]), true=name)])


def _say_where(tree: exp.Expr, plan: SegmentPlan) -> None:
    if plan.segment.span is not None:
        tree.add_comments([f" {comment_text(plan.segment.span.file)}:{plan.segment.span.line} "])


def _members(
    plan: SegmentPlan, person: Person, shown: exp.Expr, is_open: exp.Expr, facts: Facts | ChangedFacts
) -> exp.Select:
    dialect, aggregated = person.source.dialect, plan.segment.aggregate_on is not None
    query = exp.select(alias(dialect.string(plan.name), "segment", dialect), shown, copy=False)
    query = query.from_(person.source.holes.table(facts, "facts"), copy=False)
    # first, and in each query by itself: engines then pass over the blocks of a table in which nothing changed
    wanted = [person.source.holes.is_changed(facts.entity)] if isinstance(facts, ChangedFacts) else []
    query = filtered(query, all_of([*wanted, own_condition(plan, person), is_open]))
    if plan.flag is not None or plan.segment.variant_of is not None:
        query = query.distinct(copy=False) if aggregated else query
    elif aggregated:
        query = _by_value(query, plan, person)
    _say_where(query, plan)
    return query


def own_condition(plan: SegmentPlan, person: Person) -> exp.Expr:
    """What a row of the facts must be to be a member, or where values are members, to be looked at."""
    if plan.flag is not None:
        return person.flag(plan.flag)
    if plan.segment.variant_of is not None:
        return person.in_variant(plan)
    if plan.segment.aggregate_on is None:
        return is_calculated_here(plan, person)
    return person.has_member(plan)


def is_calculated_here(plan: SegmentPlan, person: Person) -> exp.Expr:
    """Membership of a segment that nobody refers to; null counts as false."""
    if plan.segment.always is not None:
        return is_calculated(plan, person)
    return person.is_eligible(plan)


def _by_value(query: exp.Select, plan: SegmentPlan, person: Person) -> exp.Select:
    """One row a value: some entity passes, none is excluded, suppressed or taken (law 12)."""
    out = any_of([person.is_excluded(plan), person.is_suppressed(plan), person.is_taken(plan), person.is_kept_out(plan)])
    having: list[exp.Expr] = []
    for condition, wanted in ((person.passes(plan), 1), (out, 0)):
        if not isinstance(condition, exp.Boolean):
            having.append(exp.EQ(this=exp.Max(this=one_if(condition)), expression=exp.Literal.number(wanted)))
        elif condition.this is not bool(wanted):
            having.append(exp.false())
    query = query.group_by(person.member(plan), copy=False)
    return query.having(all_of(having), copy=False) if having else query


def comment_text(text: str) -> str:
    """Text that cannot end a comment or mean anything to Jinja."""
    return "".join(character if character.isalnum() or character in "._-/ " else "_" for character in text)
