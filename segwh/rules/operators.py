"""The operators of an attribute condition in one table: name, argument, types, what it negates, a line of documentation."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum

from segwh.types import NUMERIC_TYPES, TEMPORAL_TYPES, DataType


class Form(StrEnum):
    """What stands after an operator."""

    VALUE = "a value"
    VALUES = "a list of values"
    FLAG = "true or false"
    TEXT = "a text"
    PATTERN = "a regular expression"
    PAIR = "a list of two values"
    TIME = "a date or time"
    DURATION = "a duration"
    CALENDAR = "a calendar unit"
    DAY_OF_YEAR = "days of the year"
    DAY_OF_WEEK = "days of the week"
    HOUR = "hours of the day"
    WORDS = "a list of texts"
    SIZE = "a number, or bounds"


@dataclass(frozen=True, slots=True)
class Operator:
    """A row of the table."""

    name: str
    form: Form
    types: frozenset[DataType]
    doc: str
    example: str
    negates: str | None = None
    """The positive operator whose exact complement it is."""
    ignores_case: bool = False
    """Whether `ignore_case: true` may stand beside it (on strings)."""
    compares_columns: bool = False
    """Whether the argument may be `{attribute: OTHER}`."""


EVERY_TYPE = frozenset(DataType)
SINGLE_TYPES = EVERY_TYPE - {DataType.STRING_LIST}
STRING = frozenset({DataType.STRING})
ORDERED = NUMERIC_TYPES | TEMPORAL_TYPES
LIST = frozenset({DataType.STRING_LIST})

TABLE = (
    Operator("is", Form.VALUE, SINGLE_TYPES, "equals the value; a date against a timestamp means the whole local day",
             "{attribute: city, is: London}", ignores_case=True, compares_columns=True),
    Operator("is_not", Form.VALUE, SINGLE_TYPES, "the complement of `is`: also true where the value is missing",
             "{attribute: city, is_not: London}", "is", ignores_case=True, compares_columns=True),
    Operator("in", Form.VALUES, SINGLE_TYPES, "equals one of the values, or one of a column of a relation",
             "{attribute: city, in: [London, Paris]}", ignores_case=True),
    Operator("not_in", Form.VALUES, SINGLE_TYPES, "the complement of `in`",
             "{attribute: city, not_in: [London, Paris]}", "in", ignores_case=True),
    Operator("exists", Form.FLAG, EVERY_TYPE, "there is a value that is neither the empty text nor the empty list",
             "{attribute: phone, exists: true}"),
    Operator("contains", Form.TEXT, STRING, "holds the text, literally", "{attribute: url, contains: /shoes/}",
             ignores_case=True, compares_columns=True),
    Operator("not_contains", Form.TEXT, STRING, "the complement of `contains`", "{attribute: url, not_contains: /shoes/}",
             "contains", ignores_case=True, compares_columns=True),
    Operator("like", Form.TEXT, STRING, "the marketer's word for `contains`: `%` and `_` are ordinary characters",
             "{attribute: url, like: shoes}", ignores_case=True, compares_columns=True),
    Operator("not_like", Form.TEXT, STRING, "the complement of `like`", "{attribute: url, not_like: shoes}",
             "like", ignores_case=True, compares_columns=True),
    Operator("starts_with", Form.TEXT, STRING, "begins with the text, literally", "{attribute: phone, starts_with: '+44'}",
             ignores_case=True, compares_columns=True),
    Operator("not_starts_with", Form.TEXT, STRING, "the complement of `starts_with`",
             "{attribute: phone, not_starts_with: '+44'}", "starts_with", ignores_case=True, compares_columns=True),
    Operator("ends_with", Form.TEXT, STRING, "ends with the text, literally", "{attribute: email, ends_with: '@example.com'}",
             ignores_case=True, compares_columns=True),
    Operator("not_ends_with", Form.TEXT, STRING, "the complement of `ends_with`",
             "{attribute: email, not_ends_with: '@example.com'}", "ends_with", ignores_case=True, compares_columns=True),
    Operator("matches", Form.PATTERN, STRING, "matches the regular expression somewhere",
             "{attribute: sku, matches: '^[A-Z]{2}-[0-9]+$'}", ignores_case=True),
    Operator("not_matches", Form.PATTERN, STRING, "the complement of `matches`",
             "{attribute: sku, not_matches: '^TEST'}", "matches", ignores_case=True),
    Operator("gt", Form.VALUE, ORDERED, "greater than; of a date, after its end", "{attribute: lead_score, gt: 50}",
             compares_columns=True),
    Operator("gte", Form.VALUE, ORDERED, "greater than or equal; of a date, from its midnight on",
             "{attribute: lead_score, gte: 50}", compares_columns=True),
    Operator("lt", Form.VALUE, ORDERED, "less than; of a date, before its midnight", "{attribute: lead_score, lt: 50}",
             compares_columns=True),
    Operator("lte", Form.VALUE, ORDERED, "less than or equal; of a date, through its end", "{attribute: lead_score, lte: 50}",
             compares_columns=True),
    Operator("between", Form.PAIR, ORDERED, "from the first to the second value, both included",
             "{attribute: lead_score, between: [50, 80]}"),
    Operator("not_between", Form.PAIR, ORDERED, "the complement of `between`",
             "{attribute: lead_score, not_between: [50, 80]}", "between"),
    Operator("before", Form.TIME, TEMPORAL_TYPES, "earlier than the time, or than the date's midnight",
             "{attribute: signed_up_at, before: 2026-01-01}"),
    Operator("after", Form.TIME, TEMPORAL_TYPES, "later than the time, or than the date's end",
             "{attribute: signed_up_at, after: 2026-01-01}"),
    Operator("within", Form.DURATION, TEMPORAL_TYPES, "in the stretch of that length before as-of, or before `ending`",
             "{attribute: signed_up_at, within: 30 days, ending: 30 days ago}"),
    Operator("within_next", Form.DURATION, TEMPORAL_TYPES, "at as-of or later, by less than the duration",
             "{attribute: renews_on, within_next: 7 days}"),
    Operator("more_than_ago", Form.DURATION, TEMPORAL_TYPES, "earlier than as-of by more than the duration",
             "{attribute: signed_up_at, more_than_ago: 90 days}"),
    Operator("calendar", Form.CALENDAR, TEMPORAL_TYPES, "in this, the last or the next complete local calendar units",
             "{attribute: renews_on, calendar: {next: 1, unit: week}}"),
    Operator("day_of_year", Form.DAY_OF_YEAR, TEMPORAL_TYPES, "the local month and day, whatever the year",
             "{attribute: birthday, day_of_year: {within_next: 7 days}}"),
    Operator("day_of_week", Form.DAY_OF_WEEK, TEMPORAL_TYPES, "the local day of the week",
             "{attribute: ordered_at, day_of_week: {in: [saturday, sunday]}}"),
    Operator("hour", Form.HOUR, frozenset({DataType.TIMESTAMP}), "the local hour, 0 to 23; a range may wrap midnight",
             "{attribute: ordered_at, hour: {between: [22, 4]}}"),
    Operator("has_any", Form.WORDS, LIST, "has at least one of the values", "{attribute: tags, has_any: [press, student]}"),
    Operator("has_none", Form.WORDS, LIST, "the complement of `has_any`", "{attribute: tags, has_none: [press]}", "has_any"),
    Operator("has_all", Form.WORDS, LIST, "has each of the values", "{attribute: tags, has_all: [press, student]}"),
    Operator("size", Form.SIZE, LIST, "the number of elements; a missing list has no size, not even 0",
             "{attribute: tags, size: {gte: 2}}"),
)  # fmt: skip

OPERATORS: Mapping[str, Operator] = {operator.name: operator for operator in TABLE}

SYNONYMS: Mapping[str, str] = {
    "equals": "is", "equal": "is", "eq": "is", "=": "is", "==": "is", "not": "is_not", "ne": "is_not", "neq": "is_not",
    "!=": "is_not", "not_equals": "is_not", ">": "gt", ">=": "gte", "<": "lt", "<=": "lte", "min": "gte", "max": "lte",
    "greater_than": "gt", "less_than": "lt", "at_least": "gte", "at_most": "lte", "one_of": "in", "any_of": "in",
    "is_null": "exists: false", "null": "exists: false", "not_null": "exists: true", "is_set": "exists: true",
    "missing": "exists: false", "regex": "matches", "since": "gte", "until": "lte", "ago": "more_than_ago",
    "older_than": "more_than_ago", "last": "within", "in_last": "within", "within_last": "within", "next": "within_next",
    "birthday": "day_of_year", "includes": "has_any", "has": "has_any", "length": "size", "prefix": "starts_with",
    "suffix": "ends_with", "includes_any": "has_any", "ilike": "contains", "range": "between",
}  # fmt: skip
"""Words of other tools, and the operator that says the same here: for hints only."""


def operators_of(type_: DataType) -> list[str]:
    """Names of the operators that go with a type."""
    return [operator.name for operator in TABLE if type_ in operator.types]
