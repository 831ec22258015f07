"""Trino (https://trino.io/docs/current/functions.html), and Athena, whose third engine is one."""

from __future__ import annotations

from dataclasses import dataclass
from decimal import Decimal

from sqlglot import exp

from segwh.features import Feature
from segwh.sql.dialects.base import Limits, SqlDialect, call, joined_with_nul, simple_lower, words_quoted
from segwh.sql.dialects.instants import first_instant, instants_as, named_type
from segwh.sql.regex import for_java
from segwh.types import DataType

_WORDS = """
    alter by cube deallocate delete describe drop escape execute extract grouping insert json_array json_exists json_object
    json_query json_table json_value listagg localtime normalize prepare recursive rollup skip trim uescape unnest
"""
WORDS = frozenset(_WORDS.split())
"""https://trino.io/docs/current/language/reserved.html, as far as they are not words everywhere."""
WHOLE_NUMBER = "DECIMAL(38, 0)"
PLAIN = "TIMESTAMP(6)"
"""Without a number a timestamp has three places (https://trino.io/docs/current/language/types.html#timestamp)."""
ZONED = "TIMESTAMP(6) WITH TIME ZONE"


def _text(value: str) -> exp.Expr:
    return exp.Literal.string(value)


def _number(value: int) -> exp.Expr:
    return exp.Literal.number(value)


