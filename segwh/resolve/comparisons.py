"""An operand and a written operator become a predicate: types checked, negation and missing values spelled out."""

from __future__ import annotations

from collections.abc import Callable
from decimal import Decimal
from typing import Literal as OneWordOf
from typing import NoReturn, TypeVar

from segwh import ir
from segwh.ir import And, Not, Operand, Or, Predicate
from segwh.resolve.pattern import PatternError, check_pattern
from segwh.resolve.scope import Scope, Uses, type_name
from segwh.resolve.times import TimeReader, before, calendar_units, fixed, within
from segwh.rules import syntax
from segwh.rules.operators import OPERATORS, Operator, operators_of
from segwh.semantics import AS_OF, Duration, Fixed, Interval, Relative, Shift
from segwh.text.diagnostics import Code, Complaints, choices, meant
from segwh.text.source import Scalar, Span, UnusableNumber, value_of
from segwh.types import DataType

Missing = OneWordOf["fails", "matches"] | None
T = TypeVar("T")

TEXT_OPERATORS: dict[str, OneWordOf["contains", "starts_with", "ends_with"]] = {
    "contains": "contains", "like": "contains", "starts_with": "starts_with", "ends_with": "ends_with",
}  # fmt: skip
TYPOGRAPHIC = frozenset("“”„‟«»‘’‚‹›")
ORDER_OPERATORS: dict[str, OneWordOf["gt", "gte", "lt", "lte"]] = {"gt": "gt", "gte": "gte", "lt": "lt", "lte": "lte"}


