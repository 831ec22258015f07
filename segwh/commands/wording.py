"""Conditions in words: what a rule looks at and what it asks of that, with the instants that its windows have at an as-of."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import UTC, date, datetime, timedelta
from decimal import Decimal
from typing import assert_never

from segwh import ir
from segwh.semantics import Bound, Calendar, Interval, date_of, instant_of
from segwh.types import DataType

COMPARED = {"is": "is", "gt": "is above", "gte": "is at least", "lt": "is below", "lte": "is at most"}
COMPARED_TIMES = {"is": "is", "gt": "is after", "gte": "is at or after", "lt": "is before", "lte": "is at or before"}
SIZES = {"is": "", "gt": "more than ", "gte": "at least ", "lt": "fewer than ", "lte": "at most "}
MATCHED = {"contains": "contains", "starts_with": "starts with", "ends_with": "ends with"}
AGGREGATES = {"sum": "sum", "avg": "average", "min": "least", "max": "greatest", "distinct": "distinct values"}
DAYS = ("Monday", "Tuesday", "Wednesday", "Thursday", "Friday", "Saturday", "Sunday")
MONTHS = ("Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec")
TICK = timedelta(microseconds=1)
LONGEST_LIST = 5
"""Values of a rule's list that are named."""
LONGEST_FOUND = 20
"""The same of a list that was found: what is asked for should be seen in it."""
LONGEST_TEXT = 200
"""Characters of a text that are shown."""
ESCAPES = str.maketrans({"\n": "\\n", "\r": "\\r", "\t": "\\t"})
"""What would end or move the line that a text is shown on."""


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
        if isinstance(value, list):
            return f"[{self._listed(tuple(value), LONGEST_FOUND)}]"
        return _quoted(value) if isinstance(value, str) else str(value)

    def time(self, at: datetime) -> str:
        """An instant as local time, to the minute where it has no seconds."""
        try:
            local, zone = self.calendar.local(at), ""
        except OverflowError:  # the last day that there is, which stands for no end
            local, zone = at.astimezone(UTC).replace(tzinfo=None), " UTC"
        exact = "microseconds" if local.microsecond else "seconds" if local.second else "minutes"
        return local.isoformat(sep=" ", timespec=exact) + zone

    def edge(self, bound: Bound) -> str:
        """A bound as the local time that it is."""
        return self.time(instant_of(bound, self.as_of, self.calendar))

    def _days(self, interval: Interval) -> str:
        """The days that lie in an interval: a date is compared with the first day at or after each bound."""
        first, end = (
            None if bound is None else date_of(bound, self.as_of, self.calendar) for bound in (interval.start, interval.end)
        )
        if first is None or end is None:
            return _span(*(None if day is None else day.isoformat() for day in (first, end)))
        if end <= first:
            return " on no day: none begins in that time"
        last = end - timedelta(days=1)
        return f" {first}" if first == last else f" from {first} to {last}"

    def _stretch(self, interval: Interval) -> str:
        """The instants that lie in an interval. A time that is written is bounded by itself and the next instant: that one is
        nothing to people.
        """
        start, end = (
            None if bound is None else instant_of(bound, self.as_of, self.calendar) for bound in (interval.start, interval.end)
        )
        is_after, is_through = start is not None and start.microsecond == 1, end is not None and end.microsecond == 1
        low = None if start is None else self.time(start - TICK if is_after else start)
        high = None if end is None else self.time(end - TICK if is_through else end)
        if low is None:
            return " there" if high is None else f" at or before {high}" if is_through else f" before {high}"
        if high is None:
            return f" after {low}" if is_after else f" at or after {low}"
        if start is not None and end == start + TICK:
            return f" {high}"
        return f" {'after' if is_after else 'from'} {low} {'through' if is_through else 'until'} {high}"

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
        return self._where(rows.where) + self._window(rows.window)

    def _where(self, where: ir.Predicate | None) -> str:
        return "" if where is None else f" where {self._part(where)}"

    def _window(self, window: Interval | None) -> str:
        """The window as the rows that it leaves: there are none at or after the as-of, wherever it ends."""
        if window is None:
            return ""
        start, end = window.start, window.end
        if end is not None and instant_of(end, self.as_of, self.calendar) >= self.as_of:
            end = None
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
                return f"at least {count} of ({'; '.join(self.condition(item) for item in items)})"
            case ir.Everyone():
                return "everyone"
            case ir.RowHolds(rows, edge, where):
                return f"the {edge} of {rows.name}{self._rows(rows)} is one where {self.condition(where)}"
            case ir.Sequence(steps, window):
                told = self._window(window)
                return ", then ".join(self.step(step) for step in steps) + (f", all{told}" if told else "")
            case ir.MemberOf():
                return self._membership(predicate)
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
                return f"{MATCHED[how]} {self.value(value)}{_case(ignore_case)}"
            case ir.Regex(_, pattern, ignore_case):
                return f"matches {self.value(pattern)}{_case(ignore_case)}"
            case ir.InInterval(subject, interval):
                if subject.type is DataType.DATE:
                    return f"is{self._days(interval)}"
                return f"is{self._stretch(interval)}"
            case ir.DayOfYearBetween(_, first, last):
                return f"is on {_day(first)}" if first == last else f"has a day from {_day(first)} to {_day(last)}"
            case ir.DayOfYearWithinNext(_, days):
                return "has its day today" if days == 1 else f"has a day that comes within {days} days, today included"
            case ir.DayOfWeekIn(_, days):
                return f"is on a {' or '.join(DAYS[day] for day in days)}"
            case ir.HourBetween(_, first, last):
                return f"has an hour from {first} to {last}"
            case ir.ListHas(_, how, values):
                return f"has {how} of {self._listed(values)}"
            case ir.ListSize(_, operator, value):
                return f"has {SIZES[operator]}{value} {'element' if value == 1 else 'elements'}"
            case ir.CompareFields(subject, operator, other, ignore_case):
                compared = COMPARED_TIMES if subject.type.is_temporal else COMPARED
                return f"{compared.get(operator) or MATCHED[operator]} {self.operand(other)}{_case(ignore_case)}"
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

    def _listed(self, values: tuple[object, ...], longest: int = LONGEST_LIST) -> str:
        more = f" and {len(values) - longest} more" if len(values) > longest else ""
        return ", ".join(self.value(value) for value in values[:longest]) + more

    def step(self, step: ir.Step) -> str:
        """A step of a sequence: `no orders within 24 hours`."""
        same = f" with the same {', '.join(str(field) for field in step.same)}" if step.same else ""
        within = "" if step.within is None else f" within {step.within}"
        return f"{'no ' if step.negative else ''}{step.event}{self._where(step.where)}{same}{within}"

    def _membership(self, of: ir.MemberOf) -> str:
        whose = "" if of.through is None else f"its {of.through} "
        if of.entered_within is not None:
            return f"{whose}came into segment {of.segment} within {of.entered_within}"
        is_in = f"in segment {of.segment}" if of.through is None else f"{whose}is in segment {of.segment}"
        return is_in if of.held_for is None else f"{is_in} for {of.held_for} at least"


def number(value: int | float | Decimal) -> str:
    """A number without zeros that say nothing."""
    text = format(value, "f") if isinstance(value, Decimal) else repr(value)
    return text.rstrip("0").rstrip(".") if "." in text and "e" not in text else text


def _span(start: str | None, end: str | None) -> str:
    if start is not None:
        return f" at or after {start}" if end is None else f" from {start} until {end}"
    return " there" if end is None else f" before {end}"


def _quoted(text: str) -> str:
    """A text in quotes on one line, its beginning where it is long."""
    if len(text) <= LONGEST_TEXT:
        return f"'{text.translate(ESCAPES)}'"
    return f"'{text[:LONGEST_TEXT].translate(ESCAPES)}…', {len(text)} characters"


def _case(ignore_case: bool) -> str:
    return " (whatever the case)" if ignore_case else ""


def _day(day: tuple[int, int]) -> str:
    return f"{day[1]} {MONTHS[day[0] - 1]}"
