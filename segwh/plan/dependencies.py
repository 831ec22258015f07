"""Which segments decide about which: whose members a segment's own follow from."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from graphlib import TopologicalSorter

from segwh import ir
from segwh.plan import reads

Node = str | tuple[str, str]
"""A segment by name, or a trait as (entity, name)."""


def dependencies(project: ir.Project) -> Mapping[str, frozenset[str]]:
    """Segment name -> the segments that its members follow from: named in its rules or in traits that these read, earlier in
    its groups, split into it; and those that these follow from, of other entities too.

    Suppression segments are left out: who is suppressed is decided apart from the rules.
    """
    direct: dict[Node, tuple[Node, ...]] = {
        (trait.entity, trait.name): tuple(_read(trait.entity, reads.of_trait(trait))) for trait in project.traits
    }
    for segment in project.segments:
        whole = (segment.variant_of[0],) if segment.variant_of is not None else ()
        read = _read(segment.entity, reads.of_segment(segment))
        direct[segment.name] = (*read, *whole, *project.earlier_in_group(segment.name))
    found: dict[Node, set[str]] = {}
    # one after the other and not by recursion: chains may be as long as people like
    for node in TopologicalSorter(direct).static_order():
        found[node] = set()
        # the last one of a group before this one follows from all those before it, so they need not be gone through
        for other in reversed(direct[node]):
            if other not in found[node]:
                found[node] |= found[other]
                found[node] |= {other} if isinstance(other, str) else set()
    return {segment.name: frozenset(found[segment.name]) for segment in project.segments}


def watched(project: ir.Project, depends_on: Mapping[str, frozenset[str]]) -> Mapping[str, frozenset[str]]:
    """Segment name -> what has to be in order before anything is concluded about it, in a run about a few segments too: those
    that its members follow from (dependencies), the suppression segments that guard it or one of these, and what these follow
    from in their turn.
    """
    direct = {
        segment.name: {*depends_on[segment.name], *project.suppressions(segment)} for segment in project.segments
    }
    found: dict[str, frozenset[str]] = {}
    for name in TopologicalSorter(direct).static_order():
        found[name] = frozenset(direct[name]).union(*(found[other] for other in direct[name]))
    return found


def _read(entity: str, found: Iterable[reads.Read]) -> Iterator[Node]:
    for read in found:
        if isinstance(read, ir.MemberOf):
            yield read.segment
        elif isinstance(read, ir.TraitValue):
            yield (entity, read.trait)
