"""Instants, where engines differ most: how their types are called, how UTC is written, and what a local time is."""

from __future__ import annotations

from collections.abc import Callable

from sqlglot import exp

from segwh.sql.dialects.base import call

OURS = "+00"
"""How our own literals of instants end."""


def named_type(name: str) -> exp.DataType:
    """A type by the engine's own name, where sqlglot would print another."""
    return exp.DataType(this=exp.DataType.Type.USERDEFINED, kind=name)


def instants_as(query: exp.Query, zoned: str, utc: str, plain: str | None = None) -> exp.Query:
    """The query with each timestamp that has a zone of the type `zoned`, and UTC at the end of a literal written `utc`.

    Where `plain` is given it becomes the type of timestamps without zone. Changes the tree; a second time nothing more.
    """
    for cast in list(query.find_all(exp.Cast)):
        if cast.to.this == exp.DataType.Type.TIMESTAMPTZ:
            cast.set("this", _ending_with(cast.this, utc))
    for kind in list(query.find_all(exp.DataType)):
        if kind.this == exp.DataType.Type.TIMESTAMPTZ:
            kind.replace(named_type(zoned))
        elif kind.this == exp.DataType.Type.TIMESTAMP and plain is not None:
            kind.replace(named_type(plain))
    return query


def _ending_with(text: exp.Expr, utc: str) -> exp.Expr:
    if isinstance(text, exp.Literal) and text.is_string:
        return exp.Literal.string(text.name.removesuffix(OURS) + utc) if text.name.endswith(OURS) else text
    is_given = isinstance(text, exp.Column) and text.table == "given"  # of a list of our own literals
    if isinstance(text, exp.Var) or is_given:  # Jinja will be such a literal
        return call("REPLACE", text, exp.Literal.string(OURS), exp.Literal.string(utc))
    return text


def first_instant(
    wall: exp.Expr, day_before: Callable[[exp.Expr], exp.Expr], moved_back: Callable[[exp.Expr, exp.Expr], exp.Expr]
) -> exp.Expr:
    """The instant of a local time: a skipped one moves forward by the gap, a repeated one is the first (law 6).

    For engines that are asked for nothing but the other way round, of which there is one answer. `moved_back(wall, at)` is the
    local time less the zone's offset at an instant. Beginning with the offset of a day before: a guess after the change finds
    the offset after it; one that this takes back to before the change was skipped.
    """
    guess = day_before(wall.copy())
    for _ in range(3):
        guess = moved_back(wall.copy(), guess)
    return guess
