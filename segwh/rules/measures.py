"""The measures of an entity's rows in one table: what is written in a condition, in a trait, and what it says."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Literal as OneWordOf

from segwh.types import NUMERIC_TYPES, DataType

MeasureName = OneWordOf["count", "days", "sum", "avg", "min", "max", "distinct", "first", "last", "most_frequent"]


@dataclass(frozen=True, slots=True)
class MeasureRow:
    """A row of the table.

    `in_conditions` "bounds": the comparison stands right after it, "of": beside `of: PROPERTY`, "edge": a time operator or
    `where`, "": only for traits. `types` are those of the property it may look at.
    """

    name: MeasureName
    in_conditions: OneWordOf["bounds", "of", "edge", ""]
    needs_time: bool
    types: frozenset[DataType]
    doc: str
    example: str
    trait_example: str


SINGLE = frozenset(DataType) - {DataType.STRING_LIST}
SORTED = SINGLE - {DataType.BOOLEAN}
NO_TYPES: frozenset[DataType] = frozenset()

TABLE = (
    MeasureRow("count", "bounds", False, SINGLE, "number of rows; with `by`, of the largest group of rows that share a value",
               "{event: orders, count: {gte: 3}}", "count: rows"),
    MeasureRow("days", "bounds", True, NO_TYPES, "number of distinct local days with a row",
               "{event: page_views, days: {gte: 2}, within: 7 days}", "days: rows"),
    MeasureRow("sum", "of", False, NUMERIC_TYPES, "sum of a property; 0 without rows",
               "{event: orders, sum: {of: amount, gte: 100}}", "sum: amount"),
    MeasureRow("avg", "of", False, NUMERIC_TYPES, "average of a property, a double; missing without rows",
               "{event: orders, avg: {of: amount, lt: 20}}", "avg: amount"),
    MeasureRow("min", "of", False, SORTED, "smallest value of a property; missing without rows",
               "{event: orders, min: {of: amount, lt: 5}}", "min: amount"),
    MeasureRow("max", "of", False, SORTED, "largest value of a property; missing without rows",
               "{event: orders, max: {of: amount, gte: 500}}", "max: amount"),
    MeasureRow("distinct", "of", False, SINGLE, "number of distinct values of a property; 0 without rows",
               "{event: orders, distinct: {of: product.category, gte: 3}}", "distinct: product.category"),
    MeasureRow("first", "edge", True, frozenset(DataType), "the first row: its time, or `where` on it",
               "{event: orders, first: {within: 14 days}}", "first: source"),
    MeasureRow("last", "edge", True, frozenset(DataType), "the last row: its time, or `where` on it",
               "{event: orders, last: {more_than_ago: 3 months}}", "last: source"),
    MeasureRow("most_frequent", "", True, SINGLE, "the value most rows have; of equals the most recent, then the smallest",
               "", "most_frequent: product.category"),
)  # fmt: skip

MEASURES: Mapping[str, MeasureRow] = {row.name: row for row in TABLE}
