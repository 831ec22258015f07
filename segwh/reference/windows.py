"""Bounds of time as instants, by the slowest honest arithmetic: days are walked, offsets are tried.

Only the dataclasses of `segwh.semantics` are used, none of its functions, so that the two can be held against each other.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta
from functools import lru_cache
from typing import assert_never
from zoneinfo import ZoneInfo

from segwh.semantics import Bound, Calendar, CalendarEdge, Duration, Fixed, Interval, Relative, Unit

ONE_DAY = timedelta(days=1)
QUARTER_MONTHS = (1, 4, 7, 10)


@dataclass(frozen=True, slots=True)
class Moment:
    """The as-of (aware, in UTC) and the local calendar it is seen in."""

    as_of: datetime
    calendar: Calendar

    def local(self, at: datetime) -> datetime:
        """The wall-clock time of an instant, without zone."""
        return local_time(at, self.calendar.timezone)

    def midnight(self, day: date) -> datetime:
        """The instant at which a local day begins."""
        return utc_instant(datetime.combine(day, time()), self.calendar.timezone)

    def instant(self, value: date | datetime) -> datetime:
        """A value on the time line: a date is its local midnight."""
        return value if isinstance(value, datetime) else self.midnight(value)

    def today(self) -> date:
        """The local day of as-of."""
        return self.local(self.as_of).date()


def local_time(at: datetime, zone: str) -> datetime:
    """The wall-clock time of an instant in a zone, without zone."""
    return at.astimezone(ZoneInfo(zone)).replace(tzinfo=None)


@lru_cache(maxsize=100_000)
def utc_instant(wall: datetime, zone: str) -> datetime:
    """The instant of a wall-clock time: the first of two, and a skipped one is moved forward by the gap (law 6).

    Every offset that the zone has about that time is tried.
    """
    about = wall.replace(tzinfo=UTC)
    tries = [about + timedelta(hours=hours) for hours in range(-30, 31)]
    offsets = {at - local_time(at, zone).replace(tzinfo=UTC) for at in tries}
    instants = [about + offset for offset in offsets]
    exact = [at for at in instants if local_time(at, zone) == wall]
    return min(exact) if exact else min(at for at in instants if local_time(at, zone) > wall)


def later_by_months(day: date, months: int) -> date:
    """The same day of a later (or earlier) month, or that month's last day."""
    year = day.year + (day.month - 1 + months) // 12
    month = (day.month - 1 + months) % 12 + 1
    for number in range(day.day, 27, -1):
        try:
            return date(year, month, number)
        except ValueError:
            continue
    return date(year, month, min(day.day, 28))


def moved(at: datetime, sign: int, duration: Duration, moment: Moment) -> datetime:
    """An instant moved earlier (sign -1) or later (+1) by a duration."""
    count = sign * duration.count
    match duration.unit:
        case Unit.SECONDS:
            return at + timedelta(seconds=count)
        case Unit.MINUTES:
            return at + timedelta(minutes=count)
        case Unit.HOURS:
            return at + timedelta(hours=count)
        case Unit.DAYS:
            return at + timedelta(hours=24 * count)
        case Unit.WEEKS:
            return at + timedelta(hours=7 * 24 * count)
        case Unit.MONTHS:
            return _by_local_months(at, count, moment)
        case Unit.QUARTERS:
            return _by_local_months(at, 3 * count, moment)
        case Unit.YEARS:
            return _by_local_months(at, 12 * count, moment)
        case _:
            assert_never(duration.unit)


def _by_local_months(at: datetime, months: int, moment: Moment) -> datetime:
    wall = moment.local(at)
    return utc_instant(datetime.combine(later_by_months(wall.date(), months), wall.time()), moment.calendar.timezone)


def edge_day(edge: CalendarEdge, moment: Moment) -> date:
    """The local day on which a calendar unit begins."""
    day = moment.today()
    match edge.unit:
        case Unit.DAYS:
            return day + edge.offset * ONE_DAY
        case Unit.WEEKS:
            while day.weekday() != moment.calendar.week_starts_on:
                day -= ONE_DAY
            return day + edge.offset * 7 * ONE_DAY
        case Unit.MONTHS:
            while day.day != 1:
                day -= ONE_DAY
            return later_by_months(day, edge.offset)
        case Unit.QUARTERS:
            while day.day != 1 or day.month not in QUARTER_MONTHS:
                day -= ONE_DAY
            return later_by_months(day, 3 * edge.offset)
        case Unit.YEARS:
            while (day.month, day.day) != (1, 1):
                day -= ONE_DAY
            return later_by_months(day, 12 * edge.offset)
        case Unit.SECONDS | Unit.MINUTES | Unit.HOURS:
            raise ValueError(f"{edge.unit} is not a calendar unit")
        case _:
            assert_never(edge.unit)


def bound_instant(bound: Bound, moment: Moment) -> datetime:
    """The instant that a bound is at as-of."""
    match bound:
        case Fixed(at):
            return at
        case Relative(shifts):
            at = moment.as_of
            for shift in shifts:
                at = moved(at, shift.sign, shift.duration, moment)
            return at
        case CalendarEdge():
            return moment.midnight(edge_day(bound, moment))
        case _:
            assert_never(bound)


def lies_in(value: date | datetime, interval: Interval, moment: Moment) -> bool:
    """Whether a value lies in a half-open interval."""
    at = moment.instant(value)
    if interval.start is not None and at < bound_instant(interval.start, moment):
        return False
    return interval.end is None or at < bound_instant(interval.end, moment)
