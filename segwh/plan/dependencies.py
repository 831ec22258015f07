"""Which segments decide about which: whose members a segment's own follow from."""

from __future__ import annotations

from collections.abc import Iterator, Mapping

from segwh import ir
from segwh.plan import reads


def dependencies(project: ir.Project) -> Mapping[str, frozenset[str]]:
    """Segment name -> the segments that its members follow from: named in its rules or in traits that these read, earlier in
    its groups, split into it; and those that these follow from, of other entities too.

    Suppression segments are left out: who is suppressed is decided apart from the rules.
    """
    known = {segment.name: segment for segment in project.segments}
    segments: dict[str, frozenset[str]] = {}
    traits: dict[tuple[str, str], frozenset[str]] = {}

    def of_read(entity: str, read: reads.Read) -> Iterator[str]:
        if isinstance(read, ir.MemberOf):
            yield read.segment
            yield from of_segment(read.segment)
        elif isinstance(read, ir.TraitValue):
            yield from of_trait(entity, read.trait)

    def of_trait(entity: str, name: str) -> frozenset[str]:
        if (entity, name) not in traits:
            found = reads.of_trait(project.trait(entity, name))
            traits[(entity, name)] = frozenset(one for read in found for one in of_read(entity, read))
        return traits[(entity, name)]

    def of_segment(name: str) -> frozenset[str]:
        if name not in segments:
            segment = known[name]
            found = {one for read in reads.of_segment(segment) for one in of_read(segment.entity, read)}
            for other in (*([segment.variant_of[0]] if segment.variant_of else []), *project.earlier_in_group(name)):
                found |= {other, *of_segment(other)}
            segments[name] = frozenset(found)
        return segments[name]

    return {name: of_segment(name) for name in known}
