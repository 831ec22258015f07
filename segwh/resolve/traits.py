"""The binding of traits: first what is known of each by its form (signatures), then what it means."""

from __future__ import annotations

from collections.abc import Mapping
from decimal import Decimal
from typing import assert_never

from segwh import ir
from segwh.catalog.load import LoadedCatalog, is_taken_by_facts
from segwh.catalog.model import Entity, Event, Related
from segwh.ir import RFM_PART_TYPES, Formula, Trait
from segwh.resolve.conditions import ConditionBinder
from segwh.resolve.contradictions import warn_of_slips
from segwh.resolve.formula import FormulaError, parse_formula
from segwh.resolve.possible import COUNT, Range
from segwh.resolve.scope import EntityScope, TraitSignature, Uses, field_of, type_name
from segwh.rules import syntax
from segwh.text.diagnostics import Code, Complaints, RejectedError
from segwh.text.source import Scalar, Span
from segwh.types import DataType


def signature_of(declaration: syntax.TraitDeclaration, entity: Entity) -> TraitSignature:
    """What is known of a trait before it is bound."""
    name = declaration.name.text
    match declaration.definition:
        case None:
            return TraitSignature(name, None)
        case syntax.FormulaTrait():
            return TraitSignature(name, DataType.NUMBER, is_computed_double=True)
        case syntax.PointsTrait(entries):
            whole = all(isinstance(points, int) for _, points in entries)
            return TraitSignature(name, DataType.INTEGER if whole else DataType.DECIMAL)
        case syntax.StagesTrait(stages):
            return TraitSignature(name, DataType.STRING, values=tuple(stage.text for stage, _ in stages))
        case syntax.RfmTrait():
            return rfm_signature(name, declaration.definition, entity)
        case syntax.MeasureTrait():
            return measure_signature(name, declaration.definition, entity)
        case _:
            assert_never(declaration.definition)


def rfm_signature(name: str, definition: syntax.RfmTrait, entity: Entity) -> TraitSignature:
    """The parts of an RFM trait; the monetary one has the exact type of its property where it has one."""
    event = entity.event(definition.event.text)
    value = field_of(definition.value.text, event.properties, event.lookups) if event is not None else None
    parts = dict(RFM_PART_TYPES)
    if value is not None and value.type in (DataType.INTEGER, DataType.DECIMAL):
        parts["monetary"] = value.type
    cells = {"name": tuple(cell.name for cell in definition.named)} if definition.named else {}
    double = value is not None and value.type is DataType.NUMBER
    ranges: dict[str | None, Range] = {
        "recency": Range(least=0, is_whole=True),
        "frequency": Range(least=1, is_whole=True),
        "recency_score": Range(1, definition.recency.scores, is_whole=True),
        "frequency_score": Range(1, definition.frequency.scores, is_whole=True),
        "monetary_score": Range(1, definition.monetary.scores, is_whole=True),
    }
    return TraitSignature(name, DataType.STRING, parts, part_values=cells, is_computed_double=double, ranges=ranges)


def measure_signature(name: str, definition: syntax.MeasureTrait, entity: Entity) -> TraitSignature:
    """The type of a measure; unknown where its rows or its property are."""
    source: Event | Related | None
    rows = definition.rows.text
    source = entity.event(rows) if definition.kind == "event" else entity.related_rows(rows)
    if source is None:
        return TraitSignature(name, None)
    measure = definition.row.name
    if definition.of is None or measure in ("count", "days", "distinct"):
        return TraitSignature(name, DataType.INTEGER, ranges={None: COUNT})
    field = field_of(definition.of.text, source.properties, source.lookups)
    if is_row_time(definition.of, measure, source):
        return TraitSignature(name, DataType.TIMESTAMP if isinstance(source, Event) else None)
    if field is None:
        return TraitSignature(name, None)
    double = measure in ("avg", "sum") and field.type is DataType.NUMBER
    return TraitSignature(name, DataType.NUMBER if measure == "avg" else field.type, is_computed_double=double)


