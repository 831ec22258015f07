"""Tests of values: what is true of one value at one moment. Missing makes every test false (law 2)."""

from __future__ import annotations

import re
from calendar import isleap
from datetime import date, datetime
from fractions import Fraction
from functools import lru_cache
from typing import Any, assert_never

from segwh import ir
from segwh.reference.values import Number, Value
from segwh.reference.windows import ONE_DAY, Moment, lies_in

ValueTest = (
    ir.IsMissing
    | ir.IsEmpty
    | ir.OneOf
    | ir.Compare
    | ir.TextMatch
    | ir.Regex
    | ir.InInterval
    | ir.DayOfYearBetween
    | ir.DayOfYearWithinNext
    | ir.DayOfWeekIn
    | ir.HourBetween
    | ir.ListHas
    | ir.ListSize
)
"""The tests that look at one value and nothing else."""


def passes(test: ValueTest, value: Value, moment: Moment) -> bool:
    """Whether a value passes a test."""
    if isinstance(test, ir.IsMissing):
        return value is None
    if isinstance(test, ir.IsEmpty):
        return value is None or value == "" or value == ()
    if value is None:
        return False
    match test:
        case ir.OneOf(_, wanted, ignore_case):
            return any(compared("is", value, one, ignore_case, moment) for one in wanted)
        case ir.Compare(_, operator, number):
            return compared(operator, value, number, False, moment)
        case ir.TextMatch(_, how, text, ignore_case):
            return compared(how, value, text, ignore_case, moment)
        case ir.Regex(_, pattern, ignore_case):
            assert isinstance(value, str)
            return regex(pattern, ignore_case).search(lower(value) if ignore_case else value) is not None
        case ir.InInterval(_, interval):
            assert isinstance(value, date)
            return lies_in(value, interval, moment)
        case ir.DayOfYearBetween(_, first, last):
            return day_of_year_between(_local_day(value, moment), first, last, moment.today())
        case ir.DayOfYearWithinNext(_, days):
            return day_of_year_within_next(_local_day(value, moment), days, moment.today())
        case ir.DayOfWeekIn(_, days):
            return _local_day(value, moment).weekday() in days
        case ir.HourBetween(_, first, last):
            assert isinstance(value, datetime)
            hour = moment.local(value).hour
            return first <= hour <= last if first <= last else hour >= first or hour <= last
        case ir.ListHas(_, how, wanted):
            assert isinstance(value, tuple)
            return (any if how == "any" else all)(one in value for one in wanted)
        case ir.ListSize(_, operator, number):
            assert isinstance(value, tuple)
            return compared(operator, len(value), number, False, moment)
        case _:
            assert_never(test)


def compared(operator: str, left: Value, right: Value, ignore_case: bool, moment: Moment) -> bool:
    """Whether two values compare as the operator says; false when either is missing."""
    if left is None or right is None:
        return False
    if isinstance(left, str) and isinstance(right, str):
        return _texts_compare(operator, *((lower(left), lower(right)) if ignore_case else (left, right)))
    if isinstance(left, date) and isinstance(right, date):
        return _ordered(operator, moment.instant(left), moment.instant(right))
    if isinstance(left, bool) is not isinstance(right, bool):
        raise TypeError("a boolean is compared with a number")
    if isinstance(left, Number) and isinstance(right, Number):
        if isinstance(left, float) or isinstance(right, float):
            return _ordered(operator, float(left), float(right))
        return _ordered(operator, Fraction(left), Fraction(right))
    return _ordered(operator, left, right)


def _texts_compare(operator: str, left: str, right: str) -> bool:
    match operator:
        case "contains":
            return right in left
        case "starts_with":
            return left[: len(right)] == right
        case "ends_with":
            return left[len(left) - len(right) :] == right if len(right) <= len(left) else False
        case _:
            return _ordered(operator, left, right)


