"""Conditions of the rule language from what other tools have in common: comparisons, lists, nulls, patterns of LIKE."""

from __future__ import annotations

import re
from collections.abc import Iterable
from typing import Any

from segwh.importing.found import Condition, Json, NotCarriedError
from segwh.importing.subjects import Subject, typed
from segwh.types import DataType

NEGATIONS = {
    "is": "is_not",
    "in": "not_in",
    "contains": "not_contains",
    "starts_with": "not_starts_with",
    "ends_with": "not_ends_with",
    "matches": "not_matches",
    "between": "not_between",
    "has_any": "has_none",
}
"""Positive operators and their exact complements, which are true on a missing value."""
REGEX_SIGNS = re.compile(r"([\\.^$|?*+()\[\]{}])")


def comparison(
    subject: Subject, operator: str, value: Any, *, negative: bool = False, missing: str = "", ignore_case: bool = False
) -> Condition:
    """A condition on an attribute. `missing` is what is said of a missing value: "fails", "matches", or nothing."""
    made: Condition = {"attribute": subject.name, NEGATIONS[operator] if negative else operator: value}
    if ignore_case and subject.type is DataType.STRING:
        made["ignore_case"] = True
    if missing:
        made["missing"] = missing
    return made


def all_of(conditions: Iterable[Condition]) -> Condition:
    """All hold; one alone stands for itself. Raises NotCarriedError for none."""
    return _combined("all", conditions)


def any_of(conditions: Iterable[Condition]) -> Condition:
    """Any holds; one alone stands for itself. Raises NotCarriedError for none."""
    return _combined("any", conditions)


def _combined(word: str, conditions: Iterable[Condition]) -> Condition:
    made = list(conditions)
    if not made:
        raise NotCarriedError("there is no condition in it")
    return made[0] if len(made) == 1 else {word: made}


def is_null(subject: Subject, negative: bool = False) -> Condition:
    """The value is null (or, `negative`, is not), whatever it holds: the empty text and the empty list are values."""
    match subject.type:
        case DataType.STRING:
            there: Condition = {"any": [{"attribute": subject.name, "exists": True}, {"attribute": subject.name, "is": ""}]}
            return there if negative else {"not": there}
        case DataType.STRING_LIST:
            there = {"attribute": subject.name, "size": {"gte": 0}}
            return there if negative else {"not": there}
        case _:
            return {"attribute": subject.name, "exists": negative}


def pair(value: Json, data_type: DataType) -> list[Any]:
    """The two bounds of a range, smaller first: a list of two, or text with one comma."""
    bounds = value.split(",") if isinstance(value, str) else value
    if not isinstance(bounds, list) or len(bounds) != 2:
        raise NotCarriedError("a range needs two values")
    return [typed(bound, data_type) for bound in bounds]


def listed(value: Json, data_type: DataType, separator: str = ",") -> list[Any]:
    """The values of a list, or of a text that separates them. Raises NotCarriedError for an empty one."""
    if isinstance(value, str):
        value = [part.strip() for part in value.split(separator) if part.strip()]
    values = value if isinstance(value, list) else [value]
    if not values:
        raise NotCarriedError("the list of values is empty")
    return list(dict.fromkeys(typed(each, data_type) for each in values))


def like(subject: Subject, pattern: str, *, negative: bool = False, ignore_case: bool = False) -> Condition:
    r"""A pattern of SQL's LIKE: `%` is any text, `_` any character, `\%` and `\_` are themselves.

    Without signs in the middle it is one of the operators on texts, else a regular expression.
    """
    if subject.type is not DataType.STRING:
        raise NotCarriedError(f"`{subject.name}` is {subject.type}, and patterns are for texts")
    signs = _like_signs(pattern)
    leading = bool(signs) and signs[0] == "%"
    while signs and signs[0] == "%":
        signs = signs[1:]
    trailing = bool(signs) and signs[-1] == "%"
    while signs and signs[-1] == "%":
        signs = signs[:-1]
    if any(sign in ("%", "_") for sign in signs):
        body = "".join(".*" if sign == "%" else "." if sign == "_" else REGEX_SIGNS.sub(r"\\\1", sign[1:]) for sign in signs)
        text = f"{'' if leading else '^'}{body}{'' if trailing else '$'}"
        return comparison(subject, "matches", text, negative=negative, ignore_case=ignore_case)
    text = "".join(sign[1:] for sign in signs)
    if not text:
        raise NotCarriedError("the pattern holds no text")
    word = "is"
    if leading and (trailing or not signs):
        word = "contains"
    elif leading:
        word = "ends_with"
    elif trailing:
        word = "starts_with"
    return comparison(subject, word, text, negative=negative, ignore_case=ignore_case)


def _like_signs(pattern: str) -> list[str]:
    """The signs of a pattern: `%`, `_`, or an ordinary character after a `=`."""
    signs: list[str] = []
    escaped = False
    for character in pattern:
        if escaped or character not in "%_\\":
            signs.append("=" + character)
            escaped = False
        elif character == "\\":
            escaped = True
        else:
            signs.append(character)
    return [*signs, "=\\"] if escaped else signs


def between(subject: Subject, value: Json, *, negative: bool, missing: str = "") -> Condition:
    """A range with both ends. Bounds in the wrong order hold nothing, and are refused."""
    low, high = pair(value, subject.type)
    if type(low) is type(high) and low > high:
        raise NotCarriedError(f"the range begins with {low} and ends with {high}: it holds nothing")
    return comparison(subject, "between", [low, high], negative=negative, missing=missing)


def one_of(subject: Subject, values: list[Any], *, negative: bool, missing: str = "", ignore_case: bool = False) -> Condition:
    """The value is one of several; of a list, one of its elements is."""
    word = "has_any" if subject.type is DataType.STRING_LIST else "in"
    return comparison(subject, word, values, negative=negative, missing=missing, ignore_case=ignore_case)
