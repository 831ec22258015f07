"""What explain says of members and of others, held against the members of a story."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from datetime import datetime
from itertools import product

from segwh import ir
from segwh.reference.predicates import compared
from segwh.reference.predicates import passes as passes_test
from segwh.reference.values import typed
from segwh.reference.windows import Moment
from segwh.sql.compile import Before
from segwh.sql.explanation import IS_MEMBER, Condition, explanation_query
from segwh.types import Relation
from tests.cases.compiled import grain_key
from tests.cases.engine import Engine
from tests.cases.tables import Table

RARE = ("stay", "variant_of", "always", "limit")
"""Options that few segments have, each with a step of its own."""


def explained(
    engine: Engine,
    project: ir.Project,
    members: Mapping[str, Sequence[str]],
    as_of: datetime,
    held: Mapping[Relation, Table],
    names: Mapping[Relation, str],
    before: Before | None,
    rule_hashes: Mapping[str, str],
) -> None:
    """Asks why a member is in a segment and why somebody else is not: of one segment, each time another one, and of the first
    with each kind of step that is rare.
    """
    asked = [project.segment(name) for name in members]
    asked = [one for one in asked if one.type == "dynamic" and one.status == "active" and one.expires_at is None]
    if not asked:
        return
    rare = {kind: one for one in reversed(asked) for kind in RARE if getattr(one, kind)}
    chosen = {one.name: one for one in (asked[sum(map(ord, "".join(members))) % len(asked)], *rare.values())}
    for segment in chosen.values():
        outside = sorted({*_keys(project, segment, held)}.difference(members[segment.name]), key=lambda key: (len(key), key))
        inside = sorted(members[segment.name])[:1]
        for key in (*inside, *(outside if segment.stay else outside[:1])):
            _, key_type = grain_key(project, segment)
            told = explanation_query(
                project, segment.name, int(key) if key_type == "integer" else key, as_of, engine.dialect,
                lambda relation, _: names[relation], before, rule_hashes,
            )  # fmt: skip
            rows = [dict(zip(told.columns, row, strict=True)) for row in engine.rows(told.sql)]
            assert any(is_one(row[IS_MEMBER]) for row in rows) == (key in inside), f"{segment.name}: {key}"
            if rows and segment.aggregate_on is None:
                (row,) = rows
                passes = all(is_one(row[step.column]) for step in told.steps if step.kind != "always")
                is_listed = any(is_one(row[step.column]) for step in told.steps if step.kind == "always")
                assert (passes or is_listed) == (key in inside), f"{segment.name}: the steps of {key}"
            moment = Moment(as_of, project.settings.calendar)
            for row, step in product(rows, told.steps):
                if step.condition is not None:
                    follows(row, step.condition, moment, engine)
                    assert is_one(row[step.column]) == (is_one(row[step.condition.column]) == (step.kind == "include"))


def is_one(cell: object) -> bool:
    """Whether a cell says yes."""
    return bool(int(str(cell)))


def follows(row: Mapping[str, object], condition: Condition, moment: Moment, engine: Engine) -> None:
    """Fails where a condition does not follow from what is shown with it: from its parts, or in DuckDB from its value."""
    holds, parts = is_one(row[condition.column]), [is_one(row[part.column]) for part in condition.parts]
    predicate = condition.predicate
    match predicate:
        case ir.And():
            assert holds == all(parts), predicate
        case ir.Or():
            assert holds == any(parts), predicate
        case ir.AtLeast(count, _):
            assert holds == (sum(parts) >= count), predicate
        case ir.Not():
            assert holds is not parts[0], predicate
        case ir.Everyone():
            assert holds, predicate
        case ir.RowHolds():
            assert not holds or row[condition.values[0][1]] is not None, predicate
        case ir.Sequence():
            # a longer beginning never holds where a shorter one does not, and the last is the whole
            assert parts == sorted(parts, reverse=True), predicate
            assert not parts or parts[-1] == holds, predicate
        case ir.MemberOf() | ir.OneOfRelation():
            pass
        case _:
            values = [
                typed(row[column], operand.type, None)
                for operand, column in condition.values
                if engine.dialect.name == "duckdb" and not is_average(operand)
            ]
            if isinstance(predicate, ir.CompareFields):
                if len(values) == 2:
                    arguments = (*values, predicate.ignore_case, moment)
                    assert holds == compared(predicate.operator, *arguments), f"{predicate}: {values}"
            elif values:
                assert holds == passes_test(predicate, values[0], moment), f"{predicate}: {values}"
    for part in condition.parts:
        follows(row, part, moment, engine)


def is_average(operand: ir.Operand) -> bool:
    """Whether an operand may be an average: exact numbers are compared with it before it is rounded."""
    return isinstance(operand, ir.TraitValue) or (
        isinstance(operand, ir.Measured) and isinstance(operand.measure, ir.Aggregate) and operand.measure.function == "avg"
    )


def _keys(project: ir.Project, segment: ir.Segment, held: Mapping[Relation, Table]) -> Iterator[str]:
    """The keys that a segment might have, as text."""
    entity = project.entity(segment.entity)
    name = entity.key.name if segment.aggregate_on is None else segment.aggregate_on.name
    column = entity.key if segment.aggregate_on is None else entity.attribute(name)
    assert column is not None
    for row in held[entity.relation].rows:
        value = row.get(column.column)
        if value is not None:
            yield str(value)
