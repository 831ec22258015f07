"""ClickHouse, 25.8 or newer (https://clickhouse.com/docs/sql-reference)."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime
from decimal import Decimal

from sqlglot import exp

from segwh.features import Feature
from segwh.sql.dialects.base import Limits, SqlDialect, asked_for_few, call, simple_lower
from segwh.types import DataType

INSTANT = "Nullable(DateTime64(6, 'UTC'))"
SETTINGS = {
    # https://clickhouse.com/docs/operations/settings/settings#join_use_nulls: else what a join does not find is '' and 0
    "join_use_nulls": exp.Literal.number(1),
    # .../settings#aggregate_functions_null_for_empty: else the maximum of no rows is '' and 1970
    "aggregate_functions_null_for_empty": exp.Literal.number(1),
    # .../settings#prefer_column_name_to_alias: else WHERE takes a name for what SELECT calls so
    "prefer_column_name_to_alias": exp.Literal.number(1),
    # .../settings-formats#date_time_overflow_behavior: else a time out of range becomes another one
    "date_time_overflow_behavior": exp.Literal.string("throw"),
}
"""What makes it read SQL as the standard means it, set by every statement for itself."""
LARGE = 2_000
"""Nodes of a tree from which on a statement asks for more than the 50,000 elements that it may have."""
LARGE_SETTINGS = {
    # https://clickhouse.com/docs/operations/settings/query-complexity#max-ast-elements
    "max_ast_elements": exp.Literal.number(10_000_000),
    "max_expanded_ast_elements": exp.Literal.number(10_000_000),
    # .../settings#query_plan_max_optimizations_to_apply, by default 10,000
    "query_plan_max_optimizations_to_apply": exp.Literal.number(10_000_000),
}
TYPES = {
    # DateTime ends in 2106 and knows no fractions: https://clickhouse.com/docs/sql-reference/data-types/datetime64
    DataType.TIMESTAMP: INSTANT,
    # Date begins in 1970 and ends in 2149: https://clickhouse.com/docs/sql-reference/data-types/date32
    DataType.DATE: "Nullable(Date32)",
    # an array is never null: https://clickhouse.com/docs/sql-reference/data-types/nullable
    DataType.STRING_LIST: "Array(Nullable(String))",
    # without arguments it would have no places after the point
    DataType.DECIMAL: "Nullable(Decimal(38, 9))",
}
STANDARD_TYPES = {
    exp.DataType.Type.TIMESTAMP: INSTANT,
    exp.DataType.Type.TIMESTAMPTZ: INSTANT,
    exp.DataType.Type.DATE: TYPES[DataType.DATE],
}
"""What the fixed queries call types that have a narrow namesake here."""


def _type(text: str) -> exp.DataType:
    return exp.DataType.build(text, dialect="clickhouse")


def _text(value: str) -> exp.Expr:
    return exp.Literal.string(value)


def _number(value: int) -> exp.Expr:
    return exp.Literal.number(value)


@dataclass(frozen=True, slots=True)
class ClickHouse(SqlDialect):
    """ClickHouse. Timestamps are instants (DateTime64 in UTC), local times are written as if they were in UTC."""

    def type_of(self, data_type: DataType) -> exp.DataType:
        """Nullable, for a plain type knows no nulls (https://clickhouse.com/docs/sql-reference/data-types/nullable)."""
        return _type(TYPES[data_type]) if data_type in TYPES else SqlDialect.type_of(self, data_type)

    def timestamp(self, at: datetime) -> exp.Expr:
        """A literal is not null, so its type need not be."""
        cast = SqlDialect.timestamp(self, at)
        cast.set("to", _type("DateTime64(6, 'UTC')"))
        return cast

    def day(self, day: date) -> exp.Expr:
        """A literal is not null, so its type need not be."""
        cast = SqlDialect.day(self, day)
        cast.set("to", _type("Date32"))
        return cast

    def number(self, value: int | Decimal) -> exp.Expr:
        """A literal with a point, or of many digits, is a double (https://clickhouse.com/docs/sql-reference/syntax#numeric)."""
        exact = Decimal(value)
        if exact == int(exact) and abs(exact) < 2**63:
            return SqlDialect.number(self, int(exact))
        text = format(exact, "f")
        return exp.Cast(this=_text(text), to=_type(f"Decimal(76, {len(text.partition('.')[2])})"))

    # --- columns in canonical types ---

    def canonical(self, column: exp.Expr, data_type: DataType, zone: str | None) -> exp.Expr:
        """CAST keeps the low bits of an integer that is too large: https://clickhouse.com/docs/sql-reference/functions/type-conversion-functions#accuratecast."""
        if data_type is DataType.INTEGER:
            return call("accurateCast", column, _text("Nullable(Int64)"))
        return SqlDialect.canonical(self, column, data_type, zone)

    def without_nan(self, number: exp.Expr) -> exp.Expr:
        """NaN equals nothing there, itself neither."""
        is_nan = call("isNaN", number.copy())
        return exp.Case(ifs=[exp.If(this=is_nan, true=exp.null())], default=number)

    def instant(self, column: exp.Expr, zone: str | None) -> exp.Expr:
        """A DateTime is an instant; one whose type names no zone is taken as it is shown, if the catalog gives a zone."""
        instant = self.cast(column, DataType.TIMESTAMP)
        if zone is None:
            return instant
        names_zone = call("endsWith", call("trimRight", call("toTypeName", column.copy()), _text(")")), _text("'"))
        shown_in = exp.Cast(this=column.copy(), to=_type("Nullable(DateTime64(6))"))
        shown = call("addSeconds", instant.copy(), call("timezoneOffset", shown_in))
        return exp.Case(ifs=[exp.If(this=names_zone, true=instant)], default=self.from_local(shown, zone))

    def validity_instant(self, column: exp.Expr, zone: str | None, calendar_zone: str) -> exp.Expr:
        """A timestamp as above; a date is the midnight of the project's calendar."""
        if calendar_zone == (zone or "UTC") == "UTC":
            return self.instant(column, zone)
        is_date = call("match", call("toTypeName", column.copy()), _text("Date(32)?($|[^T])"))
        midnight = self.from_local(self.cast(column.copy(), DataType.TIMESTAMP), calendar_zone)
        return exp.Case(ifs=[exp.If(this=is_date, true=midnight)], default=self.instant(column, zone))

    # --- time ---

    def local(self, instant: exp.Expr, zone: str) -> exp.Expr:
        """A wall-clock time has no type of its own, so it is an instant moved by the zone's offset."""
        return instant if zone == "UTC" else call("addSeconds", instant, _offset(instant.copy(), zone))

    def local_day(self, instant: exp.Expr, zone: str) -> exp.Expr:
        """The day of the local time: toDate32 of an instant in its zone errs where a clock goes back over midnight."""
        return call("toDate32", self.local(instant, zone))

    def from_local(self, wall: exp.Expr, zone: str) -> exp.Expr:
        """Beginning with the offset of a day before, for toUTCTimestamp takes now one and now the other of two.

        A guess after the change finds the offset after it; one that this takes back to before the change was skipped.
        """
        if zone == "UTC":
            return wall
        guess = call("addDays", wall, _number(-1))
        for _ in range(3):
            guess = call("subtractSeconds", wall.copy(), _offset(guess, zone))
        return guess

    def plus(self, instant: exp.Expr, count: int, unit: str) -> exp.Expr:
        """The type stays (addSeconds, addMicroseconds); addMonths clamps."""
        return call(f"add{unit.capitalize()}s", instant, _number(count))

    def weekday(self, day: exp.Expr) -> exp.Expr:
        """Monday is 1 (https://clickhouse.com/docs/sql-reference/functions/date-time-functions#todayofweek)."""
        return exp.Sub(this=call("toDayOfWeek", day), expression=_number(1))

    def days_between(self, start: exp.Expr, end: exp.Expr) -> exp.Expr:
        """The unit comes first, as a text."""
        return call("dateDiff", _text("day"), start, end)

    def elapsed_days(self, start: exp.Expr, end: exp.Expr) -> exp.Expr:
        """Exact: microseconds, divided as integers; `end` is not before `start`."""
        micros = exp.Sub(this=call("toUnixTimestamp64Micro", end), expression=call("toUnixTimestamp64Micro", start))
        return call("intDiv", micros, _number(86_400_000_000))

    def next_day(self, day: exp.Expr) -> exp.Expr:
        """A Date32 stays one."""
        return call("addDays", day, _number(1))

    # --- text and lists ---

    def lower(self, text: exp.Expr) -> exp.Expr:
        """LOWER knows ASCII only (https://clickhouse.com/docs/sql-reference/functions/string-functions#lower)."""
        return call("lowerUTF8", simple_lower(text).this)

    def starts_with(self, text: exp.Expr, part: exp.Expr) -> exp.Expr:
        """LEFT counts bytes."""
        return call("startsWith", text, part)

    def ends_with(self, text: exp.Expr, part: exp.Expr) -> exp.Expr:
        """RIGHT counts bytes."""
        return call("endsWith", text, part)

    def matches(self, text: exp.Expr, pattern: str) -> exp.Expr:
        """RE2, unanchored (https://clickhouse.com/docs/sql-reference/functions/string-search-functions#match)."""
        return call("match", text, self.string(pattern))

    def list_has(self, values: exp.Expr, value: exp.Expr) -> exp.Expr:
        """Never null."""
        return call("has", values, value)

    def list_size(self, values: exp.Expr) -> exp.Expr:
        """The number of elements."""
        return call("length", values)

    # --- numbers ---

    def sum(self, value: exp.Expr, data_type: DataType) -> exp.Expr:
        """A sum that is too large for its type becomes another number, so wider ones are added up: of all rows alike, which is
        done once for all sums, and sumIf takes those that count (docs/performance.md).
        """
        condition, value = _if(value)
        match data_type:
            case DataType.INTEGER:
                value = call("toInt128", value)
            case DataType.DECIMAL:
                value = value if isinstance(value, exp.Column) else exp.Paren(this=value)
                value = exp.Mul(this=value, expression=call("toDecimal256", _number(1), _number(0)))
            case _:
                pass
        return exp.Sum(this=value) if condition is None else call("sumIf", value, condition)

    def bucket(self, text: exp.Expr) -> exp.Expr:
        """MD5 gives 16 bytes: seven hex digits are the upper 28 bits of the first four."""
        first = call("reinterpretAsUInt32", call("reverse", call("substring", call("MD5", text), _number(1), _number(4))))
        return exp.Mod(this=call("bitShiftRight", first, _number(4)), expression=_number(10_000))

    # --- the whole statement ---

    def finished(self, query: exp.Query) -> exp.Query:
        """With the settings at its end; a union is wrapped first, for a setting after it would be of its last part alone."""
        if query.args.get("settings"):
            return query
        for window in query.find_all(exp.Lag, exp.Lead):
            # beyond the first and last row is the type's own default, which only of a nullable type is null
            window.set("this", call("toNullable", window.this.copy()))
        for count in [node for node in query.find_all(exp.Count, exp.Sum) if _is_unsigned(node)]:
            # of Int64 and UInt64 there is no common type
            whole = count.parent if isinstance(count.parent, exp.Window) else count
            whole.replace(call("toInt64", _counted(whole)))
        for kind in list(query.find_all(exp.DataType)):
            if kind.this in STANDARD_TYPES:
                kind.replace(_type(STANDARD_TYPES[kind.this]))
        known: Known = {}
        for select in query.find_all(exp.Select):
            for item in select.expressions:
                if isinstance(item, exp.Alias):
                    _compare_columns(item.this, select, known)
            if len(select.args.get("joins") or ()) > 1:
                # a column of one of several joined tables is called `table.name` if another has that name too
                items = [part for item in select.expressions for part in _without_star(item)]
                select.set("expressions", [_called_by_its_name(item) for item in items])
        for union in [one for one in query.find_all(exp.SetOperation) if one is query or one.args.get("with_")]:
            query = _wrapped(union, query)
        settings = SETTINGS | (LARGE_SETTINGS if sum(1 for _ in query.walk()) > LARGE else {})
        query.set("settings", [exp.EQ(this=exp.Var(this=name), expression=value.copy()) for name, value in settings.items()])
        # all that is on the right becomes a hash table, wherever the named query is read that the join is part of
        asked_for_few(query, by_key_alone=False)
        for values in list(query.find_all(exp.Values)):
            if (table := _table_of(values)) is not None:
                values.replace(table)
        return query


def _table_of(values: exp.Values) -> exp.Table | None:
    """Rows of literals as the table function `values`, for each row of VALUES becomes a query of its own; None where one is no
    literal of what its column is cast to.

    The engine knows VALUES with names of columns from 26.3 on, the function always:
    https://clickhouse.com/docs/sql-reference/table-functions/values.
    """
    select = values.find_ancestor(exp.Select)
    casts = [item.unalias() for item in select.selects] if select is not None else []
    kinds = {cast.name: LITERALS.get(cast.to.this, "String") for cast in casts if isinstance(cast, exp.Cast)}
    alias = values.args.get("alias") or exp.TableAlias()
    given = [kinds.get(name.name) for name in alias.columns]
    rows = [row.expressions for row in values.expressions]
    if not given or not all(len(row) == len(given) and all(map(_is_literal, row, given)) for row in rows):
        return None
    described = ", ".join(f"{name} Nullable({kind})" for name, kind in zip(alias.columns, given, strict=True))
    function = call("values", _text(described), *(row[0] if len(row) == 1 else exp.Tuple(expressions=row) for row in rows))
    return exp.Table(this=function, alias=exp.TableAlias(this=alias.this))


LITERALS = {
    exp.DataType.Type.BIGINT: "Int64",
    exp.DataType.Type.DOUBLE: "Float64",
    exp.DataType.Type.BOOLEAN: "Bool",
}
"""What literals of a type are by themselves; those of all other types are texts."""


def _is_literal(cell: exp.Expr, kind: str | None) -> bool:
    """Whether a value is null or a literal of that kind."""
    match kind:
        case None:
            return False
        case "Bool":
            return isinstance(cell, exp.Boolean | exp.Null)
        case "String":
            return isinstance(cell, exp.Null) or (isinstance(cell, exp.Literal) and cell.is_string)
        case _:
            number = cell.this if isinstance(cell, exp.Neg) else cell
            return isinstance(cell, exp.Null) or (isinstance(number, exp.Literal) and not number.is_string)


def _if(value: exp.Expr) -> tuple[exp.Expr | None, exp.Expr]:
    """A condition and what is something where it holds, and null elsewhere; without one where a value is no such thing."""
    if isinstance(value, exp.Case) and value.this is None and value.args.get("default") is None and len(value.args["ifs"]) == 1:
        (branch,) = value.args["ifs"]
        return branch.this, branch.args["true"]
    return None, value


def _counted(count: exp.Expr) -> exp.Expr:
    """A count as it is, but of rows for which a condition holds by countIf."""
    condition, of = _if(count.this) if isinstance(count, exp.Count) else (None, count)
    return call("countIf", condition.copy()) if condition is not None and isinstance(of, exp.Literal) else count.copy()


Known = dict[int, dict[str, exp.Expr]]
"""What the columns of queries are, by the id of the query."""


def _compare_columns(condition: exp.Expr, select: exp.Select, known: Known) -> None:
    """Compares with TRUE what is by itself a part of a conjunction and a column of a join as it is.

    Where a query further out filters by the conjunction and another join lies below, the planner makes such a column the filter
    of that one, and then does not find it where the conjunction is worked out (LOGICAL_ERROR: Unknown input node, 26.9).
    """
    open_ = [condition]
    while open_:
        node = open_.pop()
        if isinstance(node, exp.Paren):
            open_.append(node.this)
        elif isinstance(node, exp.And):
            open_ += (node.left, node.right)
        elif isinstance(node, exp.Column) and isinstance(node.parent, exp.And) and _is_of_join(node.name, select, known):
            node.replace(exp.EQ(this=node.copy(), expression=exp.true()))


def _is_of_join(name: str, select: exp.Select, known: Known) -> bool:
    """Whether a column comes as it is from a join, past any queries of one table each."""
    while not select.args.get("joins"):
        read = select.args["from_"].this if select.args.get("from_") else None
        below = read.this if isinstance(read, exp.Subquery) else read and _named_query(read.name, read)
        if not isinstance(below, exp.Select):
            return False
        if id(below) not in known:
            known[id(below)] = {item.alias_or_name: item.unalias() for item in below.selects}
        column = known[id(below)].get(name)
        if column is not None:
            if not isinstance(column, exp.Column):
                return False
            name = column.name
        select = below
    return True


def _is_unsigned(node: exp.Expr) -> bool:
    """Whether a column is a count, or a sum of ones and zeros."""
    if isinstance(node, exp.Sum):
        results = [branch.args["true"] for branch in node.this.args["ifs"]] if isinstance(node.this, exp.Case) else [node.this]
        if not all(isinstance(result, exp.Literal) and result.is_int for result in results):
            return False
    return isinstance(node.find_ancestor(exp.Select, exp.Where, exp.Having), exp.Select)


def _wrapped(union: exp.SetOperation, query: exp.Query) -> exp.Query:
    """The whole query with a union as a subquery; its named queries come before that, else each part gets a copy of them."""
    whole = exp.select("*", copy=False)
    whole.set("with_", union.args.get("with_"))
    union.set("with_", None)
    if union is not query:
        union.replace(whole)
    whole.from_(union.subquery("every_row", copy=False), copy=False)
    return whole if union is query else query


def _without_star(item: exp.Expr) -> list[exp.Expr]:
    """What is selected; instead of all columns of a named query each of them."""
    if not (isinstance(item, exp.Column) and isinstance(item.this, exp.Star)):
        return [item]
    names = _columns(item.table, item)
    return [exp.column(name.copy(), table=item.args["table"].copy()) for name in names] if names else [item]


def _called_by_its_name(item: exp.Expr) -> exp.Expr:
    is_named = isinstance(item, exp.Column) and not isinstance(item.this, exp.Star)
    return exp.Alias(this=item, alias=item.this.copy()) if is_named else item


def _columns(name: str, place: exp.Expr) -> list[exp.Identifier]:
    """The columns of a named query that is known at that place; none if there is none of that name."""
    query = _named_query(name, place)
    items = [part for item in query.selects for part in _without_star(item)] if query is not None else []
    return [exp.to_identifier(item.alias_or_name, quoted=_is_quoted(item)) for item in items]


def _named_query(name: str, place: exp.Expr) -> exp.Query | None:
    """The named query of that name that is known at that place."""
    scope: exp.Expr | None = place
    while scope is not None:
        for cte in scope.args["with_"].expressions if scope.args.get("with_") else ():
            if cte.alias == name:
                assert isinstance(cte.this, exp.Query)
                return cte.this
        scope = scope.parent
    return None


def _is_quoted(item: exp.Expr) -> bool:
    identifier = item.args.get("alias") if isinstance(item, exp.Alias) else item.this
    return isinstance(identifier, exp.Identifier) and bool(identifier.args.get("quoted"))


def _offset(instant: exp.Expr, zone: str) -> exp.Expr:
    return call("timezoneOffset", call("toTimeZone", instant, _text(zone)))


CLICKHOUSE = ClickHouse(
    name="clickhouse",
    title="ClickHouse",
    # an array is never null, so that of a row that a join does not find is empty
    # (https://clickhouse.com/docs/sql-reference/data-types/nullable)
    lacks=frozenset({Feature.MISSING_LISTS}),
    table_materialization="segwh_exchange",
    append_materialization="segwh_append",
    # the order in which rows lie is what is read without reading the rest
    # (https://clickhouse.com/docs/guides/best-practices/sparse-primary-indexes)
    storage={
        "members": {"order_by": ["segment"]},
        "state": {"order_by": ["segment"]},
        "log": {"order_by": ["sequence"]},
    },
    has_transactions=False,
    upsert_strategy=None,
    # max_query_size, which no statement can change for itself, and which a server may raise
    # (https://clickhouse.com/docs/operations/settings/settings#max_query_size)
    # A plan takes 10,000 optimizations, several for each query of a union:
    # https://clickhouse.com/docs/operations/settings/settings#query_plan_max_optimizations_to_apply
    limits=Limits(statement=262_144, unions=300),
    lists_can_be_missing=False,
    has_two_zeros=True,
    shares_named_queries=False,
    parts_measures=True,
)
