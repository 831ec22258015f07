"""Predicates to boolean expressions: as cheap as possible (null counts as false), made two-valued where it matters."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from decimal import ROUND_CEILING, ROUND_FLOOR, Decimal
from typing import assert_never

from sqlglot import exp

from segwh import ir
from segwh.semantics import AS_OF, Bound, Calendar, CalendarEdge, Fixed, Interval, Unit, date_of
from segwh.sql.dialects.base import SqlDialect
from segwh.sql.holes import Holes
from segwh.sql.regex import in_lower_case, portable
from segwh.types import DataType

COMPARISONS = {"is": exp.EQ, "gt": exp.GT, "gte": exp.GTE, "lt": exp.LT, "lte": exp.LTE}


@dataclass(frozen=True, slots=True)
class Mean:
    """An average kept as the exact sum and number of its values: `sum >= v * number` needs no rounding."""

    total: exp.Expr
    number: exp.Expr


@dataclass(frozen=True, slots=True)
class Row:
    """Where a predicate is asked: how a row's operands, references and truths about rows are written there."""

    dialect: SqlDialect
    calendar: Calendar
    holes: Holes
    operand: Callable[[ir.Operand], exp.Expr]
    truth: Callable[[ir.RowHolds | ir.Sequence | ir.MemberOf], exp.Expr]
    mean: Callable[[ir.Operand], Mean | None] = lambda operand: None

    def bound(self, bound: Bound, data_type: DataType) -> exp.Expr:
        """A bound to compare a timestamp or a date with: a literal when fixed, else a hole."""
        if isinstance(bound, Fixed):
            if data_type is DataType.DATE:
                return self.dialect.day(date_of(bound, bound.at, self.calendar))
            return self.dialect.timestamp(bound.at)
        return self.holes.bound(bound, "date" if data_type is DataType.DATE else "timestamp")

    def as_of(self) -> exp.Expr:
        """The as-of as a timestamp."""
        return self.holes.bound(AS_OF, "timestamp")


# --- truth --------------------------------------------------------------------------------------------------------------


def certain(predicate: ir.Predicate, row: Row) -> exp.Expr:
    """The predicate as an expression that is true or false, never null."""
    return either(possible(predicate, row))


def either(expression: exp.Expr) -> exp.Expr:
    """An expression with null counted as false."""
    return expression if has_value(expression) else exp.Coalesce(this=expression, expressions=[exp.false()])


def sure(expression: exp.Expr) -> exp.Expr:
    """Marks an expression that is never null though its form does not show it."""
    expression.meta["has_value"] = True
    return expression


def has_value(expression: exp.Expr) -> bool:
    """Whether an expression is known never to be null, by its form or by a mark."""
    if expression.meta.get("has_value"):
        return True
    match expression:
        case exp.Boolean() | exp.Literal() | exp.Placeholder() | exp.Is() | exp.Exists():
            return True
        case exp.Paren() | exp.Not() | exp.Neg() | exp.Cast():
            return has_value(expression.this)
        case exp.Coalesce():
            return any(has_value(part) for part in (expression.this, *expression.expressions))
        case exp.Case():
            results = [branch.args["true"] for branch in expression.args["ifs"]]
            default = expression.args.get("default")
            return default is not None and all(has_value(result) for result in (*results, default))
        case exp.In():
            listed = expression.expressions  # else it is in a query or an array, which may hold nulls
            return bool(listed) and all(has_value(part) for part in (expression.this, *listed))
        case exp.And() | exp.Or() | exp.EQ() | exp.GT() | exp.GTE() | exp.LT() | exp.LTE() | exp.Add() | exp.Sub() | exp.Mul():
            return has_value(expression.left) and has_value(expression.right)
        case _:
            return False


def adds_doubles(measure: ir.Measure) -> bool:
    """Whether a measure adds up doubles, which may come to NaN though none of them is: infinity and its opposite."""
    match measure:
        case ir.Aggregate("sum" | "avg", of):
            return of.type is DataType.NUMBER
        case _:
            return False


def never_null(operand: ir.Operand) -> bool:
    """Whether an operand always has a value (law 7)."""
    if not isinstance(operand, ir.Measured) or adds_doubles(operand.measure):
        return False
    match operand.measure:
        case ir.Count() | ir.Days():
            return True
        case ir.Aggregate(function, _):
            return function in ("sum", "distinct")
        case _:
            return False


