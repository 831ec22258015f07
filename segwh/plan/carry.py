"""What a run may take over from the facts of the run before: an entity's plan in, its measures in two parts out.

Rows of an event that declares `loaded_at` come and never change, unless they are loaded again in their place, so it is known
which of them count now and did not count at the last as-of, or the other way round: those that came in since, and those that
an edge of some window has passed.

         as_of before            as_of
    ---------|---------------------|------->  came in: time or loaded_at lies here
      |---|  ...the same stretch at the start of each window: its rows left

A measure is carried in one of two ways. Where what came and what left can be told off (counts, exact sums, a maximum that
nothing leaves), only those rows are read; but not where one came late, which may have counted before it was loaded again. Else
every row of the keys that have such rows is read again. Whatever is not measured from such rows (attributes, related rows,
traits, memberships, what comes through a lookup) is worked out in full in every run: it is cheap, or nothing says when it
changes.
"""

from __future__ import annotations

import hashlib
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, replace
from types import MappingProxyType

from segwh import ir
from segwh.catalog.model import Entity, Event, Related
from segwh.plan.build import scans_of
from segwh.plan.names import bound_name, normalised
from segwh.plan.nodes import EntityPlan, FactKey, LookupKey, Share
from segwh.plan.shares import shares
from segwh.plan.stretches import cut
from segwh.semantics import AS_OF, Bound, Calendar, Fixed, Interval, Relative, Shift
from segwh.types import DataType

VERSION = 5
"""Raised when the same plan comes to be computed otherwise, so that older facts are not taken over."""


@dataclass(frozen=True, slots=True)
class Carried:
    """Events whose rows are looked at together, since a sequence asks for them in one breath, and what is measured of them.

    `plan` holds their columns and scans alone. `told_off` are the measures that are brought up to date by the rows that came
    and left; `parts`: event -> what these are grouped in (plan.shares). `edges`: event -> the bounds of the other measures;
    `deadlines`: how long ago the last row was that a sequence still waits for; `strips`: the bounds of the measures told off.
    """

    events: tuple[Event, ...]
    plan: EntityPlan
    told_off: tuple[ir.Measured, ...]
    parts: Mapping[str, tuple[Share, ...]]
    edges: Mapping[str, tuple[Bound, ...]]
    deadlines: tuple[Bound, ...]
    strips: tuple[Bound, ...]

    @property
    def name(self) -> str:
        """The events as part of an identifier."""
        return "_and_".join(event.name for event in self.events)

    @property
    def columns(self) -> tuple[str, ...]:
        """What is measured of them, and the two columns of each mean."""
        return (*self.plan.columns.values(), *(name for pair in self.plan.means.values() for name in pair))

    @property
    def rereads(self) -> bool:
        """Whether some measure wants every row of a key again that has any new one."""
        return any(key not in self.told_off for key in self.plan.columns)


@dataclass(frozen=True, slots=True)
class Carry:
    """The measures of an entity: `rest` is worked out in full, `groups` are carried. `whole`: event -> why it is in `rest`.

    `meaning` stands for all that the carried columns depend on but the rows, and for what the other columns are: equal only
    where these are the same.
    """

    rest: EntityPlan
    groups: tuple[Carried, ...]
    whole: Mapping[str, str]
    meaning: str


@dataclass(frozen=True, slots=True)
class Watched:
    """Rows of an event's relation that the facts of the run before rest on: no measure that is carried looks further back than
    the least of `since`; empty where one looks at all time. Older rows may go, and nothing that is carried changes.
    """

    event: Event
    since: tuple[Bound, ...]


