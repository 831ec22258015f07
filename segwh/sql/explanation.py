"""Explanation: one statement that asks of one member every step and every condition of a segment's rule, with the values."""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterator, Mapping
from dataclasses import dataclass, replace
from datetime import datetime
from decimal import Decimal
from typing import Literal

from sqlglot import exp

from segwh import ir
from segwh.plan.build import build
from segwh.plan.nodes import SegmentPlan
from segwh.plan.prune import pruned
from segwh.semantics import Interval
from segwh.sql.compile import Before, RelationNames, complete, with_facts
from segwh.sql.dialects.base import SqlDialect
from segwh.sql.flags import is_within_limit
from segwh.sql.holes import Facts, Holes
from segwh.sql.measures import alias
from segwh.sql.people import Person
from segwh.sql.predicates import certain, either, negated, one_if
from segwh.sql.preview import thawed
from segwh.sql.render import sealed
from segwh.sql.scans import Source
from segwh.types import DataType

StepKind = Literal[
    "time_to_live", "include", "exclude", "suppressed", "stay", "priority", "limit", "always", "whole", "bucket", "value"
]
KEY, IS_MEMBER = "entity_key", "is_member"


@dataclass(frozen=True, slots=True)
class Condition:
    """A predicate, the column that says whether it holds (1 or 0), and what it is made of.

    `values` are the operands that it looks at with their columns; `parts` the predicates that it joins. Of a sequence the parts
    are its beginnings, the whole at last, each with the time of the last row that its newest step could take.
    """

    predicate: ir.Predicate
    column: str
    values: tuple[tuple[ir.Operand, str], ...] = ()
    parts: tuple[Condition, ...] = ()


@dataclass(frozen=True, slots=True)
class Step:
    """A step of the rule. `column` is 1 where it lets the row pass; `names` are the segments that it is about.

    Of `always` 1 means that the member is listed, whatever the other steps say.
    """

    kind: StepKind
    column: str
    rule: ir.Rule | None = None
    condition: Condition | None = None
    names: tuple[str, ...] = ()
    value: str = ""
    """The column of what was looked at, where that is no condition's operand: when the entity was created."""
    group: str = ""
    """Of a limit for each group the column of the entity's own."""
    asked: str = ""
    """Of a limit the column that is 1 where it is asked at all: of who passes the other steps."""
    stands: str = ""
    """Of a limit of values the column that is 1 for the entity that stands for its value: the others compete by its row."""


@dataclass(frozen=True, slots=True)
class Explanation:
    """`sql` gives a row for each entity with the key (or the value that the segment aggregates on): KEY, IS_MEMBER (1 or 0) and
    the columns of the steps, in the order in which they are asked.
    """

    sql: str
    steps: tuple[Step, ...]
    columns: tuple[str, ...]


def explanation_query(
    project: ir.Project,
    segment: str,
    key: str | int,
    as_of: datetime,
    dialect: SqlDialect,
    relation_names: RelationNames,
    before: Before | None = None,
    rule_hashes: Mapping[str, str] | None = None,
    in_utc: Collection[str] = (),
) -> Explanation:
    """The statement that explains one member at `as_of` (aware). Raises KeyError for an unknown segment.

    As in a preview the segment is asked by its rule even if it is frozen, inactive or expired. `in_utc`: see with_facts.
    """
    warm = thawed(project, segment, ())
    plan = build(_with_answers(pruned(warm, [segment]), segment), rule_hashes or {}, flagged=[segment])
    entity = plan.entity(warm.segment(segment).entity)
    one = entity.segment(segment)
    assert one is not None
    assert one.flag is not None
    holes = Holes()
    source = Source(dialect, plan.project.settings.calendar, holes)
    person = Person(entity, plan.project, source)
    asked = _Asked(person)
    steps = asked.steps(one)
    on = one.segment.aggregate_on
    value, kind = (person.key, entity.entity.key.type) if on is None else (person.operand(on), on.type)
    # asked as text where it is no number: that has the same form on every engine
    literal = dialect.number(key) if isinstance(key, int) else dialect.string(key)
    value = value if kind is DataType.INTEGER else dialect.cast(value, DataType.STRING)
    query = exp.select(
        alias(person.key, KEY, dialect), alias(one_if(person.flag(one.flag)), IS_MEMBER, dialect), *asked.selected, copy=False
    )
    query = query.from_(holes.table(Facts(entity.entity.name), "facts"), copy=False)
    query = query.where(exp.EQ(this=value, expression=literal), copy=False)
    order = exp.Ordered(this=dialect.by_bytes(person.key.copy(), entity.entity.key.type), nulls_first=True)
    tree = with_facts(query.order_by(order, copy=False), [entity], plan, source, in_utc)
    columns = (KEY, IS_MEMBER, *(column.alias for column in asked.selected))
    return Explanation(complete(sealed(tree, holes), plan, as_of, dialect, relation_names, before), steps, columns)


def _with_answers(project: ir.Project, name: str) -> ir.Project:
    """The project with columns for what answers a segment's conditions on rows: a trait that nobody sees reads them."""
    segment = project.segment(name)
    rules = () if segment.variant_of is not None else (*segment.include, *segment.exclude)
    read = tuple((predicate, Decimal(0)) for rule in rules for predicate in _answers(rule.predicate))
    if not read:
        return project
    trait = ir.Trait("explained__rows", segment.entity, DataType.DECIMAL, ir.Points(read))
    return replace(project, traits=(*project.traits, trait))


