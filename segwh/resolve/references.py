"""The names of segments in rules: of the entity itself, or behind a lookup that leads to another one."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from typing import NoReturn

from segwh.catalog.load import LoadedCatalog
from segwh.catalog.model import Entity, Lookup
from segwh.resolve.scope import EntityScope, prefixes
from segwh.text.diagnostics import Code, Complaints, RejectedError
from segwh.text.source import Scalar, Span


@dataclass(frozen=True, slots=True)
class SegmentSignature:
    """What is known of a segment before it is bound. `entity` None stands for one whose entity is wrong."""

    name: str
    entity: str | None
    span: Span
    generated: bool = False


@dataclass(frozen=True, slots=True)
class References:
    """Finds the segments that rules name. Methods raise RejectedError after complaining."""

    catalog: LoadedCatalog
    segments: Mapping[str, SegmentSignature]
    complaints: Complaints

    def of_entity(self, name: Scalar, entity: str, reached: Iterable[str] = ()) -> SegmentSignature:
        """The segment of a name and an entity. `reached` are those that a rule may name through lookups instead."""
        signature = self.segments.get(name.text)
        if signature is None:
            names = [other.name for other in self.segments.values() if other.entity == entity]
            self.complaints.reject_unknown(name.text, name.span, f"a segment of {entity}", names)
        if signature.entity is not None and signature.entity != entity:
            message = f"`{name.text}` is a segment of {signature.entity}, not of {entity}"
            ways = [way for way in reached if way.rpartition(".")[2] == name.text]
            hint = f"`{ways[0]}` asks it of what the lookup finds" if ways else ""
            self.complaints.reject(Code.OTHER_ENTITY, name.span, message, f"a segment of {entity}", hint)
        return signature

    def behind(self, written: Scalar, through: str, name: str, scope: EntityScope) -> SegmentSignature:
        """The segment of a name and the entity to which a lookup leads."""
        lookup = scope.entity.lookup(through)
        if lookup is None:
            scope.not_broken(*prefixes((scope.entity.name,), through))
            names = [one.name for one in scope.entity.lookups]
            self.complaints.reject_unknown(through, written.span, f"a lookup of {scope.entity.name}", names)
        led_to = self.entities_behind(lookup)
        if not led_to:
            self.reject_keyless(written, lookup)
        entities = " or ".join(one.name for one in led_to)
        signature = self.segments.get(name)
        if signature is None:
            ways = [way for way in self.reached(scope.entity) if way.rpartition(".")[0] == through]
            self.complaints.reject_unknown(written.text, written.span, f"a segment of {entities}", ways)
        if signature.entity is not None and signature.entity not in {one.name for one in led_to}:
            message = f"`{name}` is a segment of {signature.entity}, and `{through}` leads to {entities}"
            self.complaints.reject(Code.OTHER_ENTITY, written.span, message, f"a segment of {entities}")
        return signature

    def reject_keyless(self, written: Scalar, lookup: Lookup) -> NoReturn:
        """Complain about a lookup that leads to no entity, or not to its key. Raises RejectedError."""
        if any(len(path) == 1 for path in self.catalog.broken):
            raise RejectedError
        there = [one for one in self.catalog.entities.values() if one.relation == lookup.relation]
        hint = f"the key of {there[0].name} is `{there[0].key.column}`" if there else ""
        message = f"`{lookup.name}` leads to `{lookup.key}` of {lookup.relation}, which is the key of no entity"
        self.complaints.reject(Code.OTHER_ENTITY, written.span, message, "a lookup by the key of an entity", hint)

    def entities_behind(self, lookup: Lookup) -> tuple[Entity, ...]:
        """The entities whose rows a lookup finds by their key."""
        entities = self.catalog.entities.values()
        return tuple(one for one in entities if (one.relation, one.key.column) == (lookup.relation, lookup.key))

    def reached(self, entity: Entity) -> Iterator[str]:
        """How the segments are called that the lookups of an entity lead to."""
        for lookup in entity.lookups:
            names = {one.name for one in self.entities_behind(lookup)}
            yield from (f"{lookup.name}.{segment.name}" for segment in self.segments.values() if segment.entity in names)
