"""The two arithmetics of time, semantics.py and reference/windows.py, agree on thousands of instants near every edge."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta
from zoneinfo import ZoneInfo

from hypothesis import example, given, settings
from hypothesis import strategies as st

from segwh import semantics
from segwh.reference import windows
from segwh.semantics import AS_OF, Bound, Calendar, CalendarEdge, Duration, Fixed, Relative, Shift, Unit

# Whole hours, half hours, changes at midnight, at 00:01, over the date line, in the southern summer, none at all.
ZONES = (
    "UTC",
    "Europe/London",
    "America/New_York",
    "Australia/Lord_Howe",
    "America/Sao_Paulo",
    "America/Havana",
    "Asia/Beirut",
    "America/St_Johns",
    "Pacific/Apia",
    "Asia/Kathmandu",
)


def transitions(zone: str) -> list[datetime]:
    """Instants between 1960 and 2045 at which the zone's offset changes, to the minute."""
    tz, found = ZoneInfo(zone), []
    at = datetime(1960, 1, 1, tzinfo=UTC)
    while at.year < 2045:
        later = at + timedelta(days=1)
        if at.astimezone(tz).utcoffset() != later.astimezone(tz).utcoffset():
            low, high = at, later
            while high - low > timedelta(minutes=1):
                middle = low + (high - low) / 2
                same = middle.astimezone(tz).utcoffset() == at.astimezone(tz).utcoffset()
                low, high = (middle, high) if same else (low, middle)
            found.append(high.replace(second=0, microsecond=0))
        at = later
    return found


EDGES = {zone: transitions(zone) or [datetime(2024, 2, 29, tzinfo=UTC)] for zone in ZONES}
CALENDARS = st.builds(Calendar, st.sampled_from(ZONES), st.integers(0, 6))
DURATIONS = st.builds(Duration, st.integers(1, 40), st.sampled_from(Unit))
CALENDAR_UNITS = (Unit.DAYS, Unit.WEEKS, Unit.MONTHS, Unit.QUARTERS, Unit.YEARS)
BOUNDS: st.SearchStrategy[Bound] = st.one_of(
    st.just(AS_OF),
    st.lists(st.builds(Shift, st.sampled_from((-1, 1)), DURATIONS), max_size=3).map(lambda shifts: Relative(tuple(shifts))),
    st.builds(CalendarEdge, st.sampled_from(CALENDAR_UNITS), st.integers(-15, 15)),
    st.datetimes(datetime(1960, 1, 1), datetime(2045, 1, 1)).map(lambda at: Fixed(at.replace(tzinfo=UTC))),
)


@st.composite
def instants(draw: st.DrawFn, zone: str) -> datetime:
    """Any instant, or one within two days of a change of the zone's offset, or one at a local day's first moment."""
    if draw(st.booleans()):
        return draw(st.datetimes(datetime(1965, 1, 1), datetime(2040, 1, 1))).replace(tzinfo=UTC)
    near = draw(st.sampled_from(EDGES[zone]))
    aside = draw(st.one_of(st.sampled_from((0, 1, -1)), st.integers(-2 * 86_400 * 10**6, 2 * 86_400 * 10**6)))
    return near + timedelta(microseconds=aside)


@st.composite
def moments(draw: st.DrawFn) -> windows.Moment:
    calendar = draw(CALENDARS)
    return windows.Moment(draw(instants(calendar.timezone)), calendar)


@settings(max_examples=3000, deadline=None)
@given(moments(), BOUNDS)
def test_every_bound_is_the_same_instant(moment: windows.Moment, bound: Bound) -> None:
    assert windows.bound_instant(bound, moment) == semantics.instant_of(bound, moment.as_of, moment.calendar)


@settings(max_examples=3000, deadline=None)
@given(moments(), BOUNDS, st.integers(-2, 2))
@example(
    # At 00:01 the clocks of St John's went back into the day before, whose midnight is long gone.
    windows.Moment(datetime(2009, 11, 1, 2, 35, tzinfo=UTC), Calendar("America/St_Johns")),
    AS_OF,
    0,
)
@example(
    # Apia skipped 30 December 2011 as a whole: used as an instant it begins when the 31st does.
    windows.Moment(datetime(2011, 12, 30, 10, 0, tzinfo=UTC), Calendar("Pacific/Apia")),
    AS_OF,
    -1,
)
def test_a_date_lies_after_a_bound_when_its_midnight_does(moment: windows.Moment, bound: Bound, aside: int) -> None:
    first = semantics.date_of(bound, moment.as_of, moment.calendar)
    day = first + timedelta(days=aside)
    assert (day >= first) == (moment.midnight(day) >= windows.bound_instant(bound, moment))


@settings(max_examples=2000, deadline=None)
@given(st.dates(date(1800, 1, 1), date(2200, 1, 1)), st.integers(-1200, 1200))
def test_months_step_alike(day: date, months: int) -> None:
    assert windows.later_by_months(day, months) == semantics.add_months(day, months)


def test_the_hand_made_instants_of_london() -> None:
    """01:30 of 29 March 2026 is skipped, 01:30 of 25 October comes twice."""
    assert windows.utc_instant(datetime(2026, 3, 29, 1, 30), "Europe/London") == datetime(2026, 3, 29, 1, 30, tzinfo=UTC)
    assert windows.local_time(datetime(2026, 3, 29, 1, 30, tzinfo=UTC), "Europe/London") == datetime(2026, 3, 29, 2, 30)
    assert windows.utc_instant(datetime(2026, 10, 25, 1, 30), "Europe/London") == datetime(2026, 10, 25, 0, 30, tzinfo=UTC)
    assert windows.later_by_months(date(2026, 3, 31), -1) == date(2026, 2, 28)
    assert windows.later_by_months(date(2024, 2, 29), -12) == date(2023, 2, 28)
