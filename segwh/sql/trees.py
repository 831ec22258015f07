"""The nodes of a tree, found without the generality of sqlglot's own search: trees of thousands of rules are looked through."""

from __future__ import annotations

from typing import TypeVar

from sqlglot import exp

T = TypeVar("T", bound=exp.Expr)


def every(tree: exp.Expr, kind: type[T]) -> list[T]:
    """All nodes of a kind, each before what is in it and after what stands before it."""
    found: list[T] = []
    waiting: list[exp.Expr] = [tree]
    while waiting:
        node = waiting.pop()
        if isinstance(node, kind):
            found.append(node)
        for part in reversed(node.args.values()):
            if type(part) is list:
                waiting.extend(each for each in reversed(part) if isinstance(each, exp.Expr))
            elif isinstance(part, exp.Expr):
                waiting.append(part)
    return found
