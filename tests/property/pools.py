"""Values that rules and rows share, so that they meet: hostile texts, close numbers, instants at the edges of windows."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import UTC, date, datetime, timedelta
from decimal import Decimal

from segwh.reference.windows import Moment, edge_day, moved
from segwh.semantics import Calendar, CalendarEdge, Duration, Unit

TEXTS = (
    "", " ", "a", "A", "b", "ab", "aab", "a%b", "a_b", "axb", "%", "_", "\\", "\\n", "\n", "a\nb", "O'Reilly", "''", 'say "hi"',
    "{{ x }}", "{% raw %}", "{#", "*/", "/*", "-- x", ";", "$1", "?", ":a", "é", "É", "ä", "ß", "🍵", "10", "null", "~", "true",
    "2026-03-01", "x" * 300, "!_", "a\tb", "tea", "Tea", "[", "(", "\u2028", "\x7f",
    "\0", "a\0b", "\r\n", "\u0130", "\u03c3\u03a3\u03c2", "NaN", "\ufeff",
)  # fmt: skip
PATTERNS = (
    "a", "a.b", "^a", "b$", "^$", "[a-c]+", "[^a]", r"\d", r"^\w+$", "(ab|é)", "a{2}", r"\.", "%", r"\{\{", "O'R", " ", ".",
    r"\s", "^(a|b)*$", r"[\d_]", "^.{2,3}$", "[A-Z]", r"\\", r"[^\w]", '"', "🍵", "^[^b]*$", r"\$", "a?b", "/",
)  # fmt: skip
INTEGERS = (-3, -1, 0, 1, 2, 3, 5, 10)
DECIMALS = tuple(Decimal(text) for text in ("-1.5", "0", "0.1", "0.2", "0.3", "0.30", "1", "2.5", "9.99", "10", "100.0001"))
DOUBLES = (-1.5, -0.25, 0.0, 0.5, 0.75, 1.0, 2.5, 3.0, 10.0)
"""Sums of these are exact in any order."""
LITERALS = tuple(Decimal(text) for text in ("-1.5", "0", "0.5", "0.75", "1", "2.5", "3", "0.1", "10"))
ZONES = ("UTC", "Europe/London", "America/New_York", "Australia/Lord_Howe", "America/Sao_Paulo", "Asia/Kathmandu")
WEEK_DAYS = ("monday", "tuesday", "wednesday", "thursday", "friday", "saturday", "sunday")
AS_OFS = tuple(
    datetime.fromisoformat(text).replace(tzinfo=UTC)
    for text in (
        "2026-03-31T12:00:00", "2026-03-29T12:00:00", "2026-03-29T01:00:00", "2026-04-29T00:30:00", "2026-11-25T01:30:00",
        "2026-10-25T00:30:00", "2026-11-01T05:30:00", "2026-03-08T07:30:00", "2028-02-29T00:00:00", "2028-03-01T00:00:00",
        "2027-03-01T10:00:00", "2026-12-31T23:59:59.999999", "2027-01-01T00:00:00", "2018-11-04T03:00:00",
        "2026-04-04T15:15:00", "2045-06-15T08:00:00.000001", "1972-05-31T00:00:00",
    )
)  # fmt: skip
UNITS = ("day", "week", "month", "quarter", "year")
DURATIONS = tuple(
    Duration(count, unit)
    for count, unit in (
        (10, Unit.SECONDS), (90, Unit.MINUTES), (24, Unit.HOURS), (1, Unit.DAYS), (7, Unit.DAYS), (30, Unit.DAYS),
        (2, Unit.WEEKS), (1, Unit.MONTHS), (3, Unit.MONTHS), (1, Unit.QUARTERS), (1, Unit.YEARS), (4, Unit.YEARS),
    )
)  # fmt: skip
MICROSECOND = timedelta(microseconds=1)

NAMED_DAYS = tuple(date.fromisoformat(text) for text in ("2000-02-29", "2001-02-28", "1969-12-31", "1999-03-01", "2040-01-01"))


def edges(moment: Moment, durations: Iterable[Duration], units: Iterable[CalendarEdge]) -> list[datetime]:
    """Instants at which a window of those durations or calendar units begins or ends, one microsecond aside, and far away.

    What comes more than once is to be drawn more often: the first instant of a window, and the last before it.
    """
    as_of = moment.as_of
    found = [as_of, as_of, as_of - MICROSECOND, as_of - MICROSECOND, as_of + MICROSECOND, *FAR]
    for duration in durations:
        back, ahead = moved(as_of, -1, duration, moment), moved(as_of, 1, duration, moment)
        before = moved(back, -1, duration, moment)
        found += [*4 * [back], back - MICROSECOND, back - MICROSECOND, back + MICROSECOND, *2 * [back + (as_of - back) / 2]]
        found += [before, before, before - MICROSECOND, ahead, ahead - MICROSECOND]
    for unit in units:
        begin = moment.midnight(edge_day(unit, moment))
        found += [begin, begin, begin - MICROSECOND]
    return found


FAR = (datetime(1969, 12, 31, 23, 59, 59, 999_999, UTC), datetime(2040, 1, 1, tzinfo=UTC))
CALENDAR_EDGES = tuple(
    CalendarEdge(unit, offset)
    for unit in (Unit.DAYS, Unit.WEEKS, Unit.MONTHS, Unit.QUARTERS, Unit.YEARS)
    for offset in (-2, -1, 0, 1, 2)
)


def days(moment: Moment, instants: Iterable[datetime]) -> list[date]:
    """Days near as-of, at the edges of windows, and those with a name in the laws."""
    today = moment.today()
    near = [today + timedelta(days=number) for number in (-366, -30, -7, -1, 0, 0, 1, 6, 7, 365)]
    return [*near, *NAMED_DAYS, *(moment.local(at).date() for at in instants)]


def calendar(timezone: str, week_starts_on: str) -> Calendar:
    """A calendar by the words of segwh.yml."""
    return Calendar(timezone, WEEK_DAYS.index(week_starts_on))
