"""What imported conditions may look at: attributes, lookups and traits of one entity, with types, and values in those types."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, datetime
from decimal import Decimal, InvalidOperation
from typing import NoReturn

from segwh import ir
from segwh.importing.found import Json, NotCarriedError, described
from segwh.text.diagnostics import meant
from segwh.text.reading import DATE
from segwh.text.source import MAX_DIGITS
from segwh.types import DataType

CLOCK = re.compile(DATE.pattern + r"[T ][0-9]{2}:[0-9]{2}(:[0-9]{2}(\.[0-9]{1,6})?)?(Z|[+-][0-9]{2}:?[0-9]{2})?")
TRUE_WORDS = frozenset({"true", "1", "yes"})
FALSE_WORDS = frozenset({"false", "0", "no"})
Value = str | int | Decimal | bool


@dataclass(frozen=True, slots=True)
class Subject:
    """An attribute as conditions name it, with its type."""

    name: str
    type: DataType


@dataclass(frozen=True, slots=True)
class Subjects:
    """The attributes of an entity by name; `renamed` says under which name a field of the other tool is known here."""

    entity: str
    types: Mapping[str, DataType]
    renamed: Mapping[str, str]

    def find(self, field: Json) -> Subject:
        """The attribute for a field of the other tool. Raises NotCarriedError."""
        if not isinstance(field, str) or not field:
            raise NotCarriedError(f"{described(field)} is no field")
        name = self.renamed.get(field, field)
        if name not in self.types:
            near = meant(name, self.types)
            hint = f"; {near}: --map {field}={near.split('`')[1]}" if near else "; --map says which attribute it is"
            raise NotCarriedError(f"`{name}` is not an attribute or trait of {self.entity}{hint}")
        return Subject(name, self.types[name])


def subjects_of(project: ir.Project, entity: str, renamed: Mapping[str, str]) -> Subjects:
    """Everything that a condition may name. Raises KeyError for an unknown entity."""
    described_entity = project.entity(entity)
    types = {column.name: column.type for column in (described_entity.key, *described_entity.attributes)}
    for lookup in described_entity.lookups:
        types |= {f"{lookup.name}.{column.name}": column.type for column in lookup.properties}
    for trait in project.traits:
        if trait.entity == entity and isinstance(trait.definition, ir.Rfm):
            types |= {f"{trait.name}.{part}": kind for part, kind in ir.RFM_PART_TYPES.items()}
            types[f"{trait.name}.monetary"] = trait.definition.value.type
        elif trait.entity == entity:
            types[trait.name] = trait.type
    return Subjects(entity, types, renamed)


def typed(raw: Json, data_type: DataType) -> Value:
    """A value of another tool as a literal of a type. Tools keep most values as text: the column's type decides what it is.

    On a timestamp a date is its midnight, as SQL has it. Raises NotCarriedError for what is no value of the type.
    """
    if raw is None or isinstance(raw, dict | list):
        raise NotCarriedError(f"{described(raw)} stands where a value is expected")
    match data_type:
        case DataType.STRING | DataType.STRING_LIST:
            if isinstance(raw, bool):
                refuse(raw, "a text")
            return str(raw)
        case DataType.INTEGER | DataType.NUMBER | DataType.DECIMAL:
            return number(raw)
        case DataType.BOOLEAN:
            word = str(raw).strip().lower()
            if word not in TRUE_WORDS | FALSE_WORDS:
                refuse(raw, "true or false")
            return word in TRUE_WORDS
        case DataType.DATE:
            return day(str(raw))
        case DataType.TIMESTAMP:
            return instant(str(raw))


def number(raw: Json) -> int | Decimal:
    """A number, or the text of one."""
    if isinstance(raw, bool):
        refuse(raw, "a number")
    try:
        value = Decimal(str(raw).strip())
    except InvalidOperation:
        refuse(raw, "a number")
    if not value.is_finite() or len(value.as_tuple().digits) > MAX_DIGITS or abs(value.adjusted()) >= MAX_DIGITS:
        refuse(raw, "a number of up to 38 digits")
    return int(value) if value == value.to_integral_value() else value


def day(text: str) -> str:
    """An ISO 8601 date."""
    try:
        return date.fromisoformat(text.strip()).isoformat()
    except ValueError:
        refuse(text, "a date such as 2026-11-01")


def instant(text: str) -> str:
    """An ISO 8601 time; a date is its midnight."""
    written = text.strip()
    try:
        if DATE.fullmatch(written):
            return f"{date.fromisoformat(written).isoformat()}T00:00:00"
        if CLOCK.fullmatch(written):
            return datetime.fromisoformat(written).isoformat()
    except ValueError:
        refuse(text, "a time in the calendar")
    return refuse(text, "a time such as 2026-11-01T06:30:00")


def refuse(raw: Json, what: str) -> NoReturn:
    """Raise NotCarriedError for a value that is something else."""
    raise NotCarriedError(f"{described(raw)} is not {what}")
