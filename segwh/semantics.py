"""The vocabulary of time: durations, bounds relative to as-of, half-open intervals, and what instant each bound is.

Nothing here reads the clock: every function takes the as-of. Bounds are computed outside SQL because engines disagree about
local times that a DST change skips or repeats; what reaches SQL is a UTC literal.
"""

from __future__ import annotations

import calendar as month_lengths
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta
from enum import StrEnum
from zoneinfo import ZoneInfo


class Unit(StrEnum):
    """A unit of a duration. Seconds to weeks are exact; months to years step on the local calendar."""

    SECONDS = "seconds"
    MINUTES = "minutes"
    HOURS = "hours"
    DAYS = "days"
    WEEKS = "weeks"
    MONTHS = "months"
    QUARTERS = "quarters"
    YEARS = "years"

    @property
    def is_exact(self) -> bool:
        """Whether the unit is a fixed number of seconds."""
        return self in EXACT_SECONDS


EXACT_SECONDS = {
    Unit.SECONDS: 1,
    Unit.MINUTES: 60,
    Unit.HOURS: 3_600,
    Unit.DAYS: 86_400,
    Unit.WEEKS: 604_800,
}
CALENDAR_MONTHS = {Unit.MONTHS: 1, Unit.QUARTERS: 3, Unit.YEARS: 12}


@dataclass(frozen=True, slots=True)
class Duration:
    """A positive length of time, such as 30 days."""

    count: int
    unit: Unit

    def __post_init__(self) -> None:
        if self.count <= 0:
            raise ValueError("a duration is positive")

    @property
    def most_seconds(self) -> int:
        """The seconds of the longest stretch that it can be: a month has up to 31 days and an hour."""
        if self.unit.is_exact:
            return self.count * EXACT_SECONDS[self.unit]
        return self.count * CALENDAR_MONTHS[self.unit] * (31 * 86_400 + 3_600)

    def __str__(self) -> str:
        return f"{self.count} {self.unit.value if self.count != 1 else self.unit.value[:-1]}"

    @property
    def after_the(self) -> str:
        """It as it stands after `the last`: `day`, `6 hours`."""
        return str(self) if self.count != 1 else self.unit.value[:-1]


@dataclass(frozen=True, slots=True)
class Fixed:
    """A bound written as a date or time: one instant, whatever the as-of. `at` is aware and in UTC."""

    at: datetime

    def __post_init__(self) -> None:
        if self.at.utcoffset() != timedelta(0):
            raise ValueError("a fixed bound is in UTC")


@dataclass(frozen=True, slots=True)
class Shift:
    """One step away from as-of: `sign` (-1 earlier, +1 later) times a duration."""

    sign: int
    duration: Duration


@dataclass(frozen=True, slots=True)
class Relative:
    """A bound at as-of, moved by shifts that apply from left to right. Without shifts it is as-of itself."""

    shifts: tuple[Shift, ...] = ()


@dataclass(frozen=True, slots=True)
class CalendarEdge:
    """The start of the local calendar unit (days to years) that holds as-of, moved by `offset` whole units."""

    unit: Unit
    offset: int = 0


Bound = Fixed | Relative | CalendarEdge
AS_OF = Relative()


@dataclass(frozen=True, slots=True)
class Interval:
    """A half-open stretch of time `[start, end)`; an absent side is unbounded."""

    start: Bound | None = None
    end: Bound | None = None


@dataclass(frozen=True, slots=True)
class Calendar:
    """The project's local calendar: an IANA time zone and the first day of the week (0 is Monday)."""

    timezone: str = "UTC"
    week_starts_on: int = 0

    @property
    def zone(self) -> ZoneInfo:
        """The tz database entry. Raises ZoneInfoNotFoundError for an unknown name."""
        return ZoneInfo(self.timezone)

    def local(self, at: datetime) -> datetime:
        """An instant as naive local wall-clock time."""
        return at.astimezone(self.zone).replace(tzinfo=None)

    def instant(self, wall: datetime) -> datetime:
        """The UTC instant of a naive local time: a skipped one moves forward by the gap, a repeated one is the first."""
        # fold=0 gives both: before a gap it applies the earlier offset (which moves the time forward), and in an
        # overlap it is the first of the two.
        return wall.replace(tzinfo=self.zone, fold=0).astimezone(UTC)

    def midnight(self, day: date) -> datetime:
        """The UTC instant at which a local day begins."""
        return self.instant(datetime.combine(day, time()))


def add_months(day: date, months: int) -> date:
    """A day moved by calendar months, clamped to the month's last day."""
    index = day.year * 12 + day.month - 1 + months
    year, month = divmod(index, 12)
    month += 1
    return date(year, month, min(day.day, month_lengths.monthrange(year, month)[1]))


def shifted(at: datetime, shift: Shift, calendar: Calendar) -> datetime:
    """An instant moved by one duration: exact units as seconds, months and longer on the local calendar."""
    count = shift.sign * shift.duration.count
    unit = shift.duration.unit
    if unit.is_exact:
        return at + timedelta(seconds=count * EXACT_SECONDS[unit])
    wall = calendar.local(at)
    moved = datetime.combine(add_months(wall.date(), count * CALENDAR_MONTHS[unit]), wall.time())
    return calendar.instant(moved)


def unit_start(day: date, unit: Unit, calendar: Calendar) -> date:
    """The first day of the local calendar unit that holds `day`."""
    match unit:
        case Unit.DAYS:
            return day
        case Unit.WEEKS:
            return day - timedelta(days=(day.weekday() - calendar.week_starts_on) % 7)
        case Unit.MONTHS:
            return day.replace(day=1)
        case Unit.QUARTERS:
            return date(day.year, (day.month - 1) // 3 * 3 + 1, 1)
        case Unit.YEARS:
            return date(day.year, 1, 1)
        case _:
            raise ValueError(f"{unit} is not a calendar unit")


def instant_of(bound: Bound, as_of: datetime, calendar: Calendar) -> datetime:
    """The UTC instant that a bound is at `as_of` (aware, UTC)."""
    match bound:
        case Fixed(at):
            return at
        case Relative(shifts):
            at = as_of
            for shift in shifts:
                at = shifted(at, shift, calendar)
            return at
        case CalendarEdge(unit, offset):
            start = unit_start(calendar.local(as_of).date(), unit, calendar)
            if unit in (Unit.DAYS, Unit.WEEKS):
                days = offset * (7 if unit is Unit.WEEKS else 1)
                return calendar.midnight(start + timedelta(days=days))
            return calendar.midnight(add_months(start, offset * CALENDAR_MONTHS[unit]))


def date_of(bound: Bound, as_of: datetime, calendar: Calendar) -> date:
    """The first local day that begins at or after a bound.

    A date used as an instant is its local midnight, so a date `d` lies in `[start, end)` exactly when
    `date_of(start) <= d < date_of(end)`. Raises OverflowError where no day of the calendar begins so late.
    """
    at = instant_of(bound, as_of, calendar)
    # Not simply the local day of `at` or the next: clocks have gone back over midnight (the day before came again, St John's
    # until 2011) and over the date line (a day without any instant, Apia in 2011).
    day = date.fromordinal(max(at.toordinal() - 3, date.min.toordinal()))
    while begins_before(day, at, calendar):
        day += timedelta(days=1)
    return day


def begins_before(day: date, at: datetime, calendar: Calendar) -> bool:
    """Whether the local midnight of a day lies before an instant."""
    try:
        return calendar.midnight(day) < at
    except OverflowError:
        return day.year == date.min.year  # in the east the first day of all begins before there are instants