class Comparer:
    """Turns comparisons into predicates. Methods raise RejectedError after complaining."""

    def __init__(self, times: TimeReader, complaints: Complaints) -> None:
        self.times = times
        self.complaints = complaints

    def predicate(
        self,
        subject: Operand,
        comparison: syntax.Comparison,
        scope: Scope | None,
        uses: Uses,
        *,
        title: str,
        ignore_case: bool = False,
        values: tuple[str, ...] = (),
    ) -> Predicate:
        """The comparison without `missing`. `scope` resolves `{attribute: OTHER}`; `values` are the only ones there are."""
        operator = comparison.operator
        if subject.type not in operator.types:
            message = f"`{operator.name}` does not go with `{title}`, which is {type_name(subject)}"
            valid = operators_of(subject.type)
            hint = type_hint(operator, subject, valid)
            self.complaints.reject(Code.OPERATOR_TYPE, comparison.span, message, choices(valid), hint)
        if ignore_case and subject.type is not DataType.STRING:
            message = f"`ignore_case` says nothing to `{title}`, which is {type_name(subject)}"
            self.complaints.reject(Code.WRONG_PLACE, comparison.span, message, "a string")
        positive = OPERATORS[operator.negates] if operator.negates else operator
        made = self.positive(positive, subject, comparison, scope, uses, ignore_case, values)
        return Not(made) if operator.negates else made

    def positive(
        self,
        operator: Operator,
        subject: Operand,
        comparison: syntax.Comparison,
        scope: Scope | None,
        uses: Uses,
        ignore_case: bool,
        values: tuple[str, ...],
    ) -> Predicate:
        """The comparison by a positive operator."""
        argument = comparison.argument
        match argument:
            case syntax.OtherColumn(name):
                return self.columns(operator, subject, name, scope, uses, ignore_case)
            case syntax.ListColumn(relation, column):
                return ir.OneOfRelation(subject, relation, column, ignore_case)
            case bool():
                return Not(ir.IsEmpty(subject)) if argument else ir.IsEmpty(subject)
            case Duration():
                return ir.InInterval(subject, duration_interval(operator, argument))
            case syntax.Within():
                return ir.InInterval(subject, within(argument))
            case syntax.CalendarUnits():
                return ir.InInterval(subject, calendar_units(argument))
            case syntax.DaysOfYear(first, last):
                return ir.DayOfYearBetween(subject, first, last)
            case syntax.NextDaysOfYear(days):
                return ir.DayOfYearWithinNext(subject, days)
            case syntax.DaysOfWeek(days):
                return ir.DayOfWeekIn(subject, days)
            case syntax.Hours(first, last):
                return ir.HourBetween(subject, first, last)
            case syntax.Sizes(bounds):
                return all_of(tuple(ir.ListSize(subject, word, value) for word, value in bounds))
            case Scalar():
                return self.single(operator, subject, argument, ignore_case, values)
            case _:
                return self.several(operator, subject, argument, comparison.value_span, ignore_case, values)

    def single(
        self, operator: Operator, subject: Operand, value: Scalar, ignore_case: bool, values: tuple[str, ...]
    ) -> Predicate:
        """An operator with one value."""
        if operator.name == "matches":
            return ir.Regex(subject, self.pattern(value), ignore_case)
        if operator.name in TEXT_OPERATORS:
            text = self.text(value)
            if not text:
                self.complaints.reject(Code.EMPTY, value.span, "every text holds the empty text", "a text")
            if len(text) > 1 and text.startswith("%"):
                # Few texts hold it, so that a negative operator would let nearly everybody in.
                message = f"`%` is an ordinary character here, and `{text}` is looked for as it stands"
                hint = "`contains` finds a text anywhere, `starts_with` and `ends_with` at an end"
                self.complaints.warning(Code.CONTRADICTION, value.span, message, "a text without wildcards", hint)
            return ir.TextMatch(subject, TEXT_OPERATORS[operator.name], text, ignore_case)
        if subject.type.is_temporal:
            return self.in_interval(subject, self.time_interval(operator, value), value.span)
        if operator.name in ORDER_OPERATORS:
            return ir.Compare(subject, ORDER_OPERATORS[operator.name], self.number(value))
        return ir.OneOf(subject, (self.value(subject, value, values, ignore_case),), ignore_case)

    def several(
        self,
        operator: Operator,
        subject: Operand,
        written: tuple[Scalar, ...],
        span: Span,
        ignore_case: bool,
        values: tuple[str, ...],
    ) -> Predicate:
        """An operator with a list of values."""
        if operator.name in ("has_any", "has_all"):
            texts = self.each(written, self.text)
            return ir.ListHas(subject, "any" if operator.name == "has_any" else "all", unique(texts))
        if operator.name == "between":
            first, last = written
            if subject.type.is_temporal:
                return self.in_interval(subject, self.times.between(first, last, span), span)
            low, high = self.each(written, self.number)
            if low > high:
                message = f"`{first.text}` is greater than `{last.text}`"
                self.complaints.reject(Code.REVERSED, span, message, "[smaller, greater]", f"[{last.text}, {first.text}]")
            return And((ir.Compare(subject, "gte", low), ir.Compare(subject, "lte", high)))
        if subject.type.is_temporal:
            is_ = OPERATORS["is"]
            intervals = self.each(
                written, lambda value: self.in_interval(subject, self.time_interval(is_, value), value.span)
            )
            return any_of(unique(intervals))
        found = self.each(written, lambda value: self.value(subject, value, values, ignore_case))
        return ir.OneOf(subject, unique(found), ignore_case)

    def in_interval(self, subject: Operand, interval: Interval, span: Span) -> ir.InInterval:
        """A time in an interval of fixed bounds. No date begins after the last midnight of all: a later end is none."""
        if subject.type is DataType.DATE:
            if self.times.is_past_all_days(interval.start):
                message = "no date is as late as that"
                self.complaints.reject(Code.OUT_OF_RANGE, span, message, "an earlier date or time")
            if self.times.is_past_all_days(interval.end):
                interval = Interval(interval.start)
        return ir.InInterval(subject, interval)

    def time_interval(self, operator: Operator, value: Scalar) -> Interval:
        """Where a time lies for an operator with a date or time."""
        moment = self.times.moment(value)
        match operator.name:
            case "is":
                return Interval(Fixed(moment.start), fixed(moment.end))
            case "gte":
                return Interval(start=Fixed(moment.start))
            case "lt" | "before":
                return Interval(end=Fixed(moment.start))
            case "lte":
                return Interval(end=fixed(moment.end))
            case _:
                return self.times.after(value)

    def columns(
        self, operator: Operator, subject: Operand, name: Scalar, scope: Scope | None, uses: Uses, ignore_case: bool
    ) -> Predicate:
        """A comparison of two columns of one row."""
        if scope is None:
            message = "a measure is compared to values, not to another attribute"
            hint = "declare the measure as a trait, and compare the trait to the attribute"
            self.complaints.reject(Code.WRONG_PLACE, name.span, message, "a value", hint)
        other = scope.operand(name, uses)
        if family(subject.type) != family(other.type):
            message = f"`{name.text}` is {type_name(other)}, and `{subject}` is {type_name(subject)}"
            self.complaints.reject(Code.UNLIKE_TYPES, name.span, message, "two columns of one type")
        if operator.name in TEXT_OPERATORS:
            return ir.CompareFields(subject, TEXT_OPERATORS[operator.name], other, ignore_case)
        if operator.name in ORDER_OPERATORS:
            return ir.CompareFields(subject, ORDER_OPERATORS[operator.name], other, ignore_case)
        return ir.CompareFields(subject, "is", other, ignore_case)

    def value(self, subject: Operand, value: Scalar, values: tuple[str, ...], ignore_case: bool) -> ir.Scalar:
        """A literal of the subject's type."""
        match subject.type:
            case DataType.BOOLEAN:
                found = value_of(value)
                if not isinstance(found, bool):
                    self.wrong_type(value, "a boolean", boolean_hint(value))
                return found
            case DataType.STRING:
                text = self.text(value)
                known = {word.lower() for word in values} if ignore_case else set(values)
                if values and (text.lower() if ignore_case else text) not in known:
                    message = f"`{subject}` is never `{text}`"
                    self.complaints.reject(Code.NEVER_TRUE, value.span, message, choices(values), meant(text, values))
                return text
            case _:
                number = self.number(value)
                if subject.type is DataType.INTEGER and not isinstance(number, int):
                    self.wrong_type(value, "a whole number")
                return number

    def text(self, value: Scalar) -> str:
        """A literal text."""
        found = value_of(value)
        if not isinstance(found, str):
            self.wrong_type(value, "a text", f'quote it: "{value.text}"')
        if value.plain and found[:1] in TYPOGRAPHIC and found[-1:] in TYPOGRAPHIC and len(found) > 1:
            # Word and chat put these in place of quotes; they would be looked for in the data, and excluded nobody.
            message = f"`{found}` stands in typographic quotation marks, which are a part of the text"
            bare = found[1:-1].replace("\\", "\\\\").replace('"', '\\"')
            hint = f'"{bare}" without them, or with plain quotes around it all if they are meant'
            self.complaints.reject(Code.VALUE_TYPE, value.span, message, "plain quotes, or none", hint)
        return found

    def number(self, value: Scalar) -> int | Decimal:
        """A literal number."""
        found = value_of(value)
        if isinstance(found, UnusableNumber) or not isinstance(found, (int, Decimal)) or isinstance(found, bool):
            unquoted = not value.plain and value.text and isinstance(value_of(bare(value)), (int, Decimal))
            self.wrong_type(value, "a number", "write it without quotes" if unquoted else "")
        return found

    def wrong_type(self, value: Scalar, expected: str, hint: str = "") -> NoReturn:
        """Complain about a literal of another type. Raises RejectedError."""
        written = value.text if value.plain else f'"{value.text}"'
        self.complaints.reject(Code.VALUE_TYPE, value.span, f"`{written}` is not {expected}", expected, hint)

    def pattern(self, value: Scalar) -> str:
        """A regular expression of the shared subset."""
        text = self.text(value)
        try:
            check_pattern(text)
        except PatternError as error:
            message = f"{error.message} (at character {error.position + 1} of the pattern)"
            expected = r"literals, . [classes] \d \w \s ^ $ ( ) | * + ? {m,n} and escaped punctuation"
            self.complaints.reject(Code.BAD_PATTERN, value.span, message, expected)
        return text

    def each(self, written: tuple[Scalar, ...], read: Callable[[Scalar], T]) -> tuple[T, ...]:
        """What `read` makes of each value; stops at the first wrong one."""
        return tuple(read(value) for value in written)


