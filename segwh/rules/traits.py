"""The reading of `traits`: measures, formulas, points, stages and RFM."""

from __future__ import annotations

from decimal import Decimal
from itertools import pairwise
from typing import Literal as OneWordOf

from segwh.rules import arguments, syntax
from segwh.rules.conditions import ConditionParser
from segwh.rules.measures import MEASURES
from segwh.rules.windows import WINDOWS
from segwh.text.diagnostics import Code, RejectedError
from segwh.text.reading import Fields, Reader, described, forgiven
from segwh.text.source import Mapping, Node, Scalar

KINDS = ("event", "related", "formula", "points", "stages", "rfm")
TRAIT_KEYS = {
    "event": ("event", "where", *WINDOWS, "ending", *MEASURES),
    "related": ("related", "where", *(row.name for row in MEASURES.values() if not row.needs_time)),
    "formula": ("formula",),
    "points": ("points",),
    "stages": ("stages", "track"),
    "rfm": ("rfm",),
}
RFM_KEYS = ("event", "value", "where", *WINDOWS, "ending", "recency", "frequency", "monetary", "named")
MOST_SCORES = 9
"""A score is one digit of `rfm.cell`."""


class TraitParser:
    """Reads traits."""

    def __init__(self, reader: Reader) -> None:
        self.reader = reader
        self.complaints = reader.complaints
        self.conditions = ConditionParser(reader)

    def trait(self, node: Node) -> syntax.TraitDeclaration:
        """One trait. What can be read of a wrong one is kept, so that its uses are no second mistake."""
        fields = self.reader.fields(node, "a trait")
        name = self.reader.name(fields.need("name"), "the name of a trait")
        entity = self.reader.reference(fields.need("entity"), "the name of an entity")
        description = fields.read("description", self.reader.text, "")
        definition: syntax.TraitDefinition | None = None
        with forgiven():
            definition = self.definition(fields, node)
        return syntax.TraitDeclaration(name, entity, description, definition)

    def definition(self, fields: Fields, node: Node) -> syntax.TraitDefinition:
        """What the trait is."""
        kind = fields.only_one(KINDS, "kind of trait")
        fields.expect("a trait", ("name", "entity", "description", *(TRAIT_KEYS[kind] if kind else KINDS)))
        try:
            match kind:
                case "event" | "related":
                    return self.measure(fields, "event" if kind == "event" else "related")
                case "formula":
                    formula = fields.need("formula")
                    value = self.reader.value(formula, "a formula")
                    if isinstance(value, bool):
                        self.complaints.reject(Code.BAD_FORMULA, formula.span, f"{described(formula)} is not a formula")
                    return syntax.FormulaTrait(self.reader.scalar(formula, "a formula"))
                case "points":
                    return self.points(fields.need("points"))
                case "stages":
                    return self.stages(fields)
                case "rfm":
                    return self.rfm(fields.need("rfm"))
                case _:
                    expected = "one of " + ", ".join(f"`{word}`" for word in KINDS)
                    self.complaints.reject(Code.MISSING_KEY, fields.start, "the trait does not say what it is", expected)
        finally:
            fields.finish()

    def measure(self, fields: Fields, kind: OneWordOf["event", "related"]) -> syntax.MeasureTrait:
        """A measure over rows, without comparison."""
        rows = self.reader.reference(fields.need(kind), f"the name of {'an event' if kind == 'event' else 'related rows'}")
        where_node = fields.get("where")
        key = fields.only_one([name for name in MEASURES if name in fields.known], "measure")
        window, window_span = arguments.window(fields, self.reader) if kind == "event" else (None, None)
        if key is None:
            known = [row for row in MEASURES.values() if row.name in fields.known]
            expected = "one of " + ", ".join(f"`{row.trait_example}`" for row in known)
            self.complaints.reject(Code.MISSING_KEY, fields.start, "the trait measures nothing", expected)
        of = self.measured_name(key, fields.need(key))
        where = self.conditions.node_or_list(where_node) if where_node is not None else None
        return syntax.MeasureTrait(kind, rows, MEASURES[key], of, where, window, window_span, fields.key_span(key))

    def measured_name(self, key: str, node: Node) -> Scalar | None:
        """The property that a trait measures; None for `rows`."""
        if key == "count" and isinstance(node, Mapping):
            fields = self.reader.fields(node, "`count`")
            try:
                return self.reader.reference(fields.need("by"), "the name of a property")
            finally:
                fields.finish({"gte": "a trait is a number; compare it where it is used"})
        scalar = self.reader.scalar(node, "`rows`" if key in ("count", "days") else "the name of a property")
        if key in ("count", "days"):
            self.reader.word(node, ("rows",), f"what `{key}` counts")
            return None
        return self.reader.reference(scalar, "the name of a property")

    def points(self, node: Node) -> syntax.PointsTrait:
        """A list of `{when, add}`."""

        def entry(item: Node) -> tuple[syntax.Condition, int | Decimal]:
            fields = self.reader.fields(item, "an entry of points")
            try:
                add = self.reader.number(fields.need("add"), "a number of points")
                when = fields.need("when")
            finally:
                fields.finish()
            return self.conditions.node_or_list(when), add

        return syntax.PointsTrait(self.reader.each(self.reader.items(node, "a list of {when, add}"), entry))

    def stages(self, fields: Fields) -> syntax.StagesTrait:
        """A list of `{name, when}`; only the last one may have no condition."""
        track = fields.read("track", self.reader.flag, False)
        nodes = self.reader.items(fields.need("stages"), "a list of stages")
        seen: set[str] = set()

        def stage(item: Node) -> tuple[Scalar, syntax.Condition | None]:
            inner = self.reader.fields(item, "a stage")
            name = self.reader.name(inner.need("name"), "the name of a stage")
            if name.text in seen:
                self.complaints.reject(Code.DUPLICATE_NAME, name.span, f"the stage `{name.text}` comes twice", "each name once")
            seen.add(name.text)
            when = inner.get("when")
            inner.finish()
            if when is None and item is not nodes[-1]:
                message = f"the stage `{name.text}` has no condition, so that no later one is ever reached"
                self.complaints.reject(Code.MISSING_KEY, name.span, message, "`when`: only the last stage may go without")
            return name, self.conditions.node_or_list(when) if when is not None else None

        return syntax.StagesTrait(self.reader.each(nodes, stage), track)

    def rfm(self, node: Node) -> syntax.RfmTrait:
        """Recency, frequency and monetary value of an event."""
        fields = self.reader.fields(node, "`rfm`", RFM_KEYS)
        where_node = fields.get("where")
        try:
            event = self.reader.reference(fields.need("event"), "the name of an event")
            value = self.reader.reference(fields.need("value"), "the name of a property")
            window, window_span = arguments.window(fields, self.reader)
            recency, frequency, monetary = (self.scoring(fields, key) for key in ("recency", "frequency", "monetary"))
            most = [recency.scores, frequency.scores, monetary.scores]
            named = fields.read("named", lambda part: self.cells(part, most), ())
        finally:
            fields.finish()
        where = self.conditions.node_or_list(where_node) if where_node is not None else None
        return syntax.RfmTrait(event, value, where, window, window_span, recency, frequency, monetary, named)

    def scoring(self, rfm: Fields, key: str) -> syntax.ScoringSyntax:
        """How one of the three becomes a score; five quantiles when it is not said."""
        node = rfm.get(key)
        if node is None:
            return syntax.ScoringSyntax(5, "quantile", ())
        fields = self.reader.fields(node, f"`{key}`")
        scores = fields.read("scores", lambda part: self.reader.whole(part, "a number of scores", 2, MOST_SCORES), 5)
        word = fields.read(
            "method", lambda part: self.reader.word(part, ("quantile", "fixed", "rank"), "a method"), "quantile"
        )
        cuts = fields.get("cuts")
        fields.finish({"fixed": "`method: fixed, cuts: [...]`"})
        if word != "fixed":
            if cuts is not None:
                message = f"`cuts` say nothing to the method {word}"
                self.complaints.reject(Code.WRONG_PLACE, cuts.span, message, "`method: fixed`")
            return syntax.ScoringSyntax(scores, "rank" if word == "rank" else "quantile", ())
        if cuts is None:
            self.complaints.reject(Code.MISSING_KEY, fields.start, "the method fixed has no `cuts`", f"{scores - 1} numbers")
        numbers = self.reader.each(self.reader.items(cuts, "a list of numbers"), self.reader.number)
        if len(numbers) != scores - 1:
            message = f"{len(numbers)} cuts make {len(numbers) + 1} scores, not {scores}"
            self.complaints.reject(Code.OUT_OF_RANGE, cuts.span, message, f"{scores - 1} cuts")
        if any(left >= right for left, right in pairwise(numbers)):
            self.complaints.reject(Code.REVERSED, cuts.span, "the cuts do not ascend", "each greater than the one before")
        return syntax.ScoringSyntax(scores, "fixed", numbers)

    def cells(self, node: Node, scores: list[int]) -> tuple[syntax.RfmCell, ...]:
        """Named cells in the order written: `champions: {r: [4, 5], f: [4, 5]}`."""
        if not isinstance(node, Mapping) or not node.entries:
            self.complaints.reject(Code.WRONG_SHAPE, node.span, f"{described(node)} stands where names are expected",
                                   "{champions: {r: [4, 5], f: [4, 5]}}")  # fmt: skip
        made: list[syntax.RfmCell] = []
        failed = False
        for word, value in node.entries:
            try:
                name = self.reader.checked_name(word, "the name of a cell").text
                fields = self.reader.fields(value, "a named cell")
                ranges = [self.range_of(fields, key, most) for key, most in zip("rfm", scores, strict=True)]
                fields.finish()
                if ranges == [None, None, None]:
                    self.complaints.reject(Code.EMPTY, word.span, f"`{name}` names no score", "at least one of `r`, `f`, `m`")
                made.append(syntax.RfmCell(name, *ranges))
            except RejectedError:
                failed = True
        if failed:
            raise RejectedError
        return tuple(made)

    def range_of(self, fields: Fields, key: str, most: int) -> tuple[int, ...] | None:
        """The scores that fit, or None for any."""
        node = fields.get(key)
        if node is None:
            return None
        items = self.reader.items(node, "a list of scores")
        return tuple(sorted(set(self.reader.each(items, lambda item: self.reader.whole(item, "a score", 1, most)))))
