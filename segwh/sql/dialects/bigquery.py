"""BigQuery (https://cloud.google.com/bigquery/docs/reference/standard-sql/query-syntax)."""

from __future__ import annotations

from dataclasses import dataclass
from decimal import Decimal

from sqlglot import exp

from segwh.features import Feature
from segwh.sql.dialects.base import KEY_COLUMN, Limits, SqlDialect, call, joined_with_nul, simple_lower
from segwh.types import DataType

SMALL_INTEGER = 2**63
LARGE_DECIMAL = "BIGNUMERIC"


@dataclass(frozen=True, slots=True)
class BigQuery(SqlDialect):
    """BigQuery. Canonical timestamps are TIMESTAMP; a local time is a DATETIME."""

    def type_of(self, data_type: DataType) -> exp.DataType:
        """TIMESTAMP is an instant; what other dialects call so is DATETIME here."""
        return exp.DataType.build("timestamptz") if data_type is DataType.TIMESTAMP else SqlDialect.type_of(self, data_type)

    def cast(self, value: exp.Expr, data_type: DataType) -> exp.Expr:
        """A text without zone is UTC whatever the project's default is
        (https://cloud.google.com/bigquery/docs/reference/standard-sql/timestamp_functions#timestamp).
        """
        if data_type is DataType.TIMESTAMP and isinstance(value, exp.Literal | exp.Var):
            return call("TIMESTAMP", value, exp.Literal.string("UTC"))
        return exp.Cast(this=value, to=self.type_of(data_type))

    def number(self, value: int | Decimal) -> exp.Expr:
        """A literal with a point is a FLOAT64, one beyond INT64 none at all
        (https://cloud.google.com/bigquery/docs/reference/standard-sql/lexical#numeric_literals).
        """
        if value == int(value) and abs(int(value)) < SMALL_INTEGER:
            return SqlDialect.number(self, int(value))
        text = exp.Literal.string(format(Decimal(value), "f"))
        return exp.Cast(this=text, to=exp.DataType.build(LARGE_DECIMAL, dialect=self.name))

    def string(self, text: str) -> exp.Expr:
        """A NUL is put together: CHR(0) is the empty text
        (https://cloud.google.com/bigquery/docs/reference/standard-sql/string_functions#chr).
        """
        return joined_with_nul(text, call("CODE_POINTS_TO_STRING", exp.Array(expressions=[exp.Literal.number(0)])))

    # --- time ---

    def without_nan(self, number: exp.Expr) -> exp.Expr:
        """NaN equals nothing there, itself neither."""
        is_nan = call("IS_NAN", number.copy())
        return exp.Case(ifs=[exp.If(this=is_nan, true=exp.null())], default=number)

    def instant(self, column: exp.Expr, zone: str | None) -> exp.Expr:
        """TIMESTAMP as it is, DATETIME in the project's default time zone, which is UTC unless somebody changed it
        (https://cloud.google.com/bigquery/docs/reference/standard-sql/conversion_rules). Where the catalog names a zone, the
        text tells the two apart: an instant's ends with an offset.
        """
        instant = exp.Cast(this=column, to=self.type_of(DataType.TIMESTAMP))
        if zone is None:
            return instant
        text = exp.Cast(this=column.copy(), to=self.type_of(DataType.STRING))
        is_instant = call("REGEXP_CONTAINS", text, exp.Literal.string(":.*[+-]"))
        wall = exp.TryCast(this=text.copy(), to=exp.DataType.build("datetime", dialect=self.name), safe=True)
        return exp.Case(ifs=[exp.If(this=is_instant, true=instant)], default=self.from_local(wall, zone))

    def validity_instant(self, column: exp.Expr, zone: str | None, calendar_zone: str) -> exp.Expr:
        """A timestamp as above; a date, whose text is the shortest, is the midnight of the project's calendar."""
        if calendar_zone == (zone or "UTC") == "UTC":
            return self.instant(column, zone)
        text = exp.Cast(this=column.copy(), to=self.type_of(DataType.STRING))
        is_date = exp.EQ(this=exp.Length(this=text), expression=exp.Literal.number(10))
        midnight = self.from_local(exp.TryCast(this=text.copy(), to=exp.DataType.build("date"), safe=True), calendar_zone)
        return exp.Case(ifs=[exp.If(this=is_date, true=midnight)], default=self.instant(column, zone))

    def local(self, instant: exp.Expr, zone: str) -> exp.Expr:
        """A DATETIME (https://cloud.google.com/bigquery/docs/reference/standard-sql/datetime_functions#datetime)."""
        return call("DATETIME", instant, exp.Literal.string(zone))

    def local_day(self, instant: exp.Expr, zone: str) -> exp.Expr:
        """The day that a zone shows."""
        return call("DATE", instant, exp.Literal.string(zone))

    def from_local(self, wall: exp.Expr, zone: str) -> exp.Expr:
        """As law 6 has it: a skipped time moves forward by the gap, of two the first is taken."""
        return call("TIMESTAMP", wall, exp.Literal.string(zone))

    def midnight(self, day: exp.Expr, zone: str) -> exp.Expr:
        """Straight from the date."""
        return self.from_local(day, zone)

    def plus(self, instant: exp.Expr, count: int, unit: str) -> exp.Expr:
        """The count of an interval is a number, not a text
        (https://cloud.google.com/bigquery/docs/reference/standard-sql/lexical#interval_literals).
        """
        return exp.Paren(this=exp.Add(this=instant, expression=_interval(count, unit)))

    def weekday(self, day: exp.Expr) -> exp.Expr:
        """DAYOFWEEK begins with 1 for Sunday."""
        moved = exp.Add(this=self.part("DAYOFWEEK", day), expression=exp.Literal.number(5))
        return exp.Mod(this=moved, expression=exp.Literal.number(7))

    def elapsed_days(self, start: exp.Expr, end: exp.Expr) -> exp.Expr:
        """Exact: microseconds, divided as integers; `end` is not before `start`."""
        micros = call("TIMESTAMP_DIFF", end, start, exp.Var(this="MICROSECOND"))
        return call("DIV", micros, exp.Literal.number(86_400_000_000))

    def next_day(self, day: exp.Expr) -> exp.Expr:
        """Plus an interval, a date becomes a DATETIME."""
        return call("DATE_ADD", day, _interval(1, "DAY"))

    # --- text and lists ---

    def lower(self, text: exp.Expr) -> exp.Expr:
        """LOWER knows the longer foldings."""
        return simple_lower(text)

    def contains(self, text: exp.Expr, part: exp.Expr) -> exp.Expr:
        """STRPOS takes its argument literally."""
        return exp.GT(this=call("STRPOS", text, part), expression=exp.Literal.number(0))

    def starts_with(self, text: exp.Expr, part: exp.Expr) -> exp.Expr:
        """STARTS_WITH takes its argument literally."""
        return exp.StartsWith(this=text, expression=part)

    def ends_with(self, text: exp.Expr, part: exp.Expr) -> exp.Expr:
        """ENDS_WITH takes its argument literally."""
        return exp.EndsWith(this=text, expression=part)

    def matches(self, text: exp.Expr, pattern: str) -> exp.Expr:
        """RE2, unanchored (https://cloud.google.com/bigquery/docs/reference/standard-sql/string_functions#regexp_contains)."""
        return call("REGEXP_CONTAINS", text, self.string(pattern))

    def list_has(self, values: exp.Expr, value: exp.Expr) -> exp.Expr:
        """An array is a table (https://cloud.google.com/bigquery/docs/reference/standard-sql/operators#in_operators)."""
        return exp.In(this=value, unnest=exp.Unnest(expressions=[values]))

    # --- numbers ---

    def partition_key(self, value: exp.Expr, data_type: DataType) -> exp.Expr:
        """PARTITION BY takes no FLOAT64
        (https://cloud.google.com/bigquery/docs/reference/standard-sql/window-function-calls).
        """
        return self.cast(value, DataType.STRING) if data_type is DataType.NUMBER else value

    def bucket(self, text: exp.Expr) -> exp.Expr:
        """A text that begins with 0x is read as a hexadecimal number."""
        digits = exp.Substring(this=exp.MD5(this=text), start=exp.Literal.number(1), length=exp.Literal.number(7))
        value = exp.DPipe(this=exp.Literal.string("0x"), expression=digits)
        return exp.Mod(this=self.cast(exp.Paren(this=value), DataType.INTEGER), expression=exp.Literal.number(10_000))

    def finished(self, query: exp.Query) -> exp.Query:
        """NUMERIC has nine places after the point, BIGNUMERIC thirty-eight; neither is written with more than it can hold."""
        for kind in query.find_all(exp.DataType):
            if kind.this == exp.DataType.Type.DECIMAL and kind.expressions:
                kind.replace(exp.DataType.build(LARGE_DECIMAL, dialect=self.name))
        return query


