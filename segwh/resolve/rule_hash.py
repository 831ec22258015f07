"""The hash of what a segment means: equal for equal meaning, whatever the order of keys or the words for people.

It covers rules, limit, split, stay, time to live, type, grain, and transitively the traits, segments and pieces of the catalog
that these use, with the time zone and the first day of the week where they count. It does not cover label, description, owner,
tags, activation, status, expiry, nor groups and project-wide exclusions, which have reasons of their own in the log.
"""

from __future__ import annotations

import hashlib

from segwh import ir
from segwh.resolve.forms import EntityForms, Form, text_of

VERSION = 1
"""Raised when the form changes, so that old hashes are not compared with new ones by accident."""
LENGTH = 32
"""Hexadecimal digits of a hash."""

def rule_hash(project: ir.Project, segment: ir.Segment) -> str:
    """The hash of one segment's meaning. For many segments of one project, RuleHashes does less work."""
    return RuleHashes(project).of(segment)


class RuleHashes:
    """Hashes of a project's segments, each computed once."""

    def __init__(self, project: ir.Project) -> None:
        self.project = project
        self.segments = {segment.name: segment for segment in project.segments}
        self.traits = {(trait.entity, trait.name): trait for trait in project.traits}
        self.forms = {
            entity.name: EntityForms(self, entity, project.settings.calendar) for entity in project.catalog.entities
        }
        self.hashes: dict[str, str] = {}
        self.trait_hashes: dict[tuple[str, str], str] = {}

    def of(self, segment: ir.Segment) -> str:
        """The hash of a segment. What it refers to is hashed first, so that a chain needs no recursion."""
        if segment.name not in self.hashes:
            for earlier in self.project.segments:
                self.of_name(earlier.name)
        return self.hashes[segment.name]

    def of_name(self, name: str) -> str:
        """The hash of the segment of a name."""
        if name not in self.hashes:
            self.hashes[name] = digest(self.segment(self.segments[name]))
        return self.hashes[name]

    def segment(self, segment: ir.Segment) -> Form:
        """The meaning of a segment in canonical form."""
        entity = self.project.entity(segment.entity)
        forms = self.forms[segment.entity]
        if segment.variant_of is not None:
            return self.variant(segment, *segment.variant_of)
        limit = segment.limit
        stay = segment.stay
        return [
            "segment",
            VERSION,
            forms.whole_entity(),
            segment.type,
            forms.all_of((rule.predicate for rule in segment.include), entity),
            forms.any_of((rule.predicate for rule in segment.exclude), entity),
            forms.operand(segment.aggregate_on, entity) if segment.aggregate_on else None,
            forms.duration(segment.time_to_live),
            [
                forms.operand(limit.by, entity),
                limit.order,
                limit.top,
                str(limit.percent.normalize()) if limit.percent is not None else None,
                forms.operand(limit.per, entity) if limit.per else None,
            ]
            if limit
            else None,
            [forms.duration(stay.at_most), forms.duration(stay.again_after)] if stay else None,
            str(segment.always) if segment.always else None,
        ]

    def variant(self, segment: ir.Segment, whole: str, variant: str) -> Form:
        """The meaning of a variant: the whole, and its buckets under the seed."""
        split = self.segments[whole].split
        first = 0
        share = 0
        for name, points in split.variants if split else ():
            if name == variant:
                share = points
                break
            first += points
        return ["variant", VERSION, self.member_of(ir.MemberOf(whole)), split.seed if split else "", first, share]

    def member_of(self, node: ir.MemberOf) -> Form:
        """Membership of another segment: by its meaning, and by its name where its past counts."""
        segment = self.segments[node.segment]
        forms = self.forms[segment.entity]
        remembers = segment.type == "static" or segment.status == "inactive" or segment.stay is not None
        name = None
        if remembers or segment.expires_at or node.entered_within or node.held_for:
            name = segment.was or segment.name
        past = [forms.duration(node.entered_within), forms.duration(node.held_for)]
        return ["member_of", self.of_name(segment.name), name, *past]

    def trait(self, entity: str, name: str) -> str:
        """The hash of a trait's definition."""
        if (entity, name) not in self.trait_hashes:
            self.trait_hashes[entity, name] = digest(self.forms[entity].definition(self.traits[entity, name]))
        return self.trait_hashes[entity, name]


def digest(form: Form) -> str:
    """The hash of a canonical form."""
    return hashlib.sha256(text_of(form).encode()).hexdigest()[:LENGTH]
