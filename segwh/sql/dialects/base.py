"""What dialects differ in: a few flags, and hooks that return sqlglot nodes. The base speaks standard SQL."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import UTC, date, datetime
from decimal import Decimal
from typing import Literal

from sqlglot import exp

from segwh.features import Feature
from segwh.types import DataType

_WORDS = """
    all analyse analyze and any array as asc asof at authorization between binary both by case cast check collate column
    columns concurrently constraint create cross current_date current_role current_time current_timestamp current_user
    default deferrable delete desc describe distinct do drop else end except exists false fetch for foreign freeze from
    full grant group having if in index initially inner insert intersect interval into is join lateral leading left like
    limit localtime localtimestamp map natural not null offset on only or order outer over overlaps partition pivot
    placing primary qualify range references returning right row rows select session_user set show similar some struct
    symmetric table tablesample then to trailing true union unique unpivot update user using values variadic when where
    window with
"""
RESERVED_WORDS = frozenset(_WORDS.split())
"""Words that are quoted when a column bears them; quoting one too many does no harm."""

TYPE_NAMES = {
    DataType.STRING: "text",
    DataType.INTEGER: "bigint",
    DataType.NUMBER: "double",
    DataType.DECIMAL: "decimal",
    DataType.BOOLEAN: "boolean",
    DataType.DATE: "date",
    DataType.TIMESTAMP: "timestamp",
    DataType.STRING_LIST: "text[]",
}


FEW_FROM = "few_from"
"""In the meta of a LEFT JOIN: the named query on its left, which has few rows beside the table on its right."""
END_ALONE = "end_alone"
"""In the meta of a WHERE: it takes the last rows of a table, from a number on that the query finds out first."""


StoredTable = Literal["facts", "members", "state", "log"]
"""The tables that grow large: a row a key; who is in what, as just found; the same as known, with the time; every change."""
KEY_COLUMN = "{key}"


def call(function: str, *arguments: exp.Expr) -> exp.Expr:
    """A call of a function that is spelled as given."""
    return exp.Anonymous(this=function, expressions=list(arguments))


def simple_lower(text: exp.Expr) -> exp.Expr:
    """Lower case letter by letter (ruling B18), where LOWER turns a last sigma into another letter and İ into two."""
    for upper, lower in (("Σ", "σ"), ("İ", "i")):
        text = call("REPLACE", text, exp.Literal.string(upper), exp.Literal.string(lower))
    return exp.Lower(this=text)


def joined_with_nul(text: str, nul: exp.Expr) -> exp.Expr:
    """A literal text in which each NUL is put together, where it cannot stand in a statement: ('a' || CHR(0) || 'b')."""
    first, *others = text.split("\0")
    literal: exp.Expr = exp.Literal.string(first)
    for other in others:
        literal = exp.DPipe(this=exp.DPipe(this=literal, expression=nul.copy()), expression=exp.Literal.string(other))
    return exp.Paren(this=literal) if others else literal


def words_quoted(query: exp.Query, words: frozenset[str]) -> exp.Query:
    """The query with every name quoted that is one of the words. Changes the tree."""
    for identifier in query.find_all(exp.Identifier):
        if identifier.name in words:
            identifier.set("quoted", True)
    return query


def asked_for_few(query: exp.Query, *, by_key_alone: bool) -> exp.Query:
    """The query, in which a table that few rows are joined to is read for the rows alone whose columns some of those have: all
    that are compared, or the last, which is the key. Changes the tree, and its marks (FEW_FROM).
    """
    for join in [one for one in query.find_all(exp.Join) if FEW_FROM in one.meta]:
        left, table = join.meta.pop(FEW_FROM), join.this
        pairs = [(one.this, one.expression) for one in join.args["on"].flatten() if isinstance(one, exp.EQ)]
        pairs = [pair for pair in pairs if isinstance(pair[1], exp.Column) and pair[1].table == left]
        pairs = pairs[-1:] if by_key_alone else pairs
        mine: list[exp.Expr] = [exp.column(own.this.copy()) for own, _ in pairs]
        asked = exp.select(*(other.copy() for _, other in pairs), copy=False).from_(exp.to_identifier(left), copy=False)
        of = mine[0] if len(mine) == 1 else exp.Tuple(expressions=mine)
        some = exp.In(this=of, query=exp.Subquery(this=asked))
        alias = table.args["alias"]
        table.set("alias", None)
        join.set("this", exp.select("*").from_(table.copy(), copy=False).where(some, copy=False).subquery(alias, copy=False))
    return query


def ordered_by_columns(query: exp.Query) -> exp.Query:
    """The query whose windows neither order nor part rows by what is the same for all of them. Changes the tree."""
    for window in query.find_all(exp.Window):
        window.set("partition_by", [one for one in window.args.get("partition_by") or () if one.find(exp.Column)])
        if (order := window.args.get("order")) is not None:
            order.set("expressions", [one for one in order.expressions if one.find(exp.Column)])
    return query


@dataclass(frozen=True, slots=True)
class Limits:
    """What an engine takes at most, as its vendor documents it; None is no limit that matters. Long statements are made in
    chunks, and what still does not fit is an error of the compiler.
    """

    statement: int | None = None
    """Bytes of a statement."""
    columns: int | None = None
    """Columns of a table."""
    unions: int | None = None
    """Queries that one statement unites, where each of them counts."""


@dataclass(frozen=True, slots=True)
class SqlDialect:
    """A dialect of SQL. `name` is sqlglot's name for it; subclasses override the hooks where the engine differs."""

    name: str
    title: str = ""
    """The engine's own name, for messages; without one it is `name`."""
    lacks: frozenset[Feature] = frozenset()
    """What the engine cannot do: a rule that asks for it is an error at its line. Where it comes from stands beside it."""
    words: frozenset[str] = frozenset()
    """Further words of the language that are quoted when a column bears them."""
    limits: Limits = Limits()
    """What the engine takes at most, with the vendor's page beside it."""
    text_collation: str | None = None
    """Collation that orders text by bytes, where the engine's default may not."""
    table_materialization: str = "table"
    """How dbt brings a table up to date there without readers noticing."""
    view_materialization: str = "view"
    """The same for a view."""
    append_materialization: str = "incremental"
    """How dbt adds rows to a table that only grows."""
    updates_rows: bool = True
    """Whether rows of a table can be changed and taken out where they are."""
    storage: Mapping[StoredTable, Mapping[str, object]] = field(default_factory=dict, hash=False)
    """dbt's options for how the rows of the large tables lie, where the engine lets a table say so; users change them in
    segwh.yml. KEY_COLUMN stands for the name of the key."""
    has_transactions: bool = True
    """Whether several statements can be one; where they cannot, a COMMIT is an error."""
    takes_turns: bool = False
    """Whether another run may write meanwhile, so that each write first takes the relation's lock (segwh__take_turns)."""
    aliases_limited: bool = False
    """Whether dbt gives a relation that it limits (--empty, --sample) an alias of its own."""
    has_unique_indexes: bool = False
    """Whether the engine enforces that a column does not repeat, by an index that dbt makes with the table."""
    keeps_indexes: bool = False
    """Whether few rows of the log and the state are found by indexes, which each run makes where they are missing; that of the
    log enforces that a number does not repeat (segwh__keep_index)."""

    lists_can_be_missing: bool = True
    """Whether a list can be null; where it cannot, it is empty instead."""
    has_two_zeros: bool = False
    """Whether 0 and -0, which are equal, are two values to GROUP BY or DISTINCT; their sum is 0."""
    shares_named_queries: bool = True
    """Whether a named query (WITH) that is read several times is planned once; where it is not, plans grow large."""
    nests_named_queries: bool = True
    """Whether a query that has named queries may stand in another one."""

    append_strategy: str = "append"
    """dbt's strategy for adding rows to a table. "merge" adds those whose id is not there yet, so that two runs at once cannot
    both add a row: for engines without a lock or a unique index that can merge."""
    upsert_strategy: str | None = "delete+insert"
    """dbt's strategy for replacing the rows of a key. None where the engine changes and deletes no rows: then what would be
    replaced is made anew from the whole log, and rows of the log cannot be renamed or erased."""

    table_options: tuple[tuple[str, str | bool], ...] = ()
    """What dbt is told of each table besides, as names and values of config."""
    view_options: tuple[tuple[str, str | bool], ...] = ()
    """The same of each view."""

    has_cheap_scans: bool = False
    """Whether scanning columns that are filtered by costs next to nothing, so that many filtered scans beat one GROUP BY with
    many conditions. Its LEAST and GREATEST must pass over nulls, and a CTE can be NOT MATERIALIZED."""

    parts_measures: bool = False
    """Whether a GROUP BY for each value that measures want of a field beats one that asks every row for the condition of every
    measure. A CTE can be NOT MATERIALIZED there, unless none ever is (`shares_named_queries`)."""

    writes_in_order: bool = False
    """Whether the rows of a UNION ALL are written by one thread after another, to keep their order, unless one of its queries
    has none: then all threads write."""

    hands_in_utc: bool = False
    """Whether the run-time macros know the engine's types of instants, and hand relations in with UTC timestamps without zone
    (segwh__readable)."""

    ends_at_overflow: bool = False
    """Whether a query ends where doubles add up to more than one holds; the run-time macros are told which are added up."""

    compares_like_types: bool = False
    """Whether a query ends that compares a text with a number or a UUID; the run-time macros are told what is compared."""

    refuses_long_numbers: bool = False
    """Whether a query ends in which a number becomes an integer that does not hold it; the run-time macros are told where such
    a number holds nothing back."""

    guides_planner: bool = False
    """Whether the engine's plans are good only if it is told what is in a table after a write (segwh__gather_statistics), and
    not to expect few rows (segwh__plan_for_many)."""

    carries_facts: bool = False
    """Whether facts are brought up to date from those of the run before, where the catalog allows it: shown to give the same
    rows there, and a run that finds other facts in their place than it began with leaves them, or changes would be told off
    twice."""

    follows_facts: bool = False
    """Whether evaluation and difference then look at changed keys alone. Only where no two runs are at work at once: one that
    works everything out again takes from another what that follows, and each may come first in the log of one entity."""

    deletes_after_commit: bool = False
    """Whether a table is not to be read in the transaction that took rows out of it and put others in: DuckDB 2.0 then reads
    garbage now and then, or ends the process, where a row is looked for among the table's own by several columns."""

    writes_pieces: bool = False
    """Whether a part of a query is written the same whatever stands around it: `finished` looks at no more than a node."""

    # --- names and literals ---

    def identifier(self, name: str) -> exp.Identifier:
        """A column or alias, quoted when it is not plain lower snake case or is a word of the language."""
        plain = name.isascii() and name.replace("_", "a").isalnum() and name == name.lower() and not name[0].isdigit()
        return exp.Identifier(this=name, quoted=not plain or name in RESERVED_WORDS or name in self.words)

    def type_of(self, data_type: DataType) -> exp.DataType:
        """The engine's type for a type of the rule language."""
        return exp.DataType.build(TYPE_NAMES[data_type])

    def cast(self, value: exp.Expr, data_type: DataType) -> exp.Expr:
        """A value in the engine's type."""
        return exp.Cast(this=value, to=self.type_of(data_type))

    def string(self, text: str) -> exp.Expr:
        """A literal text, whatever it holds."""
        return exp.Literal.string(text)

    def timestamp(self, at: datetime) -> exp.Expr:
        """A UTC instant as a literal of the canonical timestamp type.

        In text: CAST('2026-10-02 00:00:00' AS TIMESTAMP), with `.123456` after the seconds unless they are whole.
        """
        text = at.astimezone(UTC).replace(tzinfo=None).isoformat(sep=" ", timespec="microseconds")
        return self.cast(exp.Literal.string(text.removesuffix(".000000")), DataType.TIMESTAMP)

    def day(self, day: date) -> exp.Expr:
        """A date as a literal. In text: CAST('2026-10-02' AS DATE)."""
        return self.cast(exp.Literal.string(day.isoformat()), DataType.DATE)

    def number(self, value: int | Decimal) -> exp.Expr:
        """An exact number as a literal to compare integers and decimals with."""
        text = str(value) if isinstance(value, int) else format(value, "f")
        literal = exp.Literal.number(text.removeprefix("-"))
        return exp.Neg(this=literal) if text.startswith("-") else literal

    # --- columns in canonical types ---

    def canonical(self, column: exp.Expr, data_type: DataType, zone: str | None) -> exp.Expr:
        """A catalog column as the type it is declared with; a timestamp without zone was written in `zone` (None: UTC)."""
        match data_type:
            case DataType.TIMESTAMP:
                return self.instant(column, zone)
            case DataType.DECIMAL | DataType.STRING_LIST:
                return column
            case DataType.NUMBER:
                number = self.cast(column, data_type)
                zeroed = exp.Add(this=number, expression=exp.Literal.number(0)) if self.has_two_zeros else number
                return self.without_nan(zeroed)
            case _:
                return self.cast(column, data_type)

    def without_nan(self, number: exp.Expr) -> exp.Expr:
        """A double, null for NaN, which is no number. Most engines hold it to equal itself and to exceed all numbers."""
        return exp.Nullif(this=number, expression=self.cast(exp.Literal.string("NaN"), DataType.NUMBER))

    def key(self, column: exp.Expr, data_type: DataType) -> exp.Expr:
        """A column of keys, or of values to look for, to be compared with others of the type as it is."""
        return column

    def listed(self, column: exp.Expr, data_type: DataType) -> exp.Expr:
        """A column of values among which one of the type, as it stands in the facts, is looked for."""
        return self.key(column, data_type)

    def instant(self, column: exp.Expr, zone: str | None) -> exp.Expr:
        """A timestamp column, with or without zone, as a UTC timestamp without zone."""
        raise NotImplementedError(self.name)

    def own_instant(self, column: exp.Expr) -> exp.Expr:
        """An instant of segwh's own tables, in the same way."""
        return self.instant(column, None)

    def validity_instant(self, column: exp.Expr, zone: str | None, calendar_zone: str) -> exp.Expr:
        """A validity column, which may be a timestamp or a date (then a local midnight), as a UTC timestamp."""
        return self.instant(column, zone)

    # --- time ---

    def local(self, instant: exp.Expr, zone: str) -> exp.Expr:
        """A canonical instant as local wall-clock time."""
        if zone == "UTC":
            return instant
        return _in_zone(_in_zone(instant, "UTC"), zone)

    def local_day(self, instant: exp.Expr, zone: str) -> exp.Expr:
        """The local day of a canonical instant."""
        return self.cast(self.local(instant, zone), DataType.DATE)

    def from_local(self, wall: exp.Expr, zone: str) -> exp.Expr:
        """The instant of a local time: a skipped one moves forward by the gap, a repeated one is the first (law 6)."""
        if zone == "UTC":
            return wall
        guess = _in_zone(_in_zone(wall, zone), "UTC")
        # Engines take the second of two; the first is where the offset of some hours before still holds.
        before = self.plus(guess.copy(), -10_800, "SECOND")
        offset = exp.Paren(this=exp.Sub(this=self.local(before.copy(), zone), expression=before))
        first = exp.Sub(this=wall.copy(), expression=offset)
        holds = exp.EQ(this=self.local(exp.Paren(this=first.copy()), zone), expression=wall.copy())
        return exp.Case(ifs=[exp.If(this=holds, true=first)], default=guess)

    def midnight(self, day: exp.Expr, zone: str) -> exp.Expr:
        """The instant at which a local day begins."""
        return self.from_local(self.cast(day, DataType.TIMESTAMP), zone)

    def plus(self, instant: exp.Expr, count: int, unit: str) -> exp.Expr:
        """A timestamp moved by whole units (MICROSECOND, SECOND or MONTH; months clamp to the month's last day)."""
        step = exp.Interval(this=exp.Literal.string(str(count)), unit=exp.Var(this=unit))
        return exp.Paren(this=exp.Add(this=instant, expression=step))

    def part(self, name: str, value: exp.Expr) -> exp.Expr:
        """A field of a date or timestamp: YEAR, MONTH, DAY, HOUR."""
        return exp.Extract(this=exp.Var(this=name), expression=value)

    def weekday(self, day: exp.Expr) -> exp.Expr:
        """The day of the week of a date; 0 is Monday."""
        return exp.Sub(this=self.part("ISODOW", day), expression=exp.Literal.number(1))

    def days_between(self, start: exp.Expr, end: exp.Expr) -> exp.Expr:
        """The number of days from one date to another."""
        return exp.DateDiff(this=end, expression=start, unit=exp.Var(this="DAY"))

    def elapsed_days(self, start: exp.Expr, end: exp.Expr) -> exp.Expr:
        """Whole 24-hour days from one canonical instant to a later one."""
        raise NotImplementedError(self.name)

    def next_day(self, day: exp.Expr) -> exp.Expr:
        """The date after a date."""
        moved = exp.Add(this=day, expression=exp.Interval(this=exp.Literal.string("1"), unit=exp.Var(this="DAY")))
        return self.cast(moved, DataType.DATE)

    # --- text and lists ---

    def lower(self, text: exp.Expr) -> exp.Expr:
        """Unicode simple lower case (ruling B18)."""
        return exp.Lower(this=text)

    def contains(self, text: exp.Expr, part: exp.Expr) -> exp.Expr:
        """Whether a text holds another."""
        return exp.GT(this=exp.StrPosition(this=text, substr=part), expression=exp.Literal.number(0))

    def starts_with(self, text: exp.Expr, part: exp.Expr) -> exp.Expr:
        """Whether a text begins with another."""
        return exp.EQ(this=call("LEFT", text, exp.Length(this=part)), expression=part.copy())

    def ends_with(self, text: exp.Expr, part: exp.Expr) -> exp.Expr:
        """Whether a text ends with another."""
        return exp.EQ(this=call("RIGHT", text, exp.Length(this=part)), expression=part.copy())

    def matches(self, text: exp.Expr, pattern: str) -> exp.Expr:
        """Whether a regular expression of the shared subset, already in its portable spelling, matches somewhere."""
        raise NotImplementedError(self.name)

    def turn(self, relation: str) -> str | None:
        """A statement that waits until no run is writing a relation, by its full quoted name, and keeps runs out until its
        transaction ends; None where engines see to that themselves.
        """
        return None

    def rows_of(self, texts: exp.Expr) -> exp.Expr | None:
        """An expression of a SELECT that makes one row of each element of a list that is not null; None where the engine is
        quicker with a query for each, which scans nothing but the columns that it asks.
        """
        return None

    def list_has(self, values: exp.Expr, value: exp.Expr) -> exp.Expr:
        """Whether a list holds a value."""
        return exp.ArrayContains(this=values, expression=value)

    def list_size(self, values: exp.Expr) -> exp.Expr:
        """The number of elements of a list; null for a null list."""
        return exp.ArraySize(this=values)

    def by_bytes(self, value: exp.Expr, data_type: DataType | None) -> exp.Expr:
        """A value to order or compare by: text in byte order (ruling B19)."""
        if data_type is DataType.STRING and self.text_collation is not None:
            # A column that the catalog calls a string may be stored as something else, a UUID for one, which has no collation.
            text = value if isinstance(value, exp.Cast) else self.cast(value, DataType.STRING)
            return exp.Collate(this=text, expression=exp.to_identifier(self.text_collation, quoted=True))
        return value

    # --- numbers ---

    def bucket(self, text: exp.Expr) -> exp.Expr:
        """The first seven hex digits of a text's md5 as a number, modulo 10000 (law 16); digit by digit works everywhere."""
        digits = "0123456789abcdef"
        places = []
        for place in range(7):
            digit = exp.Substring(
                this=exp.MD5(this=text.copy()), start=exp.Literal.number(place + 1), length=exp.Literal.number(1)
            )
            value = exp.Sub(this=call("STRPOS", exp.Literal.string(digits), digit), expression=exp.Literal.number(1))
            places.append(exp.Mul(this=exp.Paren(this=value), expression=exp.Literal.number(16 ** (6 - place))))
        total: exp.Expr = places[0]
        for place_value in places[1:]:
            total = exp.Add(this=total, expression=place_value)
        return exp.Mod(this=exp.Paren(this=total), expression=exp.Literal.number(10_000))

    def partition_key(self, value: exp.Expr, data_type: DataType) -> exp.Expr:
        """A value to put rows into groups by, in a window."""
        return value

    def sum(self, value: exp.Expr, data_type: DataType) -> exp.Expr:
        """The sum of numbers of a type, in a type that holds it; null for no numbers."""
        return exp.Sum(this=value)

    def double(self, value: exp.Expr) -> exp.Expr:
        """A number as a double."""
        return self.cast(value, DataType.NUMBER)

    # --- the whole statement ---

    def finished(self, query: exp.Query) -> exp.Query:
        """A whole statement just before it becomes text, its holes in it as Var nodes: for what can only be rewritten in place.

        May change the tree that it is given; the columns and their names stay, and doing it twice changes nothing more.
        """
        return query


def _in_zone(value: exp.Expr, zone: str) -> exp.Expr:
    return exp.AtTimeZone(this=value, zone=exp.Literal.string(zone))
