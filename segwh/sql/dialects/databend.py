"""Databend (https://docs.databend.com/sql/sql-functions/), of which sqlglot has no dialect: it is told of one here."""

from __future__ import annotations

from dataclasses import dataclass
from typing import ClassVar

from sqlglot import exp
from sqlglot.dialects.postgres import Postgres
from sqlglot.generators.postgres import PostgresGenerator

from segwh.errors import UserError
from segwh.features import Feature
from segwh.sql.dialects.base import SqlDialect, call, simple_lower, words_quoted
from segwh.types import DataType

_WORDS = """
    add alter anti at by catalog cluster column comment connection copy database describe div except exists extract flatten
    ignore ilike in interval job kill lateral minus not null offset only optimize overwrite pipe position procedure purge
    qualify regexp replace returning rlike sample schema semi settings share show stage stream substring table task transient
    trim truncate undrop unnest use values view virtual warehouse xor
"""
WORDS = frozenset(_WORDS.split())
"""https://docs.databend.com/sql/sql-reference/reserved-words, as far as they are not words everywhere."""
BOUND = exp.Literal | exp.Var
"""What the text of an instant is."""


class Databend(Postgres):
    """How Databend's SQL is written: PostgreSQL's, with a backslash that escapes and types of its own."""

    class Tokenizer(Postgres.Tokenizer):
        """Reads."""

        STRING_ESCAPES: ClassVar = ["'", "\\"]

    class Generator(PostgresGenerator):
        """Writes."""

        TYPE_MAPPING: ClassVar = {
            **PostgresGenerator.TYPE_MAPPING,
            exp.DataType.Type.DOUBLE: "DOUBLE",
            exp.DataType.Type.TEXT: "VARCHAR",
            exp.DataType.Type.TIMESTAMPTZ: "TIMESTAMP",
        }


def _number(value: int) -> exp.Expr:
    return exp.Literal.number(value)


@dataclass(frozen=True, slots=True)
class DatabendSql(SqlDialect):
    """Databend. Canonical timestamps are TIMESTAMP, an instant that is shown in the session's time zone, by default UTC
    (https://docs.databend.com/sql/sql-reference/data-types/datetime).
    """

    def cast(self, value: exp.Expr, data_type: DataType) -> exp.Expr:
        """The text of an instant says that it is UTC, whatever the session's time zone is."""
        if data_type is DataType.TIMESTAMP and isinstance(value, BOUND):
            is_text = isinstance(value, exp.Literal)
            utc = exp.Literal.string("+00")
            value = exp.Literal.string(f"{value.name}+00") if is_text else exp.DPipe(this=value, expression=utc)
        return exp.Cast(this=value, to=self.type_of(data_type))

    def instant(self, column: exp.Expr, zone: str | None) -> exp.Expr:
        """There is one type only."""
        return self.from_local(self.cast(column, DataType.TIMESTAMP), zone or "UTC")

    def validity_instant(self, column: exp.Expr, zone: str | None, calendar_zone: str) -> exp.Expr:
        """A timestamp as above; a date becomes its midnight."""
        return self.from_local(self.instant(column, zone), calendar_zone)

    def local(self, instant: exp.Expr, zone: str) -> exp.Expr:
        """Functions for time zones are new there and not tried, so UTC is all that is spoken of."""
        if zone != "UTC":
            raise UserError(f"segwh writes SQL for Databend in UTC only, not in `{zone}`", "leave out `timezone:`")
        return instant

    def from_local(self, wall: exp.Expr, zone: str) -> exp.Expr:
        """As above."""
        return self.local(wall, zone)

    def plus(self, instant: exp.Expr, count: int, unit: str) -> exp.Expr:
        """Months clamp; a number by itself is of microseconds
        (https://docs.databend.com/sql/sql-functions/datetime-functions/date-add).
        """
        if unit == "MICROSECOND":
            return exp.Paren(this=exp.Add(this=instant, expression=exp.Paren(this=self.number(count))))
        return call("DATE_ADD", exp.Var(this=unit), self.number(count), instant)

    def weekday(self, day: exp.Expr) -> exp.Expr:
        """Monday is 1 (https://docs.databend.com/sql/sql-functions/datetime-functions/to-day-of-week)."""
        return exp.Sub(this=call("TO_DAY_OF_WEEK", day), expression=_number(1))

    def days_between(self, start: exp.Expr, end: exp.Expr) -> exp.Expr:
        """The difference of dates is a number."""
        return exp.Paren(this=exp.Sub(this=end, expression=start))

    def elapsed_days(self, start: exp.Expr, end: exp.Expr) -> exp.Expr:
        """Exact: microseconds, divided as integers; `end` is not before `start`."""
        micros = exp.Sub(this=call("TO_INT64", end), expression=call("TO_INT64", start))
        return call("INTDIV", micros, _number(86_400_000_000))

    def next_day(self, day: exp.Expr) -> exp.Expr:
        """A date stays one."""
        return self.plus(day, 1, "DAY")

    def lower(self, text: exp.Expr) -> exp.Expr:
        """LOWER knows the longer foldings."""
        return simple_lower(text)

    def contains(self, text: exp.Expr, part: exp.Expr) -> exp.Expr:
        """INSTR takes its argument literally."""
        return exp.GT(this=call("INSTR", text, part), expression=_number(0))

    def matches(self, text: exp.Expr, pattern: str) -> exp.Expr:
        """Unanchored; without `c` case would not count (https://docs.databend.com/sql/sql-functions/string-functions/regexp-like)."""
        return call("REGEXP_LIKE", text, self.string(pattern), exp.Literal.string("c"))

    def sum(self, value: exp.Expr, data_type: DataType) -> exp.Expr:
        """The sum of BIGINT is one."""
        if data_type is DataType.INTEGER:
            value = exp.Cast(this=value, to=exp.DataType.build("DECIMAL(38, 0)"))
        return exp.Sum(this=value)

    def finished(self, query: exp.Query) -> exp.Query:
        """There is no STRPOS."""
        for found in list(query.find_all(exp.StrPosition)):
            found.replace(call("INSTR", found.this, found.args["substr"]))
        for function in query.find_all(exp.Anonymous):
            if function.this == "STRPOS":
                function.set("this", "INSTR")
        return words_quoted(query, self.words)


DATABEND = DatabendSql(
    name="databend",
    title="Databend",
    words=WORDS,
    # CONTAINS takes no list that may be missing (https://docs.databend.com/sql/sql-functions/array-functions/contains)
    lacks=frozenset({Feature.LISTS, Feature.MISSING_LISTS, Feature.NUL, Feature.LONG_DECIMALS}),
    upsert_strategy=None,
    has_transactions=False,
    has_two_zeros=True,
    shares_named_queries=False,
)
"""Rows are changed by a statement each: https://docs.databend.com/sql/sql-commands/dml/."""
