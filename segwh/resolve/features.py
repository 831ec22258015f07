"""What a bound project asks for that not every engine can do, each with the place of the rule that asks for it."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from decimal import Decimal
from typing import assert_never

from segwh import ir
from segwh.features import Feature
from segwh.text.source import Span
from segwh.types import DataType

EXACT_DIGITS, SIDE_DIGITS = 28, 18
"""The digits of an exact number that leave room for a number of rows, and those on one side of the point."""


@dataclass(frozen=True, slots=True)
class Need:
    """`asker` ("the segment `vip`") needs a feature; `span` is where its rule stands."""

    feature: Feature
    asker: str
    span: Span


def needs(project: ir.Project) -> Iterator[Need]:
    """Every need of a project, each once for a place, in the order of its traits and segments."""
    seen: set[tuple[Feature, Span]] = set()
    for asker, span, features in _askers(project):
        for feature in dict.fromkeys(features):
            if span is not None and (feature, span) not in seen:
                seen.add((feature, span))
                yield Need(feature, asker, span)


def _askers(project: ir.Project) -> Iterator[tuple[str, Span | None, Iterator[Feature]]]:
    means = frozenset(
        (trait.entity, trait.name)
        for trait in project.traits
        if isinstance(trait.definition, ir.Measured) and trait.definition.is_exact_mean
    )
    for trait in project.traits:
        yield f"the trait `{trait.name}`", trait.span, _of_trait(trait, _names(means, trait.entity))
    for segment in project.segments:
        own = _names(means, segment.entity)
        asker = f"the segment `{segment.name}`"
        for rule in (*segment.include, *segment.exclude):
            yield asker, rule.span or segment.span, _of_predicate(rule.predicate, own)
        seeds = (segment.split.seed,) if segment.split is not None else ()
        words = (segment.label, segment.description, segment.owner, *segment.tags, *seeds)
        yield asker, segment.span, (Feature.NUL for word in words if "\0" in word)
        if segment.limit is not None:
            yield asker, segment.span, _of_operands(one for one in (segment.limit.by, segment.limit.per) if one is not None)


def _names(of_entities: frozenset[tuple[str, str]], entity: str) -> frozenset[str]:
    return frozenset(name for one, name in of_entities if one == entity)


def _of_trait(trait: ir.Trait, means: frozenset[str]) -> Iterator[Feature]:
    match trait.definition:
        case ir.Measured() | ir.Field() | ir.TraitValue():
            yield from _of_operands([trait.definition])
        case ir.Arithmetic() | ir.Constant():
            return  # over numbers alone
        case ir.Points(entries):
            for predicate, points in entries:
                yield from _of_predicate(predicate, means)
                yield from _of_numbers([points])
        case ir.Stages(stages):
            for _, predicate in stages:
                yield from _of_predicate(predicate, means)
        case ir.Rfm(rows, value, recency, frequency, monetary):
            yield from _of_rows(rows)
            for scoring in (recency, frequency) if value.type is DataType.NUMBER else (recency, frequency, monetary):
                yield from _of_numbers(scoring.cuts)
        case _:
            assert_never(trait.definition)


def _of_predicate(predicate: ir.Predicate, means: frozenset[str] = frozenset()) -> Iterator[Feature]:
    """`means` are the traits that are averages of exact numbers."""
    match predicate:
        case ir.And(items) | ir.Or(items) | ir.AtLeast(_, items):
            for item in items:
                yield from _of_predicate(item, means)
        case ir.Not(item):
            yield from _of_predicate(item, means)
        case ir.Everyone() | ir.MemberOf():
            return
        case ir.RowHolds(rows, _, where):
            yield from _of_rows(rows)
            yield from _of_predicate(where)
        case ir.Sequence(steps):
            for step in steps:
                if step.where is not None:
                    yield from _of_predicate(step.where)
        case _:
            yield from _of_operands(ir.operands(predicate))
            yield from _of_values(predicate)
            if isinstance(predicate, ir.Compare | ir.OneOf) and _is_exact(predicate.subject, means):
                values = predicate.values if isinstance(predicate, ir.OneOf) else (predicate.value,)
                yield from _of_numbers(value for value in values if isinstance(value, int | Decimal))


def _is_exact(operand: ir.Operand, means: frozenset[str]) -> bool:
    """Whether an operand is compared as a decimal, or as a sum of exact numbers."""
    if operand.type is DataType.DECIMAL or (isinstance(operand, ir.Measured) and operand.is_exact_mean):
        return True
    return isinstance(operand, ir.TraitValue) and operand.trait in means


def _of_numbers(numbers: Iterable[int | Decimal]) -> Iterator[Feature]:
    for number in numbers:
        exact = Decimal(number)
        before, after = max(exact.adjusted() + 1, 0), max(-int(exact.as_tuple().exponent), 0)
        if max(before, after) > SIDE_DIGITS or before + after > EXACT_DIGITS:
            yield Feature.LONG_DECIMALS


def _of_values(test: ir.Test) -> Iterator[Feature]:
    """What the values ask for that an operand is compared to."""
    match test:
        case ir.Regex():
            yield Feature.PATTERNS
        case ir.OneOf(values=values) | ir.ListHas(values=values):
            if any(isinstance(value, str) and "\0" in value for value in values):
                yield Feature.NUL
        case ir.TextMatch(value=value):
            if "\0" in value:
                yield Feature.NUL
        case (
            ir.IsMissing()
            | ir.IsEmpty()
            | ir.OneOfRelation()
            | ir.Compare()
            | ir.InInterval()
            | ir.DayOfYearBetween()
            | ir.DayOfYearWithinNext()
            | ir.DayOfWeekIn()
            | ir.HourBetween()
            | ir.ListSize()
            | ir.CompareFields()
        ):
            return
        case _:
            assert_never(test)


def _of_operands(operands: Iterable[ir.Operand]) -> Iterator[Feature]:
    for operand in operands:
        if operand.type is DataType.STRING_LIST:
            yield Feature.LISTS
            if not isinstance(operand, ir.Field) or operand.lookup is not None:
                yield Feature.MISSING_LISTS
        if isinstance(operand, ir.Measured):
            yield from _of_rows(operand.rows)


def _of_rows(rows: ir.Rows) -> Iterator[Feature]:
    if rows.where is not None:
        yield from _of_predicate(rows.where)
