"""The reading of what stands after an operator or a window's key: shapes only, types and names are checked when bound."""

from __future__ import annotations

import re
from typing import Literal as OneWordOf
from typing import assert_never

from segwh.rules import syntax
from segwh.rules.operators import Form, Operator
from segwh.rules.windows import CALENDAR_UNITS, WEEK_DAYS, WINDOWS, WindowForm
from segwh.semantics import Duration, Unit
from segwh.text.diagnostics import Code
from segwh.text.reading import MOST_DAYS, UNIT_IN_DAYS, Fields, Reader, described
from segwh.text.source import Mapping, Node, Scalar, Span

MONTH_DAY = re.compile(r"([0-9]{2})-([0-9]{2})")
LENGTHS_OF_MONTHS = (31, 29, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31)
MOST_DAYS_OF_YEAR = 366
NULL_HINT = "whether there is a value is asked by `exists: true` or `exists: false`"

SizeOperator = OneWordOf["is", "gt", "gte", "lt", "lte"]
SIZE_OPERATORS: tuple[SizeOperator, ...] = ("is", "gt", "gte", "lt", "lte")


def comparison(operator: Operator, fields: Fields, reader: Reader) -> syntax.Comparison:
    """An operator of a mapping with its argument. Raises RejectedError."""
    node = fields.need(operator.name)
    return syntax.Comparison(operator, argument(operator, node, fields, reader), fields.key_span(operator.name), node.span)


def argument(operator: Operator, node: Node, fields: Fields, reader: Reader) -> syntax.Argument:
    """The argument in the shape that the operator takes."""
    if operator.compares_columns and isinstance(node, Mapping):
        return other_column(node, reader)
    match operator.form:
        case Form.VALUE | Form.TIME | Form.TEXT | Form.PATTERN:
            return single(node, operator, reader)
        case Form.VALUES:
            return list_column(node, reader) if isinstance(node, Mapping) else values(node, reader)
        case Form.WORDS:
            return values(node, reader)
        case Form.FLAG:
            return reader.flag(node)
        case Form.PAIR:
            return pair(node, reader)
        case Form.DURATION:
            return within(node, fields, reader) if operator.name == "within" else reader.duration(node)
        case Form.CALENDAR:
            return calendar(node, reader, future=True)
        case Form.DAY_OF_YEAR:
            return day_of_year(node, reader)
        case Form.DAY_OF_WEEK:
            return day_of_week(node, reader)
        case Form.HOUR:
            return hour(node, reader)
        case Form.SIZE:
            return sizes(node, reader)
        case _:
            assert_never(operator.form)


def single(node: Node, operator: Operator, reader: Reader) -> Scalar:
    """A single value that is not null."""
    if not isinstance(node, Scalar):
        hint = {"is": "`in` takes a list", "is_not": "`not_in` takes a list"}.get(operator.name, "")
        reader.complaints.reject(
            Code.WRONG_SHAPE, node.span, f"{described(node)} stands after `{operator.name}`", operator.form.value, hint
        )
    reader.value(node, operator.form.value, NULL_HINT)
    return node


def values(node: Node, reader: Reader) -> tuple[Scalar, ...]:
    """A list of single values."""

    def item(part: Node) -> Scalar:
        reader.value(part, "a value", NULL_HINT)
        return reader.scalar(part, "a value")

    return reader.each(reader.items(node, "a list of values"), item)


def pair(node: Node, reader: Reader) -> tuple[Scalar, ...]:
    """A list of exactly two values."""
    both = values(node, reader)
    if len(both) != 2:
        noun = "value" if len(both) == 1 else "values"
        reader.complaints.reject(Code.WRONG_SHAPE, node.span, f"the list has {len(both)} {noun}", "two values: [from, to]")
    return both


def other_column(node: Node, reader: Reader) -> syntax.OtherColumn:
    """`{attribute: OTHER}`."""
    fields = reader.fields(node, "another attribute", ("attribute",))
    try:
        return syntax.OtherColumn(reader.reference(fields.need("attribute"), "the name of an attribute"))
    finally:
        fields.finish()


