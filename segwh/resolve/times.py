"""Dates and times of rules become bounds: ISO 8601 text, read in the project's time zone, a date as its whole local day."""

from __future__ import annotations

import re
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta
from typing import NoReturn, assert_never

from segwh.rules import syntax
from segwh.semantics import AS_OF, Bound, Calendar, CalendarEdge, Duration, Fixed, Interval, Relative, Shift, begins_before
from segwh.text.diagnostics import Code, Complaints
from segwh.text.reading import DATE, TIME
from segwh.text.source import Scalar, Span

TICK = timedelta(microseconds=1)
"""The smallest step of a timestamp: a single instant `t` is `[t, t + tick)`."""
EXPECTED = "a date such as 2026-03-31, or a time such as 2026-03-31T18:00"


@dataclass(frozen=True, slots=True)
class Moment:
    """What a date or time of a rule covers: `[start, end)`. The end of the last day of the calendar is None: no end."""

    start: datetime
    end: datetime | None
    is_day: bool


class TimeReader:
    """Reads dates, times and windows in a calendar. Methods raise RejectedError after complaining."""

    def __init__(self, calendar: Calendar, complaints: Complaints) -> None:
        self.calendar = calendar
        self.complaints = complaints

    def moment(self, scalar: Scalar) -> Moment:
        """A date (its whole local day) or a time (one instant; without zone it is local)."""
        if not DATE.fullmatch(scalar.text) and not TIME.fullmatch(scalar.text):
            message = f"`{scalar.text}` is not a date or time"
            self.complaints.reject(Code.BAD_TIME, scalar.span, message, EXPECTED, time_hint(scalar))
        try:
            if DATE.fullmatch(scalar.text):
                return self.day(date.fromisoformat(scalar.text))
            at = datetime.fromisoformat(padded(scalar.text))
            instant = self.calendar.instant(at) if at.tzinfo is None else at.astimezone(UTC)
            return Moment(instant, instant + TICK, False)
        except (ValueError, OverflowError):
            message = f"`{scalar.text}` is not in the calendar"
            self.complaints.reject(Code.BAD_TIME, scalar.span, message, EXPECTED)

    def day(self, day: date) -> Moment:
        """A whole local day. Raises OverflowError outside of the calendar."""
        end = self.calendar.midnight(day + timedelta(days=1)) if day < date.max else None
        return Moment(self.calendar.midnight(day), end, True)

    def date_only(self, scalar: Scalar) -> Moment:
        """A date without time."""
        moment = self.moment(scalar)
        if not moment.is_day:
            self.complaints.reject(Code.BAD_TIME, scalar.span, f"`{scalar.text}` is a time", "a date such as 2027-01-01")
        return moment

    def between(self, first: Scalar, last: Scalar, span: Span) -> Interval:
        """From one date or time to another, both included."""
        start, end = self.moment(first), self.moment(last)
        if start.start > end.start:
            self.reversed(first, last, span)
        return Interval(Fixed(start.start), fixed(end.end))

    def reversed(self, first: Scalar, last: Scalar, span: Span) -> NoReturn:
        """Complain about bounds in the wrong order. Raises RejectedError."""
        message = f"`{first.text}` is later than `{last.text}`" if first.text != last.text else "the stretch holds no time"
        self.complaints.reject(Code.REVERSED, span, message, "[earlier, later]")

    def after(self, scalar: Scalar) -> Interval:
        """Later than a time, or than the end of a day."""
        end = self.moment(scalar).end
        if end is None:
            message = f"nothing is later than `{scalar.text}`"
            self.complaints.reject(Code.OUT_OF_RANGE, scalar.span, message, "an earlier date")
        return Interval(start=Fixed(end))

    def is_past_all_days(self, bound: Bound | None) -> bool:
        """Whether a fixed bound is later than every local midnight."""
        return isinstance(bound, Fixed) and begins_before(date.max, bound.at, self.calendar)

    def window(self, window: syntax.Window, span: Span) -> Interval:
        """The stretch of time that a window is."""
        match window:
            case syntax.Within():
                return within(window)
            case syntax.CalendarUnits():
                return calendar_units(window)
            case syntax.BeforeAgo(duration):
                return Interval(end=before(duration))
            case syntax.Since(time):
                return Interval(start=Fixed(self.moment(time).start))
            case syntax.Until(time):
                return Interval(end=half_open_end(self.moment(time)))
            case syntax.Between(first, last):
                start, end = self.moment(first), half_open_end(self.moment(last))
                if end is not None and start.start >= end.at:
                    self.reversed(first, last, span)
                return Interval(Fixed(start.start), end)
            case _:
                assert_never(window)


def half_open_end(moment: Moment) -> Fixed | None:
    """Where a window ends: after a whole day, but at an instant, which is itself outside."""
    return fixed(moment.end) if moment.is_day else Fixed(moment.start)


def fixed(at: datetime | None) -> Fixed | None:
    """A bound at an instant, or none."""
    return Fixed(at) if at is not None else None


def before(*durations: Duration) -> Bound:
    """As-of, moved back by durations one after the other."""
    return Relative(tuple(Shift(-1, duration) for duration in durations))


def within(window: syntax.Within) -> Interval:
    """`[as_of - d, as_of)`, or with an ending `[as_of - e - d, as_of - e)`."""
    if window.ending is None:
        return Interval(before(window.duration), AS_OF)
    return Interval(before(window.ending, window.duration), before(window.ending))


def calendar_units(window: syntax.CalendarUnits) -> Interval:
    """Whole local calendar units around as-of."""
    match window.which:
        case "this":
            first, last = 0, 1
        case "last":
            first, last = -window.count, 0
        case "next":
            first, last = 1, 1 + window.count
        case _:
            assert_never(window.which)
    return Interval(CalendarEdge(window.unit, first), CalendarEdge(window.unit, last))


def padded(text: str) -> str:
    """A time in the form that the standard library reads: six digits of a fraction or none."""
    found = re.search(r"\.(\d{1,6})", text)
    return text.replace(found[0], "." + found[1].ljust(6, "0")) if found else text


def time_hint(scalar: Scalar) -> str:
    """What might be meant by a text that is no date."""
    text = scalar.text.strip()
    if re.fullmatch(r"\d{8}", text):
        return f"`{text[:4]}-{text[4:6]}-{text[6:]}`"
    if re.fullmatch(r"\d+ \w+( ago)?", text):
        return "a stretch of time is written `within: 30 days` or `more_than_ago: 30 days`"
    if re.fullmatch(r"\d{1,2}[./-]\d{1,2}[./-]\d{4}", text):
        return "year first: YYYY-MM-DD"
    return ""
