"""The reading of what a segment says beside its rules: label, owner, limit, split, stay and so on."""

from __future__ import annotations

from decimal import Decimal
from typing import Literal as OneWordOf

from segwh.rules import syntax
from segwh.rules.conditions import ConditionParser
from segwh.semantics import Duration
from segwh.text.diagnostics import Code
from segwh.text.reading import Fields, Reader, described
from segwh.text.source import Items, Mapping, Node, Scalar, Span

BASIS_POINTS = 10_000


class OptionParser:
    """Reads the options of segments and matrices. Methods raise RejectedError after complaining."""

    def __init__(self, reader: Reader) -> None:
        self.reader = reader
        self.complaints = reader.complaints
        self.conditions = ConditionParser(reader)

    def options(self, fields: Fields) -> syntax.SegmentOptions:
        """All options of a mapping; a wrong one is complained about and left at its default."""
        read = fields.read
        time_to_live, time_to_live_span = self.time_to_live(fields)
        static = read("type", lambda node: self.reader.word(node, ("dynamic", "static"), "a type of segment"), "dynamic")
        inactive = read("status", lambda node: self.reader.word(node, ("active", "inactive"), "a status"), "active")
        return syntax.SegmentOptions(
            label=read("label", lambda node: self.reader.text(node, "a label"), ""),
            description=read("description", lambda node: self.reader.text(node, "a description"), ""),
            owner=read("owner", lambda node: self.reader.text(node, "an owner"), ""),
            tags=read("tags", self.tags, ()),
            type="static" if static == "static" else "dynamic",
            status="inactive" if inactive == "inactive" else "active",
            expires_on=read("expires_on", self.date, None),
            time_to_live=time_to_live,
            time_to_live_span=time_to_live_span,
            aggregate_on=read("aggregate_on", lambda node: self.reader.reference(node, "the name of an attribute"), None),
            exclude=read("exclude", self.rules, ()),
            limit=read("limit", self.limit, None),
            activate=read("activate", self.activate, None),
            analytics=read("analytics", self.reader.flag, False),
            refresh=read("refresh", lambda node: self.reader.name(node, "a word for how often").text, ""),
            hidden=read("hidden", self.reader.flag, False),
            stay=read("stay", self.stay, None),
            always=read("always", self.reader.relation, None),
            max_exit_fraction=read("max_exit_fraction", lambda node: fraction(node, self.reader), None),
            max_entry_fraction=read("max_entry_fraction", lambda node: growth(node, self.reader), None),
        )

    def time_to_live(self, fields: Fields) -> tuple[Duration | None, Span | None]:
        """`created_within`, or `time_to_live`, which says the same."""
        both = [key for key in ("time_to_live", "created_within") if fields.get(key) is not None]
        if not both:
            return None, None
        if len(both) == 2:
            message = "`time_to_live` and `created_within` say the same"
            self.complaints.error(Code.TOO_MANY, fields.key_span(both[1]), message, "one of them")
        return fields.read(both[0], self.reader.duration, None), fields.key_span(both[0])

    def rules(self, node: Node) -> tuple[syntax.WrittenRule, ...]:
        """The entries of include or exclude: a list, or one condition."""
        nodes = self.reader.items(node, "a list of conditions") if isinstance(node, Items) else (node,)
        return tuple([syntax.WrittenRule(self.conditions.condition(item), item) for item in nodes])

    def tags(self, node: Node) -> tuple[str, ...]:
        """A list of texts."""
        return tuple(self.tags_and_places(node))

    def tags_and_places(self, node: Node) -> dict[str, Span]:
        """A list of texts, and where each stands."""
        items = self.reader.items(node, "a list of tags")
        return dict(self.reader.each(items, lambda item: (self.reader.text(item, "a tag"), item.span)))

    def date(self, node: Node) -> Scalar:
        """A date, whose text is checked when the time zone is known."""
        self.reader.value(node, "a date")
        return self.reader.scalar(node, "a date")

    def limit(self, node: Node) -> syntax.LimitSyntax:
        """`{top | percent, by, order, per}`."""
        fields = self.reader.fields(node, "a limit", ("top", "percent", "by", "order", "per"))
        try:
            which = fields.only_one(("top", "percent"), "of `top` and `percent`")
            if which is None:
                message = "the limit says neither `top` nor `percent`"
                self.complaints.reject(Code.MISSING_KEY, fields.start, message, "one of them")
            top = self.reader.whole(fields.need("top"), "a number of members", 1) if which == "top" else None
            percent = self.percent(fields.need("percent")) if which == "percent" else None
            by = self.reader.reference(fields.need("by"), "the name of an attribute or trait")
            per = fields.read("per", lambda part: self.reader.reference(part, "the name of an attribute"), None)
            word = fields.read("order", lambda part: self.reader.word(part, ("desc", "asc"), "an order"), "desc")
        finally:
            fields.finish()
        order: OneWordOf["asc", "desc"] = "asc" if word == "asc" else "desc"
        return syntax.LimitSyntax(by, order, top, percent, per)

    def percent(self, node: Node) -> Decimal:
        """More than 0, at most 100."""
        number = self.reader.number(node, "a number from 0 to 100")
        if not 0 < number <= 100:
            self.complaints.reject(Code.OUT_OF_RANGE, node.span, f"{described(node)} is not a percentage", "above 0, up to 100")
        return Decimal(number)

    def split(self, node: Node) -> syntax.SplitSyntax:
        """`{seed, variants: {name: percent}}`."""
        fields = self.reader.fields(node, "a split", ("seed", "variants"))
        try:
            seed = self.reader.text(fields.need("seed"), "a seed")
            variants = fields.need("variants")
        finally:
            fields.finish()
        if not isinstance(variants, Mapping) or not variants.entries:
            self.complaints.reject(Code.WRONG_SHAPE, variants.span, f"{described(variants)} stands where variants are expected",
                                   "{holdout: 10, a: 45, b: 45}")  # fmt: skip
        made: list[tuple[Scalar, int]] = []
        for word, share in variants.entries:
            name = self.reader.checked_name(word, "the name of a variant")
            points = self.percent(share) * 100
            if points != points.to_integral_value():
                message = f"{described(share)} has more than two decimals"
                self.complaints.reject(Code.OUT_OF_RANGE, share.span, message, "steps of 0.01")
            made.append((name, int(points)))
        total = sum(points for _, points in made)
        if total > BASIS_POINTS:
            message = f"the variants add up to {Decimal(total) / 100} percent"
            self.complaints.reject(Code.OUT_OF_RANGE, variants.span, message, "at most 100")
        return syntax.SplitSyntax(seed, tuple(made), node.span)

    def activate(self, node: Node) -> tuple[Scalar, ...] | None:
        """`true`, `false` or `{columns: [...]}`; None is no view."""
        if isinstance(node, Scalar):
            return () if self.reader.flag(node) else None
        fields = self.reader.fields(node, "`activate`")
        try:
            items = self.reader.items(fields.need("columns"), "a list of attributes")
        finally:
            fields.finish()
        return self.reader.each(items, lambda item: self.reader.reference(item, "the name of an attribute"))

    def stay(self, node: Node) -> syntax.StaySyntax:
        """`{at_most, again_after}`, one or both."""
        fields = self.reader.fields(node, "`stay`")
        at_most = fields.read("at_most", self.reader.duration, None)
        again_after = fields.read("again_after", self.reader.duration, None)
        fields.finish()
        if not fields.values:
            self.complaints.reject(Code.EMPTY, node.span, "`stay` says nothing", "{at_most: 14 days, again_after: 90 days}")
        return syntax.StaySyntax(at_most, again_after)


def fraction(node: Node, reader: Reader) -> Decimal:
    """More than 0, at most 1."""
    number = reader.number(node, "a fraction")
    if not 0 < number <= 1:
        reader.complaints.reject(Code.OUT_OF_RANGE, node.span, f"{described(node)} is not a fraction", "above 0, up to 1")
    return Decimal(number)


def growth(node: Node, reader: Reader) -> Decimal:
    """More than 0: of what is there as much may come again, or many times that."""
    number = reader.number(node, "a fraction")
    if number <= 0:
        reader.complaints.reject(Code.OUT_OF_RANGE, node.span, f"{described(node)} lets nobody in", "above 0")
    return Decimal(number)