def list_column(node: Node, reader: Reader) -> syntax.ListColumn:
    """`{relation: ..., column: ...}`."""
    fields = reader.fields(node, "a list in the warehouse", ("relation", "column"))
    try:
        relation = reader.relation(fields.need("relation"))
        return syntax.ListColumn(relation, reader.text(fields.need("column"), "the name of a column"))
    finally:
        fields.finish()


def within(node: Node, fields: Fields, reader: Reader) -> syntax.Within:
    """A duration, with the `ending` beside it."""
    duration = reader.duration(node)
    return syntax.Within(duration, fields.read("ending", reader.ago, None))


def calendar(node: Node, reader: Reader, *, future: bool) -> syntax.CalendarUnits:
    """A calendar window: `{this: UNIT}`, `{last: N, unit: UNIT}`, `{next: N, unit: UNIT}`."""
    fields = reader.fields(node, "a calendar window", ("this", "last", "next", "unit"))
    try:
        which = fields.only_one(("this", "last", "next"), "of `this`, `last` and `next`")
        if which is None:
            reader.complaints.reject(Code.MISSING_KEY, node.span, "the calendar window says neither `this` nor `last`",
                                     "{this: month} or {last: 3, unit: month}")  # fmt: skip
        if which == "next" and not future:
            message = "the next units hold no rows: rows at or after as-of do not exist"
            reader.complaints.reject(Code.WRONG_PLACE, fields.key_span("next"), message, "`this` or `last`")
        if which == "this":
            if fields.get("unit") is not None:
                message = "`this` names the unit already"
                reader.complaints.reject(Code.TOO_MANY, fields.key_span("unit"), message, "`{this: month}`")
            return syntax.CalendarUnits("this", 1, calendar_unit(fields.need("this"), reader))
        unit = calendar_unit(fields.need("unit"), reader)
        count = reader.whole(fields.need(which), "a number of units", 1, int(MOST_DAYS / UNIT_IN_DAYS[unit]))
        return syntax.CalendarUnits("last" if which == "last" else "next", count, unit)
    finally:
        fields.finish()


def calendar_unit(node: Node, reader: Reader) -> Unit:
    """A unit of the calendar, in the singular."""
    return CALENDAR_UNITS[reader.word(node, CALENDAR_UNITS, "a calendar unit")]


def day_of_year(node: Node, reader: Reader) -> syntax.DaysOfYear | syntax.NextDaysOfYear:
    """`{between: [MM-DD, MM-DD]}`, `{is: MM-DD}` or `{within_next: 7 days}`."""
    fields = reader.fields(node, "days of the year", ("is", "between", "within_next"))
    try:
        which = fields.only_one(("is", "between", "within_next"), "of `is`, `between` and `within_next`")
        if which == "is":
            day = month_day(fields.need("is"), reader)
            return syntax.DaysOfYear(day, day)
        if which == "between":
            first, last = pair(fields.need("between"), reader)
            return syntax.DaysOfYear(month_day(first, reader), month_day(last, reader))
        if which == "within_next":
            return syntax.NextDaysOfYear(whole_days(fields.need("within_next"), reader))
        expected = "{between: [07-25, 09-28]}, {is: 02-29} or {within_next: 7 days}"
        reader.complaints.reject(Code.NO_OPERATOR, node.span, "no days of the year are given", expected)
    finally:
        fields.finish()


def month_day(node: Node, reader: Reader) -> tuple[int, int]:
    """A month and a day, written MM-DD."""
    scalar = reader.scalar(node, "a day of the year")
    found = MONTH_DAY.fullmatch(scalar.text)
    month, day = (int(found[1]), int(found[2])) if found else (0, 0)
    if not 1 <= month <= 12 or not 1 <= day <= LENGTHS_OF_MONTHS[month - 1]:
        message = f"{described(scalar)} is not a day of the year"
        reader.complaints.reject(Code.BAD_TIME, scalar.span, message, "month and day, such as 02-29")
    return month, day


def whole_days(node: Node, reader: Reader) -> int:
    """A duration that is a number of days."""
    duration: Duration = reader.duration(node)
    days = {Unit.DAYS: duration.count, Unit.WEEKS: 7 * duration.count}.get(duration.unit)
    if days is None or days > MOST_DAYS_OF_YEAR:
        message = f"`{duration}` is not a number of days of the year"
        reader.complaints.reject(Code.BAD_DURATION, node.span, message, "days or weeks, at most 366 days")
    return days


