"""Derived columns: traits computed from other columns, and memberships that others refer to."""

from __future__ import annotations

from typing import assert_never

from sqlglot import exp

from segwh import ir
from segwh.plan.nodes import Behind, Bucket, Derived, Eligible, Flag, Representative, SegmentPlan, TraitColumn, WithinLimit
from segwh.sql.people import Person
from segwh.sql.predicates import all_of, any_of, either, one_if
from segwh.sql.traits import trait_value
from segwh.types import DataType


def derived_column(node: Derived, person: Person) -> exp.Expr:
    """The expression of a derived column, over the columns of the levels below."""
    match node:
        case TraitColumn():
            return trait_value(node, person)
        case Bucket():
            return bucket(_plan(node, person), person)
        case Eligible():
            return either(person.is_eligible(_plan(node, person)))
        case Representative():
            return representative(_plan(node, person), person)
        case WithinLimit():
            return within_limit(_plan(node, person), person)
        case Flag():
            return flag(_plan(node, person), person)
        case Behind():
            raise TypeError("a reference through a lookup is a join")
        case _:
            assert_never(node)


def _plan(node: Bucket | Eligible | Representative | WithinLimit | Flag, person: Person) -> SegmentPlan:
    plan = person.plan.segment(node.segment)
    assert plan is not None
    return plan


def bucket(plan: SegmentPlan, person: Person) -> exp.Expr:
    """md5(seed || ':' || key), its first seven hex digits as a number, modulo 10000 (law 16)."""
    assert plan.segment.split is not None
    dialect = person.source.dialect
    text = dialect.cast(person.member(plan), DataType.STRING)
    return dialect.bucket(exp.DPipe(this=dialect.string(f"{plan.segment.split.seed}:"), expression=text))


def representative(plan: SegmentPlan, person: Person) -> exp.Expr:
    """Of the entities that make a value a member: the latest created, then the smallest key (law 12)."""
    assert plan.eligible is not None
    place = exp.EQ(this=representative_place(plan, person), expression=exp.Literal.number(1))
    return all_of([person.flag(plan.eligible), place])


def representative_place(plan: SegmentPlan, person: Person) -> exp.Expr:
    """The place of an entity among those with its value: first the one that represents it."""
    dialect = person.source.dialect
    # Every entity of a value counts as a member of a variant; who makes the value one is settled by the whole.
    whole = plan if plan.segment.variant_of is None else person.plan.segment(plan.segment.variant_of[0])
    assert whole is not None
    order = [exp.Ordered(this=one_if(person.passes(whole)), desc=True, nulls_first=False)]
    if person.plan.created_at is not None:
        order.append(exp.Ordered(this=person.column(person.plan.created_at), desc=True, nulls_first=False))
    order.append(exp.Ordered(this=dialect.by_bytes(person.key, person.plan.entity.key.type), desc=False, nulls_first=True))
    return exp.Window(this=exp.RowNumber(), partition_by=[person.member(plan)], order=exp.Order(expressions=order))


def within_limit(plan: SegmentPlan, person: Person) -> exp.Expr:
    """Whether a row that competes has a place within the limit; null for the others.

    Places go by the operand, missing last in both orders, then by the member.
    """
    limit, dialect = plan.segment.limit, person.source.dialect
    assert limit is not None
    by = dialect.by_bytes(person.operand(limit.by), limit.by.type)
    on = plan.segment.aggregate_on
    key_type = person.plan.entity.key.type if on is None else on.type
    order = [
        exp.Ordered(this=by, desc=limit.order == "desc", nulls_first=False),
        exp.Ordered(this=dialect.by_bytes(person.member(plan), key_type), desc=False, nulls_first=True),
    ]
    place = exp.Window(this=exp.RowNumber(), partition_by=_groups(plan, person), order=exp.Order(expressions=order))
    return exp.Case(ifs=[exp.If(this=_competes(plan, person), true=_is_good(limit, place, plan, person))])


def _is_good(limit: ir.Limit, place: exp.Expr, plan: SegmentPlan, person: Person) -> exp.Expr:
    if limit.top is not None:
        return exp.LTE(this=place, expression=exp.Literal.number(limit.top))
    assert limit.percent is not None
    # place <= ceil(n * percent / 100), in whole numbers: (place - 1) * 100 * scale < n * percent * scale.
    scale = 10 ** max(0, -int(limit.percent.as_tuple().exponent))
    count = exp.Window(this=exp.Count(this=exp.Star()), partition_by=_groups(plan, person))
    before = exp.Paren(this=exp.Sub(this=place, expression=exp.Literal.number(1)))
    left = exp.Mul(this=before, expression=exp.Literal.number(100 * scale))
    return exp.LT(this=left, expression=exp.Mul(this=count, expression=exp.Literal.number(int(limit.percent * scale))))


def _competes(plan: SegmentPlan, person: Person) -> exp.Expr:
    """Whether the row takes part in the limit."""
    column = plan.eligible if plan.representative is None else plan.representative
    assert column is not None
    limit = plan.segment.limit
    per = [] if limit is None or limit.per is None else [person.operand(limit.per).is_(exp.null()).not_()]
    return all_of([person.column(column), *per])


def _groups(plan: SegmentPlan, person: Person) -> list[exp.Expr]:
    """The rows that compete with each other: those that compete at all, by the value of `per`."""
    limit = plan.segment.limit
    column = plan.eligible if plan.representative is None else plan.representative
    assert column is not None
    assert limit is not None
    if limit.per is None:
        return [person.column(column)]
    return [person.column(column), person.source.dialect.partition_key(person.operand(limit.per), limit.per.type)]


def is_within_limit(plan: SegmentPlan, person: Person) -> exp.Expr:
    """Whether the row is within the limit; for an aggregated segment, whether its representative is. Null counts as false."""
    assert plan.within_limit is not None
    within = person.column(plan.within_limit)
    return within if plan.segment.aggregate_on is None else person.any_of_value(plan, within)


def flag(plan: SegmentPlan, person: Person) -> exp.Expr:
    """Membership, true or false: stored when frozen, else calculated."""
    if plan.segment.variant_of is not None:
        return either(person.in_variant(plan))
    if plan.segment.status == "inactive":
        return person.is_kept(plan)
    calculated = is_calculated(plan, person)
    frozen = person.is_frozen(plan)
    if isinstance(frozen, exp.Boolean):
        return calculated
    return exp.Case(ifs=[exp.If(this=frozen, true=person.is_kept(plan))], default=calculated)


def is_calculated(plan: SegmentPlan, person: Person) -> exp.Expr:
    """Membership by the rule, true or false."""
    if plan.segment.limit is None:
        eligible = person.is_eligible(plan)
    else:
        eligible = all_of([person.flag(plan.eligible or ""), is_within_limit(plan, person)])
    listed = [] if plan.segment.always is None else [all_of([person.has_member(plan), person.is_listed(plan)])]
    return either(any_of([eligible, *listed]))
