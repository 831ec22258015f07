"""Sequences: for each positive step the rows at which the steps so far are passed, then the keys that reach the last."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass

from sqlglot import exp

from segwh import ir
from segwh.plan.names import column_name
from segwh.semantics import AS_OF, CALENDAR_MONTHS, EXACT_SECONDS, Duration
from segwh.sql.measures import PerKey, alias, named, rows_condition
from segwh.sql.predicates import all_of
from segwh.sql.scans import Scanned, Source

ScanOf = Callable[[str], Scanned]


@dataclass(frozen=True, slots=True)
class Stride:
    """A positive step with the negative ones that follow it."""

    step: ir.Step
    absences: tuple[ir.Step, ...]


def strides(steps: Sequence[ir.Step]) -> tuple[Stride, ...]:
    """The steps, each positive one with the negatives after it."""
    found: list[Stride] = []
    for step in steps:
        if step.negative:
            found[-1] = Stride(found[-1].step, (*found[-1].absences, step))
        else:
            found.append(Stride(step, ()))
    return tuple(found)


Reached = dict[object, str]
"""The CTEs of the steps of all sequences so far, by what they follow from: sequences that begin alike share them."""


def sequence(
    column: str, of: ir.Sequence, scan_of: ScanOf, source: Source, take: Callable[[str], str], reached: Reached
) -> tuple[tuple[tuple[str, exp.Select], ...], PerKey]:
    """The CTEs of a sequence: one per positive step that none has so far, and the keys that pass them all."""
    ctes: list[tuple[str, exp.Select]] = []
    taken = strides(of.steps)
    before: str | None = None
    for number, stride in enumerate(taken):
        following = () if number + 1 == len(taken) else taken[number + 1].step.same
        key = (before, stride, following, of.window)
        if key not in reached:
            reached[key] = take(f"{column}_step_{number + 1}")
            ctes.append((reached[key], _stride(stride, following, of, before, scan_of, source)))
        before = reached[key]
    assert before is not None
    passed = exp.select(exp.column("step_key"), alias(exp.true(), column, source.dialect), copy=False).distinct(copy=False)
    passed = passed.from_(exp.to_identifier(before), copy=False)
    return tuple(ctes), PerKey(take(column), passed, "step_key", {column: exp.false()})


def _stride(
    stride: Stride, following: tuple[ir.Field, ...], of: ir.Sequence, before: str | None, scan_of: ScanOf, source: Source
) -> exp.Select:
    dialect, scan = source.dialect, scan_of(stride.step.event)
    key, at = named(scan.key, dialect, "step"), named(scan.at, dialect, "step")
    carried = [alias(_field(field, scan, source, "step"), _carried(field), dialect) for field in following]
    query = exp.select(alias(key, "step_key", dialect), alias(at, "step_at", dialect), *carried, copy=False)
    query = query.from_(_aliased(scan.name, "step"), copy=False)
    conditions = [_holds(stride.step, of, scan, source, "step")]
    if before is not None:
        conditions.append(_exists(_reached(stride.step, scan, before, source)))
    for absence in stride.absences:
        assert absence.within is not None
        deadline = later(at.copy(), absence.within, source)
        conditions.append(exp.LTE(this=deadline, expression=source.holes.bound(AS_OF, "timestamp")))
        conditions.append(exp.Not(this=_exists(_violations(absence, scan, of, scan_of(absence.event), source))))
    whole = all_of(conditions)
    return query if isinstance(whole, exp.Boolean) else query.where(whole, copy=False)


def _reached(step: ir.Step, scan: Scanned, before: str, source: Source) -> exp.Select:
    """Rows of the step before from which this row is in time."""
    dialect = source.dialect
    at, before_at = named(scan.at, dialect, "step"), named("step_at", dialect, "before")
    conditions: list[exp.Expr] = [
        exp.EQ(this=named("step_key", dialect, "before"), expression=named(scan.key, dialect, "step")),
        exp.LT(this=before_at, expression=at),
    ]
    if step.within is not None:
        conditions.append(exp.LTE(this=at.copy(), expression=later(before_at.copy(), step.within, source)))
    for field in step.same:
        same_before = named(_carried(field), dialect, "before")
        conditions.append(exp.EQ(this=same_before, expression=_field(field, scan, source, "step")))
    return exp.select("1", copy=False).from_(_aliased(before, "before"), copy=False).where(*conditions, copy=False)


def _violations(absence: ir.Step, scan: Scanned, of: ir.Sequence, missed: Scanned, source: Source) -> exp.Select:
    """Rows that should not be there: in time after the positive step, and alike where `same` says so."""
    dialect = source.dialect
    at, missed_at = named(scan.at, dialect, "step"), named(missed.at, dialect, "missed")
    assert absence.within is not None
    conditions: list[exp.Expr] = [
        exp.EQ(this=named(missed.key, dialect, "missed"), expression=named(scan.key, dialect, "step")),
        exp.GT(this=missed_at, expression=at),
        exp.LTE(this=missed_at.copy(), expression=later(at.copy(), absence.within, source)),
    ]
    holds = _holds(absence, of, missed, source, "missed")
    if not isinstance(holds, exp.Boolean):
        conditions.append(holds)
    for field in absence.same:
        conditions.append(exp.EQ(this=_field(field, missed, source, "missed"), expression=_field(field, scan, source, "step")))
    return exp.select("1", copy=False).from_(_aliased(missed.name, "missed"), copy=False).where(*conditions, copy=False)


def _holds(step: ir.Step, of: ir.Sequence, scan: Scanned, source: Source, table: str) -> exp.Expr:
    return rows_condition(ir.Rows("event", step.event, step.where, of.window), scan, source, table)


def _field(field: ir.Field, scan: Scanned, source: Source, table: str) -> exp.Expr:
    """A property of the step's own event; events may declare the same name with types of their own."""
    name = next(name for own, name in scan.fields.items() if (own.lookup, own.name) == (field.lookup, field.name))
    return named(name, source.dialect, table)


def _carried(field: ir.Field) -> str:
    return f"same_{column_name(field)}"


def _aliased(name: str, table: str) -> exp.Expr:
    return exp.Table(this=exp.to_identifier(name), alias=exp.TableAlias(this=exp.to_identifier(table)))


def _exists(query: exp.Select) -> exp.Expr:
    return exp.Exists(this=query)


def later(at: exp.Expr, duration: Duration, source: Source) -> exp.Expr:
    """An instant moved on by a duration: exact units as seconds, months and longer on the local calendar."""
    dialect, zone = source.dialect, source.calendar.timezone
    if duration.unit.is_exact:
        return dialect.plus(at, duration.count * EXACT_SECONDS[duration.unit], "SECOND")
    months = duration.count * CALENDAR_MONTHS[duration.unit]
    return dialect.from_local(dialect.plus(dialect.local(at, zone), months, "MONTH"), zone)
