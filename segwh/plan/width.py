"""How wide the facts of an entity become, and which rule makes them wider than a table can be."""

from __future__ import annotations

from bisect import bisect_left
from collections.abc import Iterator
from dataclasses import dataclass, replace

from segwh import ir
from segwh.plan import reads
from segwh.plan.build import build
from segwh.plan.prune import pruned
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


def may_cross(project: ir.Project, most: int) -> bool:
    """Whether the facts of some entity can have more columns than `most`, at a glance."""
    columns = OWN + OF_A_TRAIT * len(project.traits) + OF_A_SEGMENT * len(project.segments)
    columns += max((len(entity.attributes) + 2 for entity in project.catalog.entities), default=0)
    asked = sum(1 for trait in project.traits for _ in reads.of_trait(trait))
    asked += sum(1 for segment in project.segments for _ in reads.of_segment(segment))
    return columns + OF_A_READ * asked > most


def crossings(project: ir.Project, most: int) -> Iterator[Crossing]:
    """For each entity whose facts have more columns than `most`: the first rule that asks for one more."""
    for plan in build(project, {}, with_scans=False).entities:
        if len(plan.fact_columns) + OWN > most:
            yield _crossing(plan.entity.name, project, most)


def _crossing(entity: str, project: ir.Project, most: int) -> Crossing:
    """Traits come before segments; what either needs counts with the first that needs it."""
    askers: list[str | tuple[str, str]] = [(trait.entity, trait.name) for trait in project.traits]
    askers += [segment.name for segment in project.segments]

    def is_too_wide(count: int) -> bool:
        return width(entity, pruned(project, askers[:count])) > most

    last = bisect_left(range(len(askers)), True, lo=1, key=is_too_wide)
    if last <= len(project.traits):
        trait = project.traits[last - 1]
        assert trait.span is not None
        return Crossing(f"the trait `{trait.name}`", entity, trait.span)
    segment = project.segment(str(askers[last - 1]))
    span = _rule(entity, pruned(project, askers[:last]), segment, most) or segment.span
    assert span is not None
    return Crossing(f"the segment `{segment.name}`", entity, span)


def _rule(entity: str, project: ir.Project, segment: ir.Segment, most: int) -> Span | None:
    """The first rule of the segment with which the facts are too wide; None where they are without any."""
    rules = (*segment.include, *segment.exclude)

    def is_too_wide(count: int) -> bool:
        short = replace(segment, include=rules[:count], exclude=())
        segments = tuple(short if one.name == segment.name else one for one in project.segments)
        return width(entity, replace(project, segments=segments)) > most

    count = bisect_left(range(len(rules)), True, key=is_too_wide)
    return rules[count - 1].span if count else None


def width(entity: str, project: ir.Project) -> int:
    """The columns of the table of an entity's facts."""
    return len(build(project, {}, with_scans=False).entity(entity).fact_columns) + OWN
