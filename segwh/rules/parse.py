"""The reading of a project's files: their sections as syntax, and the nodes of the catalog's."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import dataclass
from typing import TypeVar

from segwh.rules import syntax
from segwh.rules.conditions import ConditionParser
from segwh.rules.options import OptionParser
from segwh.rules.traits import TraitParser
from segwh.text.diagnostics import Code, Complaints, RejectedError
from segwh.text.reading import Fields, Reader, described, forgiven
from segwh.text.source import Items, Mapping, Node, Scalar, Span
from segwh.text.yaml_text import ReadProblem, read_yaml

SECTIONS = ("entities", "conditions", "traits", "segments", "groups", "matrices", "exclusions")
READ_PROBLEMS = {
    "encoding": Code.ENCODING,
    "syntax": Code.YAML_SYNTAX,
    "duplicate": Code.DUPLICATE_KEY,
    "feature": Code.YAML_FEATURE,
    "comma": Code.COMMA,
    "depth": Code.TOO_LARGE,
    "size": Code.TOO_LARGE,
}
T = TypeVar("T")


@dataclass(frozen=True, slots=True)
class ParsedFiles:
    """What the files hold: nodes of entities, and everything else as syntax."""

    entities: tuple[Node, ...]
    sections: syntax.Sections


def read_file(file: str, text: str, complaints: Complaints) -> Node | None:
    """The root of a file, None where there is none; problems go to `complaints`."""
    node, problems = read_yaml(text, file)
    for problem in problems:
        note(problem, complaints)
    if node is None and problems:
        complaints.incomplete = True
    return node


def note(problem: ReadProblem, complaints: Complaints) -> None:
    """A problem of reading as a diagnostic."""
    complaints.error(READ_PROBLEMS[problem.kind], problem.span, problem.message, problem.expected, problem.hint)


def parse_files(roots: Iterable[Node], complaints: Complaints) -> ParsedFiles:
    """The sections of all files, in the order given."""
    parser = SectionParser(complaints)
    for root in roots:
        parser.file(root)
    return ParsedFiles(
        tuple(parser.entities),
        syntax.Sections(
            tuple(parser.conditions),
            tuple(parser.traits),
            tuple(parser.segments),
            tuple(parser.matrices),
            tuple(parser.groups),
            tuple(parser.exclusions),
        ),
    )


class SectionParser:
    """Reads files and gathers the items of their sections."""

    def __init__(self, complaints: Complaints) -> None:
        self.complaints = complaints
        self.reader = Reader(complaints)
        self.condition_parser = ConditionParser(self.reader)
        self.option_parser = OptionParser(self.reader)
        self.trait_parser = TraitParser(self.reader)
        self.entities: list[Node] = []
        self.conditions: list[syntax.ConditionDeclaration] = []
        self.traits: list[syntax.TraitDeclaration] = []
        self.segments: list[syntax.SegmentDeclaration] = []
        self.matrices: list[syntax.MatrixDeclaration] = []
        self.groups: list[syntax.GroupDeclaration] = []
        self.exclusions: list[syntax.ExclusionDeclaration] = []

    def file(self, root: Node) -> None:
        """Gather what one file holds."""
        if not isinstance(root, Mapping):
            expected = "a mapping of " + ", ".join(f"`{section}`" for section in SECTIONS)
            self.complaints.error(Code.WRONG_SHAPE, root.span, f"{described(root)} is no file of rules", expected)
            self.complaints.incomplete = True
            return
        fields = self.reader.fields(root, "a file of rules", SECTIONS)
        self.entities += self.items(fields, "entities", lambda node: node)
        self.conditions += self.items(fields, "conditions", self.named_condition)
        self.traits += self.items(fields, "traits", self.trait_parser.trait)
        self.segments += self.items(fields, "segments", self.segment)
        self.matrices += self.items(fields, "matrices", self.matrix)
        self.groups += self.items(fields, "groups", self.group)
        self.exclusions += self.items(fields, "exclusions", self.exclusion)
        fields.finish()

    def items(self, fields: Fields, section: str, read: Callable[[Node], T]) -> list[T]:
        """The items of a section that can be read."""
        made: list[T] = []
        node = fields.get(section)
        if node is None:
            return made
        if not isinstance(node, Items):
            message = f"{described(node)} stands where the list of {section} is expected"
            self.complaints.error(Code.WRONG_SHAPE, node.span, message, "a list: each item begins with `- `")
            self.complaints.incomplete = True
            return made
        for item in node.items:
            try:
                made.append(read(item))
            except RejectedError:
                if not (isinstance(item, Mapping) and item.get("name")):
                    continue
                # Its name cannot be known for sure, so a use of it is not called unknown.
                self.complaints.incomplete = True
        return made

    def named_condition(self, node: Node) -> syntax.ConditionDeclaration:
        """An item of `conditions`."""
        fields = self.reader.fields(node, "a named condition")
        name = self.reader.name(fields.need("name"), "the name of a condition")
        entity = self.reader.reference(fields.need("entity"), "the name of an entity")
        fields.read("description", self.reader.text, "")
        when = None
        with forgiven():
            when = self.condition_parser.node_or_list(fields.need("when"))
        fields.finish()
        return syntax.ConditionDeclaration(name, entity, when)

    def segment(self, node: Node) -> syntax.SegmentDeclaration:
        """An item of `segments`. What can be read of a wrong one is kept, so that its uses are no second mistake."""
        fields = self.reader.fields(node, "a segment", ("name", "label", "description"))
        name = self.reader.name(fields.need("name"), "the name of a segment")
        options = self.option_parser.options(fields)
        if fields.get("label") is None and fields.get("description") is None:
            message = f"the segment `{name.text}` has neither label nor description"
            self.complaints.error(Code.MISSING_KEY, name.span, message, "a `label` or a `description` for people")
        split = fields.read("split", self.option_parser.split, None)
        was = fields.read("was", lambda part: self.reader.former_name(part, "the name it had"), None)
        entity: Scalar | None = None
        include: tuple[syntax.WrittenRule, ...] = ()
        with forgiven():
            entity = self.reader.reference(fields.need("entity"), "the name of an entity")
        with forgiven():
            include = self.option_parser.rules(fields.need("include"))
        fields.finish({"when": "`include`", "where": "`include`", "filter": "`include`", "rules": "`include`"})
        return syntax.SegmentDeclaration(name, entity, include, options, split, was, node)

    def matrix(self, node: Node) -> syntax.MatrixDeclaration:
        """An item of `matrices`."""
        fields = self.reader.fields(node, "a matrix")
        name = self.reader.name(fields.need("name"), "the name of a matrix")
        options = self.option_parser.options(fields)
        event = fields.read("event", lambda part: self.reader.reference(part, "the name of an event"), None)
        entity: Scalar | None = None
        with forgiven():
            entity = self.reader.reference(fields.need("entity"), "the name of an entity")
        rows, row_names = self.cells(fields, "rows", None)
        columns, column_names = self.cells(fields, "columns", event)
        fields.finish()
        return syntax.MatrixDeclaration(name, entity, event, rows, columns, row_names, column_names, options, node)

    def cells(
        self, fields: Fields, key: str, event: Scalar | None
    ) -> tuple[tuple[syntax.MatrixCell, ...], tuple[str, ...]]:
        """The rows or columns of a matrix that can be read, and the names of all."""
        made: list[syntax.MatrixCell] = []
        with forgiven():
            node = fields.need(key)
            if not isinstance(node, Mapping) or not node.entries:
                self.complaints.reject(Code.WRONG_SHAPE, node.span, f"{described(node)} stands where {key} are expected",
                                       "a mapping of names to conditions")  # fmt: skip
            for word, value in node.entries:
                with forgiven():
                    name = self.reader.checked_name(word, "the name of a row or column")
                    made.append(syntax.MatrixCell(name, self.cell(value, event), value))
            return tuple(made), tuple(word.text for word, _ in node.entries)
        return (), ()

    def cell(self, node: Node, event: Scalar | None) -> syntax.Condition:
        """The condition of a row or column; a column of a matrix with an event is what stands beside `event`."""
        if event is None:
            return self.condition_parser.node_or_list(node)
        fields = self.reader.fields(node, "a column of a matrix with an event")
        return self.condition_parser.rows_beside(fields, "event", event, ())

    def group(self, node: Node) -> syntax.GroupDeclaration:
        """An item of `groups`."""
        fields = self.reader.fields(node, "a group", ("name", "exclusive", "description"))
        try:
            name = self.reader.name(fields.need("name"), "the name of a group")
            segments = self.condition_parser.names(fields.need("exclusive"), "a list of segments")
            fields.read("description", self.reader.text, "")
        finally:
            fields.finish()
        return syntax.GroupDeclaration(name, segments)

    def exclusion(self, node: Node) -> syntax.ExclusionDeclaration:
        """An item of `exclusions`."""
        fields = self.reader.fields(node, "an exclusion", ("entity", "segment", "reason", "tags"))
        reason = fields.read("reason", lambda part: self.reader.text(part, "a reason"), "")
        no_tags: dict[str, Span] = {}
        tags = fields.read("tags", self.option_parser.tags_and_places, no_tags)
        try:
            entity = self.reader.reference(fields.need("entity"), "the name of an entity")
            segment = self.reader.reference(fields.need("segment"), "the name of a segment")
        finally:
            fields.finish()
        return syntax.ExclusionDeclaration(entity, segment, reason, tags)
