"""How wide the facts of an entity become, and which rule makes them wider than a table can be."""

from __future__ import annotations

from bisect import bisect_left
from collections.abc import Iterator
from dataclasses import dataclass, replace

from segwh import ir
from segwh.plan.build import build
from segwh.plan.prune import pruned
from segwh.text.source import Span

OWN = 3
"""Columns of the table beside the facts: when they were worked out, since when they hold, by what plan."""
NARROWEST = 1_024
"""Columns of a table on the engine that takes the fewest."""


@dataclass(frozen=True, slots=True)
class Crossing:
    """`asker` ("the segment `vip`") needs a column too many of an entity's facts; `span` is where its rule stands."""

    asker: str
    entity: str
    span: Span


def is_narrow(project: ir.Project) -> bool:
    """Whether the facts of each entity fit into a table of any engine."""
    return all(len(plan.fact_columns) + OWN <= NARROWEST for plan in build(project, {}, with_scans=False).entities)


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