def _answers(predicate: ir.Predicate) -> Iterator[ir.Predicate]:
    """What is shown of the conditions on rows in a predicate, each as a predicate that reads it."""
    match predicate:
        case ir.And(items) | ir.Or(items) | ir.AtLeast(_, items):
            for item in items:
                yield from _answers(item)
        case ir.Not(item):
            yield from _answers(item)
        case ir.RowHolds():
            yield from (ir.IsMissing(operand) for operand in _looked_at(predicate))
        case ir.Sequence(_, window):
            for beginning in _beginnings(predicate):
                yield beginning
                yield ir.IsMissing(_last_time(beginning.steps[-1], window))


def _looked_at(predicate: ir.Predicate) -> tuple[ir.Operand, ...]:
    """The operands of a predicate that is no combination; of a first or last row its time, then what is asked of it."""
    if not isinstance(predicate, ir.RowHolds):
        return tuple(dict.fromkeys(ir.operands(predicate)))
    rows, edge = predicate.rows, predicate.edge
    fields = dict.fromkeys(of for of in ir.operands(predicate.where) if isinstance(of, ir.Field))
    values = (ir.Measured(rows, ir.EdgeValue(edge, of), of.type) for of in fields)
    return (ir.Measured(rows, ir.EdgeTime(edge), DataType.TIMESTAMP), *values)


def _beginnings(sequence: ir.Sequence) -> tuple[ir.Sequence, ...]:
    """A sequence as far as each of its steps."""
    return tuple(replace(sequence, steps=sequence.steps[:number]) for number in range(1, len(sequence.steps) + 1))


def _last_time(step: ir.Step, window: Interval | None) -> ir.Measured:
    """When the last row was that a step could take if it stood alone."""
    return ir.Measured(ir.Rows("event", step.event, step.where, window), ir.EdgeTime("last"), DataType.TIMESTAMP)


class _Asked:
    """Collects the columns of the statement."""

    def __init__(self, person: Person) -> None:
        self.person = person
        self.selected: list[exp.Expr] = []
        self._values: dict[ir.Operand, str] = {}

    def steps(self, plan: SegmentPlan) -> tuple[Step, ...]:
        """The steps of a segment in their order."""
        segment, person, project = plan.segment, self.person, self.person.project
        found: list[Step] = []

        def step(kind: StepKind, passes: exp.Expr, **told: object) -> None:
            found.append(Step(kind, self._truth(passes), **told))  # type: ignore[arg-type]

        if segment.variant_of is not None:
            step("whole", person.flag(plan.parent or ""), names=(segment.variant_of[0],))
            step("bucket", person.in_buckets(plan), names=(segment.variant_of[1],))
            return tuple(found)
        if segment.always is not None:
            step("always", person.is_listed(plan))
        if segment.aggregate_on is not None:
            step("value", person.has_member(plan))
        if segment.time_to_live is not None:
            created = person.plan.created_at
            value = "" if created is None else self._selected("value", person.column(created))
            step("time_to_live", person.is_young(plan), value=value)
        for rule in segment.include:
            step("include", certain(rule.predicate, person.row), rule=rule, condition=self._condition(rule.predicate))
        for rule in segment.exclude:
            passes = negated(certain(rule.predicate, person.row))
            step("exclude", passes, rule=rule, condition=self._condition(rule.predicate))
        for name, flag in zip(project.suppressions(segment), plan.suppressed_by, strict=True):
            step("suppressed", negated(person.flag(flag)), names=(name,))
        if segment.stay is not None:
            step("stay", negated(person.is_kept_out(plan)))
        for name, flag in zip(project.earlier_in_group(segment.name), plan.earlier, strict=True):
            step("priority", negated(person.flag(flag)), names=(name,))
        if segment.limit is not None and plan.within_limit is not None:
            limit = segment.limit
            step(
                "limit",
                is_within_limit(plan, person),
                value=self._value(limit.by),
                group="" if limit.per is None else self._value(limit.per),
                asked=self._truth(person.flag(plan.eligible or "")),
                stands="" if plan.representative is None else self._truth(person.flag(plan.representative)),
            )
        return tuple(found)

    def _condition(self, predicate: ir.Predicate) -> Condition:
        column = self._truth(certain(predicate, self.person.row))
        match predicate:
            case ir.And(items) | ir.Or(items) | ir.AtLeast(_, items):
                return Condition(predicate, column, parts=tuple(self._condition(item) for item in items))
            case ir.Not(item):
                return Condition(predicate, column, parts=(self._condition(item),))
            case ir.Sequence():
                return Condition(predicate, column, parts=tuple(self._beginning(one) for one in _beginnings(predicate)))
            case _:
                values = tuple((operand, self._value(operand)) for operand in _looked_at(predicate))
                return Condition(predicate, column, values)

    def _beginning(self, sequence: ir.Sequence) -> Condition:
        last = _last_time(sequence.steps[-1], sequence.window)
        return Condition(sequence, self._truth(certain(sequence, self.person.row)), ((last, self._value(last)),))

    def _truth(self, condition: exp.Expr) -> str:
        return self._selected("holds", one_if(either(condition)))

    def _value(self, operand: ir.Operand) -> str:
        if operand not in self._values:
            mean = self.person.mean(operand)
            shown: Callable[[], exp.Expr] = lambda: self.person.operand(operand)  # noqa: E731
            if mean is None:
                value = shown()
            else:
                number = exp.Nullif(this=mean.number, expression=exp.Literal.number(0))
                double = self.person.source.dialect.double
                value = exp.Div(this=double(mean.total), expression=double(number))
            self._values[operand] = self._selected("value", value)
        return self._values[operand]

    def _selected(self, what: str, value: exp.Expr) -> str:
        name = f"{what}_{len(self.selected) + 1}"
        self.selected.append(alias(value.copy(), name, self.person.source.dialect))
        return name
