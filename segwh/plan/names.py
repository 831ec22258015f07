"""Readable names for what a plan computes: from bounds, predicates and measures to unique snake_case identifiers."""

from __future__ import annotations

import hashlib
import re
from collections.abc import Iterable
from typing import assert_never

from segwh import ir
from segwh.semantics import EXACT_SECONDS, Bound, CalendarEdge, Duration, Fixed, Interval, Relative, Shift, Unit

MAX_BYTES = 60
"""PostgreSQL cuts identifiers at 63 bytes; three are left for suffixes."""


def digest(meaning: object) -> str:
    """Six hex digits that stand for a node's meaning; the same in every process."""
    return hashlib.sha256(repr(meaning).encode()).hexdigest()[:6]


def slug(text: str) -> str:
    """Text as part of an identifier: lower case letters, digits and single underscores; empty when nothing is left."""
    return re.sub(r"[^a-z0-9]+", "_", text.lower()).strip("_")


class Names:
    """Hands out identifiers, each once. A name already taken, or too long, is told apart by a digest of its meaning.

    Names that differ only by case are one and the same to most engines.
    """

    def __init__(self, taken: Iterable[str] = ()) -> None:
        self._taken = {name.lower() for name in taken}

    def take(self, wanted: str, meaning: object) -> str:
        """A free name as close as possible to the wanted one."""
        name = wanted if len(wanted) <= MAX_BYTES else f"{wanted[: MAX_BYTES - 7].rstrip('_')}_{digest(meaning)}"
        if name.lower() in self._taken:
            name = f"{wanted[: MAX_BYTES - 7].rstrip('_')}_{digest(meaning)}"
        number = 2
        while name.lower() in self._taken:
            suffix = f"_{digest(meaning)}_{number}"
            name, number = f"{wanted[: MAX_BYTES - len(suffix)]}{suffix}", number + 1
        self._taken.add(name.lower())
        return name


# --- time ---------------------------------------------------------------------------------------------------------------


def normalised(bound: Bound) -> Bound:
    """The same bound with neighbouring exact shifts added up, so that equal moments share a name."""
    if not isinstance(bound, Relative):
        return bound
    shifts: list[Shift] = []
    for shift in bound.shifts:
        before = shifts[-1] if shifts else None
        if before is not None and before.duration.unit.is_exact and shift.duration.unit.is_exact:
            shifts[-1:] = _exact_shifts(_seconds(before) + _seconds(shift))
        else:
            shifts.append(shift)
    return Relative(tuple(shifts))


def _seconds(shift: Shift) -> int:
    return shift.sign * shift.duration.count * EXACT_SECONDS[shift.duration.unit]


