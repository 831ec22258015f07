"""How wide the facts of an entity become, and which rule makes them wider than a table can be."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass

from segwh import ir
from segwh.plan import reads
from segwh.plan.build import build
from segwh.plan.nodes import EntityPlan, LookupKey, SegmentPlan
from segwh.text.source import Span

OWN = 3
"""Columns of the table beside the facts: when they were worked out, since when they hold, by what plan."""
OF_A_READ, OF_A_SEGMENT, OF_A_TRAIT = 3, 9, len(ir.RFM_PART_TYPES)
"""At most so many columns come of one value that is read (an average has its sum and number), of a segment, of a trait."""


@dataclass(frozen=True, slots=True)
class Crossing:
    """`asker` ("the segment `vip`") needs a column too many of an entity's facts; `span` is where its rule stands."""

    asker: str
    entity: str
    span: Span


@dataclass(frozen=True, slots=True)
class _Wish:
    """What one rule reads, and columns of its segment's or trait's own."""

    asker: str
    span: Span | None
    reads: tuple[reads.Read, ...] = ()
    own: tuple[str | None, ...] = ()


def may_cross(project: ir.Project, most: int) -> bool:
    """Whether the facts of some entity can have more columns than `most`, at a glance."""
    columns = OWN + OF_A_TRAIT * len(project.traits) + OF_A_SEGMENT * len(project.segments)
    columns += max((len(entity.attributes) + 2 for entity in project.catalog.entities), default=0)
    asked = sum(1 for trait in project.traits for _ in reads.of_trait(trait))
    asked += sum(1 for segment in project.segments for _ in reads.of_segment(segment))
    return columns + OF_A_READ * asked > most


def crossings(project: ir.Project, most: int) -> Iterator[Crossing]:
    """For each entity whose facts have more columns than `most`: the first rule that asks for one more."""
    for plan in build(project, {}).entities:
        if len(plan.fact_columns) + OWN > most:
            yield _crossing(plan, project, most)


def _crossing(plan: EntityPlan, project: ir.Project, most: int) -> Crossing:
    wishes = list(_wishes(plan, project))
    columns = [_columns(wish, plan) for wish in wishes]
    there = set(plan.fact_columns).difference(*columns)
    last = wishes[-1]
    for wish, more in zip(wishes, columns, strict=True):
        there |= more
        if wish.span is not None:
            last = wish
        if len(there) + OWN > most:
            break
    assert last.span is not None
    return Crossing(last.asker, plan.entity.name, last.span)


def _wishes(plan: EntityPlan, project: ir.Project) -> Iterator[_Wish]:
    """Who asks for columns of an entity, in order: its traits, then each segment with its rules one by one."""
    for trait in project.traits:
        if trait.entity == plan.entity.name:
            own = tuple(column for (name, _), column in plan.traits.items() if name == trait.name)
            yield _Wish(f"the trait `{trait.name}`", trait.span, tuple(reads.of_trait(trait)), own)
    for one in plan.segments:
        segment, asker = one.segment, f"the segment `{one.name}`"
        yield _Wish(asker, segment.span, own=_own(one))
        for rule in (*segment.include, *segment.exclude):
            yield _Wish(asker, rule.span or segment.span, tuple(reads.of_predicate(rule.predicate)))
        yield _Wish(asker, segment.span, tuple(reads.of_segment(segment)))


def _own(plan: SegmentPlan) -> tuple[str | None, ...]:
    helpers = (plan.eligible, plan.within_limit, plan.representative, plan.stored, plan.left, plan.frozen)
    return (plan.flag, plan.bucket, *helpers)


def _columns(wish: _Wish, plan: EntityPlan) -> set[str]:
    """The columns of the facts that a wish stands for."""
    return {column for column in (*wish.own, *_read(wish.reads, plan)) if column is not None}


def _read(found: Iterable[reads.Read], plan: EntityPlan) -> Iterator[str | None]:
    for read in found:
        if isinstance(read, ir.MemberOf):
            if read.through is not None:
                yield plan.columns.get(LookupKey(read.through))
                yield plan.behind.get(read)
        elif not isinstance(read, ir.TraitValue):
            yield plan.columns.get(read)
            if isinstance(read, ir.Measured):
                yield from plan.means.get(read, ())
