"""Bound rules in canonical form: lists that are equal exactly when the meaning is, for hashing."""

from __future__ import annotations

import json
from collections.abc import Iterable
from typing import Protocol, assert_never

from segwh import ir
from segwh.catalog.model import Column, Entity, Event, Related, TimeColumn, Validity, way
from segwh.semantics import Bound, Calendar, CalendarEdge, Duration, Fixed, Interval, Relative, Unit
from segwh.types import DataType

Form = str | int | bool | None | list["Form"]
Row = Entity | Event | Related


class Hashes(Protocol):
    """Where the forms of other traits and segments come from."""

    def member_of(self, node: ir.MemberOf) -> Form:
        """Membership of another segment."""

    def trait(self, entity: str, name: str) -> str:
        """The hash of a trait's definition."""


class EntityForms:
    """Canonical forms of the rules of one entity."""

    def __init__(self, hashes: Hashes, entity: Entity, calendar: Calendar) -> None:
        self.hashes = hashes
        self.entity = entity
        self.calendar = calendar

    # --- predicates ---

    def predicate(self, node: ir.Predicate, row: Row) -> Form:
        """The meaning of a predicate over a row of an entity, an event or a related relation."""
        match node:
            case ir.And(items):
                return self.all_of(items, row)
            case ir.Or(items):
                return self.any_of(items, row)
            case ir.AtLeast(count, items):
                return ["at_least", count, in_order(self.predicate(item, row) for item in items)]
            case ir.Not(item):
                return ["not", self.predicate(item, row)]
            case ir.Everyone():
                return ["everyone"]
            case ir.MemberOf():
                form = self.hashes.member_of(node)
                return form if node.through is None else ["through", self.lookup(node.through, self.entity), form]
            case ir.RowHolds(rows, edge, where):
                return ["row_holds", edge, self.rows(rows), self.predicate(where, self.source(rows))]
            case ir.Sequence(steps, window):
                return ["sequence", [self.step(step) for step in steps], self.interval(window)]
            case _:
                return self.test(node, row)

    def test(self, node: ir.Test, row: Row) -> Form:
        """The meaning of a test of one operand."""
        subject = self.operand(node.subject, row)
        match node:
            case ir.IsMissing():
                return ["is_missing", subject]
            case ir.IsEmpty():
                return ["is_empty", subject]
            case ir.OneOf(_, values, ignore_case):
                return ["one_of", subject, in_order(literal(value) for value in set(values)), ignore_case]
            case ir.OneOfRelation(_, relation, column, ignore_case):
                return ["one_of_relation", subject, str(relation), column, ignore_case]
            case ir.Compare(_, operator, value):
                return ["compare", subject, operator, literal(value)]
            case ir.TextMatch(_, how, text, ignore_case):
                return ["text", subject, how, text, ignore_case]
            case ir.Regex(_, pattern, ignore_case):
                return ["regex", subject, pattern, ignore_case]
            case ir.InInterval(_, interval):
                zone = self.zone() if node.subject.type is DataType.DATE else None
                return ["in_interval", subject, self.interval(interval), zone]
            case ir.DayOfYearBetween(_, first, last):
                return ["day_of_year", subject, *first, *last, self.zone()]
            case ir.DayOfYearWithinNext(_, days):
                return ["day_of_year_within_next", subject, days, self.zone()]
            case ir.DayOfWeekIn(_, days):
                return ["day_of_week", subject, self.zone(), *sorted(days)]
            case ir.HourBetween(_, first, last):
                return ["hour", subject, first, last, self.zone()]
            case ir.ListHas(_, how, values):
                return ["list_has", subject, how, *sorted(set(values))]
            case ir.ListSize(_, operator, value):
                return ["list_size", subject, operator, value]
            case ir.CompareFields(_, operator, other, ignore_case):
                mixed = node.subject.type is not other.type and other.type.is_temporal
                zone = self.zone() if mixed else None
                return ["compare_fields", subject, operator, self.operand(other, row), ignore_case, zone]
            case _:
                assert_never(node)

    def all_of(self, items: Iterable[ir.Predicate], row: Row) -> Form:
        """A conjunction, nested ones flattened, in an order of its own."""
        flat: list[Form] = []
        for item in items:
            form = self.predicate(item, row)
            flat += form[1:] if isinstance(form, list) and form[0] == "all" else [form]
        return joined("all", flat)

    def any_of(self, items: Iterable[ir.Predicate], row: Row) -> Form:
        """A disjunction, nested ones flattened, in an order of its own."""
        flat: list[Form] = []
        for item in items:
            form = self.predicate(item, row)
            flat += form[1:] if isinstance(form, list) and form[0] == "any" else [form]
        return joined("any", flat)

    def step(self, step: ir.Step) -> Form:
        """A step of a sequence."""
        rows = ir.Rows("event", step.event, step.where)
        event = self.source(rows)
        same = in_order(self.operand(field, event) for field in step.same)
        return [self.rows(rows), step.negative, self.duration(step.within), same]

    # --- operands ---

    def operand(self, node: ir.Operand, row: Row) -> Form:
        """The meaning of an operand: columns by what they are in the warehouse, traits by their definition."""
        match node:
            case ir.Field(name, _, through):
                if through is None:
                    return self.column(row.attribute(name) if isinstance(row, Entity) else row.property(name))
                lookup = row.lookup(through)
                return [self.lookup(through, row), self.column(lookup.property(name) if lookup else None)]
            case ir.TraitValue(trait, _, part):
                return ["trait", self.hashes.trait(self.entity.name, trait), part]
            case ir.Measured(rows, measure, _):
                return [self.rows(rows), self.measure(measure, self.source(rows))]
            case _:
                assert_never(node)

    def measure(self, node: ir.Measure, row: Row) -> Form:
        """The meaning of a measure over rows."""
        match node:
            case ir.Count(by):
                return ["count", self.operand(by, row) if by else None]
            case ir.Days():
                return ["days", self.zone()]
            case ir.Aggregate(function, of):
                return [function, self.operand(of, row)]
            case ir.EdgeTime(edge):
                return [edge]
            case ir.EdgeValue(edge, of):
                return [edge, self.operand(of, row)]
            case ir.MostFrequent(of):
                return ["most_frequent", self.operand(of, row)]
            case _:
                assert_never(node)

    def rows(self, rows: ir.Rows) -> Form:
        """The meaning of a set of rows."""
        source = self.source(rows)
        where = self.predicate(rows.where, source) if rows.where is not None else None
        if where == ["everyone"]:
            where = None
        if isinstance(source, Related):
            return ["related", str(source.relation), source.key, self.validity(source.validity), where]
        times = [self.time(source.time), self.time(source.loaded_at)]
        return ["event", str(source.relation), source.key, source.id, *times, where, self.interval(rows.window)]

    def source(self, rows: ir.Rows) -> Event | Related:
        """The event or related relation of rows. Raises KeyError."""
        found = self.entity.event(rows.name) if rows.kind == "event" else self.entity.related_rows(rows.name)
        if found is None:
            raise KeyError(rows.name)
        return found

    # --- traits ---

    def definition(self, trait: ir.Trait) -> Form:
        """The meaning of a trait."""
        entity = self.entity
        match trait.definition:
            case ir.Points(entries):
                added: list[Form] = [[self.predicate(when, entity), literal(points)] for when, points in entries]
                return ["points", sorted(added, key=text_of)]
            case ir.Stages(stages):
                return ["stages", [[name, self.predicate(when, entity)] for name, when in stages]]
            case ir.Rfm():
                return self.rfm(trait.definition)
            case ir.Measured():
                return self.operand(trait.definition, entity)
            case _:
                return self.formula(trait.definition)

    def formula(self, node: ir.Formula) -> Form:
        """The meaning of a formula."""
        match node:
            case ir.Arithmetic(operator, left, right):
                return [operator, self.formula(left), self.formula(right)]
            case ir.Constant(value):
                return literal(value)
            case _:
                return self.operand(node, self.entity)

    def rfm(self, node: ir.Rfm) -> Form:
        """The meaning of an RFM trait."""
        scorings: list[Form] = [
            [scoring.scores, scoring.method, [literal(cut) for cut in scoring.cuts]]
            for scoring in (node.recency, node.frequency, node.monetary)
        ]
        named: list[Form] = [
            [cell.name, *("" if scores is None else ",".join(map(str, scores)) for scores in (cell.r, cell.f, cell.m))]
            for cell in node.named
        ]
        return ["rfm", self.rows(node.rows), self.operand(node.value, self.source(node.rows)), scorings, named]

    # --- catalog ---

    def whole_entity(self) -> Form:
        """Which entities exist."""
        entity = self.entity
        return [str(entity.relation), self.column(entity.key), self.time(entity.created_at), self.validity(entity.validity)]

    def column(self, column: Column | None) -> Form:
        """A column as it is in the warehouse. Raises KeyError for one that is not declared."""
        if column is None:
            raise KeyError("an undeclared column")
        zone = self.entity.timezone if column.type is DataType.TIMESTAMP else None
        return [column.type.value, column.column, column.sql, zone]

    def lookup(self, name: str, row: Row) -> Form:
        """A many-to-one join, with those on the way to it. Raises KeyError for one that is not declared."""
        lookup = way(row, name)[-1]
        form: list[Form] = [str(lookup.relation), lookup.by, lookup.key, self.validity(lookup.validity)]
        return form if lookup.via is None else [*form, self.lookup(lookup.via, row)]

    def validity(self, validity: Validity | None) -> Form:
        """The columns that bound a row version."""
        return [validity.start, validity.end] if validity is not None else None

    def time(self, time: TimeColumn | None) -> Form:
        """A column that says when."""
        if time is None:
            return None
        zone = self.zone() if time.type is DataType.DATE else None
        return [time.column, time.type.value, time.timezone, zone]

    # --- time ---

    def zone(self) -> Form:
        """The project's time zone."""
        return self.calendar.timezone

    def duration(self, duration: Duration | None) -> Form:
        """A length of time; months and longer step on the local calendar."""
        if duration is None:
            return None
        return [duration.count, duration.unit.value, None if duration.unit.is_exact else self.zone()]

    def interval(self, interval: Interval | None) -> Form:
        """A stretch of time."""
        return [self.bound(interval.start), self.bound(interval.end)] if interval is not None else None

    def bound(self, bound: Bound | None) -> Form:
        """An edge of a stretch of time."""
        match bound:
            case None:
                return None
            case Fixed(at):
                return ["at", at.isoformat()]
            case Relative(shifts):
                return ["as_of", *([shift.sign, self.duration(shift.duration)] for shift in shifts)]
            case CalendarEdge(unit, offset):
                week = self.calendar.week_starts_on if unit is Unit.WEEKS else None
                return ["calendar", unit.value, offset, week, self.zone()]
            case _:
                assert_never(bound)


def literal(value: ir.Scalar) -> Form:
    """A literal; numbers by their value, apart from texts."""
    if isinstance(value, (str, bool)):
        return value
    if value == int(value):
        return ["number", str(int(value))]
    return ["number", format(value, "f").rstrip("0")]  # not `normalize`, which rounds to 28 digits


def text_of(form: Form) -> str:
    """A form as text, to put forms in order."""
    return json.dumps(form, ensure_ascii=True, separators=(",", ":"))


def in_order(forms: Iterable[Form]) -> list[Form]:
    """Forms in an order of their own."""
    return sorted(forms, key=text_of)


def joined(how: str, forms: list[Form]) -> Form:
    """A conjunction or disjunction of forms: each once, in an order of their own, one alone as itself."""
    distinct = {text_of(form): form for form in forms}
    if len(distinct) == 1:
        return next(iter(distinct.values()))
    return [how, *(distinct[key] for key in sorted(distinct))]
