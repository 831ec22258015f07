"""Rules that hold for nobody any more once a calendar unit is over: who is in by rows of this month leaves with it."""

from __future__ import annotations

from collections.abc import Sequence

from segwh import ir
from segwh.resolve.possible import Range, verdict
from segwh.semantics import CalendarEdge, Interval, Unit

NOTHING = Range(least=0, most=0, is_whole=True, is_total=True)


def turning(test: ir.Predicate) -> Unit | None:
    """The unit with whose end the condition stops to hold, whoever it held for; None if there is none, or it cannot be told."""
    match test:
        case ir.And(items):
            return _at_least(len(items), items)
        case ir.Or(items):
            return _at_least(1, items)
        case ir.AtLeast(count, items):
            return _at_least(count, items)
        case ir.RowHolds(rows) if _needs_rows(test):
            return _unit(rows.window)
        case ir.Sequence(_, window):
            return _unit(window)
        case ir.InInterval(ir.Field() | ir.TraitValue(), interval):
            return _unit(interval)
        case ir.InInterval(ir.Measured(rows), interval):
            return _unit(rows.window) or _unit(interval)
        case ir.Compare(ir.Measured(rows)) | ir.OneOf(ir.Measured(rows)) if _needs_rows(test):
            return _unit(rows.window)
        case _:
            return None


def _at_least(count: int, items: Sequence[ir.Predicate]) -> Unit | None:
    """Of conditions of which so many have to hold."""
    units = [unit for unit in map(turning, items) if unit is not None]
    return units[0] if units and len(items) - len(units) < count else None


def _needs_rows(test: ir.RowHolds | ir.Compare | ir.OneOf) -> bool:
    """Whether it holds for nobody without rows, of whom counts and sums are 0 and all else is missing."""
    match test:
        case ir.Compare(ir.Measured(_, measure)) | ir.OneOf(ir.Measured(_, measure)):
            counts = isinstance(measure, ir.Count | ir.Days)
            adds_up = isinstance(measure, ir.Aggregate) and measure.function in ("sum", "distinct")
            return not (counts or adds_up) or verdict((test,), NOTHING) == "never"
        case _:
            return True


def _unit(interval: Interval | None) -> Unit | None:
    match interval:
        case Interval(CalendarEdge(unit, 0), _):
            return unit
        case _:
            return None