def possible(predicate: ir.Predicate, row: Row) -> exp.Expr:
    """The predicate as an expression that is true exactly when it holds; otherwise it is false or null."""
    match predicate:
        case ir.And(items):
            return all_of([possible(item, row) for item in items])
        case ir.Or(items):
            return any_of([possible(item, row) for item in items])
        case ir.Not(item):
            return negated(certain(item, row))
        case ir.AtLeast(count, items):
            ones = [one_if(possible(item, row)) for item in items]
            return exp.GTE(this=exp.Paren(this=sum_of(ones)), expression=exp.Literal.number(count))
        case ir.Everyone():
            return exp.true()
        case ir.RowHolds() | ir.Sequence() | ir.MemberOf():
            return row.truth(predicate)
        case ir.CompareFields():
            return _fields_compared(predicate, row)
        case _:
            return _test(predicate, row)


def all_of(items: Sequence[exp.Expr]) -> exp.Expr:
    """Conjunction; of nothing: true. Constant items are dropped."""
    kept = [part for item in items for part in _parts(item, exp.And) if not _is_constant(part, True)]
    if any(_is_constant(item, False) for item in kept):
        return exp.false()
    return exp.and_(*kept, copy=False) if kept else exp.true()


def any_of(items: Sequence[exp.Expr]) -> exp.Expr:
    """Disjunction; of nothing: false. Constant items are dropped."""
    kept = [part for item in items for part in _parts(item, exp.Or) if not _is_constant(part, False)]
    if any(_is_constant(item, True) for item in kept):
        return exp.true()
    return exp.or_(*kept, copy=False) if kept else exp.false()


def _parts(item: exp.Expr, kind: type[exp.Connector]) -> list[exp.Expr]:
    """The items of a connector of that kind, however deep on its left; anything else is its own item."""
    parts: list[exp.Expr] = []
    while isinstance(item, kind):
        parts.append(item.right)
        item = item.left
    return [item, *reversed(parts)]


def _is_constant(item: exp.Expr, value: bool) -> bool:
    return isinstance(item, exp.Boolean) and bool(item.this) is value


def negated(expression: exp.Expr) -> exp.Expr:
    """The complement of a two-valued expression."""
    if isinstance(expression, exp.Boolean):
        return exp.false() if expression.this else exp.true()
    if isinstance(expression, exp.Connector | exp.Binary | exp.Is | exp.Between | exp.In):
        expression = exp.Paren(this=expression)
    return exp.Not(this=expression)


def one_if(condition: exp.Expr) -> exp.Expr:
    """1 where a condition holds, else 0."""
    return exp.Case(ifs=[exp.If(this=condition, true=exp.Literal.number(1))], default=exp.Literal.number(0))


def sum_of(items: Sequence[exp.Expr]) -> exp.Expr:
    """The sum of one or more expressions."""
    total = items[0]
    for item in items[1:]:
        total = exp.Add(this=total, expression=item)
    return total


# --- tests of one value -------------------------------------------------------------------------------------------------


