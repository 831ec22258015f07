"""Whether rules say something: bounds that no value meets, and those that every value meets, are mistakes, and so are rules
that leave nobody or everybody out.

Tried out rather than reasoned about: between two neighbours of all values that the bounds name nothing changes, so one value of
each stretch is enough.
"""

from __future__ import annotations

import math
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from decimal import Decimal
from fractions import Fraction
from itertools import pairwise
from typing import Literal as OneWordOf

from segwh import ir
from segwh.semantics import EXACT_SECONDS, Bound, Fixed, Interval, Relative

EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
TICK = timedelta(microseconds=1)
Verdict = OneWordOf["never", "always"]


@dataclass(frozen=True, slots=True)
class Range:
    """The values that a number can have, both ends included; None is no end. `is_total`: it is never missing."""

    least: int | None = None
    most: int | None = None
    is_whole: bool = False
    is_total: bool = False

    def __str__(self) -> str:
        kind = "a whole number" if self.is_whole else "a number"
        if self.least is None:
            return kind if self.most is None else f"{kind} up to {self.most}"
        return f"{kind} from {self.least} on" if self.most is None else f"{kind} from {self.least} to {self.most}"


ANY = Range()
SIZE = Range(least=0, is_whole=True)
COUNT = Range(least=0, is_whole=True, is_total=True)


MOST_VALUES = 100
"""Values of a list up to which it is tried out; of a longer one some value is possible."""


class UnknownError(Exception):
    """A test whose values are not numbers, or times that cannot be put in order without knowing the as-of."""


def verdict(tests: Sequence[ir.Predicate], values: Range) -> Verdict | None:
    """What is wrong with tests of one value that all have to hold: no value meets them, or every value does, and it always is
    there. None where nothing is wrong, or it cannot be told.
    """
    try:
        marks = {mark for test in tests for mark in _marks(test)}
    except UnknownError:
        return None
    if len({kind for kind, _ in marks}) > 1:
        return None
    is_time = any(kind != "number" for kind, _ in marks)
    tried = list(_tried({value for _, value in marks}, Range(is_whole=True) if is_time else values))
    if not any(all(_holds(test, value) for test in tests) for value in tried):
        return "never"
    if values.is_total and all(_holds(test, value) for test in tests for value in tried):
        return "always"
    return None


def settled(test: ir.Predicate) -> bool | None:
    """Whether a condition holds for everyone or for no one whatever the data is, because of the word `everyone`; else None."""
    match test:
        case ir.Everyone():
            return True
        case ir.Not(item):
            held = settled(item)
            return None if held is None else not held
        case ir.And(items):
            return _at_least(len(items), items)
        case ir.Or(items):
            return _at_least(1, items)
        case ir.AtLeast(count, items):
            return _at_least(count, items)
        case _:
            return None


def _at_least(count: int, items: Sequence[ir.Predicate]) -> bool | None:
    held = [settled(item) for item in items]
    if held.count(True) >= count:
        return True
    return False if len(held) - held.count(False) < count else None


def _tried(marks: set[Fraction], values: Range) -> Iterator[Fraction]:
    """The marks, a value of every stretch between and beyond them, and the ends of the range; of nothing, some value."""
    ends = {Fraction(end) for end in (values.least, values.most) if end is not None}
    ordered = sorted(marks | ends) or [Fraction(0)]
    beside = [mark + step for mark in ordered for step in (-1, 0, 1)]
    between = [(low + high) / 2 for low, high in pairwise(ordered)]
    for value in (*beside, *between):
        for tried in (Fraction(math.floor(value)), Fraction(math.ceil(value))) if values.is_whole else (value,):
            if (values.least is None or tried >= values.least) and (values.most is None or tried <= values.most):
                yield tried


def _marks(test: ir.Predicate) -> Iterator[tuple[str, Fraction]]:
    """The values at which a test changes its mind, with what they are. Raises UnknownError."""
    match test:
        case ir.Compare(_, _, value) | ir.ListSize(_, _, value):
            yield "number", Fraction(value)
        case ir.OneOf(_, values, _):
            if len(values) > MOST_VALUES:
                raise UnknownError
            for one in values:
                if isinstance(one, bool) or not isinstance(one, int | Decimal):
                    raise UnknownError
                yield "number", Fraction(one)
        case ir.InInterval(_, interval):
            yield from (mark for mark in _ends(interval) if mark is not None)
        case ir.And(items) | ir.Or(items):
            for item in items:
                yield from _marks(item)
        case ir.Not(item):
            yield from _marks(item)
        case _:
            raise UnknownError


def _ends(interval: Interval) -> tuple[tuple[str, Fraction] | None, tuple[str, Fraction] | None]:
    return _mark(interval.start), _mark(interval.end)


def _mark(bound: Bound | None) -> tuple[str, Fraction] | None:
    """A bound in microseconds since 1970, or since as-of. Raises UnknownError for one that needs the calendar."""
    match bound:
        case None:
            return None
        case Fixed(at):
            return "instant", Fraction((at - EPOCH) // TICK)
        case Relative(shifts) if all(shift.duration.unit.is_exact for shift in shifts):
            seconds = sum(shift.sign * shift.duration.count * EXACT_SECONDS[shift.duration.unit] for shift in shifts)
            return "distance", Fraction(seconds * 1_000_000)
        case _:
            raise UnknownError


def distance(bound: Bound | None) -> Fraction | None:
    """How many seconds after as-of a bound is, where that is the same at every as-of."""
    try:
        found = _mark(bound)
    except UnknownError:
        return None
    return found[1] / 1_000_000 if found is not None and found[0] == "distance" else None


def _holds(test: ir.Predicate, value: Fraction) -> bool:
    match test:
        case ir.Compare(_, operator, bound) | ir.ListSize(_, operator, bound):
            return _compares(value, operator, Fraction(bound))
        case ir.OneOf(_, values, _):
            return any(value == one for one in values if isinstance(one, int | Decimal))
        case ir.InInterval(_, interval):
            start, end = _ends(interval)
            return (start is None or value >= start[1]) and (end is None or value < end[1])
        case ir.And(items):
            return all(_holds(item, value) for item in items)
        case ir.Or(items):
            return any(_holds(item, value) for item in items)
        case ir.Not(item):
            return not _holds(item, value)
        case _:
            raise UnknownError


def _compares(value: Fraction, operator: OneWordOf["is", "gt", "gte", "lt", "lte"], bound: Fraction) -> bool:
    match operator:
        case "is":
            return value == bound
        case "gt":
            return value > bound
        case "gte":
            return value >= bound
        case "lt":
            return value < bound
        case "lte":
            return value <= bound