def _interval(count: int, unit: str) -> exp.Expr:
    return exp.Interval(this=exp.Literal.number(count), unit=exp.Var(this=unit))


BIGQUERY = BigQuery(
    name="bigquery",
    title="BigQuery",
    # a null array that is written into a table is an empty one there
    # (https://cloud.google.com/bigquery/docs/reference/standard-sql/data-types#array_nulls)
    lacks=frozenset({Feature.MISSING_LISTS, Feature.LONG_DECIMALS}),
    # unresolved query length and columns of a table: https://cloud.google.com/bigquery/quotas
    limits=Limits(statement=1_048_576, columns=10_000),
    # what is billed is what is read: https://docs.getdbt.com/reference/resource-configs/bigquery-configs
    storage={
        "facts": {"cluster_by": [KEY_COLUMN]},
        "members": {"cluster_by": ["segment"]},
        "state": {"cluster_by": ["segment", KEY_COLUMN]},
        "log": {
            "partition_by": {"field": "changed_at", "data_type": "timestamp", "granularity": "month"},
            "cluster_by": ["segment"],
        },
    },
    append_strategy="merge",
    upsert_strategy="merge",
    # dbt runs there no hook that stands outside the transaction
    has_transactions=False,
    shares_named_queries=False,
)
"""dbt appends there by merging only: https://docs.getdbt.com/reference/resource-configs/bigquery-configs."""
