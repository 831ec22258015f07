"""Redshift (https://docs.aws.amazon.com/redshift/latest/dg/c_SQL_commands.html)."""

from __future__ import annotations

from dataclasses import dataclass

from sqlglot import exp

from segwh.features import Feature
from segwh.sql.dialects.base import KEY_COLUMN, Limits, SqlDialect, call, ordered_by_columns, simple_lower, words_quoted
from segwh.sql.dialects.instants import first_instant
from segwh.types import DataType

_WORDS = """
    aes128 aes256 allowoverwrite analyse backup blanksasnull bytedict bzip2 credentials current_user_id deflate defrag delta
    delta32k disable emptyasnull enable encode encrypt encryption explicit globaldict256 globaldict64k gzip identity ignore
    ilike isnull language lun luns lzo lzop minus mostly13 mostly32 mostly8 new notnull off offline oid old open parallel
    percent permissions raw readratio recover rejectlog resort respect restore snapshot sysdate system tag tdes text255
    text32k timestamp top truncatecolumns verbose wallet without
"""
WORDS = frozenset(_WORDS.split())
"""https://docs.aws.amazon.com/redshift/latest/dg/r_pg_keywords.html, as far as they are not words everywhere."""


def _text(value: str) -> exp.Expr:
    return exp.Literal.string(value)


def _number(value: int) -> exp.Expr:
    return exp.Literal.number(value)


def _as(value: exp.Expr, kind: str) -> exp.Expr:
    return exp.Cast(this=value, to=exp.DataType.build(kind))


@dataclass(frozen=True, slots=True)
class Redshift(SqlDialect):
    """Redshift. Timestamps are TIMESTAMP without zone, in UTC."""

    # --- time ---

    def instant(self, column: exp.Expr, zone: str | None) -> exp.Expr:
        """The text tells the two types apart, for there is no function that does: that of an instant ends with an offset
        (https://docs.aws.amazon.com/redshift/latest/dg/r_Datetime_types.html).
        """
        text = self.cast(column, DataType.STRING)
        # an offset stands behind a colon; each branch takes the text, so that both fit either type
        has_zone = exp.RegexpLike(this=text, expression=_text(":.*[+-]"))
        zoned = exp.AtTimeZone(this=_as(text.copy(), "timestamptz"), zone=_text("UTC"))
        wall = self.from_local(_as(text.copy(), "timestamp"), zone or "UTC")
        return exp.Case(ifs=[exp.If(this=has_zone, true=zoned)], default=wall)

    def validity_instant(self, column: exp.Expr, zone: str | None, calendar_zone: str) -> exp.Expr:
        """A timestamp as above; a date, whose text is the shortest, is the midnight of the project's calendar."""
        if calendar_zone == (zone or "UTC"):
            return self.instant(column, zone)
        text = self.cast(column.copy(), DataType.STRING)
        is_date = exp.EQ(this=exp.Length(this=text), expression=_number(10))
        midnight = self.from_local(_as(text.copy(), "timestamp"), calendar_zone)
        return exp.Case(ifs=[exp.If(this=is_date, true=midnight)], default=self.instant(column, zone))

    def from_local(self, wall: exp.Expr, zone: str) -> exp.Expr:
        """What AT TIME ZONE makes of a local time that is skipped or repeated is not documented."""
        if zone == "UTC":
            return wall

        def moved_back(wall: exp.Expr, at: exp.Expr) -> exp.Expr:
            offset = call("DATEDIFF", _text("second"), self.local(at, zone), at.copy())
            return call("DATEADD", _text("second"), offset, wall)

        return first_instant(wall, lambda wall: self.plus(wall, -1, "DAY"), moved_back)

    def plus(self, instant: exp.Expr, count: int, unit: str) -> exp.Expr:
        """Months clamp (https://docs.aws.amazon.com/redshift/latest/dg/r_DATEADD_function.html)."""
        number = exp.Neg(this=_number(-count)) if count < 0 else _number(count)
        return call("DATEADD", _text(unit.lower()), number, instant)

    def weekday(self, day: exp.Expr) -> exp.Expr:
        """DOW begins with 0 for Sunday (https://docs.aws.amazon.com/redshift/latest/dg/r_Dateparts_for_datetime_functions.html)."""
        moved = exp.Paren(this=exp.Add(this=self.part("DOW", day), expression=_number(6)))
        return exp.Mod(this=moved, expression=_number(7))

    def days_between(self, start: exp.Expr, end: exp.Expr) -> exp.Expr:
        """The unit comes first."""
        return call("DATEDIFF", _text("day"), start, end)

    def elapsed_days(self, start: exp.Expr, end: exp.Expr) -> exp.Expr:
        """Exact: microseconds, divided as integers; `end` is not before `start`."""
        micros = call("DATEDIFF", _text("microsecond"), start, end)
        return exp.Div(this=micros, expression=_number(86_400_000_000), typed=True, safe=False)

    def next_day(self, day: exp.Expr) -> exp.Expr:
        """DATEADD gives a timestamp."""
        return self.cast(self.plus(day, 1, "DAY"), DataType.DATE)

    # --- text ---

    def lower(self, text: exp.Expr) -> exp.Expr:
        """LOWER may know the longer foldings."""
        return simple_lower(text)

    def contains(self, text: exp.Expr, part: exp.Expr) -> exp.Expr:
        """STRPOS takes its argument literally."""
        return exp.GT(this=call("STRPOS", text, part), expression=_number(0))

    def matches(self, text: exp.Expr, pattern: str) -> exp.Expr:
        """With `p` the dialect is Perl's (https://docs.aws.amazon.com/redshift/latest/dg/REGEXP_INSTR.html)."""
        found = call("REGEXP_INSTR", text, self.string(pattern), _number(1), _number(1), _number(0), _text("p"))
        return exp.GT(this=found, expression=_number(0))

    # --- the whole statement ---

    def finished(self, query: exp.Query) -> exp.Query:
        """An aggregate over rows in order needs its frame, constants are not to order by
        (https://docs.aws.amazon.com/redshift/latest/dg/r_Window_function_synopsis.html).
        """
        query = ordered_by_columns(query)
        for window in list(query.find_all(exp.Window)):
            is_aggregate = isinstance(window.this, exp.Sum | exp.Max | exp.Min | exp.Count | exp.Avg)
            if is_aggregate and window.args.get("order") and not window.args.get("spec"):
                window.set("spec", _up_to_here())
        return words_quoted(query, self.words)


