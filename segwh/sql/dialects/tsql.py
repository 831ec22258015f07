"""SQL Server 2022 and later (https://learn.microsoft.com/en-us/sql/t-sql/functions/functions), and Fabric's warehouse."""

from __future__ import annotations

from dataclasses import dataclass

from sqlglot import exp

from segwh.errors import UserError
from segwh.features import Feature
from segwh.sql.dialects.base import Limits, SqlDialect, call, ordered_by_columns, words_quoted
from segwh.sql.dialects.bits import truths_as_bits
from segwh.sql.dialects.instants import first_instant, instants_as, named_type
from segwh.sql.dialects.named_queries import uniquely_named
from segwh.sql.dialects.windows_zones import windows_zone
from segwh.types import DataType

UTF8 = "Latin1_General_100_BIN2_UTF8"
PLAIN = "DATETIME2(6)"
ZONED = "DATETIMEOFFSET(6)"
MONDAY = "1900-01-01"
_WORDS = """
    add alter backup begin break browse bulk by cascade checkpoint close clustered coalesce commit compute contains
    containstable continue convert cursor database dbcc deallocate declare deny disk distributed double dump errlvl escape exec
    execute exit external file fillfactor freetext freetexttable function goto holdlock identity identity_insert identitycol if
    index insert key kill lineno load merge national nocheck nonclustered nullif of offsets open opendatasource openquery
    openrowset openxml option percent plan precision print proc procedure public raiserror read readtext reconfigure
    replication restore restrict return revert revoke rollback rowcount rowguidcol rule save schema securityaudit
    semantickeyphrasetable semanticsimilaritydetailstable semanticsimilaritytable setuser shutdown statistics system_user
    textsize top tran transaction trigger truncate try_convert tsequal updatetext use view waitfor while within writetext
"""
WORDS = frozenset(_WORDS.split())
"""https://learn.microsoft.com/en-us/sql/t-sql/language-elements/reserved-keywords-transact-sql, as far as they are not words
everywhere."""


def _text(value: str) -> exp.Expr:
    return exp.Literal.string(value)


def _number(value: int) -> exp.Expr:
    return exp.Literal.number(value)


def _collated(text: exp.Expr, collation: str) -> exp.Expr:
    return exp.Collate(this=text, expression=exp.Var(this=collation))


