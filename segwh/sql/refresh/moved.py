"""The rows that came or left a window since the run before, and measures brought up by what these add to them."""

from __future__ import annotations

from dataclasses import replace

from sqlglot import exp

from segwh import ir
from segwh.catalog.model import Event
from segwh.plan.carry import Carried, starts_late
from segwh.plan.names import Names, rows_words
from segwh.semantics import AS_OF
from segwh.sql.measures import aggregate, alias, named, row_of, rows_condition
from segwh.sql.per_key import Build
from segwh.sql.predicates import all_of, possible
from segwh.sql.refresh.before import BEFORE, has_passed
from segwh.sql.scans import Scanned, Source, alias_of, scanned
from segwh.types import DataType

COUNTED = "was_counted"
"""In a row that moved whether the run before counted it; a name that no column has by accident."""


def brought_up(build: Build, group: Carried) -> tuple[dict[str, exp.Expr], tuple[tuple[str, str], ...]]:
    """The measures that follow from what they were and the rows that came and left: column -> value; and the CTEs of these,
    each with its key column.
    """
    source, dialect = build.source, build.source.dialect
    values: dict[str, exp.Expr] = {}
    moves: list[tuple[str, str]] = []
    for event in group.events:
        keys = [one for one in group.told_off if one.rows.name == event.name]
        if not keys:
            continue
        scan = _moved_rows(build, group, event)
        parts = group.parts.get(event.name, ())
        parted = {measured for part in parts for measured in part.asked}
        rest = {measured: measured.rows for measured in keys if measured not in parted}
        for part, asked in (*((part, part.asked) for part in parts), *([(None, rest)] if rest else ())):
            words = "" if part is None else f"_{rows_words(ir.Rows('event', event.name, where=part.values))}"
            name = build.take(f"{event.name}_moved{words}")
            names = Names((scan.key,))
            select: list[exp.Expr] = [named(scan.key, dialect)]
            for measured, rows in asked.items():
                column = group.plan.columns[measured]
                moved = names.take(column, measured)
                select.append(alias(_difference(replace(measured, rows=rows), scan, source), moved, dialect))
                before, by = named(column, dialect, BEFORE), named(moved, dialect, name)
                values[column] = _brought_up(measured, before, by, scan, source)
            query = exp.select(*select, copy=False).from_(exp.to_identifier(scan.name), copy=False)
            if part is not None:
                query = query.where(possible(part.values, row_of(scan, source)), copy=False)
            build.add(name, query.group_by(named(scan.key, dialect), copy=False))
            moves.append((name, scan.key))
    return values, tuple(moves)


def _moved_rows(build: Build, group: Carried, event: Event) -> Scanned:
    """The CTE of the rows that came in since, or that an edge has passed, with whether they counted before."""
    source, table = build.source, alias_of(event)
    assert event.loaded_at is not None
    scan = next(scan for scan in group.plan.scans if scan.name == event.name)
    found = scanned(replace(scan, earliest=(), ordered=False), build.plan.entity, source)
    clock, loaded = source.clock(event.time, table), source.clock(event.loaded_at, table)
    as_of_before = source.holes.before().bound(AS_OF, "timestamp")
    came = [exp.GTE(this=one.copy(), expression=as_of_before.copy()) for one in (clock, loaded)]
    passed = [has_passed(clock, bound, source) for bound in group.strips]
    query = found.query.where(exp.Paren(this=exp.or_(*came, *passed, copy=False)), copy=False)
    counted = [exp.LT(this=one.copy(), expression=as_of_before.copy()) for one in (clock, loaded)]
    query = query.select(alias(all_of(counted), COUNTED, source.dialect), copy=False)
    return replace(found, name=build.add(build.take(f"{event.name}_rows_moved"), query))


def _difference(measured: ir.Measured, scan: Scanned, source: Source) -> exp.Expr:
    """What the rows that moved add to a measure, or for a least, greatest, first or last the one among them."""
    now = rows_condition(measured.rows, scan, source)
    if not _adds(measured):
        return aggregate(measured, now, scan, source)
    then = rows_condition(measured.rows, scan, replace(source, holes=source.holes.before()))
    then = all_of([named(COUNTED, source.dialect), then])
    sign = exp.Paren(this=exp.Sub(this=_one_or_zero(now), expression=_one_or_zero(then)))
    if isinstance(measured.measure, ir.Count):
        return source.dialect.cast(exp.Sum(this=sign), DataType.INTEGER)
    assert isinstance(measured.measure, ir.Aggregate)
    value = named(scan.fields[measured.measure.of], source.dialect)
    # not value * sign, which some engines give a wider type
    came = exp.If(this=exp.Literal.number(1), true=value)
    left = exp.If(this=exp.Literal.number(-1), true=exp.Neg(this=value.copy()))
    return source.dialect.sum(exp.Case(this=sign, ifs=[came, left]), measured.measure.of.type)


def _one_or_zero(condition: exp.Expr) -> exp.Expr:
    one, zero = exp.Literal.number(1), exp.Literal.number(0)
    return one if condition == exp.true() else exp.Case(ifs=[exp.If(this=condition, true=one)], default=zero)


def _adds(measured: ir.Measured) -> bool:
    match measured.measure:
        case ir.Count() | ir.Aggregate("sum", _):
            return True
        case _:
            return False


def _brought_up(measured: ir.Measured, before: exp.Expr, moved: exp.Expr, scan: Scanned, source: Source) -> exp.Expr:
    """A measure of now from that of before and the rows that moved."""
    if _adds(measured):
        return exp.Add(this=before, expression=exp.Coalesce(this=moved, expressions=[exp.Literal.number(0)]))
    if measured.measure == ir.EdgeTime("last") and starts_late(measured.rows.window):
        assert measured.rows.window is not None
        assert measured.rows.window.start is not None
        start = source.holes.bound(measured.rows.window.start, "timestamp")
        before = exp.Case(ifs=[exp.If(this=exp.GTE(this=before.copy(), expression=start), true=before)])
    beats = exp.LT if measured.measure in (ir.EdgeTime("first"),) or _is_least(measured) else exp.GT
    better = exp.or_(before.copy().is_(exp.null()), beats(this=moved, expression=before.copy()), copy=False)
    return exp.Case(ifs=[exp.If(this=better, true=moved.copy())], default=before)


def _is_least(measured: ir.Measured) -> bool:
    return isinstance(measured.measure, ir.Aggregate) and measured.measure.function == "min"
