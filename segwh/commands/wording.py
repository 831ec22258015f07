"""Conditions in words: what a rule looks at and what it asks of that, with the instants that its windows have at an as-of."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import UTC, date, datetime
from decimal import Decimal
from typing import assert_never

from segwh import ir
from segwh.semantics import AS_OF, Bound, Calendar, Interval, date_of, instant_of
from segwh.types import DataType

COMPARED = {"is": "is", "gt": "is above", "gte": "is at least", "lt": "is below", "lte": "is at most"}
MATCHED = {"contains": "contains", "starts_with": "starts with", "ends_with": "ends with"}
AGGREGATES = {"sum": "sum", "avg": "average", "min": "least", "max": "greatest", "distinct": "distinct values"}
DAYS = ("Monday", "Tuesday", "Wednesday", "Thursday", "Friday", "Saturday", "Sunday")
MONTHS = ("Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec")
LONGEST_LIST = 5
"""Values of a list that are named."""


@dataclass(frozen=True, slots=True)
class Wording:
    """Words for one as-of (aware); times are local times of the project's calendar."""

    as_of: datetime
    calendar: Calendar
    traits: Mapping[str, ir.Measured] = field(default_factory=dict)
    """What the entity's traits measure, of those that are a measure."""

    # --- values ---

    def value(self, value: object) -> str:
        """A value as the warehouse gave it. A time without zone is UTC, as in the facts."""
        if value is None:
            return "missing"
        if isinstance(value, bool):
            return "true" if value else "false"
        if isinstance(value, datetime):
            return self.time(value.replace(tzinfo=UTC) if value.tzinfo is None else value)
        if isinstance(value, date):
            return value.isoformat()
        if isinstance(value, float | Decimal):
            return number(value)
        return f"'{value}'" if isinstance(value, str) else str(value)

    def time(self, at: datetime) -> str:
        """An instant as local time, to the minute where it has no seconds."""
        local = self.calendar.local(at)
        exact = f"{local:%Y-%m-%d %H:%M:%S}" if local.second or local.microsecond else f"{local:%Y-%m-%d %H:%M}"
        return f"{exact}.{local.microsecond:06}" if local.microsecond else exact

    def edge(self, bound: Bound) -> str:
        """A bound as the local time that it is."""
        return self.time(instant_of(bound, self.as_of, self.calendar))

    def _first_day(self, bound: Bound) -> str:
        """The first day at or after a bound: what a date is compared with."""
        return date_of(bound, self.as_of, self.calendar).isoformat()

    # --- what is looked at ---

    def operand(self, operand: ir.Operand) -> str:
        """What a condition looks at: `city`, `number of orders since 2026-06-01 00:00`."""
        if isinstance(operand, ir.TraitValue) and operand.trait in self.traits:
            return f"{operand} ({self.operand(self.traits[operand.trait])})"
        if not isinstance(operand, ir.Measured):
            return str(operand)
        return f"{self._measure(operand.measure, operand.rows.name)}{self._rows(operand.rows)}"

    def _measure(self, measure: ir.Measure, rows: str) -> str:
        match measure:
            case ir.Count(by):
                return f"number of {rows}" if by is None else f"most {rows} with one {by}"
            case ir.Days():
                return f"days with {rows}"
            case ir.Aggregate(function, of):
                return f"{AGGREGATES[function]} of {of} of {rows}"
            case ir.EdgeTime(edge):
                return f"{edge} time of {rows}"
            case ir.EdgeValue(edge, of):
                return f"{of} of the {edge} of {rows}"
            case ir.MostFrequent(of):
                return f"most frequent {of} of {rows}"
            case _:
                assert_never(measure)

    def _rows(self, rows: ir.Rows) -> str:
        where = "" if rows.where is None else f" where {self.condition(rows.where)}"
        return where + self._window(rows.window)

    def _window(self, window: Interval | None) -> str:
        if window is None:
            return ""
        start, end = window.start, None if window.end == AS_OF else window.end
        if start is None:
            return "" if end is None else f" before {self.edge(end)}"
        return f" since {self.edge(start)}" if end is None else f" from {self.edge(start)} until {self.edge(end)}"

    # --- what is asked ---

    def condition(self, predicate: ir.Predicate) -> str:
        """A predicate on one line."""
        match predicate:
            case ir.And(items):
                return " and ".join(self._part(item) for item in items) or "anything"
            case ir.Or(items):
                return " or ".join(self._part(item) for item in items) or "nothing"
            case ir.Not(item):
                return self._denied(item)
            case ir.AtLeast(count, items):
                return f"at least {count} of ({', '.join(self.condition(item) for item in items)})"
            case ir.Everyone():
                return "everyone"
            case ir.RowHolds(rows, edge, where):
                return f"the {edge} of {rows.name}{self._rows(rows)} has {self.condition(where)}"
            case ir.Sequence(steps, window):
                return f"{', then '.join(self._step(step) for step in steps)}{self._window(window)}"
            case ir.MemberOf():
                return self._membership(predicate)
            case ir.CompareFields(subject, operator, other, ignore_case):
                word = COMPARED.get(operator) or MATCHED[operator]
                return f"{self.operand(subject)} {word} {self.operand(other)}{_case(ignore_case)}"
            case _:
                return f"{self.operand(predicate.subject)} {self.test(predicate)}"

    def heading(self, predicate: ir.And | ir.Or | ir.Not | ir.AtLeast) -> str:
        """What joins the parts of a predicate that are shown below it."""
        match predicate:
            case ir.And():
                return "all of"
            case ir.Or():
                return "any of"
            case ir.Not():
                return "not"
            case ir.AtLeast(count):
                return f"at least {count} of"
            case _:
                assert_never(predicate)

    def test(self, test: ir.Test) -> str:
        """What is asked of the value that is looked at: `is 'Oslo'`, `at least 3`."""
        match test:
            case ir.IsMissing():
                return "is missing"
            case ir.IsEmpty():
                return "is missing or empty"
            case ir.OneOf(_, values, ignore_case):
                return self._one_of(values) + _case(ignore_case)
            case ir.OneOfRelation(_, relation, column, ignore_case):
                return f"is in {column} of {relation}{_case(ignore_case)}"
            case ir.Compare(_, operator, value):
                return f"{COMPARED[operator]} {number(value)}"
            case ir.TextMatch(_, how, value, ignore_case):
                return f"{MATCHED[how]} '{value}'{_case(ignore_case)}"
            case ir.Regex(_, pattern, ignore_case):
                return f"matches '{pattern}'{_case(ignore_case)}"
            case ir.InInterval(subject, interval):
                edge = self._first_day if subject.type is DataType.DATE else self.edge
                return f"is{_span(interval, edge)}"
            case ir.DayOfYearBetween(_, first, last):
                return f"has a day from {_day(first)} to {_day(last)}"
            case ir.DayOfYearWithinNext(_, days):
                return f"has a day that comes within {days} days, today included"
            case ir.DayOfWeekIn(_, days):
                return f"is on a {' or '.join(DAYS[day] for day in days)}"
            case ir.HourBetween(_, first, last):
                return f"has an hour from {first} to {last}"
            case ir.ListHas(_, how, values):
                return f"has {how} of {self._listed(values)}"
            case ir.ListSize(_, operator, value):
                return f"has {f'{COMPARED[operator]} {value}'.removeprefix('is ')} elements"
            case ir.CompareFields(_, operator, other, ignore_case):
                return f"{COMPARED.get(operator) or MATCHED[operator]} {self.operand(other)}{_case(ignore_case)}"
            case _:
                assert_never(test)

    def _part(self, predicate: ir.Predicate) -> str:
        text = self.condition(predicate)
        return f"({text})" if isinstance(predicate, ir.And | ir.Or) and len(predicate.items) > 1 else text

    def _denied(self, predicate: ir.Predicate) -> str:
        match predicate:
            case ir.OneOf(subject, values, ignore_case):
                return f"{self.operand(subject)} is not{self._one_of(values).removeprefix('is')}{_case(ignore_case)}"
            case ir.IsMissing(subject):
                return f"{self.operand(subject)} is not missing"
            case ir.IsEmpty(subject):
                return f"{self.operand(subject)} is there and not empty"
            case _:
                return f"not ({self.condition(predicate)})"

    def _one_of(self, values: tuple[ir.Scalar, ...]) -> str:
        return f"is {self.value(values[0])}" if len(values) == 1 else f"is one of {self._listed(values)}"

    def _listed(self, values: tuple[ir.Scalar, ...]) -> str:
        more = f" and {len(values) - LONGEST_LIST} more" if len(values) > LONGEST_LIST else ""
        return ", ".join(self.value(value) for value in values[:LONGEST_LIST]) + more

    def _step(self, step: ir.Step) -> str:
        where = "" if step.where is None else f" where {self.condition(step.where)}"
        same = f" with the same {', '.join(str(field) for field in step.same)}" if step.same else ""
        within = "" if step.within is None else f" within {step.within}"
        return f"{'no ' if step.negative else ''}{step.event}{where}{same}{within}"

    def _membership(self, of: ir.MemberOf) -> str:
        whose = "" if of.through is None else f"its {of.through} "
        if of.entered_within is not None:
            return f"{whose}came into segment {of.segment} within {of.entered_within}"
        if of.held_for is not None:
            return f"{whose}in segment {of.segment} for {of.held_for} at least"
        return f"{whose}in segment {of.segment}"


def number(value: int | float | Decimal) -> str:
    """A number without zeros that say nothing."""
    text = format(value, "f") if isinstance(value, Decimal) else repr(value)
    return text.rstrip("0").rstrip(".") if "." in text and "e" not in text else text


def _span(interval: Interval, edge: Callable[[Bound], str]) -> str:
    start, end = interval.start, interval.end
    if start is not None:
        return f" at or after {edge(start)}" if end is None else f" from {edge(start)} until {edge(end)}"
    return " there" if end is None else f" before {edge(end)}"


def _case(ignore_case: bool) -> str:
    return ", whatever the case" if ignore_case else ""


def _day(day: tuple[int, int]) -> str:
    return f"{day[1]} {MONTHS[day[0] - 1]}"
