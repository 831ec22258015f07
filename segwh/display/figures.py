"""Figures as people read them: numbers, shares, instants, durations and curves of sizes as short text."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import UTC, datetime

BARS = "▁▂▃▄▅▆▇█"


def grouped(count: int) -> str:
    """A count with thousands separated: 12,345."""
    return f"{count:,}"


def signed(count: int) -> str:
    """A change: +31, −12, and nothing to read for zero."""
    return "·" if count == 0 else f"{'+' if count > 0 else '−'}{abs(count):,}"


def percent(share: float | None) -> str:
    """A share of one as a percentage with one decimal; what is above nothing never reads as 0.0%."""
    if share is None:
        return ""
    if 0 < share < 0.0005:
        return "<0.1%"
    return f"{share * 100:.1f}%"


def curve(sizes: Sequence[int], width: int = 12) -> str:
    """The newest `width` sizes as bars; the scale spans a fifth of the highest at least, so that small moves look small."""
    shown = sizes[-width:]
    high = max(shown, default=0)
    if high == 0:
        return BARS[0] * len(shown)
    low = min(*shown, high * 4 / 5)
    return "".join(BARS[round((size - low) / (high - low) * (len(BARS) - 1))] for size in shown)


def instant(at: datetime) -> str:
    """An instant in UTC to the second, to the minute where it has none: 2026-11-01 00:00 UTC."""
    utc = at.astimezone(UTC)
    return f"{utc:%Y-%m-%d %H:%M:%S} UTC" if utc.second or utc.microsecond else f"{utc:%Y-%m-%d %H:%M} UTC"


def seconds(length: float) -> str:
    """A length of time in seconds as 0.3 s, 12 s or 3 min 4 s."""
    if length < 10:
        return f"{length:.1f} s"
    if length < 60:
        return f"{length:.0f} s"
    return f"{int(length // 60)} min {int(length % 60)} s"


def plural(count: int, noun: str) -> str:
    """A count and its noun: 1 segment, 42 segments; -ty becomes -ties."""
    if count == 1:
        return f"1 {noun}"
    return f"{count:,} {noun[:-1]}ies" if noun.endswith("ty") else f"{count:,} {noun}s"
