"""The reading of conditions: one mapping with one subject each, nested without limit."""

from __future__ import annotations

from typing import Literal as OneWordOf
from typing import NoReturn

from segwh.rules import arguments, syntax
from segwh.rules.measures import MEASURES, MeasureRow
from segwh.rules.operators import OPERATORS, SYNONYMS
from segwh.rules.windows import WINDOWS
from segwh.semantics import Duration
from segwh.text.diagnostics import Code, RejectedError, meant
from segwh.text.reading import Fields, Reader, forgiven
from segwh.text.source import Items, Node, Scalar, Span

COMBINATORS = ("all", "any", "none", "not", "at_least")
SUBJECTS = (*COMBINATORS, "attribute", "event", "related", "segment", "sequence", "condition")
CONDITION_MEASURES = tuple(row for row in MEASURES.values() if row.in_conditions)
BESIDE_OPERATORS = frozenset({"attribute", "ignore_case", "missing", "ending"})

Missing = OneWordOf["fails", "matches"]

ELSEWHERE = {
    "or": "`any`",
    "and": "`all`",
    "nor": "`none`",
    "one_of": "`any`",
    "some": "`any`",
    "any_of": "`any`",
    "all_of": "`all`",
    "none_of": "`none`",
}
"""What combinators are called in other languages."""


def opposite(key: str) -> str:
    """A hint for a subject with a negation before it: the subject alone would say the opposite."""
    subject = key.removeprefix("not_").removeprefix("no_")
    return f"`not: {{{subject}: ...}}`" if subject != key and subject in SUBJECTS else ""


