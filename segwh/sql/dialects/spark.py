"""Spark SQL 3.4 and later, and Databricks, which speaks the same (https://spark.apache.org/docs/latest/api/sql/)."""

from __future__ import annotations

from dataclasses import dataclass

from sqlglot import exp

from segwh.features import Feature
from segwh.sql.dialects.base import KEY_COLUMN, SqlDialect, call, joined_with_nul, simple_lower
from segwh.sql.dialects.named_queries import uniquely_named
from segwh.sql.regex import for_java
from segwh.types import DataType


@dataclass(frozen=True, slots=True)
class Spark(SqlDialect):
    """Spark. Canonical timestamps are TIMESTAMP_NTZ in UTC: TIMESTAMP is read and compared by the session's time zone
    (https://spark.apache.org/docs/latest/sql-ref-datatypes.html).
    """

    def type_of(self, data_type: DataType) -> exp.DataType:
        """Without a time zone."""
        if data_type is DataType.TIMESTAMP:
            return exp.DataType.build("TIMESTAMP_NTZ", dialect="spark")
        return exp.DataType.build(SqlDialect.type_of(self, data_type))

    def instant(self, column: exp.Expr, zone: str | None) -> exp.Expr:
        """Microseconds since 1970 and back for TIMESTAMP; TIMESTAMP_NTZ is a local time of the catalog's zone."""
        is_local = exp.EQ(this=call("TYPEOF", column), expression=exp.Literal.string("timestamp_ntz"))
        local = self.from_local(self.cast(column.copy(), DataType.TIMESTAMP), zone or "UTC")
        return exp.Case(ifs=[exp.If(this=is_local, true=local)], default=self._from_micros(column.copy()))

    def validity_instant(self, column: exp.Expr, zone: str | None, calendar_zone: str) -> exp.Expr:
        """A timestamp as above; a date is the midnight of the project's calendar."""
        is_date = exp.EQ(this=call("TYPEOF", column.copy()), expression=exp.Literal.string("date"))
        midnight = self.from_local(self.cast(column.copy(), DataType.TIMESTAMP), calendar_zone)
        return exp.Case(ifs=[exp.If(this=is_date, true=midnight)], default=self.instant(column, zone))

    def _from_micros(self, column: exp.Expr) -> exp.Expr:
        epoch = self.cast(exp.Literal.string("1970-01-01 00:00:00"), DataType.TIMESTAMP)
        zoned = exp.Cast(this=column, to=exp.DataType.build("timestamptz"))
        micros = exp.Mul(this=call("UNIX_MICROS", zoned), expression=_interval("0.000001", "SECOND"))
        return exp.Paren(this=exp.Add(this=epoch, expression=micros))

    def local(self, instant: exp.Expr, zone: str) -> exp.Expr:
        """CONVERT_TIMEZONE takes and gives TIMESTAMP_NTZ: https://spark.apache.org/docs/latest/api/sql/#convert_timezone."""
        return instant if zone == "UTC" else _converted("UTC", zone, instant)

    def from_local(self, wall: exp.Expr, zone: str) -> exp.Expr:
        """Java's rules are those of law 6: a skipped time moves forward by the gap, of two the first is taken."""
        return wall if zone == "UTC" else _converted(zone, "UTC", wall)

    def weekday(self, day: exp.Expr) -> exp.Expr:
        """WEEKDAY begins with 0 for Monday; EXTRACT(DAYOFWEEK) with 1 for Sunday."""
        return call("WEEKDAY", day)

    def days_between(self, start: exp.Expr, end: exp.Expr) -> exp.Expr:
        """DATEDIFF of two dates; with a unit it would go through timestamps of the session's time zone."""
        return call("DATEDIFF", end, start)

    def elapsed_days(self, start: exp.Expr, end: exp.Expr) -> exp.Expr:
        """The day field of the interval between: exact, as neither side has a time zone."""
        between = exp.Paren(this=exp.Sub(this=end, expression=start))
        return self.cast(exp.Extract(this=exp.Var(this="DAY"), expression=between), DataType.INTEGER)

    def plus(self, instant: exp.Expr, count: int, unit: str) -> exp.Expr:
        """Microseconds are parts of a second here."""
        step = _interval(f"{count / 1_000_000:.6f}", "SECOND") if unit == "MICROSECOND" else _interval(str(count), unit)
        return exp.Paren(this=exp.Add(this=instant, expression=step))

    def string(self, text: str) -> exp.Expr:
        """A NUL cannot be written, so it is put together: 'a' || CHAR(0) || 'b'."""
        return joined_with_nul(text, call("CHAR", exp.Literal.number(0)))

    def lower(self, text: exp.Expr) -> exp.Expr:
        """LOWER knows the longer foldings."""
        return simple_lower(text)

    def starts_with(self, text: exp.Expr, part: exp.Expr) -> exp.Expr:
        """STARTSWITH takes its argument literally."""
        return call("STARTSWITH", text, part)

    def ends_with(self, text: exp.Expr, part: exp.Expr) -> exp.Expr:
        """ENDSWITH takes its argument literally."""
        return call("ENDSWITH", text, part)

    def contains(self, text: exp.Expr, part: exp.Expr) -> exp.Expr:
        """CONTAINS takes its argument literally."""
        return call("CONTAINS", text, part)

    def matches(self, text: exp.Expr, pattern: str) -> exp.Expr:
        """Java's regular expressions, unanchored."""
        return exp.RegexpLike(this=text, expression=self.string(for_java(pattern)))

    def rows_of(self, texts: exp.Expr) -> exp.Expr:
        """Each scan is a task with a start of its own."""
        return call("EXPLODE", call("ARRAY_COMPACT", texts))

    def list_size(self, values: exp.Expr) -> exp.Expr:
        """ARRAY_SIZE is null for a null list; SIZE is -1 there unless ANSI mode is on."""
        return call("ARRAY_SIZE", values)

    def bucket(self, text: exp.Expr) -> exp.Expr:
        """CONV reads hexadecimal digits."""
        digits = exp.Substring(this=exp.MD5(this=text), start=exp.Literal.number(1), length=exp.Literal.number(7))
        value = self.cast(call("CONV", digits, exp.Literal.number(16), exp.Literal.number(10)), DataType.INTEGER)
        return exp.Mod(this=value, expression=exp.Literal.number(10_000))

    def finished(self, query: exp.Query) -> exp.Query:
        """The printer moves every named query to the top."""
        return uniquely_named(query)


