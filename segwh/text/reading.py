"""The taking apart of nodes: fields of a mapping, words, names, numbers, durations, relations, each with its complaints."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager, suppress
from decimal import Decimal
from typing import TypeVar

from segwh.semantics import Duration, Unit
from segwh.text.diagnostics import Code, Complaints, RejectedError, choices, meant
from segwh.text.source import Items, Mapping, Node, Scalar, Span, UnusableNumber, Value, value_of
from segwh.types import Relation

LONGEST_NAME = 48
"""Bytes of a name, so that names built from it fit into the 63 bytes that every engine takes."""
NAME = re.compile(r"[a-z][a-z0-9_]*")
DURATION = re.compile(r"([0-9]+) +([A-Za-z]+)")
DATE = re.compile(r"[0-9]{4}-[0-9]{2}-[0-9]{2}")
TIME = re.compile(DATE.pattern + r"[T ][0-9]{2}:[0-9]{2}(:[0-9]{2}(\.[0-9]{1,6})?)?(Z|[+-][0-9]{2}:[0-9]{2})?")
QUOTED = r"""('[^'\\{},\x00-\x1f\x7f-\xa0\ud800-\udfff]+'|"[^"\\{},\x00-\x1f\x7f-\xa0\ud800-\udfff]+")"""
REF = re.compile(rf"ref\( *{QUOTED}( *, *{QUOTED})? *\)")
SOURCE = re.compile(rf"source\( *{QUOTED} *, *{QUOTED} *\)")
UNIT_IN_DAYS = {
    Unit.SECONDS: 1 / 86_400,
    Unit.MINUTES: 1 / 1_440,
    Unit.HOURS: 1 / 24,
    Unit.DAYS: 1,
    Unit.WEEKS: 7,
    Unit.MONTHS: 31,
    Unit.QUARTERS: 92,
    Unit.YEARS: 366,
}
MOST_DAYS = 366_000
"""The longest duration, about a thousand years: a bound stays inside the calendar."""

T = TypeVar("T")
U = TypeVar("U")


def key_span(fields: Mapping, key: str) -> Span:
    """Where a key of a mapping stands."""
    return next(name.span for name, _ in fields.entries if name.text == key)


class Fields:
    """The keys of one mapping, asked for one by one; what was never asked for is an unknown key."""

    def __init__(
        self, node: Node, complaints: Complaints, what: str, keys: Iterable[str] = (), example: str = ""
    ) -> None:
        """`what` names the mapping in messages, with its article: "a segment"; `keys` are known beside those asked for;
        `example` shows one to who wrote something else.

        Raises RejectedError if the node is no mapping.
        """
        if not isinstance(node, Mapping):
            message = f"{described(node)} stands where {what} is expected"
            complaints.reject(Code.WRONG_SHAPE, node.span, message, f"a mapping such as {example}" if example else "a mapping")
        self.node = node
        self.what = what
        self.complaints = complaints
        self.values = {key.text: value for key, value in node.entries}
        self.known = dict.fromkeys(keys)

    def expect(self, what: str, keys: Iterable[str]) -> None:
        """Say what the mapping turned out to be: from here on just these keys are known."""
        self.what = what
        self.known = dict.fromkeys(keys)

    def get(self, key: str) -> Node | None:
        """The value of a key, or None when it is absent."""
        self.known[key] = None
        return self.values.get(key)

    def need(self, key: str) -> Node:
        """The value of a mandatory key. Raises RejectedError when it is absent."""
        value = self.get(key)
        if value is None:
            self.complaints.reject(
                Code.MISSING_KEY, self.start, f"{self.what} has no `{key}`", f"`{key}`", self.misspelt(key)
            )
        return value

    def key_span(self, key: str) -> Span:
        """Where a key that is there stands."""
        return key_span(self.node, key)

    @property
    def start(self) -> Span:
        """The place of the first key: where the mapping begins, and no longer than a word."""
        return self.node.entries[0][0].span if self.node.entries else self.node.span

    def read(self, key: str, reader: Callable[[Node], T], default: U) -> T | U:
        """What `reader` makes of an optional key; the default when it is absent, or wrong (and complained about)."""
        value = self.get(key)
        if value is None:
            return default
        with forgiven():
            return reader(value)
        return default

    def only_one(self, keys: Iterable[str], what: str, hint: str = "") -> str | None:
        """Which one of some keys is there; None if none is. Raises RejectedError if several are."""
        present = [key for key in keys if self.get(key) is not None]
        if len(present) > 1:
            listed = " and ".join(f"`{key}`" for key in present)
            self.complaints.reject(Code.TOO_MANY, self.key_span(present[1]), f"{listed} stand together", f"one {what}", hint)
        return present[0] if present else None

    def misspelt(self, key: str) -> str:
        """A hint for a missing key that seems to be there under a wrong name."""
        unknown = [name for name in self.values if name not in self.known]
        found = meant(key, unknown)
        return f"{found.split(' ')[0]} might be a misspelling of it" if found else ""

    def finish(self, hints: dict[str, str] | None = None) -> None:
        """Complain about every key that was not asked for."""
        for key, _ in self.node.entries:
            if key.text not in self.known:
                hint = (hints or {}).get(key.text) or unseen(key.text) or meant(key.text, self.known)
                self.complaints.error(
                    Code.UNKNOWN_KEY, key.span, f"`{key.text}` is not a key of {self.what}", choices(self.known), hint
                )