@dataclass(frozen=True, slots=True)
class TSql(SqlDialect):
    """SQL Server. Canonical timestamps are DATETIME2(6) in UTC. Texts are compared by their code points: the collation of a
    database would take capitals for small letters (https://learn.microsoft.com/en-us/sql/relational-databases/collations).
    """

    text_type: str = "NVARCHAR(MAX)"
    collation: str = "Latin1_General_100_BIN2"
    zoned: str = ZONED
    utc: str = " +00:00"

    def type_of(self, data_type: DataType) -> exp.DataType:
        """By the engine's own names."""
        match data_type:
            case DataType.TIMESTAMP:
                return named_type(PLAIN)
            case DataType.STRING:
                return named_type(self.text_type)
            case _:
                return SqlDialect.type_of(self, data_type)

    def cast(self, value: exp.Expr, data_type: DataType) -> exp.Expr:
        """A text with its collation."""
        cast = exp.Cast(this=value, to=self.type_of(data_type))
        is_null = isinstance(value, exp.Null)
        return _collated(cast, self.collation) if data_type is DataType.STRING and not is_null else cast

    def key(self, column: exp.Expr, data_type: DataType) -> exp.Expr:
        """Of the collation of all other texts: two that differ in it cannot be compared."""
        return _collated(column, self.collation) if data_type is DataType.STRING else column

    def string(self, text: str) -> exp.Expr:
        """A literal of a rule: what it equals is told to the last blank (see `finished`)."""
        literal = exp.Literal.string(text)
        literal.meta["of_a_rule"] = True
        return literal

    # --- time ---

    def without_nan(self, number: exp.Expr) -> exp.Expr:
        """No column holds NaN there."""
        return number

    def instant(self, column: exp.Expr, zone: str | None) -> exp.Expr:
        """A timestamp without zone becomes one in UTC; only where the catalog names another zone is it asked which it is."""
        zoned = exp.Cast(this=column, to=named_type(ZONED))
        instant = self.cast(call("SWITCHOFFSET", zoned, _text("+00:00")), DataType.TIMESTAMP)
        if zone is None or zone == "UTC":
            return instant
        kind = call("SQL_VARIANT_PROPERTY", column.copy(), _text("BaseType"))
        has_zone = exp.EQ(this=kind, expression=_text("datetimeoffset"))
        wall = self.from_local(self.cast(column.copy(), DataType.TIMESTAMP), zone)
        return exp.Case(ifs=[exp.If(this=has_zone, true=instant)], default=wall)

    def validity_instant(self, column: exp.Expr, zone: str | None, calendar_zone: str) -> exp.Expr:
        """A timestamp as above; a date, whose text is the shortest, is the midnight of the project's calendar."""
        if calendar_zone == (zone or "UTC") == "UTC":
            return self.instant(column, zone)
        text = exp.Cast(this=column.copy(), to=named_type("VARCHAR(40)"))
        midnight = self.from_local(self.cast(column.copy(), DataType.TIMESTAMP), calendar_zone)
        is_date = exp.EQ(this=call("DATALENGTH", text), expression=_number(10))
        return exp.Case(ifs=[exp.If(this=is_date, true=midnight)], default=self.instant(column, zone))

    def local(self, instant: exp.Expr, zone: str) -> exp.Expr:
        """Zones have Windows' names (https://learn.microsoft.com/en-us/sql/t-sql/queries/at-time-zone-transact-sql)."""
        if zone == "UTC":
            return instant
        there = _text(windows_zone(zone, self.title))
        return self.cast(exp.AtTimeZone(this=exp.AtTimeZone(this=instant, zone=_text("UTC")), zone=there), DataType.TIMESTAMP)

    def from_local(self, wall: exp.Expr, zone: str) -> exp.Expr:
        """AT TIME ZONE takes the second of two, as the standard time."""
        if zone == "UTC":
            return wall

        def moved_back(wall: exp.Expr, at: exp.Expr) -> exp.Expr:
            offset = call("DATEDIFF", exp.Var(this="SECOND"), self.local(at, zone), at.copy())
            return call("DATEADD", exp.Var(this="SECOND"), offset, wall)

        return first_instant(wall, lambda wall: self.plus(wall, -1, "DAY"), moved_back)

    def plus(self, instant: exp.Expr, count: int, unit: str) -> exp.Expr:
        """Months clamp (https://learn.microsoft.com/en-us/sql/t-sql/functions/dateadd-transact-sql)."""
        number = exp.Neg(this=_number(-count)) if count < 0 else _number(count)
        return call("DATEADD", exp.Var(this=unit), number, instant)

    def part(self, name: str, value: exp.Expr) -> exp.Expr:
        """The unit comes first."""
        return call("DATEPART", exp.Var(this=name), value)

    def weekday(self, day: exp.Expr) -> exp.Expr:
        """DATEPART(WEEKDAY) depends on the session's DATEFIRST, so days are counted from a Monday, also before it."""
        week = _number(7)
        rest = exp.Mod(this=self.days_between(self.cast(_text(MONDAY), DataType.DATE), day), expression=week)
        return exp.Mod(this=exp.Paren(this=exp.Add(this=rest, expression=week.copy())), expression=week.copy())

    def days_between(self, start: exp.Expr, end: exp.Expr) -> exp.Expr:
        """The unit comes first."""
        return call("DATEDIFF", exp.Var(this="DAY"), start, end)

    def elapsed_days(self, start: exp.Expr, end: exp.Expr) -> exp.Expr:
        """Exact: microseconds, divided as integers, which a literal of that size is not by itself."""
        micros = call("DATEDIFF_BIG", exp.Var(this="MICROSECOND"), start, end)
        day = self.cast(_number(86_400_000_000), DataType.INTEGER)
        return exp.Div(this=micros, expression=day, typed=True, safe=False)

    def next_day(self, day: exp.Expr) -> exp.Expr:
        """A date stays one."""
        return self.plus(day, 1, "DAY")

    # --- text ---

    def contains(self, text: exp.Expr, part: exp.Expr) -> exp.Expr:
        """CHARINDEX takes its argument literally, blanks at its end too."""
        return exp.GT(this=call("CHARINDEX", part, text), expression=_number(0))

    def starts_with(self, text: exp.Expr, part: exp.Expr) -> exp.Expr:
        """LEFT is compared as if it had no blanks at its end."""
        return exp.EQ(this=call("CHARINDEX", part, text), expression=_number(1))

    def ends_with(self, text: exp.Expr, part: exp.Expr) -> exp.Expr:
        """Begins with, read from the end."""
        return self.starts_with(call("REVERSE", text), call("REVERSE", part))

    # --- numbers ---

    def sum(self, value: exp.Expr, data_type: DataType) -> exp.Expr:
        """The sum of BIGINT is one (https://learn.microsoft.com/en-us/sql/t-sql/functions/sum-transact-sql)."""
        if data_type is DataType.INTEGER:
            value = exp.Cast(this=value, to=named_type("DECIMAL(38, 0)"))
        return exp.Sum(this=value)

    def bucket(self, text: exp.Expr) -> exp.Expr:
        """Seven hex digits are the upper 28 bits of the first four bytes."""
        first = self.cast(call("SUBSTRING", _md5(text), _number(1), _number(4)), DataType.INTEGER)
        return exp.Mod(
            this=exp.Div(this=first, expression=_number(16), typed=True, safe=False), expression=_number(10_000)
        )

    # --- the whole statement ---

    def finished(self, query: exp.Query) -> exp.Query:
        """Named queries stand at the top alone, a truth is no value, and `=` does not see blanks at the end of a text
        (https://learn.microsoft.com/en-us/sql/t-sql/language-elements/string-comparison-assignment). Constants are not to order
        by (https://learn.microsoft.com/en-us/sql/t-sql/queries/select-over-clause-transact-sql).

        Raises UserError for an aggregate of a condition that looks into another relation: that is error 130 there.
        """
        for aggregate in query.find_all(exp.AggFunc):
            if aggregate.find(exp.Query) is not None:
                raise UserError(
                    f"{self.title} cannot count rows, or members by value, by a condition that looks into another relation",
                    "in place of `in: {relation: ...}`, or of so long a list, give the rows a boolean that a model computes",
                )
        query = ordered_by_columns(uniquely_named(query))
        for md5 in list(query.find_all(exp.MD5)):
            hexadecimal = call("CONVERT", named_type("VARCHAR(32)"), _md5(md5.this), _number(2))
            md5.replace(exp.Lower(this=hexadecimal))
        for test in list(query.find_all(exp.EQ, exp.In)):
            _told_to_the_last_blank(test)
        for kind in list(query.find_all(exp.DataType)):
            if kind.this == exp.DataType.Type.TEXT:
                kind.replace(named_type(self.text_type))
        for literal in list(query.find_all(exp.Literal)):
            if literal.is_string and not literal.name.isascii() and self.text_type.startswith("N"):
                literal.replace(exp.National(this=literal.name))
        return instants_as(truths_as_bits(words_quoted(query, self.words)), zoned=self.zoned, utc=self.utc, plain=PLAIN)


