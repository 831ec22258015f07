"""Dates and times: whole local days, half-open windows, the project's time zone."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta

import pytest

from segwh import ir
from segwh.semantics import AS_OF, Calendar, CalendarEdge, Duration, Fixed, Interval, Relative, Shift, Unit, date_of
from segwh.types import DataType
from tests.frontend.catalogs import predicate

LONDON = "version: 1\ntimezone: Europe/London\nweek_starts_on: sunday\n"
SIGNED_UP = ir.Field("signed_up_at", DataType.TIMESTAMP)
TICK = timedelta(microseconds=1)


def at(text: str) -> Fixed:
    return Fixed(datetime.fromisoformat(text).replace(tzinfo=UTC))


@pytest.mark.parametrize(
    ("operator", "expected"),
    [
        ("is: 2026-06-15", Interval(at("2026-06-14T23:00"), at("2026-06-15T23:00"))),
        ("gte: 2026-06-15", Interval(start=at("2026-06-14T23:00"))),
        ("gt: 2026-06-15", Interval(start=at("2026-06-15T23:00"))),
        ("after: 2026-06-15", Interval(start=at("2026-06-15T23:00"))),
        ("lt: 2026-06-15", Interval(end=at("2026-06-14T23:00"))),
        ("before: 2026-06-15", Interval(end=at("2026-06-14T23:00"))),
        ("lte: 2026-06-15", Interval(end=at("2026-06-15T23:00"))),
        ("between: [2026-03-28, 2026-03-29]", Interval(at("2026-03-28T00:00"), at("2026-03-29T23:00"))),
        ('is: "2026-06-15T12:00"', Interval(at("2026-06-15T11:00"), Fixed(at("2026-06-15T11:00").at + TICK))),
        ('is: "2026-06-15 12:00:00.5Z"', Interval(at("2026-06-15T12:00:00.5"), Fixed(at("2026-06-15T12:00:00.5").at + TICK))),
        ('gt: "2026-06-15T12:00+02:00"', Interval(start=Fixed(at("2026-06-15T10:00").at + TICK))),
        ("is: 9999-12-31", Interval(at("9999-12-31T00:00"), None)),
    ],
)
def test_a_date_is_its_whole_local_day_and_a_time_one_instant(operator: str, expected: Interval) -> None:
    assert predicate(f"{{attribute: signed_up_at, {operator}}}", LONDON) == ir.InInterval(SIGNED_UP, expected)


def days(count: int) -> Shift:
    return Shift(-1, Duration(count, Unit.DAYS))


@pytest.mark.parametrize(
    ("window", "expected"),
    [
        ("within: 30 days", Interval(Relative((days(30),)), AS_OF)),
        ("within: 30 days, ending: 7 days ago", Interval(Relative((days(7), days(30))), Relative((days(7),)))),
        ("before: 30 days ago", Interval(end=Relative((days(30),)))),
        ("since: 2026-06-15", Interval(start=at("2026-06-14T23:00"))),
        ("until: 2026-06-15", Interval(end=at("2026-06-15T23:00"))),
        ('until: "2026-06-15T00:00Z"', Interval(end=at("2026-06-15T00:00"))),
        ("between: [2026-01-01, 2026-01-31]", Interval(at("2026-01-01T00:00"), at("2026-02-01T00:00"))),
        ("between: [2026-01-01, 2026-01-01]", Interval(at("2026-01-01T00:00"), at("2026-01-02T00:00"))),
        ("calendar: {this: week}", Interval(CalendarEdge(Unit.WEEKS, 0), CalendarEdge(Unit.WEEKS, 1))),
        ("calendar: {last: 3, unit: month}", Interval(CalendarEdge(Unit.MONTHS, -3), CalendarEdge(Unit.MONTHS, 0))),
    ],
)
def test_a_window_is_half_open(window: str, expected: Interval) -> None:
    made = predicate(f"{{event: orders, {window}}}", LONDON)
    assert isinstance(made, ir.Compare)
    assert isinstance(made.subject, ir.Measured)
    assert made.subject.rows.window == expected


@pytest.mark.parametrize(
    ("operator", "expected"),
    [
        ("within_next: 7 days", Interval(AS_OF, Relative((Shift(1, Duration(7, Unit.DAYS)),)))),
        ("more_than_ago: 90 days", Interval(end=Relative((days(90),)))),
        ("calendar: {next: 2, unit: quarter}", Interval(CalendarEdge(Unit.QUARTERS, 1), CalendarEdge(Unit.QUARTERS, 3))),
    ],
)
def test_an_attribute_lies_around_as_of(operator: str, expected: Interval) -> None:
    assert predicate(f"{{attribute: signed_up_at, {operator}}}") == ir.InInterval(SIGNED_UP, expected)


def test_days_of_the_year_the_week_and_hours_are_ranges() -> None:
    birthday = ir.Field("birthday", DataType.DATE)
    assert predicate("{attribute: birthday, day_of_year: {between: [12-02, 01-03]}}") == ir.DayOfYearBetween(
        birthday, (12, 2), (1, 3)
    )
    assert predicate("{attribute: birthday, day_of_year: {within_next: 2 weeks}}") == ir.DayOfYearWithinNext(birthday, 14)
    assert predicate("{attribute: birthday, day_of_week: {between: [saturday, monday]}}") == ir.DayOfWeekIn(
        birthday, (0, 5, 6)
    )
    assert predicate("{attribute: signed_up_at, hour: {is: 12}}") == ir.HourBetween(SIGNED_UP, 12, 12)


@pytest.mark.parametrize(
    ("instant", "zone", "expected"),
    [
        (datetime(1, 1, 1), "UTC", date(1, 1, 1)),
        (datetime(1, 1, 1, 0, 0, 0, 1), "UTC", date(1, 1, 2)),
        (datetime(1, 1, 1), "America/New_York", date(1, 1, 1)),
        (datetime(1, 1, 1), "Asia/Tokyo", date(1, 1, 2)),
        (datetime(9999, 12, 30, 0, 0, 0, 1), "UTC", date(9999, 12, 31)),
        (datetime(9999, 12, 31, 5), "America/New_York", date(9999, 12, 31)),
    ],
)
def test_the_first_day_from_an_instant_on_at_the_ends_of_the_calendar(instant: datetime, zone: str, expected: date) -> None:
    assert date_of(Fixed(instant.replace(tzinfo=UTC)), datetime(2026, 1, 1, tzinfo=UTC), Calendar(zone)) == expected


@pytest.mark.parametrize("operator", ["before: '9999-12-31T23:59'", "lte: 9999-12-31"])
def test_every_date_begins_before_the_last_hours_of_the_calendar(operator: str) -> None:
    assert predicate(f"{{attribute: birthday, {operator}}}") == ir.InInterval(ir.Field("birthday", DataType.DATE), Interval())
