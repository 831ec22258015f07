"""What is wrong with a project and where: codes, collected complaints, and their rendering with the line and a caret."""

from __future__ import annotations

import unicodedata
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from difflib import get_close_matches
from enum import StrEnum
from typing import Literal as OneWordOf
from typing import NoReturn

from segwh.text.source import Span

WIDEST_LINE = 120
"""Columns of a source line that are shown; a longer line is cut around the place."""
MOST_CHOICES = 12
"""Valid names that are listed after an unknown one."""


class Code(StrEnum):
    """The stable code of each kind of mistake. A code keeps its meaning for ever; MEANINGS says it in a line."""

    ENCODING = "SEG001"
    YAML_SYNTAX = "SEG002"
    DUPLICATE_KEY = "SEG003"
    YAML_FEATURE = "SEG004"
    COMMA = "SEG005"
    TOO_LARGE = "SEG006"
    NUMBER = "SEG007"
    FILE = "SEG008"
    WRONG_SHAPE = "SEG010"
    UNKNOWN_KEY = "SEG011"
    UNKNOWN_NAME = "SEG012"
    MISSING_KEY = "SEG013"
    EMPTY = "SEG014"
    TOO_MANY = "SEG015"
    NO_OPERATOR = "SEG016"
    WRONG_WORD = "SEG017"
    BAD_NAME = "SEG020"
    RESERVED_NAME = "SEG021"
    LONG_NAME = "SEG022"
    DUPLICATE_NAME = "SEG023"
    RESERVED_COLUMN = "SEG024"
    OPERATOR_TYPE = "SEG030"
    VALUE_TYPE = "SEG031"
    REVERSED = "SEG032"
    BAD_TIME = "SEG033"
    BAD_DURATION = "SEG034"
    BAD_PATTERN = "SEG035"
    OUT_OF_RANGE = "SEG036"
    NULL_VALUE = "SEG037"
    UNLIKE_TYPES = "SEG038"
    MEASURE_TYPE = "SEG039"
    BAD_FORMULA = "SEG040"
    NEVER_TRUE = "SEG041"
    NO_MISSING = "SEG042"
    WRONG_PLACE = "SEG043"
    BAD_SEQUENCE = "SEG044"
    CYCLE = "SEG050"
    OTHER_ENTITY = "SEG051"
    OTHER_GRAIN = "SEG052"
    GENERATED = "SEG053"
    BAD_RELATION = "SEG060"
    BAD_TYPE = "SEG061"
    BAD_SQL = "SEG062"
    BAD_ZONE = "SEG063"
    BAD_SETTING = "SEG064"
    DUPLICATE_ROW = "SEG070"
    DOUBLES = "SEG080"
    TURNING = "SEG081"
    LEAKY_LIST = "SEG082"
    CONTRADICTION = "SEG083"
    SYNCED_HOLDOUT = "SEG084"
    ENGINE = "SEG090"
    TOO_WIDE = "SEG091"