def is_row_time(of: Scalar, measure: str, source: Event | Related) -> bool:
    """Whether `first: time` or `last: time` asks for the time of the row: it does unless a property has that name."""
    return of.text == "time" and measure in ("first", "last") and source.property("time") is None


class TraitBinder:
    """Binds traits."""

    def __init__(self, conditions: ConditionBinder, complaints: Complaints) -> None:
        self.conditions = conditions
        self.complaints = complaints

    def trait(self, declaration: syntax.TraitDeclaration, scope: EntityScope, uses: Uses) -> Trait:
        """One trait. Raises RejectedError after complaining."""
        definition = declaration.definition
        if definition is None:
            raise RejectedError
        bound, type_ = self.definition(definition, scope, uses)
        return Trait(
            declaration.name.text, scope.entity.name, type_, bound, declaration.description, declaration.name.span
        )

    def definition(
        self, definition: syntax.TraitDefinition, scope: EntityScope, uses: Uses
    ) -> tuple[ir.Measured | Formula | ir.Points | ir.Stages | ir.Rfm, DataType]:
        """What a trait means, and its type."""
        match definition:
            case syntax.MeasureTrait():
                measured = self.measure(definition, scope, uses)
                return measured, measured.type
            case syntax.FormulaTrait(formula):
                return self.formula(formula, scope, uses), DataType.NUMBER
            case syntax.PointsTrait():
                return self.points(definition, scope, uses)
            case syntax.StagesTrait():
                return self.stages(definition, scope, uses), DataType.STRING
            case syntax.RfmTrait():
                return self.rfm(definition, scope, uses), DataType.STRING
            case _:
                assert_never(definition)

    def measure(self, node: syntax.MeasureTrait, scope: EntityScope, uses: Uses) -> ir.Measured:
        """A measure over rows."""
        rows, row_scope = self.conditions.rows_of(
            node.kind, node.rows, node.where, node.window, node.window_span, scope, uses
        )
        self.warn_of_where(node.where, rows)
        of = node.of
        if of is not None and is_row_time(of, node.row.name, row_scope.rows):
            of = None
        return self.conditions.measured(rows, node.row, of, node.span, row_scope)

    def warn_of_where(self, node: syntax.Condition | None, rows: ir.Rows) -> None:
        """Warn of a condition that no row meets: as of a part, for the trait has a value of everyone."""
        if node is not None and rows.where is not None:
            warn_of_slips(ir.Not(rows.where), node.span, self.complaints)

    def formula(self, written: Scalar, scope: EntityScope, uses: Uses) -> Formula:
        """Arithmetic over numeric attributes and traits."""

        def named(name: str, position: int) -> Formula:
            place = Scalar(name, True, written.file, *self.part(written, position, len(name)))
            operand = scope.operand(place, uses)
            if not operand.type.is_numeric or isinstance(operand, ir.Measured):
                message = f"`{name}` is {type_name(operand)}"
                self.complaints.reject(Code.BAD_FORMULA, place.span, message, "a numeric attribute or trait")
            return operand

        try:
            return parse_formula(written.text, named)
        except FormulaError as error:
            start, end = self.part(written, error.position, 1)
            span = Span(written.file, start[0] + 1, start[1] + 1, end[0] + 1, end[1] + 1)
            expected = "numbers, attributes, traits, + - * / and ( )"
            self.complaints.reject(Code.BAD_FORMULA, span, error.message, expected)

    def part(self, written: Scalar, position: int, length: int) -> tuple[tuple[int, int], tuple[int, int]]:
        """The place of a part of a text; of the whole text where that is not plain and in one line."""
        if not written.plain or written.start[0] != written.end[0]:
            return written.start, written.end
        line, column = written.start
        return (line, column + position), (line, column + position + length)

    def points(self, node: syntax.PointsTrait, scope: EntityScope, uses: Uses) -> tuple[ir.Points, DataType]:
        """A score."""
        entries: list[tuple[ir.Predicate, Decimal]] = []
        failed = False
        for when, points in node.entries:
            try:
                entries.append((self.when(when, scope, uses), Decimal(points)))
            except RejectedError:
                failed = True
        if failed:
            raise RejectedError
        whole = all(isinstance(points, int) for _, points in node.entries)
        return ir.Points(tuple(entries)), DataType.INTEGER if whole else DataType.DECIMAL

    def stages(self, node: syntax.StagesTrait, scope: EntityScope, uses: Uses) -> ir.Stages:
        """A life cycle."""
        entries: list[tuple[str, ir.Predicate]] = []
        failed = False
        for name, when in node.entries:
            try:
                entries.append((name.text, self.when(when, scope, uses) if when else ir.Everyone()))
            except RejectedError:
                failed = True
        if failed:
            raise RejectedError
        return ir.Stages(tuple(entries))

    def when(self, node: syntax.Condition, scope: EntityScope, uses: Uses) -> ir.Predicate:
        """The condition of points or of a stage, with a warning if nobody meets it."""
        made = self.conditions.condition(node, scope, uses)
        warn_of_slips(made, node.span, self.complaints)
        return made

    def rfm(self, node: syntax.RfmTrait, scope: EntityScope, uses: Uses) -> ir.Rfm:
        """Recency, frequency and monetary value."""
        rows, row_scope = self.conditions.rows_of("event", node.event, node.where, node.window, node.window_span, scope, uses)
        self.warn_of_where(node.where, rows)
        value = row_scope.property(node.value)
        if not value.type.is_numeric:
            message = f"`{node.value.text}` is {type_name(value)}"
            self.complaints.reject(Code.MEASURE_TYPE, node.value.span, message, "a number to add up")
        scorings = (scoring(node.recency), scoring(node.frequency), scoring(node.monetary))
        named = tuple(ir.RfmName(cell.name, cell.r, cell.f, cell.m) for cell in node.named)
        return ir.Rfm(rows, value, *scorings, named=named)


