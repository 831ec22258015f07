"""What a predicate or a trait reads from its entity's row: attributes, measured values, traits, flags of segments."""

from __future__ import annotations

from collections.abc import Iterator
from typing import assert_never

from segwh import ir
from segwh.plan.nodes import FactKey
from segwh.types import DataType

Read = FactKey | ir.TraitValue | ir.MemberOf


def of_predicate(predicate: ir.Predicate) -> Iterator[Read]:
    """Everything a predicate of an entity reads, left to right, repeats included."""
    match predicate:
        case ir.And(items) | ir.Or(items) | ir.AtLeast(_, items):
            for item in items:
                yield from of_predicate(item)
        case ir.Not(item):
            yield from of_predicate(item)
        case ir.Everyone():
            return
        case ir.RowHolds() | ir.Sequence() | ir.MemberOf():
            yield predicate
        case ir.CompareFields(subject, _, other, _):
            yield subject
            yield other
        case _:
            yield predicate.subject


def of_formula(formula: ir.Formula) -> Iterator[Read]:
    """The attributes and traits of a formula."""
    match formula:
        case ir.Arithmetic(_, left, right):
            yield from of_formula(left)
            yield from of_formula(right)
        case ir.Constant():
            return
        case ir.Field() | ir.TraitValue():
            yield formula
        case _:
            assert_never(formula)


def of_trait(trait: ir.Trait) -> Iterator[Read]:
    """Everything the definition of a trait reads."""
    match trait.definition:
        case ir.Measured():
            yield trait.definition
        case ir.Points() | ir.Stages():
            for predicate in predicates_of(trait.definition):
                yield from of_predicate(predicate)
        case ir.Rfm():
            yield from rfm_measures(trait.definition)
        case ir.Arithmetic() | ir.Constant() | ir.Field() | ir.TraitValue():
            yield from of_formula(trait.definition)
        case _:
            assert_never(trait.definition)


def predicates_of(definition: ir.Points | ir.Stages) -> tuple[ir.Predicate, ...]:
    """What a trait asks of the entity, in the order written."""
    if isinstance(definition, ir.Points):
        return tuple(predicate for predicate, _ in definition.entries)
    return tuple(predicate for _, predicate in definition.entries)


def rfm_measures(rfm: ir.Rfm) -> tuple[ir.Measured, ir.Measured, ir.Measured]:
    """The measures behind an rfm trait: time of the last row, number of rows, sum of the value."""
    return (
        ir.Measured(rfm.rows, ir.EdgeTime("last"), DataType.TIMESTAMP),
        ir.Measured(rfm.rows, ir.Count(), DataType.INTEGER),
        ir.Measured(rfm.rows, ir.Aggregate("sum", rfm.value), rfm.value.type),
    )


def of_segment(segment: ir.Segment) -> Iterator[Read]:
    """Everything the rules, the limit and the grain of a segment read."""
    if segment.aggregate_on is not None:
        yield segment.aggregate_on
    if segment.variant_of is not None:
        return
    for rule in (*segment.include, *segment.exclude):
        yield from of_predicate(rule.predicate)
    if segment.limit is not None:
        yield segment.limit.by
        if segment.limit.per is not None:
            yield segment.limit.per


def of_rows(predicate: ir.Predicate | None) -> Iterator[ir.Field]:
    """The fields of a row that a `where` looks at."""
    for read in () if predicate is None else of_predicate(predicate):
        if isinstance(read, ir.Field):
            yield read


def lists_of_segment(segment: ir.Segment) -> Iterator[tuple[ir.Rule, ir.OneOfRelation]]:
    """Every test against a list in the warehouse that a segment's rules make, with the rule."""
    for rule in (*segment.include, *segment.exclude):
        yield from ((rule, listed) for listed in lists_of(rule.predicate))


def lists_of_trait(trait: ir.Trait) -> Iterator[ir.OneOfRelation]:
    """Every test against a list in the warehouse that a trait makes, of its entity or of rows."""
    match trait.definition:
        case ir.Points() | ir.Stages():
            for predicate in predicates_of(trait.definition):
                yield from lists_of(predicate)
        case ir.Rfm(rows) | ir.Measured(rows):
            yield from lists_of(rows.where)
        case ir.Arithmetic() | ir.Constant() | ir.Field() | ir.TraitValue():
            return
        case _:
            assert_never(trait.definition)


def lists_of(predicate: ir.Predicate | None) -> Iterator[ir.OneOfRelation]:
    """Every test against a list in the warehouse, of the entity or of rows."""
    match predicate:
        case None | ir.Everyone() | ir.MemberOf():
            return
        case ir.And(items) | ir.Or(items) | ir.AtLeast(_, items):
            for item in items:
                yield from lists_of(item)
        case ir.Not(item):
            yield from lists_of(item)
        case ir.RowHolds(rows, _, where):
            yield from (*lists_of(rows.where), *lists_of(where))
        case ir.Sequence(steps):
            for step in steps:
                yield from lists_of(step.where)
        case _:
            for operand in ir.operands(predicate):
                if isinstance(operand, ir.Measured):
                    yield from lists_of(operand.rows.where)
            if isinstance(predicate, ir.OneOfRelation):
                yield predicate