def carry(plan: EntityPlan, calendar: Calendar) -> Carry | None:
    """How the facts of an entity are brought up to date; None where nothing can be taken over."""
    whole = {event.name: why for event in plan.entity.events if (why := _why_whole(event)) and _is_read(event, plan)}
    able = {event.name for event in plan.entity.events if _why_whole(event) is None}
    carried = {
        key: column for key, column in plan.columns.items() if (events := _events(key)) and events <= able and _lasts(key)
    }
    if not carried:
        return None
    groups = tuple(_group(events, carried, plan) for events in _together(carried, plan))
    for event in plan.entity.events:
        if event.name in able and any(event.name in _events(key) for key in plan.columns if key not in carried):
            whole[event.name] = "some rules' answers can change though no row does"
    columns = {key: column for key, column in plan.columns.items() if key not in carried}
    rest = replace(
        plan,
        columns=MappingProxyType(columns),
        means=MappingProxyType({key: pair for key, pair in plan.means.items() if key in columns}),
        scans=scans_of(plan.entity, columns),
        cuts=MappingProxyType(dict(cut(plan.entity, columns))),
        shares=MappingProxyType(dict(shares(plan.entity, columns))),
    )
    carried_by = [(group.events, [*group.plan.columns.items()], [*group.plan.means.items()]) for group in groups]
    meaning = repr((VERSION, plan.entity.key, calendar, carried_by, plan.fact_columns, _types(plan.entity)))
    return Carry(rest, groups, whole, hashlib.sha256(meaning.encode()).hexdigest())


def watched(update: Carry) -> tuple[Watched, ...]:
    """Of which rows a refresh takes for granted that they stay as they are, once for events that are read from one relation."""
    found: dict[tuple[object, ...], Watched] = {}
    for group in update.groups:
        for event in group.events:
            since = next(scan.earliest for scan in group.plan.scans if scan.name == event.name)
            told = (event.relation, event.time, event.loaded_at)
            other = found.setdefault(told, Watched(event, since))
            # nothing stands for the beginning of all time
            found[told] = replace(other, since=_once((*other.since, *since)) if other.since and since else ())
    return tuple(found.values())


def _types(entity: Entity) -> list[tuple[str, str, DataType]]:
    """The types of all that the catalog declares of an entity, by place and name."""
    attributes = [(entity.name, column.name, column.type) for column in entity.attributes]
    rows: tuple[Event | Related, ...] = (*entity.events, *entity.related)
    places = [*rows, *entity.lookups, *(lookup for place in rows for lookup in place.lookups)]
    return attributes + [(place.name, column.name, column.type) for place in places for column in place.properties]


# --- what is carried ----------------------------------------------------------------------------------------------------


def _why_whole(event: Event) -> str | None:
    if event.loaded_at is None:
        return "no loaded_at"
    if event.loaded_at.type is DataType.DATE:
        return "loaded_at is a day"
    return None


def _is_read(event: Event, plan: EntityPlan) -> bool:
    return any(scan.kind == "event" and scan.name == event.name for scan in plan.scans)


def _events(key: FactKey) -> set[str]:
    """The events that a column is measured from; none for what is not measured from events alone."""
    match key:
        case ir.Measured(rows, _, _) | ir.RowHolds(rows, _, _):
            return {rows.name} if rows.kind == "event" else set()
        case ir.Sequence(steps, _):
            return {step.event for step in steps}
        case ir.Field() | LookupKey():
            return set()


def _lasts(key: FactKey) -> bool:
    """Whether what is asked of a row stays the same as long as the row does, windows apart."""
    match key:
        case ir.Measured(rows, measure, _):
            of = measure.by if isinstance(measure, ir.Count) else getattr(measure, "of", None)
            return _is_lasting(rows.where) and (of is None or of.lookup is None)
        case ir.RowHolds(rows, _, where):
            return _is_lasting(rows.where) and _is_lasting(where)
        case ir.Sequence(steps, _):
            return all(
                _is_lasting(step.where)
                and all(field.lookup is None for field in step.same)
                and (not step.negative or (step.within is not None and step.within.unit.is_exact))
                for step in steps
            )
        case ir.Field() | LookupKey():
            return False


def _is_lasting(predicate: ir.Predicate | None) -> bool:
    match predicate:
        case None:
            return True
        case ir.And(items) | ir.Or(items) | ir.AtLeast(_, items):
            return all(_is_lasting(item) for item in items)
        case ir.Not(item):
            return _is_lasting(item)
        case ir.InInterval(_, interval):
            if not all(bound is None or isinstance(bound, Fixed) for bound in (interval.start, interval.end)):
                return False
        case ir.OneOfRelation() | ir.DayOfYearBetween() | ir.DayOfYearWithinNext():
            return False  # a list, or the year of as-of, may be another one next time
        case ir.RowHolds() | ir.Sequence() | ir.MemberOf():
            return False
        case _:
            pass
    return all(isinstance(operand, ir.Field) and operand.lookup is None for operand in ir.operands(predicate))


