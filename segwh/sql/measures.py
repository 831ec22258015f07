"""Measures: CTEs with one row a key, computed from the scans and joined to the entity's own row."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import assert_never

from sqlglot import exp

from segwh import ir
from segwh.plan.names import Names
from segwh.plan.nodes import Share
from segwh.semantics import AS_OF, Interval
from segwh.sql.dialects.base import SqlDialect
from segwh.sql.predicates import Row, adds_doubles, all_of, certain, in_interval, one_if, possible
from segwh.sql.scans import Scanned, Source, ascending, descending, least
from segwh.types import DataType


@dataclass(frozen=True, slots=True)
class PerKey:
    """A CTE with one row a key. `columns`: its columns with what each is for keys that have no row here (None: missing).

    `added_doubles` are those of its columns in which infinity may have met its opposite.
    """

    name: str
    query: exp.Select
    key: str
    columns: Mapping[str, exp.Expr | None]
    added_doubles: frozenset[str] = frozenset()

    def filled(self, column: str, dialect: SqlDialect) -> exp.Expr:
        """A column once the CTE is joined, for keys without a row too. NaN goes last: it is not the 0 of nothing to add."""
        value, absent = named(column, dialect, self.name), self.columns[column]
        filled = value if absent is None else exp.Coalesce(this=value, expressions=[absent])
        return dialect.without_nan(filled) if column in self.added_doubles else filled


def row_of(scan: Scanned, source: Source, table: str | None = None) -> Row:
    """Where predicates on the rows of a scan are asked."""

    def operand(of: ir.Operand) -> exp.Expr:
        assert isinstance(of, ir.Field)
        return named(scan.fields[of], source.dialect, table)

    def truth(of: ir.RowHolds | ir.Sequence | ir.MemberOf) -> exp.Expr:
        raise TypeError(f"{type(of).__name__} is not asked of an event's row")

    return Row(source.dialect, source.calendar, source.holes, operand, truth)


def named(name: str, dialect: SqlDialect, table: str | None = None) -> exp.Expr:
    """A column of ours, by its name."""
    return exp.Column(this=dialect.identifier(name), table=None if table is None else dialect.identifier(table))


def alias(value: exp.Expr, name: str, dialect: SqlDialect) -> exp.Expr:
    """A value under a name of ours."""
    return exp.Alias(this=value, alias=dialect.identifier(name))


def rows_condition(rows: ir.Rows, scan: Scanned, source: Source, table: str | None = None) -> exp.Expr:
    """Whether a row of the scan is among the given rows: in the window, and `where` holds. True when all are."""
    row = row_of(scan, source, table)
    parts = []
    if rows.window is not None:
        # The scan holds only rows before as-of, so a window that ends there needs no end.
        window = Interval(rows.window.start, None if rows.window.end == AS_OF else rows.window.end)
        if window != Interval():
            parts.append(in_interval(named(scan.at, source.dialect, table), DataType.TIMESTAMP, window, row))
    if rows.where is not None:
        parts.append(possible(rows.where, row))
    return all_of(parts)


def only_if(condition: exp.Expr, value: exp.Expr) -> exp.Expr:
    """The value where the condition holds, else null."""
    if isinstance(condition, exp.Boolean) and condition.this:
        return value
    return exp.Case(ifs=[exp.If(this=condition, true=value)])


# --- the shared GROUP BY ------------------------------------------------------------------------------------------------


def aggregated(
    name: str,
    columns: Mapping[ir.Measured, str],
    means: Mapping[ir.Measured, tuple[str, str]],
    scan: Scanned,
    source: Source,
    share: Share | None = None,
) -> PerKey:
    """Plain measures of one scan in one GROUP BY, of all of its rows or of a share; averages of exact numbers bring their sum
    and number along.
    """
    dialect = source.dialect
    select: list[exp.Expr] = [named(scan.key, dialect)]
    absent: dict[str, exp.Expr | None] = {}
    for measured, column in columns.items():
        condition = rows_condition(measured.rows if share is None else share.asked[measured], scan, source)
        value = aggregate(measured, condition, scan, source)
        select.append(alias(value, column, dialect))
        absent[column] = exp.Literal.number(0) if _starts_at_zero(measured.measure) else None
        if measured in means:
            of = _field_if(measured, condition, scan, source)
            total, number = means[measured]
            assert isinstance(measured.measure, ir.Aggregate)
            summed = dialect.sum(of, measured.measure.of.type)
            select += [alias(summed, total, dialect), alias(exp.Count(this=of.copy()), number, dialect)]
            absent |= {total: None, number: exp.Literal.number(0)}
    query = exp.select(*select, copy=False).from_(exp.to_identifier(scan.name), copy=False)
    if share is not None:
        query = query.where(possible(share.values, row_of(scan, source)), copy=False)
        if share.earliest:
            since = exp.GTE(this=named(scan.at, dialect), expression=least(share.earliest, source))
            query = query.where(since, copy=False)
    added = frozenset(column for measured, column in columns.items() if adds_doubles(measured.measure))
    return PerKey(name, query.group_by(named(scan.key, dialect), copy=False), scan.key, absent, added)


def _starts_at_zero(measure: ir.Measure) -> bool:
    match measure:
        case ir.Count() | ir.Days():
            return True
        case ir.Aggregate(function, _):
            return function in ("sum", "distinct")
        case _:
            return False


def _field_if(measured: ir.Measured, condition: exp.Expr, scan: Scanned, source: Source) -> exp.Expr:
    assert isinstance(measured.measure, ir.Aggregate)
    return only_if(condition.copy(), named(scan.fields[measured.measure.of], source.dialect))


def aggregate(measured: ir.Measured, condition: exp.Expr, scan: Scanned, source: Source) -> exp.Expr:
    """The aggregate of a plain measure over the rows for which the condition holds."""
    dialect = source.dialect
    match measured.measure:
        case ir.Count(None):
            if isinstance(condition, exp.Boolean):
                return exp.Count(this=exp.Star())
            return exp.Count(this=only_if(condition, exp.Literal.number(1)))
        case ir.Days():
            return _distinct(only_if(condition, named(scan.day, dialect)))
        case ir.EdgeTime(edge):
            node = exp.Min if edge == "first" else exp.Max
            return node(this=only_if(condition, named(scan.at, dialect)))
        case ir.Aggregate(function, of):
            value = only_if(condition, named(scan.fields[of], dialect))
            match function:
                case "sum":
                    return dialect.sum(value, of.type)
                case "avg":
                    return exp.Avg(this=only_if(condition, dialect.double(named(scan.fields[of], dialect))))
                case "min":
                    return exp.Min(this=dialect.by_bytes(value, of.type))
                case "max":
                    return exp.Max(this=dialect.by_bytes(value, of.type))
                case "distinct":
                    return _distinct(value)
                case _:
                    assert_never(function)
        case _:
            raise TypeError(f"{measured.measure} is not one aggregate")


def _distinct(value: exp.Expr) -> exp.Expr:
    return exp.Count(this=exp.Distinct(expressions=[value]))


# --- first and last rows ------------------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class Edge:
    """Which row is meant: the first or last of the given rows."""

    rows: ir.Rows
    edge: str


def edge_of(key: ir.Measured | ir.RowHolds) -> Edge:
    """The row that a value or a truth is read from."""
    if isinstance(key, ir.RowHolds):
        return Edge(key.rows, key.edge)
    assert isinstance(key.measure, ir.EdgeValue)
    return Edge(key.rows, key.measure.edge)


def edge_rows(name: str, edge: Edge, columns: Mapping[ir.Measured | ir.RowHolds, str], scan: Scanned, source: Source) -> PerKey:
    """The first or last row of each key, as the values and truths that are read from it (law 15)."""
    dialect = source.dialect
    direction = ascending if edge.edge == "first" else descending
    place = Names((*columns.values(), scan.key)).take("place", "place")
    order = [direction(column, kind, dialect) for column, kind in ((scan.at, None), *scan.tie)]
    number = exp.Window(this=exp.RowNumber(), partition_by=[named(scan.key, dialect)], order=exp.Order(expressions=order))
    select: list[exp.Expr] = [named(scan.key, dialect)]
    absent: dict[str, exp.Expr | None] = {}
    for key, column in columns.items():
        if isinstance(key, ir.RowHolds):
            select.append(alias(certain(key.where, row_of(scan, source)), column, dialect))
            absent[column] = exp.false()
        else:
            assert isinstance(key.measure, ir.EdgeValue)
            select.append(alias(named(scan.fields[key.measure.of], dialect), column, dialect))
            absent[column] = None
    inner = exp.select(*select, alias(number, place, dialect), copy=False).from_(exp.to_identifier(scan.name), copy=False)
    inner = filtered(inner, rows_condition(edge.rows, scan, source))
    outer = exp.select(named(scan.key, dialect), *(named(column, dialect) for column in columns.values()), copy=False)
    outer = outer.from_(exp.Subquery(this=inner, alias=exp.TableAlias(this=exp.to_identifier("placed"))), copy=False)
    outer = outer.where(exp.EQ(this=named(place, dialect), expression=exp.Literal.number(1)), copy=False)
    return PerKey(name, outer, scan.key, absent)


def filtered(query: exp.Select, condition: exp.Expr) -> exp.Select:
    """The query with a condition, unless that is always true."""
    if isinstance(condition, exp.Boolean) and condition.this:
        return query
    return query.where(condition, copy=False)


# --- groups of rows by value --------------------------------------------------------------------------------------------


def largest_group(name: str, measured: ir.Measured, column: str, scan: Scanned, source: Source) -> PerKey:
    """The size of the largest group of rows that share a value."""
    assert isinstance(measured.measure, ir.Count)
    assert measured.measure.by is not None
    groups = _groups(measured, measured.measure.by, scan, source, ())
    dialect = source.dialect
    query = exp.select(named(scan.key, dialect), alias(exp.Max(this=exp.column("rows_count")), column, dialect), copy=False)
    query = query.from_(exp.Subquery(this=groups, alias=exp.TableAlias(this=exp.to_identifier("groups_by_value"))), copy=False)
    return PerKey(name, query.group_by(named(scan.key, dialect), copy=False), scan.key, {column: exp.Literal.number(0)})


def most_frequent(name: str, measured: ir.Measured, column: str, scan: Scanned, source: Source) -> PerKey:
    """The value that most rows have; then the one with the latest row, then the smallest."""
    assert isinstance(measured.measure, ir.MostFrequent)
    of, dialect = measured.measure.of, source.dialect
    has_time = scan.at != ""
    latest = (alias(exp.Max(this=named(scan.at, dialect)), "latest_at", dialect),) if has_time else ()
    groups = _groups(measured, of, scan, source, latest)
    order = [descending("rows_count", None, dialect), *((descending("latest_at", None, dialect),) if has_time else ())]
    order.append(ascending("grouped_value", of.type, dialect))
    number = exp.Window(this=exp.RowNumber(), partition_by=[named(scan.key, dialect)], order=exp.Order(expressions=order))
    inner = exp.select(
        named(scan.key, dialect), exp.column("grouped_value"), alias(number, "value_place", dialect), copy=False
    ).from_(exp.Subquery(this=groups, alias=exp.TableAlias(this=exp.to_identifier("groups_by_value"))), copy=False)
    query = exp.select(named(scan.key, dialect), alias(exp.column("grouped_value"), column, dialect), copy=False)
    query = query.from_(exp.Subquery(this=inner, alias=exp.TableAlias(this=exp.to_identifier("placed"))), copy=False)
    query = query.where(exp.EQ(this=exp.column("value_place"), expression=exp.Literal.number(1)), copy=False)
    return PerKey(name, query, scan.key, {column: None})


def _groups(measured: ir.Measured, by: ir.Field, scan: Scanned, source: Source, more: Sequence[exp.Expr]) -> exp.Select:
    dialect = source.dialect
    value = named(scan.fields[by], dialect)
    count = alias(exp.Count(this=exp.Star()), "rows_count", dialect)
    query = exp.select(named(scan.key, dialect), alias(value, "grouped_value", dialect), count, *more, copy=False)
    query = query.from_(exp.to_identifier(scan.name), copy=False)
    condition = rows_condition(measured.rows, scan, source)
    query = query.where(value.copy().is_(exp.null()).not_(), copy=False)
    return filtered(query, condition).group_by(named(scan.key, dialect), value.copy(), copy=False)


def zero_or_one(condition: exp.Expr) -> exp.Expr:
    """1 where a condition holds, else 0; for sums and maxima over truths."""
    return one_if(condition)
