"""Bound nodes as plain data that JSON can say, and back: rows of a kind and its parts, each node once and after its parts.

Only the kinds that bound rules are made of can be said, so whatever the data is, nothing else can come of it.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import fields, is_dataclass
from datetime import datetime
from decimal import Decimal
from enum import Enum
from functools import cache
from typing import Any

from segwh import ir, semantics
from segwh.resolve.order import Edge
from segwh.text.diagnostics import Code, Diagnostic
from segwh.text.source import Span
from segwh.types import DataType, Relation

Row = list[Any]
"""The name of a kind and its parts: a str, an int, a bool or None is itself, [number] is the node of that row."""


def _items(*items: object) -> tuple[object, ...]:
    return items


NODES: Mapping[str, type] = {
    kind.__name__: kind
    for kind in (*vars(ir).values(), *vars(semantics).values(), Edge, Span, Relation, Diagnostic)
    if isinstance(kind, type) and is_dataclass(kind)
}
ENUMS: Mapping[str, type[Enum]] = {kind.__name__: kind for kind in (DataType, semantics.Unit, Code)}
MAKERS: Mapping[str, Callable[..., Any]] = {
    "tuple": _items,
    "Decimal": Decimal,
    "datetime": datetime.fromisoformat,
    **ENUMS,
    **NODES,
}


def rows_of(nodes: Iterable[object]) -> list[Row]:
    """Nodes as rows; the last row is the tuple of them all. Raises TypeError for what cannot be said."""
    rows: list[Row] = []
    places: dict[str, list[int]] = {}

    def said(node: Any) -> Any:
        kind = type(node)
        if node is None or kind in (str, int, bool):
            return node
        row = [kind.__name__, *map(said, _parts(node))]
        place = places.setdefault(repr(row), [len(rows)])
        if place[0] == len(rows):
            rows.append(row)
        return place

    said(tuple(nodes))
    return rows


def nodes_of(rows: Sequence[Row]) -> tuple[Any, ...]:
    """The nodes that rows_of was given. Raises ValueError, TypeError, LookupError or ArithmeticError for other data."""
    made: list[Any] = []
    for kind, *parts in rows:
        made.append(MAKERS[kind](*[made[part[0]] if type(part) is list else part for part in parts]))
    nodes: tuple[Any, ...] = made[-1]
    return nodes


def _parts(node: Any) -> Iterable[object]:
    kind: Any = type(node)
    if kind is tuple:
        return tuple(node)
    if kind is Decimal:
        return (str(node),)
    if kind is datetime and repr(datetime.fromisoformat(node.isoformat())) == repr(node):
        return (node.isoformat(),)
    if ENUMS.get(kind.__name__) is kind:
        return (node.value,)
    if NODES.get(kind.__name__) is kind:
        return [getattr(node, name) for name in _made_with(kind)]
    raise TypeError(f"{kind.__name__} is no part of bound rules")


@cache
def _made_with(kind: Any) -> tuple[str, ...]:
    return tuple(each.name for each in fields(kind) if each.init)
