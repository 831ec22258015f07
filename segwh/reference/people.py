"""Conditions and traits of entities at one moment: operands to values, predicates to true or false."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from datetime import datetime
from decimal import Decimal
from typing import assert_never

from segwh import ir
from segwh.catalog.model import Entity, Event, Related
from segwh.reference.measures import measured
from segwh.reference.predicates import compared, passes
from segwh.reference.records import Record, Warehouse
from segwh.reference.sequences import passes_steps
from segwh.reference.traits import Activity, formula, rfm
from segwh.reference.values import Key, Number, Value, shown
from segwh.reference.windows import lies_in

MemberTest = Callable[[ir.MemberOf, Record], bool]


class People:
    """The entities of one kind that exist at as-of, what is true of each, and the value of each trait.

    Answers are remembered, nothing else is clever.
    """

    def __init__(self, project: ir.Project, entity: Entity, warehouse: Warehouse, is_member: MemberTest) -> None:
        self.project = project
        self.entity = entity
        self.warehouse = warehouse
        self.moment = warehouse.moment
        self.is_member = is_member
        self.records = warehouse.entities(entity)
        self._rows: dict[tuple[str, str], dict[Key, list[Record]]] = {}
        self._traits: dict[tuple[str, Key], Value] = {}
        self._rfm: dict[str, dict[Key, dict[str, Value]]] = {}

    def of_key(self, key: Value) -> Record | None:
        """The entity of a key, if it exists."""
        return next((record for record in self.records if record.key == key), None)

    def holds(self, predicate: ir.Predicate, record: Record) -> bool:
        """Whether a predicate is true of a record: of an entity, or of one of its rows."""
        match predicate:
            case ir.Everyone():
                return True
            case ir.And(items):
                return all(self.holds(item, record) for item in items)
            case ir.Or(items):
                return any(self.holds(item, record) for item in items)
            case ir.Not(item):
                return not self.holds(item, record)
            case ir.AtLeast(count, items):
                return sum(self.holds(item, record) for item in items) >= count
            case ir.CompareFields(subject, operator, other, ignore_case):
                left, right = shown(self.value(subject, record)), shown(self.value(other, record))
                return compared(operator, left, right, ignore_case, self.moment)
            case ir.OneOfRelation(subject, relation, column, ignore_case):
                value = self.value(subject, record)
                listed = self.warehouse.keys(relation, column)
                return any(compared("is", value, one, ignore_case, self.moment) for one in listed)
            case ir.RowHolds(rows, edge, where):
                found = self.rows(rows, record)
                return bool(found) and self.holds(where, found[0 if edge == "first" else -1])
            case ir.Sequence():
                return self._passes_sequence(predicate, record)
            case ir.MemberOf():
                return self.is_member(predicate, record)
            case _:
                return passes(predicate, self.value(predicate.subject, record), self.moment)

    def value(self, operand: ir.Operand, record: Record) -> Value:
        """What an operand is for a record; missing is None."""
        match operand:
            case ir.Field(name, _, lookup):
                return self.warehouse.field(record, name, lookup)
            case ir.TraitValue(trait, _, part):
                return self.trait(self.project.trait(self.entity.name, trait), part, record)
            case ir.Measured(rows, measure, _):
                return measured(measure, self.rows(rows, record), self.value, self.moment)
            case _:
                assert_never(operand)

    def source(self, kind: str, name: str) -> Event | Related:
        """The event or related relation of that name."""
        found = self.entity.event(name) if kind == "event" else self.entity.related_rows(name)
        assert found is not None
        return found

    def rows(self, rows: ir.Rows, record: Record) -> list[Record]:
        """An entity's rows that lie in the window and pass `where`, in the order of law 15."""
        return [
            row
            for row in self._all_rows(self.source(rows.kind, rows.name)).get(record.key, ())
            if (rows.window is None or (row.time is not None and lies_in(row.time, rows.window, self.moment)))
            and (rows.where is None or self.holds(rows.where, row))
        ]

    def _all_rows(self, of: Event | Related) -> dict[Key, list[Record]]:
        place = (type(of).__name__, of.name)
        if place not in self._rows:
            by_key: dict[Key, list[Record]] = {}
            for row in self.warehouse.events(of) if isinstance(of, Event) else self.warehouse.related(of):
                by_key.setdefault(row.key, []).append(row)
            self._rows[place] = by_key
        return self._rows[place]

    def _passes_sequence(self, sequence: ir.Sequence, record: Record) -> bool:
        def rows_of(step: ir.Step) -> Sequence[Record]:
            return self.rows(ir.Rows("event", step.event, step.where, sequence.window), record)

        return passes_steps(sequence.steps, None, rows_of, self.value, self.moment)

    def trait(self, trait: ir.Trait, part: str | None, record: Record) -> Value:
        """The value of a trait, or of a part of an rfm trait."""
        if isinstance(trait.definition, ir.Rfm):
            assert part is not None
            return self.rfm(trait, trait.definition).get(record.key, {}).get(part)
        place = (trait.name, record.key)
        if place not in self._traits:
            self._traits[place] = self._defined(trait, record)
        return self._traits[place]

    def _defined(self, trait: ir.Trait, record: Record) -> Value:
        match trait.definition:
            case ir.Measured():
                return self.value(trait.definition, record)
            case ir.Arithmetic() | ir.Constant() | ir.Field() | ir.TraitValue():
                return formula(trait.definition, lambda operand: self.value(operand, record))
            case ir.Points(entries):
                return sum((points for predicate, points in entries if self.holds(predicate, record)), Decimal(0))
            case ir.Stages(stages):
                return next((name for name, predicate in stages if self.holds(predicate, record)), None)
            case ir.Rfm():
                raise TypeError("an rfm trait has parts")
            case _:
                assert_never(trait.definition)

    def rfm(self, trait: ir.Trait, definition: ir.Rfm) -> dict[Key, dict[str, Value]]:
        """The parts of an rfm trait of every entity that has a row."""
        if trait.name not in self._rfm:
            activity = {record.key: one for record in self.records if (one := self._activity(definition, record)) is not None}
            self._rfm[trait.name] = rfm(definition, activity, self.moment.as_of)
        return self._rfm[trait.name]

    def _activity(self, definition: ir.Rfm, record: Record) -> Activity | None:
        last = self.value(_measured(definition, ir.EdgeTime("last")), record)
        frequency = self.value(_measured(definition, ir.Count()), record)
        monetary = self.value(_measured(definition, ir.Aggregate("sum", definition.value)), record)
        if last is None:
            return None
        assert isinstance(last, datetime)
        assert isinstance(frequency, int)
        assert monetary is None or isinstance(monetary, Number)
        return Activity(last, frequency, monetary)


def _measured(definition: ir.Rfm, measure: ir.Measure) -> ir.Measured:
    return ir.Measured(definition.rows, measure, definition.value.type)