def _ordered(operator: str, left: Any, right: Any) -> bool:
    match operator:
        case "is":
            return bool(left == right)
        case "gt":
            return bool(left > right)
        case "gte":
            return bool(left >= right)
        case "lt":
            return bool(left < right)
        case "lte":
            return bool(left <= right)
        case _:
            raise ValueError(operator)


def lower(text: str) -> str:
    """Unicode simple lower case: one character for one (ruling B18). Only `İ` has a longer full mapping."""
    return "".join("i" if character == "İ" else character.lower() for character in text)


@lru_cache(maxsize=1_000)
def regex(pattern: str, ignore_case: bool) -> re.Pattern[str]:
    """A pattern of the shared subset in Python's spelling: ASCII classes, `$` only at the very end, no newline by exclusion.

    With `ignore_case` it is one for texts in lower case.
    """
    out, at, inside = [], 0, False
    while at < len(pattern):
        two, one = pattern[at : at + 2], pattern[at]
        if one == "\\":
            ranges = {"\\d": "0-9", "\\w": "0-9A-Za-z_", "\\s": r" \t\n\r\f\v"}.get(two)
            out.append(two if ranges is None else ranges if inside else f"[{ranges}]")
            at += 2
        elif inside:
            out.append("\\" + one if one in "[&~|" else one)
            inside = one != "]"
            at += 1
        elif two == "[^":
            # behind the newline a `-` that stood first would make a range
            begins = "[^-" if pattern.startswith("[^-", at) else "[^"
            out.append("[^\\n\\-" if begins == "[^-" else "[^\\n")
            inside, at = True, at + len(begins)
        else:
            out.append({"$": r"\Z", "^": r"\A"}.get(one, one))
            inside, at = one == "[", at + 1
    return re.compile(_for_lower_case("".join(out)) if ignore_case else "".join(out))


def _for_lower_case(pattern: str) -> str:
    """A pattern in Python's spelling with each letter in lower case, and each class with the lower case of what it holds."""

    def lowered(found: re.Match[str]) -> str:
        part = found[0]
        if part.startswith("["):
            held = re.compile(part.replace("[^", "[", 1) if part.startswith("[^") else part)
            body = f"{part[:-2]}\\-" if part.endswith("-]") and not part.endswith("\\-]") else part[:-1]
            return body + "".join(small for large, small in _cased() if held.match(large)) + "]"
        return part if part.startswith("\\") else lower(part)

    return re.sub(r"\[(?:\\.|[^\]\\])*\]|\\.|[^\\\[]", lowered, pattern, flags=re.DOTALL)


@lru_cache(maxsize=1)
def _cased() -> list[tuple[str, str]]:
    """The characters that have a lower case, with it."""
    every = map(chr, range(0x110000))
    return [(one, lower(one)) for one in every if lower(one) != one]


def _local_day(value: Value, moment: Moment) -> date:
    assert isinstance(value, date)
    return moment.local(value).date() if isinstance(value, datetime) else value


def in_year(day: tuple[int, int], year: int) -> tuple[int, int]:
    """A (month, day) as it counts in a year: 29 February is the 28th where there is none (law 10)."""
    return (2, 28) if day == (2, 29) and not isleap(year) else day


def day_of_year_between(value: date, first: tuple[int, int], last: tuple[int, int], today: date) -> bool:
    """Whether a day's (month, day) lies in a range, both ends included, that may wrap the new year."""
    day = (value.month, value.day)
    if first <= last:
        return in_year(first, today.year) <= in_year(day, today.year) <= in_year(last, today.year)
    # A wrapped range has no year of its own: 29 February counts as such in the value's own year (ruling B13), where it exists.
    return day >= in_year(first, value.year) or day <= in_year(last, value.year)


def day_of_year_within_next(value: date, days: int, today: date) -> bool:
    """Whether a day's (month, day) comes round on one of the next local dates, today included."""
    coming = [today + number * ONE_DAY for number in range(days)]
    return any(in_year((value.month, value.day), day.year) == (day.month, day.day) for day in coming)
