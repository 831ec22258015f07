"""Names in their scope: attributes and traits of an entity, or inside `where` properties of rows; each becomes an operand."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from typing import assert_never

from segwh.catalog.load import LoadedCatalog
from segwh.catalog.model import Column, Entity, Event, Lookup, Related
from segwh.ir import Field, Operand, TraitValue
from segwh.resolve.possible import Range
from segwh.text.diagnostics import Code, Complaints, RejectedError
from segwh.text.source import Scalar, Span
from segwh.types import DataType


@dataclass(frozen=True, slots=True)
class TraitSignature:
    """What is known of a trait before it is bound: its type, its parts if it is rfm, its values if they are few.

    `type` None stands for a trait whose definition is wrong.
    """

    name: str
    type: DataType | None
    parts: Mapping[str, DataType] = field(default_factory=dict)
    values: tuple[str, ...] = ()
    part_values: Mapping[str, tuple[str, ...]] = field(default_factory=dict)
    is_computed_double: bool = False
    """Whether the value is a sum, an average or a formula of doubles."""
    ranges: Mapping[str | None, Range] = field(default_factory=dict)
    """The numbers that a part, or (None) the trait itself can be, where that is known."""


@dataclass(slots=True)
class Uses:
    """The traits and segments that something refers to, each with the place of its first use."""

    traits: dict[tuple[str, str], Span] = field(default_factory=dict)
    segments: dict[str, Span] = field(default_factory=dict)

    def add(self, other: Uses) -> None:
        """Take over what another thing uses."""
        for trait, span in other.traits.items():
            self.traits.setdefault(trait, span)
        for segment, span in other.segments.items():
            self.segments.setdefault(segment, span)


class EntityScope:
    """The names of an entity."""

    def __init__(
        self, entity: Entity, catalog: LoadedCatalog, traits: Mapping[str, TraitSignature], complaints: Complaints
    ) -> None:
        self.entity = entity
        self.broken = catalog.broken
        self.traits = traits
        self.complaints = complaints

    @property
    def title(self) -> str:
        """What the scope is in messages."""
        return self.entity.name

    def operand(self, name: Scalar, uses: Uses) -> Operand:
        """The attribute or trait of a name. Raises RejectedError for an unknown one."""
        first, _, rest = name.text.partition(".")
        trait = self.traits.get(first)
        if trait is not None:
            return self.trait(trait, rest, name, uses)
        found = field_of(name.text, (*columns_of(self.entity),), self.entity.lookups)
        if found is None:
            self.not_broken(*prefixes((self.entity.name,), name.text))
            what = f"an attribute or trait of {self.title}"
            self.complaints.reject_unknown(name.text, name.span, what, self.names(), self._elsewhere(name.text))
        return found

    def _elsewhere(self, name: str) -> str:
        """A hint for a name that says in front whose it is: the entity's own names stand alone, and rows are asked as rows."""
        owner, _, rest = name.partition(".")
        if owner == self.entity.name and rest in self.names():
            return f"`{rest}`, without the entity"
        for kind, rows in (("event", self.entity.event(owner)), ("related", self.entity.related_rows(owner))):
            if rows is not None and rest:
                return f"rows are asked by `{kind}: {owner}`, with `{rest}` in its `where` or its measure"
        return ""

    def trait(self, trait: TraitSignature, part: str, name: Scalar, uses: Uses) -> Operand:
        """A trait, or a part of an rfm trait."""
        uses.traits.setdefault((self.entity.name, trait.name), name.span)
        if trait.type is None:
            raise RejectedError
        if not trait.parts:
            if part:
                message = f"`{trait.name}` has no parts"
                self.complaints.reject(Code.UNKNOWN_NAME, name.span, message, f"`{trait.name}`")
            return TraitValue(trait.name, trait.type)
        parts = [f"{trait.name}.{word}" for word in trait.parts]
        if not part:
            message = f"`{trait.name}` has parts, and no value of its own"
            self.complaints.reject(Code.UNKNOWN_NAME, name.span, message, "one of " + ", ".join(f"`{p}`" for p in parts))
        if part not in trait.parts:
            self.complaints.reject_unknown(name.text, name.span, f"a part of `{trait.name}`", parts)
        return TraitValue(trait.name, trait.parts[part], part)

    def own_attribute(self, name: Scalar, what: str) -> Field:
        """An attribute of the entity's own relation. Raises RejectedError for anything else."""
        column = self.entity.attribute(name.text)
        if column is None:
            self.not_broken((self.entity.name, name.text))
            if name.text.partition(".")[0] in self.traits or self.entity.lookup(name.text.partition(".")[0]):
                message = f"`{name.text}` is not an attribute of the entity itself, and cannot be {what}"
                self.complaints.reject(Code.BAD_TYPE, name.span, message, f"an attribute of {self.entity.name}")
            names = [attribute.name for attribute in columns_of(self.entity)]
            self.complaints.reject_unknown(name.text, name.span, f"an attribute of {self.entity.name}", names)
        return Field(column.name, column.type)

    def not_broken(self, *paths: tuple[str, ...]) -> None:
        """Raise RejectedError silently when a name was declared, in a wrong way."""
        if any(path in self.broken for path in paths):
            raise RejectedError

    def names(self) -> list[str]:
        """All names that can be used."""
        names = [column.name for column in columns_of(self.entity)]
        for trait in self.traits.values():
            names += [f"{trait.name}.{part}" for part in trait.parts] or [trait.name]
        return names + lookup_names(self.entity.lookups)


