"""Measures from disjoint stretches of time: one small GROUP BY each, joined by key and put together (plan.stretches)."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace

from sqlglot import exp

from segwh import ir
from segwh.plan.names import Names, measured_words, rows_words
from segwh.plan.nodes import Cut, Stretch
from segwh.sql.dialects.base import SqlDialect, call
from segwh.sql.measures import PerKey, aggregate, alias, filtered, named, rows_condition
from segwh.sql.predicates import adds_doubles, sum_of
from segwh.sql.scans import Scanned, Source


@dataclass(frozen=True, slots=True)
class PutTogether:
    """What a cut becomes: CTEs with one row a key, and each column as an expression over them once they are joined."""

    per_key: tuple[PerKey, ...]
    values: Mapping[str, exp.Expr]


def put_together(
    cut: Cut, columns: Mapping[ir.Measured, str], scan: Scanned, source: Source, take: Callable[[str], str]
) -> PutTogether:
    """The measures of a cut under the names of their columns."""
    found = [_stretch(stretch, scan, source, take) for stretch in cut.stretches]
    values = {}
    for measured, places in cut.parts.items():
        parts = [named(found[place][1][measured.measure], source.dialect, found[place][0].name) for place in places]
        values[columns[measured]] = _whole(measured.measure, parts, source.dialect)
    return PutTogether(tuple(per_key for per_key, _ in found), values)


def _stretch(
    stretch: Stretch, scan: Scanned, source: Source, take: Callable[[str], str]
) -> tuple[PerKey, Mapping[ir.Measure, str]]:
    """The CTE of a stretch, and what each measure is called in it."""
    names, columns = Names((scan.key,)), {}
    select = [named(scan.key, source.dialect)]
    for measured in stretch.measured:
        words = measured_words(replace(measured, rows=ir.Rows(stretch.rows.kind, stretch.rows.name)))
        columns[measured.measure] = names.take(words, measured)
        value = aggregate(measured, exp.true(), scan, source)
        select.append(alias(value, columns[measured.measure], source.dialect))
    query = exp.select(*select, copy=False).from_(exp.to_identifier(scan.name), copy=False)
    query = filtered(query, rows_condition(stretch.rows, scan, source)).group_by(named(scan.key, source.dialect), copy=False)
    name = take("_".join(word for word in (stretch.rows.name, rows_words(stretch.rows)) if word))
    return PerKey(name, query, scan.key, {}), columns


def _whole(measure: ir.Measure, parts: Sequence[exp.Expr], dialect: SqlDialect) -> exp.Expr:
    """A measure from that of its stretches, each null where a key has no row."""
    match measure:
        case ir.Count() | ir.Aggregate("sum", _):
            total = sum_of([exp.Coalesce(this=part, expressions=[exp.Literal.number(0)]) for part in parts])
            return dialect.without_nan(total) if adds_doubles(measure) else total
        case ir.Aggregate("min", _) | ir.EdgeTime("first"):
            return parts[0] if len(parts) == 1 else call("LEAST", *parts)
        case ir.Aggregate("max", _) | ir.EdgeTime("last"):
            return parts[0] if len(parts) == 1 else call("GREATEST", *parts)
        case _:
            raise TypeError(f"{measure} is not put together from parts")