MEANINGS: Mapping[Code, str] = {
    Code.ENCODING: "the file is not UTF-8 text, or holds a character that YAML forbids",
    Code.YAML_SYNTAX: "the text is not YAML",
    Code.DUPLICATE_KEY: "a key is written twice in one mapping",
    Code.YAML_FEATURE: "YAML that is not read here: tags, merge keys, a second document, an alias without anchor",
    Code.COMMA: "a comma inside { } or [ ] ends a value that was meant to go on",
    Code.TOO_LARGE: "the text is nested too deep or holds too many values",
    Code.NUMBER: "a number is endless or has more than 38 digits",
    Code.FILE: "a file or folder is missing, cannot be read, or only looks like one of rules",
    Code.WRONG_SHAPE: "a mapping, a list or a single value was expected",
    Code.UNKNOWN_KEY: "a key that the language does not know at this place",
    Code.UNKNOWN_NAME: "a name that is declared nowhere",
    Code.MISSING_KEY: "a mandatory key is missing",
    Code.EMPTY: "an empty list, mapping or text where something is needed",
    Code.TOO_MANY: "keys of which only one may be given",
    Code.NO_OPERATOR: "a condition without subject or without operator",
    Code.WRONG_WORD: "a word that is none of the few allowed ones",
    Code.BAD_NAME: "a name that is not snake_case",
    Code.RESERVED_NAME: "a name with `__`, which is kept for the names of cells and variants",
    Code.LONG_NAME: "a name of more than 48 bytes",
    Code.DUPLICATE_NAME: "a name that is declared twice",
    Code.RESERVED_COLUMN: "a key, attribute or trait that bears the name of a column of the compiled tables",
    Code.OPERATOR_TYPE: "an operator that does not go with the type of the attribute",
    Code.VALUE_TYPE: "a value of another type than the attribute",
    Code.REVERSED: "bounds in the wrong order, or a stretch of time that holds nothing",
    Code.BAD_TIME: "not an ISO 8601 date or time",
    Code.BAD_DURATION: "not a duration such as `30 days`",
    Code.BAD_PATTERN: "a regular expression outside of the subset that all engines share",
    Code.OUT_OF_RANGE: "a number or word outside of its range",
    Code.NULL_VALUE: "null as a value; whether there is one is asked by `exists`",
    Code.UNLIKE_TYPES: "two columns of types that do not compare",
    Code.MEASURE_TYPE: "a measure that does not go with the type of the property or the kind of rows",
    Code.BAD_FORMULA: "a formula that is not arithmetic over numeric attributes and traits",
    Code.NEVER_TRUE: "a comparison that no value meets, or every value: a negative count, a value that the trait never has",
    Code.NO_MISSING: "`missing` on something that is never missing",
    Code.WRONG_PLACE: "a condition or option that has no meaning at this place",
    Code.BAD_SEQUENCE: "steps that make no sequence",
    Code.CYCLE: "references that lead back to where they began",
    Code.OTHER_ENTITY: "a reference to something of another entity",
    Code.OTHER_GRAIN: "segments of different grains where one is needed",
    Code.GENERATED: "a generated segment where only a written one may stand",
    Code.BAD_RELATION: "not ref('model') or source('schema', 'table')",
    Code.BAD_TYPE: "not a type, or a type that is not possible here",
    Code.BAD_SQL: "a SQL expression that is not a scalar over one row",
    Code.BAD_ZONE: "not an IANA time zone",
    Code.BAD_SETTING: "a setting with an impossible value",
    Code.DUPLICATE_ROW: "two rows with one key where a run would stop over them, or one key twice in a list",
    Code.DOUBLES: "doubles are compared by equality (warning)",
    Code.TURNING: "a segment that empties with every month, say, which the circuit breaker would hold back (warning)",
    Code.LEAKY_LIST: "a suppression list that leaves out some of those whom its conditions name (warning)",
    Code.CONTRADICTION: "conditions that nobody meets together, or that cannot mean what they say (warning)",
    Code.SYNCED_HOLDOUT: "a variant that sounds like those who are to be left alone, and gets an audience view (warning)",
    Code.ENGINE: "something that the engine of the target cannot do",
    Code.TOO_WIDE: "more facts about one entity than a table of the target's engine has columns",
}


@dataclass(frozen=True, slots=True)
class Diagnostic:
    """One mistake: its code, where it is, what was found, what was expected, and what might be meant."""

    code: Code
    span: Span
    message: str
    expected: str = ""
    hint: str = ""
    severity: OneWordOf["error", "warning"] = "error"

    def as_json(self) -> dict[str, str | int]:
        """The diagnostic as a flat mapping for tools."""
        return {
            "code": self.code.value,
            "severity": self.severity,
            "file": self.span.file,
            "line": self.span.line,
            "column": self.span.column,
            "end_line": self.span.end_line,
            "end_column": self.span.end_column,
            "message": self.message,
            "expected": self.expected,
            "hint": self.hint,
        }


class RejectedError(Exception):
    """Ends the reading of one thing whose mistake is noted already; caught where the next thing begins."""


class Complaints:
    """The diagnostics of a project as they are found, after those `found` before; the same one is kept once."""

    def __init__(self, found: Iterable[Diagnostic] = ()) -> None:
        self.found: dict[Diagnostic, None] = dict.fromkeys(found)
        self.incomplete = False
        """A file could not be read at all, so that an unknown name may be declared there: such names are not reported."""

    def error(self, code: Code, span: Span, message: str, expected: str = "", hint: str = "") -> None:
        """Note an error and go on."""
        self.found[Diagnostic(code, span, message, expected, hint)] = None

    def warning(self, code: Code, span: Span, message: str, expected: str = "", hint: str = "") -> None:
        """Note a warning and go on."""
        self.found[Diagnostic(code, span, message, expected, hint, "warning")] = None

    def reject(self, code: Code, span: Span, message: str, expected: str = "", hint: str = "") -> NoReturn:
        """Note an error and end the reading of the thing at hand. Raises RejectedError."""
        self.error(code, span, message, expected, hint)
        raise RejectedError

    def reject_unknown(self, written: str, span: Span, what: str, valid: Iterable[str], hint: str = "") -> NoReturn:
        """Note that a name is not `what` ("an event of customer"), with the valid ones. Raises RejectedError."""
        if not self.incomplete:
            names = list(valid)
            message = f"`{written}` is not {what}"
            self.error(Code.UNKNOWN_NAME, span, message, choices(names), hint or meant(written, names))
        raise RejectedError

    @property
    def has_errors(self) -> bool:
        """Whether anything worse than a warning was found."""
        return self.incomplete or any(diagnostic.severity == "error" for diagnostic in self.found)

    def by_file(self) -> Mapping[str, Sequence[Diagnostic]]:
        """The diagnostics by the file that they point into, in the order found."""
        files: dict[str, list[Diagnostic]] = {}
        for diagnostic in self.found:
            files.setdefault(diagnostic.span.file, []).append(diagnostic)
        return files

    def sorted(self) -> tuple[Diagnostic, ...]:
        """All diagnostics in the order of their places."""
        return tuple(sorted(self.found, key=lambda d: (d.span.file, d.span.line, d.span.column, d.code, d.message)))


