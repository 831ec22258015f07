"""Text out of trees: holes filled with Jinja for dbt, or with real names and literals to run at once."""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import datetime

from sqlglot import exp

from segwh.errors import UserError
from segwh.semantics import Calendar, date_of, instant_of
from segwh.sql.dialects.base import RESERVED_WORDS, SqlDialect
from segwh.sql.holes import BoundHole, Hole, Holes, IsChanged, RelationHole
from segwh.sql.trees import every


@dataclass(frozen=True, slots=True)
class Query:
    """A tree with holes; `holes` says what each placeholder stands for."""

    tree: exp.Query
    holes: Mapping[str, Hole]

    @property
    def bounds(self) -> Mapping[str, BoundHole]:
        """The bounds by their name in Jinja (`days_30_ago`), sorted; each is to be set to a literal before the SQL."""
        found = {hole.name: hole for hole in self.holes.values() if isinstance(hole, BoundHole)}
        return dict(sorted(found.items()))

    @property
    def relations(self) -> tuple[RelationHole, ...]:
        """The relations that are read, in the order of first use."""
        return tuple(hole for hole in self.holes.values() if not isinstance(hole, BoundHole | IsChanged))


def sealed(tree: exp.Query, holes: Holes) -> Query:
    """A finished tree with its holes. Names that are words of SQL are quoted, wherever they came from."""
    for identifier in every(tree, exp.Identifier):
        if identifier.name in RESERVED_WORDS:
            identifier.set("quoted", True)
    return Query(tree, holes.found)


Fill = Callable[[Hole], str]
EVERY_ROW = "1 = 1"
"""What is asked of rows that may be as they were where nobody knows which are."""


def render(query: Query, dialect: SqlDialect, holes: Fill) -> str:
    """SQL with each hole replaced by text as it is. For text that no template engine reads afterwards."""
    return _substituted(query, dialect, holes, lambda text: text)


def render_jinja(query: Query, dialect: SqlDialect, relation: Callable[[RelationHole], str]) -> str:
    """SQL as a Jinja template: bounds are `{{ name }}`, relations the given text; the rest means nothing to Jinja."""

    def fill(hole: Hole) -> str:
        if isinstance(hole, IsChanged):
            return EVERY_ROW
        return f"{{{{ {hole.name} }}}}" if isinstance(hole, BoundHole) else relation(hole)

    return _substituted(query, dialect, fill, jinja_safe)


def literals(relation: Callable[[RelationHole], str], as_of: datetime, calendar: Calendar, dialect: SqlDialect) -> Fill:
    """Fills bounds with literals at `as_of` (aware), relations with the given names."""

    def fill(hole: Hole) -> str:
        if isinstance(hole, IsChanged):
            return EVERY_ROW
        if not isinstance(hole, BoundHole):
            return relation(hole)
        try:
            if hole.kind == "date":
                return dialect.day(date_of(hole.bound, as_of, calendar)).sql(dialect=dialect.name)
            return dialect.timestamp(instant_of(hole.bound, as_of, calendar)).sql(dialect=dialect.name)
        except (OverflowError, ValueError):
            message = f"from {as_of.replace(tzinfo=None).isoformat()}Z on, a time of the rules is not in the calendar"
            raise UserError(message, "years go from 1 to 9999: choose another as-of, or shorter durations") from None

    return fill


def jinja_safe(text: str) -> str:
    """Text that Jinja prints as it is: no delimiter can begin, and no line end is rewritten.

    >>> jinja_safe("{{ x }}")
    "{{ '{' }}{{ '{' }} x }}"
    """
    return re.sub(r"[{\r]", lambda found: "{{ '{' }}" if found[0] == "{" else r"{{ '\r' }}", text)


def _substituted(query: Query, dialect: SqlDialect, fill: Fill, plain: Callable[[str], str]) -> str:
    """Generates with marks for the holes, then replaces the marks; a mark is chosen that no part of the tree contains."""
    tree = query.tree.copy()
    mark = _unheard_of(tree)
    order = list(query.holes)
    for placeholder in list(tree.find_all(exp.Placeholder)):
        placeholder.replace(exp.Var(this=f"{mark}_{order.index(placeholder.name)}_"))
    text = dialect.finished(tree).sql(dialect=dialect.name, pretty=True, comments=True, copy=False)
    pieces = re.split(rf"{mark}_(\d+)_", text)
    filled = [fill(query.holes[order[int(piece)]]) if at % 2 else plain(piece) for at, piece in enumerate(pieces)]
    return "".join(filled)


def _unheard_of(tree: exp.Expr) -> str:
    """A word that is in no literal, name or comment of the tree."""
    told = [str(node.this) for node in tree.find_all(exp.Literal, exp.Identifier, exp.Var, exp.Anonymous)]
    told += [comment for node in tree.walk() for comment in node.comments or ()]
    mark = "hole"
    while any(mark in text for text in told):
        mark += "x"
    return mark