def _interval(count: str, unit: str) -> exp.Expr:
    return exp.Interval(this=exp.Literal.string(count), unit=exp.Var(this=unit))


def _converted(from_zone: str, to_zone: str, wall: exp.Expr) -> exp.Expr:
    return call("CONVERT_TIMEZONE", exp.Literal.string(from_zone), exp.Literal.string(to_zone), wall)


SPARK = Spark(
    name="spark",
    title="Spark",
    lacks=frozenset({Feature.LONG_DECIMALS}),
    table_materialization="segwh_staged",
    upsert_strategy=None,
    updates_rows=False,
    has_transactions=False,
    shares_named_queries=False,
    parts_measures=True,
)
"""Tables of files, whose rows are neither changed nor deleted: https://spark.apache.org/docs/latest/sql-ref-syntax.html."""
DATABRICKS = Spark(
    name="databricks",
    title="Databricks",
    lacks=frozenset({Feature.LONG_DECIMALS}),
    # https://docs.databricks.com/aws/en/delta/clustering, by https://docs.getdbt.com/reference/resource-configs/databricks-configs
    storage={
        "state": {"liquid_clustered_by": ["segment", KEY_COLUMN]},
        "log": {"liquid_clustered_by": ["changed_at", "segment"]},
    },
    append_strategy="merge",
    upsert_strategy="merge",
    has_transactions=False,
    shares_named_queries=False,
)
"""Delta tables: https://docs.databricks.com/aws/en/delta/merge."""