class ConditionParser:
    """Reads conditions. What cannot be read is complained about and becomes syntax.Broken, so that the rest is checked too."""

    def __init__(self, reader: Reader) -> None:
        self.reader = reader
        self.complaints = reader.complaints

    def node_or_list(self, node: Node) -> syntax.Condition:
        """A condition, or a list of conditions that all hold."""
        if not isinstance(node, Items):
            return self.condition(node)
        if not node.items:
            self.complaints.error(Code.EMPTY, node.span, "the list is empty", "a list of conditions")
            return syntax.Broken(node.span)
        items = tuple([self.condition(item) for item in node.items])
        return items[0] if len(items) == 1 else syntax.Combined("all", items, node.span)

    def condition(self, node: Node) -> syntax.Condition:
        """One condition."""
        try:
            return self.read(node)
        except RejectedError:
            return syntax.Broken(node.span)

    def listed(self, node: Node) -> tuple[syntax.Condition, ...]:
        """A list of conditions. Raises RejectedError if it is none."""
        return tuple([self.condition(item) for item in self.reader.items(node, "a list of conditions")])

    def read(self, node: Node) -> syntax.Condition:
        """One condition. Raises RejectedError after complaining."""
        if isinstance(node, Scalar) and node.text == "everyone":
            return syntax.Everyone(node.span)
        fields = self.reader.fields(node, "a condition", example="{attribute: city, is: London}")
        subject = fields.only_one(SUBJECTS, "subject of a condition", "put them into `all: [...]` or `any: [...]`")
        if subject is None:
            self.no_subject(fields)
        match subject:
            case "attribute":
                return self.attribute(fields)
            case "event" | "related":
                return self.rows(fields, "event" if subject == "event" else "related")
            case "segment":
                return self.segment(fields)
            case "sequence":
                return self.sequence(fields)
            case "condition":
                fields.expect("a use of a named condition", ("condition",))
                name = self.reader.reference(fields.need("condition"), "the name of a condition")
                fields.finish()
                return syntax.NamedCondition(name, fields.node.span)
            case _:
                return self.combined(fields, subject)

    def no_subject(self, fields: Fields) -> NoReturn:
        """Complain about a mapping that has none of the subjects. Raises RejectedError."""
        keys = list(fields.values)
        hint = ""
        if any(key in OPERATORS for key in keys):
            hint = "an operator needs `attribute: NAME` beside it"
        elif any(key in MEASURES or key in WINDOWS for key in keys):
            hint = "a measure or a window needs `event: NAME` beside it"
        for key in keys:
            hint = hint or opposite(key) or ELSEWHERE.get(key.lower(), "") or meant(key, SUBJECTS)
        if not hint and len(keys) == 1 and isinstance(value := fields.values[keys[0]], Scalar):
            hint = f"`{{attribute: {keys[0]}, is: {value.text}}}`"
        self.complaints.reject(Code.NO_OPERATOR, fields.start, "the condition has no subject",
                               "one of " + ", ".join(f"`{subject}`" for subject in SUBJECTS), hint)  # fmt: skip

    def combined(self, fields: Fields, subject: str) -> syntax.Condition:
        """`all`, `any`, `none`, `not` and `at_least`."""
        node = fields.need(subject)
        listed = fields.get("of") if subject == "at_least" else None
        fields.expect(f"`{subject}`", (subject, "of") if subject == "at_least" else (subject,))
        fields.finish()
        span = fields.node.span
        if subject == "not":
            if isinstance(node, Items):
                self.complaints.reject(Code.WRONG_SHAPE, node.span, "`not` takes one condition", "a condition",
                                       "`none: [...]` takes a list")  # fmt: skip
            return syntax.Combined("not", (self.condition(node),), span)
        if subject == "at_least":
            items_node = listed if listed is not None else fields.need("of")
            items = self.listed(items_node)
            with forgiven():
                count = self.reader.whole(node, "a number of conditions of the list", 1, len(items))
                return syntax.Combined("at_least", items, span, count)
            return syntax.Broken(span, syntax.Combined("all", items, span))
        items = self.listed(node)
        how: OneWordOf["all", "any", "none"] = "all" if subject == "all" else "any" if subject == "any" else "none"
        return syntax.Combined(how, items, span)

    def attribute(self, fields: Fields) -> syntax.AttributeCondition:
        """A comparison of an attribute, trait or property."""
        fields.expect("an attribute condition", ("attribute", *OPERATORS, "ignore_case", "missing"))
        name = self.reader.reference(fields.need("attribute"), "the name of an attribute")
        ignore_case = fields.read("ignore_case", self.reader.flag, False)
        missing = fields.read("missing", self.missing, None)
        present = [key for key in fields.values if key in OPERATORS]
        if "within" in present:
            fields.get("ending")
        if not present:
            self.no_operator(fields)
        if len(present) > 1:
            listed = " and ".join(f"`{key}`" for key in present)
            bounds = {"gt", "gte"} & set(present) and {"lt", "lte"} & set(present)
            hint = "both bounds together are `between: [a, b]`" if bounds else "join two conditions by `all: [...]`"
            self.complaints.reject(Code.TOO_MANY, fields.key_span(present[1]), f"{listed} stand together", "one operator", hint)
        try:
            comparison = arguments.comparison(OPERATORS[present[0]], fields, self.reader)
        finally:
            if present[0] != "within" and "ending" in fields.values:
                fields.get("ending")
                message = "`ending` moves `within` back; without it, it says nothing"
                self.complaints.error(Code.WRONG_PLACE, fields.key_span("ending"), message, "`within: 30 days` beside it")
            fields.finish(SYNONYM_HINTS)
        if ignore_case and not comparison.operator.ignores_case:
            message = f"`ignore_case` says nothing to `{comparison.operator.name}`"
            self.complaints.error(Code.WRONG_PLACE, fields.key_span("ignore_case"), message, "an operator on strings")
        return syntax.AttributeCondition(name, comparison, ignore_case, missing, fields.node.span)

    def no_operator(self, fields: Fields) -> NoReturn:
        """Complain about an attribute without a known operator. Raises RejectedError."""
        others = [key for key, _ in fields.node.entries if key.text not in BESIDE_OPERATORS]
        if not others:
            self.complaints.reject(Code.NO_OPERATOR, fields.start, "the condition has no operator",
                                   "an operator such as `is: VALUE`, `gte: NUMBER` or `exists: true`")  # fmt: skip
        for key in others:
            synonym = SYNONYMS.get(key.text.lower())
            hint = f"`{synonym}` says it here" if synonym else meant(key.text, OPERATORS)
            expected = "one of " + ", ".join(f"`{name}`" for name in list(OPERATORS)[:12]) + " ..."
            self.complaints.error(Code.UNKNOWN_KEY, key.span, f"`{key.text}` is not an operator", expected, hint)
        raise RejectedError

    def rows(self, fields: Fields, kind: OneWordOf["event", "related"]) -> syntax.Condition:
        """A condition on rows of an event or a related relation."""
        name = self.reader.reference(fields.need(kind), f"the name of {'an event' if kind == 'event' else 'related rows'}")
        return self.rows_beside(fields, kind, name, (kind,))

    def rows_beside(
        self, fields: Fields, kind: OneWordOf["event", "related"], name: Scalar, beside: tuple[str, ...]
    ) -> syntax.Condition:
        """What stands beside the name of an event: where, a window, a measure."""
        measures = [row.name for row in CONDITION_MEASURES if kind == "event" or not row.needs_time]
        windows = (*WINDOWS, "ending") if kind == "event" else ()
        fields.expect(f"a condition on {kind} rows", (*beside, "where", *windows, *measures, "missing"))
        where = fields.get("where")
        missing = fields.read("missing", self.missing, None)
        fields.finish(MEASURE_HINTS if kind == "event" else TIMED_HINTS)
        window: syntax.Window | None = None
        window_span: Span | None = None
        measure: syntax.MeasureUse | None = None
        failed = False
        try:
            if kind == "event":
                window, window_span = arguments.window(fields, self.reader)
        except RejectedError:
            failed = True
        try:
            present = [name for name in measures if name in fields.values]
            key = fields.only_one(present, "measure", "join two conditions by `all: [...]`")
            measure = self.measure(MEASURES[key], fields) if key is not None else None
        except RejectedError:
            failed = True
        condition = self.node_or_list(where) if where is not None else None
        span = fields.node.span
        made = syntax.RowsCondition(kind, name, condition, window, window_span, measure, missing, span)
        return syntax.Broken(span, made) if failed else made

    def measure(self, row: MeasureRow, fields: Fields) -> syntax.MeasureUse:
        """A measure and what it is compared to."""
        node = fields.need(row.name)
        span = fields.key_span(row.name)
        if isinstance(node, Scalar) and row.in_conditions == "bounds":
            self.reader.number(node, "a number")
            exactly = syntax.Comparison(OPERATORS["is"], node, span, node.span)
            return syntax.MeasureUse(row, None, (exactly,), None, span)
        if isinstance(node, Scalar) and row.in_conditions == "of":
            hint = f"`{row.name}: {{of: {node.text}, gte: 100}}`"
            self.complaints.reject(Code.WRONG_SHAPE, node.span, f"`{row.name}` is compared to nothing", "`of` and bounds", hint)
        own = {"of": ("of",), "edge": ("where",)}.get(row.in_conditions, ("by",) if row.name == "count" else ())
        inner = self.reader.fields(node, f"`{row.name}`", (*own, *OPERATORS))
        try:
            of: Scalar | None = None
            if row.in_conditions == "of":
                of = self.reader.reference(inner.need("of"), "the name of a property")
            elif row.name == "count" and inner.get("by") is not None:
                of = self.reader.reference(inner.need("by"), "the name of a property")
            where_node = inner.get("where") if row.in_conditions == "edge" else None
            if "within" in inner.values:
                inner.get("ending")
            bounds = tuple(
                arguments.comparison(OPERATORS[key], inner, self.reader) for key in list(inner.values) if key in OPERATORS
            )
        finally:
            inner.finish(SYNONYM_HINTS)
        if where_node is not None and bounds:
            message = f"`where` and `{bounds[0].operator.name}` stand together"
            self.complaints.reject(Code.TOO_MANY, bounds[0].span, message, "a time operator or `where`",
                                   "write two conditions")  # fmt: skip
        if where_node is None and not bounds:
            expected = "a time operator or `where`" if row.in_conditions == "edge" else "bounds such as {gte: 1}"
            self.complaints.reject(Code.NO_OPERATOR, span, f"`{row.name}` is compared to nothing", expected)
        where = self.node_or_list(where_node) if where_node is not None else None
        return syntax.MeasureUse(row, of, bounds, where, span)

    def missing(self, node: Node) -> Missing:
        """What a missing value does."""
        return "fails" if self.reader.word(node, ("fails", "matches"), "what a missing value does") == "fails" else "matches"

    def segment(self, fields: Fields) -> syntax.SegmentCondition:
        """Membership of another segment."""
        fields.expect("a condition on a segment", ("segment", "entered", "for"))
        name = self.reader.reference(fields.need("segment"), "the name of a segment")
        which = fields.only_one(("entered", "for"), "of `entered` and `for`")
        try:
            entered = self.entered(fields.need("entered")) if which == "entered" else None
            held = self.reader.duration(fields.need("for")) if which == "for" else None
        finally:
            fields.finish({"within": "`entered: {within: 7 days}`"})
        return syntax.SegmentCondition(name, entered, held, fields.node.span)

    def entered(self, node: Node) -> Duration:
        """`{within: 7 days}`."""
        fields = self.reader.fields(node, "`entered`")
        try:
            return self.reader.duration(fields.need("within"))
        finally:
            fields.finish()

    def sequence(self, fields: Fields) -> syntax.SequenceCondition:
        """Steps in order, with a window that binds every step."""
        fields.expect("a sequence", ("sequence", *WINDOWS, "ending"))
        node = fields.need("sequence")
        try:
            window, window_span = arguments.window(fields, self.reader)
        finally:
            fields.finish()
        steps = self.reader.each(self.reader.items(node, "a list of steps"), self.step)
        if len(steps) < 2:
            self.complaints.reject(Code.BAD_SEQUENCE, node.span, "the sequence has one step", "two steps or more",
                                   "a single step is an `event` condition")  # fmt: skip
        first = steps[0]
        if first.negative:
            self.complaints.reject(Code.BAD_SEQUENCE, first.event.span, "the first step is negative",
                                   "a step that something can follow: `event: ...`")  # fmt: skip
        if first.within is not None or first.same:
            key = "within" if first.within is not None else "same"
            message = f"the first step carries `{key}`, but there is no step before it"
            self.complaints.reject(Code.BAD_SEQUENCE, first.span, message, hint="the sequence's own window binds every step")
        return syntax.SequenceCondition(steps, window, window_span, fields.node.span)

    def step(self, node: Node) -> syntax.Step:
        """One step: an event that happens, or `without`, one that does not."""
        fields = self.reader.fields(node, "a step", ("event", "without", "where", "within", "same"))
        which = fields.only_one(("event", "without"), "of `event` and `without`")
        if which is None:
            self.complaints.reject(Code.MISSING_KEY, fields.start, "the step has neither `event` nor `without`", "one of them")
        event = self.reader.reference(fields.need(which), "the name of an event")
        within = fields.read("within", self.reader.duration, None)
        same = fields.read("same", lambda part: self.names(part, "a list of properties"), ())
        where = fields.get("where")
        fields.finish(dict.fromkeys(MEASURES, "a step has no measure; a step is one row"))
        if which == "without" and fields.get("within") is None:
            self.complaints.reject(Code.BAD_SEQUENCE, event.span, "a negative step has no `within`", "`within: 24 hours`",
                                   "without it, its time never has fully passed")  # fmt: skip
        condition = self.node_or_list(where) if where is not None else None
        return syntax.Step(event, which == "without", condition, within, same, fields.start)

    def names(self, node: Node, what: str) -> tuple[Scalar, ...]:
        """A list of names that are looked up later."""
        return self.reader.each(self.reader.items(node, what), lambda item: self.reader.reference(item, "a name"))


SYNONYM_HINTS = {word: f"`{operator}` says it here" for word, operator in SYNONYMS.items()}
TIMED_HINTS = dict.fromkeys((*WINDOWS, "ending", "days", "first", "last"), "related rows have no time: events do")
MEASURE_HINTS = {
    name: f"`count: {{{name}: ...}}` compares the number of rows" for name in ("gt", "gte", "lt", "lte", "is")
} | {"more_than_ago": "`last: {more_than_ago: ...}` asks the time of the last row", "time": "`within`, `since`, `between` ..."}