def _test(test: ir.Test, row: Row) -> exp.Expr:
    if isinstance(test, ir.CompareFields):
        return _fields_compared(test, row)
    if isinstance(test, ir.Compare | ir.OneOf) and (mean := row.mean(test.subject)) is not None:
        return _mean_compared(test, mean, row.dialect)
    dialect, subject = row.dialect, row.operand(test.subject)
    match test:
        case ir.IsMissing():
            return subject.is_(exp.null())
        case ir.IsEmpty():
            return _is_empty(test.subject.type, subject, dialect)
        case ir.OneOf():
            return _one_of(test, subject, dialect)
        case ir.OneOfRelation(_, relation, column, ignore_case):
            listed = exp.Column(this=dialect.identifier(column), table=exp.to_identifier("listed"))
            is_instant = test.subject.type is DataType.TIMESTAMP
            value = dialect.instant(listed.copy(), None) if is_instant else dialect.listed(listed.copy(), test.subject.type)
            query = exp.select(_folded(value, ignore_case, dialect), copy=False)
            query = query.from_(row.holes.table(relation, "listed"), copy=False)
            query = query.where(listed.is_(exp.null()).not_(), copy=False)
            return exp.In(this=_folded(subject, ignore_case, dialect), query=exp.Subquery(this=query))
        case ir.Compare(_, operator, value):
            return _number_compared(test.subject.type, subject, operator, value, dialect)
        case ir.TextMatch(_, how, value, ignore_case):
            if value == "":
                return subject.is_(exp.null()).not_()
            part = _folded(dialect.string(value), ignore_case, dialect)
            return _text_matched(_folded(subject, ignore_case, dialect), how, part, dialect)
        case ir.Regex(_, pattern, ignore_case):
            # what an engine folds by a flag is its own affair beyond ASCII (law 4)
            pattern = in_lower_case(pattern) if ignore_case else pattern
            return dialect.matches(_folded(subject, ignore_case, dialect), portable(pattern))
        case ir.InInterval(_, interval):
            return in_interval(subject, test.subject.type, interval, row)
        case ir.DayOfYearBetween(_, first, last):
            return _day_of_year_between(_day(subject, test.subject.type, row), first, last, row)
        case ir.DayOfYearWithinNext(_, days):
            return _day_of_year_within_next(_day(subject, test.subject.type, row), days, row)
        case ir.DayOfWeekIn(_, days):
            weekday = dialect.weekday(_day(subject, test.subject.type, row))
            return exp.In(this=exp.Paren(this=weekday), expressions=[exp.Literal.number(day) for day in days])
        case ir.HourBetween(_, first, last):
            hour = dialect.part("HOUR", dialect.local(subject, row.calendar.timezone))
            return _cyclic_between(hour, first, last)
        case ir.ListHas(_, how, values):
            found = [dialect.list_has(subject.copy(), dialect.string(value)) for value in values]
            return any_of(found) if how == "any" else all_of(found)
        case ir.ListSize(_, operator, value):
            return COMPARISONS[operator](this=dialect.list_size(subject), expression=dialect.number(value))
        case _:
            assert_never(test)


def double_number(value: int | Decimal) -> exp.Expr:
    """A number literal to compare doubles with: the double nearest to the value."""
    exact = Decimal(value)
    if exact == exact.to_integral_value() and abs(exact) <= 2**53:
        text = str(int(exact))
    elif len(exact.as_tuple().digits) <= 15 and -15 <= int(exact.as_tuple().exponent) <= 0:
        # Engines read up to 15 digits exactly and divide once by a power of ten: the nearest double.
        text = format(exact, "f")
    else:
        text = repr(float(exact))
        text = text if "e" in text else f"{text}e0"
    literal = exp.Literal.number(text.removeprefix("-"))
    return exp.Neg(this=literal) if text.startswith("-") else literal


def _number_compared(
    data_type: DataType, subject: exp.Expr, operator: str, value: int | Decimal, dialect: SqlDialect
) -> exp.Expr:
    if data_type is DataType.NUMBER:
        return COMPARISONS[operator](this=subject, expression=double_number(value))
    if data_type is DataType.INTEGER:
        # x > 2.5 is x > 2, x >= 2.5 is x >= 3: integers meet integers only.
        rounding = ROUND_FLOOR if operator in ("gt", "lte") else ROUND_CEILING
        value = int(Decimal(value).to_integral_value(rounding))
    return COMPARISONS[operator](this=subject, expression=dialect.number(value))


def _mean_compared(test: ir.Compare | ir.OneOf, mean: Mean, dialect: SqlDialect) -> exp.Expr:
    if isinstance(test, ir.OneOf):
        return any_of([_mean_is("is", mean, value, dialect) for value in test.values])
    return _mean_is(test.operator, mean, test.value, dialect)


def _mean_is(operator: str, mean: Mean, value: ir.Scalar, dialect: SqlDialect) -> exp.Expr:
    assert isinstance(value, int | Decimal)
    product = exp.Mul(this=mean.number.copy(), expression=dialect.number(value))
    # Without values the sum is null, so that the average is missing.
    return COMPARISONS[operator](this=mean.total.copy(), expression=product)


def _one_of(test: ir.OneOf, subject: exp.Expr, dialect: SqlDialect) -> exp.Expr:
    data_type = test.subject.type
    if data_type is DataType.BOOLEAN:
        return any_of([subject.copy() if value else exp.Not(this=subject.copy()) for value in dict.fromkeys(test.values)])
    literals = [literal for value in dict.fromkeys(test.values) if (literal := _literal(value, data_type, dialect)) is not None]
    if not literals:
        return exp.false()
    subject = _folded(subject, test.ignore_case, dialect)
    literals = [_folded(literal, test.ignore_case, dialect) for literal in literals]
    return exp.EQ(this=subject, expression=literals[0]) if len(literals) == 1 else exp.In(this=subject, expressions=literals)