@dataclass(frozen=True, slots=True)
class Trino(SqlDialect):
    """Trino. Canonical timestamps are TIMESTAMP(6) without zone, in UTC. `log_instants` is the type of the log's times, and
    `utc` how UTC is written behind a literal of it.
    """

    log_instants: str = ZONED
    utc: str = " UTC"

    def type_of(self, data_type: DataType) -> exp.DataType:
        """A timestamp with microseconds."""
        return named_type(PLAIN) if data_type is DataType.TIMESTAMP else SqlDialect.type_of(self, data_type)

    def string(self, text: str) -> exp.Expr:
        """A NUL is put together: 'a' || CHR(0) || 'b'."""
        return joined_with_nul(text, call("CHR", _number(0)))

    def number(self, value: int | Decimal) -> exp.Expr:
        """A whole number beyond BIGINT is no literal (https://trino.io/docs/current/language/types.html#bigint)."""
        if value == int(value) and abs(int(value)) >= 2**63:
            return exp.Cast(this=_text(format(Decimal(value), "f")), to=named_type(WHOLE_NUMBER))
        return SqlDialect.number(self, value)

    # --- time ---

    def without_nan(self, number: exp.Expr) -> exp.Expr:
        """NaN equals nothing there, itself neither."""
        is_nan = call("IS_NAN", number.copy())
        return exp.Case(ifs=[exp.If(this=is_nan, true=exp.null())], default=number)

    def instant(self, column: exp.Expr, zone: str | None) -> exp.Expr:
        """TYPEOF tells the types apart: between them Trino converts by the session's time zone
        (https://trino.io/docs/current/functions/datetime.html).
        """
        has_zone = exp.GT(this=call("STRPOS", call("TYPEOF", column), _text("zone")), expression=_number(0))
        zoned = exp.Cast(this=column.copy(), to=named_type(ZONED))
        instant = self.cast(call("AT_TIMEZONE", zoned, _text("UTC")), DataType.TIMESTAMP)
        wall = self.from_local(self.cast(column.copy(), DataType.TIMESTAMP), zone or "UTC")
        return exp.Case(ifs=[exp.If(this=has_zone, true=instant)], default=wall)

    def validity_instant(self, column: exp.Expr, zone: str | None, calendar_zone: str) -> exp.Expr:
        """A timestamp as above; a date is the midnight of the project's calendar."""
        is_date = exp.EQ(this=call("TYPEOF", column.copy()), expression=_text("date"))
        midnight = self.from_local(self.cast(column.copy(), DataType.TIMESTAMP), calendar_zone)
        return exp.Case(ifs=[exp.If(this=is_date, true=midnight)], default=self.instant(column, zone))

    def local(self, instant: exp.Expr, zone: str) -> exp.Expr:
        """WITH_TIMEZONE says that it is UTC, AT_TIMEZONE shows it elsewhere."""
        if zone == "UTC":
            return instant
        shown = call("AT_TIMEZONE", call("WITH_TIMEZONE", instant, _text("UTC")), _text(zone))
        return self.cast(shown, DataType.TIMESTAMP)

    def from_local(self, wall: exp.Expr, zone: str) -> exp.Expr:
        """What WITH_TIMEZONE makes of a local time that is skipped or repeated is not documented."""
        if zone == "UTC":
            return wall

        def moved_back(wall: exp.Expr, at: exp.Expr) -> exp.Expr:
            offset = call("DATE_DIFF", _text("second"), self.local(at, zone), at.copy())
            return call("DATE_ADD", _text("second"), offset, wall)

        return first_instant(wall, lambda wall: self.plus(wall, -1, "DAY"), moved_back)

    def plus(self, instant: exp.Expr, count: int, unit: str) -> exp.Expr:
        """Months clamp. There are no smaller units than milliseconds
        (https://trino.io/docs/current/functions/datetime.html#interval-functions): for one microsecond before, a whole
        millisecond becomes the one before, and any other time stays, which is the same day in each zone.
        """
        number: exp.Expr = exp.Neg(this=_number(-count)) if count < 0 else _number(count)
        if unit == "MICROSECOND":
            assert count == -1
            unit, millisecond = "MILLISECOND", call("DATE_TRUNC", _text("millisecond"), instant.copy())
            is_whole = exp.EQ(this=millisecond, expression=instant.copy())
            number = exp.Case(ifs=[exp.If(this=is_whole, true=number)], default=_number(0))
        return call("DATE_ADD", _text(unit.lower()), number, instant)

    def weekday(self, day: exp.Expr) -> exp.Expr:
        """Monday is 1."""
        return exp.Sub(this=call("DAY_OF_WEEK", day), expression=_number(1))

    def days_between(self, start: exp.Expr, end: exp.Expr) -> exp.Expr:
        """The unit comes first, as a text."""
        return call("DATE_DIFF", _text("day"), start, end)

    def elapsed_days(self, start: exp.Expr, end: exp.Expr) -> exp.Expr:
        """DATE_DIFF looks at milliseconds, so it may be one too many; DATE_ADD is exact."""
        days = call("DATE_DIFF", _text("day"), start, end)
        is_later = exp.GT(this=call("DATE_ADD", _text("day"), days.copy(), start.copy()), expression=end.copy())
        one_less = exp.Case(ifs=[exp.If(this=is_later, true=_number(1))], default=_number(0))
        return exp.Paren(this=exp.Sub(this=days, expression=one_less))

    def next_day(self, day: exp.Expr) -> exp.Expr:
        """A date stays one."""
        return self.plus(day, 1, "DAY")

    # --- text and lists ---

    def lower(self, text: exp.Expr) -> exp.Expr:
        """LOWER may know the longer foldings."""
        return simple_lower(text)

    def contains(self, text: exp.Expr, part: exp.Expr) -> exp.Expr:
        """STRPOS takes its argument literally."""
        return exp.GT(this=call("STRPOS", text, part), expression=_number(0))

    def starts_with(self, text: exp.Expr, part: exp.Expr) -> exp.Expr:
        """STARTS_WITH takes its argument literally."""
        return call("STARTS_WITH", text, part)

    def ends_with(self, text: exp.Expr, part: exp.Expr) -> exp.Expr:
        """There is no RIGHT; SUBSTR counts from the end where the place is negative, and finds nothing before the beginning
        (https://trino.io/docs/current/functions/string.html#substr).
        """
        return exp.EQ(this=call("SUBSTR", text, exp.Neg(this=call("LENGTH", part))), expression=part.copy())

    def matches(self, text: exp.Expr, pattern: str) -> exp.Expr:
        """Java's syntax, unanchored (https://trino.io/docs/current/functions/regexp.html)."""
        return call("REGEXP_LIKE", text, self.string(for_java(pattern)))

    def list_has(self, values: exp.Expr, value: exp.Expr) -> exp.Expr:
        """Null when the list has a null and no match, which counts as false."""
        return call("CONTAINS", values, value)

    def list_size(self, values: exp.Expr) -> exp.Expr:
        """The number of elements."""
        return call("CARDINALITY", values)

    # --- numbers ---

    def sum(self, value: exp.Expr, data_type: DataType) -> exp.Expr:
        """The sum of BIGINT is one (https://trino.io/docs/current/functions/aggregate.html#sum)."""
        if data_type is DataType.INTEGER:
            value = exp.Cast(this=value, to=named_type(WHOLE_NUMBER))
        return exp.Sum(this=value)

    def bucket(self, text: exp.Expr) -> exp.Expr:
        """FROM_BASE reads hexadecimal digits."""
        digits = call("SUBSTR", call("TO_HEX", _md5(text)), _number(1), _number(7))
        return exp.Mod(this=call("FROM_BASE", digits, _number(16)), expression=_number(10_000))

    # --- the whole statement ---

    def finished(self, query: exp.Query) -> exp.Query:
        """MD5 takes and gives bytes (https://trino.io/docs/current/functions/binary.html#md5); the log's times have a zone
        where tables can.
        """
        for md5 in list(query.find_all(exp.MD5)):
            md5.replace(call("LOWER", call("TO_HEX", _md5(md5.this))))
        return instants_as(words_quoted(query, self.words), zoned=self.log_instants, utc=self.utc, plain=PLAIN)