def nearest(written: str, valid: Iterable[str]) -> str | None:
    """The valid name that is most like a wrong one, letter case ignored, or None when none is close."""
    folded = {name.casefold(): name for name in valid}
    found = get_close_matches(written.casefold(), folded, n=1, cutoff=0.6)
    return folded[found[0]] if found else None


def meant(written: str, valid: Iterable[str]) -> str:
    """The hint after a wrong name, or nothing when no valid name is close."""
    found = nearest(written, valid)
    return f"`{found}` might be meant" if found else ""


def choices(valid: Iterable[str]) -> str:
    """The valid names in one line: "one of `a`, `b`", cut when there are many, nothing when there is none."""
    names = list(dict.fromkeys(valid))
    if not names:
        return ""
    if len(names) == 1:
        return f"`{names[0]}`"
    listed = ", ".join(f"`{name}`" for name in names[:MOST_CHOICES])
    return f"one of {listed}" + (f" and {len(names) - MOST_CHOICES} more" if len(names) > MOST_CHOICES else "")


def render(diagnostics: Iterable[Diagnostic], sources: Mapping[str, str]) -> str:
    """All diagnostics as text for a terminal, each with the lines it is about; `sources` maps files to their text."""
    lines = {file: text.removeprefix("\ufeff").split("\n") for file, text in sources.items()}
    return "\n".join(render_one(diagnostic, lines.get(diagnostic.span.file, [])) for diagnostic in diagnostics)


def render_one(diagnostic: Diagnostic, lines: list[str]) -> str:
    """One diagnostic: place, kind, code and message; the line with carets; what was expected; a hint."""
    parts = [f"{diagnostic.span}: {diagnostic.severity} {diagnostic.code.value}: {printable(diagnostic.message)}"]
    span = diagnostic.span
    if span.line <= len(lines) and lines[span.line - 1].strip():
        written = lines[span.line - 1].rstrip("\r")
        last = span.end_column if span.end_line == span.line else len(written.rstrip()) + 1
        text, before, width = window(written, span.column - 1, max(last - span.column, 1))
        number = str(span.line)
        parts.append(f"  {number} | {text}")
        parts.append(f"  {' ' * len(number)} | {' ' * before}{'^' * width}")
    if diagnostic.expected:
        parts.append(f"  expected: {printable(diagnostic.expected)}")
    if diagnostic.hint:
        parts.append(f"  hint: {printable(diagnostic.hint)}")
    return "\n".join(parts) + "\n"


def window(line: str, start: int, length: int) -> tuple[str, int, int]:
    """The part of a line that is shown, the columns before the marked place in it, and the columns of the mark."""
    left = 0
    if len(line) > WIDEST_LINE and start > WIDEST_LINE // 2:
        left = start - WIDEST_LINE // 2
    shown = printable(line[left : left + WIDEST_LINE])
    place = start - left
    head = "… " if left else ""
    tail = " …" if left + WIDEST_LINE < len(line) else ""
    before = columns(shown[:place]) + len(head)
    return head + shown + tail, before, max(columns(shown[place : place + length]), 1)


def columns(text: str) -> int:
    """How many columns of a terminal a text takes: East Asian wide characters take two, combining ones none."""
    return sum(0 if unicodedata.combining(c) else 2 if unicodedata.east_asian_width(c) in "WF" else 1 for c in text)


def printable(text: str) -> str:
    """The text with tabs as one space and other control characters shown as `\ufffd`: a rule cannot steer the terminal."""
    return "".join(" " if c == "\t" else c if c.isprintable() else "\ufffd" for c in text)