def day_of_week(node: Node, reader: Reader) -> syntax.DaysOfWeek:
    """`{is: DAY}`, `{in: [DAY, ...]}` or `{between: [DAY, DAY]}`, which may wrap the week."""

    def day(part: Node) -> int:
        return WEEK_DAYS.index(reader.word(part, WEEK_DAYS, "a day of the week"))

    fields = reader.fields(node, "days of the week", ("is", "in", "between"))
    try:
        which = fields.only_one(("is", "in", "between"), "of `is`, `in` and `between`")
        if which == "is":
            return syntax.DaysOfWeek((day(fields.need("is")),))
        if which == "in":
            days = reader.each(reader.items(fields.need("in"), "a list of days"), day)
            return syntax.DaysOfWeek(tuple(sorted(set(days))))
        if which == "between":
            first, last = (day(part) for part in pair(fields.need("between"), reader))
            return syntax.DaysOfWeek(tuple(sorted((first + step) % 7 for step in range((last - first) % 7 + 1))))
        reader.complaints.reject(Code.NO_OPERATOR, node.span, "no day of the week is given", "{in: [saturday, sunday]}")
    finally:
        fields.finish()


def hour(node: Node, reader: Reader) -> syntax.Hours:
    """`{is: 12}` or `{between: [22, 4]}`."""
    fields = reader.fields(node, "hours of the day", ("is", "between"))
    try:
        which = fields.only_one(("is", "between"), "of `is` and `between`")
        if which == "is":
            only = reader.whole(fields.need("is"), "an hour", 0, 23)
            return syntax.Hours(only, only)
        if which == "between":
            first, last = (reader.whole(part, "an hour", 0, 23) for part in pair(fields.need("between"), reader))
            return syntax.Hours(first, last)
        reader.complaints.reject(Code.NO_OPERATOR, node.span, "no hour is given", "{between: [9, 16]}, both hours included")
    finally:
        fields.finish()


def sizes(node: Node, reader: Reader) -> syntax.Sizes:
    """A number, or a mapping of bounds that all hold."""
    if isinstance(node, Scalar):
        return syntax.Sizes((("is", reader.whole(node, "a size")),))
    fields = reader.fields(node, "bounds of a size")
    bounds = tuple((name, reader.whole(part, "a size")) for name in SIZE_OPERATORS if (part := fields.get(name)) is not None)
    fields.finish()
    if not bounds:
        reader.complaints.reject(Code.NO_OPERATOR, node.span, "the size has no bounds", "{gte: 2}")
    return syntax.Sizes(bounds)


def window(fields: Fields, reader: Reader) -> tuple[syntax.Window | None, Span | None]:
    """The window of an event, a sequence or a trait, with the place of its key; (None, None) when there is none."""
    key = fields.only_one(WINDOWS, "window", "two edges are written `between: [from, to]`")
    ending = fields.get("ending")
    if ending is not None and key != "within":
        message = "`ending` moves `within` back; without it, it says nothing"
        reader.complaints.error(Code.WRONG_PLACE, fields.key_span("ending"), message, "`within: 30 days` beside it")
    if key is None:
        return None, None
    return window_argument(WINDOWS[key].form, fields.need(key), fields, reader), fields.key_span(key)


def window_argument(form: WindowForm, node: Node, fields: Fields, reader: Reader) -> syntax.Window:
    """What stands after a window's key."""
    match form:
        case WindowForm.DURATION:
            return within(node, fields, reader)
        case WindowForm.PAIR:
            first, last = pair(node, reader)
            return syntax.Between(first, last)
        case WindowForm.TIME:
            scalar = reader.scalar(node, "a date or time")
            reader.value(node, "a date or time")
            return syntax.Since(scalar) if node is fields.get("since") else syntax.Until(scalar)
        case WindowForm.CALENDAR:
            return calendar(node, reader, future=False)
        case WindowForm.AGO:
            return syntax.BeforeAgo(reader.ago(node))
        case _:
            assert_never(form)