def _literal(value: ir.Scalar, data_type: DataType, dialect: SqlDialect) -> exp.Expr | None:
    """A literal to compare a value of that type with; None when no value of the type equals it."""
    if isinstance(value, str):
        return dialect.string(value)
    if data_type is DataType.NUMBER:
        return double_number(value)
    if data_type is DataType.INTEGER:
        return dialect.number(int(value)) if value == int(value) else None
    return dialect.number(value)


def _folded(text: exp.Expr, ignore_case: bool, dialect: SqlDialect) -> exp.Expr:
    if ignore_case and isinstance(text, exp.Literal) and text.name.isascii():
        return exp.Literal.string(text.name.lower())
    return dialect.lower(text) if ignore_case else text


def _is_empty(data_type: DataType, subject: exp.Expr, dialect: SqlDialect) -> exp.Expr:
    missing = subject.is_(exp.null())
    match data_type:
        case DataType.STRING:
            return exp.Paren(this=exp.or_(missing, subject.copy().eq(exp.Literal.string("")), copy=False))
        case DataType.STRING_LIST:
            return exp.Paren(this=exp.or_(missing, dialect.list_size(subject.copy()).eq(exp.Literal.number(0)), copy=False))
        case _:
            return missing


def _text_matched(text: exp.Expr, how: str, part: exp.Expr, dialect: SqlDialect) -> exp.Expr:
    match how:
        case "contains":
            return dialect.contains(text, part)
        case "starts_with":
            return dialect.starts_with(text, part)
        case _:
            return dialect.ends_with(text, part)


# --- time ---------------------------------------------------------------------------------------------------------------


def in_interval(subject: exp.Expr, data_type: DataType, interval: Interval, row: Row) -> exp.Expr:
    """A date or a canonical instant in a half-open interval; without bounds it only has to be there."""
    parts: list[exp.Expr] = []
    if interval.start is not None:
        parts.append(exp.GTE(this=subject.copy(), expression=row.bound(interval.start, data_type)))
    if interval.end is not None:
        parts.append(exp.LT(this=subject.copy(), expression=row.bound(interval.end, data_type)))
    return all_of(parts) if parts else subject.is_(exp.null()).not_()


def _day(subject: exp.Expr, data_type: DataType, row: Row) -> exp.Expr:
    return subject if data_type is DataType.DATE else row.dialect.local_day(subject, row.calendar.timezone)


def _month_day(day: exp.Expr, dialect: SqlDialect) -> exp.Expr:
    """A date's month and day as one number, 101 to 1231."""
    hundreds = exp.Mul(this=dialect.part("MONTH", day.copy()), expression=exp.Literal.number(100))
    return exp.Paren(this=exp.Add(this=hundreds, expression=dialect.part("DAY", day.copy())))


def _code(day: tuple[int, int]) -> int:
    return day[0] * 100 + day[1]


def _cyclic_between(value: exp.Expr, first: int, last: int) -> exp.Expr:
    """Between two ends, both included, on a circle: a range may run through its zero."""
    low = exp.GTE(this=value.copy(), expression=exp.Literal.number(first))
    high = exp.LTE(this=value.copy(), expression=exp.Literal.number(last))
    return exp.and_(low, high, copy=False) if first <= last else exp.Paren(this=exp.or_(low, high, copy=False))


def _day_of_year_between(day: exp.Expr, first: tuple[int, int], last: tuple[int, int], row: Row) -> exp.Expr:
    """Law 10: 29 February counts as the 28th in a year without it, as-of's, or for a wrapped range the value's own."""
    month_day = _month_day(day, row.dialect)
    plain = _cyclic_between(month_day, _code(first), _code(last))
    if first <= last and last == (2, 28):
        extra = _and_no_leap(month_day, 229, _is_leap_run(row))
    elif first == (2, 29):
        extra = _and_no_leap(month_day, 228, _is_leap_run(row) if first <= last else _is_leap_day(day, row))
    else:
        return plain
    return exp.Paren(this=exp.or_(plain, extra, copy=False))


