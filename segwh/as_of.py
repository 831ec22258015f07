"""Instants on the command line: ISO 8601 text in, an aware UTC time out, and back."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta

from segwh.errors import UserError
from segwh.semantics import Calendar


def parsed(text: str, calendar: Calendar, option: str = "--as-of") -> datetime:
    """The instant that ISO 8601 text means: without a zone it is local time, a bare date is its local midnight.

    Raises UserError for text that is no date or time.
    """
    written = text.strip()
    try:
        if len(written) <= len("2026-11-01"):
            return calendar.midnight(date.fromisoformat(written))
        at = datetime.fromisoformat(written)
        return at.astimezone(UTC) if at.tzinfo else calendar.instant(at)
    except (ValueError, OverflowError):
        raise UserError(
            f"{option} `{text}` is no ISO 8601 date or time",
            "such as 2026-11-01, 2026-11-01T06:30:00 (local time) or 2026-11-01T06:30:00Z",
        ) from None


def rounded(at: datetime, unit: str | None, calendar: Calendar) -> datetime:
    """The as-of of a run that is asked for an instant, rounded as segwh__requested_as_of does it."""
    match unit:
        case "day":
            return calendar.midnight(calendar.local(at).date())
        case "hour":
            return at.astimezone(UTC).replace(minute=0, second=0, microsecond=0)
        case _:
            return at


def asked(text: str | None, calendar: Calendar, unit: str | None) -> datetime:
    """The as-of that a run would have at that instant, and without a text now. Raises UserError."""
    at = datetime.now(UTC).replace(microsecond=0) if text is None else parsed(text, calendar)
    return rounded(at, unit, calendar)


def written(at: datetime) -> str:
    """An instant as the ISO 8601 text that dbt's variable segwh_as_of takes, to the microsecond where it has any."""
    return at.astimezone(UTC).replace(tzinfo=None).isoformat() + "Z"


def lies_ahead(at: datetime, now: datetime) -> bool:
    """Whether an instant is in the future by more than a clock may be wrong."""
    return at > now + timedelta(minutes=5)