def unseen(text: str) -> str:
    """A hint for a key that holds a character that looks like a space, or like nothing, and is none."""
    for character in text:
        if ord(character) > 127 and (character.isspace() or not character.isprintable()):
            return f"it holds the character U+{ord(character):04X}, which looks like a space and is none: type a space instead"
    return ""


SHORT_LISTS = ("a list of tags", "a list of values", "a list of keys")
"""Lists of plain words: whoever writes one word means a list of it."""


@contextmanager
def forgiven() -> Iterator[None]:
    """Go on after something that was rejected: its complaint is noted already."""
    with suppress(RejectedError):
        yield


def described(node: Node) -> str:
    """A node in two words, for messages."""
    match node:
        case Mapping():
            return "a mapping"
        case Items():
            return "a list"
        case Scalar():
            return f"`{node.text}`" if value_of(node) is not None else "nothing"


class Reader:
    """Reads single values from nodes. Every method raises RejectedError after complaining."""

    def __init__(self, complaints: Complaints) -> None:
        self.complaints = complaints

    def fields(self, node: Node, what: str, keys: Iterable[str] = (), example: str = "") -> Fields:
        """The keys of a mapping."""
        return Fields(node, self.complaints, what, keys, example)

    def scalar(self, node: Node, what: str) -> Scalar:
        """A single value."""
        if not isinstance(node, Scalar):
            self.complaints.reject(Code.WRONG_SHAPE, node.span, f"{described(node)} stands where {what} is expected", what)
        return node

    def value(self, node: Node, what: str, null_hint: str = "") -> str | int | Decimal | bool:
        """A single value that is not null."""
        scalar = self.scalar(node, what)
        value: Value = value_of(scalar)
        if value is None:
            message = f"nothing (null) stands where {what} is expected"
            self.complaints.reject(Code.NULL_VALUE, scalar.span, message, what, null_hint)
        if isinstance(value, UnusableNumber):
            self.complaints.reject(Code.NUMBER, scalar.span, "the number is endless or has more than 38 digits", what)
        return value

    def text(self, node: Node, what: str = "a text") -> str:
        """A text that is not empty."""
        value = self.value(node, what)
        if not isinstance(value, str):
            hint = f'quote it if it is meant as text: "{node.text}"' if isinstance(node, Scalar) else ""
            self.complaints.reject(Code.WRONG_SHAPE, node.span, f"{described(node)} is not {what}", what, hint)
        if not value.strip():
            self.complaints.reject(Code.EMPTY, node.span, "the text is empty", what)
        return value

    def reference(self, node: Node, what: str) -> Scalar:
        """A name that is looked up later."""
        self.text(node, what)
        return self.scalar(node, what)

    def name(self, node: Node, what: str) -> Scalar:
        """A name that is declared here: snake_case, short enough, without `__`."""
        return self.checked_name(self.reference(node, what), what)

    def checked_name(self, written: Scalar, what: str) -> Scalar:
        """A name or key as a declared name."""
        text = self.snake_cased(written, what)
        if "__" in text:
            message = f"`{text}` holds `__`, which is kept for the names of cells, variants and stages"
            self.complaints.reject(Code.RESERVED_NAME, written.span, message, "single underscores", f"`{snake_case(text)}`")
        self.short_name(text, written.span)
        return written

    def former_name(self, node: Node, what: str) -> Scalar:
        """A name that was declared once, maybe made of others: snake_case, with or without `__`."""
        written = self.reference(node, what)
        self.short_name(self.snake_cased(written, what), written.span)
        return written

    def snake_cased(self, written: Scalar, what: str) -> str:
        """The text of a name in snake_case."""
        text = written.text
        if not NAME.fullmatch(text):
            suggestion = snake_case(text)
            hint = f"`{suggestion}`" if suggestion else ""
            self.complaints.reject(
                Code.BAD_NAME, written.span, f"`{text}` cannot be {what}", "snake_case: a-z, 0-9 and _, a letter first", hint
            )
        return text

    def short_name(self, text: str, span: Span) -> None:
        """Check the length of a name, written or made."""
        if len(text.encode()) > LONGEST_NAME:
            message = f"the name `{text}` has {len(text.encode())} bytes"
            self.complaints.reject(Code.LONG_NAME, span, message, f"at most {LONGEST_NAME} bytes")

    def word(self, node: Node, allowed: Iterable[str], what: str) -> str:
        """One of a few words."""
        words = list(allowed)
        scalar = self.scalar(node, what)
        if scalar.text not in words:
            self.complaints.reject(
                Code.WRONG_WORD, scalar.span, f"{described(scalar)} is not {what}", choices(words), meant(scalar.text, words)
            )
        return scalar.text

    def flag(self, node: Node, what: str = "true or false") -> bool:
        """True or false."""
        value = self.value(node, what)
        if not isinstance(value, bool):
            self.complaints.reject(Code.WRONG_SHAPE, node.span, f"{described(node)} is not true or false", "`true` or `false`")
        return value

    def number(self, node: Node, what: str = "a number") -> int | Decimal:
        """An int or a Decimal."""
        value = self.value(node, what)
        if isinstance(value, (str, bool)):
            hint = "write it without quotes" if isinstance(node, Scalar) and not node.plain and number_like(node) else ""
            self.complaints.reject(Code.VALUE_TYPE, node.span, f"{described(node)} is not a number", what, hint)
        return value

    def whole(self, node: Node, what: str, least: int = 0, most: int | None = None) -> int:
        """A whole number in a range, both ends included."""
        number = self.number(node, what)
        if not isinstance(number, int) or number < least or (most is not None and number > most):
            limits = f"a whole number from {least} to {most}" if most is not None else f"a whole number, {least} or more"
            self.complaints.reject(Code.OUT_OF_RANGE, node.span, f"{described(node)} is not {what}", limits)
        return number

    def items(self, node: Node, what: str) -> tuple[Node, ...]:
        """The items of a list that is not empty."""
        if not isinstance(node, Items):
            message = f"{described(node)} stands where {what} is expected"
            hint = f"`[{node.text}]`" if isinstance(node, Scalar) and value_of(node) is not None and what in SHORT_LISTS else ""
            self.complaints.reject(Code.WRONG_SHAPE, node.span, message, "a list", hint)
        if not node.items:
            self.complaints.reject(Code.EMPTY, node.span, "the list is empty", what)
        return node.items

    def each(self, nodes: Iterable[U], reader: Callable[[U], T]) -> tuple[T, ...]:
        """What `reader` makes of each item; all wrong ones are complained about before any is rejected."""
        made: list[T] = []
        failed = False
        for node in nodes:
            try:
                made.append(reader(node))
            except RejectedError:
                failed = True
        if failed:
            raise RejectedError
        return tuple(made)

    def duration(self, node: Node) -> Duration:
        """A duration such as `30 days`."""
        scalar = self.scalar(node, "a duration such as `30 days`")
        return self.duration_of(scalar.text, scalar.span)

    def ago(self, node: Node) -> Duration:
        """A duration before as-of, written `30 days ago`."""
        scalar = self.scalar(node, "a time before as-of such as `30 days ago`")
        text = scalar.text.rstrip()
        if not scalar.text.endswith(" ago"):
            hint = f"`{text} ago`" if DURATION.fullmatch(text) else ""
            self.complaints.reject(
                Code.BAD_DURATION, scalar.span, f"{described(scalar)} is not a time before as-of", "`30 days ago`", hint
            )
        return self.duration_of(text.removesuffix(" ago"), scalar.span)

    def duration_of(self, text: str, span: Span) -> Duration:
        """A duration from its text."""
        found = DURATION.fullmatch(text)
        units = [unit.value for unit in Unit]
        if found is None:
            message = f"`{text}` is not a duration"
            self.complaints.reject(Code.BAD_DURATION, span, message, "a whole number and a unit, such as `30 days`")
        word = found[2]
        plural = word if word.endswith("s") else word + "s"
        if plural not in units:
            message = f"`{found[2]}` is not a unit of time"
            self.complaints.reject(Code.BAD_DURATION, span, message, choices(units), meant(plural.lower(), units))
        unit = Unit(plural)
        count = int(found[1][:12])
        if count == 0 or len(found[1]) > 12 or count * UNIT_IN_DAYS[unit] > MOST_DAYS:
            message = f"`{text}` is no time at all" if count == 0 else f"`{text}` is more than a thousand years"
            self.complaints.reject(Code.OUT_OF_RANGE, span, message, "a duration from 1 second to 1000 years")
        return Duration(count, unit)

    def relation(self, node: Node) -> Relation:
        """A table of the dbt project: ref('model'), ref('package', 'model') or source('schema', 'table')."""
        expected = "`ref('model')` or `source('schema', 'table')`"
        scalar = self.scalar(node, expected)
        ref, source = REF.fullmatch(scalar.text), SOURCE.fullmatch(scalar.text)
        parts = (ref[1], ref[3]) if ref else (source[1], source[2]) if source else ()
        names = tuple(part[1:-1] for part in parts if part)
        if not names:
            hint = f"`ref('{scalar.text}')`" if re.fullmatch(r"\w+", scalar.text) else ""
            message = f"{described(scalar)} is not a relation"
            self.complaints.reject(Code.BAD_RELATION, scalar.span, message, expected, hint)
        return Relation("ref" if ref else "source", names)


def number_like(scalar: Scalar) -> bool:
    """Whether a quoted text would be a number without its quotes."""
    unquoted = value_of(Scalar(scalar.text, True, scalar.file, scalar.start, scalar.end))
    return isinstance(unquoted, (int, Decimal)) and not isinstance(unquoted, bool)


def snake_case(text: str) -> str:
    """A name in snake_case near a text, or nothing when there is none."""
    spaced = re.sub(r"([a-z0-9])([A-Z])", r"\1_\2", text)
    made = re.sub(r"_+", "_", re.sub(r"[^a-z0-9]+", "_", spaced.lower())).strip("_")
    return made if NAME.fullmatch(made) else ""