def _exact_shifts(seconds: int) -> list[Shift]:
    if seconds == 0:
        return []
    unit = next(unit for unit in (Unit.DAYS, Unit.HOURS, Unit.MINUTES, Unit.SECONDS) if seconds % EXACT_SECONDS[unit] == 0)
    return [Shift(1 if seconds > 0 else -1, Duration(abs(seconds) // EXACT_SECONDS[unit], unit))]


def bound_name(bound: Bound) -> str:
    """What a bound is called in SQL: `as_of`, `days_30_ago`, `month_start`, `month_start_2_ago`, `instant_20260101`."""
    match normalised(bound):
        case Fixed(at):
            is_midnight = (at.hour, at.minute, at.second, at.microsecond) == (0, 0, 0, 0)
            return f"instant_{at:%Y%m%d}" if is_midnight else f"instant_{at:%Y%m%d_%H%M%S_%f}"
        case Relative(shifts):
            words = [f"{s.duration.unit.value}_{s.duration.count}_{'ago' if s.sign < 0 else 'ahead'}" for s in shifts]
            return "_then_".join(words) or "as_of"
        case CalendarEdge(unit, offset):
            start = f"{unit.value.removesuffix('s')}_start"
            return start if offset == 0 else f"{start}_{abs(offset)}_{'ago' if offset < 0 else 'ahead'}"
        case _:
            raise TypeError(bound)


def window_words(window: Interval | None) -> str:
    """The words that tell a window: `90_days` for the stretch up to as-of; empty for all time."""
    if window is None or (window.start is None and window.end is None):
        return ""
    start = None if window.start is None else bound_name(window.start)
    end = None if window.end is None else bound_name(window.end)
    if end in (None, "as_of"):
        rolling = re.fullmatch(r"([a-z]+)_(\d+)_ago", start or "")
        return f"{rolling[2]}_{rolling[1]}" if rolling else f"since_{start}"
    return f"before_{end}" if start is None else f"{start}_to_{end}"


# --- predicates and measures --------------------------------------------------------------------------------------------


def value_words(value: ir.Scalar) -> str:
    """A literal as part of a name; its digest when it has no plain letters or digits."""
    return slug(str(value)) or digest(value)


def predicate_words(predicate: ir.Predicate) -> str:
    """A few words that tell a predicate; not unique."""
    match predicate:
        case ir.And(items):
            return "_and_".join(predicate_words(item) for item in items)
        case ir.Or(items):
            return "_or_".join(predicate_words(item) for item in items)
        case ir.AtLeast(count, items):
            return f"{count}_of_{len(items)}_{digest(items)}"
        case ir.Not(item):
            return f"not_{predicate_words(item)}"
        case ir.Everyone():
            return "everyone"
        case ir.IsMissing(subject):
            return f"{operand_words(subject)}_missing"
        case ir.IsEmpty(subject):
            return f"{operand_words(subject)}_empty"
        case ir.OneOf(subject, values, _):
            how = "is" if len(values) == 1 else "in"
            return f"{operand_words(subject)}_{how}_{'_'.join(value_words(value) for value in values[:3])}"
        case ir.OneOfRelation(subject, relation, _, _):
            return f"{operand_words(subject)}_in_{slug(relation.parts[-1])}"
        case ir.Compare(subject, operator, value):
            return f"{operand_words(subject)}_{operator}_{value_words(value)}"
        case ir.TextMatch(subject, how, value, _):
            return f"{operand_words(subject)}_{how}_{value_words(value)}"
        case ir.Regex(subject, pattern, _):
            return f"{operand_words(subject)}_matches_{value_words(pattern)}"
        case ir.InInterval(subject, interval):
            return f"{operand_words(subject)}_{window_words(interval)}"
        case ir.ListHas(subject, how, values):
            return f"{operand_words(subject)}_has_{how}_{'_'.join(value_words(value) for value in values[:3])}"
        case ir.CompareFields(subject, operator, other, _):
            return f"{operand_words(subject)}_{operator}_{operand_words(other)}"
        case ir.MemberOf(segment, _, _, None):
            return f"in_{segment}"
        case ir.MemberOf(segment, _, _, through):
            return f"{(through or '').replace('.', '__')}__in_{segment}"
        case ir.RowHolds(rows, edge, where):
            return f"{rows.name}_{edge}_{predicate_words(where)}"
        case ir.Sequence(steps, _):
            return "_then_".join(("no_" if step.negative else "") + step.event for step in steps)
        case ir.DayOfYearBetween() | ir.DayOfYearWithinNext() | ir.DayOfWeekIn() | ir.HourBetween() | ir.ListSize():
            return f"{operand_words(predicate.subject)}_{slug(type(predicate).__name__)}_{digest(predicate)}"
        case _:
            assert_never(predicate)


def column_name(field: ir.Field) -> str:
    """What the column of a field is called: `city`, or `account__contract__status` through lookups."""
    return field.name if field.lookup is None else f"{field.lookup.replace('.', '__')}__{field.name}"


def operand_words(operand: ir.Operand) -> str:
    """A few words that tell an operand."""
    match operand:
        case ir.Field() | ir.TraitValue():
            return slug(str(operand))
        case ir.Measured():
            return measured_words(operand)
        case _:
            assert_never(operand)


def rows_words(rows: ir.Rows) -> str:
    """The words that tell which rows are meant, without their name: window, then where."""
    where = "" if rows.where is None else f"where_{predicate_words(rows.where)}"
    return "_".join(word for word in (window_words(rows.window), where) if word)


def measured_words(measured: ir.Measured) -> str:
    """A name for a measure: `orders_count_90_days`, `orders_amount_sum`, `orders_last_source`."""
    match measured.measure:
        case ir.Count(None):
            what = "count"
        case ir.Count(by):
            what = f"count_by_{slug(str(by))}"
        case ir.Days():
            what = "days"
        case ir.Aggregate(function, of):
            what = f"{slug(str(of))}_{function}"
        case ir.EdgeTime(edge):
            what = f"{edge}_at"
        case ir.EdgeValue(edge, of):
            what = f"{edge}_{slug(str(of))}"
        case ir.MostFrequent(of):
            what = f"most_frequent_{slug(str(of))}"
        case _:
            assert_never(measured.measure)
    return "_".join(word for word in (measured.rows.name, what, rows_words(measured.rows)) if word)
