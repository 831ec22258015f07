"""The binding of conditions: syntax becomes predicates, names resolved in their scope, named conditions put in place."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from decimal import Decimal
from typing import Literal as OneWordOf
from typing import assert_never

from segwh import ir
from segwh.catalog.load import LoadedCatalog
from segwh.catalog.model import Event, Related
from segwh.ir import And, Measured, Not, Operand, Or, Predicate, Rows
from segwh.resolve.comparisons import Comparer, all_of, any_of, with_missing
from segwh.resolve.possible import ANY, COUNT, SIZE, Range, verdict
from segwh.resolve.references import References, SegmentSignature
from segwh.resolve.scope import EntityScope, RowScope, Scope, Uses, type_name
from segwh.resolve.times import TimeReader
from segwh.rules import syntax
from segwh.rules.measures import MEASURES, MeasureRow
from segwh.semantics import Calendar, Interval
from segwh.text.diagnostics import Code, Complaints, RejectedError, choices
from segwh.text.source import Scalar, Span, value_of
from segwh.types import DataType

MOST_NODES = 100_000
"""Conditions that one named condition may stand for, with all that it names in turn."""
MOST_LEVELS = 100
"""How deep conditions may be nested, those that they name put in place: as deep as a text may be, where a name or `not:` opens
one level and `all: [` two. No later stage meets a limit of its own then.
"""
EQUALITIES = frozenset({"is", "is_not", "in", "not_in"})
NEVER_MISSING = frozenset({"count", "days", "sum", "distinct"})


@dataclass(slots=True)
class Inlined:
    """A named condition, bound once for all its uses."""

    predicate: Predicate
    uses: Uses
    size: int
    levels: int


class ConditionBinder:
    """Binds conditions of all entities. Methods raise RejectedError after complaining."""

    def __init__(
        self,
        calendar: Calendar,
        catalog: LoadedCatalog,
        segments: Mapping[str, SegmentSignature],
        named: Mapping[str, syntax.ConditionDeclaration],
        complaints: Complaints,
    ) -> None:
        self.times = TimeReader(calendar, complaints)
        self.comparer = Comparer(self.times, complaints)
        self.catalog = catalog
        self.segments = segments
        self.references = References(catalog, segments, complaints)
        self.named = named
        self.complaints = complaints
        self.inlined: dict[str, Inlined | None] = {}
        self.being_inlined: list[str] = []
        self.level = 0
        """How deep the condition that is being bound is nested."""
        self.deepest = 0
        """The deepest level since the named condition began that is being bound."""

    def condition(self, node: syntax.Condition, scope: Scope, uses: Uses) -> Predicate:
        """One condition as a predicate."""
        match node:
            case syntax.AttributeCondition():
                return self.attribute(node, scope, uses)
            case syntax.Combined():
                return self.combined(node, scope, uses)
            case syntax.Everyone():
                return ir.Everyone()
            case syntax.Broken(_, rest):
                if rest is not None:
                    self.condition(rest, scope, uses)
                raise RejectedError
        if isinstance(scope, RowScope):
            message = "inside `where`, only properties of the row can be asked"
            self.complaints.reject(Code.WRONG_PLACE, node.span, message, "`attribute: PROPERTY` with an operator")
        match node:
            case syntax.RowsCondition():
                return self.rows(node, scope, uses)
            case syntax.SequenceCondition():
                return self.sequence(node, scope, uses)
            case syntax.SegmentCondition():
                return self.segment(node, scope, uses)
            case syntax.NamedCondition():
                return self.inline(node.name, scope, uses)
            case _:
                assert_never(node)

    def combined(self, node: syntax.Combined, scope: Scope, uses: Uses) -> Predicate:
        """A combinator; all wrong items are complained about before it is rejected."""
        items: list[Predicate] = []
        failed = False
        levels = 1 if node.how == "not" else 2
        self.check_level(levels, node.span)
        self.level += levels
        for item in node.items:
            try:
                items.append(self.condition(item, scope, uses))
            except RejectedError:
                failed = True
        self.level -= levels
        if failed:
            raise RejectedError
        match node.how:
            case "all":
                return all_of(tuple(items))
            case "any":
                return any_of(tuple(items))
            case "none":
                return Not(any_of(tuple(items)))
            case "not":
                return Not(items[0])
            case "at_least":
                return ir.AtLeast(node.count, tuple(items))
            case _:
                assert_never(node.how)

    def check_level(self, levels: int, span: Span) -> None:
        """Refuse what would be nested too deep, so many levels below this one."""
        reached = self.level + levels
        if reached > MOST_LEVELS:
            message = f"conditions, with those that they name, are nested more than {MOST_LEVELS} levels deep"
            self.complaints.reject(Code.TOO_LARGE, span, message)
        self.deepest = max(self.deepest, reached)

    def attribute(self, node: syntax.AttributeCondition, scope: Scope, uses: Uses) -> Predicate:
        """A comparison of an attribute, trait or property."""
        subject = scope.operand(node.name, uses)
        comparison = node.comparison
        if node.missing is not None and comparison.operator.name == "exists":
            message = "`missing` contradicts `exists`, which asks for it"
            self.complaints.reject(Code.NO_MISSING, node.span, message, "one of them")
        values = self.values_of(subject, scope)
        made = self.comparer.predicate(
            subject, comparison, scope, uses, title=node.name.text, ignore_case=node.ignore_case, values=values
        )
        values_of = SIZE if comparison.operator.name == "size" else self.range_of(subject, scope)
        if values_of.is_total and comparison.operator.name == "exists":
            message = f"`{node.name.text}` always exists: without rows it is 0"
            self.complaints.reject(Code.NO_MISSING, node.span, message, "`gte: 1` or `is: 0`")
        self.check_possible((made,), (comparison,), values_of, node.name.text, node.missing)
        if isinstance(subject, ir.TraitValue) and isinstance(scope, EntityScope):
            doubles = scope.traits[subject.trait].is_computed_double and subject.type is DataType.NUMBER
            self.warn_of_doubles(doubles, comparison, node.name.text)
        operands: tuple[Operand, ...] = (subject,)
        if isinstance(comparison.argument, syntax.OtherColumn):
            operands = (subject, scope.operand(comparison.argument.name, uses))
        return with_missing(made, node.missing, operands)

    def values_of(self, subject: Operand, scope: Scope) -> tuple[str, ...]:
        """The only values that a stage or a named cell has; () when any value is possible."""
        if not isinstance(subject, ir.TraitValue) or not isinstance(scope, EntityScope):
            return ()
        signature = scope.traits[subject.trait]
        return signature.part_values.get(subject.part, ()) if subject.part else signature.values

    def range_of(self, subject: Operand, scope: Scope) -> Range:
        """The numbers that an attribute or trait can be."""
        if isinstance(subject, ir.TraitValue) and isinstance(scope, EntityScope):
            return scope.traits[subject.trait].ranges.get(subject.part, ANY)
        return ANY

    def check_possible(
        self,
        made: tuple[Predicate, ...],
        bounds: tuple[syntax.Comparison, ...],
        values: Range,
        title: str,
        missing: OneWordOf["fails", "matches"] | None,
    ) -> None:
        """Refuse bounds that no value meets, and one that every value meets."""
        if len(made) == 1 and values.least is values.most is None:
            return  # any value is possible, and reversed bounds are complained about where they are read
        if values.is_whole and values.least is not None:
            self.check_whole(bounds, values)
        for test, bound in zip(made, bounds, strict=True):
            match verdict((test,), values):
                case "never" if isinstance(test, Not) and not values.is_total and missing != "fails":
                    pass  # a negative operator is true of what is missing, as a score is without rows
                case "never":
                    message = f"no `{title}` meets `{bound.operator.name}` here: this never holds"
                    self.complaints.reject(Code.NEVER_TRUE, bound.value_span, message, str(values))
                case "always":
                    message = f"every `{title}` meets `{bound.operator.name}` here: this says nothing"
                    hint = "no rows are `count: 0`, at least one is `count: {gte: 1}`" if title == "count" else ""
                    self.complaints.reject(Code.NEVER_TRUE, bound.value_span, message, str(values), hint)
        if len(made) > 1 and verdict(made, values) == "never":
            message = f"no `{title}` meets all of these bounds: together they never hold"
            self.complaints.reject(Code.NEVER_TRUE, bounds[-1].span, message, "bounds that leave a value between them")

    def check_whole(self, bounds: tuple[syntax.Comparison, ...], values: Range) -> None:
        """Refuse what is no whole number as a bound of what is counted."""
        for bound in bounds:
            written = bound.argument if isinstance(bound.argument, tuple) else (bound.argument,)
            for value in written:
                if isinstance(value, Scalar) and isinstance(value_of(value), Decimal):
                    message = f"`{value.text}` is not a whole number"
                    self.complaints.reject(Code.VALUE_TYPE, value.span, message, str(values))

    def warn_of_doubles(self, doubles: bool, comparison: syntax.Comparison, title: str) -> None:
        """Warn of an equality of computed doubles."""
        if doubles and comparison.operator.name in EQUALITIES:
            message = f"`{title}` is computed from doubles, which are equal only up to rounding"
            self.complaints.warning(Code.DOUBLES, comparison.span, message, "`between`, `gte` or `lte`",
                                    "a column of type decimal adds up exactly")  # fmt: skip

    def related_or_event(self, kind: str, name: Scalar, scope: EntityScope) -> Event | Related:
        """The event or related relation of a name."""
        entity = scope.entity
        found: Event | Related | None
        if kind == "event":
            found = entity.event(name.text)
            elsewhere = entity.related_rows(name.text) is not None
            names, what = [event.name for event in entity.events], "an event"
        else:
            found = entity.related_rows(name.text)
            elsewhere = entity.event(name.text) is not None
            names, what = [rows.name for rows in entity.related], "a related relation"
        if found is None:
            if (entity.name, f"{kind} {name.text}") in self.catalog.broken:
                raise RejectedError
            hint = ""
            if elsewhere:
                hint = f"it is declared under `{'related' if kind == 'event' else 'events'}`: write " + (
                    f"`{'related' if kind == 'event' else 'event'}: {name.text}`"
                )
            self.complaints.reject_unknown(name.text, name.span, f"{what} of {entity.name}", names, hint)
        return found

    def rows_of(
        self,
        kind: str,
        name: Scalar,
        where: syntax.Condition | None,
        window: syntax.Window | None,
        window_span: Span | None,
        scope: EntityScope,
        uses: Uses,
    ) -> tuple[Rows, RowScope]:
        """The rows that a condition or trait looks at, and the scope of their properties."""
        source = self.related_or_event(kind, name, scope)
        rows_scope = RowScope(scope.entity, source, self.catalog, self.complaints)
        predicate: Predicate | None = None
        failed = False
        if where is not None:
            try:
                predicate = self.condition(where, rows_scope, uses)
            except RejectedError:
                failed = True
        interval: Interval | None = None
        if window is not None and window_span is not None:
            interval = self.times.window(window, window_span)
        if failed:
            raise RejectedError
        return Rows("event" if kind == "event" else "related", source.name, predicate, interval), rows_scope

    def rows(self, node: syntax.RowsCondition, scope: EntityScope, uses: Uses) -> Predicate:
        """A condition on rows: a measure compared to values, by default that there is a row."""
        rows, row_scope = self.rows_of(node.kind, node.name, node.where, node.window, node.window_span, scope, uses)
        measure = node.measure
        if node.missing is not None and (measure is None or measure.row.name in NEVER_MISSING):
            name = measure.row.name if measure is not None else "count"
            message = f"the {name} of no rows is 0, and never missing"
            self.complaints.reject(Code.NO_MISSING, node.span, message, "`missing` beside avg, min, max, first or last")
        if measure is None:
            return ir.Compare(Measured(rows, ir.Count(), DataType.INTEGER), "gte", 1)
        if measure.where is not None:
            edge: OneWordOf["first", "last"] = "first" if measure.row.name == "first" else "last"
            made: Predicate = ir.RowHolds(rows, edge, self.condition(measure.where, row_scope, uses))
            time = Measured(rows, ir.EdgeTime(edge), DataType.TIMESTAMP)
            return Or((made, ir.IsMissing(time))) if node.missing == "matches" else made
        subject = self.measured(rows, measure.row, measure.of, measure.span, row_scope)
        bounds: list[Predicate] = []
        for bound in measure.bounds:
            self.check_exists(subject, bound, node)
            title = measure.row.name
            bounds.append(self.comparer.predicate(subject, bound, None, uses, title=title))
            self.warn_of_doubles(is_computed_double(subject), bound, title)
        self.check_possible(tuple(bounds), measure.bounds, range_of_measure(subject), measure.row.name, node.missing)
        if node.missing is None or len(bounds) == 1:
            return with_missing(all_of(tuple(bounds)), node.missing, (subject,))
        if node.missing == "fails":
            return And((*bounds, Not(ir.IsMissing(subject))))
        return Or((And(tuple(bounds)), ir.IsMissing(subject)))

    def check_exists(self, subject: Measured, bound: syntax.Comparison, node: syntax.RowsCondition) -> None:
        """Refuse `exists` of what always exists, and beside `missing`."""
        if bound.operator.name != "exists":
            return
        if node.missing is not None:
            message = "`missing` contradicts `exists`, which asks for it"
            self.complaints.reject(Code.NO_MISSING, node.span, message, "one of them")
        match subject.measure:
            case ir.Count() | ir.Days():
                message = "a number of rows always exists"
                self.complaints.reject(Code.NO_MISSING, bound.span, message, "`count: {gte: 1}` or `count: 0`")
            case ir.Aggregate("distinct" | "sum" as function, of) if function == "distinct" or of.type is not DataType.NUMBER:
                message = f"the {function} of no rows is 0, and never missing"
                self.complaints.reject(Code.NO_MISSING, bound.span, message, "`count: {gte: 1}` or `count: 0`")
            case _:
                pass

    def measured(
        self, rows: Rows, row: MeasureRow, of: Scalar | None, span: Span, scope: RowScope
    ) -> Measured:
        """A measure over rows as a value. `of` None is rows themselves, or the time of the first or last one."""
        if of is None:
            match row.name:
                case "count":
                    return Measured(rows, ir.Count(), DataType.INTEGER)
                case "days":
                    return Measured(rows, ir.Days(), DataType.INTEGER)
                case _:
                    # An instant, also of rows that hold days only: then it is a local midnight.
                    return Measured(rows, ir.EdgeTime("first" if row.name == "first" else "last"), DataType.TIMESTAMP)
        field = scope.property(of)
        if field.type not in row.types:
            message = f"`{row.name}` does not go with `{of.text}`, which is {type_name(field)}"
            valid = [other.name for other in MEASURES.values() if field.type in other.types]
            self.complaints.reject(Code.MEASURE_TYPE, span, message, choices(valid))
        match row.name:
            case "count":
                return Measured(rows, ir.Count(field), DataType.INTEGER)
            case "sum":
                return Measured(rows, ir.Aggregate("sum", field), field.type)
            case "avg":
                return Measured(rows, ir.Aggregate("avg", field), DataType.NUMBER)
            case "min":
                return Measured(rows, ir.Aggregate("min", field), field.type)
            case "max":
                return Measured(rows, ir.Aggregate("max", field), field.type)
            case "distinct":
                return Measured(rows, ir.Aggregate("distinct", field), DataType.INTEGER)
            case "first":
                return Measured(rows, ir.EdgeValue("first", field), field.type)
            case "last":
                return Measured(rows, ir.EdgeValue("last", field), field.type)
            case "most_frequent":
                return Measured(rows, ir.MostFrequent(field), field.type)
            case "days":
                return Measured(rows, ir.Days(), DataType.INTEGER)
            case _:
                assert_never(row.name)

    def sequence(self, node: syntax.SequenceCondition, scope: EntityScope, uses: Uses) -> Predicate:
        """Steps in order."""
        steps: list[ir.Step] = []
        positive: RowScope | None = None
        failed = False
        for step in node.steps:
            try:
                rows, row_scope = self.rows_of("event", step.event, step.where, None, None, scope, uses)
                same = tuple(self.same(name, row_scope, positive) for name in step.same)
                steps.append(ir.Step(rows.name, rows.where, step.negative, step.within, same))
                if not step.negative:
                    positive = row_scope
            except RejectedError:
                failed = True
        if failed:
            raise RejectedError
        interval: Interval | None = None
        if node.window is not None and node.window_span is not None:
            interval = self.times.window(node.window, node.window_span)
        return ir.Sequence(tuple(steps), interval)

    def same(self, name: Scalar, scope: RowScope, positive: RowScope | None) -> ir.Field:
        """A property that a step shares with the last positive step."""
        field = scope.property(name)
        if positive is not None and positive.property(name).type is not field.type:
            message = f"`{name.text}` has another type in {positive.title}"
            self.complaints.reject(Code.UNLIKE_TYPES, name.span, message, "two properties of one type")
        if field.type is DataType.STRING_LIST:
            message = f"`{name.text}` is a list, and lists are not compared"
            self.complaints.reject(Code.UNLIKE_TYPES, name.span, message, "a property with a single value")
        return field

    def segment(self, node: syntax.SegmentCondition, scope: EntityScope, uses: Uses) -> Predicate:
        """Membership of another segment, of this entity or behind a lookup."""
        through, _, name = node.name.text.rpartition(".")
        if through:
            signature = self.references.behind(node.name, through, name, scope)
        else:
            signature = self.references.of_entity(node.name, scope.entity.name, self.references.reached(scope.entity))
        uses.segments.setdefault(signature.name, node.name.span)
        return ir.MemberOf(signature.name, node.entered_within, node.held_for, through or None)

    def inline(self, name: Scalar, scope: EntityScope, uses: Uses) -> Predicate:
        """What a named condition stands for."""
        declaration = self.named.get(name.text)
        if declaration is None:
            names = [other.name.text for other in self.named.values() if other.entity.text == scope.entity.name]
            self.complaints.reject_unknown(name.text, name.span, "a named condition", names)
        if declaration.entity.text != scope.entity.name:
            message = f"`{name.text}` is a condition of {declaration.entity.text}, not of {scope.entity.name}"
            self.complaints.reject(Code.OTHER_ENTITY, name.span, message, f"a condition of {scope.entity.name}")
        if name.text in self.being_inlined:
            path = [*self.being_inlined[self.being_inlined.index(name.text) :], name.text]
            message = "conditions lead back to where they began: " + " -> ".join(path)
            self.complaints.reject(Code.CYCLE, name.span, message, "conditions that end somewhere")
        if name.text not in self.inlined:
            self.check_level(1, name.span)
            self.inlined[name.text] = self.bound_once(declaration, scope)
        found = self.inlined[name.text]
        if found is None:
            raise RejectedError
        self.check_level(found.levels, name.span)
        uses.add(found.uses)
        return found.predicate

    def bound_once(self, declaration: syntax.ConditionDeclaration, scope: EntityScope) -> Inlined | None:
        """A named condition as a predicate; None when it is wrong."""
        if declaration.when is None:
            return None
        own = Uses()
        deepest_around, self.deepest = self.deepest, self.level + 1
        self.level += 1
        self.being_inlined.append(declaration.name.text)
        try:
            predicate = self.condition(declaration.when, scope, own)
        except RejectedError:
            return None
        finally:
            self.level -= 1
            levels = self.deepest - self.level
            self.deepest = deepest_around
            self.being_inlined.pop()
        size = self.size(declaration.when)
        if size > MOST_NODES:
            message = f"`{declaration.name.text}` stands for more than {MOST_NODES} conditions"
            self.complaints.error(Code.TOO_LARGE, declaration.name.span, message)
            return None
        return Inlined(predicate, own, size, levels)

    def size(self, node: syntax.Condition) -> int:
        """How many conditions a condition stands for, named ones put in place."""
        match node:
            case syntax.Combined(_, items):
                return 1 + sum(self.size(item) for item in items)
            case syntax.NamedCondition(name):
                found = self.inlined.get(name.text)
                return found.size if found is not None else 1
            case _:
                return 1


def range_of_measure(subject: Measured) -> Range:
    """The numbers that a measure can be."""
    match subject.measure:
        case ir.Count() | ir.Days() | ir.Aggregate("distinct"):
            return COUNT
        case _:
            return Range(is_whole=subject.type is DataType.INTEGER)


def is_computed_double(subject: Measured) -> bool:
    """Whether a value is a sum or an average of doubles. An average of exact numbers is compared exactly."""
    return (
        isinstance(subject.measure, ir.Aggregate)
        and subject.measure.of.type is DataType.NUMBER
        and subject.measure.function in ("sum", "avg")
    )


