"""DuckDB, the reference engine (https://duckdb.org/docs/stable/sql/introduction)."""

from __future__ import annotations

from dataclasses import dataclass

from sqlglot import exp

from segwh.features import Feature
from segwh.sql.dialects.base import SqlDialect, asked_for_few, call, joined_with_nul
from segwh.types import DataType


@dataclass(frozen=True, slots=True)
class DuckDb(SqlDialect):
    """DuckDB. Timestamps are TIMESTAMP without zone, in UTC."""

    def string(self, text: str) -> exp.Expr:
        """A literal text. A NUL cannot stand in a statement, so it is put together: 'a' || CHR(0) || 'b'."""
        return joined_with_nul(text, call("CHR", exp.Literal.number(0)))

    def instant(self, column: exp.Expr, zone: str | None) -> exp.Expr:
        """Of any instant, in a declared zone too; what is infinite stays so."""
        return _or_infinite(self._finite(column, zone), column)

    def own_instant(self, column: exp.Expr) -> exp.Expr:
        """The same for what is never infinite."""
        return self._finite(column, None)

    def _finite(self, column: exp.Expr, zone: str | None) -> exp.Expr:
        """Microseconds since 1970 and back: the same for TIMESTAMP and TIMESTAMPTZ, whatever the session's time zone. Null for
        what is infinite, which has none.
        """
        plain = call("MAKE_TIMESTAMP", call("EPOCH_US", column))
        if zone is None or zone == "UTC":
            return plain
        has_zone = exp.EQ(this=call("TYPEOF", column.copy()), expression=exp.Literal.string("TIMESTAMP WITH TIME ZONE"))
        return exp.Case(ifs=[exp.If(this=has_zone, true=plain)], default=self.from_local(plain.copy(), zone))

    def validity_instant(self, column: exp.Expr, zone: str | None, calendar_zone: str) -> exp.Expr:
        """A timestamp as above; a date is the midnight of the project's calendar."""
        if calendar_zone == (zone or "UTC") == "UTC":
            return self.instant(column, zone)
        is_date = exp.EQ(this=call("TYPEOF", column.copy()), expression=exp.Literal.string("DATE"))
        midnight = self.from_local(self._finite(column.copy(), None), calendar_zone)
        either = exp.Case(ifs=[exp.If(this=is_date, true=midnight)], default=self._finite(column, zone))
        return _or_infinite(either, column)

    def midnight(self, day: exp.Expr, zone: str) -> exp.Expr:
        """The instant at which a local day begins; what is infinite stays so."""
        if zone == "UTC":
            return self.cast(day, DataType.TIMESTAMP)
        return _or_infinite(self.from_local(self._finite(day, None), zone), day)

    def starts_with(self, text: exp.Expr, part: exp.Expr) -> exp.Expr:
        """STARTS_WITH takes its argument literally."""
        return exp.StartsWith(this=text, expression=part)

    def ends_with(self, text: exp.Expr, part: exp.Expr) -> exp.Expr:
        """ENDS_WITH takes its argument literally."""
        return exp.EndsWith(this=text, expression=part)

    def matches(self, text: exp.Expr, pattern: str) -> exp.Expr:
        """RE2, unanchored."""
        return call("REGEXP_MATCHES", text, self.string(pattern))

    def bucket(self, text: exp.Expr) -> exp.Expr:
        """A text that begins with 0x is read as a hexadecimal number."""
        digits = exp.Substring(this=exp.MD5(this=text), start=exp.Literal.number(1), length=exp.Literal.number(7))
        value = self.cast(exp.Paren(this=exp.DPipe(this=exp.Literal.string("0x"), expression=digits)), DataType.INTEGER)
        return exp.Mod(this=value, expression=exp.Literal.number(10_000))

    def elapsed_days(self, start: exp.Expr, end: exp.Expr) -> exp.Expr:
        """Exact: microseconds, divided as integers; `end` is not before `start`."""
        micros = exp.Sub(this=call("EPOCH_US", end), expression=call("EPOCH_US", start))
        return exp.IntDiv(this=exp.Paren(this=micros), expression=exp.Literal.number(86_400_000_000))

    def finished(self, query: exp.Query) -> exp.Query:
        """To look for a number among the rows of a large table takes a third of what a join by a text and a number does."""
        return asked_for_few(query, by_key_alone=True)


def _or_infinite(finite: exp.Expr, column: exp.Expr) -> exp.Expr:
    """An instant that is null where the column is infinite, with that in its place."""
    return exp.Coalesce(this=finite, expressions=[exp.Cast(this=column.copy(), to=exp.DataType.build("timestamp"))])


DUCKDB = DuckDb(
    name="duckdb",
    title="DuckDB",
    # a decimal has 38 digits, and a literal is made one of the column's scale or fails
    # (https://duckdb.org/docs/stable/sql/data_types/numeric#fixed-point-decimals)
    lacks=frozenset({Feature.LONG_DECIMALS}),
    writes_pieces=True,
    has_cheap_scans=True,
    writes_in_order=True,
    hands_in_utc=True,
    refuses_long_numbers=True,
    carries_facts=True,
    follows_facts=True,
    deletes_after_commit=True,
)
