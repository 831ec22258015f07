"""A project cut down to some of its segments: with them stays everything their membership depends on."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import replace

from segwh import ir
from segwh.plan import reads


def pruned(project: ir.Project, names: Iterable[str | tuple[str, str]]) -> ir.Project:
    """The project with only the named segments, and traits as (entity, name), and what they need, transitively.

    Raises KeyError for an unknown name.
    """
    segments: set[str] = set()
    traits: set[tuple[str, str]] = set()
    waiting: list[str | tuple[str, str]] = list(names)
    while waiting:
        wanted = waiting.pop()
        if isinstance(wanted, tuple):
            if wanted not in traits:
                traits.add(wanted)
                trait = project.trait(*wanted)
                waiting.extend(_followed(trait.entity, reads.of_trait(trait)))
        elif wanted not in segments:
            segments.add(wanted)
            segment = project.segment(wanted)
            waiting.extend(_followed(segment.entity, reads.of_segment(segment)))
            waiting.extend(_neighbours(project, segment))
    groups = (replace(group, segments=tuple(name for name in group.segments if name in segments)) for group in project.groups)
    return replace(
        project,
        traits=tuple(trait for trait in project.traits if (trait.entity, trait.name) in traits),
        segments=tuple(segment for segment in project.segments if segment.name in segments),
        groups=tuple(groups),
        exclusions=tuple(exclusion for exclusion in project.exclusions if exclusion.segment in segments),
    )


def _followed(entity: str, found: Iterator[reads.Read]) -> Iterator[str | tuple[str, str]]:
    for read in found:
        if isinstance(read, ir.TraitValue):
            yield (entity, read.trait)
        elif isinstance(read, ir.MemberOf):
            yield read.segment


def _neighbours(project: ir.Project, segment: ir.Segment) -> Iterator[str]:
    """Segments that decide about this one without being named in its rules."""
    yield from project.suppressions(segment)
    yield from project.earlier_in_group(segment.name)
    if segment.variant_of is not None:
        yield segment.variant_of[0]