def with_missing(made: Predicate, missing: Missing, operands: tuple[Operand, ...]) -> Predicate:
    """The predicate with what a missing value does: fails, matches, or (None) whatever the operator says."""
    match missing:
        case None:
            return made
        case "fails":
            if not isinstance(made, Not):
                return made
            return And((made, *(Not(ir.IsMissing(operand)) for operand in operands)))
        case "matches":
            if isinstance(made, Not):
                return made
            return Or((made, *(ir.IsMissing(operand) for operand in operands)))


def all_of(items: tuple[Predicate, ...]) -> Predicate:
    """And, or the item itself when there is one."""
    return items[0] if len(items) == 1 else And(items)


def any_of(items: tuple[Predicate, ...]) -> Predicate:
    """Or, or the item itself when there is one."""
    return items[0] if len(items) == 1 else Or(items)


def unique(items: tuple[T, ...]) -> tuple[T, ...]:
    """Each item once, in the order of first appearance. True and 1 do not meet in one list."""
    return tuple(dict.fromkeys(items))


def duration_interval(operator: Operator, duration: Duration) -> Interval:
    """Where a time lies for `within_next` and `more_than_ago`."""
    if operator.name == "within_next":
        return Interval(AS_OF, Relative((Shift(1, duration),)))
    return Interval(end=before(duration))


def family(type_: DataType) -> str:
    """Types of one family compare with each other."""
    return "number" if type_.is_numeric else "time" if type_.is_temporal else type_.value


def bare(value: Scalar) -> Scalar:
    """A value as if it were written without quotes."""
    return Scalar(value.text, True, value.file, value.start, value.end)


def boolean_hint(value: Scalar) -> str:
    """What might be meant by a word that is not true or false in YAML 1.2."""
    word = value.text.lower()
    if word in ("yes", "on", "y", "1", "true"):
        return "`true`"
    return "`false`" if word in ("no", "off", "n", "0", "false") else ""


def type_hint(operator: Operator, subject: Operand, valid: list[str]) -> str:
    """What might be meant by an operator of another type."""
    if subject.type is DataType.STRING_LIST:
        return {"in": "`has_any`", "is": "`has_all`", "contains": "`has_any`", "not_in": "`has_none`"}.get(operator.name, "")
    if subject.type is DataType.STRING and operator.name in ("before", "after", "within", "gt", "lt", "gte", "lte"):
        return "if the column holds dates or numbers, declare it with that type"
    return meant(operator.name, valid)
