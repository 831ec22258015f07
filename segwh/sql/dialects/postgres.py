"""PostgreSQL (https://www.postgresql.org/docs/current/functions.html)."""

from __future__ import annotations

from dataclasses import dataclass

from sqlglot import exp

from segwh.features import Feature
from segwh.sql.dialects.base import END_ALONE, Limits, SqlDialect, call
from segwh.types import DataType


@dataclass(frozen=True, slots=True)
class Postgres(SqlDialect):
    """PostgreSQL. Timestamps are `timestamp` without zone, in UTC."""

    def canonical(self, column: exp.Expr, data_type: DataType, zone: str | None) -> exp.Expr:
        """As everywhere. Exact numbers may be NaN there, too, which is no number and exceeds all of them. A list of enums, say,
        holds no texts until it is told to.
        """
        found = SqlDialect.canonical(self, column, data_type, zone)
        if data_type is DataType.STRING_LIST:
            return self.cast(found, data_type)
        if data_type is not DataType.DECIMAL:
            return found
        not_a_number = exp.Cast(this=exp.Literal.string("NaN"), to=exp.DataType.build("numeric", dialect="postgres"))
        return exp.Nullif(this=found, expression=not_a_number)

    def listed(self, column: exp.Expr, data_type: DataType) -> exp.Expr:
        """A UUID, say, is a text in the facts, and no text is compared with it."""
        return self.cast(column, data_type) if data_type is DataType.STRING else column

    def instant(self, column: exp.Expr, zone: str | None) -> exp.Expr:
        """`PG_TYPEOF` tells the two apart; each branch takes the text of the column, so that both fit either type."""
        is_zoned = exp.EQ(
            this=exp.Cast(this=call("PG_TYPEOF", column), to=exp.DataType.build("text")),
            expression=exp.Literal.string("timestamp with time zone"),
        )
        text = exp.Cast(this=column.copy(), to=exp.DataType.build("text"))
        zoned = exp.AtTimeZone(this=exp.Cast(this=text, to=exp.DataType.build("timestamptz")), zone=exp.Literal.string("UTC"))
        plain = exp.Cast(this=text.copy(), to=exp.DataType.build("timestamp"))
        return exp.Case(ifs=[exp.If(this=is_zoned, true=zoned)], default=self.from_local(plain, zone or "UTC"))

    def validity_instant(self, column: exp.Expr, zone: str | None, calendar_zone: str) -> exp.Expr:
        """A timestamp as above; a date is the midnight of the project's calendar."""
        if calendar_zone == (zone or "UTC"):
            return self.instant(column, zone)
        is_date = exp.EQ(
            this=exp.Cast(this=call("PG_TYPEOF", column.copy()), to=exp.DataType.build("text")),
            expression=exp.Literal.string("date"),
        )
        text = exp.Cast(this=column.copy(), to=exp.DataType.build("text"))
        midnight = self.from_local(exp.Cast(this=text, to=exp.DataType.build("timestamp")), calendar_zone)
        return exp.Case(ifs=[exp.If(this=is_date, true=midnight)], default=self.instant(column, zone))

    def from_local(self, wall: exp.Expr, zone: str) -> exp.Expr:
        """As everywhere; what is infinite has no offset and is the same in all zones."""
        found = SqlDialect.from_local(self, wall, zone)
        if found is wall:
            return wall
        return exp.Case(ifs=[exp.If(this=call("ISFINITE", wall.copy()), true=found)], default=wall.copy())

    def contains(self, text: exp.Expr, part: exp.Expr) -> exp.Expr:
        """STRPOS takes its argument literally."""
        return exp.GT(this=call("STRPOS", text, part), expression=exp.Literal.number(0))

    def matches(self, text: exp.Expr, pattern: str) -> exp.Expr:
        """Advanced regular expressions, unanchored."""
        return exp.RegexpLike(this=text, expression=self.string(pattern))

    def turn(self, relation: str) -> str:
        """By the lock of segwh__take_turns (macros/postgres.sql)."""
        name = relation.replace("'", "''")
        return f"select pg_advisory_xact_lock(hashtextextended('{name}', 0))"

    def rows_of(self, texts: exp.Expr) -> exp.Expr:
        """A scan takes whole rows apart (docs/performance.md)."""
        return call("UNNEST", call("ARRAY_REMOVE", texts, exp.null()))

    def list_has(self, values: exp.Expr, value: exp.Expr) -> exp.Expr:
        """Equal to some element; null when the list has a null and no match, which counts as false."""
        return exp.EQ(this=value, expression=exp.Any(this=exp.Paren(this=values)))

    def list_size(self, values: exp.Expr) -> exp.Expr:
        """CARDINALITY is 0 for the empty list, where ARRAY_LENGTH is null."""
        return call("CARDINALITY", values)

    def elapsed_days(self, start: exp.Expr, end: exp.Expr) -> exp.Expr:
        """EXTRACT(EPOCH) is an exact numeric. Null since ever."""
        seconds = exp.Extract(this=exp.Var(this="EPOCH"), expression=exp.Paren(this=exp.Sub(this=end, expression=start)))
        whole = exp.Floor(this=exp.Div(this=seconds, expression=exp.Literal.number(86_400)))
        number = exp.Cast(this=whole, to=exp.DataType.build("bigint"))
        return exp.Case(ifs=[exp.If(this=call("ISFINITE", start.copy()), true=number)])

    def finished(self, query: exp.Query) -> exp.Query:
        """It takes a third of a table to lie above a number that is not known yet, and reads all of it; to lie between two of
        which one is not known, one row in two hundred (DEFAULT_INEQ_SEL and DEFAULT_RANGE_INEQ_SEL of its selfuncs.h).
        """
        for where in query.find_all(exp.Where):
            if where.meta.pop(END_ALONE, False):
                below = exp.LT(this=where.this.this.copy(), expression=exp.Literal.number(2**63 - 1))
                where.set("this", exp.and_(where.this, below, copy=False))
        return query


POSTGRES = Postgres(
    name="postgres",
    title="PostgreSQL",
    # https://www.postgresql.org/docs/current/datatype-character.html: "The character with code zero cannot be stored."
    lacks=frozenset({Feature.NUL}),
    # a text, of a statement too, is shorter than 1 GB: https://www.postgresql.org/docs/current/limits.html
    limits=Limits(statement=1_000_000_000, columns=1_600),
    text_collation="C",
    table_materialization="segwh_table",
    view_materialization="segwh_view",
    takes_turns=True,
    aliases_limited=True,
    keeps_indexes=True,
    writes_pieces=True,
    hands_in_utc=True,
    ends_at_overflow=True,
    compares_like_types=True,
    refuses_long_numbers=True,
    guides_planner=True,
    parts_measures=True,
    carries_facts=True,
)