class RowScope:
    """The names inside `where`: properties of an event or a related relation, and of its lookups."""

    def __init__(self, entity: Entity, rows: Event | Related, catalog: LoadedCatalog, complaints: Complaints) -> None:
        self.entity = entity
        self.rows = rows
        self.broken = catalog.broken
        self.complaints = complaints

    @property
    def title(self) -> str:
        """What the scope is in messages."""
        return self.rows.name

    def operand(self, name: Scalar, uses: Uses) -> Operand:
        """The property of a name."""
        return self.property(name)

    def property(self, name: Scalar) -> Field:
        """The property of a name. Raises RejectedError for an unknown one."""
        found = field_of(name.text, self.rows.properties, self.rows.lookups)
        if found is None:
            kind = "event" if isinstance(self.rows, Event) else "related"
            if any(path in self.broken for path in prefixes((self.entity.name, f"{kind} {self.rows.name}"), name.text)):
                raise RejectedError
            names = [column.name for column in self.rows.properties] + lookup_names(self.rows.lookups)
            self.complaints.reject_unknown(name.text, name.span, f"a property of {self.rows.name}", names)
        return found


Scope = EntityScope | RowScope


def columns_of(entity: Entity) -> tuple[Column, ...]:
    """The key and the attributes."""
    return (entity.key, *entity.attributes)


def field_of(name: str, columns: tuple[Column, ...], lookups: tuple[Lookup, ...]) -> Field | None:
    """The column of a name, its own or `lookup.property`, or None."""
    through, dot, last = name.rpartition(".")
    if not dot:
        return next((Field(column.name, column.type) for column in columns if column.name == name), None)
    for lookup in lookups:
        if lookup.name == through:
            column = lookup.property(last)
            return Field(column.name, column.type, lookup.name) if column is not None else None
    return None


def prefixes(place: tuple[str, ...], name: str) -> Iterator[tuple[str, ...]]:
    """The declarations that a dotted name goes through, from the first on."""
    words = tuple(name.split("."))
    return ((*place, *words[: number + 1]) for number in range(len(words)))


def lookup_names(lookups: tuple[Lookup, ...]) -> list[str]:
    """All names that can be used through lookups."""
    return [f"{lookup.name}.{column.name}" for lookup in lookups for column in lookup.properties]


def type_name(operand: Operand) -> str:
    """A type with its article, for messages."""
    match operand.type:
        case DataType.INTEGER:
            return "an integer"
        case DataType.STRING_LIST:
            return "a list of strings"
        case (
            DataType.STRING
            | DataType.NUMBER
            | DataType.DECIMAL
            | DataType.BOOLEAN
            | DataType.DATE
            | DataType.TIMESTAMP
        ):
            return f"a {operand.type.value}"
        case _:
            assert_never(operand.type)
