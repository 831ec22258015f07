"""The windows of an event or a sequence in one table: what is written and which half-open stretch of time it is."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum

from segwh.semantics import Unit


class WindowForm(StrEnum):
    """What stands after a window's key."""

    DURATION = "a duration"
    PAIR = "a list of two dates or times"
    TIME = "a date or time"
    CALENDAR = "a calendar unit"
    AGO = "a time before as-of"


@dataclass(frozen=True, slots=True)
class WindowRow:
    """A row of the table."""

    name: str
    form: WindowForm
    doc: str
    example: str


TABLE = (
    WindowRow("within", WindowForm.DURATION, "as-of minus the duration, up to as-of; `ending: 30 days ago` moves both back",
              "within: 30 days"),
    WindowRow("between", WindowForm.PAIR, "from the first to the second; on dates both whole local days",
              "between: [2026-01-01, 2026-03-31]"),
    WindowRow("since", WindowForm.TIME, "from that time, or that date's midnight, on", "since: 2026-01-01"),
    WindowRow("until", WindowForm.TIME, "before that time, or through that date's end", "until: 2026-01-01"),
    WindowRow("calendar", WindowForm.CALENDAR, "this local calendar unit, or the last complete ones",
              "calendar: {last: 3, unit: month}"),
    WindowRow("before", WindowForm.AGO, "earlier than as-of minus the duration", "before: 30 days ago"),
)  # fmt: skip

WINDOWS: Mapping[str, WindowRow] = {row.name: row for row in TABLE}

CALENDAR_UNITS: Mapping[str, Unit] = {
    "day": Unit.DAYS,
    "week": Unit.WEEKS,
    "month": Unit.MONTHS,
    "quarter": Unit.QUARTERS,
    "year": Unit.YEARS,
}
WEEK_DAYS = ("monday", "tuesday", "wednesday", "thursday", "friday", "saturday", "sunday")