def _md5(text: exp.Expr) -> exp.Expr:
    return call("MD5", call("TO_UTF8", text))


TRINO = Trino(
    name="trino",
    title="Trino",
    lacks=frozenset({Feature.LONG_DECIMALS}),
    # query.max-length, and of query.max-stage-count (150), of which each query of a union is one, enough for the others
    # (https://trino.io/docs/current/admin/properties-query-management.html)
    limits=Limits(statement=1_000_000, unions=100),
    words=WORDS,
    # https://trino.io/docs/current/connector/iceberg.html#partitioned-tables
    storage={"log": {"properties": {"partitioning": "ARRAY['month(changed_at)']"}}},
    has_transactions=False,
    append_strategy="merge",
    upsert_strategy="merge",
    shares_named_queries=False,
    table_options=(("on_table_exists", "replace"),),
)
"""Tables of a connector that can MERGE and CREATE OR REPLACE, such as Iceberg's:
https://docs.getdbt.com/reference/resource-configs/trino-configs. A named query is computed anew wherever it is read:
https://trino.io/docs/current/sql/select.html#with-clause.
"""
ATHENA = Trino(
    name="athena",
    title="Athena",
    lacks=frozenset({Feature.LONG_DECIMALS}),
    # https://docs.aws.amazon.com/athena/latest/ug/service-limits.html; the stages are Trino's
    limits=Limits(statement=262_144, unions=100),
    words=WORDS,
    # https://docs.aws.amazon.com/athena/latest/ug/querying-iceberg-creating-tables.html
    storage={"log": {"partitioned_by": ["month(changed_at)"]}},
    has_transactions=False,
    append_strategy="merge",
    upsert_strategy="merge",
    shares_named_queries=False,
    table_options=(("table_type", "iceberg"),),
    log_instants=PLAIN,
    utc="",
)
"""Iceberg tables, which alone can MERGE (https://docs.getdbt.com/reference/resource-configs/athena-configs). No type of a
table has a zone: https://docs.aws.amazon.com/athena/latest/ug/data-types.html.
"""