def _md5(text: exp.Expr) -> exp.Expr:
    """The bytes of the digest of a text in UTF-8 (https://learn.microsoft.com/en-us/sql/t-sql/functions/hashbytes-transact-sql)."""
    in_utf8 = exp.Cast(this=_collated(exp.Paren(this=text), UTF8), to=named_type("VARCHAR(MAX)"))
    return call("HASHBYTES", _text("MD5"), in_utf8)


def _told_to_the_last_blank(test: exp.Expr) -> None:
    """Compares with a mark at the end of both sides where one is a text that a rule gives."""
    sides = [test.this, *(test.expressions if isinstance(test, exp.In) else [test.args.get("expression")])]
    given = [side for side in sides if isinstance(side, exp.Literal) and side.is_string]
    if any(side.meta.get("of_a_rule") or not side.name for side in given):
        for side in sides:
            marked: exp.Expr
            if side in given:
                marked = exp.Literal.string(f"{side.name}|")
            else:
                marked = exp.DPipe(this=side.copy(), expression=_text("|"))
            side.replace(marked)


@dataclass(frozen=True, slots=True)
class Fabric(TSql):
    """Fabric's warehouse, whose texts are UTF-8 and whose times have no zone
    (https://learn.microsoft.com/en-us/fabric/data-warehouse/data-types).
    """

    def instant(self, column: exp.Expr, zone: str | None) -> exp.Expr:
        """A time without zone, of the catalog's."""
        return self.from_local(self.cast(column, DataType.TIMESTAMP), zone or "UTC")


TSQL = TSql(
    name="tsql",
    title="SQL Server",
    # 65,536 packets of 4 KiB: https://learn.microsoft.com/en-us/sql/sql-server/maximum-capacity-specifications-for-sql-server
    # A plan runs out of resources earlier, where a union has many queries:
    # https://learn.microsoft.com/en-us/sql/relational-databases/errors-events/mssqlserver-8623-database-engine-error
    limits=Limits(statement=268_435_456, columns=1_024, unions=200),
    # no arrays: https://learn.microsoft.com/en-us/sql/t-sql/data-types/data-types-transact-sql; REGEXP_LIKE came with 2025:
    # https://learn.microsoft.com/en-us/sql/t-sql/functions/regexp-like-transact-sql; U+0000 ends a text for many functions
    lacks=frozenset({Feature.LISTS, Feature.MISSING_LISTS, Feature.PATTERNS, Feature.NUL, Feature.LONG_DECIMALS}),
    words=WORDS,
    shares_named_queries=False,
    nests_named_queries=False,
    aliases_limited=True,
    has_unique_indexes=True,
)
"""A named query is computed anew wherever it is read:
https://learn.microsoft.com/en-us/sql/t-sql/queries/with-common-table-expression-transact-sql.
"""
FABRIC = Fabric(
    name="fabric",
    title="Fabric",
    # https://learn.microsoft.com/en-us/fabric/data-warehouse/tables
    limits=Limits(columns=1_024, unions=200),
    lacks=frozenset({Feature.LISTS, Feature.MISSING_LISTS, Feature.PATTERNS, Feature.NUL, Feature.LONG_DECIMALS}),
    words=WORDS,
    text_type="VARCHAR(MAX)",
    collation=UTF8,
    zoned=PLAIN,
    utc="",
    append_strategy="merge",
    shares_named_queries=False,
    nests_named_queries=False,
    aliases_limited=True,
)
"""There are no unique indexes, and of two that change a table at once one fails:
https://learn.microsoft.com/en-us/fabric/data-warehouse/transactions.
"""
