"""The reading of a YAML text into nodes with spans, and a list of what could not be read.

What differs from common YAML tools, on purpose: scalars follow the YAML 1.2 core schema (`no` and dates are strings, `012` is
the number 12), a key written twice is a problem, tags and merge keys (`<<`) are problems, and a comma that cuts a value inside
`{ }` is pointed out. Anchors and aliases are read as copies, up to MAX_NODES nodes a file.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass, field
from functools import cache
from typing import Any
from typing import Literal as OneWordOf

import yaml

from segwh.text.source import Items, Mapping, Node, Place, Scalar, Span

MAX_DEPTH = 100
"""Levels of lists and mappings inside each other; deeper text is a problem, so that no later stage meets its own limit."""
MAX_NODES = 1_000_000
"""Nodes of one file, copies made by aliases included."""
CONFLICT_LINE = re.compile(r"^(?:(<{7}|>{7}|\|{7})(?= |\r?$)|(={7})\r?$)", re.MULTILINE)
"""A line that git writes between two versions of a text that do not go together."""


@dataclass(frozen=True, slots=True)
class ReadProblem:
    """Something that a YAML reader may accept or not, and this one does not."""

    kind: OneWordOf["encoding", "syntax", "duplicate", "feature", "comma", "depth", "size"]
    span: Span
    message: str
    expected: str = ""
    hint: str = ""


def read_yaml(text: str, file: str) -> tuple[Node | None, tuple[ReadProblem, ...]]:
    """Read one YAML document. Gives None for an empty text, and None with a problem for text that is not YAML at all."""
    reader = Reader(text.removeprefix("\ufeff"), file)
    return reader.read(), tuple(reader.problems)


@dataclass(slots=True)
class Opened:
    """A list or mapping that is being read. `depth` and `size` bound what its aliases may add."""

    mapping: bool
    flow: bool
    start: Place
    anchor: str | None
    nodes: list[Node] = field(default_factory=list)


class Reader:
    """Turns the events of a YAML parser into nodes without recursion, so that depth is a number and not a crash."""

    def __init__(self, text: str, file: str) -> None:
        self.text = text
        self.file = file
        self.problems: list[ReadProblem] = []
        self.open: list[Opened] = []
        self.anchors: dict[str, tuple[Node, int, int]] = {}
        self.count = 0

    def read(self) -> Node | None:
        """The document's root. Every problem met on the way is in `problems`."""
        for start in (conflicts := list(whole_conflicts(self.text))):
            self.conflict_problem(start)
        if conflicts:
            return None
        root: Node | None = None
        documents = 0
        try:
            for event in yaml.parse(self.text, Loader=yaml_loader()):
                if isinstance(event, yaml.DocumentStartEvent):
                    documents += 1
                    if documents > 1:
                        self.problem("feature", event, "a second document begins here", hint="put it into a file of its own")
                        return root
                done = self.take(event)
                if done is not None:
                    root = done
        except yaml.MarkedYAMLError as error:
            self.syntax_problem(error)
            return None
        except (yaml.reader.ReaderError, UnicodeError) as error:
            self.character_problem(error)
            return None
        except TooMuchError:
            return None
        return root

    def take(self, event: Any) -> Node | None:
        """Take in one event; gives the root when it is complete."""
        match event:
            case yaml.ScalarEvent():
                self.no_tag(event)
                style = event.style
                node: Node = Scalar(event.value, style is None or style == "", self.file, *places(event))
                return self.add(node, event.anchor)
            case yaml.MappingStartEvent() | yaml.SequenceStartEvent():
                self.no_tag(event)
                if len(self.open) >= MAX_DEPTH:
                    self.problem("depth", event, f"lists and mappings are nested more than {MAX_DEPTH} levels deep")
                    raise TooMuchError
                mapping = isinstance(event, yaml.MappingStartEvent)
                self.open.append(Opened(mapping, bool(event.flow_style), places(event)[0], event.anchor))
                return None
            case yaml.MappingEndEvent() | yaml.SequenceEndEvent():
                return self.close(event)
            case yaml.AliasEvent():
                return self.copy(event)
            case _:
                return None

    def close(self, event: Any) -> Node | None:
        """Finish the innermost list or mapping."""
        opened = self.open.pop()
        nodes = opened.nodes
        end = places(event)[1] if opened.flow else (nodes[-1].end if nodes else opened.start)
        if opened.mapping:
            entries = self.entries(nodes, opened.flow)
            return self.add(Mapping(entries, self.file, opened.start, end), opened.anchor)
        items = tuple(node for (node,) in self.uncut([(node,) for node in nodes])) if opened.flow else tuple(nodes)
        return self.add(Items(items, self.file, opened.start, end), opened.anchor)

    def add(self, node: Node, anchor: str | None, count: int = 1) -> Node | None:
        """Put a node into what is open; gives it back when nothing is open, because then it is the root."""
        self.count += count
        if self.count > MAX_NODES:
            self.problems.append(ReadProblem("size", node.span, f"the file holds more than {MAX_NODES} values"))
            raise TooMuchError
        if anchor is not None:
            self.anchors[anchor] = (node, *measure(node))
        if not self.open:
            return node
        self.open[-1].nodes.append(node)
        return None

    def copy(self, event: Any) -> Node | None:
        """Put what an anchor names in place of an alias."""
        found = self.anchors.get(event.anchor)
        if found is None:
            inside = any(opened.anchor == event.anchor for opened in self.open)
            message = f"`*{event.anchor}` stands inside what it names" if inside else f"no `&{event.anchor}` comes before this"
            self.problem("feature", event, message, "an alias of an earlier anchor")
            return self.add(Scalar("", True, self.file, *places(event)), None)
        node, size, depth = found
        if len(self.open) + depth > MAX_DEPTH:
            self.problem("depth", event, f"lists and mappings are nested more than {MAX_DEPTH} levels deep")
            raise TooMuchError
        return self.add(node, None, size)

    def entries(self, nodes: list[Node], flow: bool) -> tuple[tuple[Scalar, Node], ...]:
        """Pair keys and values; keys that are not plain words, come twice or merge are problems and left out."""
        seen: dict[str, tuple[Scalar, Node]] = {}
        pairs: list[tuple[Node, ...]] = list(zip(nodes[::2], nodes[1::2], strict=True))
        for key, value in self.uncut(pairs) if flow else pairs:
            if not isinstance(key, Scalar):
                self.problems.append(ReadProblem("feature", key.span, "a list or a mapping stands where a key is expected"))
            elif key.text in seen:
                first = seen[key.text][0].span
                message = f"the key `{key.text}` is written twice (first in line {first.line})"
                self.problems.append(ReadProblem("duplicate", key.span, message, "each key once"))
            elif key.plain and key.text == "<<":
                hint = "write the keys out, or give a shared condition a name under `conditions`"
                self.problems.append(ReadProblem("feature", key.span, "merge keys (`<<`) are not read", hint=hint))
            else:
                seen[key.text] = (key, value)
        return tuple(seen.values())

    def uncut(self, rows: list[tuple[Node, ...]]) -> list[tuple[Node, ...]]:
        """The items or pairs of a flow collection, without the rest of one that a comma has cut (`decimal(18, 2)`)."""
        opened = [sum([unclosed(node) for node in row]) for row in rows]
        if not any(opened):
            return rows
        kept: list[tuple[Node, ...]] = []
        skip_to = 0
        for index, row in enumerate(rows):
            if index < skip_to:
                continue
            kept.append(row)
            closing = next((i for i in range(index + 1, len(rows)) if opened[i] < 0), None) if opened[index] > 0 else None
            if closing is not None:
                self.comma_problem(row[-1])
                skip_to = closing + 1
        return kept

    def comma_problem(self, value: Node) -> None:
        """Point out a value that ends at a comma inside brackets."""
        text = value.text if isinstance(value, Scalar) else ""
        message = f"`{text}` ends at the comma, before its bracket is closed"
        hint = "quote this: a comma inside { } or [ ] ends a value"
        self.problems.append(ReadProblem("comma", value.span, message, hint=hint))

    def no_tag(self, event: Any) -> None:
        """Refuse an explicit tag such as `!!str`."""
        if event.tag is not None:
            hint = "quote a value that is meant as text"
            self.problem("feature", event, f"YAML tags are not read (`{event.tag}`)", hint=hint)

    def problem(
        self, kind: OneWordOf["feature", "depth"], event: Any, message: str, expected: str = "", hint: str = ""
    ) -> None:
        """Note a problem at the place of an event."""
        start, end = places(event)
        span = Span(self.file, start[0] + 1, start[1] + 1, end[0] + 1, end[1] + 1)
        self.problems.append(ReadProblem(kind, span, message, expected, hint))

    def syntax_problem(self, error: yaml.MarkedYAMLError) -> None:
        """Say where the text stops being YAML."""
        if left_over := CONFLICT_LINE.search(self.text):
            self.conflict_problem(left_over.start())
            return
        mark = error.problem_mark or error.context_mark
        line, column = (mark.line, mark.column) if mark else (0, 0)
        written = self.text.split("\n")[line] if line <= self.text.count("\n") else ""
        hint = ""
        if re.search(r"[{\[].*\([^)]*,", written[:column]):
            hint = "quote a value with a comma: inside { } or [ ] a comma ends it"
        elif "\t" in written[: column + 1]:
            hint = "indent with spaces: YAML takes no tabs"
        elif error.problem == "mapping values are not allowed in this context" and ": " in written[:column].lstrip("- "):
            hint = "quote a value that holds a colon and a blank"
        elif written[column : column + 1] in ("@", "`", "%"):
            hint = f"quote a value that begins with {written[column]}"
        context = error.context or ""
        if error.context_mark and error.context_mark.line != line:
            context += f" that begins in line {error.context_mark.line + 1}"
        context += ": " if context else ""
        span = Span(self.file, line + 1, column + 1, line + 1, column + 2)
        self.problems.append(ReadProblem("syntax", span, f"this is not YAML: {context}{error.problem}", hint=hint))

    def conflict_problem(self, index: int) -> None:
        """Point out a line that git wrote between two versions of a text."""
        line = self.text.count("\n", 0, index) + 1
        message = f"this is a git conflict marker (`{self.text[index : index + 7]}`): two versions of the text stand here"
        hint = "keep what is right, and remove the lines that begin with <<<<<<<, ======= or >>>>>>>"
        self.problems.append(ReadProblem("syntax", Span(self.file, line, 1, line, 8), message, "one of them", hint))

    def character_problem(self, error: yaml.reader.ReaderError | UnicodeError) -> None:
        """Say which character has no place in a text."""
        index = next((i for i, character in enumerate(self.text) if unreadable(character)), 0)
        line = self.text.count("\n", 0, index)
        column = index - (self.text.rfind("\n", 0, index) + 1)
        what = f"the character U+{ord(self.text[index]):04X}" if self.text else str(error)
        span = Span(self.file, line + 1, column + 1, line + 1, column + 2)
        self.problems.append(ReadProblem("encoding", span, f"{what} is not allowed in YAML", "a text file in UTF-8"))


