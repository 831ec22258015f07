"""What is told of data everywhere: the types a column of the catalog may hold, and the names of relations."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum
from typing import Literal


class DataType(StrEnum):
    """A type that an attribute, a property, a trait or a key can have."""

    STRING = "string"
    INTEGER = "integer"
    NUMBER = "number"
    """A double. Sums and averages of it are equal only up to rounding."""
    DECIMAL = "decimal"
    """Exact; the scale is the column's own."""
    BOOLEAN = "boolean"
    DATE = "date"
    """A local calendar day. Used as an instant it is its local midnight."""
    TIMESTAMP = "timestamp"
    """An instant. A column without zone is read as UTC unless the catalog names a zone."""
    STRING_LIST = "list<string>"

    @property
    def is_numeric(self) -> bool:
        """Whether values add up and compare as numbers."""
        return self in NUMERIC_TYPES

    @property
    def is_temporal(self) -> bool:
        """Whether values lie on the time line."""
        return self in TEMPORAL_TYPES


NUMERIC_TYPES = frozenset({DataType.INTEGER, DataType.NUMBER, DataType.DECIMAL})
TEMPORAL_TYPES = frozenset({DataType.DATE, DataType.TIMESTAMP})
KEY_TYPES = frozenset({DataType.STRING, DataType.INTEGER})
"""Types a key may have: their text form is the same on every engine (splits and membership ids need it)."""


@dataclass(frozen=True, slots=True)
class Relation:
    """A table or view of the customer's dbt project.

    `kind` "ref" has the parts (model,) or (package, model); "source" has (source, table).
    """

    kind: Literal["ref", "source"]
    parts: tuple[str, ...]

    def __str__(self) -> str:
        return f"{self.kind}({', '.join(repr(part) for part in self.parts)})"
