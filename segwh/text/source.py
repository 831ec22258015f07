"""Text with places: a file read as YAML 1.2 data is nodes with spans, and scalars stand for what the core schema says."""

from __future__ import annotations

import re
from dataclasses import dataclass, field
from decimal import Decimal

MAX_DIGITS = 38
"""Digits of a number: the widest decimal that every engine has."""


@dataclass(frozen=True, slots=True)
class Span:
    """A stretch of a file. Lines and columns count from 1; `end_column` is the first column after it.

    `file` is relative to the project, with forward slashes.
    """

    file: str
    line: int
    column: int
    end_line: int
    end_column: int

    def __str__(self) -> str:
        return f"{self.file}:{self.line}:{self.column}"


Place = tuple[int, int]
"""A line and a column, counted from 0."""


def start_of(file: str) -> Span:
    """The beginning of a file."""
    return Span(file, 1, 1, 1, 1)


@dataclass(frozen=True, slots=True)
class Scalar:
    """A single value as written; `plain` means without quotes, so that it may stand for a number, a boolean or null."""

    text: str
    plain: bool
    file: str = field(compare=False)
    start: Place = field(compare=False)
    end: Place = field(compare=False)

    @property
    def span(self) -> Span:
        """Where it stands."""
        return Span(self.file, self.start[0] + 1, self.start[1] + 1, self.end[0] + 1, self.end[1] + 1)


@dataclass(frozen=True, slots=True)
class Mapping:
    """Keys with values in the order written; no key comes twice."""

    entries: tuple[tuple[Scalar, Node], ...]
    file: str = field(compare=False)
    start: Place = field(compare=False)
    end: Place = field(compare=False)

    @property
    def span(self) -> Span:
        """Where it stands."""
        return Span(self.file, self.start[0] + 1, self.start[1] + 1, self.end[0] + 1, self.end[1] + 1)

    def get(self, key: str) -> Node | None:
        """The value of a key, or None."""
        return next((value for name, value in self.entries if name.text == key), None)


@dataclass(frozen=True, slots=True)
class Items:
    """A list of nodes."""

    items: tuple[Node, ...]
    file: str = field(compare=False)
    start: Place = field(compare=False)
    end: Place = field(compare=False)

    @property
    def span(self) -> Span:
        """Where it stands."""
        return Span(self.file, self.start[0] + 1, self.start[1] + 1, self.end[0] + 1, self.end[1] + 1)


Node = Scalar | Mapping | Items


INTEGER = re.compile(r"[-+]?[0-9]+")
OCTAL = re.compile(r"0o[0-7]+")
HEXADECIMAL = re.compile(r"0x[0-9a-fA-F]+")
REAL = re.compile(r"[-+]?(\.[0-9]+|[0-9]+(\.[0-9]*)?)([eE][-+]?[0-9]{1,9})?")
NOT_FINITE = re.compile(r"[-+]?\.(inf|Inf|INF)|\.(nan|NaN|NAN)")
NULLS = frozenset({"", "~", "null", "Null", "NULL"})
BOOLEANS = {"true": True, "True": True, "TRUE": True, "false": False, "False": False, "FALSE": False}


@dataclass(frozen=True, slots=True)
class UnusableNumber:
    """A plain scalar that YAML calls a number, but that no engine can hold: endless, or with more than MAX_DIGITS digits."""

    text: str


Value = str | int | Decimal | bool | UnusableNumber | None


def value_of(scalar: Scalar) -> Value:
    """What a scalar stands for in the YAML 1.2 core schema. Numbers are int or Decimal, never float."""
    text = scalar.text
    if not scalar.plain:
        return text
    if text in NULLS:
        return None
    if text in BOOLEANS:
        return BOOLEANS[text]
    if text[0] not in "+-.0123456789":
        return text
    if OCTAL.fullmatch(text):
        return bounded(int(text, 8), text)
    if HEXADECIMAL.fullmatch(text):
        return bounded(int(text, 16), text)
    if INTEGER.fullmatch(text):
        return bounded(int(text), text) if len(text.lstrip("+-0")) <= MAX_DIGITS else UnusableNumber(text)
    if REAL.fullmatch(text):
        return exact(text)
    return UnusableNumber(text) if NOT_FINITE.fullmatch(text) else text


def bounded(number: int, text: str) -> int | UnusableNumber:
    """A whole number, if it has few enough digits."""
    return number if abs(number) < 10**MAX_DIGITS else UnusableNumber(text)


def exact(text: str) -> int | Decimal | UnusableNumber:
    """A real number: an int when it is whole, so that `1.0` and `1` are one value, else a Decimal."""
    number = Decimal(text)
    if not number:
        return 0
    if number.adjusted() >= MAX_DIGITS or number.adjusted() < -MAX_DIGITS or len(number.as_tuple().digits) > MAX_DIGITS:
        return UnusableNumber(text)
    return int(number) if number == number.to_integral_value() else number