class TooMuchError(Exception):
    """Ends the reading of a file that is too deep or too large; the problem is noted already."""


@cache
def yaml_loader() -> Any:
    """The loader whose parser gives events: the C one where PyYAML has it, because it is ten times faster."""
    return getattr(yaml, "CSafeLoader", yaml.SafeLoader)


def whole_conflicts(text: str) -> Iterator[int]:
    """Where conflicts of git begin of which all three lines are there."""
    begun: list[int] = []
    for found in CONFLICT_LINE.finditer(text) if "<<<<<<<" in text else ():
        sign = found[0][0]
        if sign == "<":
            begun = [found.start()]
        elif sign == "=" and len(begun) == 1:
            begun.append(found.start())
        elif sign == ">" and len(begun) == 2:
            yield begun[0]
            begun = []


def places(event: Any) -> tuple[Place, Place]:
    """Where an event starts and ends."""
    start, end = event.start_mark, event.end_mark
    return (start.line, start.column), (end.line, end.column)


def unclosed(node: Node) -> int:
    """How many round brackets a plain scalar leaves open (negative: closes)."""
    if not isinstance(node, Scalar) or not node.plain or ("(" not in node.text and ")" not in node.text):
        return 0
    return node.text.count("(") - node.text.count(")")


def measure(node: Node) -> tuple[int, int]:
    """How many nodes there are in a node, itself included, and how many levels of lists and mappings."""
    match node:
        case Scalar():
            return 1, 0
        case Mapping(entries):
            parts = [measure(value) for _, value in entries]
        case Items(items):
            parts = [measure(item) for item in items]
    return 1 + sum(size for size, _ in parts), 1 + max((depth for _, depth in parts), default=0)


def unreadable(character: str) -> bool:
    """Whether YAML forbids a character: control characters but tab and line ends, and lone surrogates."""
    code = ord(character)
    if code < 0x20:
        return character not in "\t\n\r"
    return code == 0x7F or (0x80 <= code < 0xA0 and code != 0x85) or 0xD800 <= code < 0xE000 or code in (0xFFFE, 0xFFFF)
