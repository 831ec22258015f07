"""What a refresh asks of the run before: its facts, and how far its as-of and its bounds have moved since."""

from __future__ import annotations

from dataclasses import replace

from sqlglot import exp

from segwh.semantics import Bound, Relative, Shift
from segwh.sql.holes import FactsBefore
from segwh.sql.measures import named
from segwh.sql.per_key import Build
from segwh.sql.scans import Source

BEFORE = "before"
"""What the facts of the run before are called where they are joined."""


def facts_before(build: Build) -> exp.Expr:
    """The facts of the run before, as a table called BEFORE."""
    return build.source.holes.table(FactsBefore(build.plan.entity.name), BEFORE)


def same_key(key: str, table: str, other: str, base: str, source: Source) -> exp.Expr:
    """Whether the column `key` of `table` is the column `other` of `base`."""
    return exp.EQ(this=named(key, source.dialect, table), expression=named(other, source.dialect, base))


def seen_until(source: Source) -> exp.Expr:
    """The instant before which every row was loaded that the run before cannot have missed."""
    return seen_by(replace(source, holes=source.holes.before()))


def seen_by(source: Source) -> exp.Expr:
    """The same of a run at as-of."""
    return source.holes.bound(Relative((Shift(-1, source.load_delay),)), "timestamp")


def has_passed(clock: exp.Expr, bound: Bound, source: Source, *, is_deadline: bool = False) -> exp.Expr:
    """Whether a bound has passed a row's time since. A row on the edge itself belongs to what comes after the bound, so it is
    passed when the bound leaves it; a deadline is passed when it is reached.
    """
    start, end = source.holes.before().bound(bound, "timestamp"), source.holes.bound(bound, "timestamp")
    above, below = (exp.GT, exp.LTE) if is_deadline else (exp.GTE, exp.LT)
    return exp.and_(above(this=clock.copy(), expression=start), below(this=clock.copy(), expression=end), copy=False)