def scoring(node: syntax.ScoringSyntax) -> ir.Scoring:
    """How a measure becomes a score."""
    return ir.Scoring(node.scores, node.method, tuple(Decimal(cut) for cut in node.cuts))


def trait_signatures(
    declarations: tuple[syntax.TraitDeclaration, ...], catalog: LoadedCatalog, complaints: Complaints
) -> Mapping[str, Mapping[str, TraitSignature]]:
    """Signatures by entity and name; names that are taken already are complained about."""
    made: dict[str, dict[str, TraitSignature]] = {name: {} for name in catalog.entities}
    for declaration in declarations:
        entity = catalog.entities.get(declaration.entity.text)
        if entity is None:
            if (declaration.entity.text,) not in catalog.broken:
                try:
                    complaints.reject_unknown(
                        declaration.entity.text, declaration.entity.span, "an entity", catalog.entities
                    )
                except RejectedError:
                    continue
            continue
        name = declaration.name
        taken = made[entity.name]
        if name.text in taken:
            message = f"the trait `{name.text}` of {entity.name} is declared twice"
            complaints.error(Code.DUPLICATE_NAME, name.span, message, "each name once")
        elif entity.attribute(name.text) is not None or entity.lookup(name.text) is not None:
            message = f"`{name.text}` is an attribute or lookup of {entity.name} already"
            complaints.error(Code.DUPLICATE_NAME, name.span, message, "another name: attributes and traits share one namespace")
        elif is_taken_by_facts(name.text):
            message = f"the trait `{name.text}` bears the name of a column of the compiled tables"
            complaints.error(Code.RESERVED_COLUMN, name.span, message, "another name")
        else:
            taken[name.text] = signature_of(declaration, entity)
    return made