# --- groups -------------------------------------------------------------------------------------------------------------


def _together(carried: Mapping[FactKey, str], plan: EntityPlan) -> Iterator[tuple[Event, ...]]:
    """The events in groups: those that one sequence asks for are together."""
    sets: list[set[str]] = []
    for key in carried:
        found = _events(key)
        touching = [one for one in sets if one & found]
        sets = [one for one in sets if not one & found] + [found.union(*touching)]
    for event in plan.entity.events:
        group = next((one for one in sets if event.name in one), None)
        if group is not None and not any(
            before.name in group for before in plan.entity.events[: plan.entity.events.index(event)]
        ):
            yield tuple(other for other in plan.entity.events if other.name in group)


def _group(events: tuple[Event, ...], carried: Mapping[FactKey, str], plan: EntityPlan) -> Carried:
    names = {event.name for event in events}
    columns = {key: column for key, column in carried.items() if _events(key) & names}
    own = {event.name: event for event in events}
    told_off = tuple(key for key in columns if isinstance(key, ir.Measured) and _is_told_off(key, own[key.rows.name]))
    others = [key for key in columns if key not in told_off]
    edges = {name: _once(bound for key in others for bound in _moving(_window(key), name, key)) for name in own}
    deadlines = [
        Relative((Shift(-1, step.within),))
        for key in others
        if isinstance(key, ir.Sequence)
        for step in key.steps
        if step.negative and step.within is not None
    ]
    return Carried(
        events=events,
        plan=replace(
            plan,
            columns=MappingProxyType(columns),
            means=MappingProxyType({key: pair for key, pair in plan.means.items() if key in columns}),
            scans=scans_of(plan.entity, columns),
            cuts=MappingProxyType({}),
            shares=MappingProxyType({}),
        ),
        told_off=told_off,
        parts={name: parts for (_, name), parts in shares(plan.entity, told_off).items()},
        edges=edges,
        deadlines=_once(deadlines),
        strips=_once(bound for key in told_off for bound in moving(key.rows.window)),
    )


def _is_told_off(key: ir.Measured, event: Event) -> bool:
    """Whether a measure follows from what it was and the rows that came and left."""
    if event.id is not None and not event.id_unique:
        return False  # a row that comes may take the place of another
    match key.measure:
        case ir.Count(None):
            return True
        case ir.Aggregate("sum", of):
            column = event.property(of.name)
            is_plain = column is not None and column.sql is None
            return of.type is DataType.INTEGER or (of.type is DataType.DECIMAL and is_plain)
        case ir.EdgeTime("last"):
            return True  # the last row leaves a window after all others
        case ir.EdgeTime("first"):
            return not starts_late(key.rows.window)
        case ir.Aggregate("min" | "max", of):
            comparable = of.type in (DataType.INTEGER, DataType.DECIMAL, DataType.DATE, DataType.TIMESTAMP)
            return comparable and not starts_late(key.rows.window)
        case _:
            return False


def starts_late(window: Interval | None) -> bool:
    """Whether rows leave a window as time goes by."""
    return window is not None and window.start is not None and bool(moving(Interval(window.start)))


def _window(key: FactKey) -> Interval | None:
    match key:
        case ir.Measured(rows, _, _) | ir.RowHolds(rows, _, _):
            return rows.window
        case ir.Sequence(_, window):
            return window
        case ir.Field() | LookupKey():
            return None


def _moving(window: Interval | None, event: str, key: FactKey) -> tuple[Bound, ...]:
    return moving(window) if event in _events(key) else ()


def moving(window: Interval | None) -> tuple[Bound, ...]:
    """The bounds of a window that move with as-of. As-of itself is none of them: it hides rows, in any window."""
    bounds = () if window is None else (window.start, window.end)
    found = (normalised(bound) for bound in bounds if bound is not None and not isinstance(bound, Fixed))
    return tuple(bound for bound in found if bound != AS_OF)


def _once(bounds: Iterable[Bound]) -> tuple[Bound, ...]:
    return tuple({bound_name(bound): bound for bound in bounds}.values())
