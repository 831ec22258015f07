"""Typed values out of the cells of rows, and the one total order of them (law 15: nulls first, text by code point)."""

from __future__ import annotations

from datetime import UTC, date, datetime
from decimal import Decimal
from fractions import Fraction
from typing import assert_never
from uuid import UUID

from segwh.reference.windows import utc_instant
from segwh.types import DataType

Number = int | float | Decimal | Fraction
"""An average of exact numbers is a Fraction: compared with a literal it is not rounded, elsewhere it is a double."""
Value = str | Number | bool | date | datetime | tuple[str | None, ...] | None
Key = str | int


class BadCellError(Exception):
    """A cell holds something else than its column's type."""


def typed(cell: object, data_type: DataType, zone: str | None) -> Value:
    """A cell as a value of a type; a timestamp without zone was written in `zone` (None: UTC). Raises BadCellError."""
    if cell is None:
        return None
    match data_type:
        case DataType.STRING:
            if isinstance(cell, str):
                return cell
            if isinstance(cell, UUID):
                return str(cell)
        case DataType.INTEGER:
            if isinstance(cell, int) and not isinstance(cell, bool):
                return cell
        case DataType.NUMBER:
            if isinstance(cell, int | float | Decimal) and not isinstance(cell, bool):
                # NaN is no number
                return None if cell != cell else float(cell)
        case DataType.DECIMAL:
            if isinstance(cell, int | Decimal) and not isinstance(cell, bool):
                return None if cell != cell else Decimal(cell)
        case DataType.BOOLEAN:
            if isinstance(cell, bool):
                return cell
        case DataType.DATE:
            if isinstance(cell, date) and not isinstance(cell, datetime):
                return cell
        case DataType.TIMESTAMP:
            if isinstance(cell, datetime):
                return cell.astimezone(UTC) if cell.tzinfo else utc_instant(cell, zone or "UTC")
        case DataType.STRING_LIST:
            if isinstance(cell, list | tuple):
                return tuple(cell)
        case _:
            assert_never(data_type)
    raise BadCellError(f"{cell!r} is not a {data_type.value}")


def order(value: object) -> tuple[object, ...]:
    """A sort key: nulls first, then the value's own order; lists element by element."""
    if value is None:
        return (0,)
    if isinstance(value, list | tuple):
        return (1, tuple(order(element) for element in value))
    return (1, value)


def shown(value: Value) -> Value:
    """A value as its column holds it: an average of exact numbers as a double."""
    return float(value) if isinstance(value, Fraction) else value


def key_text(key: Key) -> str:
    """The text form of a key: an integer without sign or point, strings as they are (ruling B20)."""
    return str(key)
