"""Measures over an entity's rows: a list of records in, a value out (law 7: a count or sum of nothing is 0)."""

from __future__ import annotations

import math
from collections import Counter
from collections.abc import Callable, Sequence
from datetime import datetime
from decimal import Decimal, localcontext
from fractions import Fraction
from typing import assert_never

from segwh import ir
from segwh.reference.records import Record
from segwh.reference.values import Value, order
from segwh.reference.windows import Moment

Read = Callable[[ir.Operand, Record], Value]


def measured(measure: ir.Measure, rows: Sequence[Record], read: Read, moment: Moment) -> Value:
    """The measure of rows, which come in the order of law 15. `read` gives a field of a row."""
    match measure:
        case ir.Count(None):
            return len(rows)
        case ir.Count(by):
            assert by is not None
            return max(Counter(_present(by, rows, read)).values(), default=0)
        case ir.Days():
            return len({moment.local(_time(row)).date() for row in rows})
        case ir.Aggregate(function, of):
            return _aggregate(function, _present(of, rows, read))
        case ir.EdgeTime(edge):
            return None if not rows else _time(rows[0 if edge == "first" else -1])
        case ir.EdgeValue(edge, of):
            return None if not rows else read(of, rows[0 if edge == "first" else -1])
        case ir.MostFrequent(of):
            return _most_frequent(of, rows, read)
        case _:
            assert_never(measure)


def _present(of: ir.Field, rows: Sequence[Record], read: Read) -> list[Value]:
    return [value for row in rows if (value := read(of, row)) is not None]


def _time(row: Record) -> datetime:
    assert row.time is not None
    return row.time


def _aggregate(function: str, values: list[Value]) -> Value:
    match function:
        case "distinct":
            return len(set(values))
        case "sum":
            return total(values)
        case "avg":
            return average(values)
        case "min":
            return min(values, key=order, default=None)
        case "max":
            return max(values, key=order, default=None)
        case _:
            raise ValueError(function)


def total(values: Sequence[Value]) -> int | float | Decimal | None:
    """The sum of numbers: exact, but for doubles, which are rounded once; missing of infinity and its opposite."""
    if any(isinstance(value, float) for value in values):
        if {math.inf, -math.inf} <= set(values):
            return None
        return math.fsum(value for value in values if isinstance(value, float))
    if any(isinstance(value, Decimal) for value in values):
        with localcontext(prec=400):
            return sum((value for value in values if isinstance(value, Decimal)), Decimal(0))
    return sum(value for value in values if isinstance(value, int))


def average(values: Sequence[Value]) -> float | Fraction | None:
    """The mean: of doubles a double, of exact numbers exact; missing of none, and of infinity and its opposite."""
    added = total(values)
    if not values or added is None:
        return None
    if isinstance(added, float):
        return added if math.isinf(added) else float(Fraction(added) / len(values))
    return Fraction(added) / len(values)


def _most_frequent(of: ir.Field, rows: Sequence[Record], read: Read) -> Value:
    """Most rows, then the latest row, then the smallest value."""
    seen: dict[Value, list[Record]] = {}
    for row in rows:
        value = read(of, row)
        if value is not None:
            seen.setdefault(value, []).append(row)
    if not seen:
        return None
    most = max(len(found) for found in seen.values())
    often = {value: found for value, found in seen.items() if len(found) == most}
    latest = max(order(max(order(row.time) for row in found)) for found in often.values())
    recent = [value for value, found in often.items() if order(max(order(row.time) for row in found)) == latest]
    return min(recent, key=order)
