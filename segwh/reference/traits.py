"""Formulas and RFM scores (quantile, fixed, rank), worked out with exact fractions."""

from __future__ import annotations

import math
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from fractions import Fraction
from typing import assert_never

from segwh import ir
from segwh.reference.values import Key, Number, Value, order


def formula(node: ir.Formula, read: Callable[[ir.Operand], Value]) -> float | None:
    """The value of a formula in doubles; missing when an operand is, on division by zero, or where it is no number."""
    match node:
        case ir.Constant(value):
            return float(value)
        case ir.Field() | ir.TraitValue():
            value_of = read(node)
            assert value_of is None or isinstance(value_of, Number)
            return None if value_of is None else float(value_of)
        case ir.Arithmetic(operator, left, right):
            found = _calculated(operator, formula(left, read), formula(right, read))
            return None if found is None or math.isnan(found) else found
        case _:
            assert_never(node)


def _calculated(operator: str, left: float | None, right: float | None) -> float | None:
    if left is None or right is None:
        return None
    match operator:
        case "+":
            return left + right
        case "-":
            return left - right
        case "*":
            return left * right
        case "/":
            return None if right == 0 else left / right
        case _:
            raise ValueError(operator)


@dataclass(frozen=True, slots=True)
class Activity:
    """What RFM knows of an entity with rows: time of the last, number, sum of values unless that is no number."""

    last: datetime
    frequency: int
    monetary: Number | None


def rfm(trait: ir.Rfm, activity: Mapping[Key, Activity], as_of: datetime) -> dict[Key, dict[str, Value]]:
    """The parts of an rfm trait for every entity that has a row."""
    recency: dict[Key, Number] = {key: (as_of - one.last).days for key, one in activity.items()}
    frequency: dict[Key, Number] = {key: one.frequency for key, one in activity.items()}
    monetary: dict[Key, Number] = {key: one.monetary for key, one in activity.items() if one.monetary is not None}
    r = {key: trait.recency.scores + 1 - grade for key, grade in bins(trait.recency, recency).items()}
    f = bins(trait.frequency, frequency)
    m = bins(trait.monetary, monetary)
    return {
        key: {
            "recency": recency[key],
            "frequency": frequency[key],
            "monetary": monetary.get(key),
            "recency_score": r[key],
            "frequency_score": f[key],
            "monetary_score": m.get(key),
            "cell": f"{r[key]}{f[key]}{m[key]}" if key in m else None,
            "name": _name(trait.named, r[key], f[key], m.get(key)),
        }
        for key in activity
    }


def bins(scoring: ir.Scoring, values: Mapping[Key, Number]) -> dict[Key, int]:
    """The bin of each value, 1 for the lowest values; a value equal to an edge falls in the bin of lower values."""
    if scoring.method == "rank":
        return _tiles(scoring.scores, values)
    edges = _edges(scoring, sorted(values.values()))
    return {key: 1 + sum(1 for edge in edges if edge < _exact(value)) for key, value in values.items()}


def _exact(value: Number) -> Fraction | float:
    """A number without rounding; infinity, which is no fraction, is compared with them as it is."""
    return value if isinstance(value, float) and math.isinf(value) else Fraction(value)


def _edges(scoring: ir.Scoring, ordered: Sequence[Number]) -> list[Fraction | float]:
    if scoring.method == "fixed":
        doubles = any(isinstance(value, float) for value in ordered)
        return [Fraction(float(cut)) if doubles else Fraction(cut) for cut in scoring.cuts]
    edges: list[Fraction | float] = []
    for number in range(1, scoring.scores) if ordered else ():
        place = Fraction(number * (len(ordered) - 1), scoring.scores)
        below = place.numerator // place.denominator
        low = _exact(ordered[below])
        high = _exact(ordered[min(below + 1, len(ordered) - 1)])
        edges.append(low if place == below or low in (math.inf, -math.inf) else low + (place - below) * (high - low))
    return edges


def _tiles(scores: int, values: Mapping[Key, Number]) -> dict[Key, int]:
    """NTILE by value, then key: the first tiles hold one more when the number of keys does not divide."""
    ordered = sorted(values, key=lambda key: (values[key], order(key)))
    size, longer = divmod(len(ordered), scores)
    tiles: list[int] = []
    for tile in range(1, scores + 1):
        tiles += [tile] * (size + (1 if tile <= longer else 0))
    return dict(zip(ordered, tiles, strict=True))


def _name(named: Sequence[ir.RfmName], r: int, f: int, m: int | None) -> str | None:
    for name in named:
        if all(wanted is None or score in wanted for wanted, score in ((name.r, r), (name.f, f), (name.m, m))):
            return name.name
    return None