def _and_no_leap(month_day: exp.Expr, code: int, leap: exp.Expr) -> exp.Expr:
    is_day = exp.EQ(this=month_day.copy(), expression=exp.Literal.number(code))
    return exp.and_(is_day, exp.Not(this=exp.Paren(this=leap)), copy=False)


def _is_leap_run(row: Row) -> exp.Expr:
    """Whether the local year of as-of has 366 days."""
    start = row.holes.bound(CalendarEdge(Unit.YEARS), "date")
    end = row.holes.bound(CalendarEdge(Unit.YEARS, 1), "date")
    return exp.EQ(this=row.dialect.days_between(start, end), expression=exp.Literal.number(366))


def _is_leap_day(day: exp.Expr, row: Row) -> exp.Expr:
    """Whether a date lies in a leap year."""
    year = row.dialect.part("YEAR", day)

    def divides(by: int) -> exp.Expr:
        return exp.EQ(this=exp.Mod(this=year.copy(), expression=exp.Literal.number(by)), expression=exp.Literal.number(0))

    return exp.and_(divides(4), exp.or_(exp.Not(this=exp.Paren(this=divides(100))), divides(400), copy=False), copy=False)


def _day_of_year_within_next(day: exp.Expr, days: int, row: Row) -> exp.Expr:
    """Half-open from today's (month, day) to that of the day after the last: so 29 February counts as the 28th by itself."""
    if days >= 366:
        return day.is_(exp.null()).not_()
    today = row.holes.bound(CalendarEdge(Unit.DAYS), "date")
    end = row.holes.bound(CalendarEdge(Unit.DAYS, days), "date")
    value, first, after = _month_day(day, row.dialect), _month_day(today, row.dialect), _month_day(end, row.dialect)
    low = exp.GTE(this=value.copy(), expression=first)
    high = exp.LT(this=value.copy(), expression=after)
    straight = exp.LT(this=first.copy(), expression=after.copy())
    wraps = exp.If(this=straight, true=exp.and_(low, high, copy=False))
    return exp.Case(ifs=[wraps], default=exp.or_(low.copy(), high.copy(), copy=False))


# --- two fields ---------------------------------------------------------------------------------------------------------


def _fields_compared(test: ir.CompareFields, row: Row) -> exp.Expr:
    left, right = row.operand(test.subject), row.operand(test.other)
    dialect, types = row.dialect, (test.subject.type, test.other.type)
    if types == (DataType.DATE, DataType.TIMESTAMP):
        return _date_and_instant(left, test.operator, right, row)
    if types == (DataType.TIMESTAMP, DataType.DATE):
        mirrored = {"is": "is", "gt": "lt", "gte": "lte", "lt": "gt", "lte": "gte"}
        return _date_and_instant(right, mirrored[test.operator], left, row)
    if DataType.NUMBER in types:
        # beside a double others are doubles: not every engine makes them that
        left, right = (
            one if its is DataType.NUMBER else dialect.double(one) for one, its in zip((left, right), types, strict=True)
        )
    left, right = _folded(left, test.ignore_case, dialect), _folded(right, test.ignore_case, dialect)
    if test.operator in COMPARISONS:
        if test.operator != "is":
            left, right = dialect.by_bytes(left, types[0]), dialect.by_bytes(right, types[1])
        return COMPARISONS[test.operator](this=left, expression=right)
    return _text_matched(left, test.operator, right, dialect)


def _date_and_instant(day: exp.Expr, operator: str, instant: exp.Expr, row: Row) -> exp.Expr:
    """A date's local midnight against an instant, by dates alone.

    Let `on` be the local day of the instant, and `next` the first local day that begins at or after it. Then midnight is at
    or before the instant when day <= on, before it when day < next. The day of one microsecond earlier gives `next`.
    """
    zone = row.calendar.timezone
    on = row.dialect.local_day(instant, zone)
    just_before = row.dialect.plus(instant.copy(), -1, "MICROSECOND")
    following = row.dialect.next_day(row.dialect.local_day(just_before, zone))
    match operator:
        case "lte":
            return exp.LTE(this=day, expression=on)
        case "gt":
            return exp.GT(this=day, expression=on)
        case "lt":
            return exp.LT(this=day, expression=following)
        case "gte":
            return exp.GTE(this=day, expression=following)
        case _:
            return exp.and_(exp.GTE(this=day, expression=following), exp.LTE(this=day.copy(), expression=on), copy=False)
