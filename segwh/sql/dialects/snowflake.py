"""Snowflake (https://docs.snowflake.com/en/sql-reference)."""

from __future__ import annotations

from dataclasses import dataclass

from sqlglot import exp

from segwh.features import Feature
from segwh.sql.dialects.base import RESERVED_WORDS, Limits, SqlDialect, call, joined_with_nul, simple_lower
from segwh.sql.dialects.instants import first_instant, instants_as, named_type
from segwh.types import DataType

NTZ = "TIMESTAMP_NTZ"
_WORDS = """
    account by connect connection current database following gscluster ilike increment issue minus of organization regexp
    revoke rlike sample schema start trigger try_cast view whenever
"""
WORDS = frozenset(_WORDS.split())
"""https://docs.snowflake.com/en/sql-reference/reserved-keywords, as far as they are not words everywhere."""


def _text(value: str) -> exp.Expr:
    return exp.Literal.string(value)


def _number(value: int) -> exp.Expr:
    return exp.Literal.number(value)


@dataclass(frozen=True, slots=True)
class Snowflake(SqlDialect):
    """Snowflake. Canonical timestamps are TIMESTAMP_NTZ in UTC."""

    def type_of(self, data_type: DataType) -> exp.DataType:
        """TIMESTAMP alone is what the session's TIMESTAMP_TYPE_MAPPING says
        (https://docs.snowflake.com/en/sql-reference/data-types-datetime).
        """
        return named_type(NTZ) if data_type is DataType.TIMESTAMP else SqlDialect.type_of(self, data_type)

    def string(self, text: str) -> exp.Expr:
        """A NUL is put together: 'a' || CHR(0) || 'b'."""
        return joined_with_nul(text, call("CHR", _number(0)))

    # --- time ---

    def instant(self, column: exp.Expr, zone: str | None) -> exp.Expr:
        """SYSTEM$TYPEOF tells the types apart. CONVERT_TIMEZONE with two arguments would take a timestamp without zone for one
        of the session's (https://docs.snowflake.com/en/sql-reference/functions/convert_timezone), so it is asked of the others.
        """
        wall = self.from_local(self.cast(column.copy(), DataType.TIMESTAMP), zone or "UTC")
        instant = self.cast(call("CONVERT_TIMEZONE", _text("UTC"), column.copy()), DataType.TIMESTAMP)
        return exp.Case(ifs=[exp.If(this=_is_of_type(column, NTZ), true=wall)], default=instant)

    def validity_instant(self, column: exp.Expr, zone: str | None, calendar_zone: str) -> exp.Expr:
        """A timestamp as above; a date is the midnight of the project's calendar."""
        midnight = self.from_local(self.cast(column.copy(), DataType.TIMESTAMP), calendar_zone)
        return exp.Case(ifs=[exp.If(this=_is_of_type(column, "DATE"), true=midnight)], default=self.instant(column, zone))

    def local(self, instant: exp.Expr, zone: str) -> exp.Expr:
        """With three arguments it takes and gives timestamps without zone."""
        return instant if zone == "UTC" else call("CONVERT_TIMEZONE", _text("UTC"), _text(zone), instant)

    def from_local(self, wall: exp.Expr, zone: str) -> exp.Expr:
        """What CONVERT_TIMEZONE makes of a local time that is skipped or repeated is not documented."""
        if zone == "UTC":
            return wall

        def moved_back(wall: exp.Expr, at: exp.Expr) -> exp.Expr:
            offset = call("DATEDIFF", exp.Var(this="SECOND"), self.local(at, zone), at.copy())
            return call("DATEADD", exp.Var(this="SECOND"), offset, wall)

        return first_instant(wall, lambda wall: self.plus(wall, -1, "DAY"), moved_back)

    def plus(self, instant: exp.Expr, count: int, unit: str) -> exp.Expr:
        """Months clamp (https://docs.snowflake.com/en/sql-reference/functions/dateadd)."""
        number = exp.Neg(this=_number(-count)) if count < 0 else _number(count)
        return call("DATEADD", exp.Var(this=unit), number, instant)

    def weekday(self, day: exp.Expr) -> exp.Expr:
        """DAYOFWEEKISO begins with 1 for Monday, whatever WEEK_START is
        (https://docs.snowflake.com/en/sql-reference/functions/year).
        """
        return exp.Sub(this=call("DAYOFWEEKISO", day), expression=_number(1))

    def days_between(self, start: exp.Expr, end: exp.Expr) -> exp.Expr:
        """The unit comes first."""
        return call("DATEDIFF", exp.Var(this="DAY"), start, end)

    def elapsed_days(self, start: exp.Expr, end: exp.Expr) -> exp.Expr:
        """Exact: a quotient would be rounded to a few places (https://docs.snowflake.com/en/sql-reference/operators-arithmetic)."""
        micros = call("DATEDIFF", exp.Var(this="MICROSECOND"), start, end)
        rest = call("MOD", micros.copy(), _number(86_400_000_000))
        whole = exp.Paren(this=exp.Sub(this=micros, expression=rest))
        return self.cast(exp.Div(this=whole, expression=_number(86_400_000_000), typed=False, safe=False), DataType.INTEGER)

    def next_day(self, day: exp.Expr) -> exp.Expr:
        """A date stays one."""
        return self.plus(day, 1, "DAY")

    # --- text and lists ---

    def lower(self, text: exp.Expr) -> exp.Expr:
        """LOWER may know the longer foldings."""
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
        """REGEXP_LIKE would match the whole text only (https://docs.snowflake.com/en/sql-reference/functions/regexp_instr)."""
        return exp.GT(this=call("REGEXP_INSTR", text, self.string(pattern)), expression=_number(0))

    def list_has(self, values: exp.Expr, value: exp.Expr) -> exp.Expr:
        """The value comes first and is a VARIANT (https://docs.snowflake.com/en/sql-reference/functions/array_contains)."""
        return call("ARRAY_CONTAINS", call("TO_VARIANT", value), values)

    def list_size(self, values: exp.Expr) -> exp.Expr:
        """The number of elements."""
        return call("ARRAY_SIZE", values)

    # --- numbers ---

    def bucket(self, text: exp.Expr) -> exp.Expr:
        """TO_NUMBER reads hexadecimal digits (https://docs.snowflake.com/en/sql-reference/functions/to_decimal)."""
        value = call("TO_NUMBER", call("LEFT", exp.MD5(this=text), _number(7)), _text("XXXXXXX"))
        return exp.Mod(this=value, expression=_number(10_000))

    # --- the whole statement ---

    def finished(self, query: exp.Query) -> exp.Query:
        """A name without quotes is meant in upper case, so a word of the language is quoted in upper case
        (https://docs.snowflake.com/en/sql-reference/identifiers-syntax).
        """
        for identifier in query.find_all(exp.Identifier):
            if identifier.name in RESERVED_WORDS or identifier.name in self.words:
                identifier.set("this", identifier.name.upper())
                identifier.set("quoted", True)
        # https://docs.snowflake.com/en/sql-reference/date-time-input-output lists ` +07:00` behind times
        return instants_as(query, zoned="TIMESTAMP_TZ", utc=" +00:00", plain=NTZ)


def _is_of_type(column: exp.Expr, name: str) -> exp.Expr:
    """SYSTEM$TYPEOF tells `TIMESTAMP_NTZ(9)[SB8]` (https://docs.snowflake.com/en/sql-reference/functions/system_typeof)."""
    return call("STARTSWITH", call("SYSTEM$TYPEOF", column), _text(name))


SNOWFLAKE = Snowflake(
    name="snowflake",
    title="Snowflake",
    lacks=frozenset({Feature.LONG_DECIMALS}),
    # https://docs.snowflake.com/en/user-guide/query-size-limits
    limits=Limits(statement=1_000_000),
    words=WORDS,
    # the log arrives in the order in which it is read: https://docs.snowflake.com/en/user-guide/tables-clustering-keys
    storage={"state": {"cluster_by": ["segment"]}},
    append_strategy="merge",
    upsert_strategy="merge",
    # dbt runs there no hook that stands outside the transaction
    has_transactions=False,
)
"""A MERGE locks the table until it is done, an INSERT does not: https://docs.snowflake.com/en/sql-reference/transactions."""