def _up_to_here() -> exp.Expr:
    return exp.WindowSpec(kind="ROWS", start="UNBOUNDED", start_side="PRECEDING", end="CURRENT ROW")


REDSHIFT = Redshift(
    name="redshift",
    title="Redshift",
    # https://docs.aws.amazon.com/redshift/latest/dg/c_redshift-sql.html and .../dg/r_CREATE_TABLE_usage.html
    limits=Limits(statement=16_777_216, columns=1_600),
    # https://docs.aws.amazon.com/redshift/latest/dg/c_unsupported-postgresql-datatypes.html: no arrays; of characters,
    # https://docs.aws.amazon.com/redshift/latest/dg/r_Character_types.html
    lacks=frozenset({Feature.LISTS, Feature.MISSING_LISTS, Feature.NUL, Feature.LONG_DECIMALS}),
    words=WORDS,
    # https://docs.getdbt.com/reference/resource-configs/redshift-configs#using-sortkey-and-distkey
    storage={
        "facts": {"dist": KEY_COLUMN},
        "members": {"dist": KEY_COLUMN, "sort": ["segment"]},
        "state": {"dist": KEY_COLUMN, "sort": ["segment"]},
        "log": {"dist": KEY_COLUMN, "sort": ["sequence"]},
    },
    append_strategy="merge",
    view_options=(("bind", False),),
)
"""A view that is bound to its tables would go with them when dbt makes them anew:
https://docs.getdbt.com/reference/resource-configs/redshift-configs. A MERGE waits for another's:
https://docs.aws.amazon.com/redshift/latest/dg/r_MERGE.html.
"""
