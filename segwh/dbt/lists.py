"""Lists of values that are too long for a literal become models: a project in, the same with references to them out.

Engines bound the length of a statement, and a list stands in several of them. As a model of its own it is written once; the
rules read it as they read `in: {relation, column}`. A list that is too long even for one statement is made of parts.
"""

from __future__ import annotations

import hashlib
from collections.abc import Iterator
from dataclasses import dataclass, fields, is_dataclass, replace
from decimal import Decimal
from functools import cache
from typing import Any

from sqlglot import exp

from segwh import ir
from segwh.dbt import rows
from segwh.dbt.fixed_queries import raw, union_all
from segwh.dbt.jinja import ref
from segwh.dbt.model import Model
from segwh.semantics import Duration, Interval
from segwh.sql.dialects.base import SqlDialect
from segwh.text.source import Span
from segwh.types import DataType, Relation

LONGEST_LITERAL = 1_000
"""Values of a list that stand in the rules' own statements."""
LONGEST_PART = 150_000
"""Characters of the values of one part: with all around them less than the 256 KiB that the narrowest engine takes."""
COLUMN = "item"
FOLDER = "internal/lists"


@dataclass(frozen=True, slots=True)
class LongList:
    """A list by the name of its model. All values are of `type`, each once."""

    name: str
    type: DataType
    values: tuple[ir.Scalar, ...]


def without_long_lists(project: ir.Project) -> tuple[ir.Project, tuple[LongList, ...]]:
    """The project with long lists as relations, and those lists; what rules mean stays the same."""
    found: dict[str, LongList] = {}

    def changed(node: Any) -> Any:
        kind: Any = type(node)
        if kind in HOLD_NO_LISTS:
            return node
        if kind is ir.OneOf:
            return _as_relation(node, found) if _is_long(node) else node
        if kind is tuple:
            items = [changed(item) for item in node]
            return tuple(items) if any(new is not old for new, old in zip(items, node, strict=True)) else node
        new: dict[str, Any] = {}
        for name in _made_with(kind):
            part = getattr(node, name)
            if type(part) not in HOLD_NO_LISTS and (made := changed(part)) is not part:
                new[name] = made
        return replace(node, **new) if new else node

    traits, segments = changed(project.traits), changed(project.segments)
    return replace(project, traits=traits, segments=segments), tuple(found.values())


HOLD_NO_LISTS = frozenset({str, int, bool, type(None), Span, Duration, Interval, DataType, ir.Field, ir.TraitValue})
"""The most frequent types whose values hold no list of a rule, so that they are not looked through."""


@cache
def _made_with(kind: type) -> tuple[str, ...]:
    """The names of the fields that a node is made with; none of what is no node."""
    return tuple(each.name for each in fields(kind) if each.init) if is_dataclass(kind) else ()


def _is_long(node: ir.OneOf) -> bool:
    """Whether a list is better off in a table. A NUL can stand in a literal of some engines only, never in a row."""
    return len(node.values) > LONGEST_LITERAL and not any(isinstance(value, str) and "\0" in value for value in node.values)


def _as_relation(node: ir.OneOf, found: dict[str, LongList]) -> ir.Predicate:
    """The test as one against a relation."""
    data_type = node.subject.type
    values = tuple(dict.fromkeys(node.values))
    if data_type is DataType.INTEGER:
        # No integer equals a fraction.
        values = tuple(int(value) for value in values if not isinstance(value, str) and value == int(value))
    told = "\n".join([data_type.value, *(f"{type(value).__name__} {value}" for value in values)])
    name = f"segwh_list_{hashlib.sha256(told.encode()).hexdigest()[:12]}"
    found[name] = LongList(name, data_type, values)
    return ir.OneOfRelation(node.subject, Relation("ref", (name,)), COLUMN, node.ignore_case)


def list_models(lists: tuple[LongList, ...], dialect: SqlDialect) -> Iterator[Model]:
    """The models of lists: a table each, or a view over the tables of its parts."""
    for long_list in lists:
        parts = list(_parts(long_list))
        if len(parts) == 1:
            yield _table(long_list.name, long_list, parts[0], dialect)
            continue
        names = [f"{long_list.name}_{number}" for number in range(1, len(parts) + 1)]
        for name, part in zip(names, parts, strict=True):
            yield _table(name, long_list, part, dialect)
        yield Model(
            name=long_list.name,
            folder=FOLDER,
            materialized="view",
            query=union_all(exp.select(COLUMN).from_(exp.Table(this=raw(ref(name)))) for name in names),
            speaks_of="nothing",
        )


def _parts(long_list: LongList) -> Iterator[list[ir.Scalar]]:
    """The values in stretches that fit into a statement; at least one."""
    part: list[ir.Scalar] = []
    length = 0
    for value in long_list.values:
        size = len(str(value).encode()) + 10
        if part and length + size > LONGEST_PART:
            yield part
            part, length = [], 0
        part.append(value)
        length += size
    yield part


def _table(name: str, long_list: LongList, values: list[ir.Scalar], dialect: SqlDialect) -> Model:
    cells: list[rows.Cell] = list(values)
    if long_list.type is DataType.DECIMAL:
        # as texts: on some engines a number with a point or an exponent is a double, which not every decimal is
        cells = [value if isinstance(value, str) else format(Decimal(value), "f") for value in values]
    query = rows.table_of({COLUMN: _type(long_list, dialect)}, ([cell] for cell in cells))
    return Model(name=name, folder=FOLDER, materialized="table", query=query, speaks_of="nothing")


def _type(long_list: LongList, dialect: SqlDialect) -> exp.DataType:
    """The type of a list's column; decimals keep all digits of all values."""
    if long_list.type is not DataType.DECIMAL:
        return dialect.type_of(long_list.type)
    scale = max(-int(Decimal(value).as_tuple().exponent) for value in long_list.values if not isinstance(value, str))
    return exp.DataType.build(f"DECIMAL(38, {min(max(scale, 0), 37)})")
