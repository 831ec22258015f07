"""Cuts an event's measures into disjoint stretches of time, each aggregated once and added up afterwards.

Rows times measures is what a shared GROUP BY costs: every row meets the condition of every measure. Before:

    orders_rows -> GROUP BY key: count if type = a and at >= 90 days ago, count if type = a and at >= 30 days ago,
                                 sum if type = a and at >= 90 days ago, count if type = b and at >= 90 days ago, ...

After, each row meets only the aggregates of its own stretch:

    orders_rows where type = a, [90 days ago, 30 days ago) -> GROUP BY key: count, sum
    orders_rows where type = a, [30 days ago, as-of)       -> GROUP BY key: count, sum
    orders_rows where type = b, [90 days ago, as-of)       -> GROUP BY key: count
    then by key: count of a in 90 days = count of the first + count of the second, ...

Each stretch is a scan of its own, so it is for engines that scan columns they filter by at next to no cost; the dialect says
whether (`has_cheap_scans`). Other engines keep the shared GROUP BY, and so does every measure that cannot be added up.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import replace

from segwh import ir
from segwh.catalog.model import Entity
from segwh.plan.names import normalised
from segwh.plan.nodes import Cut, FactKey, Stretch
from segwh.semantics import AS_OF, CALENDAR_MONTHS, EXACT_SECONDS, Bound, CalendarEdge, Fixed, Interval, Relative, Unit

AGGREGATE, SCAN, GROUPING = 7, 5, 50
"""Nanoseconds a row of a conditional aggregate, of a filtered scan, and of finding the row's group (docs/performance.md)."""
WORTHWHILE = 30
"""What a cut must save, in the same unit, to be worth the longer SQL."""
MOST_STRETCHES = 150
"""More joins than these take an optimiser longer than they save."""

Kind = tuple[str, Unit | None]
"""Bounds of one kind can be put in order without knowing the as-of: exact shifts, months, one calendar unit, or fixed."""
Order = Kind | Interval | None
Family = tuple[ir.Predicate | None, Order]


def cut(entity: Entity, columns: Iterable[FactKey]) -> Mapping[tuple[str, str], Cut]:
    """For each event whose measures are worth cutting, how: (kind, name) of the scan -> the cut."""
    found: dict[tuple[str, str], Cut] = {}
    for event in entity.events:
        if event.id is not None and not event.id_unique:
            continue  # rows are told apart first, which is too dear to be done for each stretch
        measured = [key for key in columns if isinstance(key, ir.Measured) and key.rows.name == event.name]
        measured = [key for key in measured if key.rows.kind == "event"]
        families = _families([key for key in measured if adds_up(key.measure)])
        of_event = _cut(families)
        has_others = any(not adds_up(key.measure) and _shares_a_grouping(key.measure) for key in measured)
        groupings = max(0, _regrouped(families) + has_others - 1)
        saved = AGGREGATE * len(of_event.parts) - SCAN * len(of_event.stretches) - GROUPING * groupings
        if saved >= WORTHWHILE and len(of_event.stretches) <= MOST_STRETCHES:
            found["event", event.name] = of_event
    return found


def adds_up(measure: ir.Measure) -> bool:
    """Whether the measure of some rows follows from the measures of their parts."""
    match measure:
        case ir.Count(by):
            return by is None
        case ir.Aggregate(function, _):
            return function in ("sum", "min", "max")
        case ir.EdgeTime():
            return True
        case _:
            return False


def _shares_a_grouping(measure: ir.Measure) -> bool:
    return isinstance(measure, ir.Days | ir.Aggregate)


def _regrouped(families: Iterable[Family]) -> int:
    """How many families a row can be grouped for: those that want different values of one field exclude each other."""
    overlapping = 0
    by_value: dict[tuple[ir.Operand, Order], dict[ir.Scalar, int]] = {}
    for where, order in families:
        told = _told_apart(where)
        if told is None:
            overlapping += 1
            continue
        counts = by_value.setdefault((told.subject, order), {})
        for value in told.values:
            counts[value] = counts.get(value, 0) + 1
    return overlapping + sum(max(counts.values()) for counts in by_value.values())


