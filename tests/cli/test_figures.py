"""Figures as people read them."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta, timezone

import pytest

from segwh import as_of
from segwh.display.figures import curve, grouped, instant, percent, plural, seconds, signed
from segwh.errors import UserError
from segwh.semantics import Calendar


def test_numbers() -> None:
    assert (grouped(1234567), signed(31), signed(-1200), signed(0)) == ("1,234,567", "+31", "−1,200", "·")


def test_shares() -> None:
    assert [percent(share) for share in (None, 0.0, 0.0001, 0.041, 1.0)] == ["", "0.0%", "<0.1%", "4.1%", "100.0%"]


def test_curves() -> None:
    assert curve([0, 50, 100]) == "▁▅█"
    assert curve([7, 7, 7]) == "███"
    assert curve([1000, 1010, 990]) == "██▇"
    assert curve([0, 0]) == "▁▁"
    assert curve([]) == ""
    assert curve(range(100), width=3) == "▇██"


def test_instants_and_lengths() -> None:
    at = datetime(2026, 11, 1, 2, 0, tzinfo=timezone(timedelta(hours=2)))
    assert instant(at) == "2026-11-01 00:00 UTC"
    assert instant(datetime(2026, 11, 1, 0, 0, 5, 999, tzinfo=UTC)) == "2026-11-01 00:00:05 UTC"
    assert [seconds(length) for length in (0.31, 12.4, 184)] == ["0.3 s", "12 s", "3 min 4 s"]
    assert [plural(1, "segment"), plural(2, "segment"), plural(2, "entity")] == ["1 segment", "2 segments", "2 entities"]


@pytest.mark.parametrize(
    ("text", "at"),
    [
        ("2026-07-01", "2026-06-30T23:00:00Z"),
        ("2026-07-01T06:30:00", "2026-07-01T05:30:00Z"),
        ("2026-07-01T06:30:00Z", "2026-07-01T06:30:00Z"),
        ("2026-07-01 06:30:00+02:00", "2026-07-01T04:30:00Z"),
        ("2026-07-01T06:30:00.000001Z", "2026-07-01T06:30:00.000001Z"),
    ],
)
def test_as_of_without_zone_is_local_time(text: str, at: str) -> None:
    assert as_of.written(as_of.parsed(text, Calendar("Europe/London"))) == at


@pytest.mark.parametrize("text", ["yesterday", "2026-13-01", "", "01.02.2026", "0001-01-01T00:00:00+14:00"])
def test_what_is_no_time(text: str) -> None:
    with pytest.raises(UserError, match="is no ISO 8601 date or time"):
        as_of.parsed(text, Calendar("Europe/London"))