def _told_apart(where: ir.Predicate | None) -> ir.OneOf | None:
    """The part of a condition that wants certain values of a field."""
    items = where.items if isinstance(where, ir.And) else (where,)
    return next((item for item in items if isinstance(item, ir.OneOf) and isinstance(item.subject, ir.Field)), None)


# --- stretches ----------------------------------------------------------------------------------------------------------


def _families(measured: Iterable[ir.Measured]) -> dict[Family, list[ir.Measured]]:
    """Measures of rows that pass the same condition and whose windows have bounds that can be put in order."""
    found: dict[Family, list[ir.Measured]] = {}
    for key in measured:
        found.setdefault((key.rows.where, _order(_open_ended(key.rows.window))), []).append(key)
    for where, order in [family for family in found if family[1] is None]:
        # All time is in every order.
        into = next((family for family in found if family[0] == where and isinstance(family[1], tuple)), None)
        if into is not None:
            found[into] += found.pop((where, order))
    return found


def _cut(families: Mapping[Family, Sequence[ir.Measured]]) -> Cut:
    stretches: list[Stretch] = []
    parts: dict[ir.Measured, tuple[int, ...]] = {}
    for (_, order), keys in families.items():
        first = len(stretches)
        stretches += _stretches(keys, order)
        for key in keys:
            parts[key] = tuple(n for n in range(first, len(stretches)) if _covers(key, stretches[n].rows.window, order))
    return Cut(tuple(stretches), parts)


def _stretches(keys: Sequence[ir.Measured], order: Order) -> Iterator[Stretch]:
    """The stretches between all the bounds of a family, latest first, as far as a measure covers them."""
    for window in (order,) if isinstance(order, Interval) else _between_bounds(keys):
        rows = replace(keys[0].rows, window=None if window == Interval() else window)
        measured = tuple(dict.fromkeys(replace(key, rows=rows) for key in keys if _covers(key, window, order)))
        if measured:
            yield Stretch(rows, measured)


def _between_bounds(keys: Sequence[ir.Measured]) -> Iterator[Interval]:
    windows = [_open_ended(key.rows.window) for key in keys]
    by_place: dict[float, Bound] = {}
    for window in windows:
        for bound in (window.start, window.end):
            if bound is not None:
                by_place.setdefault(_place(bound), bound)
    edges: list[Bound | None] = [None, *(by_place[place] for place in sorted(by_place)), None]
    for start, end in zip(edges[-2::-1], edges[:0:-1], strict=True):
        yield Interval(start, end)


def _covers(key: ir.Measured, stretch: Interval | None, order: Order) -> bool:
    """Whether a stretch lies in the window of a measure of its family."""
    if isinstance(order, Interval):
        return True
    inner, outer = stretch or Interval(), _open_ended(key.rows.window)
    starts = outer.start is None or (inner.start is not None and _place(inner.start) >= _place(outer.start))
    ends = outer.end is None or (inner.end is not None and _place(inner.end) <= _place(outer.end))
    return starts and ends


def _open_ended(window: Interval | None) -> Interval:
    """A window without an end at as-of: a scan has no rows after that."""
    if window is None:
        return Interval()
    return Interval(window.start, None if window.end is not None and normalised(window.end) == AS_OF else window.end)


def _order(window: Interval) -> Order:
    """What the bounds of a window can be ordered with: None for all time, the window itself where that is nothing else."""
    bounds = [bound for bound in (window.start, window.end) if bound is not None]
    kinds = {_kind(bound) for bound in bounds}
    if not kinds:
        return None
    kind = kinds.pop()
    return window if kinds or kind is None else kind


def _kind(bound: Bound) -> Kind | None:
    match normalised(bound):
        case Fixed():
            return ("fixed", None)
        case CalendarEdge(unit, _):
            return ("calendar", unit)
        case Relative((shift,)):
            return ("exact", None) if shift.duration.unit.is_exact else ("months", None)
        case _:
            return None


def _place(bound: Bound) -> float:
    """Where a bound lies among those of its chain."""
    match normalised(bound):
        case Fixed(at):
            return at.timestamp()
        case CalendarEdge(_, offset):
            return offset
        case Relative(shifts):
            units = EXACT_SECONDS | CALENDAR_MONTHS
            return sum(shift.sign * shift.duration.count * units[shift.duration.unit] for shift in shifts)
        case _:
            raise TypeError(bound)
